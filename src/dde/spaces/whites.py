"""Reference whites: by name, or as XYZ."""

import numpy as np
from numpy.typing import ArrayLike

from dde.wording import named

# CIE 1931 (2 degree) and CIE 1964 (10 degree) chromaticities x, y of the illuminants, from
# CIE 15:2004, tables T.3 and T.8 (D50 and D65 of the 2 degree observer to four decimals, as the
# standards that build on them print them).
CHROMATICITIES = {
    "A": (0.44758, 0.40745),
    "B": (0.34842, 0.35161),
    "C": (0.31006, 0.31616),
    "D50": (0.3457, 0.3585),
    "D55": (0.33243, 0.34744),
    "D65": (0.3127, 0.3290),
    "D75": (0.29903, 0.31488),
    "E": (1 / 3, 1 / 3),
    "F2": (0.3721, 0.3751),
    "F7": (0.3129, 0.3292),
    "F11": (0.3805, 0.3769),
    "A/10": (0.45117, 0.40594),
    "B/10": (0.3498, 0.3527),
    "C/10": (0.31039, 0.31905),
    "D50/10": (0.34773, 0.35952),
    "D55/10": (0.33412, 0.34877),
    "D65/10": (0.31382, 0.33100),
    "D75/10": (0.29968, 0.31740),
    "E/10": (1 / 3, 1 / 3),
    "F2/10": (0.37925, 0.36733),
    "F7/10": (0.31569, 0.32960),
    "F11/10": (0.38541, 0.37123),
}


def _xyz(x: float, y: float) -> np.ndarray:
    white = np.array([x / y, 1.0, (1 - x - y) / y])
    white.flags.writeable = False
    return white


WHITES = {name: _xyz(x, y) for name, (x, y) in CHROMATICITIES.items()}


def reference_white(white: str | ArrayLike, name: str = "white") -> np.ndarray:
    """
    The XYZ of a reference white, as float64.

    Parameters
    ----------
    white : str or array_like
        An illuminant by name, such as ``"D65"`` for the 2° observer or ``"D65/10"`` for the 10°
        observer, which gives Y = 1; or the XYZ of a white, shape (3,), which is taken as it is.
        Names: A, B, C, D50, D55, D65, D75, E, F2, F7, F11, each also with ``/10``, in any case.
    name : str
        What the caller's argument is called, for error messages.

    Returns
    -------
    numpy.ndarray
        Shape (3,), float64.

    Raises
    ------
    ValueError
        If the name is unknown, or the XYZ is not three positive, finite numbers.

    References
    ----------
    CIE 15:2004, tables T.3 and T.8.

    Examples
    --------
    >>> reference_white("D65").round(5).tolist()
    [0.95046, 1.0, 1.08906]
    """
    if isinstance(white, str):
        return WHITES[named(white, WHITES, name, "X, Y, Z")]
    try:
        xyz = np.asarray(white)
        xyz = np.array(xyz, dtype=np.float64) if xyz.dtype.kind in "fiu" else np.empty(0)
    except (TypeError, ValueError, OverflowError):
        xyz = np.empty(0)
    if xyz.shape != (3,) or not np.all(np.isfinite(xyz) & (xyz > 0)):
        found = " ".join(repr(white).split())
        raise ValueError(f"{name} must be a name or three positive numbers X, Y, Z; not {found}")
    return xyz
