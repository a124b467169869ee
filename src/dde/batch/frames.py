"""One frame of a batch, in a worker process: inspected, and its record written at once."""

import hashlib
import json
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from multiprocessing import connection, parent_process
from pathlib import Path
from typing import Any

import dde
from dde.command.judging import Judging
from dde.errors import OutputError
from dde.images.opening import open_image
from dde.images.source import Source
from dde.inspection.job import Job
from dde.inspection.record import record_of
from dde.report import write_report
from dde.report.data import as_json
from dde.writing import replacing

Row = dict[str, Any]
UNREADABLE = "unreadable"
RESUMED = "finished before"  # not a column of the summary
MAY_DIFFER = ("sample", "time", "machine")  # in a record, when a batch goes on
TAKEN_FROM_STATISTICS = (
    "count",
    "not_finite",
    "mean",
    "standard_deviation",
    "median",
    "percentile_90",
    "percentile_95",
    "percentile_99",
    "maximum",
    "maximum_x",
    "maximum_y",
    "mean_delta_L",
    "mean_delta_C",
    "mean_delta_H",
)


@dataclass(frozen=True)
class Frame:
    """A pair of files, and the name of its record, which no other frame of the batch has."""

    name: str
    reference: Path
    sample: Path


@dataclass(frozen=True)
class Batch:
    """What all frames of a batch share; it is sent to the worker processes."""

    judging: Judging
    records: Path
    reports: bool


def start_worker(threads: int) -> None:
    """Prepares a worker process."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # where decoders complain of damaged files
    dde.set_num_threads(threads)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A worker would wait for ever for the next frame of a process that was killed."""
    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def process(batch: Batch, frame: Frame) -> Row:
    """
    The line of a frame in the summary; its record is on the disk when this returns.

    A frame whose record is there already, of the same images by the same settings, is not
    inspected again.

    Raises
    ------
    OutputError
        If the record cannot be written.
    """
    path, page = (batch.records / f"{frame.name}{suffix}" for suffix in (".json", ".html"))
    job = _job(batch.judging)
    try:
        reference = _reference(frame.reference, job.space, job.white)
        found = _found_before(path, record_of(job, reference, reference, False), frame.sample)
        if found and not (batch.reports and found["passed"] is False and not page.exists()):
            return _row(frame, found) | {RESUMED: True}
        inspection = dde.inspect(reference, frame.sample, job=job, keep_pictures=batch.reports)
    except (ValueError, OSError, MemoryError) as error:
        with _writing():
            path.unlink(missing_ok=True)  # of an earlier run, when the frame could be read
        return unreadable(frame, str(error) or "it needs more memory than there is")
    found = inspection.to_dict()
    with _writing():
        if batch.reports and inspection.passed is False:
            write_report(inspection.document(), page)
        else:
            page.unlink(missing_ok=True)
        with replacing(path) as file:
            file.write(as_json(inspection.document()).encode())
    return _row(frame, found)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from None


def _found_before(path: Path, record: dict[str, Any], sample: Path) -> dict[str, Any] | None:
    """
    What an earlier run found, if the same sample would now be inspected in the same way.

    `record` is that of any inspection of today, by the same job and with the same reference.
    """
    if not path.exists():
        return None
    now = json.loads(json.dumps(record))
    try:
        found: dict[str, Any] = json.loads(path.read_bytes())
        then = found["record"]
        same = all(then[key] == now[key] for key in now if key not in MAY_DIFFER)
        digest = then["sample"]["sha256"]
    except (ValueError, KeyError, TypeError):  # it is not one of ours
        return None
    return found if same and digest == _sha256(sample) else None


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# What is read once for many frames.


@lru_cache(maxsize=1)
def _job(judging: Judging) -> Job:
    return judging.job()


@lru_cache(maxsize=1)
def _reference(path: Path, space: str | None, white: str | tuple[float, ...]) -> Source:
    return open_image(path, name="reference", space=space, white=white)


def unreadable(frame: Frame, error: str) -> Row:
    """The line of a frame that could not be read."""
    row = {"frame": frame.name, "verdict": UNREADABLE, "reasons": " ".join(error.splitlines())}
    return row | _files_of(frame)


def _files_of(frame: Frame) -> Row:
    return {"reference": str(frame.reference), "sample": str(frame.sample)}


def _row(frame: Frame, found: dict[str, Any]) -> Row:
    statistics = found["overall"]
    return {
        "frame": frame.name,
        "verdict": {True: "pass", False: "fail", None: "not judged"}[found["passed"]],
        "reasons": "; ".join(found["reasons"]),
        **_files_of(frame),
        **{name: statistics[name] for name in TAKEN_FROM_STATISTICS},
        **{f"share_above_{t}": share for t, share in statistics["share_above"].items()},
        "defect_count": found["defect_count"],
    }
