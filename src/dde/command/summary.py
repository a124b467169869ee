"""What ``dde compare`` prints about two images."""

import json
from collections.abc import Sequence
from typing import Any

from dde.inspection import Inspection, RegionResult, Statistics

SHARES_ABOVE = (1, 2, 5)  # which are known, whatever the rules
IN_JSON = (
    "mean",
    "median",
    "percentile_95",
    "percentile_99",
    "maximum",
    "maximum_x",
    "maximum_y",
)


def as_json(given: dict[str, Any], inspection: Inspection) -> str:
    """What is printed with ``--json``: one object."""
    found = inspection.overall.to_dict()
    shares = found.pop("share_above")
    first = {name: found.pop(name) for name in IN_JSON}
    summary = {
        **given,
        **first,
        **{f"share_above_{threshold}": share for threshold, share in shares.items()},
        **found,
        "defect_count": inspection.defect_count,
        "passed": inspection.passed,
        "reasons": list(inspection.reasons),
    }
    return json.dumps(summary, indent=2)


def as_text(given: dict[str, Any], inspection: Inspection) -> str:
    """What is printed for people."""
    width, height = given["width"], given["height"]
    found = inspection.overall
    lines = [f"{name:16}  {given[name]}" for name in ("reference", "sample", "metric")]
    lines.append(f"{'size':16}  {width} x {height} pixels")
    if found.count < width * height:
        lines.append(f"{'counted':16}  {found.count} pixels")
    lines += ["", *_statistics(found), "", *_shares(found)]
    if len(inspection.regions) > 1:
        lines += ["", *_regions(inspection.regions)]
    if inspection.defect_count is not None:
        lines += ["", f"{'defects':16}{inspection.defect_count:5}"]
    if inspection.passed is not None:
        lines += ["", f"{'verdict':16}  {inspection.verdict}"]
        lines += [f"  {reason}" for reason in inspection.reasons]
    return "\n".join(lines)


def _statistics(found: Statistics) -> list[str]:
    place = f"at x {found.maximum_x}, y {found.maximum_y}"
    return [
        f"{'mean':16}{found.mean:8.2f}",
        f"{'median':16}{found.median:8.2f}",
        f"{'95th percentile':16}{found.percentile_95:8.2f}",
        f"{'99th percentile':16}{found.percentile_99:8.2f}",
        f"{'maximum':16}{found.maximum:8.2f}     {place}",
    ]


def _shares(found: Statistics) -> list[str]:
    shares = ((threshold, found.share_above[threshold]) for threshold in SHARES_ABOVE)
    return [
        f"{f'above {threshold}':16}{100 * share:8.2f} %   {round(share * found.count)} pixels"
        for threshold, share in shares
    ]


def _regions(regions: Sequence[RegionResult]) -> list[str]:
    width = max(16, *(len(region.name) + 2 for region in regions))
    lines = [f"{'region':{width}}{'mean':>8}{'p95':>8}{'max':>8}   verdict"]
    for region in regions:
        found = region.statistics
        verdict = ("pass" if region.passed else "fail") if region.judgements else "-"
        numbers = (found.mean, found.percentile_95, found.maximum)
        lines.append(
            f"{region.name:{width}}{''.join(f'{value:8.2f}' for value in numbers)}   {verdict}"
        )
    return lines
