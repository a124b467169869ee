"""Numbers that somebody gave."""

import math
from typing import Any


def as_float(number: Any) -> float:
    """
    A number in float64: infinite where that does not reach it.

    Examples
    --------
    >>> as_float(3), as_float(-(10**400))
    (3.0, -inf)
    """
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf
