"""Jobs: what an inspection is told to do."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dde.images.opening import SPACES
from dde.inspection.defects import DefectSearch
from dde.inspection.regions import WHOLE_IMAGE, Region, check_names
from dde.inspection.rules import Rule, rules_of
from dde.metrics.table import Metric, kernel_of
from dde.report.document import ELSEWHERE
from dde.spaces.adaptation import CONE_RESPONSES
from dde.spaces.whites import reference_white
from dde.wording import must_be_one_of


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
        What all that no region covers must keep.
    regions : tuple of Region
        The later ones lie on top.
    defects : DefectSearch or None
        Which defects are looked for.
    white : str or tuple of float
        The white under which colours are compared, and which XYZ and Lab are relative to.
    adaptation : str
        How sRGB is adapted to that white: a method of `dde.adapt`.
    space : {"sRGB", "XYZ", "Lab"} or None
        What images are that do not say so themselves: arrays, and files of floating-point samples.
    file : dict or None
        The path and the SHA-256 of the job file.
    files : tuple of str
        The paths of all files that it was made of: the job file, label images, models.
    """

    metric: Metric = "CIEDE2000"
    factors: Mapping[str, float] = field(default_factory=dict)
    rules: tuple[Rule, ...] = ()
    regions: tuple[Region, ...] = ()
    defects: DefectSearch | None = None
    white: str | tuple[float, ...] = "D65"
    adaptation: str = "Bradford"
    space: str | None = None
    file: dict[str, str] | None = None
    files: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        kernel_of(self.metric, dict(self.factors))
        reference_white(self.white)
        if not isinstance(self.adaptation, str) or self.adaptation not in CONE_RESPONSES:
            raise ValueError(f"adaptation {must_be_one_of(self.adaptation, CONE_RESPONSES)}")
        if self.space is not None and self.space not in SPACES:
            raise ValueError(f"space {must_be_one_of(self.space, SPACES)}")
        check_names(self.regions)

    def with_tolerances(self, tolerances: Any) -> "Job":
        """
        The job with other rules.

        Parameters
        ----------
        tolerances : rules, or mapping of str to rules
            As for `dde.inspect`: rules for every region and what is elsewhere, or for those named.
        """
        names = [*(r.name for r in self.regions if not r.ignore), self.elsewhere]
        if not isinstance(tolerances, Mapping):
            tolerances = dict.fromkeys(names, rules_of(tolerances, "tolerances"))
        for name in tolerances:
            if name not in names:
                raise ValueError(
                    f"tolerances name the region {name!r}, and those that are judged are "
                    f"{', '.join(map(repr, names))}"
                )
        rules = {
            name: rules_of(given, f"tolerances[{name!r}]") for name, given in tolerances.items()
        }
        regions = tuple(replace(r, rules=rules.get(r.name, r.rules)) for r in self.regions)
        return replace(self, regions=regions, rules=rules.get(self.elsewhere, self.rules))

    @property
    def elsewhere(self) -> str:
        """What all that no region covers is called."""
        judged = any(not region.ignore for region in self.regions)
        return ELSEWHERE if judged else WHOLE_IMAGE
