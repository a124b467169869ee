"""Laying a sample on its reference, by OpenCV, an extra."""
