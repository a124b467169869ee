"""The promise: MS-SWD is that of its paper, written in float64, and hardly minds displacement."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.lib.stride_tricks import sliding_window_view
from PIL import Image
from scipy.ndimage import correlate1d
from scipy.stats import wasserstein_distance

import dde
from dde import _core

COFFEE = skimage.data.coffee()
CAT = skimage.data.chelsea()


def shrunk(rgb: np.ndarray) -> np.ndarray:
    """By Pillow, whose bilinear filter grows with the scale, in float."""
    height, width = (side * 256 // min(rgb.shape[:2]) for side in rgb.shape[:2])
    size, how = (width, height), Image.Resampling.BILINEAR
    planes = [Image.fromarray(np.float32(rgb[..., c])).resize(size, how) for c in range(3)]
    return np.stack(planes, axis=-1).astype(np.float64) / 255


def projected(rgb: np.ndarray, directions: np.ndarray) -> np.ndarray:
    """The windows of an image in all directions, sorted: (directions, windows)."""
    lab = dde.convert(rgb, "sRGB", "Lab")
    padded = np.pad(lab, ((5, 5), (5, 5), (0, 0)), mode="reflect")
    windows = sliding_window_view(padded, (11, 11), axis=(0, 1)).reshape(-1, 3 * 121)
    flat = directions.transpose(0, 3, 1, 2).reshape(len(directions), -1).astype(np.float64)
    found = windows @ flat.T
    return np.asarray(np.sort(found[np.isfinite(found).all(axis=1)], axis=0).T)


def in_float64(reference: np.ndarray, sample: np.ndarray, directions: np.ndarray) -> list[float]:
    """Of sRGB images from 0 to 1, the distance of each scale."""
    distances = []
    for scale in range(5):
        if scale:
            taps = np.array([1, 4, 6, 4, 1]) / 16
            reference, sample = (
                correlate1d(correlate1d(image, taps, 0, mode="mirror"), taps, 1, mode="mirror")[
                    ::2, ::2
                ]
                for image in (reference, sample)
            )
        one, other = (projected(image, directions) for image in (reference, sample))
        if one.shape == other.shape:
            distances.append(float(np.abs(one - other).mean()))
        else:
            distances.append(float(np.mean(list(map(wasserstein_distance, one, other)))))
    return distances


def noisy(image: np.ndarray) -> np.ndarray:
    rng = np.random.default_rng(7)
    return np.uint8((image * [0.98, 1, 0.95] + rng.normal(0, 8, image.shape)).clip(0, 255))


@pytest.mark.parametrize("seed", [0, 5])
def test_it_is_that_of_float64(seed: int) -> None:
    reference, sample = COFFEE[100:190, 200:270], noisy(COFFEE[100:190, 200:270])
    found = dde.sliced_wasserstein(reference, sample, seed=seed)
    expected = in_float64(reference / 255, sample / 255, found.directions)
    assert found.distances == pytest.approx(expected, abs=1e-4)
    assert float(found) == found.distance == pytest.approx(np.mean(expected), abs=1e-4)


def test_large_images_are_made_smaller_first() -> None:
    reference, sample = COFFEE[:300, :310], noisy(COFFEE[:300, :310])
    found = dde.sliced_wasserstein(reference, sample)
    expected = in_float64(shrunk(reference), shrunk(sample), found.directions)
    assert found.distances == pytest.approx(expected, abs=1e-4)


def test_pictures_of_two_sizes_are_compared_by_their_distributions() -> None:
    reference, sample = CAT[40:70, 100:140], noisy(CAT[40:77, 100:131])
    found = dde.sliced_wasserstein(reference, sample)
    expected = in_float64(reference / 255, sample / 255, found.directions)
    assert found.distances == pytest.approx(expected, abs=1e-4)
    assert float(dde.sliced_wasserstein(sample, reference)) == pytest.approx(found.distance)
    twice = np.concatenate([reference, reference[::-1]])
    assert float(dde.sliced_wasserstein(reference, twice)) < found.distance


@pytest.mark.parametrize("picture", [COFFEE, CAT], ids=["coffee", "cat"])
def test_a_shift_changes_it_little_where_ciede2000_doubles(picture: np.ndarray) -> None:
    """By 3 pixels, of a sample that is of a slightly different colour."""
    reference = picture[10:-10, 10:-10]
    sample = np.uint8((picture * [1.03, 0.99, 0.97]).clip(0, 255))
    still, shifted = sample[10:-10, 10:-10], sample[13:-7, 13:-7]
    distances = [float(dde.sliced_wasserstein(reference, image)) for image in (still, shifted)]
    assert distances[1] == pytest.approx(distances[0], rel=0.05)
    means = [dde.delta_e_map(reference, image).mean() for image in (still, shifted)]
    assert means[1] > 2 * means[0]


def test_the_seed_fixes_the_directions() -> None:
    one, other = CAT[:40, :50], CAT[100:140, :50]
    found = dde.sliced_wasserstein(one, other, seed=3)
    again = dde.sliced_wasserstein(one, other, seed=3)
    assert np.array_equal(found.directions, again.directions)
    assert (found.seed, found.distances) == (again.seed, again.distances) == (3, found.distances)
    assert np.linalg.norm(found.directions.reshape(128, -1), axis=1) == pytest.approx(1, abs=1e-6)
    assert found.distance != dde.sliced_wasserstein(one, other, seed=4).distance


def test_equal_pictures_have_no_distance_and_it_is_symmetric() -> None:
    sample = noisy(CAT)
    assert float(dde.sliced_wasserstein(CAT, CAT)) == 0
    forth, back = dde.sliced_wasserstein(CAT, sample), dde.sliced_wasserstein(sample, CAT)
    assert forth.distances == back.distances


def test_threads_and_types_do_not_change_it(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = noisy(CAT)
    expected = dde.sliced_wasserstein(CAT, sample).distances
    for threads in (1, 3):
        with dde.num_threads(threads):
            assert dde.sliced_wasserstein(CAT, sample).distances == expected
    monkeypatch.setattr("dde.images.sliced_wasserstein.PIXELS_AT_ONCE", 9000)
    assert dde.sliced_wasserstein(CAT, sample[:, ::-1][:, ::-1]).distances == expected
    as_floats = dde.sliced_wasserstein(CAT / 255, np.float32(sample / 255)).distances
    assert as_floats == pytest.approx(expected, abs=1e-5)
    turned = dde.sliced_wasserstein(CAT[..., ::-1], sample[..., ::-1], order="bgr").distances
    assert turned == expected


def test_other_spaces_alpha_and_files(tmp_path: Any) -> None:
    sample = noisy(CAT)
    expected = dde.sliced_wasserstein(CAT, sample).distances
    for space in ("Lab", "XYZ", "linear sRGB"):
        pair = [dde.convert(image, "sRGB", space) for image in (CAT, sample)]
        found = dde.sliced_wasserstein(*pair, space=space).distances
        assert found == pytest.approx(expected, abs=2e-3), space
    alpha = np.full((*CAT.shape[:2], 1), 255, np.uint8)
    alpha[50:90] = 0
    white = CAT.copy()
    white[50:90] = 255
    transparent = dde.sliced_wasserstein(np.dstack([CAT, alpha]), sample).distances
    assert transparent == dde.sliced_wasserstein(white, sample).distances
    Image.fromarray(CAT).save(tmp_path / "cat.png")
    assert dde.sliced_wasserstein(tmp_path / "cat.png", sample).distances == expected


def test_windows_with_nan_are_left_out_and_counted() -> None:
    reference, sample = CAT[:200, :220] / 255, noisy(CAT[:200, :220]) / 255
    sample[60, 70] = np.nan
    found = dde.sliced_wasserstein(reference, sample)
    assert found.not_finite == (0, 121)
    expected = in_float64(reference, sample, found.directions[:1])
    alone = _core.distances_of_distributions(
        tuple(
            np.pad(
                dde.convert(image, "sRGB", "Lab").astype(np.float32),
                ((5, 5), (5, 5), (0, 0)),
                mode="reflect",
            )
            for image in (reference, sample)
        ),
        np.repeat(found.directions[:1], 4, axis=0),
    )
    assert alone[0] == pytest.approx(expected[0], abs=1e-4)
    assert alone[1] == (44000, 44000 - 121)
    sample[:] = np.nan
    with pytest.raises(ValueError, match="sample must have windows of 11 pixels without NaN"):
        dde.sliced_wasserstein(reference, sample)


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (300, 1), (2, 3), (7, 5), (257, 1000)])
def test_every_size_has_a_distance(shape: tuple[int, int]) -> None:
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 256, (2, *shape, 3), dtype=np.uint8)
    found = dde.sliced_wasserstein(one, other)
    assert np.isfinite(found.distances).all()
    assert found.distance > 0


def test_memory_does_not_grow_with_the_images() -> None:
    held = []
    for times in (1, 4):
        image = np.zeros((300 * times, 400 * times, 3), np.uint8)
        tracemalloc.start()
        dde.sliced_wasserstein(image, image)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held[1] < 1.1 * held[0]


@pytest.mark.parametrize(
    ("change", "arguments", "error", "words"),
    [
        (lambda i: i, {"seed": 1.5}, TypeError, "seed must be a whole number, not float"),
        (lambda i: i, {"seed": True}, TypeError, "seed must be a whole number, not bool"),
        (lambda i: i, {"seed": -1}, ValueError, "seed must be at least 0, not -1"),
        (lambda i: i, {"order": "GBR"}, ValueError, "order must be one of RGB, BGR"),
        (lambda i: i, {"space": "CMYK"}, ValueError, "space must be one of"),
        (lambda i: i[..., 0, None, None], {}, ValueError, "sample must be an image"),
        (lambda i: i[:0], {}, ValueError, "sample must be an image of at least 1 pixel"),
        (lambda i: i.astype(int), {}, TypeError, "sample must hold sRGB as uint8"),
        (lambda i: i / 9.0, {}, ValueError, r"sample is RGB of type float and must lie in"),
        (lambda i: np.ma.masked_equal(i, 0), {}, TypeError, "sample is a masked array"),
    ],
)
def test_bad_arguments_are_named(
    change: Any, arguments: dict[str, Any], error: type[Exception], words: str
) -> None:
    image = CAT[:20, :30]
    with pytest.raises(error, match=words):
        dde.sliced_wasserstein(image, change(image), **arguments)


def test_the_door_refuses_what_would_read_beyond_the_arrays() -> None:
    image = np.zeros((20, 20, 3), np.float32)
    directions = np.zeros((4, 11, 11, 3), np.float32)
    for pair, given in (
        ((image, image[:10]), directions),
        ((image, image[..., :2]), directions),
        ((image, image), directions[:3]),
        ((image, image), directions[:, :9]),
    ):
        with pytest.raises(ValueError):
            _core.distances_of_distributions(pair, given)
    way = _core.Way(())
    whole = np.arange(20), np.ones((20, 1))
    for down, across in (
        ((np.arange(1, 21), np.ones((20, 1))), whole),
        (whole, (np.arange(-1, 19), np.ones((20, 1)))),
        (whole, (np.arange(20), np.ones((20, 2)))),
        (whole, (np.arange(19), np.ones((20, 1)))),
    ):
        with pytest.raises(ValueError, match="means must be"):
            _core.shrunk(image, way, "image", 0, down, across)
