"""kornia-rs: conversions in Rust, of float32 images in [0, 1]. It has no ΔE, nor XYZ to Lab.

8-bit images become float32 first, as for OpenCV. Its conversion uses one thread.
"""

from contextlib import nullcontext

import kornia_rs
import numpy as np
from kornia_rs import imgproc

NAME = "kornia-rs"
VERSION = kornia_rs.__version__
threads = nullcontext


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return imgproc.lab_from_rgb(np.multiply(rgb, np.float32(1 / 255), dtype=np.float32))


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    difference = srgb_to_lab(reference) - srgb_to_lab(sample)
    return np.sqrt(np.einsum("...i,...i", difference, difference))
