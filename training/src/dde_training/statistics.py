"""
Agreement between predicted and visual differences, with bootstrap intervals and the F-test.

References
----------
P. A. García, R. Huertas, M. Melgosa and G. Cui, "Measurement of the relationship between perceived
and computed color differences", J. Opt. Soc. Am. A 24(7), 1823-1829 (2007).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.stats

RESAMPLES = 1000
COVERAGE = (2.5, 97.5)  # percentiles


@dataclass(frozen=True)
class Estimate:
    """A figure with its 95 % bootstrap interval; None where the figure does not exist."""

    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True)
class Agreement:
    """How well predictions agree with people, over `count` pairs."""

    count: int
    pearson: Estimate
    spearman: Estimate
    stress: Estimate

    @property
    def figures(self) -> tuple[Estimate, Estimate, Estimate]:
        """R, ρ and STRESS, in the order of every table."""
        return self.pearson, self.spearman, self.stress


@dataclass(frozen=True)
class Difference:
    """By how much the figures of one method exceed those of another on the same resamples."""

    pearson: Estimate
    stress: Estimate


@dataclass(frozen=True)
class FTest:
    """The F-test on the squared ratio of two STRESS values (García et al. 2007)."""

    ratio: float  # (STRESS of the model / STRESS of the reference)²
    p: float  # two-sided


def scale(delta_e: np.ndarray, dv: np.ndarray) -> float:
    """
    The factor F between computed and visual differences: ΔE ≈ F·ΔV.

    F = ΣΔE² / ΣΔEΔV (García et al. 2007).

    Parameters
    ----------
    delta_e, dv : numpy.ndarray
        Shape (N,): computed and visual differences.

    Returns
    -------
    float
        NaN where ΣΔEΔV is zero.
    """
    product = delta_e @ dv
    return float(delta_e @ delta_e / product) if product else float("nan")


def stress(delta_e: np.ndarray, dv: np.ndarray) -> float:
    """
    The standardised residual sum of squares, 0 (perfect up to a factor) to 100.

    STRESS = 100·√(Σ(ΔE − F·ΔV)² / ΣF²ΔV²) with F as in `scale` (García et al. 2007).
    Putting F in gives 100·√(1 − (ΣΔEΔV)² / (ΣΔE²·ΣΔV²)): 100 times the sine of the angle between
    the two vectors.

    Parameters
    ----------
    delta_e, dv : numpy.ndarray
        Shape (N,): computed and visual differences.

    Returns
    -------
    float
        NaN where one of the two is zero throughout.

    Examples
    --------
    >>> round(stress(np.array([1.0, 2.0, 3.0]), np.array([2.0, 4.0, 6.0])), 6)
    0.0
    >>> round(stress(np.array([1.0, 2.0]), np.array([2.0, 1.0])), 4)
    60.0
    """
    return float(_stress(delta_e, dv, np.ones((1, len(dv))))[0])


def _stress(delta_e: np.ndarray, dv: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """`stress` with each pair counted as often as each row of the weights (B, N) says: (B,)."""
    products = np.stack([delta_e * dv, delta_e * delta_e, dv * dv], axis=1)
    cross, computed, visual = (weights @ products).T
    with np.errstate(invalid="ignore"):
        cosine_squared = cross * cross / (computed * visual)
    # np.maximum keeps NaN, and rounding can take the cosine beyond 1.
    return np.asarray(100 * np.sqrt(np.maximum(1 - cosine_squared, 0)))


def _pearson(x: np.ndarray, y: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Pearson's r for each row of the weights (B, N); x and y have shape (N,) or (B, N)."""
    total = weights.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        x = x - (weights * x).sum(axis=1, keepdims=True) / total
        y = y - (weights * y).sum(axis=1, keepdims=True) / total
        variances = (weights * x * x).sum(axis=1) * (weights * y * y).sum(axis=1)
        return np.asarray((weights * x * y).sum(axis=1) / np.sqrt(variances))


def _ranks(values: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """
    The rank of each value where it is repeated as often as each row of the weights says: (B, N).

    Equal values share the mean of their ranks, as Spearman's ρ wants.
    """
    order = np.argsort(values, kind="stable")
    ordered = values[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    mass = np.add.reduceat(weights[:, order], starts, axis=1)
    middle = np.cumsum(mass, axis=1) - (mass - 1) / 2
    ranks = np.empty_like(weights)
    ranks[:, order] = np.repeat(middle, np.diff(np.r_[starts, len(values)]), axis=1)
    return ranks


def resamples(units: np.ndarray, seed: int, count: int = RESAMPLES) -> np.ndarray:
    """
    Draw bootstrap resamples of whole units, with replacement.

    Pairs of one unit are not independent, so they are drawn together or not at all.

    Parameters
    ----------
    units : numpy.ndarray
        Shape (N,), int: the unit of each pair, counted from 0.
    seed : int
    count : int
        The number of resamples, B.

    Returns
    -------
    numpy.ndarray
        Shape (B, N), float64: how often each resample has each pair.
    """
    total = int(units.max()) + 1
    draws = np.random.default_rng(seed).multinomial(total, np.full(total, 1 / total), size=count)
    return draws[:, units].astype(np.float64)


def agreement(predicted: np.ndarray, dv: np.ndarray, weights: np.ndarray) -> Agreement:
    """
    Pearson's R, Spearman's ρ and STRESS, each with its percentile bootstrap interval.

    Where all visual differences are equal there is no correlation, and R and ρ are None.

    Parameters
    ----------
    predicted, dv : numpy.ndarray
        Shape (N,): computed and visual differences.
    weights : numpy.ndarray
        Shape (B, N), from `resamples`.

    Returns
    -------
    Agreement
    """
    pearson = spearman = Estimate(None, None, None)
    if np.ptp(dv) > 0 and np.ptp(predicted) > 0:
        r = float(scipy.stats.pearsonr(predicted, dv).statistic)
        rho = float(scipy.stats.spearmanr(predicted, dv).statistic)
        pearson = _estimate(r, _pearson(predicted, dv, weights))
        ranks = _ranks(predicted, weights), _ranks(dv, weights)
        spearman = _estimate(rho, _pearson(*ranks, weights))
    of_stress = _estimate(stress(predicted, dv), _stress(predicted, dv, weights))
    return Agreement(len(dv), pearson, spearman, of_stress)


def difference(
    predicted: np.ndarray, reference: np.ndarray, dv: np.ndarray, weights: np.ndarray
) -> Difference:
    """
    R and STRESS of one method minus those of another, each with its bootstrap interval.

    Both methods are measured on the same resamples, so the interval is that of the difference,
    which is narrower than the two intervals side by side suggest.

    Parameters
    ----------
    predicted, reference, dv : numpy.ndarray
        Shape (N,): computed differences of the two methods, and visual differences.
    weights : numpy.ndarray
        Shape (B, N), from `resamples`.

    Returns
    -------
    Difference
    """
    once = np.ones((1, len(dv)))

    def estimated(figure: Callable[..., np.ndarray]) -> Estimate:
        value, resampled = (
            figure(predicted, dv, w) - figure(reference, dv, w) for w in (once, weights)
        )
        return _estimate(float(value[0]), resampled)

    return Difference(estimated(_pearson), estimated(_stress))


def _estimate(value: float, resampled: np.ndarray) -> Estimate:
    """An estimate with its interval, which exists where the resamples differ."""
    if not np.isfinite(value):
        return Estimate(None, None, None)
    # A resample without any pair of a small set has no figure.
    resampled = resampled[np.isfinite(resampled)]
    if not len(resampled) or np.ptp(resampled) == 0:
        return Estimate(value, None, None)
    low, high = np.percentile(resampled, COVERAGE)
    return Estimate(value, float(low), float(high))


def f_test(stress_model: float | None, stress_reference: float | None, count: int) -> FTest | None:
    """
    Test whether two STRESS values on the same pairs differ.

    The squared ratio follows the F distribution with N − 1 and N − 1 degrees of freedom (García et
    al. 2007). A ratio below 1 says that the model agrees better than the reference.
    The test takes the pairs as independent, which pairs that share a colour are not.

    Parameters
    ----------
    stress_model, stress_reference : float or None
        STRESS, 0 to 100.
    count : int
        The number of pairs, N.

    Returns
    -------
    FTest or None
        None where one of the two does not exist, or the reference's is zero.

    Examples
    --------
    >>> f_test(20.0, 40.0, 100).ratio
    0.25
    """
    if stress_model is None or not stress_reference:
        return None
    ratio = (stress_model / stress_reference) ** 2
    distribution = scipy.stats.f(count - 1, count - 1)
    p = 2 * min(distribution.cdf(ratio), distribution.sf(ratio))
    return FTest(ratio, min(float(p), 1.0))
