"""A second teacher: a Gaussian process on how far people's scores are from CIEDE2000."""

import dde
import numpy as np
from scipy.linalg import cho_factor, cho_solve
from scipy.spatial.distance import cdist

from dde_training.data import Pairs
from dde_training.deep.network import TINY

SMALLEST = 0.05  # CIEDE2000; the logarithm of less is taken as that of this
BLOCK = 1000  # pairs at a time
# Standard deviations squared, and lengths in units of lightness and of compressed chroma: rounded
# from the values with the greatest marginal likelihood on four fifths of the six sets.
LONG = np.array([25.0, 20.0, 20.0])
SHORT = 2.0


class Ratio:
    """
    log(ΔV / CIEDE2000) of pairs, as a function of the middle of a pair, its direction and its size.

    Far from all training pairs it is what the training pairs have in common: a power of CIEDE2000
    and a weight of lightness. Each set has a scale, a power and a weight of lightness of its own
    beside that, which explain its scores but are no part of the prediction.

    Parameters
    ----------
    pairs : Pairs
        The training pairs.

    References
    ----------
    C. E. Rasmussen and C. K. I. Williams, "Gaussian Processes for Machine Learning" (2006), 2.2.
    """

    def __init__(self, pairs: Pairs) -> None:
        self._train = _features(pairs.lab)
        _, direction, size = self._train
        covariance = _shared(self._train, self._train)
        own = 0.04 + 0.04 * _lightness(direction, direction) + 0.01 * np.outer(size, size)
        covariance += (pairs.sets[:, None] == pairs.sets) * own
        covariance[np.diag_indices_from(covariance)] += 0.01 + 0.01 * np.exp(-2 * size)
        ratio = np.log(np.maximum(pairs.dv, TINY)) - size
        self._weights = cho_solve(cho_factor(covariance, overwrite_a=True), ratio)

    def log_difference(self, lab: np.ndarray) -> np.ndarray:
        """
        The logarithm of the visual difference of pairs.

        Parameters
        ----------
        lab : numpy.ndarray
            Shape (N, 2, 3).

        Returns
        -------
        numpy.ndarray
            Shape (N,).
        """
        blocks = [_features(lab[start : start + BLOCK]) for start in range(0, len(lab), BLOCK)]
        return np.concatenate(
            [block[2] + _shared(block, self._train) @ self._weights for block in blocks]
        )


Features = tuple[np.ndarray, np.ndarray, np.ndarray]


def _features(lab: np.ndarray) -> Features:
    """
    The middles with compressed chroma, the directions, and the logarithms of CIEDE2000.

    Chroma is compressed, and the direction weighted, as in CIEDE2000, so that a unit is about as
    much everywhere.
    """
    middle, step = lab.mean(axis=1), lab[:, 1] - lab[:, 0]
    lightness, chroma = middle[:, 0], np.hypot(middle[:, 1], middle[:, 2])
    hue = np.arctan2(middle[:, 2], middle[:, 1])
    cos, sin = np.cos(hue), np.sin(hue)
    t = (
        1
        - 0.17 * np.cos(hue - np.radians(30))
        + 0.24 * np.cos(2 * hue)
        + 0.32 * np.cos(3 * hue + np.radians(6))
        - 0.20 * np.cos(4 * hue - np.radians(63))
    )
    offset = (lightness - 50) ** 2
    along_lightness = step[:, 0] / (1 + 0.015 * offset / np.sqrt(20 + offset))
    along_chroma = (cos * step[:, 1] + sin * step[:, 2]) / (1 + 0.045 * chroma)
    along_hue = (cos * step[:, 2] - sin * step[:, 1]) / (1 + 0.015 * chroma * t)
    direction = np.stack(
        [
            along_lightness,
            cos * along_chroma - sin * along_hue,
            sin * along_chroma + cos * along_hue,
        ],
        axis=1,
    )
    direction /= np.maximum(np.linalg.norm(direction, axis=1, keepdims=True), TINY)
    compressed = np.log1p(0.045 * chroma) / 0.045
    place = np.stack([lightness, compressed * cos, compressed * sin], axis=1)
    size = np.log(np.maximum(dde.ciede2000(lab[:, 0], lab[:, 1]), SMALLEST))
    return place, direction, size


def _shared(one: Features, other: Features) -> np.ndarray:
    """The covariance of what all sets have in common, shape (N, M)."""
    lightness = _lightness(one[1], other[1])
    aligned = (one[1] @ other[1].T) ** 2
    covariance = 0.1 + 0.05 * np.outer(one[2], other[2]) + 0.1 * lightness
    far = np.exp(-0.5 * cdist(one[0] / LONG, other[0] / LONG, "sqeuclidean"))
    covariance += far * (0.02 + 0.02 * aligned + 0.04 * lightness)
    near = np.exp(-0.5 * cdist(one[0] / SHORT, other[0] / SHORT, "sqeuclidean"))
    covariance += near * (0.02 + 0.01 * aligned)
    return covariance


def _lightness(one: np.ndarray, other: np.ndarray) -> np.ndarray:
    """How far two directions both are differences of lightness, shape (N, M)."""
    return np.outer(one[:, 0] ** 2, other[:, 0] ** 2)
