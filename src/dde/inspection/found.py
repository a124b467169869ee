"""What is found in the differences of a region: numbers, judgements, defects."""

import math
import warnings
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Statistics:
    """
    The differences of a region, or of a whole image, in a dozen numbers.

    Where not one difference is finite, the numbers that would come from them are NaN, and the place
    of the maximum is -1, -1.

    Attributes
    ----------
    count : int
        Pixels with a finite difference. Means, percentiles, the maximum and shares are over these.
    not_finite : int
        Pixels that are counted but have no finite difference, since a colour is NaN or infinite.
    mean, standard_deviation : float
        In double precision; the standard deviation is that of all the pixels (no n - 1).
    median, percentile_90, percentile_95, percentile_99 : float
        The smallest difference that so many per cent of the pixels do not exceed. From a
        histogram: to 1/256 below a difference of 256, from which on the maximum is given; never
        above the maximum, and on the right side of each threshold of `share_above`, where pixels
        are counted exactly.
    maximum : float
        The largest difference.
    maximum_x, maximum_y : int
        Its column and row in the image, from 0 at the top left; of several, the first in reading
        order.
    share_above : dict of float to float
        For each threshold the share of the pixels whose difference is larger, from 0 to 1.
    mean_delta_L, mean_delta_C, mean_delta_H : float
        Mean ΔL*, ΔC*ab and ΔH*ab, sample minus reference: the direction of an error. ΔL* > 0 is
        lighter, ΔC* > 0 more chromatic, ΔH* > 0 turned towards larger hue angles.
    """

    count: int
    not_finite: int
    mean: float
    standard_deviation: float
    median: float
    percentile_90: float
    percentile_95: float
    percentile_99: float
    maximum: float
    maximum_x: int
    maximum_y: int
    share_above: dict[float, float]
    mean_delta_L: float
    mean_delta_C: float
    mean_delta_H: float

    @property
    def not_a_number(self) -> int:
        """Deprecated: `not_finite`."""
        warnings.warn("Statistics.not_a_number is not_finite now", DeprecationWarning, stacklevel=2)
        return self.not_finite

    def to_dict(self) -> dict[str, Any]:
        """The statistics as JSON has them: None for NaN, thresholds as text."""
        numbers = {name: _for_json(value) for name, value in vars(self).items()}
        numbers["share_above"] = {
            f"{threshold:.15g}": _for_json(share) for threshold, share in self.share_above.items()
        }
        return numbers


@dataclass(frozen=True)
class Judgement:
    """
    A rule, applied.

    Attributes
    ----------
    rule : str
        Such as ``"p95 <= 2"``.
    value : float
        What was found. It is on that side of the limit that `passed` says.
    passed : bool
        Whether it keeps the rule.
    mark : float or None
        The difference that the rule draws a line at, for histograms; None if it draws none.
    warns : bool
        Whether the rule, if it is broken, warns only, and does not make the inspection fail.
    reason : str or None
        Why the rule is broken, ``"p95 is 2.31, above 2"``; None if it is kept.
    """

    rule: str
    value: float
    passed: bool
    mark: float | None = None
    warns: bool = False
    reason: str | None = None

    def to_dict(self) -> dict[str, Any]:
        """The judgement as JSON has it: None for NaN."""
        return {name: _for_json(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class Defect:
    """
    A connected patch of pixels whose difference is above a threshold.

    Attributes
    ----------
    region : str
        The region in which its peak lies.
    area : int
        Pixels; neighbours in a row, a column or a diagonal are connected.
    x, y, width, height : int
        The smallest box around it: left column, top row, size.
    mean, peak : float
        Mean and largest difference of its pixels.
    """

    region: str
    area: int
    x: int
    y: int
    width: int
    height: int
    mean: float
    peak: float

    def to_dict(self) -> dict[str, Any]:
        """The defect as JSON has it."""
        return dict(vars(self))


def _for_json(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
