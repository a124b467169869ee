"""The door between Python and C stands up to whatever its callers pass, from any thread.

What could end the interpreter, or hang, runs in a process of its own.
"""

import sys
import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import dde
from dde import _core
from dde.inspection.tally import Tally
from dde.metrics.table import kernel_of

FreshPython = Callable[..., str]

# ---- What is refused ----------------------------------------------------------------------

PREPARED = """
import sys
import numpy as np
from dde import _core

lab = np.zeros((4, 5, 3), np.float32)
kernel = _core.FormulaKernel("cie76")
hych = _core.FormulaKernel("hych", kL=1, kC=1, kH=1)
rows = _core.ComponentsKernel(kernel)
white, matrix = np.ones(3), np.ones(9)
Way = _core.Way
way, coded = Way([]), Way([("srgb_decode", ()), ("linear_to_lab", matrix)], True)
weights = np.ones((5, 3))
class Own(_core.DifferenceKernel): pass

def packed(outputs, inputs):
    blocks = -(-outputs // _core.packed_outputs)
    n = _core.packed_outputs
    return [np.zeros((blocks, inputs, n)), np.zeros((blocks, n))]

def network(name="deep", hidden=8, units=4, layers=None, constants=[1.0]):
    shapes = layers or [(hidden, 3), (hidden, hidden), (units, hidden + 3)]
    return _core.NetworkKernel(name, [packed(*shape) for shape in shapes], constants, hidden, units)

def tally(kernel=kernel, image=lab, compared=way, ways=(way, way), labels=None,
          thresholds=np.array([1.0]), out=None, regions=1, **changed):
    known = dict(histogram=np.zeros((regions, _core.bins), np.int64),
                 counts=np.zeros((regions, 3), np.int64), sums=np.zeros((regions, 5)),
                 peaks=np.zeros(regions), places=np.zeros(regions, np.int64)) | changed
    _core.tally(kernel, compared, image, image, ways, labels, thresholds, 0, False, out,
                *known.values())

network(), tally(), tally(labels=np.ones((4, 5), np.uint8))  # as they are meant
"""
MISUSES = """
_core.difference(None, lab, lab, None)
_core.difference(_core.DifferenceKernel(), lab, lab, None)
_core.difference(Own(), lab, lab, None)
_core.difference_of_images(None, lab, lab, way, False, False, None)
_core.difference_of_images(kernel, lab, lab, None, False, False, None)
_core.difference_gradient(None, lab, lab, lab[..., 0], None, None)
_core.difference_gradient(kernel, None, lab, lab[..., 0], None, None)
_core.difference_gradient(kernel, lab, lab, None, None, None)
_core.difference_gradient(kernel, lab[:3], lab, lab[..., 0], None, None)
_core.difference_gradient(kernel, lab[..., :2], lab, lab[..., 0], None, None)
_core.difference_gradient(kernel, lab.astype(float), lab, lab[..., 0], None, None)
_core.difference_gradient(kernel, lab, lab, lab[..., 0].astype(int), None, None)
_core.difference_gradient(kernel, lab, lab, lab[..., 0], lab[:3], None)
_core.difference_gradient(kernel, lab, lab, lab[..., 0], None, np.broadcast_to(lab[0], lab.shape))
_core.difference_gradient(hych, lab, lab, lab[..., 0], lab.copy(), None)
_core.conversion_gradient("none", lab, white, lab, lab.copy())
_core.conversion_gradient("xyz_to_lab", lab, matrix, lab, lab.copy())
_core.conversion_gradient("xyz_to_lab", lab, white, lab[:3], lab.copy())
_core.conversion_gradient("xyz_to_lab", lab, white, lab, None)
_core.conversion_gradient("xyz_to_lab", lab[..., 0], white, lab[..., 0], lab[..., 0])
_core.difference(kernel, lab, lab, None, 3)
_core.difference(kernel, lab, lab, None, way, None)
_core.FormulaKernel.__new__(_core.FormulaKernel)
_core.NetworkKernel.__new__(_core.NetworkKernel)
_core.FormulaKernel(None)
_core.FormulaKernel("deep")
_core.FormulaKernel("ciede2000")
_core.FormulaKernel("ciede2000", a=1, b=1, c=1, d=1, e=1, f=1)
_core.FormulaKernel("cie76", kL=1)
_core.ComponentsKernel(None)
_core.ComponentsKernel(hych)
_core.ComponentsKernel.__new__(_core.ComponentsKernel)
_core.difference(rows, lab, lab, lab[..., 0].copy())
_core.difference_of_images(rows, lab, lab, way, False, False, None)
_core.difference_gradient(rows, lab, lab, lab[..., 0], None, None)
_core.map_of_pictures(rows, _core.FilterBank(), lab, lab, (way, way), 0, 0, False, False, None)
Way(None)
Way([("linear", np.ones(1))])
Way([("xyz_to_lab", None)])
Way([("xyz_to_hsv", white)])
Way([(None, white)])
Way([("polar", ())] * (_core.most_steps + 1))
_core.convert(None, lab, "xyz", None)
_core.convert(way, lab, None, None)
_core.convert(way, np.uint8(lab), "xyz", None)
_core.convert_spectra(np.ones((2, 4)), weights, way, None)
_core.convert_spectra(np.ones((2, 5)), weights, None, None)
_core.convert_spectra(np.ones((2, 5)), np.ones((5, 2)), way, None)
_core.convert_spectra(np.ones((2, 5)), None, way, None)
_core.convert_spectra(np.ones((2, 5), int), weights, way, None)
_core.convert_spectra(np.float64(1), weights, way, None)
network(hidden=1000)
network(hidden=0)
network(hidden=-1)
network(units=_core.most_units + 1)
network("siamese", 8, 4, [(8, 3), (4, 8), (8, 4), (1, 8)])
network(layers=[(8, 3)] * 9)
network(layers=[(8, 3), (8, 8), (4, 8)])
network(constants=[1.0] * 9)
_core.NetworkKernel("deep", [None] * 3, [], 8, 4)
tally(kernel=None)
tally(kernel=Own())
tally(kernel=rows)
tally(compared=None)
tally(ways=(way,))
tally(ways=(way, way, way))
tally(ways=(way, None))
tally(ways=(way, "Lab"))
tally(ways=None)
tally(labels=np.ones((4, 4), np.uint8))
tally(labels=np.ones(20, np.uint8))
tally(labels=np.ones((4, 5, 1), np.uint8))
tally(labels=np.ones((4, 5), np.int32))
tally(labels=np.full((4, 5), 2, np.uint8))
tally(labels=[[1] * 5] * 4)
tally(out=np.empty((4, 4), np.float32))
tally(out=np.empty((4, 5)))
tally(out=np.empty(81, np.uint8)[1:].view(np.float32).reshape(4, 5))
tally(thresholds=None)
tally(thresholds=np.ones(2))
tally(histogram=np.zeros((1, 8), np.int64))
tally(histogram=None)
tally(histogram=np.zeros((1, _core.bins)))
tally(counts=np.zeros((1, 2), np.int64))
tally(counts=None)
tally(sums=np.zeros((1, 4)))
tally(peaks=np.zeros(2))
tally(peaks=np.zeros(0))
tally(places=np.zeros(0, np.int64))
tally(regions=0)
tally(regions=256)
"""


def test_what_no_caller_should_pass_is_refused(fresh_python: FreshPython) -> None:
    program = PREPARED + "for misuse in " + repr(MISUSES.strip().splitlines()) + ":\n"
    program += "    print(misuse, flush=True)\n"
    program += "    try: eval(misuse)\n"
    program += "    except (ValueError, TypeError) as error: assert str(error)\n"
    program += "    else: sys.exit('it was accepted')\n"
    assert fresh_python(program).endswith("tally(regions=256)")


def test_a_difference_below_0_is_counted_in_the_first_bin() -> None:
    """No difference is negative; a kernel that gave one would still write to its own memory."""
    packed = [np.zeros((2, 3, 4)), np.zeros((2, 4))], [np.zeros((2, 8, 4)), np.zeros((2, 4))]
    last = [np.ones((1, 11, 4)), np.zeros((1, 4))]
    negative = _core.NetworkKernel("deep", [*packed, last], [-5.0], 8, 4)
    lab = np.random.default_rng(0).uniform(-50, 50, (2, 7, 9, 3)).astype(np.float32)
    around = np.zeros((3, _core.bins), np.int64)
    tally = Tally(1, [], 9)
    tally.histogram = around[1:2]
    tally.add(negative, *lab)
    assert around[1, 0] == around.sum() == 63


# ---- Little stack -------------------------------------------------------------------------

SMALL_STACK = """
import threading
import numpy as np
import dde
from dde import _core
from dde.inspection.tally import Tally
from dde.metrics.table import OF_COLOURS, kernel_of
from dde.spaces.named import NAMES

def work():
    rng = np.random.default_rng(0)
    for real in (np.float32, np.float64):
        lab = rng.uniform(0, 50, (2, 10, 30, 3)).astype(real)
        for name in ("deep", "siamese"):
            model = dde.load_model(name)
            model(*lab), model(lab[0], lab[1, 0, 0]), model.embed(lab)
            if name == "deep":
                by = np.empty_like(lab)
                _core.difference_gradient(model.kernel, *lab, np.ones((10, 30), real), *by)
            labels = rng.integers(0, 3, (10, 30)).astype(np.uint8)
            Tally(2, [1.0], 30).add(kernel_of(name, {}), *lab, labels=labels)
    image = rng.integers(0, 256, (10, 30, 3), np.uint8)
    dde.delta_e_map(image, image[::-1], "siamese")
    dde.delta_e_map(image, image[::-1], viewing=40, shift=1)
    dde.flip_map(image, image[::-1])
    large = rng.integers(0, 256, (64, 80, 3), np.uint8)
    dde.sliced_wasserstein(large, large[::-1])
    dde.spectra_to_xyz(rng.random((30, 31)), np.arange(400, 710, 10))
    for name in OF_COLOURS:
        dde.delta_e(*lab, name)
    for name in NAMES:
        dde.convert(dde.convert(lab[0], "Lab", name), name, "Lab")
    print("done")

dde.load_model("deep"), dde.load_model("siamese")
dde.set_num_threads(1)
threading.stack_size(128 * 1024)
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""


def test_a_stack_of_128_kilobytes_is_enough(fresh_python: FreshPython) -> None:
    assert fresh_python(SMALL_STACK) == "done"


# ---- Little memory ------------------------------------------------------------------------


def tally_of_254_regions(threads: int) -> tuple[Tally, int]:
    """Of random regions, and how many bytes were allocated on the way."""
    rng = np.random.default_rng(3)
    lab = rng.uniform([0, -60, -60], [100, 60, 60], (2, 600, 500, 3)).astype(np.float32)
    labels = rng.integers(0, 255, (600, 500)).astype(np.uint8)
    tally = Tally(254, [1.0, 5.0], 500)
    kernel = kernel_of("deep", {})
    with dde.num_threads(threads):
        tracemalloc.start()
        tally.add(kernel, *lab, labels=labels)
        tally.add(kernel, *lab[::-1], labels=labels)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return tally, peak


@pytest.mark.parametrize("threads", [2, 7, 64])
def test_many_regions_and_threads_take_little_memory_and_change_no_bit(threads: int) -> None:
    alone, _ = tally_of_254_regions(1)
    together, peak = tally_of_254_regions(threads)
    assert peak < 16e6  # a histogram for each of 64 threads would be 4.3 GB
    for name in ("histogram", "_counts", "_sums", "_peaks", "_places"):
        np.testing.assert_array_equal(getattr(together, name), getattr(alone, name), name)


@pytest.mark.parametrize("threads", [2, 7])
def test_histograms_of_several_threads_are_added_up(threads: int) -> None:
    lab = np.random.default_rng(3).uniform(0, 50, (2, 1000, 1500, 3)).astype(np.float32)
    tallies = []
    for n in (1, threads):
        tally = Tally(1, [], 1500)
        with dde.num_threads(n):
            tally.add(kernel_of("CIE76", {}), *lab)
        tallies.append(tally)
    assert tallies[0].histogram.sum() == 1_500_000
    np.testing.assert_array_equal(tallies[0].histogram, tallies[1].histogram)
    np.testing.assert_array_equal(tallies[0]._sums, tallies[1]._sums)


# ---- Ctrl-C -------------------------------------------------------------------------------

INTERRUPTED = """
import os, signal, tempfile, threading
import numpy as np
import dde
from dde.inspection.tally import Tally
from dde.metrics.table import kernel_of

SIDE = 100_000
def repeated(array, *shape):
    strides = [0] * (len(shape) - array.ndim) + list(array.strides)
    return np.lib.stride_tricks.as_strided(array, shape, strides)

def room(*shape):  # as much as anybody asks for: a file of holes
    return np.memmap(tempfile.TemporaryFile(), np.float32, "w+", shape=shape)

lab = repeated(np.float32([50, 10, 5]), SIDE, SIDE, 3)
image = repeated(np.uint8([50, 10, 5]), SIDE, SIDE, 3)
siamese, ciede2000 = dde.load_model("siamese"), kernel_of("CIEDE2000", {})
calls = {
    "differences": lambda: dde.ciede2000(lab, lab, out=room(SIDE, SIDE)),
    "a model": lambda: siamese(lab, lab, out=room(SIDE, SIDE)),
    "a conversion": lambda: dde.lab_to_xyz(lab, out=room(SIDE, SIDE, 3)),
    "a map": lambda: dde.delta_e_map(image, image, out=room(SIDE, SIDE)),
    "a tally": lambda: Tally(1, [1.0], SIDE).add(ciede2000, lab, lab),
}
for threads in (1, 2):
    dde.set_num_threads(threads)
    for name, call in calls.items():
        print(name, flush=True)
        timer = threading.Timer(0.3, os.kill, [os.getpid(), signal.SIGINT])
        timer.start()
        try:
            call()
        except KeyboardInterrupt:
            timer.join()
        else:
            raise SystemExit("it came to its end")
print("done")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="files have no holes there unless asked")
def test_ctrl_c_ends_a_long_kernel(fresh_python: FreshPython) -> None:
    """Each of them would take many seconds."""
    assert fresh_python(INTERRUPTED, timeout=120).endswith("done")


# ---- Axes of one step ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "shape", [(600, 1), (1, 600), (1, 600, 1), (20, 1, 30), (20, 1, 1, 30, 1), (1, 1), (0, 1)]
)
def test_axes_of_one_step_change_nothing(shape: tuple[int, ...], rng: np.random.Generator) -> None:
    size = int(np.prod(shape))
    lab = rng.uniform(0, 50, (2, size, 3))
    first, second = lab.reshape(2, *shape, 3)
    np.testing.assert_array_equal(dde.ciede2000(first, second), dde.ciede2000(*lab).reshape(shape))
    np.testing.assert_array_equal(
        dde.lab_to_xyz(first), dde.lab_to_xyz(lab[0]).reshape(first.shape)
    )
    turned: Any = first[::-1, ..., ::-1]
    expected = dde.ciede2000(turned.copy(), second)
    np.testing.assert_array_equal(dde.ciede2000(turned, second), expected)
