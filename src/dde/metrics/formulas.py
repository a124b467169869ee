"""The classical colour-difference formulas."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.metrics.components import difference
from dde.spaces.space import Space


def cie76(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    components: bool = False,
    out: np.ndarray | None = None,
) -> Any:
    """
    The CIE 1976 colour difference ΔE*ab: the Euclidean distance in CIELAB.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast.
    components : bool, optional
        Whether to give what the difference is made of as well, in the same pass.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. Not with components.

    Returns
    -------
    numpy.ndarray or Components
        ΔE*ab, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only. With components, a
        named tuple of such arrays: see `dde.Components`.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape or given with components.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    CIE 15:2018, Colorimetry, 8.2.1.

    Examples
    --------
    >>> import dde
    >>> float(dde.cie76([50.0, 3.0, 0.0], [50.0, 0.0, 4.0]))
    5.0
    """
    return difference(_core.FormulaKernel("cie76"), lab1, lab2, out, components)


def cie94(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    kL: float = 1,
    K1: float = 0.045,
    K2: float = 0.015,
    components: bool = False,
    out: np.ndarray | None = None,
) -> Any:
    """
    The CIE 1994 colour difference ΔE*94.

    Parameters
    ----------
    lab1 : array_like, shape (..., 3)
        CIELAB of the reference, float32 or float64.
    lab2 : array_like, shape (..., 3)
        CIELAB of the sample, of a shape that broadcasts with that of lab1.
    kL, K1, K2 : float, optional
        The factors of the application. The defaults are those of the graphic arts; for textiles
        kL = 2, K1 = 0.048, K2 = 0.014.
    components : bool, optional
        Whether to give what the difference is made of as well, in the same pass.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. Not with components.

    Returns
    -------
    numpy.ndarray or Components
        ΔE*94, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only. With components, a
        named tuple of such arrays: see `dde.Components`.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape or given with components, or a factor is out of range.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    CIE 116-1995, Industrial colour-difference evaluation.

    Examples
    --------
    >>> import dde
    >>> float(dde.cie94([50.0, 0.0, 0.0], [52.0, 0.0, 0.0]))
    2.0
    >>> float(dde.cie94([50.0, 0.0, 0.0], [52.0, 0.0, 0.0], kL=2, K1=0.048, K2=0.014))
    1.0
    """
    return difference(
        _core.FormulaKernel("cie94", kL=kL, K1=K1, K2=K2), lab1, lab2, out, components
    )


def cmc(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    l: float = 2,  # noqa: E741
    c: float = 1,
    components: bool = False,
    out: np.ndarray | None = None,
) -> Any:
    """
    The colour difference CMC(l:c).

    Parameters
    ----------
    lab1 : array_like, shape (..., 3)
        CIELAB of the reference, float32 or float64.
    lab2 : array_like, shape (..., 3)
        CIELAB of the sample, of a shape that broadcasts with that of lab1.
    l, c : float, optional
        The weights of lightness and chroma: 2:1 for acceptability, 1:1 for perceptibility.
    components : bool, optional
        Whether to give what the difference is made of as well, in the same pass.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. Not with components.

    Returns
    -------
    numpy.ndarray or Components
        ΔE CMC(l:c), of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only. With components, a
        named tuple of such arrays: see `dde.Components`.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape or given with components, or a factor is out of range.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    F. J. J. Clarke, R. McDonald, B. Rigg, "Modification to the JPC79 colour-difference formula",
    Journal of the Society of Dyers and Colourists 100 (1984) 128-132.

    Examples
    --------
    >>> import dde
    >>> float(dde.cmc([50.0, 0.0, 0.0], [50.0, 1.0, 0.0]).round(4))
    1.5674
    """
    return difference(_core.FormulaKernel("cmc", l=l, c=c), lab1, lab2, out, components)


def ciede2000(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    kL: float = 1,
    kC: float = 1,
    kH: float = 1,
    components: bool = False,
    out: np.ndarray | None = None,
) -> Any:
    """
    The CIEDE2000 colour difference ΔE00.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast.
    kL, kC, kH : float, optional
        The parametric factors of the viewing conditions; for textiles kL is often 2.
    components : bool, optional
        Whether to give what the difference is made of as well, in the same pass.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. Not with components.

    Returns
    -------
    numpy.ndarray or Components
        ΔE00, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only. With components, a
        named tuple of such arrays: see `dde.Components`.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape or given with components, or a factor is out of range.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    G. Sharma, W. Wu, E. N. Dalal, "The CIEDE2000 color-difference formula: implementation notes,
    supplementary test data, and mathematical observations", Color Research and Application 30
    (2005) 21-30. All 34 pairs of its table 1 are right to the four decimals printed.

    Examples
    --------
    >>> import dde
    >>> float(dde.ciede2000([50.0, 2.6772, -79.7751], [50.0, 0.0, -82.7485]).round(4))
    2.0425

    >>> parts = dde.ciede2000([50.0, 2.5, -60.0], [51.0, 0.0, -64.0], components=True)
    >>> [round(float(part), 3) for part in parts]
    [2.716, 0.999, 1.041, -1.579, 2.805]

    An image against one colour, and all pairs of two palettes:

    >>> import numpy as np
    >>> image = np.full((480, 640, 3), 50.0, dtype=np.float32)
    >>> dde.ciede2000(image, np.float32([52, 50, 50])).shape
    (480, 640)
    >>> dde.ciede2000(np.eye(3)[:, None], np.eye(3)).round(2).tolist()
    [[0.0, 1.56, 1.13], [1.56, 0.0, 1.77], [1.13, 1.77, 0.0]]
    """
    return difference(
        _core.FormulaKernel("ciede2000", kL=kL, kC=kC, kH=kH), lab1, lab2, out, components
    )


def hyab(lab1: ArrayLike, lab2: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    """
    The HyAB colour difference, for large differences: ``|ΔL*| + sqrt(Δa*² + Δb*²)``.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray
        ΔE HyAB, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    S. Abasi, M. Amani Tehran, M. D. Fairchild, "Distance metrics for very large color differences",
    Color Research and Application 45 (2020) 208-223.

    Examples
    --------
    >>> import dde
    >>> float(dde.hyab([50.0, 3.0, 0.0], [60.0, 0.0, 4.0]))
    15.0
    """
    return _core.difference(_core.FormulaKernel("hyab"), lab1, lab2, out)


def hych(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    kL: float = 1,
    kC: float = 1,
    kH: float = 1,
    out: np.ndarray | None = None,
) -> Any:
    """
    The HyCH colour difference, for very large differences: ``|ΔL'| + sqrt(ΔC'² + ΔH'²)``, weighted
    as in CIEDE2000.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast.
    kL, kC, kH : float, optional
        The parametric factors of CIEDE2000.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray
        ΔE HyCH, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape, or a factor is out of range.

    Notes
    -----
    float64 is right to 1e-9, float32 to 5e-5 or 1e-5 of the difference, whichever is larger.

    References
    ----------
    S. Abasi, M. Amani Tehran, M. D. Fairchild, "Distance metrics for very large color differences",
    Color Research and Application 45 (2020) 208-223.

    Examples
    --------
    >>> import dde
    >>> lab1 = [39.91531343, 51.16658481, 146.12933781]
    >>> lab2 = [53.12207516, -39.92365056, 249.54831278]
    >>> float(dde.hych(lab1, lab2).round(7))
    48.6642794
    """
    return _core.difference(_core.FormulaKernel("hych", kL=kL, kC=kC, kH=kH), lab1, lab2, out)


class Formula(NamedTuple):
    """A formula: its function, where it has one of its own; its kernel, and its factors with their
    defaults, in the order in which the kernel takes them; the space whose colours it compares."""

    function: Callable[..., Any] | None
    kernel: str
    factors: Mapping[str, float]
    space: Space


_LAB = Space.named("Lab")

FORMULAS = {
    "CIE76": Formula(cie76, "cie76", {}, _LAB),
    "CIE94": Formula(cie94, "cie94", {"kL": 1, "K1": 0.045, "K2": 0.015}, _LAB),
    "CMC": Formula(cmc, "cmc", {"l": 2, "c": 1}, _LAB),
    "CIEDE2000": Formula(ciede2000, "ciede2000", {"kL": 1, "kC": 1, "kH": 1}, _LAB),
    "HyAB": Formula(hyab, "hyab", {}, _LAB),
    "HyCH": Formula(hych, "hych", {"kL": 1, "kC": 1, "kH": 1}, _LAB),
}
