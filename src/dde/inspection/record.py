"""The record of an inspection: what an auditor asks for."""

import os
import platform
from datetime import UTC, datetime
from typing import Any

import numpy as np

from dde import _core
from dde.cameras.camera import Camera
from dde.images.source import Source
from dde.inspection.defects import DefectSearch
from dde.inspection.job import Job
from dde.inspection.regions import Region
from dde.inspection.rules import Rule
from dde.metrics.table import describe
from dde.pictures.viewing import Viewing
from dde.spaces.space import Space, find_space
from dde.spaces.whites import reference_white
from dde.version import __version__


def record_of(job: Job, reference: Source, sample: Source, masked: bool) -> dict[str, Any]:
    """
    What was inspected, by what and when, as JSON has it.

    The same inputs on the same machine give the same record, apart from ``time``. Files are there
    with their SHA-256. Arrays in memory are not hashed: that would cost as much as to
    inspect them.
    """
    return {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "reference": reference.provenance,
        "sample": sample.provenance,
        "mask": "array" if masked else None,
        "metric": describe(job.metric, dict(job.factors)),
        "colour": {
            "white": _white(job.white),
            "white_XYZ": reference_white(job.white).tolist(),
            "adaptation": job.adaptation,
            **_space(job.space),
        },
        "viewing": _viewing(job),
        "tolerance": {"shift": int(job.shift), "edges": float(job.edges)},
        "alignment": None if job.alignment is None else vars(job.alignment),
        "variation": None if job.variation is None else vars(job.variation),
        "rules": _texts(job.rules),
        "warnings": _texts(job.warnings),
        "regions": [_region(region) for region in job.regions],
        "defects": _defects(job.defects),
        "job": job.file,
        "versions": {
            "dde": __version__,
            "numpy": np.__version__,
            "python": platform.python_version(),
        },
        "machine": {
            "name": platform.node(),
            "system": f"{platform.system()} {platform.release()}",
            "architecture": platform.machine(),
            "instruction_set": _core.instruction_set,
            "processors": os.cpu_count(),
        },
    }


def _space(space: Space | str | None) -> dict[str, Any]:
    """What images are taken to be that do not say so; of a camera all of its file."""
    if space is None:
        return {}
    found = find_space(space)
    if not isinstance(found, Camera):
        return {"space": found.name}
    return {"space": found.name, "camera": found.to_dict()}


def _viewing(job: Job) -> dict[str, float] | None:
    if job.viewing is None:
        return None
    if isinstance(job.viewing, Viewing):
        place = {name: float(value) for name, value in vars(job.viewing).items()}
        return {**place, "pixels_per_degree": job.viewing.pixels_per_degree}
    return {"pixels_per_degree": float(job.viewing)}


def _white(white: Any) -> str | list[float]:
    return white if isinstance(white, str) else np.asarray(white, dtype=np.float64).tolist()


def _region(region: Region) -> dict[str, Any]:
    shape: dict[str, Any] = {}
    if region.box is not None:
        shape["box"] = list(region.box)
    elif region.polygon is not None:
        shape["polygon"] = [[float(x), float(y)] for x, y in region.polygon]
    else:
        shape["labels"] = dict(region.file) if region.file else "array"
        shape["value"] = int(region.value)
    return {
        "name": region.name,
        **shape,
        "ignore": region.ignore,
        "rules": _texts(region.rules),
        "warnings": _texts(region.warnings),
    }


def _texts(rules: tuple[Rule, ...] | None) -> list[str] | None:
    """As they are written; None for a region that has none of its own."""
    return None if rules is None else [str(rule) for rule in rules]


def _defects(search: DefectSearch | None) -> dict[str, Any] | None:
    if search is None:
        return None
    return {
        "above": float(search.above),
        "smallest_area": int(search.smallest_area),
        "rules": _texts(search.rules),
        "warnings": _texts(search.warnings),
    }
