"""Runs the benchmarks of bench.py on us and the peers in turns, and prints what was found."""

from collections.abc import Callable
from math import isnan
from pathlib import Path
from time import perf_counter

import memory
import numpy as np
import promises
import pytest
import record
import report
from cases import Case, Row
from peers import find_peers, has, ours
from pytest_benchmark.fixture import BenchmarkFixture

PEERS, MISSING = find_peers()
RESULTS = pytest.StashKey[report.Results]()
TABLES = pytest.StashKey[dict[str, tuple[list[Row], str]]]()  # the rows and the unit by the title

# Nearly all results of a peer lie within this of ours, in Lab units or, for XYZ, Oklab and FLIP, in
# their own. "Nearly": some peers take the wrong mean hue for a few of the pairs.
TOLERANCE = {"lab_to_xyz": 1e-3, "xyz_to_oklab": 1e-3, "map_flip": 1e-3}
USUAL_TOLERANCE = 0.05
NEARLY_ALL = 0.99
ALL_BUT_THE_PLACE = {"inspect_and_keep_map": 0.9}  # of the maximum: there are several, repeated

LONG = 0.1  # seconds; what takes longer is measured once a turn


def pytest_addoption(parser: pytest.Parser) -> None:
    options = parser.getgroup("dde")
    options.addoption("--turns", type=int, default=2, help="how often each case is measured")
    options.addoption("--largest", type=float, default=1e8, help="the most pixels to measure on")
    options.addoption("--alone", action="store_true", help="dde, and no peers")
    options.addoption("--record", type=Path, help="where to write what was found, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[RESULTS] = report.Results()
    config.stash[TABLES] = {}


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Makes the cases of a table, row by row; on each row all take turns."""
    mark = metafunc.definition.get_closest_marker("table").kwargs
    metafunc.config.stash[TABLES][metafunc.function.__doc__] = mark["rows"], mark["unit"]
    turns, largest, alone = map(metafunc.config.getoption, ("turns", "largest", "alone"))
    cases = [
        Case(row, peer)
        for row in mark["rows"]
        if row.pixels <= largest
        for _ in range(turns)
        for peer in PEERS
        if has(peer, row.task, row.type)
        if peer is ours or (row.pixels <= mark["peers_up_to"] and not alone)
    ]
    metafunc.parametrize("case", cases, ids=[str(case) for case in cases])


@pytest.fixture
def measure(
    case: Case, benchmark: BenchmarkFixture, request: pytest.FixtureRequest
) -> Callable[..., None]:
    """Measures the case on the arrays that it is given, once it is known to do the same as we."""
    results = request.config.stash[RESULTS]

    def measure(*arrays: np.ndarray) -> None:
        function = getattr(case.peer, case.row.task)
        with case.peer.threads(case.row.threads):
            seconds = results.time(case.row, case.peer.NAME)
            if isnan(seconds):
                start = perf_counter()
                found = function(*arrays)
                seconds = perf_counter() - start
                if case.peer is not ours:
                    check(case, found, *arrays)
            if seconds < LONG:
                benchmark(function, *arrays)
            else:
                benchmark.pedantic(function, arrays, rounds=1)
        results.add(case.row, case.peer.NAME, benchmark.stats.stats.data)

    return measure


def check(case: Case, found: np.ndarray, *arrays: np.ndarray) -> None:
    """Fails unless nearly all that was found agrees with ours."""
    expected = getattr(ours, case.row.task)(*arrays)
    tolerance = TOLERANCE.get(case.row.task, USUAL_TOLERANCE)
    tolerance = getattr(case.peer, "TOLERANCE", tolerance)
    share = np.mean(np.abs(found - expected) <= tolerance)
    enough = ALL_BUT_THE_PLACE.get(case.row.task, NEARLY_ALL)
    assert share >= enough, f"only {share:.1%} of the results lie within {tolerance} of ours"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    stash = terminalreporter.config.stash
    results, names = stash[RESULTS], [peer.NAME for peer in PEERS]
    lines = list(report.header(PEERS, MISSING))
    for title, (rows, unit) in stash[TABLES].items():
        if table := report.table(results, rows, unit, names):
            lines += ["", f"## {title}", "", *table]
    resident = memory.measured(results, PEERS)
    if table := memory.table(resident):
        lines += ["", "## Memory that an inspection takes, MB", "", *table]
    lines += ["", "## What is promised", "", *promises.table(results)]
    if path := terminalreporter.config.getoption("record"):
        run = report.run_of(results, PEERS)
        run.memory, run.promises = resident, promises.lines(results)
        run.left_out = [f"{name}: not installed" for name in MISSING]
        record.write(path, run)
    terminalreporter.section("dde and its peers")
    terminalreporter.write_line("\n".join(lines))
