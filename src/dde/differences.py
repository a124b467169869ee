"""The classical colour-difference formulas."""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core

Metric = str | Callable[..., Any]


def cie76(lab1: ArrayLike, lab2: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    return _core.difference(_core.Formula("cie76"), lab1, lab2, out)


def cie94(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    kL: float = 1,
    K1: float = 0.045,
    K2: float = 0.015,
    out: np.ndarray | None = None,
) -> Any:
    return _core.difference(_core.Formula("cie94", kL=kL, K1=K1, K2=K2), lab1, lab2, out)


def cmc(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    l: float = 2,  # noqa: E741
    c: float = 1,
    out: np.ndarray | None = None,
) -> Any:
    return _core.difference(_core.Formula("cmc", l=l, c=c), lab1, lab2, out)


def ciede2000(
    lab1: ArrayLike,
    lab2: ArrayLike,
    *,
    kL: float = 1,
    kC: float = 1,
    kH: float = 1,
    out: np.ndarray | None = None,
) -> Any:
    return _core.difference(_core.Formula("ciede2000", kL=kL, kC=kC, kH=kH), lab1, lab2, out)


def hyab(lab1: ArrayLike, lab2: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    return _core.difference(_core.Formula("hyab"), lab1, lab2, out)


FORMULAS: dict[str, Callable[..., Any]] = {
    "CIE76": cie76,
    "CIE94": cie94,
    "CMC": cmc,
    "CIEDE2000": ciede2000,
    "HyAB": hyab,
}
_BY_LOWER_NAME = {name.lower(): formula for name, formula in FORMULAS.items()}


def find_metric(metric: Metric) -> Callable[..., Any]:
    """The function of a metric given by name (in any case) or as the function itself."""
    if isinstance(metric, str) and metric.lower() in _BY_LOWER_NAME:
        return _BY_LOWER_NAME[metric.lower()]
    if metric in FORMULAS.values():
        return metric
    raise ValueError(f"metric must be one of {', '.join(FORMULAS)}; not {metric!r}")


def delta_e(
    lab1: ArrayLike,
    lab2: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    out: np.ndarray | None = None,
    **factors: float,
) -> Any:
    return find_metric(metric)(lab1, lab2, out=out, **factors)
