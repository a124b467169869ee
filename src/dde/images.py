"""Maps of the differences between images."""

import inspect

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.conversions import SRGB_TO_RELATIVE_XYZ
from dde.differences import Metric, find_metric


def _formula(metric: Metric, factors: dict[str, float]) -> _core.Formula:
    function = find_metric(metric)
    defaults = {
        name: parameter.default
        for name, parameter in inspect.signature(function).parameters.items()
        if parameter.kind is parameter.KEYWORD_ONLY and name != "out"
    }
    for name in factors:
        if name not in defaults:
            known = ", ".join(defaults) or "none"
            raise TypeError(f"{name} is no factor of {function.__name__}; it has: {known}")
    return _core.Formula(function.__name__, **(defaults | factors))


def delta_e_map(
    reference: ArrayLike,
    sample: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    order: str = "RGB",
    clip: bool = False,
    out: np.ndarray | None = None,
    **factors: float,
) -> np.ndarray:
    if order not in ("RGB", "BGR"):
        raise ValueError(f"order must be 'RGB' or 'BGR', not {order!r}")
    return _core.difference_of_images(
        _formula(metric, factors), reference, sample, SRGB_TO_RELATIVE_XYZ, order == "BGR", clip, out
    )
