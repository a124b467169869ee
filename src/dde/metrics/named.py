"""The formulas that dde knows by name."""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from dde.metrics.formulas import cie76, cie94, ciede2000, cmc, hyab, hych
from dde.spaces.appearance import UNIFORM
from dde.spaces.space import Space, linear


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


def _euclidean(space: str, *scales: float) -> Formula:
    """The distance in a space, its coordinates multiplied by these."""
    found = Space.named(space)
    if scales:
        there, back = np.diag(scales), np.diag(1 / np.array(scales))
        found = found.derived(f"scaled {space}", [linear(back)], [linear(there)])
    return Formula(None, "cie76", {}, found)


# Distances in uniform spaces. ITP: Recommendation ITU-R BT.2124-0; OK: in Oklab; those of CAM16 and
# CAM02: Luo, Cui, Li (2006), (1), with K_L; DIN99o: DIN 6176; Jzazbz: Safdar et al. (2017).
FORMULAS |= {
    "ITP": _euclidean("ICtCp", 720, 360, 720),
    "Jzazbz": _euclidean("Jzazbz"),
    "OK": _euclidean("Oklab"),
    "DIN99": _euclidean("DIN99"),
    "DIN99d": _euclidean("DIN99d"),
    "DIN99o": _euclidean("DIN99o"),
    **{
        f"{model}-{form}": _euclidean(f"{model}-{form}", 1 / K_L, 1, 1)
        for model in ("CAM16", "CAM02")
        for form, (K_L, _, _) in UNIFORM.items()
    },
}
