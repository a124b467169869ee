"""Conversions between XYZ, CIELAB, sRGB and Oklab."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.spaces.whites import reference_white

# IEC 61966-2-1:1999, equations (7) and (8), to the four decimals that the standard prints.
SRGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
XYZ_TO_SRGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
SRGB_TO_RELATIVE_XYZ = np.ravel(SRGB_TO_XYZ / reference_white("D65")[:, None])

# B. Ottosson, "A perceptual color space for image processing" (2020).
OKLAB_M1 = np.array(
    [
        [0.8189330101, 0.3618667424, -0.1288597137],
        [0.0329845436, 0.9293118715, 0.0361456387],
        [0.0482003018, 0.2643662691, 0.6338517070],
    ]
)
OKLAB_M2 = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
XYZ_TO_OKLAB = np.concatenate([OKLAB_M1.ravel(), OKLAB_M2.ravel()])
OKLAB_TO_XYZ = np.concatenate([np.linalg.inv(OKLAB_M2).ravel(), np.linalg.inv(OKLAB_M1).ravel()])

_SRGB_TO_XYZ = _core.Way([("srgb_decode", ()), ("linear", SRGB_TO_XYZ)], coded=True)
_SRGB_TO_LAB = _core.Way([("srgb_decode", ()), ("linear_to_lab", SRGB_TO_RELATIVE_XYZ)], coded=True)
_XYZ_TO_SRGB = _core.Way([("xyz_to_srgb", XYZ_TO_SRGB)])
_XYZ_TO_OKLAB = _core.Way([("xyz_to_oklab", XYZ_TO_OKLAB)])
_OKLAB_TO_XYZ = _core.Way([("oklab_to_xyz", OKLAB_TO_XYZ)])


def _way_by_white(kernel: str, white: str | ArrayLike) -> _core.Way:
    if isinstance(white, str):
        return _way_by_name_of_white(kernel, white)
    return _core.Way([(kernel, reference_white(white))])


@lru_cache(maxsize=64)
def _way_by_name_of_white(kernel: str, white: str) -> _core.Way:
    return _core.Way([(kernel, reference_white(white))])


def xyz_to_lab(
    xyz: ArrayLike, white: str | ArrayLike = "D65", *, out: np.ndarray | None = None
) -> Any:
    """
    XYZ to CIELAB.

    Parameters
    ----------
    xyz : array_like, shape (..., 3)
        CIE XYZ as float32 or float64, on the scale of the white: a white by name has Y = 1.
        A colour with a NaN or an infinity gives NaN.
    white : str or array_like, optional
        The reference white: an illuminant by name, with Y = 1 (``"D65"`` for the 2° observer,
        ``"D65/10"`` for the 10° observer), or its XYZ on the scale of the colours. See
        ``dde.spaces.whites.WHITES`` for the names.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIELAB: L* from 0 to 100, a* and b*, of the type of xyz.

    Raises
    ------
    TypeError
        If xyz is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of xyz is not 3, or `out` is of another shape, or `white` is unknown.

    Notes
    -----
    float64 is right to 1e-9. float32 is within 1e-4 units of float64 for colours up to 1.2 times
    the white.

    References
    ----------
    CIE 15:2018, Colorimetry, 8.2.1.

    Examples
    --------
    >>> import dde
    >>> dde.xyz_to_lab([0.2, 0.3, 0.1]).round(4).tolist()
    [61.6542, -37.3199, 43.6575]
    >>> dde.xyz_to_lab([95.047, 100.0, 108.883], white=[95.047, 100.0, 108.883]).tolist()
    [100.0, 0.0, 0.0]
    """
    return _core.convert(_way_by_white("xyz_to_lab", white), xyz, "xyz", out)


def lab_to_xyz(
    lab: ArrayLike, white: str | ArrayLike = "D65", *, out: np.ndarray | None = None
) -> Any:
    """
    CIELAB to XYZ.

    Parameters
    ----------
    lab : array_like, shape (..., 3)
        CIELAB as float32 or float64: L* from 0 to 100, a* and b*.
        A colour with a NaN or an infinity gives NaN.
    white : str or array_like, optional
        The reference white: an illuminant by name, with Y = 1 (``"D65"`` for the 2° observer,
        ``"D65/10"`` for the 10° observer), or its XYZ on the scale of the colours. See
        ``dde.spaces.whites.WHITES`` for the names.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIE XYZ, on the scale of the white, of the type of lab.

    Raises
    ------
    TypeError
        If lab is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab is not 3, or `out` is of another shape, or `white` is unknown.

    References
    ----------
    CIE 15:2018, Colorimetry, 8.2.1 and annex E.

    Examples
    --------
    >>> import dde
    >>> dde.lab_to_xyz([100.0, 0.0, 0.0], white="D50").round(4).tolist()
    [0.9643, 1.0, 0.8251]
    """
    return _core.convert(_way_by_white("lab_to_xyz", white), lab, "lab", out)


def srgb_to_xyz(rgb: ArrayLike, *, clip: bool = False, out: np.ndarray | None = None) -> Any:
    """
    sRGB to XYZ.

    Parameters
    ----------
    rgb : array_like, shape (..., 3)
        sRGB: uint8 (0 to 255), uint16 (0 to 65535), or float32 or float64 in [0, 1].
    clip : bool, optional
        Clip floats outside [0, 1] instead of refusing them. What is outside by no more than
        rounding (1e-5) always is.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIE XYZ relative to D65, with Y = 1 for white. float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If rgb is of another type, or `out` is not of the type of the result.
    ValueError
        If the last axis of rgb is not 3, a float lies outside [0, 1] and `clip` is false, or `out`
        is of another shape.

    References
    ----------
    IEC 61966-2-1:1999, 5.2.

    Examples
    --------
    >>> import dde
    >>> dde.srgb_to_xyz([1.0, 1.0, 1.0]).round(4).tolist()
    [0.9505, 1.0, 1.089]
    """
    return _core.convert(_SRGB_TO_XYZ, rgb, "rgb", out, clip)


def srgb_to_lab(rgb: ArrayLike, *, clip: bool = False, out: np.ndarray | None = None) -> Any:
    """
    sRGB to CIELAB.

    Parameters
    ----------
    rgb : array_like, shape (..., 3)
        sRGB: uint8 (0 to 255), uint16 (0 to 65535), or float32 or float64 in [0, 1].
    clip : bool, optional
        Clip floats outside [0, 1] instead of refusing them. What is outside by no more than
        rounding (1e-5) always is.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIELAB relative to D65 (2° observer): L* from 0 to 100, a* and b*. float64 for float64,
        otherwise float32.

    Raises
    ------
    TypeError
        If rgb is of another type, or `out` is not of the type of the result.
    ValueError
        If the last axis of rgb is not 3, a float lies outside [0, 1] and `clip` is false, or `out`
        is of another shape.

    References
    ----------
    IEC 61966-2-1:1999, 5.2; CIE 15:2018, 8.2.1.

    Examples
    --------
    >>> import dde, numpy as np
    >>> dde.srgb_to_lab(np.uint8([[255, 0, 0], [0, 0, 255]])).round(1)
    array([[  53.2,   80.1,   67.2],
           [  32.3,   79.2, -107.9]], dtype=float32)
    """
    return _core.convert(_SRGB_TO_LAB, rgb, "rgb", out, clip)


def xyz_to_srgb(xyz: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    """
    XYZ to sRGB.

    Parameters
    ----------
    xyz : array_like, shape (..., 3)
        CIE XYZ relative to D65 as float32 or float64, with Y = 1 for white.
        A colour with a NaN or an infinity gives NaN.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        sRGB: in [0, 1] for the colours that sRGB has, of the type of xyz.

    Raises
    ------
    TypeError
        If xyz is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of xyz is not 3, or `out` is of another shape.

    Notes
    -----
    A colour outside the gamut of sRGB gives values below 0 or above 1, which are for the caller to
    clip: the linear part of the transfer function goes on below 0, the power law above 1.

    The matrices of both directions are those that the standard prints, to four decimals, so that a
    round trip is right to 1e-4.

    References
    ----------
    IEC 61966-2-1:1999, 5.3.

    Examples
    --------
    >>> import dde
    >>> dde.xyz_to_srgb([0.9505, 1.0, 1.089]).round(3).tolist()
    [1.0, 1.0, 1.0]
    """
    return _core.convert(_XYZ_TO_SRGB, xyz, "xyz", out)


def xyz_to_oklab(xyz: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    """
    XYZ to Oklab.

    Parameters
    ----------
    xyz : array_like, shape (..., 3)
        CIE XYZ relative to D65 as float32 or float64, with Y = 1 for white.
        A colour with a NaN or an infinity gives NaN.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        Oklab: L from 0 to 1, a and b, of the type of xyz.

    Raises
    ------
    TypeError
        If xyz is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of xyz is not 3, or `out` is of another shape.

    References
    ----------
    B. Ottosson, "A perceptual color space for image processing" (2020).

    Examples
    --------
    >>> import dde
    >>> dde.xyz_to_oklab([0.2, 0.3, 0.1]).round(4).tolist()
    [0.6568, -0.1034, 0.1022]
    """
    return _core.convert(_XYZ_TO_OKLAB, xyz, "xyz", out)


def oklab_to_xyz(lab: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    """
    Oklab to XYZ.

    Parameters
    ----------
    lab : array_like, shape (..., 3)
        Oklab as float32 or float64: L from 0 to 1, a and b.
        A colour with a NaN or an infinity gives NaN.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIE XYZ relative to D65, with Y = 1 for white, of the type of lab.

    Raises
    ------
    TypeError
        If lab is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab is not 3, or `out` is of another shape.

    References
    ----------
    B. Ottosson, "A perceptual color space for image processing" (2020).

    Examples
    --------
    >>> import dde
    >>> dde.oklab_to_xyz([0.4, 0.1, -0.2]).round(4).tolist()
    [0.1172, 0.0502, 0.4021]
    """
    return _core.convert(_OKLAB_TO_XYZ, lab, "lab", out)
