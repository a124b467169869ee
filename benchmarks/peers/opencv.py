"""OpenCV: compiled conversions of images. It has no ΔE and no conversion from XYZ to Lab.

From 8-bit images it makes 8-bit Lab, too coarse to compare, so they become float32 in [0, 1]
first. The float conversion interpolates in tables, hence the wide tolerance.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import cv2
import numpy as np

NAME = "OpenCV"
VERSION = cv2.__version__
TOLERANCE = 0.5


@contextmanager
def threads(n: int) -> Iterator[None]:
    before = cv2.getNumThreads()
    cv2.setNumThreads(n)
    try:
        yield
    finally:
        cv2.setNumThreads(before)


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    fractions = np.multiply(rgb, np.float32(1 / 255), dtype=np.float32)
    return cv2.cvtColor(fractions, cv2.COLOR_RGB2Lab)


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    difference = srgb_to_lab(reference) - srgb_to_lab(sample)
    return np.sqrt(np.einsum("...i,...i", difference, difference))
