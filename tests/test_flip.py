"""The promise: FLIP is that of its authors' evaluator, of low and of high dynamic range."""

import flip_evaluator
import numpy as np
import pytest
from spatial import photographs

import dde

PAIRS = photographs()


def evaluated(
    reference: np.ndarray, sample: np.ndarray, kind: str, **parameters: object
) -> np.ndarray:
    """The map of flip-evaluator, without colours."""
    arrays = [np.ascontiguousarray(image, np.float32) for image in (reference, sample)]
    found, _, _ = flip_evaluator.evaluate(*arrays, kind, applyMagma=False, parameters=parameters)
    return np.asarray(found[..., 0])


def assert_agrees(found: np.ndarray, expected: np.ndarray) -> None:
    assert found.mean(dtype=float) == pytest.approx(expected.mean(dtype=float), abs=1e-5)
    assert np.quantile(np.abs(found - expected), 0.999) < 1e-3


def test_the_value_that_the_authors_print() -> None:
    """Uniform linear grey of 0.1 against 0.9."""
    dark, light = (np.full((30, 40, 3), 1.055 * grey ** (1 / 2.4) - 0.055) for grey in (0.1, 0.9))
    assert dde.flip_map(dark, light) == pytest.approx(0.9514, abs=5e-5)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("pixels_per_degree", [None, 30.0, 100.0])
def test_low_dynamic_range(pair: str, pixels_per_degree: float | None) -> None:
    reference, sample = PAIRS[pair]
    given = {} if pixels_per_degree is None else {"ppd": pixels_per_degree}
    expected = evaluated(reference / 255, sample / 255, "LDR", **given)
    chosen = {} if pixels_per_degree is None else {"pixels_per_degree": pixels_per_degree}
    assert_agrees(dde.flip_map(reference, sample, **chosen), expected)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("tone_mapper", ["ACES", "Hable", "Reinhard"])
def test_high_dynamic_range(pair: str, tone_mapper: str) -> None:
    scale = np.geomspace(0.05, 20, PAIRS[pair][0].shape[1])[None, :, None]
    reference, sample = (np.float32((image / 255) ** 2.2 * scale) for image in PAIRS[pair])
    expected = evaluated(reference, sample, "HDR", tonemapper=tone_mapper.lower())
    found = dde.flip_map(reference, sample, exposures="published", tone_mapper=tone_mapper)
    assert_agrees(found, expected)
    given = {"startExposure": -3.0, "stopExposure": 2.0, "numExposures": 3}
    expected = evaluated(reference, sample, "HDR", tonemapper=tone_mapper.lower(), **given)
    found = dde.flip_map(reference, sample, exposures=(-3, 2, 3), tone_mapper=tone_mapper)
    assert_agrees(found, expected)


def test_equal_images_have_no_difference_and_black_against_white_a_large_one() -> None:
    reference, _ = PAIRS["noise"]
    assert not dde.flip_map(reference, reference).any()
    black, white = (np.full((9, 9, 3), value, np.uint8) for value in (0, 255))
    assert 0.95 < dde.flip_map(black, white).min() <= dde.flip_map(black, white).max() <= 1


def test_nan_stays_within_the_reach_of_the_filters() -> None:
    image = np.full((90, 100, 3), 0.5)
    image[40, 50, 1] = np.nan
    found = np.argwhere(np.isnan(dde.flip_map(np.full_like(image, 0.5), image)))
    reach = np.abs(found - [40, 50]).max()
    assert 1 <= reach <= 0.15 * 67.02
    assert len(found) == (2 * reach + 1) ** 2


def test_the_summary_is_that_of_the_map() -> None:
    flip = dde.flip_map(*PAIRS["blur"])
    flip[3, 4] = np.nan
    found = dde.flip_summary(flip)
    known = np.sort(flip[np.isfinite(flip)].astype(float))
    assert found.mean == pytest.approx(known.mean())
    assert (found.minimum, found.maximum) == (known[0], known[-1])
    assert flip[found.maximum_y, found.maximum_x] == np.nanmax(flip)
    assert found.not_a_number == 1
    for share, quartile in zip((0.25, 0.5, 0.75), found.weighted_quartiles, strict=True):
        below, up_to = (known[c].sum() / known.sum() for c in (known < quartile, known <= quartile))
        assert below < share <= up_to + 1e-12


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"pixels_per_degree": 0}, ValueError, "pixels_per_degree must be from 1"),
        ({"exposures": "all"}, ValueError, "exposures must be numbers or 'published'"),
        ({"exposures": (2, 1)}, ValueError, "exposures must go up"),
        ({"exposures": (float("nan"), 1)}, ValueError, "exposures must go up from the first"),
        ({"exposures": (0, float("inf"), 3)}, ValueError, "exposures must go up from the first"),
        ({"exposures": (-1e308, 1e308)}, ValueError, "exposures must go up from the first"),
        ({"exposures": (2000, 2001)}, ValueError, "exposures must go up .* from -126 to 126, not"),
        ({"exposures": (0, 1, 1000)}, ValueError, "exposures must be 1 to 100 in number, not 1000"),
        ({"exposures": (-99, 99)}, ValueError, "exposures must be 1 to 100 in number, not 198"),
        ({"exposures": (0, 1, 2.5)}, ValueError, "exposures must be 1 to 100 in number, not 2.5"),
        ({"exposures": (0, 1, float("nan"))}, ValueError, "1 to 100 in number, not nan"),
        ({"exposures": 3}, TypeError, "exposures must be 'published', or two numbers"),
        ({"exposures": (0, 1), "tone_mapper": "filmic"}, ValueError, "tone_mapper must be one of"),
        ({"order": "GRB"}, ValueError, "order must be one of"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, error: type[Exception], words: str) -> None:
    image = np.full((4, 5, 3), 0.5)
    with pytest.raises(error, match=words):
        dde.flip_map(image, image, **arguments)


def test_a_black_reference_has_no_exposures() -> None:
    with pytest.raises(ValueError, match="reference must not be black all over"):
        dde.flip_exposures(np.zeros((3, 3, 3)))
    with pytest.raises(ValueError, match="reference must be linear light as floats"):
        dde.flip_exposures(np.zeros((3, 3, 3), np.uint8))


def test_nobody_calls_flip_a_difference_of_colours() -> None:
    with pytest.raises(ValueError, match="metric must be one of"):
        dde.delta_e([50.0, 0.0, 0.0], [51.0, 0.0, 0.0], "FLIP")
