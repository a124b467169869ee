"""What ``dde compare`` prints about two images, or two tables of patches."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from dde.command.streams import in_lines
from dde.inspection import Inspection, RegionResult, Scale, Statistics
from dde.report.document import DELTA_E

if TYPE_CHECKING:
    from dde.patches import ComparedPatches

FIRST = (
    "mean",
    "median",
    "percentile_95",
    "percentile_99",
    "maximum",
    "maximum_x",
    "maximum_y",
)


def images_as_dict(inspection: Inspection, given: dict[str, Any]) -> dict[str, Any]:
    """What is printed with ``--json``: what was given, then what was found."""
    size = {side: inspection.record["sample"][side] for side in ("width", "height")}
    return {**given, "scale": inspection.scale.name, **size, **_found_as_dict(inspection)}


def images_as_text(inspection: Inspection, given: dict[str, Any]) -> str:
    """What is printed for people."""
    found, scale = inspection.overall, inspection.scale
    width, height = (inspection.record["sample"][side] for side in ("width", "height"))
    lines = [*_heading(given), f"{'size':16}  {width} x {height} pixels"]
    if scale.name not in (DELTA_E.name, given["metric"]):
        lines.insert(len(given), f"{'differences are':16}  {scale.name}")
    if found.count < width * height:
        lines.append(f"{'counted':16}  {found.count} pixels")
    lines += ["", *_statistics(found, f"at x {found.maximum_x}, y {found.maximum_y}", scale)]
    lines += ["", *_shares(found, scale)]
    if len(inspection.regions) > 1:
        lines += ["", *_regions(inspection.regions, scale)]
    if inspection.defect_count is not None:
        lines += ["", f"{'defects':16}{inspection.defect_count:5}"]
    return in_lines([*lines, *_verdict(inspection)])


def patches_as_dict(compared: "ComparedPatches", given: dict[str, Any]) -> dict[str, Any]:
    """What is printed with ``--json``: as of images, then the limit and a list of the patches."""
    found, scale = compared.to_dict(), compared.inspection.scale.name
    of_patches = {key: found[key] for key in ("limit", "patches")}
    return {**given, "scale": scale, **_found_as_dict(compared.inspection), **of_patches}


def patches_as_text(
    compared: "ComparedPatches", given: dict[str, Any], components: bool = False
) -> str:
    """The table that is printed for people; with what each difference is made of, if asked for."""
    inspection, found = compared.inspection, compared.inspection.overall
    place = f"at {compared.names[found.maximum_x]}" if found.count else ""
    lines = [
        *_heading(given),
        f"{'patches':16}  {len(compared.names)}",
        "",
        *_patches(compared, components),
    ]
    return in_lines(
        [*lines, "", *_statistics(found, place, inspection.scale), *_verdict(inspection)]
    )


def _patches(compared: "ComparedPatches", components: bool) -> list[str]:
    width = max(16, *(len(name) + 2 for name in compared.names))
    titles, columns = ["ΔE", "ΔL*", "ΔC*", "ΔH*"], [*compared.differences.T]
    if components and compared.components is not None:
        titles += ["L", "C", "H", "R"]
        columns += [np.broadcast_to(part, len(compared.names)) for part in compared.components[1:]]
    lines = [f"{'patch':{width}}{''.join(f'{title:>8}' for title in titles)}"]
    for name, difference, *signed in zip(compared.names, *columns, strict=True):
        parts = "".join(f"{value:+8.2f}" for value in signed)
        lines.append(f"{name:{width}}{difference:8.2f}{parts}")
    if compared.limit is None:
        return lines
    verdicts = ["verdict", *("pass" if each else "fail" for each in compared.passed)]
    return [f"{line}   {last}" for line, last in zip(lines, verdicts, strict=True)]


def _found_as_dict(inspection: Inspection) -> dict[str, Any]:
    """Statistics and verdict, in the order of the help."""
    found = inspection.overall.to_dict()
    shares = found.pop("share_above")
    return {
        **{name: found.pop(name) for name in FIRST},
        **{f"share_above_{threshold}": share for threshold, share in shares.items()},
        **found,
        "defect_count": inspection.defect_count,
        "passed": inspection.passed,
        "reasons": list(inspection.reasons),
        "warnings": list(inspection.warnings),
        "notes": list(inspection.notes),
    }


def _heading(given: dict[str, Any]) -> list[str]:
    """What was compared, and by what."""
    return [f"{name:16}  {value}" for name, value in given.items()]


def _statistics(found: Statistics, place: str, scale: Scale) -> list[str]:
    """The most telling numbers, and where the maximum is."""
    percentiles = {
        "median": found.median,
        "95th percentile": found.percentile_95,
        "99th percentile": found.percentile_99,
    }
    remarks = {"mean": "", "maximum": place} | {
        name: "at most" if number >= scale.end_of_percentiles else ""
        for name, number in percentiles.items()
    }
    numbers = {"mean": found.mean, **percentiles, "maximum": found.maximum}
    return [
        f"{name:16}{scale.format(number):>8}     {remarks[name]}".rstrip()
        for name, number in numbers.items()
    ]


def _verdict(inspection: Inspection) -> list[str]:
    """The verdict and its reasons, warnings and notes; nothing where there was no rule."""
    lines = []
    if inspection.passed is not None:
        lines = ["", f"{'verdict':16}  {inspection.verdict}"]
        lines += [f"  {reason}" for reason in inspection.reasons]
    for title, sentences in (("warnings", inspection.warnings), ("notes", inspection.notes)):
        if sentences:
            lines += ["", title, *(f"  {sentence}" for sentence in sentences)]
    return lines


def _shares(found: Statistics, scale: Scale) -> list[str]:
    shares = ((threshold, found.share_above[threshold]) for threshold in scale.thresholds)
    return [
        f"{f'above {threshold:g}':16}{100 * share:8.2f} %   {round(share * found.count)} pixels"
        for threshold, share in shares
    ]


def _regions(regions: Sequence[RegionResult], scale: Scale) -> list[str]:
    width = max(16, *(len(region.name) + 2 for region in regions))
    lines = [f"{'region':{width}}{'mean':>8}{'p95':>8}{'max':>8}   verdict"]
    for region in regions:
        found = region.statistics
        verdict = ("pass" if region.passed else "fail") if region.judgements else "-"
        numbers = (found.mean, found.percentile_95, found.maximum)
        lines.append(
            f"{region.name:{width}}{''.join(f'{scale.format(value):>8}' for value in numbers)}"
            f"   {verdict}"
        )
    return lines
