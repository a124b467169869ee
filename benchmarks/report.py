"""What a run found: the least time of each case, and the tables of them."""

import os
import platform
from collections.abc import Iterator
from dataclasses import dataclass, field
from math import inf, isnan, nan
from pathlib import Path
from types import ModuleType

import numpy as np
from cases import ALL_THREADS, Row

from dde import _core

SCALES = {"ms": 1e3, "µs": 1e6}
LOAD_BEFORE = os.getloadavg()[0]


@dataclass
class Results:
    """The least time of each peer on each row, over all rounds and turns, in seconds."""

    times: dict[tuple[Row, str], float] = field(default_factory=dict)

    def add(self, row: Row, peer: str, seconds: float) -> None:
        self.times[row, peer] = min(seconds, self.times.get((row, peer), inf))

    def time(self, row: Row, peer: str = "dde") -> float:
        """NaN where it was not measured."""
        return self.times.get((row, peer), nan)

    def rate(self, row: Row, peer: str = "dde") -> float:
        """Pixels a second."""
        return row.pixels / self.time(row, peer)


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


def short(value: float) -> str:
    """A number to about three digits."""
    return f"{value:.3g}" if value < 100 else f"{value:.0f}"


def aligned(lines: list[list[str]], sides: str) -> list[str]:
    """A table in Markdown. `sides` has < or > for each column: where its texts stand."""
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rule = ["-" * (w - 1) + (":" if s == ">" else "-") for s, w in zip(sides, widths, strict=True)]
    formats = [f"{side}{width}" for side, width in zip(sides, widths, strict=True)]
    return [
        "| " + " | ".join(map(format, line, formats)) + " |"
        for line in [lines[0], rule, *lines[1:]]
    ]
