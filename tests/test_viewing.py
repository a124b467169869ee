"""The promise: `viewing` compares what S-CIELAB leaves of both images, however they are cut."""

import numpy as np
import pytest
import skimage.data
from spatial import filtered_lab, photographs

import dde
from dde.pictures.comparison import comparison_of
from dde.pictures.viewing import opponent_filters

PAIRS = photographs()


@pytest.mark.parametrize("pixels_per_degree", [20, 40, 60, 200])
@pytest.mark.parametrize("metric", ["CIE76", "CIEDE2000"])
def test_maps_are_those_of_float64(metric: str, pixels_per_degree: float) -> None:
    """CIE76 between filtered images is no further off than their Lab is."""
    for reference, sample in [PAIRS["noise"], PAIRS["palette"]]:
        lab = [filtered_lab(image, pixels_per_degree) for image in (reference, sample)]
        found = dde.delta_e_map(reference, sample, metric, viewing=pixels_per_degree)
        assert np.abs(found - dde.delta_e(*lab, metric)).max() < 1e-3


@pytest.mark.parametrize("pixels_per_degree", [20, 40, 60, 200])
def test_lab_is_that_of_float64(pixels_per_degree: float) -> None:
    """Against black, whose filtered Lab is 0, CIE76 is the length of Lab itself."""
    board = np.uint8(255 * (np.indices((90, 70)).sum(axis=0) // 5 % 2))[..., None].repeat(3, axis=2)
    for image in (PAIRS["noise"][0], board):
        lab = filtered_lab(image, pixels_per_degree)
        black = np.zeros(3, dtype=np.uint8)
        found = dde.delta_e_map(black, image, "CIE76", viewing=pixels_per_degree)
        assert np.abs(found - np.linalg.norm(lab, axis=-1)).max() < 1e-3


@pytest.mark.parametrize("pixels_per_degree", [1, 7.5, 23, 40, 200])
def test_the_weights_of_each_channel_sum_to_1(pixels_per_degree: float) -> None:
    for channel in range(3):
        parts = [f for f in opponent_filters(pixels_per_degree) if f.output == channel]
        assert sum(f.across.sum() * f.down.sum() for f in parts) == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("metric", ["CAM16-UCS", "DIN99o", "ITP", "OK", "Jzazbz", "HyCH", "deep"])
def test_any_metric_compares_what_is_left(metric: str) -> None:
    """In the space of the metric; near black some of these are steep."""
    reference, sample = PAIRS["palette"]
    lab = [filtered_lab(image, 30) for image in (reference, sample)]
    expected = dde.delta_e(*lab, metric)
    found = dde.delta_e_map(reference, sample, metric, viewing=30)
    off = np.abs(found - expected) / (1 + expected)
    assert np.quantile(off, 0.999) < 5e-4
    assert off.max() < 2e-3
    shifted = dde.delta_e_map(reference, sample, metric, viewing=30, shift=1)
    assert (shifted <= found).all()
    inspected = dde.inspect(reference, sample, metric=metric, viewing=30, keep_map=True)
    assert np.array_equal(inspected.map, found)


def test_other_whites_are_adapted_to_that_of_the_metric() -> None:
    reference, sample = (
        np.full((30, 40, 3), rgb, np.uint8) for rgb in ((200, 30, 90), (190, 40, 90))
    )
    asked = {"metric": "DIN99o", "white": "D50", "keep_map": True}
    plain = dde.inspect(reference, sample, **asked).map
    seen = dde.inspect(reference, sample, viewing=25, **asked).map
    assert seen == pytest.approx(plain, abs=1e-3)


@pytest.mark.parametrize(
    "metric", ["CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB", "deep", "CAM16-UCS", "ITP", "DIN99"]
)
def test_uniform_images_stay_as_they_are(metric: str) -> None:
    one, other = (np.full((50, 70, 3), rgb, np.uint8) for rgb in ((200, 30, 90), (190, 40, 90)))
    plain = dde.delta_e_map(one, other, metric)
    assert dde.delta_e_map(one, other, metric, viewing=40) == pytest.approx(plain, abs=2e-3)
    assert not dde.delta_e_map(one, one, metric, viewing=40).any()


def test_other_spaces_are_filtered_alike() -> None:
    reference, sample = PAIRS["blur"]
    expected = dde.delta_e_map(reference, sample, viewing=30)
    compared = comparison_of("CIEDE2000", {}, viewing=30)
    xyz = [dde.srgb_to_xyz(image / 255) for image in (reference, sample)]
    by_xyz = compared.map(*xyz, 2 * (compared.way(dde.Space.named("XYZ")),))
    lab = [dde.xyz_to_lab(image) for image in xyz]
    by_lab = compared.map(*lab, 2 * (compared.way(dde.Space.named("Lab")),))
    assert np.abs(by_xyz - expected).max() < 1e-3
    assert np.abs(by_lab - expected).max() < 2e-3


def floyd_steinberg(grey: np.ndarray) -> np.ndarray:
    """A halftone of black and white dots: R. W. Floyd, L. Steinberg, 1976."""
    left = np.pad(grey.astype(np.float64), ((0, 1), (1, 1)))
    for y in range(grey.shape[0]):
        for x in range(1, grey.shape[1] + 1):
            old, left[y, x] = left[y, x], float(left[y, x] > 0.5)
            error = old - left[y, x]
            left[y, x + 1] += error * 7 / 16
            left[y + 1, x - 1 : x + 2] += error * np.array([3, 5, 1]) / 16
    return np.asarray(left[:-1, 1:-1])


def test_a_halftone_looks_as_the_photograph_and_a_defect_stays() -> None:
    """300 dpi at 400 mm; the defect is 10 mm, 118 pixels, wide and high."""
    grey = skimage.data.camera()[100:400, 100:400]
    light = dde.srgb_to_xyz(np.repeat(grey[..., None] / 255, 3, axis=-1))[..., 1]
    dots = np.repeat(np.uint8(255 * floyd_steinberg(light))[..., None], 3, axis=-1)
    photograph = np.repeat(grey[..., None], 3, axis=-1)
    viewing = dde.Viewing.from_dpi(300, distance=400)
    plain = np.median(dde.delta_e_map(photograph, dots))
    assert np.median(dde.delta_e_map(photograph, dots, viewing=viewing)) < plain / 3

    faulty = dots.copy()
    faulty[90:208, 90:208] = faulty[90:208, 90:208] // 255 * np.uint8([255, 200, 200])
    seen = dde.delta_e_map(photograph, faulty, viewing=viewing)
    good = dde.delta_e_map(photograph, dots, viewing=viewing)
    inside = slice(100, 198), slice(100, 198)
    assert np.median(seen[inside]) > np.median(good[inside]) + 3


def test_nan_stays_within_the_reach_of_the_filter() -> None:
    image = np.full((90, 100, 3), 0.5)
    image[40, 50, 1] = np.nan
    found = np.isnan(dde.delta_e_map(np.full_like(image, 0.5), image, viewing=20))
    expected = np.zeros_like(found)
    expected[31:50, 41:60] = True
    assert np.array_equal(found, expected)


@pytest.mark.parametrize(
    ("viewing", "error", "words"),
    [
        (0, ValueError, "viewing must be from 1 to 1024 pixels a degree, not 0"),
        (-3, ValueError, "viewing must be from 1"),
        (float("nan"), ValueError, "viewing must be from 1"),
        (2000, ValueError, "viewing must be from 1"),
        (10**400, ValueError, "viewing must be from 1"),
        ("far", TypeError, "viewing must be a number of pixels a degree or a dde.Viewing"),
        (True, TypeError, "viewing must be a number"),
    ],
)
def test_bad_viewing_is_named(viewing: object, error: type[Exception], words: str) -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    with pytest.raises(error, match=words):
        dde.delta_e_map(image, image, viewing=viewing)


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"distance": 0, "pitch": 1}, ValueError, "distance must be a positive"),
        ({"distance": 400, "pitch": float("inf")}, ValueError, "pitch must be a positive"),
        ({"distance": "400", "pitch": 1}, TypeError, "distance must be a number of millimetres"),
    ],
)
def test_bad_places_are_named(arguments: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        dde.Viewing(**arguments)
    with pytest.raises(ValueError, match="dpi must be a positive"):
        dde.Viewing.from_dpi(-72, distance=400)


def test_72_dpi_at_18_inches_are_23_pixels_a_degree() -> None:
    """As the authors say of their example."""
    assert dde.Viewing.from_dpi(72, distance=18 * 25.4).pixels_per_degree == pytest.approx(
        23, abs=0.5
    )
