"""The arrays that all are measured on. They are images, which libvips and OpenCV want."""

from functools import lru_cache
from pathlib import Path

import numpy as np
from PIL import Image

import dde

MILLION = 1_000_000
NETWORK_PIXELS = 200_000
SPECTRA = 200_000
TEN_MILLION = 10_000_000
HUNDRED_MILLION = 100_000_000
HEIGHT, WIDTH = 3000, 4000
TWELVE_MILLION = HEIGHT * WIDTH

EXAMPLES = Path(__file__).parents[1] / "examples"


def _image(values: np.ndarray, pixels: int) -> np.ndarray:
    """So many of a million colours, over and over where they are too few, in rows of a thousand."""
    return np.resize(values, (pixels, 3)).reshape(max(1, pixels // 1000), -1, 3)


@lru_cache(maxsize=2)
def colours(space: str, type_: str, pixels: int) -> np.ndarray:
    """Random sRGB of 8 bits, the Lab of it, or random XYZ in [0, 1]."""
    rng = np.random.default_rng(1931)
    rgb = rng.integers(0, 256, (MILLION, 3), np.uint8)
    if space == "srgb":
        return _image(rgb, pixels)
    if space == "lab":
        return _image(dde.srgb_to_lab(rgb / 255).astype(type_), pixels)
    return _image(rng.random((MILLION, 3)).astype(type_), pixels)


@lru_cache(maxsize=2)
def lab_pairs(type_: str, pixels: int) -> tuple[np.ndarray, np.ndarray]:
    """Random colours, and a neighbour of each of them."""
    lab, neighbours = _neighbours()
    return _image(lab.astype(type_), pixels), _image(neighbours.astype(type_), pixels)


@lru_cache
def _neighbours() -> tuple[np.ndarray, np.ndarray]:
    lab = colours("lab", "float64", MILLION).reshape(-1, 3)
    return lab, lab + np.random.default_rng(1976).normal(0, 5, lab.shape)


@lru_cache
def spectra(type_: str, pixels: int = SPECTRA) -> np.ndarray:
    """Smooth reflectances from 400 to 700 nm, every 10 nm."""
    phase, cycles = np.random.default_rng(308).random((2, pixels, 1))
    wave = np.sin(2 * np.pi * (phase + 2 * cycles * np.linspace(0, 1, 31)))
    reflectances: np.ndarray = 0.5 + 0.48 * wave
    return reflectances.astype(type_)


@lru_cache
def codes(type_: str, pixels: int = SPECTRA) -> tuple[np.ndarray, np.ndarray]:
    """Random codes of PQ, and a neighbour of each of them."""
    rng = np.random.default_rng(2124)
    first = rng.uniform(0.1, 0.7, (pixels, 3))
    return first.astype(type_), (first + rng.normal(0, 0.01, first.shape)).astype(type_)


@lru_cache
def photographs() -> tuple[np.ndarray, np.ndarray]:
    """The pair of photographs of the examples, laid side by side until they fill 12 megapixels."""

    def tiled(file: str) -> np.ndarray:
        image = np.asarray(Image.open(EXAMPLES / file))
        height, width, _ = image.shape
        repeats = -(-HEIGHT // height), -(-WIDTH // width), 1
        return np.ascontiguousarray(np.tile(image, repeats)[:HEIGHT, :WIDTH])

    return tiled("reference.jpg"), tiled("sample.jpg")


def arrays_for(task: str, type_: str, pixels: int) -> tuple[np.ndarray, ...]:
    """What a task of the peers is measured on: so many pixels, of photographs their first rows."""
    if task.startswith(("map_", "inspect")):
        reference, sample = photographs()
        return reference[: pixels // WIDTH], sample[: pixels // WIDTH]
    if task == "spectra_to_lab":
        return (spectra(type_, pixels),)
    if task == "itp_from_pq":
        return codes(type_, pixels)
    if task in ("cam16_ucs", "jzazbz"):
        return (colours("xyz", type_, pixels),)
    if "_to_" in task and not task.endswith("_to_one"):
        image = colours(task.partition("_to_")[0], type_, pixels)
        return (image, np.empty_like(image)) if task.endswith("_out") else (image,)
    lab1, lab2 = lab_pairs(type_, pixels)
    return lab1, lab2[0, 0] if task.endswith("_to_one") else lab2
