"""Jobs: what an inspection is told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from dde.inspection.defects import DefectSearch
from dde.inspection.regions import WHOLE_IMAGE, Region, check_names
from dde.inspection.rules import Rule, rules_of
from dde.metrics.table import OF_ANOTHER_SCALE, Metric, name_of
from dde.pictures.comparison import Comparison, comparison_of
from dde.pictures.viewing import Viewing
from dde.registration.alignment import Alignment
from dde.report.document import ELSEWHERE
from dde.spaces.adaptation import CONE_RESPONSES
from dde.spaces.space import Space, find_space
from dde.spaces.whites import WHITES, reference_white
from dde.variation import Variation
from dde.wording import named

Kind = Literal["rules", "warnings"]
KINDS: tuple[Kind, ...] = ("rules", "warnings")


@dataclass(frozen=True)
class Job:
    """
    What an inspection is told to do.

    Attributes
    ----------
    metric : str or callable
        As for `dde.delta_e`.
    factors : dict of str to float
        Those of the metric.
    rules : tuple of Rule
        What must be kept by every region that has no rules of its own, and by what none covers.
    warnings : tuple of Rule
        The same of rules that warn if they are broken, and do not make the inspection fail.
    regions : tuple of Region
        The later ones lie on top.
    defects : DefectSearch or None
        Which defects are looked for.
    white : str or tuple of float
        The white under which colours are compared, and which XYZ and Lab are relative to. Names, of
        whites, methods and spaces, are taken in any case, and kept as they are usually written.
    adaptation : str
        How sRGB is adapted to that white: a method of `dde.adapt`.
    space : Space or None
        What images are that do not say so themselves: arrays, and files of floating-point samples.
    viewing : float, Viewing or None
        From where the images are seen, as for `dde.delta_e_map`.
    shift : int
        How many pixels a thing may be displaced, likewise.
    edges : float
        How many pixels' worth of the reference's gradient is forgiven, likewise.
    alignment : Alignment or None
        How the sample is laid on the reference before they are compared.
    variation : Variation or None
        How a frame is judged by a learned reference.
    file : dict or None
        The path and the SHA-256 of the job file.
    files : tuple of str
        The paths of all files that it was made of: the job file, label images, models.
    """

    metric: Metric = "CIEDE2000"
    factors: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Rule, ...] = ()
    regions: tuple[Region, ...] = ()
    defects: DefectSearch | None = None
    white: str | tuple[float, ...] = "D65"
    adaptation: str = "Bradford"
    space: Space | str | None = None
    viewing: float | Viewing | None = None
    shift: int = 0
    edges: float = 0
    alignment: Alignment | None = None
    variation: Variation | None = None
    file: dict[str, str] | None = None
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        _ = self.comparison  # refuses what it cannot be made of
        names: dict[str, Any] = {}
        names["adaptation"] = named(self.adaptation, CONE_RESPONSES, "adaptation")
        if self.space is not None:
            names["space"] = find_space(self.space)
        reference_white(self.white)
        if isinstance(self.white, str):
            names["white"] = named(self.white, WHITES, "white")
        for name, value in names.items():
            object.__setattr__(self, name, value)  # as a frozen dataclass sets its own
        check_names(self.regions)
        if self.variation and name_of(self.metric) in OF_ANOTHER_SCALE:
            raise ValueError(
                f"metric must not be {name_of(self.metric)} with a learned reference, whose limits "
                "are on the scale of CIELAB"
            )

    @property
    def comparison(self) -> Comparison:
        """What the metric, the viewing and the tolerances make together."""
        return comparison_of(
            self.metric,
            dict(self.factors),
            viewing=self.viewing,
            shift=self.shift,
            edges=self.edges,
            white=self.white,
        )

    def with_tolerances(self, tolerances: Any) -> "Job":
        """
        The job with other rules.

        Parameters
        ----------
        tolerances : rules, or mapping of str to rules
            As for `dde.inspect`: rules that take the place of all rules of the job, those of single
            regions too; or by the name of the region, in the place of its own.
        """
        return self._with("rules", "tolerances", tolerances)

    def with_warnings(self, warnings: Any) -> "Job":
        """The job with other rules that only warn, as `with_tolerances` takes them."""
        return self._with("warnings", "warnings", warnings)

    def _with(self, kind: Kind, argument: str, given: Any) -> "Job":
        if not isinstance(given, Mapping):
            return self._replaced(kind, rules_of(given, argument), {})
        before = dict(zip(self._judged_names, self.by_region(kind), strict=True))
        for name in given:
            if name not in before:
                raise ValueError(
                    f"{argument} name the region {name!r}, and those that are judged are "
                    f"{', '.join(map(repr, before))}"
                )
        rules = {name: rules_of(its, f"{argument}[{name!r}]") for name, its in given.items()}
        own = {region.name: getattr(region, kind) for region in self.regions if not region.ignore}
        if self.elsewhere in rules:  # what shared the rules of elsewhere keeps them as its own
            own = before
        rules = {**own, **rules}
        return self._replaced(kind, rules.pop(self.elsewhere, getattr(self, kind)), rules)

    def _replaced(self, kind: Kind, shared: tuple[Rule, ...], own: Mapping[str, Any]) -> "Job":
        changes: list[dict[str, Any]] = [{kind: own.get(region.name)} for region in self.regions]
        regions = (replace(r, **change) for r, change in zip(self.regions, changes, strict=True))
        shared_rules: dict[str, Any] = {kind: shared}
        return replace(self, regions=tuple(regions), **shared_rules)

    @property
    def _judged_names(self) -> list[str]:
        return [*(region.name for region in self.regions if not region.ignore), self.elsewhere]

    def by_region(self, kind: Kind) -> list[tuple[Rule, ...]]:
        """The rules, or the warnings, of each judged region, and last of what none covers."""
        shared: tuple[Rule, ...] = getattr(self, kind)
        own = [getattr(region, kind) for region in self.regions if not region.ignore]
        return [*(shared if rules is None else rules for rules in own), shared]

    @property
    def elsewhere(self) -> str:
        """What all that no region covers is called."""
        judged = any(not region.ignore for region in self.regions)
        return ELSEWHERE if judged else WHOLE_IMAGE
