"""What is measured: a row of a table, and one of its cells."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product
from types import ModuleType

import dde
import pytest

ALL_THREADS = dde.get_num_threads()
ONE_AND_ALL = sorted({1, ALL_THREADS})
ONE_TWO_AND_ALL = sorted({1, min(2, ALL_THREADS), ALL_THREADS})


@dataclass(frozen=True)
class Row:
    """A task, named as its function in the modules of the peers, on so many colours or pairs."""

    task: str
    type: str
    pixels: int
    threads: int


@dataclass(frozen=True)
class Case:
    row: Row
    peer: ModuleType

    def __str__(self) -> str:
        row = self.row
        return f"{row.task}-{row.type}-{row.pixels}-{row.threads}-{self.peer.NAME}"


def table(
    tasks: Iterable[str],
    types: Iterable[str],
    pixels: Iterable[int],
    threads: Iterable[int] = ONE_AND_ALL,
    *,
    unit: str = "M/s",
    peers_up_to: float = float("inf"),
) -> pytest.MarkDecorator:
    """Makes a table of a benchmark: a row for each task on each type, number of pixels and of
    threads, a column for each peer. `unit` is M/s (millions a second), ms or µs."""
    rows = [Row(*row) for row in product(tasks, types, pixels, threads)]
    return pytest.mark.table(rows=rows, unit=unit, peers_up_to=peers_up_to)
