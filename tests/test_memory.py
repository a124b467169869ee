"""A map allocates its result, and no more than a few hundred kilobytes besides."""

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dde

A_FEW_HUNDRED_KILOBYTES = 300_000
SHAPE = (1500, 2000, 3)  # a map of 12 MB


def frame(dtype: type) -> np.ndarray:
    rng = np.random.default_rng(1)
    if np.dtype(dtype).kind == "u":
        return rng.integers(0, np.iinfo(dtype).max, SHAPE, dtype=dtype)
    return rng.uniform(size=SHAPE).astype(dtype)


def allocated(function: Callable, *arguments: Any, **named: Any) -> int:
    """The most bytes that Python and NumPy held at a time during the call, the result included."""
    function(*arguments, **named)
    tracemalloc.start()
    try:
        function(*arguments, **named)
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
@pytest.mark.parametrize("order", ["RGB", "BGR"])
def test_a_map_allocates_its_result_alone(dtype: type, order: str) -> None:
    photo = frame(dtype)
    other = photo[::-1, ::-1]
    result = SHAPE[0] * SHAPE[1] * 4
    besides = allocated(dde.delta_e_map, photo, other, order=order) - result
    assert 0 <= besides < A_FEW_HUNDRED_KILOBYTES
    colour = photo[0, 0]
    besides = allocated(dde.delta_e_map, photo, colour, order=order) - result
    assert 0 <= besides < A_FEW_HUNDRED_KILOBYTES


def test_a_map_into_out_allocates_nothing() -> None:
    photo = frame(np.uint8)
    out = np.empty(SHAPE[:2], np.float32)
    assert allocated(dde.delta_e_map, photo, photo[::-1], out=out) < A_FEW_HUNDRED_KILOBYTES


def test_views_are_not_copied() -> None:
    lab = frame(np.float32)
    result = SHAPE[0] * SHAPE[1] * 4
    planar = np.moveaxis(np.moveaxis(lab, -1, 0).copy(), 0, -1)
    for view in (planar, lab[::-1], lab[..., ::-1]):
        assert allocated(dde.ciede2000, view, lab) - result < A_FEW_HUNDRED_KILOBYTES
        assert allocated(dde.xyz_to_lab, view) - 3 * result < A_FEW_HUNDRED_KILOBYTES


RESIDENT_SIZE = """
import numpy as np

import dde

def peak_kilobytes():
    [line] = [line for line in open("/proc/self/status") if line.startswith("VmHWM:")]
    return int(line.split()[1])

photo = np.random.default_rng(1).integers(0, 255, {shape}, dtype=np.uint8)
other = photo[::-1, ::-1]
out = np.ones({shape}[:2], np.float32)
dde.delta_e_map(photo[:200, :200], other[:200, :200])  # starts the threads
with open("/proc/self/clear_refs", "w") as command:
    command.write("5")  # forgets the peak so far
before = peak_kilobytes()
dde.delta_e_map(photo, other, out=out)
print(1024 * (peak_kilobytes() - before))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="resident size is read from /proc")
def test_the_kernels_allocate_next_to_nothing(fresh_python: Callable[..., str]) -> None:
    grown = int(fresh_python(RESIDENT_SIZE.format(shape=SHAPE)))
    assert grown < A_FEW_HUNDRED_KILOBYTES
