"""Spectra: weighting by illuminant and observer, and metamerism."""
