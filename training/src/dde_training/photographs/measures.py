"""
Agreement of predictions with the scores of photographs: STRESS, PLCC after a logistic, SRCC.

References
----------
Video Quality Experts Group, "Final report on the validation of objective models of video quality
assessment" (2000): correlations after a monotonic fit, which here is the five-parameter logistic of
H. R. Sheikh, M. F. Sabir and A. C. Bovik, IEEE Transactions on Image Processing 15(11) (2006).
"""

import warnings

import numpy as np
from scipy.optimize import OptimizeWarning, curve_fit
from scipy.special import expit

from dde_training.photographs.data import Photographs
from dde_training.statistics import Agreement, agreement, resamples

GROUPS = ("all", "aligned", "not aligned")
CALLS = 20_000  # of the logistic, at most, in its fit


def logistic(x: np.ndarray, *t: float) -> np.ndarray:
    """t₀·(½ − 1 / (1 + exp(t₁·(x − t₂)))) + t₃ + t₄·x."""
    return np.asarray(t[0] * (expit(t[1] * (x - t[2])) - 0.5) + t[3] + t[4] * x)


def mapped(predicted: np.ndarray, score: np.ndarray) -> np.ndarray:
    """
    Predictions on the scale of the scores, by the logistic that fits best.

    Parameters
    ----------
    predicted, score : numpy.ndarray
        Shape (N,).

    Returns
    -------
    numpy.ndarray
        Shape (N,). The predictions as they are where there is nothing to fit: fewer pairs than the
        logistic has parameters, or no spread; or where the fit does not converge.

    Examples
    --------
    >>> x = np.linspace(0, 10, 50)
    >>> score = logistic(x, 5, 1, 4, 3, 0.1)
    >>> bool(np.allclose(mapped(x, score), score))
    True
    """
    spread = float(np.std(predicted))
    start = [np.ptp(score), 1 / (spread or 1), predicted.mean(), score.mean(), -1.0]
    if len(score) <= len(start) or not spread or not np.ptp(score):
        return predicted
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", OptimizeWarning)
        try:
            fitted = curve_fit(logistic, predicted, score, p0=start, maxfev=CALLS)[0]
        except RuntimeError:
            return predicted
    return logistic(predicted, *fitted)


def measure(
    predictions: dict[str, np.ndarray], pairs: Photographs, seed: int
) -> dict[str, dict[str, Agreement]]:
    """
    Measure predictions against the scores: of all pairs, of aligned and of other ones.

    The bootstrap draws whole scenes. The logistic is fitted once for each method and group, and not
    to each resample.

    Parameters
    ----------
    predictions : dict of str to numpy.ndarray
        Shape (N,) each.
    pairs : Photographs
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to dict of str to Agreement
        By method and group; a group without pairs is not there. `Agreement.pearson` is that after
        the logistic.
    """
    weights = resamples(np.unique(pairs.scene, return_inverse=True)[1], seed)
    everything = np.ones(len(pairs), dtype=bool)
    masks = dict(zip(GROUPS, (everything, pairs.aligned, ~pairs.aligned), strict=True))
    return {
        method: {
            group: _agreement(predicted[mask], pairs.score[mask], weights[:, mask])
            for group, mask in masks.items()
            if mask.any()
        }
        for method, predicted in predictions.items()
    }


def _agreement(predicted: np.ndarray, score: np.ndarray, weights: np.ndarray) -> Agreement:
    found = agreement(predicted, score, weights)
    after = agreement(mapped(predicted, score), score, weights)
    return Agreement(found.count, after.pearson, found.spearman, found.stress)
