"""Colour differences: the classical formulas and the learned ones."""
