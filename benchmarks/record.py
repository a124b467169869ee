"""What a run of the benchmarks found, and on what: one JSON file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import msgspec

NAME = "dde"


class Machine(msgspec.Struct, frozen=True):
    processor: str
    system: str
    threads: int
    instruction_set: str  # that is used where none is named


class Measurement(msgspec.Struct, frozen=True):
    """A task on so many pixels, by us or a peer, in seconds."""

    instruction_set: str
    task: str
    type: str
    pixels: int
    threads: int
    peer: str
    least: float
    median: float
    rounds: int
    ratio: float | None = None  # how many times as long it takes as dde, in this run
    timer: Literal["clock", "processor"] = "clock"

    @property
    def rate(self) -> float:
        """Millions of pixels a second, by the least time."""
        return 1e-6 * self.pixels / self.least


class Memory(msgspec.Struct, frozen=True):
    """The most that was resident beyond images and packages, on 12 megapixels."""

    task: str
    peer: str
    megabytes: float


class Count(msgspec.Struct, frozen=True):
    """Of one pixel: instructions, and floating-point operations where they could be told apart."""

    instruction_set: str
    task: str
    type: str
    instructions: float
    operations: float | None


class Roof(msgspec.Struct, frozen=True):
    """What one thread reaches at most: GFLOP/s of multiply-adds, GB/s from cache and memory."""

    instruction_set: str
    peak: float
    cache: float
    memory: float


class Run(msgspec.Struct):
    when: str
    machine: Machine
    versions: dict[str, str]
    load: float  # of the machine, before
    seconds: float = 0  # that the run took
    quick: bool = False
    measurements: list[Measurement] = []
    memory: list[Memory] = []
    counts: list[Count] = []
    roofs: list[Roof] = []
    promises: list[list[str]] = []  # a table, with its header
    left_out: list[str] = []  # what could not be measured, and why
    format: Literal[1] = 1

    def of(self, timer: str = "clock", **wanted: object) -> Iterator[Measurement]:
        """The measurements with these values in these fields."""
        wanted["timer"] = timer
        for found in self.measurements:
            if all(getattr(found, field) == value for field, value in wanted.items()):
                yield found

    def usual(self, timer: str = "clock", **wanted: object) -> Iterator[Measurement]:
        """Those of the instruction set that is used where none is named."""
        return self.of(timer, instruction_set=self.machine.instruction_set, **wanted)


def read(path: Path) -> Run:
    """Raises OSError, or ValueError where the file is no record of a run."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Run)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} is no record of a run of the benchmarks: {error}") from None


def write(path: Path, run: Run) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(run), indent=1) + b"\n")
