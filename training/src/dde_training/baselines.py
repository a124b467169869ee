"""The colour-difference formulas that a model is measured against."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import dde
import numpy as np
from scipy.optimize import minimize_scalar

from dde_training.data import Pairs
from dde_training.statistics import scale, stress

Formula = Callable[[Pairs], np.ndarray]

REFERENCE = "CIEDE2000"
POWER = " + power"
POWERS = (0.2, 2.0)
CAM16_VIEWING = {"L_A": 63.66, "Y_b": 20}


def _of_lab(formula: Callable[..., Any]) -> Formula:
    return lambda pairs: np.asarray(formula(pairs.lab[:, 0], pairs.lab[:, 1]))


def oklab(pairs: Pairs) -> np.ndarray:
    """
    Euclidean distance in Oklab, of colours adapted to D65.

    Oklab takes D65 XYZ with Y = 1 for white (B. Ottosson, "A perceptual color space for image
    processing", 2020).
    """
    return _by_white(pairs, _oklab_coordinates)


def cam16_ucs(pairs: Pairs) -> np.ndarray:
    """
    Euclidean distance in CAM16-UCS, seen under each pair's own white.

    Average surround, background of 20 %, and an adapting luminance of 63.66 cd/m² (a grey
    background under 1000 lx), as for surface colours in a viewing booth.

    References
    ----------
    C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color Research and
    Application 42(6), 703-718 (2017).
    """
    return _by_white(pairs, _cam16_ucs_coordinates)


def _by_white(
    pairs: Pairs, coordinates: Callable[[np.ndarray, np.ndarray], np.ndarray]
) -> np.ndarray:
    """Euclidean distances in a space that is computed for one white at a time."""
    distance = np.empty(len(pairs))
    for white in np.unique(pairs.white, axis=0):
        same = (pairs.white == white).all(axis=1)
        space = coordinates(pairs.xyz[same], white)
        distance[same] = np.linalg.norm(space[:, 0] - space[:, 1], axis=1)
    return distance


def _oklab_coordinates(xyz: np.ndarray, white: np.ndarray) -> np.ndarray:
    return np.asarray(dde.xyz_to_oklab(dde.adapt(xyz / 100, white / 100, "D65")))


def _cam16_ucs_coordinates(xyz: np.ndarray, white: np.ndarray) -> np.ndarray:
    # Imported here: colour-science takes a second, which no other command should wait for.
    import colour

    return np.asarray(colour.XYZ_to_CAM16UCS(xyz / 100, XYZ_w=white / 100, **CAM16_VIEWING))


BASELINES: dict[str, Formula] = {
    "CIE76": _of_lab(dde.cie76),
    "CIE94": _of_lab(dde.cie94),
    "CMC": _of_lab(dde.cmc),
    REFERENCE: _of_lab(dde.ciede2000),
    "OKLab": oklab,
    "CAM16-UCS": cam16_ucs,
}


@dataclass(frozen=True)
class PowerLaw:
    """ΔV ≈ factor·ΔE^exponent."""

    factor: float
    exponent: float

    def __call__(self, delta_e: np.ndarray) -> np.ndarray:
        return np.asarray(self.factor * delta_e**self.exponent)


def fit_power(delta_e: np.ndarray, dv: np.ndarray) -> PowerLaw:
    """
    Fit the power of a formula that agrees best with people.

    The exponent has the least STRESS, which no factor changes. The factor then puts the result on
    the scale of the visual differences, so that folds with different exponents can be pooled.

    Parameters
    ----------
    delta_e, dv : numpy.ndarray
        Shape (N,): computed and visual differences of the training pairs.

    Returns
    -------
    PowerLaw

    Examples
    --------
    >>> law = fit_power(np.array([1.0, 2.0, 4.0]), 3 * np.array([1.0, 2.0, 4.0]) ** 0.7)
    >>> round(law.factor, 3), round(law.exponent, 3)
    (3.0, 0.7)
    """
    found = minimize_scalar(
        lambda power: stress(delta_e**power, dv), bounds=POWERS, method="bounded"
    )
    exponent = float(found.x)
    return PowerLaw(1 / scale(delta_e**exponent, dv), exponent)
