"""From two images to a verdict: statistics by region, rules, defects, and a record of it all."""

from dde.inspection.defects import DefectSearch
from dde.inspection.found import Defect, Judgement, Statistics
from dde.inspection.inspecting import inspect
from dde.inspection.job import Job
from dde.inspection.regions import Region
from dde.inspection.result import Inspection, RegionResult
from dde.inspection.rules import Rule

__all__ = [
    "Defect",
    "DefectSearch",
    "Inspection",
    "Job",
    "Judgement",
    "Region",
    "RegionResult",
    "Rule",
    "Statistics",
    "inspect",
]
