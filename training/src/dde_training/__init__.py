"""Trains colour-difference models for dde and measures them on colours they have not seen."""

__version__ = "0.1.0"
