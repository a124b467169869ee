"""From two images to a verdict: statistics by region, rules, defects, and a record of it all."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dde.inspection.defects import DefectSearch
from dde.inspection.found import Defect, Judgement, Statistics
from dde.inspection.inspecting import inspect
from dde.inspection.job import Job
from dde.inspection.regions import Region, region_of_text
from dde.inspection.result import Inspection, RegionResult
from dde.inspection.rules import Rule
from dde.report.document import Document, Pictures, Scale

if TYPE_CHECKING:
    from dde.inspection.job_file import read_job

__all__ = [
    "Defect",
    "DefectSearch",
    "Document",
    "Inspection",
    "Job",
    "Judgement",
    "Pictures",
    "Region",
    "RegionResult",
    "Rule",
    "Scale",
    "Statistics",
    "inspect",
    "read_job",
    "region_of_text",
]


def __getattr__(name: str) -> Any:
    if name == "read_job":  # needs the packages of the extra "cli"
        return import_module("dde.inspection.job_file").read_job
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
