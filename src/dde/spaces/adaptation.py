"""Chromatic adaptation."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.spaces.whites import reference_white
from dde.wording import named

# From XYZ to the sharpened cone responses in which von Kries scaling is done.
CONE_RESPONSES = {
    # K. M. Lam, PhD thesis, University of Bradford (1985).
    "Bradford": np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    ),
    # CIE 159:2004, CIECAM02.
    "CAT02": np.array(
        [[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]]
    ),
    # C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS" (2017).
    "CAT16": np.array(
        [
            [0.401288, 0.650173, -0.051461],
            [-0.250268, 1.204414, 0.045854],
            [-0.002079, 0.048952, 0.953127],
        ]
    ),
}


def adapt(
    xyz: ArrayLike,
    source_white: str | ArrayLike,
    target_white: str | ArrayLike,
    method: str = "Bradford",
    *,
    out: np.ndarray | None = None,
) -> Any:
    """
    Chromatic adaptation: the XYZ that looks under one white as `xyz` does under another.

    Von Kries scaling in the sharpened cone responses of `method`, for complete adaptation.

    Parameters
    ----------
    xyz : array_like, shape (..., 3)
        CIE XYZ as float32 or float64.
        A colour with a NaN or an infinity gives NaN.
    source_white, target_white : str or array_like
        The white that xyz was seen under, and the one to adapt to: by name (Y = 1) or as XYZ, as
        in `xyz_to_lab`; both on one scale.
    method : {"Bradford", "CAT02", "CAT16"}, optional
        Whose cone responses; in any case.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIE XYZ, of the type of xyz.

    Raises
    ------
    TypeError
        If xyz is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of xyz is not 3, a white or the method is unknown, or `out` is of another
        shape.

    References
    ----------
    K. M. Lam, PhD thesis, University of Bradford (1985); CIE 159:2004 (CAT02); C. Li et al.,
    "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color Research and Application 42
    (2017) 703-718.

    Examples
    --------
    >>> import dde
    >>> dde.adapt([1.0985, 1.0, 0.3558], "A", "D65").round(3).tolist()
    [0.95, 1.0, 1.089]
    """
    cones = CONE_RESPONSES[named(method, CONE_RESPONSES, "method")]
    source = cones @ reference_white(source_white, "source_white")
    target = cones @ reference_white(target_white, "target_white")
    matrix = np.linalg.solve(cones, (target / source)[:, None] * cones)
    return _core.convert("linear", xyz, "xyz", np.ravel(matrix), out)
