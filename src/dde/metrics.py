"""Colour differences by name: the formulas and the learned ones."""

import inspect
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.differences import FORMULAS
from dde.model import SHIPPED, Model, deep_delta_e, shipped_model
from dde.wording import none_of

Metric = str | Callable[..., Any]

NAMES = (*FORMULAS, *SHIPPED)
_FORMULA_BY_LOWER_NAME = {name.lower(): formula for name, formula in FORMULAS.items()}


def find_metric(metric: Metric) -> Callable[..., Any]:
    """
    The metric of a name, in any case; a formula or a model stands for itself.

    Raises
    ------
    ValueError
        If it is none.
    """
    if metric is deep_delta_e:
        return shipped_model("deep")
    if isinstance(metric, str):
        name = metric.lower()
        if name in _FORMULA_BY_LOWER_NAME:
            return _FORMULA_BY_LOWER_NAME[name]
        if name in SHIPPED:
            return shipped_model(name)
    elif isinstance(metric, Model) or any(metric is formula for formula in FORMULAS.values()):
        return metric
    raise ValueError(f"metric {none_of(metric, (*NAMES, 'a model'))}")


def kernel_of(metric: Metric, factors: dict[str, float]) -> _core.Metric:
    """A metric with its factors as the kernels take it."""
    function = find_metric(metric)
    if isinstance(function, Model):
        name, defaults = "the model", {}
    else:
        name, defaults = function.__name__, _factors_of(function)
    for factor in factors:
        if factor not in defaults:
            known = ", ".join(defaults) or "none"
            raise TypeError(f"{factor} is no factor of {name}; it has: {known}")
    if isinstance(function, Model):
        return function.metric
    return _core.Formula(name, **(defaults | factors))


def describe(metric: Metric, factors: dict[str, float]) -> dict[str, Any]:
    """A metric with its factors as JSON has it: what somebody needs to find the same one again."""
    function = find_metric(metric)
    if isinstance(function, Model):
        return {
            "name": function.info["architecture"],
            "factors": {},
            "model_sha256": function.sha256,
            "legacy_input": function.legacy_input,
        }
    name = next(name for name, formula in FORMULAS.items() if formula is function)
    numbers = _factors_of(function) | factors
    return {"name": name, "factors": {factor: float(k) for factor, k in numbers.items()}}


@cache
def _factors_of(formula: Callable[..., Any]) -> dict[str, float]:
    """The factors of a formula and their defaults, in order: its keyword arguments but out."""
    return {
        name: parameter.default
        for name, parameter in inspect.signature(formula).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name != "out"
    }


def delta_e(
    lab1: ArrayLike,
    lab2: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    out: np.ndarray | None = None,
    **factors: float,
) -> Any:
    """
    The colour difference in a metric given by name.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast; lab1 is the reference where the metric
        has one.
    metric : str or callable, optional
        ``"CIE76"``, ``"CIE94"``, ``"CMC"``, ``"CIEDE2000"``, ``"HyAB"``, ``"deep"`` or
        ``"siamese"``, in any case; or the function or the model itself.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Returns
    -------
    numpy.ndarray
        The differences, as from the function of that metric.

    Raises
    ------
    TypeError
        As from the function of the metric; also for a factor that it does not have.
    ValueError
        As from the function of the metric; also for an unknown metric.

    Examples
    --------
    >>> import dde
    >>> float(dde.delta_e([50.0, 0.0, 0.0], [51.0, 0.0, 0.0], "CMC", l=1).round(4))
    0.9189
    """
    return _core.difference(kernel_of(metric, factors), lab1, lab2, out)
