"""What is measured: the rows of a table, and its cells, one for each peer."""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import chain, product
from math import inf
from types import ModuleType

import pytest

import dde

ALL_THREADS = dde.get_num_threads()
ONE_AND_ALL = sorted({1, ALL_THREADS})
ONE_TWO_AND_ALL = sorted({1, min(2, ALL_THREADS), ALL_THREADS})
POWERS_OF_TWO = sorted({*(2**k for k in range(ALL_THREADS.bit_length())), ALL_THREADS})


@dataclass(frozen=True)
class Row:
    """A task, by the name of its function in the modules of the peers, on so many pixels."""

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


def rows(
    tasks: Iterable[str],
    types: Iterable[str],
    pixels: Iterable[int],
    threads: Iterable[int] = ONE_AND_ALL,
) -> list[Row]:
    return [Row(*row) for row in product(tasks, types, pixels, threads)]


def table(*groups: list[Row], unit: str = "M/s", peers_up_to: float = inf) -> pytest.MarkDecorator:
    """Makes a benchmark a table of these rows. `unit` is M/s (millions a second), ms or µs; on more
    than `peers_up_to` pixels the peers are left out."""
    return pytest.mark.table(rows=list(chain(*groups)), unit=unit, peers_up_to=peers_up_to)
