"""What an inspection finds."""

import html
import math
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

from dde.inspection.pictures import Pictures


@dataclass(frozen=True)
class Statistics:
    """
    The differences of a region, or of a whole image, in a dozen numbers.

    Where not one difference is finite, the numbers that would come from them are NaN, and the place
    of the maximum is -1, -1.

    Attributes
    ----------
    count : int
        Pixels with a finite difference. All that follows `not_a_number` is over these.
    not_a_number : int
        Pixels that are counted in but have none, since a colour is NaN or infinite.
    mean, standard_deviation : float
        In double precision; the standard deviation is that of all the pixels (no n - 1).
    median, percentile_90, percentile_95, percentile_99 : float
        From a histogram: to 1/256 below a difference of 256, and never above the maximum.
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
    not_a_number: int
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
        What was found.
    passed : bool
        Whether it keeps the rule.
    """

    rule: str
    value: float
    passed: bool

    def to_dict(self) -> dict[str, Any]:
        """The judgement as JSON has it: None for NaN."""
        return {name: _for_json(value) for name, value in vars(self).items()}


@dataclass(frozen=True)
class RegionResult:
    """
    What was found in a region.

    Attributes
    ----------
    name : str
        The region's name; ``"elsewhere"`` for what no region covers, ``"image"`` where there are no
        regions.
    statistics : Statistics
        Over the pixels of the region that are counted.
    judgements : tuple of Judgement
        One for each rule, in order.
    histogram : numpy.ndarray of int64
        Bin i counts the differences in [i / 128, (i + 1) / 128); the last bin those of 256
        and more.
    """

    name: str
    statistics: Statistics
    judgements: tuple[Judgement, ...]
    histogram: np.ndarray

    @property
    def passed(self) -> bool:
        """Whether all rules are kept."""
        return all(judgement.passed for judgement in self.judgements)

    def to_dict(self) -> dict[str, Any]:
        """The region as JSON has it, without the histogram."""
        return {
            "name": self.name,
            "passed": self.passed if self.judgements else None,
            "statistics": self.statistics.to_dict(),
            "judgements": [judgement.to_dict() for judgement in self.judgements],
        }


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


@dataclass(frozen=True)
class Inspection:
    """
    What `inspect` found, and how.

    Attributes
    ----------
    passed : bool or None
        Whether every rule is kept; None where there was none to judge by.
    reasons : tuple of str
        A sentence for each rule that is broken: ``"logo: p95 is 2.31, above 2"``.
    overall : Statistics
        Over all pixels that are counted, in whichever region.
    regions : tuple of RegionResult
        In the order of the job; ``"elsewhere"`` last.
    defects : tuple of Defect
        The largest first; at most 1000 of them.
    defect_count : int or None
        How many there are; None where none were looked for.
    defect_judgements : tuple of Judgement
        One for each rule about defects.
    map : numpy.ndarray or None
        The differences, shape (H, W), float32, NaN where not counted; None unless asked for.
    record : dict
        What was inspected, by what and when, for an audit; it can be written as JSON.
    pictures : Pictures or None
        Small pictures of images and map, for a page of HTML; None unless asked for.
    """

    passed: bool | None
    reasons: tuple[str, ...]
    overall: Statistics
    regions: tuple[RegionResult, ...]
    defects: tuple[Defect, ...]
    defect_count: int | None
    defect_judgements: tuple[Judgement, ...]
    map: np.ndarray | None
    record: dict[str, Any]
    pictures: Pictures | None = None

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"``, or ``"not judged"``."""
        return {True: "pass", False: "fail", None: "not judged"}[self.passed]

    def to_dict(self) -> dict[str, Any]:
        """All but the map, the pictures and the histograms, as JSON has it: None for NaN."""
        return {
            "passed": self.passed,
            "reasons": list(self.reasons),
            "overall": self.overall.to_dict(),
            "regions": [region.to_dict() for region in self.regions],
            "defects": [defect.to_dict() for defect in self.defects],
            "defect_count": self.defect_count,
            "defect_judgements": [judgement.to_dict() for judgement in self.defect_judgements],
            "record": self.record,
        }

    def save(self, path: str | PathLike[str]) -> None:
        """
        Write a report.

        Parameters
        ----------
        path : str or path
            The suffix says what is written: ``.json``, ``.csv``, ``.xml`` or ``.html``.

        Raises
        ------
        ValueError
            If it has another suffix.
        OSError
            If the file cannot be written; it is then as it was before.
        """
        from dde.inspection.report import write_report

        write_report(self, path)

    def _repr_html_(self) -> str:
        rows = [("all", self.overall), *((r.name, r.statistics) for r in self.regions)]
        header = "".join(f"<th>{title}</th>" for title in ("", "mean", "p95", "max"))
        body = "".join(
            f"<tr><th>{html.escape(name)}</th><td>{s.mean:.2f}</td>"
            f"<td>{s.percentile_95:.2f}</td><td>{s.maximum:.2f}</td></tr>"
            for name, s in rows
        )
        reasons = "".join(f"<li>{html.escape(reason)}</li>" for reason in self.reasons)
        return (
            f"<strong>{self.verdict}</strong><ul>{reasons}</ul>"
            f"<table><tr>{header}</tr>{body}</table>"
        )


def _for_json(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value
