"""From two images to a verdict: statistics by region, rules, defects, and a record of it all."""

from dde.inspection.result import Defect, Inspection, Judgement, RegionResult, Statistics

__all__ = ["Defect", "Inspection", "Judgement", "RegionResult", "Statistics"]
