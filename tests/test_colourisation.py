"""The measures of colourisation are those that Zhang et al. (2016) describe."""

from typing import Any

import numpy as np
import pytest

import dde
from dde.colourisation import (
    ab_bins,
    annealed_mean,
    colourisation_auc,
    nearest_bin,
    rebalancing_weights,
    soft_encode,
)

BINS = ab_bins()


def test_there_are_313_bins_of_10() -> None:
    """As many as in the paper; and every colour of sRGB is in the middle of some of them."""
    assert BINS.shape == (313, 2)
    assert (BINS % 10 == 0).all()
    assert len(np.unique(BINS, axis=0)) == 313
    rgb = np.random.default_rng(1).integers(0, 256, (20_000, 3), np.uint8)
    ab = dde.srgb_to_lab(rgb)[:, 1:]
    assert np.abs(ab - BINS[nearest_bin(ab, BINS)]).max() <= 5.0001


def test_smaller_bins_are_more() -> None:
    assert 4 * 0.7 < len(ab_bins(5)) / 313 < 4


def test_soft_encoding_is_as_written_out() -> None:
    ab = np.random.default_rng(2).uniform(-60, 60, (50, 2))
    for neighbours in (1, 5, 10):
        encoded = soft_encode(ab, BINS, neighbours=neighbours)
        for colour, weights in zip(ab, encoded, strict=True):
            distance = np.hypot(*(BINS - colour).T)
            nearest = np.argsort(distance)[:neighbours]
            expected = np.zeros(313)
            expected[nearest] = np.exp(-(distance[nearest] ** 2) / 50)
            np.testing.assert_allclose(weights, expected / expected.sum(), atol=1e-6)


def test_a_colour_comes_back_from_its_encoding() -> None:
    ab = np.random.default_rng(3).uniform(-50, 50, (4, 5, 2))
    back = annealed_mean(soft_encode(ab, BINS, neighbours=9), BINS, temperature=1)
    assert back.shape == ab.shape
    assert np.abs(back - ab).max() < 1.5


def test_the_annealed_mean_lies_between_mode_and_mean() -> None:
    p = np.random.default_rng(4).random((7, 313))
    np.testing.assert_allclose(
        annealed_mean(p, BINS, temperature=1e-6), BINS[p.argmax(-1)], atol=1e-9
    )
    mean = p @ BINS / p.sum(-1, keepdims=True)
    np.testing.assert_allclose(annealed_mean(p, BINS, temperature=1), mean, atol=1e-9)
    expected = np.exp(np.log(p) / 0.38)
    expected /= expected.sum(-1, keepdims=True)
    np.testing.assert_allclose(annealed_mean(p, BINS), expected @ BINS, atol=1e-9)


def test_weights_mean_1_and_favour_the_rare() -> None:
    counts = np.random.default_rng(5).integers(0, 1000, 313) ** 2
    weights = rebalancing_weights(counts, BINS, sigma=1e-3)
    share = counts / counts.sum()
    assert share @ weights == pytest.approx(1)
    assert (np.diff(weights[np.argsort(share)]) <= 1e-12).all()
    np.testing.assert_allclose(rebalancing_weights(counts, BINS, mix=1), 1)


def test_smoothing_keeps_the_sum() -> None:
    counts = np.zeros(313)
    counts[nearest_bin([0.0, 0.0], BINS)] = 10
    weights = rebalancing_weights(counts, BINS)
    lightest = BINS[np.argsort(weights)[:5]]
    assert np.abs(lightest).sum(axis=1).max() == 10  # the bin itself and its four neighbours


def test_the_area_is_as_written_out() -> None:
    rng = np.random.default_rng(6)
    first, second = rng.uniform([0, -90, -90], [100, 90, 90], (2, 40, 30, 3))
    weights = rng.random((40, 30))
    error = np.hypot(*np.moveaxis(first - second, -1, 0)[1:])
    for given, each in ((None, np.ones((40, 30))), (weights, weights)):
        curve = [each[error <= t].sum() / each.sum() for t in range(151)]
        assert colourisation_auc(first, second, weights=given) == pytest.approx(np.mean(curve))
    assert colourisation_auc(first, first) == 1
    assert colourisation_auc(first, first + np.array([40.0, 0, 0])) == 1
    assert colourisation_auc(first, first + np.array([0, 200.0, 0])) == 0


@pytest.mark.parametrize(
    "call, words",
    [
        (lambda: ab_bins(0), "size must be"),
        (lambda: soft_encode([[1, 2]], BINS), "ab must hold floating-point"),
        (lambda: soft_encode([[1.0, np.nan]], BINS), "ab must be finite"),
        (lambda: soft_encode([[1.0, 2.0]], BINS, neighbours=0), "neighbours must be"),
        (lambda: soft_encode([[1.0, 2.0]], BINS, sigma=0), "sigma must be"),
        (lambda: annealed_mean(np.ones(3), BINS), "313 along the last axis"),
        (lambda: annealed_mean(np.zeros(313), BINS), "not all 0"),
        (lambda: annealed_mean(np.ones(313), BINS, temperature=0), "temperature must lie"),
        (lambda: rebalancing_weights(np.ones(3), BINS), "counts must be 313"),
        (lambda: rebalancing_weights(np.ones(313), BINS, mix=2), "mix must lie"),
        (lambda: colourisation_auc(np.ones((0, 3)), np.ones((0, 3))), "must have pixels"),
        (lambda: colourisation_auc(np.ones((2, 2)), np.ones((2, 3))), "last axis of 3"),
        (lambda: colourisation_auc(np.ones(3), np.ones(3), weights=-1), "weights must be"),
    ],
)
def test_what_is_refused_is_named(call: Any, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        call()
