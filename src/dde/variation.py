"""How a frame is judged by a learned reference."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from numbers import Real
from typing import Any

import numpy as np

from dde.numbers import as_float


@dataclass(frozen=True)
class Variation:
    """
    How a frame is judged by a learned reference: by each pixel's difference over its own limit.

    That is the larger of `limit` and `factor` times the pixel's spread. In the map, 1 is at it.

    Parameters
    ----------
    limit : float, optional
        The difference that is allowed everywhere, in the units of the metric.
    factor : float, optional
        How many times its spread a pixel may differ.
    lighter, darker : float, optional
        The limit for pixels that are lighter, or darker, than the reference, instead of `limit`.

    Raises
    ------
    TypeError
        If one of them is not a number.
    ValueError
        If one of them is not positive and finite.
    """

    limit: float = 3.0
    factor: float = 4.0
    lighter: float | None = None
    darker: float | None = None

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if value is None and name in ("lighter", "darker"):
                continue
            if isinstance(value, bool) or not isinstance(value, Real):
                raise TypeError(f"variation: {name} must be a number, not {type(value).__name__}")
            number = as_float(value)
            if not 0 < number < math.inf:
                raise ValueError(f"variation: {name} must be a positive number, not {number:g}")
            object.__setattr__(self, name, number)  # as a record has it

    def limits(self, spread: np.ndarray, darker: np.ndarray | None) -> np.ndarray:
        """
        The limits of pixels, float32: what their differences are divided by.

        Parameters
        ----------
        spread : numpy.ndarray of float32, shape (rows, W)
            Of the reference.
        darker : numpy.ndarray of bool, shape (rows, W), or None
            Which pixels of the frame are darker; needed if `judges_signs`.
        """
        limits: Any = np.float32(self.limit)
        if darker is not None:
            lighter_limit, darker_limit = (
                np.float32(self.limit if own is None else own)
                for own in (self.lighter, self.darker)
            )
            limits = np.where(darker, darker_limit, lighter_limit)
        allowed = spread * np.float32(self.factor)
        return np.asarray(np.maximum(allowed, limits, out=allowed))

    @property
    def judges_signs(self) -> bool:
        """Whether lighter and darker pixels have limits of their own."""
        return self.lighter is not None or self.darker is not None


def variation_of(given: Any) -> Variation | None:
    """What `dde.inspect` was given as `variation`."""
    if given is None or isinstance(given, Variation):
        return given
    if not isinstance(given, Mapping):
        raise TypeError(f"variation must be a mapping or a Variation, not {type(given).__name__}")
    names = [field.name for field in fields(Variation)]
    for name in given:
        if name not in names:
            raise ValueError(f"variation has {', '.join(names)}, and no {name!r}")
    return Variation(**given)
