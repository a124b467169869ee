"""Colour differences by name: the formulas and the learned ones, in one table."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.metrics import formulas
from dde.metrics.components import difference
from dde.metrics.distances import DISTANCES
from dde.metrics.formulas import Formula
from dde.metrics.models import SHIPPED, Model, deep_delta_e, load_model, shipped_model
from dde.spaces.space import Space, find_space, way_between
from dde.wording import must_be_one_of

Metric = str | Callable[..., Any]

FORMULAS = {**formulas.FORMULAS, **DISTANCES}
OF_COLOURS = (*FORMULAS, *SHIPPED)  # that compare two colours
OF_PICTURES = ("FLIP",)  # that compare neighbourhoods: see `dde.pictures`
OF_ANOTHER_SCALE = ("FLIP", "OK", "Jzazbz")  # than CIELAB: from 0 to 1 or so, not to 100
NAMES = (*OF_COLOURS, *OF_PICTURES)
_BY_LOWER_NAME = {name.lower(): name for name in NAMES}


def name_of(metric: Metric) -> str | None:
    """The name of a metric that dde brings, as it is written in `NAMES`; None for any other."""
    if isinstance(metric, str):
        return _BY_LOWER_NAME.get(metric.lower())
    functions = {
        **{name: formula.function for name, formula in FORMULAS.items() if formula.function},
        "deep": deep_delta_e,
    }
    return next((name for name, function in functions.items() if metric is function), None)


def find_metric(metric: Metric) -> Formula | Model:
    """
    The formula or the model that a metric stands for: a name in any case, a function, a model.

    Raises
    ------
    ValueError
        If it is none.
    """
    if isinstance(metric, Model):
        return metric
    name = name_of(metric)
    if name is None or name in OF_PICTURES:
        raise ValueError(
            f"metric {must_be_one_of(metric, (*OF_COLOURS, 'a model of dde.load_model'))}"
        )
    return FORMULAS[name] if name in FORMULAS else shipped_model(name)


def metric_or_file(name: str, folder: str | os.PathLike[str] = "") -> Metric:
    """
    A metric by its name, or the model of a file, which is looked for in `folder`.

    Raises
    ------
    ValueError
        If it is neither, or the file is damaged.
    OSError
        If the file cannot be read.
    """
    if name_of(name):
        return name
    if not name or not os.path.exists(path := Path(folder, name)):
        raise ValueError(f"metric {must_be_one_of(name, (*NAMES, 'the file of a model'))}")
    return load_model(path)


def kernel_of(metric: Metric, factors: dict[str, float]) -> _core.DifferenceKernel:
    """A metric with its factors as the kernels take it."""
    return _kernel(find_metric(metric), metric, factors)


def _kernel(
    found: Formula | Model, metric: Metric, factors: dict[str, float]
) -> _core.DifferenceKernel:
    defaults = found.factors if isinstance(found, Formula) else {}
    for factor in factors:
        if factor not in defaults:
            known = ", ".join(defaults) or "none"
            raise TypeError(
                f"{factor} is no factor of {name_of(metric) or 'the model'}; it has: {known}"
            )
    if isinstance(found, Model):
        return found.kernel
    return _core.FormulaKernel(found.kernel, **{**defaults, **factors})


def space_of(metric: Metric) -> Space:
    """The space whose colours a metric compares."""
    return _space(find_metric(metric))


def _space(found: Formula | Model) -> Space:
    return found.space if isinstance(found, Formula) else Space.named("Lab")


def describe(metric: Metric, factors: dict[str, float]) -> dict[str, Any]:
    """A metric with its factors as JSON has it: what somebody needs to find the same one again."""
    if name_of(metric) in OF_PICTURES:
        return {"name": name_of(metric), "factors": {}}
    found = find_metric(metric)
    if isinstance(found, Model):
        return {
            "name": found.info["architecture"],
            "factors": {},
            "model_sha256": found.sha256,
            "legacy_input": found.legacy_input,
        }
    numbers = {**found.factors, **factors}
    return {
        "name": name_of(metric),
        "factors": {factor: float(number) for factor, number in numbers.items()},
    }


def delta_e(
    lab1: ArrayLike,
    lab2: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    space: Space | str = "Lab",
    components: bool = False,
    out: np.ndarray | None = None,
    **factors: float,
) -> Any:
    """
    The colour difference in a metric given by name, between colours of any space.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB of D65, or colours of `space`: float32 or float64, for RGB in [0, 1] or also uint8 or
        uint16, of shapes that broadcast; lab1 is the reference where the metric has one.
    metric : str or callable, optional
        In any case: ``"CIE76"``, ``"CIE94"``, ``"CMC"``, ``"CIEDE2000"``, ``"HyAB"``, ``"HyCH"``;
        the distances in a uniform space: ``"ITP"``, ``"Jzazbz"``, ``"OK"``, ``"DIN99"``,
        ``"DIN99d"``, ``"DIN99o"``, ``"CAM16-UCS"``, ``"CAM16-SCD"``, ``"CAM16-LCD"`` and
        the same of ``"CAM02"``; ``"deep"`` or ``"siamese"``; or the function or the model itself.
    space : Space or str, optional
        What the numbers of both mean, such as ``"Rec. 2100 PQ"``; see `dde.Space`.
    components : bool, optional
        Whether to give what the difference is made of as well: of CIE76, CIE94, CMC and CIEDE2000,
        and of the distances in a uniform space, whose lightness, chroma and hue they are.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. Not with components.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Returns
    -------
    numpy.ndarray or Components
        The differences, as from the function of that metric.

    Raises
    ------
    TypeError
        As from the function of the metric; also for a factor that it does not have.
    ValueError
        As from the function of the metric; also for an unknown metric or space, or components of a
        metric that has none.

    References
    ----------
    ITP: Recommendation ITU-R BT.2124-0 (2019). DIN99o: DIN 6176:2018. Of the others: the functions
    and spaces of these names.

    Examples
    --------
    >>> import dde
    >>> float(dde.delta_e([50.0, 0.0, 0.0], [51.0, 0.0, 0.0], "CMC", l=1).round(4))
    0.9189
    >>> float(dde.delta_e([0.5, 0.5, 0.5], [0.5, 0.5, 0.51], "ITP", space="Rec. 2100 PQ").round(4))
    5.1628
    """
    found, source = find_metric(metric), find_space(space)
    kernel, compared = _kernel(found, metric, factors), _space(found)
    alike = source is compared or source == compared
    way = None if alike else way_between(source, compared, source.coded)
    if not components:
        return _core.difference(kernel, lab1, lab2, out, way)
    if not (isinstance(kernel, _core.FormulaKernel) and kernel.has_components):
        name = name_of(metric) or "a model"
        raise ValueError(f"components must be False of {name}: it has none")
    return difference(kernel, lab1, lab2, out, True, way)
