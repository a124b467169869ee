"""The promise: float32 Lab of every 8-bit colour, and maps of 8-bit images, are as near to float64
as README says, on every instruction set."""

import numpy as np
import pytest

import dde

METRICS = ["CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB", "deep"]


def test_lab_of_all_8_bit_colours_is_within_1e_4() -> None:
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    for red in range(256):
        rgb = np.stack([np.full_like(green, red), green, blue], axis=-1).astype(np.uint8)
        exact = dde.srgb_to_lab(rgb / 255)
        assert np.abs(dde.srgb_to_lab(rgb) - exact).max() <= 1e-4


def pairs_of_a_kind(kind: str) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(16)
    reference = rng.integers(0, 256, (1000, 500, 3))
    if kind == "far":
        return reference.astype(np.uint8), rng.integers(0, 256, reference.shape, np.uint8)
    if kind == "near neutral":
        reference = reference[..., :1] + rng.integers(-2, 3, reference.shape)
    sample = reference + rng.integers(-4, 5, reference.shape)
    return np.clip(reference, 0, 255).astype(np.uint8), np.clip(sample, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize(("kind", "bound"), [("near", 3e-4), ("near neutral", 3e-4), ("far", 2e-3)])
def test_maps_of_8_bit_images(metric: str, kind: str, bound: float) -> None:
    reference, sample = pairs_of_a_kind(kind)
    exact = dde.delta_e(dde.srgb_to_lab(reference / 255), dde.srgb_to_lab(sample / 255), metric)
    error = np.abs(dde.delta_e_map(reference, sample, metric) - exact)
    assert error.max() <= bound
    assert np.quantile(error, 0.999) <= 3e-4
