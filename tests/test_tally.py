"""The promise: what is kept of an image is what NumPy makes of its map, however it is divided."""

import pickle
from dataclasses import astuple, fields
from itertools import pairwise
from random import Random

import numpy as np
import pytest
import reference
from hypothesis import given
from hypothesis import strategies as st

import dde
from dde import _core
from dde.inspection.found import Statistics
from dde.inspection.rules import judge_region, rules_of, thresholds_of
from dde.inspection.tally import Tally
from dde.metrics.table import kernel_of

HEIGHT, WIDTH, REGIONS = 24, 37, 3
THRESHOLDS = [1.0, 2.5, 8.0]
KERNEL = kernel_of("CIEDE2000", {})


def image_pair() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Two Lab images, with some NaN, and the regions of their pixels."""
    rng = np.random.default_rng(7)
    lab = rng.uniform([0, -60, -60], [100, 60, 60], (HEIGHT, WIDTH, 3)).astype(np.float32)
    sample = lab + rng.normal(0, 3, lab.shape).astype(np.float32)
    sample[::3, ::5, 1] = np.nan
    labels = rng.integers(0, REGIONS + 1, (HEIGHT, WIDTH)).astype(np.uint8)
    return lab, sample, labels


def tally_of(rows: slice) -> Tally:
    lab, sample, labels = image_pair()
    tally = Tally(REGIONS, THRESHOLDS, WIDTH)
    tally.add(
        KERNEL, lab[rows], sample[rows], ("Lab", "Lab"), labels=labels[rows], first_row=rows.start
    )
    return tally


def assert_same(one: Statistics, other: Statistics) -> None:
    """Whole numbers, and what comes from them, to the last bit; sums to 1e-12."""
    summed = {"mean", "standard_deviation", "mean_delta_L", "mean_delta_C", "mean_delta_H"}
    for field in fields(Statistics):
        found, expected = getattr(one, field.name), getattr(other, field.name)
        if field.name in summed:
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-12), field.name
        else:
            assert found == expected, field.name


def signed_differences(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    """ΔL*, ΔC*ab and ΔH*ab by hue angles, in float64 (CIE 15:2018, 8.2.2)."""
    lab1, lab2 = lab1.astype(np.float64), lab2.astype(np.float64)
    (C1, h1), (C2, h2) = (
        (np.hypot(x[:, 1], x[:, 2]), np.arctan2(x[:, 2], x[:, 1])) for x in (lab1, lab2)
    )
    dH = 2 * np.sqrt(C1 * C2) * np.sin((h2 - h1 + np.pi) % (2 * np.pi) / 2 - np.pi / 2)
    return np.stack([lab2[:, 0] - lab1[:, 0], C2 - C1, dH])


@pytest.mark.parametrize("region", range(REGIONS))
def test_statistics_are_those_of_the_map(region: int) -> None:
    lab, sample, labels = image_pair()
    found = tally_of(slice(0, HEIGHT)).statistics(region)
    differences = dde.ciede2000(lab, sample)
    here = labels == region + 1
    finite = here & np.isfinite(differences)
    values = differences[finite].astype(np.float64)

    assert found.count == finite.sum()
    assert found.not_finite == (here & ~finite).sum() > 0
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.standard_deviation == pytest.approx(values.std(), rel=1e-10)
    percentiles = [found.median, found.percentile_90, found.percentile_95, found.percentile_99]
    exact = np.percentile(values, [50, 90, 95, 99], method="inverted_cdf")
    assert np.abs(percentiles - exact).max() <= 1 / 256
    y, x = divmod(int(np.where(finite, differences, -1).argmax()), WIDTH)
    assert (found.maximum, found.maximum_x, found.maximum_y) == (values.max(), x, y)
    assert found.share_above == {t: np.mean(values > t) for t in THRESHOLDS}
    signed = [found.mean_delta_L, found.mean_delta_C, found.mean_delta_H]
    assert signed == pytest.approx(
        signed_differences(lab[finite], sample[finite]).mean(axis=1), abs=1e-5
    )


def test_the_direction_of_an_error_is_that_of_the_sample() -> None:
    lab = np.float32([[[50, 20, 0]]])
    lighter_duller_and_turned = reference.colour.models.LCHab_to_Lab([53, 15, 30])
    tally = Tally(1, [], 1)
    tally.add(KERNEL, lab, np.float32([[lighter_duller_and_turned]]), ("Lab", "Lab"))
    found = tally.statistics(0)
    assert found.mean_delta_L == pytest.approx(3, abs=1e-5)
    assert found.mean_delta_C == pytest.approx(-5, abs=1e-5)
    # ΔH² is what ΔL² and ΔC² leave of ΔE², and positive as the hue angle grows.
    whole = dde.cie76(lab[0, 0].astype(float), lighter_duller_and_turned)
    assert found.mean_delta_H == pytest.approx(np.sqrt(whole**2 - 3**2 - 5**2), abs=1e-5)


@given(st.lists(st.integers(0, HEIGHT), max_size=5), st.randoms())
def test_parts_in_any_order_make_the_whole(cuts: list[int], random: Random) -> None:
    edges = sorted({0, HEIGHT, *cuts})
    parts = [tally_of(slice(start, stop)) for start, stop in pairwise(edges)]
    random.shuffle(parts)
    merged = Tally(REGIONS, THRESHOLDS, WIDTH)
    for part in parts:
        merged.merge(pickle.loads(pickle.dumps(part)))
    whole = tally_of(slice(0, HEIGHT))
    assert np.array_equal(merged.histogram, whole.histogram)
    for region in range(REGIONS):
        assert_same(merged.statistics(region), whole.statistics(region))


def test_the_total_is_over_all_regions() -> None:
    lab, sample, labels = image_pair()
    in_one = Tally(1, THRESHOLDS, WIDTH)
    in_one.add(KERNEL, lab, sample, ("Lab", "Lab"), labels=(labels > 0).astype(np.uint8))
    assert_same(tally_of(slice(0, HEIGHT)).total().statistics(0), in_one.statistics(0))


def test_of_equal_maxima_the_first_in_reading_order_counts() -> None:
    lab = np.zeros((4, 2, 3), np.float32)
    sample = lab.copy()
    sample[1:3, 1, 0] = 5
    parts = []
    for row in range(4):
        part = Tally(1, [], 2)
        part.add(KERNEL, lab[:1], sample[row : row + 1], ("Lab", "Lab"), first_row=row)
        parts.append(part)
    merged = Tally(1, [], 2)
    for part in reversed(parts):
        merged.merge(part)
    found = merged.statistics(0)
    assert (found.maximum_x, found.maximum_y) == (1, 1)


def test_percentiles_beyond_the_histogram_are_the_maximum() -> None:
    lab = np.zeros((1, 4, 3), np.float32)
    tally = Tally(1, [], 4)
    tally.add(kernel_of("CIE76", {}), lab, lab + np.float32([300, 0, 0]), ("Lab", "Lab"))
    found = tally.statistics(0)
    assert tally.histogram[0, _core.bins - 1] == 4
    assert (found.median, found.percentile_99) == (300, 300)


def test_equal_images_have_zeros_all_over() -> None:
    lab, _, _ = image_pair()
    tally = Tally(1, [1.0], WIDTH)
    tally.add(KERNEL, lab, lab, ("Lab", "Lab"))
    zeros = astuple(tally.statistics(0))
    assert zeros == (HEIGHT * WIDTH, 0, *[0.0] * 7, 0, 0, {1.0: 0.0}, 0.0, 0.0, 0.0)


def test_a_region_without_a_finite_difference_has_no_numbers() -> None:
    lab = np.full((1, 2, 3), np.nan, np.float32)
    tally = Tally(1, [1.0], 2)
    tally.add(KERNEL, lab, lab, ("Lab", "Lab"))
    found = tally.statistics(0)
    assert (found.count, found.not_finite) == (0, 2)
    assert (found.maximum_x, found.maximum_y) == (-1, -1)
    numbers = [found.mean, found.median, found.maximum, found.share_above[1.0], found.mean_delta_H]
    assert np.isnan(numbers).all()
    assert found.to_dict()["share_above"] == {"1": None}


def test_the_old_name_of_what_is_not_finite_warns() -> None:
    tally = lightness_tally([1.0, np.nan], [])
    with pytest.warns(DeprecationWarning, match="not_a_number is not_finite now"):
        assert tally.statistics(0).not_a_number == 1
    assert "not_a_number" not in tally.statistics(0).to_dict()


# ---- Percentiles, exactly ---------------------------------------------------------------------


def lightness_tally(differences: list[float], thresholds: list[float]) -> Tally:
    """Of pixels with these differences in L* alone, in CIE76 the very numbers."""
    lab = np.zeros((1, len(differences), 3), np.float32)
    sample = lab.copy()
    sample[0, :, 0] = differences
    tally = Tally(1, thresholds, len(differences))
    tally.add(kernel_of("CIE76", {}), lab, sample, ("Lab", "Lab"))
    return tally


@pytest.mark.parametrize(
    ("differences", "percentage", "threshold", "above"),
    [
        ([2.0] * 20, 95, 2.0, False),
        ([2.0] * 95 + [9.0] * 5, 95, 2.0, False),
        ([2.0] * 94 + [9.0] * 6, 95, 2.0, True),
        ([2.304] * 20, 95, 2.302, True),
        ([2.3] * 20, 95, 2.302, False),
        ([0.0] * 6 + [5.0] * 5, 50, 0.0, False),
        ([0.0] * 5 + [1e-6] * 6, 50, 0.0, True),
        ([300.0] * 20, 50, 299.0, True),
        ([300.0] * 20 + [400.0] * 10, 50, 300.0, False),
        ([0.1] * 9, 50, 0.1, False),  # 0.1 as float32 is above 0.1
        ([1.0] * 999 + [9.0], 99.9, 1.0, False),
        ([1.0] * 998 + [9.0] * 2, 99.9, 1.0, True),
    ],
)
def test_percentiles_are_on_the_right_side_of_each_threshold(
    differences: list[float], percentage: float, threshold: float, above: bool
) -> None:
    tally = lightness_tally(differences, [threshold])
    found = tally.percentiles(0)(percentage)
    assert (found > np.float32(threshold)) == above
    # By the rank in whole numbers: NumPy's own is off at 99.9 % of 1000.
    exact = sorted(differences)[-(-len(differences) * round(10 * percentage) // 1000) - 1]
    assert found == pytest.approx(exact, abs=1 / 256) or exact > 256


@given(
    st.lists(st.floats(0, 6, width=32), min_size=1, max_size=60),
    st.sampled_from([0.5, 5, 33.3, 50, 90, 95, 99, 99.9]),
    st.one_of(st.floats(0.001, 6), st.integers(0, 59)),
    st.booleans(),
)
def test_a_verdict_is_that_of_the_sorted_differences_and_of_the_share(
    differences: list[float], percentage: float, limit: float, at_least: bool
) -> None:
    """With limits anywhere, and at the differences themselves."""
    if isinstance(limit, int):
        limit = max(differences[limit % len(differences)], 0.001)
    (rule,) = rules_of(f"p{percentage} {'>=' if at_least else '<='} {limit!r}", "rules")
    shares = rules_of([f"share > {limit!r} <= {100 - percentage:.15g} %"], "rules")
    thresholds = sorted(thresholds_of([rule, *shares]))
    tally = lightness_tally(differences, thresholds)
    judged, share = judge_region((rule, *shares), tally.statistics(0), tally.percentiles(0))
    # The rank in whole numbers: per mille, so that nothing is rounded.
    rank = -(-len(differences) * round(10 * percentage) // 1000)
    exact = float(np.sort(np.float32(differences))[rank - 1])
    float_limit = float(np.float32(rule.limit))
    assert judged.passed == (exact >= float_limit if at_least else exact <= float_limit)
    assert judged.passed == (judged.value >= rule.limit if at_least else judged.value <= rule.limit)
    if not at_least:
        assert judged.passed == share.passed, "they say the same"
    if judged.reason:
        stated = float(judged.reason.split(" is ")[1].split(",")[0])
        assert stated < rule.limit if at_least else stated > rule.limit
