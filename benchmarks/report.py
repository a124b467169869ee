"""What a run found: the least time of each case, and the tables of them."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from math import isnan, nan
from pathlib import Path
from statistics import median
from types import ModuleType

import numpy as np
import record
from cases import ALL_THREADS, Row
from tables import aligned, short

from dde import _core

SCALES = {"ms": 1e3, "µs": 1e6}
LOAD_BEFORE = os.getloadavg()[0]


@dataclass
class Results:
    """The times of each peer on each row, of all rounds and turns, in seconds."""

    times: dict[tuple[Row, str], list[float]] = field(default_factory=dict)

    def add(self, row: Row, peer: str, seconds: list[float]) -> None:
        self.times.setdefault((row, peer), []).extend(seconds)

    def time(self, row: Row, peer: str = "dde") -> float:
        """The least; NaN where it was not measured."""
        return min(self.times.get((row, peer), [nan]))

    def rate(self, row: Row, peer: str = "dde") -> float:
        """Pixels a second."""
        return row.pixels / self.time(row, peer)


def measurements(results: Results) -> Iterator[record.Measurement]:
    for (row, peer), seconds in results.times.items():
        least, ours = min(seconds), results.time(row)
        ratio = None if peer == record.NAME or isnan(ours) else least / ours
        yield record.Measurement(
            *(_core.instruction_set, row.task, row.type, row.pixels, row.threads, peer),
            *(least, median(seconds), len(seconds), ratio),
        )


def run_of(results: Results, peers: list[ModuleType]) -> record.Run:
    """The record of it, of times only."""
    machine = record.Machine(_cpu(), platform.platform(), ALL_THREADS, _core.instruction_set)
    versions = {peer.NAME: str(peer.VERSION) for peer in peers if peer.NAME != "yardstick"}
    versions |= {"NumPy": np.__version__, "Python": platform.python_version()}
    when = datetime.now(UTC).isoformat(timespec="seconds")
    found = list(measurements(results))
    return record.Run(when, machine, versions, LOAD_BEFORE, measurements=found)


def header(peers: list[ModuleType], missing: list[str]) -> Iterator[str]:
    """What was measured, and on what."""
    versions = [f"{peer.NAME} {peer.VERSION}" for peer in peers if peer.NAME != "yardstick"]
    yield f"Instruction set {_core.instruction_set} on {_cpu()}, {ALL_THREADS} threads at most"
    yield f"{', '.join(versions)}, NumPy {np.__version__}, Python {platform.python_version()}"
    if missing:
        yield f"Left out, not installed: {', '.join(missing)}"
    yield f"Load of the machine before the run: {LOAD_BEFORE:.1f}; it should be near 0"
    yield "In brackets: how many times as fast dde is, with as many threads"


def _cpu() -> str:
    """The name of the processor, where Linux tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.machine()
    names = (line.partition(": ")[2] for line in lines if line.startswith("model name"))
    return next(names, platform.machine())


def table(results: Results, rows: list[Row], unit: str, peers: list[str]) -> list[str]:
    """A line for each row that we were measured on, a column for each peer that was on any."""
    rows = [row for row in rows if not isnan(results.time(row))]
    if not rows:
        return []
    peers = [peer for peer in peers if any((row, peer) in results.times for row in rows)]
    body = [
        [row.task, row.type, f"{row.pixels:,}", str(row.threads)]
        + [_cell(results.time(row, peer), results.time(row), row.pixels, unit) for peer in peers]
        for row in rows
    ]
    return aligned([[unit, "type", "pixels", "threads", *peers], *body], "<<>>" + ">" * len(peers))


def _cell(seconds: float, ours: float, pixels: int, unit: str) -> str:
    if isnan(seconds):
        return "–"
    value = seconds * SCALES[unit] if unit in SCALES else 1e-6 * pixels / seconds
    return short(value) if seconds == ours else f"{short(value)} ({short(seconds / ours)}×)"
