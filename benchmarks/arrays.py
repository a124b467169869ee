"""The arrays that all are measured on. Colours come as square images, which libvips wants."""

from functools import lru_cache
from math import isqrt
from pathlib import Path

import numpy as np
from PIL import Image

MILLION = 1_000_000
HUNDRED_MILLION = 100_000_000
HEIGHT, WIDTH = 3000, 4000

EXAMPLES = Path(__file__).parents[1] / "examples"


def _square(values: np.ndarray, pixels: int) -> np.ndarray:
    """The first of a million colours, or all of them over and over, as a square image."""
    side = isqrt(pixels)
    return np.resize(values, (side, side, 3))


@lru_cache(maxsize=2)
def lab_pairs(type_: str, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Random colours from a box around the gamut of sRGB, and a neighbour of each of them."""
    rng = np.random.default_rng(1976)
    lab1 = rng.uniform((0, -100, -100), (100, 100, 100), (MILLION, 3))
    lab2 = lab1 + rng.normal(0, 5, (MILLION, 3))
    return _square(lab1.astype(type_), pixels), _square(lab2.astype(type_), pixels)


@lru_cache(maxsize=2)
def srgb(pixels: int) -> np.ndarray:
    rng = np.random.default_rng(1996)
    return _square(rng.integers(0, 256, (MILLION, 3), np.uint8), pixels)


@lru_cache(maxsize=2)
def xyz(type_: str, pixels: int) -> np.ndarray:
    return np.random.default_rng(1931).random((isqrt(pixels), isqrt(pixels), 3), np.dtype(type_))


@lru_cache
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """The pair of photographs of the examples, laid side by side until it fills 12 megapixels."""

    def tiled(file: str) -> np.ndarray:
        image = np.asarray(Image.open(EXAMPLES / file))
        height, width, _ = image.shape
        repeats = -(-HEIGHT // height), -(-WIDTH // width), 1
        return np.ascontiguousarray(np.tile(image, repeats)[:HEIGHT, :WIDTH])

    return tiled("reference.jpg"), tiled("sample.jpg")
