"""Laying a sample on its reference, by OpenCV, an extra."""

from dde.registration.alignment import (
    LEAST_CORRELATION,
    MOTIONS,
    Alignment,
    Registration,
    aligned,
    alignment_of,
    register,
)

__all__ = [
    "LEAST_CORRELATION",
    "MOTIONS",
    "Alignment",
    "Registration",
    "aligned",
    "alignment_of",
    "register",
]
