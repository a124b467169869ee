"""Inspects the frames of ``make_frames.py``, and shows what each part of the job is for.

    python inspect_line.py FOLDER [--sizes]

makes the frames in the folder unless they are there, learns a reference from the good ones, and
prints how many of the good frames fail and how many faults are found: by the job, and without its
parts. ``--sizes`` prints how many faults of which size are found, at other places and by other
chances. It needs dde with its extras cli and align.
"""

import csv
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from make_frames import Box, approved, make, numbered, photographed, with_fault
from scipy import ndimage

import dde
from dde.inspection import Inspection, Job, read_job

JOB = Path(__file__).with_name("job.toml")
REACH = 5  # pixels by which a fault's place may be off: it was put in before the sheet moved
SIZES = {
    "speck": (2, 3, 4, 6),
    "missing print": (4, 6, 9, 12),
    "colour drift": (10, 20, 40, 60),
    "scratch": (10, 20, 30, 50),
}
EACH = 5  # faults of each size


class Count(NamedTuple):
    good_failed: int
    found: int
    good: int
    faults: int


def learned(folder: Path, job: Job) -> dde.Reference:
    samples = sorted((folder / "good").iterdir())
    return dde.learn_reference(samples, align=job.alignment)


def is_found(inspection: Inspection, box: Box) -> bool:
    """Whether a defect lies where the fault was put in."""
    x, y, width, height = box
    return any(
        defect.x < x + width + REACH
        and defect.x + defect.width > x - REACH
        and defect.y < y + height + REACH
        and defect.y + defect.height > y - REACH
        for defect in inspection.defects
    )


def counted(reference: dde.Reference | Path, folder: Path, job: Job) -> Count:
    """What the job makes of all frames; one that cannot be inspected has failed."""
    with (folder / "faults.csv").open(newline="") as file:
        faults = {row["frame"]: row for row in csv.DictReader(file)}
    good_failed = found = good = 0
    for path in sorted((folder / "frames").iterdir()):
        fault = faults.get(path.name)
        try:
            inspection = dde.inspect(reference, path, job=job)
        except dde.RegistrationError:
            good_failed += fault is None
            good += fault is None
            continue
        if fault is None:
            good += 1
            good_failed += inspection.passed is False
        else:
            x, y, width, height = (int(fault[key]) for key in ("x", "y", "width", "height"))
            found += is_found(inspection, (x, y, width, height))
    return Count(good_failed, found, good, len(faults))


def with_limit(job: Job, limit: float) -> Job:
    """The job for a reference that knows no variation: one limit for all pixels."""
    assert job.defects
    return replace(job, variation=None, defects=replace(job.defects, above=limit))


def limit_that_good_ones_keep(reference: Path, folder: Path, job: Job) -> int:
    """The lowest whole limit by which none of the sheets to learn from has a defect."""
    assert job.defects
    largest = 0
    for path in sorted((folder / "good").iterdir()):
        found = dde.inspect(reference, path, job=replace(job, defects=None), keep_map=True).map
        assert found is not None
        while _has_defect(np.nan_to_num(found) > largest, job.defects.smallest_area):
            largest += 1
    return largest


def _has_defect(above: np.ndarray, smallest_area: int) -> bool:
    labels, _ = ndimage.label(above, np.ones((3, 3)))
    return bool((np.bincount(labels.ravel())[1:] >= smallest_area).any())


def variants(folder: Path, job: Job) -> Iterator[tuple[str, Count]]:
    """The job, and the job without each of its parts."""
    reference, plain = learned(folder, job), folder / "good" / "0000.png"
    assert job.variation
    one_limit = with_limit(job, job.variation.limit)
    yield "the job", counted(reference, folder, job)
    yield "without registration", counted(reference, folder, replace(job, alignment=None))
    yield "without tolerance of shifts", counted(reference, folder, replace(job, shift=0))
    yield "without a learned reference", counted(plain, folder, one_limit)
    for name, less in (
        ("the same", one_limit),
        ("that, and without tolerance of shifts", replace(one_limit, shift=0)),
    ):
        raised = limit_that_good_ones_keep(plain, folder, less)
        name += f", its limit raised from {job.variation.limit:g} to {raised}"
        yield name, counted(plain, folder, with_limit(less, raised))
    bare = replace(one_limit, alignment=None, shift=0)
    yield "without any of them", counted(plain, folder, bare)


def found_by_size(reference: dde.Reference, job: Job) -> Iterator[tuple[str, float, int]]:
    """Kind and size of faults, and how many of ``EACH`` are found."""
    for kind, sizes in SIZES.items():
        for size in sizes:
            rng = np.random.default_rng(size)
            found = 0
            for number in range(EACH):
                sheet, box = with_fault(numbered(approved(), number), kind, rng, size)
                frame = np.asarray(photographed(sheet, rng))
                found += is_found(dde.inspect(reference, frame, job=job), box)
            yield kind, size, found


def main(folder: Path, sizes: bool) -> None:
    if not (folder / "faults.csv").exists():
        make(folder)
    job = read_job(JOB)
    if sizes:
        reference = learned(folder, job)
        for kind, size, found in found_by_size(reference, job):
            print(f"| {kind} | {size} | {found} of {EACH} |", flush=True)
        return
    print("| | good frames that fail | faults that are found |\n| --- | ---: | ---: |")
    for name, count in variants(folder, job):
        print(
            f"| {name} | {count.good_failed} of {count.good} | {count.found} of {count.faults} |",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), "--sizes" in sys.argv[2:])
