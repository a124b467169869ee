"""Many Python threads on the same arrays, kernels and caches, with the GIL or without.

Without it, in an interpreter that has none (``python3.14t``), the extension must not switch it on
again; and what is answered is what one thread alone is.
"""

import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dde
from dde.metrics.models import load_model
from dde.spaces import named, space
from dde.spectra import weights

THREADS = 8
ROUNDS = 6
HAS_NO_GIL = hasattr(sys, "_is_gil_enabled") and not sys._is_gil_enabled()
RNG = np.random.default_rng(1)
LAB = RNG.uniform([0, -80, -80], [100, 80, 80], (2, 60_000, 3)).astype(np.float32)
PHOTOS = RNG.integers(0, 256, (2, 120, 160, 3), dtype=np.uint8)
SPECTRA = RNG.random((500, 31))
WAVELENGTHS = np.arange(400, 710, 10)

WORK: dict[str, Callable[[], Any]] = {
    "a formula": lambda: dde.ciede2000(*LAB),
    "against one colour": lambda: dde.cmc(LAB[0], LAB[1][0], l=1),
    "a view": lambda: dde.lab_to_xyz(LAB[:, ::-3]),
    "a model": lambda: dde.deep_delta_e(*LAB[:, :5000]),
    "an embedding": lambda: load_model("deep").embed(LAB[0, :5000]),
    "a map": lambda: dde.delta_e_map(*PHOTOS),
    "seen from afar": lambda: dde.delta_e_map(*PHOTOS, viewing=40),
    "FLIP": lambda: dde.flip_map(*PHOTOS),
    "spaces": lambda: dde.convert(LAB[0, :5000], "Lab", "Oklab"),
    "spectra": lambda: dde.spectra_to_xyz(SPECTRA, WAVELENGTHS, illuminant="FL11"),
    "an inspection": lambda: dde.inspect(*PHOTOS, tolerances="p95 <= 2").to_dict()["overall"],
}


def in_threads(work: Callable[[int], None]) -> None:
    """Runs work(0), work(1), … at once, and raises what any of them raises."""
    start = threading.Barrier(THREADS)
    raised: list[BaseException] = []

    def run(number: int) -> None:
        start.wait()
        try:
            work(number)
        except BaseException as error:
            raised.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def equal(one: Any, other: Any) -> bool:
    return one == other if isinstance(one, dict) else np.array_equal(one, other)


@pytest.mark.parametrize("name", WORK)
def test_all_threads_do_the_same(name: str) -> None:
    expected = WORK[name]()

    def work(number: int) -> None:
        for _ in range(ROUNDS):
            with dde.num_threads(1 + number % 3):
                assert equal(WORK[name](), expected)

    in_threads(work)


def test_each_thread_does_something_else() -> None:
    expected = {name: work() for name, work in WORK.items()}
    names = list(WORK)

    def work(number: int) -> None:
        for turn in range(len(names)):
            name = names[(number + turn) % len(names)]
            assert equal(WORK[name](), expected[name]), name

    in_threads(work)


def test_caches_are_filled_by_all_at_once() -> None:
    expected = {name: work() for name, work in WORK.items()}
    for module in (named, space, weights, sys.modules["dde.metrics.models"]):
        for thing in list(vars(module).values()):
            if hasattr(thing, "cache_clear"):
                thing.cache_clear()
    in_threads(lambda number: [WORK[name]() for name in WORK] and None)
    for name, work in WORK.items():
        assert equal(work(), expected[name]), name


def test_the_limit_is_set_while_others_work() -> None:
    expected = dde.ciede2000(*LAB)

    def work(number: int) -> None:
        for turn in range(40):
            if number == 0:
                dde.set_num_threads((1, 2, 3, None)[turn % 4])
            assert 1 <= dde.get_num_threads() <= 1024
            assert turn % 10 or np.array_equal(dde.ciede2000(*LAB), expected)

    try:
        in_threads(work)
    finally:
        dde.set_num_threads(None)


def test_threads_write_to_parts_of_one_array() -> None:
    expected = dde.ciede2000(*LAB)
    out = np.full_like(expected, np.nan)
    edges = np.linspace(0, len(expected), THREADS + 1).astype(int) | 1
    edges[0], edges[-1] = 0, len(expected)

    def work(number: int) -> None:
        part = slice(edges[number], edges[number + 1])
        dde.ciede2000(LAB[0, part], LAB[1, part], out=out[part])

    in_threads(work)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.skipif(not hasattr(sys, "_is_gil_enabled"), reason="a Python with a GIL")
def test_the_gil_stays_off(fresh_python: Callable[..., str]) -> None:
    """Importing what does not say that it needs no GIL would switch it on, with a warning."""
    program = "import sys; before = sys._is_gil_enabled(); import dde; dde.cie76([50.0, 0, 0], "
    program += "[51.0, 0, 0]); print(before, sys._is_gil_enabled())"
    before, after = fresh_python(program).split()
    assert before == after
    assert after == str(not HAS_NO_GIL)
