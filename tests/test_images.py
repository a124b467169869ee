"""delta_e_map gives, in one pass, what decoding, conversion to Lab and comparison give in three."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import reference

import dde

HEIGHT, WIDTH = 61, 83
TYPES = [np.uint8, np.uint16, np.float32, np.float64]
METRICS = ["CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB"]
FACTORS = {
    "CIE94": {"kL": 2, "K1": 0.048, "K2": 0.014},
    "CMC": {"l": 1, "c": 1.5},
    "CIEDE2000": {"kL": 2, "kC": 0.7, "kH": 1.4},
}


def image(dtype: type, seed: int, shape: tuple[int, ...] = (HEIGHT, WIDTH, 3)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "u":
        return rng.integers(0, np.iinfo(dtype).max, shape, dtype=dtype, endpoint=True)
    return rng.uniform(size=shape).astype(dtype)


def like(photo: np.ndarray, seed: int) -> np.ndarray:
    """Nearly the same image."""
    noise = np.random.default_rng(seed).normal(0, 0.01, photo.shape)
    fraction = np.clip(reference.srgb_fraction(photo) + noise, 0, 1)
    scale = np.iinfo(photo.dtype).max if photo.dtype.kind == "u" else 1
    return (fraction * scale).astype(photo.dtype)


def in_steps(first: np.ndarray, second: np.ndarray, metric: Any, **factors: float) -> np.ndarray:
    """In float64, by the separate functions."""
    lab1, lab2 = (dde.srgb_to_lab(reference.srgb_fraction(photo)) for photo in (first, second))
    return dde.delta_e(lab1, lab2, metric, **factors)


def assert_map(actual: np.ndarray, expected: np.ndarray) -> None:
    """float32 of the shape of the image; the error is that of float32 Lab, 1e-4 a coordinate."""
    assert actual.dtype == np.float32
    assert actual.shape == expected.shape
    np.testing.assert_allclose(actual, expected, rtol=1e-5, atol=3e-4)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("dtype", TYPES)
def test_map_is_decoding_lab_and_difference(metric: str, dtype: type) -> None:
    photo = image(dtype, 1)
    for other in (image(dtype, 2), like(photo, 3)):
        assert_map(dde.delta_e_map(photo, other, metric), in_steps(photo, other, metric))


@pytest.mark.parametrize("metric", METRICS)
def test_map_agrees_with_colour_science(metric: str) -> None:
    photo = image(np.uint8, 1)
    for other in (image(np.uint8, 2), like(photo, 3)):
        lab1, lab2 = reference.srgb_to_lab(photo), reference.srgb_to_lab(other)
        independent = reference.DIFFERENCES[metric](lab1, lab2)
        assert_map(dde.delta_e_map(photo, other, metric), independent)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_map_is_bit_for_bit_the_steps_in_float32(dtype: type) -> None:
    photo, other = image(dtype, 1), image(dtype, 2)
    steps = dde.ciede2000(dde.srgb_to_lab(photo), dde.srgb_to_lab(other))
    np.testing.assert_array_equal(dde.delta_e_map(photo, other), steps, strict=True)


@pytest.mark.parametrize("type1", TYPES)
@pytest.mark.parametrize("type2", TYPES)
def test_images_of_two_types(type1: type, type2: type) -> None:
    photo, other = image(type1, 1), image(type2, 2)
    assert_map(dde.delta_e_map(photo, other), in_steps(photo, other, "CIEDE2000"))


@pytest.mark.parametrize("dtype", TYPES)
def test_equal_images_differ_by_exactly_0(dtype: type) -> None:
    photo = image(dtype, 1)
    for metric in METRICS:
        np.testing.assert_array_equal(dde.delta_e_map(photo, photo.copy(), metric), 0)


def test_equal_colours_of_two_types_hardly_differ() -> None:
    photo = image(np.uint8, 1)
    sixteen_bits = photo.astype(np.uint16) * 257
    fraction = photo / 255
    np.testing.assert_allclose(dde.delta_e_map(photo, sixteen_bits), 0, atol=2e-4)
    np.testing.assert_allclose(dde.delta_e_map(photo, fraction), 0, atol=2e-4)


# ---- Arguments ----------------------------------------------------------------------------


def test_the_metric_is_ciede2000_unless_told() -> None:
    photo, other = image(np.uint8, 1), image(np.uint8, 2)
    expected = dde.delta_e_map(photo, other, "CIEDE2000")
    np.testing.assert_array_equal(dde.delta_e_map(photo, other), expected)


@pytest.mark.parametrize("metric", METRICS)
def test_metric_by_name_in_any_case_or_as_the_function(metric: str) -> None:
    photo, other = image(np.uint8, 1), image(np.uint8, 2)
    expected = dde.delta_e_map(photo, other, metric)
    for same in (metric.lower(), metric.upper(), metric.title(), getattr(dde, metric.lower())):
        np.testing.assert_array_equal(dde.delta_e_map(photo, other, same), expected)


@pytest.mark.parametrize("metric", FACTORS)
def test_factors(metric: str) -> None:
    photo, other, factors = image(np.uint8, 1), image(np.uint8, 2), FACTORS[metric]
    actual = dde.delta_e_map(photo, other, metric, **factors)
    assert_map(actual, in_steps(photo, other, metric, **factors))
    assert np.median(np.abs(actual - dde.delta_e_map(photo, other, metric))) > 0.1
    for name, value in factors.items():
        actual = dde.delta_e_map(photo, other, metric, **{name: value})
        assert_map(actual, in_steps(photo, other, metric, **{name: value}))


@pytest.mark.parametrize("dtype", TYPES)
def test_order_bgr(dtype: type) -> None:
    photo, other = image(dtype, 1), image(dtype, 2)
    bgr, other_bgr = photo[..., ::-1].copy(), other[..., ::-1].copy()
    expected = dde.delta_e_map(photo, other)
    np.testing.assert_array_equal(dde.delta_e_map(photo, other, order="RGB"), expected)
    np.testing.assert_array_equal(dde.delta_e_map(bgr, other_bgr, order="BGR"), expected)
    assert np.any(dde.delta_e_map(bgr, other_bgr) != expected)


@pytest.mark.parametrize("order", ["RGB", "BGR"])
@pytest.mark.parametrize("type1", TYPES)
@pytest.mark.parametrize("type2", TYPES)
def test_a_single_colour(type1: type, type2: type, order: str) -> None:
    photo, colour = image(type1, 1), image(type2, 2, (3,))
    full = np.broadcast_to(colour, photo.shape).copy()
    for metric in ("CIEDE2000", "CMC"):
        expected = dde.delta_e_map(photo, full, metric, order=order)
        actual = dde.delta_e_map(photo, colour, metric, order=order)
        np.testing.assert_array_equal(actual, expected, strict=True)
        expected = dde.delta_e_map(full, photo, metric, order=order)
        actual = dde.delta_e_map(colour, photo, metric, order=order)
        np.testing.assert_array_equal(actual, expected, strict=True)


def test_a_single_colour_as_a_list() -> None:
    photo = image(np.float32, 1)
    expected = dde.delta_e_map(photo, np.array([0.2, 0.4, 0.6]))
    np.testing.assert_array_equal(dde.delta_e_map(photo, [0.2, 0.4, 0.6]), expected)


def test_a_single_colour_that_is_nan_gives_nan_everywhere() -> None:
    assert np.all(np.isnan(dde.delta_e_map(image(np.uint8, 1), [np.nan, 0.4, 0.6])))


# ---- Buffers of cameras -------------------------------------------------------------------


def cropped(frame: np.ndarray) -> np.ndarray:
    return frame[7:-5, 11:-3]


def mirrored(frame: np.ndarray) -> np.ndarray:
    return frame[:, ::-1]


def upside_down(frame: np.ndarray) -> np.ndarray:
    return frame[::-1]


def turned(frame: np.ndarray) -> np.ndarray:
    return np.rot90(frame)


def rows_padded_to_64_bytes(frame: np.ndarray) -> np.ndarray:
    height, width, _ = frame.shape
    row = -(-width * 3 * frame.itemsize // 64) * 64 // frame.itemsize
    buffer = np.full((height, row), 99, frame.dtype)
    buffer[:, : width * 3] = frame.reshape(height, -1)
    item = frame.itemsize
    return np.ndarray(frame.shape, frame.dtype, buffer, strides=(row * item, 3 * item, item))


def rgb_of_rgba(frame: np.ndarray) -> np.ndarray:
    return np.concatenate([frame, frame[..., :1]], axis=-1)[..., :3]


def planes(frame: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.moveaxis(frame, -1, 0).copy(), 0, -1)


def every_third(frame: np.ndarray) -> np.ndarray:
    return frame[::3, ::3]


BUFFERS = [
    cropped,
    mirrored,
    upside_down,
    turned,
    rows_padded_to_64_bytes,
    rgb_of_rgba,
    planes,
    every_third,
]


@pytest.mark.parametrize("buffer", BUFFERS, ids=lambda buffer: buffer.__name__)
@pytest.mark.parametrize("dtype", TYPES)
def test_camera_buffer(buffer: Callable[[np.ndarray], np.ndarray], dtype: type) -> None:
    photo, other = buffer(image(dtype, 1)), buffer(image(dtype, 2))
    copies = np.ascontiguousarray(photo), np.ascontiguousarray(other)
    for order in ("RGB", "BGR"):
        expected = dde.delta_e_map(*copies, order=order)
        np.testing.assert_array_equal(dde.delta_e_map(photo, other, order=order), expected)
        np.testing.assert_array_equal(dde.delta_e_map(photo, copies[1], order=order), expected)


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 500, 3), (500, 1, 3), (3, 3, 3), (256, 17, 3)])
def test_image_of_any_size(shape: tuple[int, ...]) -> None:
    photo, other = image(np.uint8, 1, shape), image(np.uint8, 2, shape)
    assert_map(dde.delta_e_map(photo, other), in_steps(photo, other, "CIEDE2000"))


@pytest.mark.parametrize("shape", [(0, 0, 3), (0, 5, 3), (5, 0, 3)])
def test_image_without_pixels(shape: tuple[int, ...]) -> None:
    empty = np.empty(shape, np.uint8)
    assert dde.delta_e_map(empty, empty).shape == shape[:2]
    assert dde.delta_e_map(empty, np.zeros(3, np.uint8)).shape == shape[:2]


# ---- out and NaN --------------------------------------------------------------------------


def test_out() -> None:
    photo, other = image(np.uint8, 1), image(np.uint8, 2)
    expected = dde.delta_e_map(photo, other)
    frame = np.full((HEIGHT + 2, 2 * WIDTH), 77, np.float32)
    out = frame[1:-1, ::2]
    assert dde.delta_e_map(photo, other, out=out) is out
    np.testing.assert_array_equal(out, expected)
    out[...] = 77
    assert np.all(frame == 77)


def test_out_over_an_input() -> None:
    photo, other = image(np.float32, 1), image(np.float32, 2)
    expected = dde.delta_e_map(photo, other)
    dde.delta_e_map(photo, other, out=photo[..., 1])
    np.testing.assert_array_equal(photo[..., 1], expected)


def test_a_refused_image_leaves_its_error_and_no_result() -> None:
    photo, other = image(np.float32, 1), image(np.float32, 2)
    other[5, 5] = 2
    with pytest.raises(ValueError):
        dde.delta_e_map(photo, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("metric", METRICS)
def test_nan_gives_nan_for_its_pixel_only(metric: str, dtype: type) -> None:
    photo, other = image(dtype, 1), image(dtype, 2)
    clean = dde.delta_e_map(photo, other, metric)
    bad = np.zeros((HEIGHT, WIDTH), bool)
    for channel, (row, column) in enumerate([(0, 0), (30, 40), (HEIGHT - 1, WIDTH - 1)]):
        photo[row, column, channel] = np.nan
        other[row, column - 1, channel] = np.nan
        bad[row, column] = bad[row, column - 1] = True
    spoilt = dde.delta_e_map(photo, other, metric)
    np.testing.assert_array_equal(np.isnan(spoilt), bad)
    np.testing.assert_array_equal(spoilt[~bad], clean[~bad])
