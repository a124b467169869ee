"""Comparisons that see more than a pixel: at a distance, with tolerance of shifts, FLIP."""
