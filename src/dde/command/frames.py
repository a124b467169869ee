"""One frame of a batch, in a worker process: inspected, and its record written at once."""

import hashlib
import json
import os
import signal
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
from dde.files.source import Source, open_source
from dde.files.writing import replacing
from dde.inspection.report import write_report

Row = dict[str, Any]
UNREADABLE = "unreadable"
RESUMED = "finished before"  # not a column of the summary
TAKEN_FROM_STATISTICS = (
    "count",
    "not_a_number",
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


class OutputError(Exception):
    """That a record cannot be written: the end of the batch, not of a frame."""


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
    settings: str  # a hash of all that decides the outcome of a frame, apart from its images


def start_worker(threads: int) -> None:
    """Prepares a worker process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process decides what Ctrl-C means
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
    path = batch.records / f"{frame.name}.json"
    try:
        record = _earlier_record(path, batch, frame)
        if record is not None:
            return _row(frame, record) | {RESUMED: True}
        inspection = batch.judging.inspect(
            _reference(frame.reference), frame.sample, keep_pictures=batch.reports
        )
    except (ValueError, OSError, MemoryError) as error:
        with _writing():
            path.unlink(missing_ok=True)  # of an earlier run, when the frame could be read
        return unreadable(frame, str(error) or "it needs more memory than there is")
    record = {"settings": batch.settings, **inspection.to_dict()}
    page = path.with_suffix(".html")
    with _writing():
        if batch.reports and inspection.passed is False:
            write_report(inspection, page)
        else:
            page.unlink(missing_ok=True)
        with replacing(path) as file:
            file.write(json.dumps(record, indent=1, allow_nan=False).encode())
    return _row(frame, record)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from None


def _earlier_record(path: Path, batch: Batch, frame: Frame) -> dict[str, Any] | None:
    """The record of an earlier run, if it would be the same now."""
    if not path.exists():
        return None
    try:
        record: dict[str, Any] = json.loads(path.read_bytes())
        images = record["record"]["reference"], record["record"]["sample"]
        earlier = record["settings"], *(image["sha256"] for image in images)
    except (ValueError, KeyError, TypeError):  # it is not one of ours
        return None
    now = batch.settings, _reference(frame.reference).provenance["sha256"], _sha256(frame.sample)
    return record if earlier == now else None


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@lru_cache(maxsize=1)
def _reference(path: Path) -> Source:
    """The reference, which is read once for many frames."""
    return open_source(path, name="reference")


def unreadable(frame: Frame, error: str) -> Row:
    """The line of a frame that could not be read."""
    row = {"frame": frame.name, "verdict": UNREADABLE, "reasons": " ".join(error.splitlines())}
    return row | _files_of(frame)


def _files_of(frame: Frame) -> Row:
    return {"reference": str(frame.reference), "sample": str(frame.sample)}


def _row(frame: Frame, record: dict[str, Any]) -> Row:
    statistics = record["overall"]
    return {
        "frame": frame.name,
        "verdict": {True: "pass", False: "fail", None: "not judged"}[record["passed"]],
        "reasons": "; ".join(record["reasons"]),
        **_files_of(frame),
        **{name: statistics[name] for name in TAKEN_FROM_STATISTICS},
        **{f"share_above_{t}": share for t, share in statistics["share_above"].items()},
        "defect_count": record["defect_count"],
    }
