"""What an inspection keeps of an image that streams by, strip by strip."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from dde import _core
from dde.inspection.defects import Patches, load_scipy
from dde.inspection.found import Defect, Judgement
from dde.inspection.job import KINDS, Job
from dde.inspection.regions import RegionMap
from dde.inspection.result import Inspection, RegionResult
from dde.inspection.rules import Rule, judge_defects, judge_region, marks_of, thresholds_of
from dde.inspection.shift import Lightness, Windows
from dde.inspection.tally import Tally
from dde.metrics.table import name_of
from dde.pictures.comparison import Comparison, under
from dde.report.document import DELTA_E, Pictures, Scale
from dde.spaces.space import Space, of_white, way_between


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
        What the colours of reference and sample are.
    spread : numpy.ndarray of float32, shape (H, W), or None
        How far each pixel of a learned reference strays.
    """

    job: Job
    regions: RegionMap
    shape: tuple[int, int]
    spaces: tuple[Space, Space]
    spread: np.ndarray | None = None

    @property
    def comparison(self) -> Comparison:
        """How the job compares; it is made anew, since it cannot be sent to other processes."""
        return self.job.comparison

    @property
    def scale(self) -> Scale:
        """What the differences are told in."""
        if self.spread is not None:
            return Scale("share of the limit")
        largest = self.comparison.scale
        return DELTA_E if math.isinf(largest) else Scale(str(name_of(self.job.metric)), largest)

    def refuse_limits_beyond(self) -> None:
        """
        Refuse limits that no difference reaches, such as those of a ΔE with FLIP.

        Raises
        ------
        ValueError
            If there is one.
        """
        largest, defects = self.scale.largest, self.job.defects
        if largest is None:
            return
        limits = {f"the rule {str(rule)!r}": rule.mark for rule in self.rules}
        if defects:
            limits[f"above = {defects.above:g} of defects"] = defects.above
        for name, limit in limits.items():
            if limit is not None and limit >= largest:
                raise ValueError(
                    f"{name} can never be broken: {self.scale.name} is from 0 to {largest:g}"
                )

    @property
    def needs_map(self) -> bool:
        """Whether the differences are made first, and then counted."""
        return not self.comparison.of_pixels

    def darker(self, colours: tuple[np.ndarray, np.ndarray]) -> np.ndarray | None:
        """Which pixels of the sample are darker, if their limits are others."""
        assert self.job.variation
        if not self.job.variation.judges_signs:
            return None
        first, second = (
            self.lightness(space)(rows) for space, rows in zip(self.spaces, colours, strict=True)
        )
        return np.asarray(second < first)

    @property
    def rules(self) -> list[Rule]:
        """All rules about regions, those that only warn as well."""
        job = self.job
        return [rule for kind in KINDS for rules in job.by_region(kind) for rule in rules]

    @property
    def shown(self) -> set[float]:
        """The differences above which shares are told."""
        return {*self.scale.thresholds, *marks_of(self.rules)}

    @property
    def thresholds(self) -> list[float]:
        """The differences above which pixels are counted."""
        return sorted(self.shown | thresholds_of(self.rules))

    @property
    def judges(self) -> bool:
        """Whether there is anything to judge by, or defects are looked for."""
        return bool(self.rules or self.job.defects)

    def lightness(self, space: Space) -> Lightness:
        """What gives L* of colours of this space."""
        way = self.way(space)
        return lambda colours: _core.convert(way, colours, "colours", None, True)[..., 0]

    def way(self, space: Space) -> _core.Way:
        """From colours to Lab under the job's white, for `Tally.add`; adapted to it where theirs is
        another. XYZ and Lab of D65 are taken to be relative to it already."""
        source = of_white(space, self.job.white)
        lab = Space.named("Lab", self.job.white)
        return way_between(source, lab, source.coded, self.job.adaptation)

    def seen(self, space: Space) -> _core.Way:
        """From colours to what a comparison of pictures takes, likewise."""
        source = of_white(space, self.job.white)
        return self.comparison.way(source, self.job.white, self.job.adaptation)

    @property
    def compared(self) -> _core.Way:
        """From that Lab to what the metric compares."""
        lab = Space.named("Lab", self.job.white)
        return way_between(lab, under(self.comparison.space, self.job.white))

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
        plan.refuse_limits_beyond()
        self._tally = Tally(
            len(plan.regions.names), plan.thresholds, plan.shape[1], plan.scale.binned
        )
        self._patches: Patches | None = None
        self._windows = Windows(plan.shape) if plan.judges else None
        if plan.job.defects:
            load_scipy()

    def add(
        self,
        start: int,
        colours: tuple[np.ndarray, np.ndarray],
        mask: np.ndarray | None = None,
        out: np.ndarray | None = None,
        margins: tuple[int, int] = (0, 0),
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
            Where to put the differences: NaN where not counted. Defects are found in them, and
            comparisons that see more than a pixel need it.
        margins : tuple of int, optional
            How many of the rows of `colours` lie above the strip, and how many below it: the
            comparison's margin, as far as the image has them.

        Returns
        -------
        numpy.ndarray of uint8, shape (rows, W), or None
            The regions, as from `Plan.labels`.
        """
        plan, job = self.plan, self.plan.job
        above, below = margins
        end = len(colours[0]) - below
        stop = start + end - above
        labels = plan.labels(start, stop, mask)
        comparison = plan.comparison
        if plan.needs_map:
            rows = start - above, plan.shape[0], start, stop
            ways = plan.seen(plan.spaces[0]), plan.seen(plan.spaces[1])
            comparison.map(*colours, ways, out=out, rows=rows)
        colours = colours[0][above:end], colours[1][above:end]
        limits = None
        if plan.spread is not None:
            assert job.variation
            limits = job.variation.limits(plan.spread[start:stop], plan.darker(colours))
        self._tally.add(
            comparison.kernel,
            *colours,
            (plan.way(plan.spaces[0]), plan.way(plan.spaces[1])),
            compared=plan.compared,
            labels=labels,
            first_row=start,
            out=out,
            given=plan.needs_map,
            limits=limits,
        )
        if out is not None and labels is not None:
            out[labels == 0] = np.nan
        if self._windows:
            self._windows.add(start, colours, labels)
        if job.defects:
            assert out is not None
            self._append(Patches.of(out, labels, start, job.defects))
        return labels

    def join(self, lower: "Findings") -> None:
        """Take in what was found right below."""
        self._tally.merge(lower._tally)
        if lower._patches:
            self._append(lower._patches)
        if self._windows and lower._windows:
            self._windows.join(lower._windows)

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
            If a region, or all of the image, has no pixel that is counted; if nothing is judged by
            the rules of what is elsewhere.
        """
        self._refuse_empty()
        regions = self._regions()
        count, defects, judged_defects = self._defects()
        judged = [(region.name, region.judgements) for region in regions]
        judged.append(("defects", judged_defects))
        any_rule = any(not judgement.warns for _, judgements in judged for judgement in judgements)
        reasons, warnings = (_reasons(judged, warns) for warns in (False, True))
        return Inspection(
            passed=not reasons if any_rule else None,
            reasons=reasons,
            warnings=warnings,
            notes=self._notes() if reasons or warnings or count else (),
            scale=self.plan.scale,
            overall=self._tally.total().statistics(0, self.plan.shown),
            regions=tuple(regions),
            defects=defects,
            defect_count=count,
            defect_judgements=judged_defects,
            map=map,
            record=record,
            pictures=pictures,
        )

    def _refuse_empty(self) -> None:
        *names, elsewhere = self.plan.regions.names
        counted = [self._tally.pixels(region) for region in range(len(names) + 1)]
        if not any(counted):
            raise ValueError(
                "no pixel is counted: masks, transparency and ignored regions cover the whole image"
            )
        for name, pixels in zip(names, counted, strict=False):
            if not pixels:
                raise ValueError(
                    f"region {name!r} is empty: no pixel has its label, or later regions, masks or "
                    "transparency cover it"
                )
        if not counted[-1]:
            self._refuse_idle_rules(elsewhere)

    def _refuse_idle_rules(self, elsewhere: str) -> None:
        """Refuses rules of what is elsewhere, where nothing is, unless regions share them."""
        job = self.plan.job
        for kind in KINDS:
            rules = getattr(job, kind)
            if rules and all(getattr(r, kind) is not None for r in job.regions if not r.ignore):
                raise ValueError(
                    f"nothing is judged by {' and '.join(map(repr, map(str, rules)))}: no pixel is "
                    f"{elsewhere}, and every region has {kind} of its own"
                )

    def _regions(self) -> list[RegionResult]:
        plan, job = self.plan, self.plan.job
        regions = []
        for number, (name, rules, warnings) in enumerate(
            zip(plan.regions.names, *(job.by_region(kind) for kind in KINDS), strict=True)
        ):
            if not self._tally.pixels(number):
                continue  # regions may leave nothing elsewhere
            statistics = self._tally.statistics(number, plan.shown)
            percentile = self._tally.percentiles(number)
            judgements = judge_region(rules, statistics, percentile, warnings)
            regions.append(
                RegionResult(name, statistics, judgements, self._tally.histogram[number])
            )
        return regions

    def _defects(self) -> tuple[int | None, tuple[Defect, ...], tuple[Judgement, ...]]:
        """How many there are, the largest, and what the rules say; None where none were sought."""
        search = self.plan.job.defects
        if self._patches is None or search is None:
            return None, (), ()
        count, defects = self._patches.found(self.plan.regions.names)
        largest = defects[0] if defects else None
        return count, defects, judge_defects(search.rules, count, largest, search.warnings)

    def _notes(self) -> tuple[str, ...]:
        """What may explain the differences: sought only where there is something to explain, since
        it takes as long as to compare a million pixels."""
        if self._windows is None:
            return ()
        shift = self._windows.shift(*map(self.plan.lightness, self.plan.spaces))
        return (_in_words(*shift),) if shift else ()


def _in_words(x: int, y: int) -> str:
    """
    What is noted of a shift.

    Examples
    --------
    >>> _in_words(-3, 1).partition(": ")[0]
    'the sample seems shifted against the reference, by about 3 pixels to the left and 1 pixel down'
    """
    parts = [
        f"{abs(distance)} pixel{'s' if abs(distance) > 1 else ''} {direction}"
        for distance, direction in (
            (x, "to the right" if x > 0 else "to the left"),
            (y, "down" if y > 0 else "up"),
        )
        if distance
    ]
    return (
        f"the sample seems shifted against the reference, by about {' and '.join(parts)}: "
        "edges then differ all over, unless it is aligned first (align)"
    )


def _reasons(judged: list[tuple[str, tuple[Judgement, ...]]], warns: bool) -> tuple[str, ...]:
    return tuple(
        f"{subject}: {judgement.reason}"
        for subject, judgements in judged
        for judgement in judgements
        if judgement.reason and judgement.warns == warns
    )
