"""R, ρ, STRESS, their bootstrap and the F-test."""

import numpy as np
import pytest
import scipy.stats

from dde_training.statistics import agreement, f_test, resamples, scale, stress

from dde_training.statistics import _pearson, _ranks  # isort: skip


@pytest.fixture
def noisy() -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    dv = random.lognormal(0, 0.6, 300)
    return dv * random.lognormal(0, 0.3, 300) * 1.7, dv


def test_stress_is_the_residual_of_garcia(noisy: tuple[np.ndarray, np.ndarray]) -> None:
    delta_e, dv = noisy
    f = scale(delta_e, dv)
    assert f == pytest.approx((delta_e**2).sum() / (delta_e * dv).sum())
    residual = ((delta_e - f * dv) ** 2).sum() / (f**2 * dv**2).sum()
    assert stress(delta_e, dv) == pytest.approx(100 * np.sqrt(residual), rel=1e-12)


def test_stress_ignores_the_scale_and_ends_at_0_and_100(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    delta_e, dv = noisy
    assert stress(7 * delta_e, dv) == pytest.approx(stress(delta_e, dv))
    assert stress(dv, delta_e) == pytest.approx(stress(delta_e, dv))
    assert stress(3 * dv, dv) == pytest.approx(0, abs=1e-5)
    assert stress(np.array([1.0, 0.0]), np.array([0.0, 1.0])) == 100
    assert np.isnan(stress(np.zeros(3), np.ones(3)))


def test_figures_are_those_of_scipy(noisy: tuple[np.ndarray, np.ndarray]) -> None:
    delta_e, dv = noisy
    found = agreement(delta_e, dv, resamples(np.arange(300), seed=0))
    assert found.count == 300
    assert found.pearson.value == pytest.approx(scipy.stats.pearsonr(delta_e, dv).statistic)
    assert found.spearman.value == pytest.approx(scipy.stats.spearmanr(delta_e, dv).statistic)


def test_a_resample_counts_pairs_as_often_as_it_drew_them(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    delta_e, dv = (np.round(values, 1) for values in noisy)  # with ties
    weights = resamples(np.arange(300), seed=0, count=3)
    pearson = _pearson(delta_e, dv, weights)
    spearman = _pearson(_ranks(delta_e, weights), _ranks(dv, weights), weights)
    for number, times in enumerate(weights.astype(int)):
        x, y = np.repeat(delta_e, times), np.repeat(dv, times)
        assert pearson[number] == pytest.approx(scipy.stats.pearsonr(x, y).statistic)
        assert spearman[number] == pytest.approx(scipy.stats.spearmanr(x, y).statistic)


def test_intervals_hold_the_value_and_agree_with_scipys_bootstrap(
    noisy: tuple[np.ndarray, np.ndarray],
) -> None:
    delta_e, dv = noisy
    found = agreement(delta_e, dv, resamples(np.arange(300), seed=0))
    for figure in found.figures:
        assert figure.low is not None
        assert figure.high is not None
        assert figure.value is not None
        assert figure.low < figure.value < figure.high
    peer = scipy.stats.bootstrap(
        (delta_e, dv), stress, paired=True, vectorized=False, method="percentile",
        n_resamples=1000, rng=np.random.default_rng(1),
    ).confidence_interval  # fmt: skip
    assert found.stress.low == pytest.approx(peer.low, abs=0.5)
    assert found.stress.high == pytest.approx(peer.high, abs=0.5)


def test_the_bootstrap_draws_whole_units(noisy: tuple[np.ndarray, np.ndarray]) -> None:
    units = np.repeat(np.arange(10), 30)
    weights = resamples(units, seed=0)
    assert weights.shape == (1000, 300)
    assert (weights.sum(axis=1) == 300).all()
    assert (weights == weights[:, units * 30]).all()
    np.testing.assert_array_equal(weights, resamples(units, seed=0))
    # Ten units tell less than 300 pairs.
    shared = np.repeat(np.random.default_rng(1).lognormal(0, 0.5, 10), 30)
    delta_e, dv = noisy
    by_unit = agreement(delta_e * shared, dv, weights).stress
    by_pair = agreement(delta_e * shared, dv, resamples(np.arange(300), seed=0)).stress
    assert by_unit.high - by_unit.low > 1.5 * (by_pair.high - by_pair.low)  # type: ignore[operator]


def test_equal_visual_differences_have_no_correlation() -> None:
    found = agreement(np.arange(1.0, 21), np.ones(20), resamples(np.arange(20), seed=0))
    assert found.pearson.value is None
    assert found.spearman.value is None
    assert found.stress.value is not None


def test_one_unit_has_no_interval() -> None:
    random = np.random.default_rng(0)
    weights = resamples(np.zeros(20, dtype=int), seed=0)
    found = agreement(random.random(20), random.random(20), weights)
    assert found.stress.value is not None
    assert found.stress.low is None


def test_a_resample_without_a_small_set_is_left_out() -> None:
    weights = resamples(np.arange(50), seed=0)[:, :3]
    assert (weights.sum(axis=1) == 0).any()
    found = agreement(np.array([1.0, 2.0, 4.0]), np.array([1.0, 3.0, 3.5]), weights)
    assert found.stress.low is not None


def test_the_f_test_is_two_sided_and_symmetric() -> None:
    better, worse = f_test(25.0, 30.0, 400), f_test(30.0, 25.0, 400)
    assert better is not None
    assert worse is not None
    assert better.ratio == pytest.approx(25**2 / 30**2)
    assert better.ratio * worse.ratio == pytest.approx(1)
    assert better.p == pytest.approx(worse.p)
    assert better.p == pytest.approx(2 * scipy.stats.f(399, 399).cdf(better.ratio))
    same = f_test(25.0, 25.0, 400)
    assert same is not None
    assert same.p == pytest.approx(1)
    assert f_test(None, 25.0, 400) is None
    assert f_test(25.0, 0.0, 400) is None
