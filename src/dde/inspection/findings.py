"""What an inspection keeps of an image that streams by, strip by strip."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from dde import _core
from dde.inspection.defects import Patches
from dde.inspection.found import Defect, Judgement
from dde.inspection.job import Job
from dde.inspection.regions import RegionMap
from dde.inspection.result import Inspection, RegionResult
from dde.inspection.rules import Rule, judge_defects, judge_region, thresholds_of
from dde.inspection.tally import Tally
from dde.metrics.table import kernel_of, space_of
from dde.report.document import Pictures
from dde.spaces.named import named_of_white
from dde.spaces.space import Space, way_between

USUAL_THRESHOLDS = {1.0, 2.0, 5.0}  # shares above these are known, whatever the rules

Judged = list[tuple[Rule, Judgement]]


@dataclass(frozen=True)
class Plan:
    """
    What must be known to inspect a strip of rows.

    Attributes
    ----------
    job : Job
        What is asked for.
    regions : RegionMap
        Its regions, on an image of this size.
    shape : tuple of int
        Height and width of the images.
    spaces : tuple of str
        What the colours of reference and sample are: ``"sRGB"``, ``"XYZ"`` or ``"Lab"``.
    """

    job: Job
    regions: RegionMap
    shape: tuple[int, int]
    spaces: tuple[str, str]

    @property
    def thresholds(self) -> list[float]:
        """The differences above which shares are counted."""
        rules = [*self.job.rules, *(rule for r in self.job.regions for rule in r.rules)]
        return sorted(USUAL_THRESHOLDS | thresholds_of(rules))

    def way(self, space: str) -> _core.Way:
        """From colours to Lab under the job's white, for `Tally.add`; adapted to it where theirs is
        another. XYZ and Lab by name are relative to it already."""
        source = named_of_white(space, self.job.white)
        lab = Space.named("Lab", self.job.white)
        return way_between(source, lab, source.coded, self.job.adaptation)

    @property
    def compared(self) -> _core.Way:
        """From that Lab to what the metric compares."""
        lab = Space.named("Lab", self.job.white)
        compared = space_of(self.job.metric)
        # A formula of CIELAB takes Lab of any white.
        return way_between(lab, lab if compared == Space.named("Lab") else compared)

    def labels(self, start: int, stop: int, mask: np.ndarray | None) -> np.ndarray | None:
        """The regions of some rows, 0 where the mask is False; None where all are of the first."""
        if mask is None and not self.regions.regions:
            return None
        labels = self.regions.labels(start, stop)
        if mask is not None:
            labels *= mask
        return labels


class Findings:
    """
    What has been found in a strip of whole rows, or in several neighbouring ones.

    The rows of an image may be taken in strip by strip, or by several findings that are then joined
    in the order of the image: the result is the same, sums within rounding of float64. Findings can
    be pickled.
    """

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self._tally = Tally(len(plan.regions.names), plan.thresholds, plan.shape[1])
        self._patches: Patches | None = None

    def add(
        self,
        start: int,
        colours: tuple[np.ndarray, np.ndarray],
        mask: np.ndarray | None = None,
        out: np.ndarray | None = None,
    ) -> np.ndarray | None:
        """
        Take in the strip right below those taken in before.

        Parameters
        ----------
        start : int
            Its first row in the image.
        colours : tuple of numpy.ndarray, each of shape (rows, W, 3)
            Those of reference and sample, in the plan's spaces.
        mask : numpy.ndarray of bool, shape (rows, W), optional
            False for pixels that are not counted.
        out : numpy.ndarray of float32, shape (rows, W), optional
            Where to put the differences: NaN where not counted. Defects are found in them.

        Returns
        -------
        numpy.ndarray of uint8, shape (rows, W), or None
            The regions, as from `Plan.labels`.
        """
        plan, job = self.plan, self.plan.job
        labels = plan.labels(start, start + len(colours[0]), mask)
        self._tally.add(
            kernel_of(job.metric, dict(job.factors)),
            *colours,
            (plan.way(plan.spaces[0]), plan.way(plan.spaces[1])),
            compared=plan.compared,
            labels=labels,
            first_row=start,
            out=out,
        )
        if out is not None and labels is not None:
            out[labels == 0] = np.nan
        if job.defects:
            assert out is not None
            self._append(Patches.of(out, labels, start, job.defects))
        return labels

    def join(self, lower: "Findings") -> None:
        """Take in what was found right below."""
        self._tally.merge(lower._tally)
        if lower._patches:
            self._append(lower._patches)

    def _append(self, patches: Patches) -> None:
        self._patches = self._patches.join(patches) if self._patches else patches

    def inspection(
        self, record: dict[str, Any], map: np.ndarray | None, pictures: Pictures | None
    ) -> Inspection:
        """
        The verdict, once the whole image is in.

        Raises
        ------
        ValueError
            If a region, or all of the image, has no pixel that is counted.
        """
        self._refuse_empty()
        regions, reasons = self._regions()
        count, defects, judged_defects = self._defects()
        reasons += _reasons("defects", judged_defects)
        any_rule = bool(judged_defects) or any(region.judgements for region in regions)
        return Inspection(
            passed=not reasons if any_rule else None,
            reasons=tuple(reasons),
            overall=self._tally.total().statistics(0),
            regions=tuple(regions),
            defects=defects,
            defect_count=count,
            defect_judgements=tuple(judgement for _, judgement in judged_defects),
            map=map,
            record=record,
            pictures=pictures,
        )

    def _refuse_empty(self) -> None:
        *names, _ = self.plan.regions.names
        if not any(self._tally.pixels(region) for region in range(len(names) + 1)):
            raise ValueError(
                "no pixel is counted: masks, transparency and ignored regions cover the whole image"
            )
        for region, name in enumerate(names):
            if not self._tally.pixels(region):
                raise ValueError(
                    f"region {name!r} is empty: no pixel has its label, or later regions, masks or "
                    "transparency cover it"
                )

    def _regions(self) -> tuple[list[RegionResult], list[str]]:
        rules = [region.rules for region in self.plan.job.regions if not region.ignore]
        regions, reasons = [], []
        for number, (name, its_rules) in enumerate(
            zip(self.plan.regions.names, (*rules, self.plan.job.rules), strict=True)
        ):
            if not self._tally.pixels(number):
                continue  # regions may leave nothing elsewhere
            statistics = self._tally.statistics(number)
            judged = judge_region(its_rules, statistics)
            reasons += _reasons(name, judged)
            judgements = tuple(judgement for _, judgement in judged)
            histogram = self._tally.histogram[number]
            regions.append(RegionResult(name, statistics, judgements, histogram))
        return regions, reasons

    def _defects(self) -> tuple[int | None, tuple[Defect, ...], Judged]:
        """How many there are, the largest, and what the rules say; None where none were sought."""
        if self._patches is None or self.plan.job.defects is None:
            return None, (), []
        count, defects = self._patches.found(self.plan.regions.names)
        rules = self.plan.job.defects.rules
        return count, defects, judge_defects(rules, count, defects[0] if defects else None)


def _reasons(subject: str, judged: Judged) -> list[str]:
    return [
        f"{subject}: {rule.reason(judgement)}" for rule, judgement in judged if not judgement.passed
    ]
