"""Threads change no answer, obey their limits, and get along with everything about them.

That is: other Python threads, forked, spawned and served processes, threadpoolctl, and torch, which
brings an OpenMP of its own. What could hang runs in a process of its own, with a time limit.
"""

import os
import platform
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec

import numpy as np
import pytest

import dde
from dde import _core

FreshPython = Callable[..., str]

needs_openmp = pytest.mark.skipif(not _core.openmp, reason="this build has no OpenMP")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="processes are not forked here")
needs_proc = pytest.mark.skipif(sys.platform != "linux", reason="threads are counted in /proc")
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="torch is not installed")


@pytest.fixture(autouse=True)
def default_threads() -> Iterator[None]:
    yield
    dde.set_num_threads(None)


def lab(seed: int, shape: tuple[int, ...] = (400, 500)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform([0, -80, -80], [100, 80, 80], (*shape, 3)).astype(np.float32)


def photo(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (400, 500, 3), dtype=np.uint8)


# ---- The answers --------------------------------------------------------------------------

CALLS: dict[str, Callable[[], np.ndarray]] = {
    "ciede2000": lambda: dde.ciede2000(lab(1), lab(2)),
    "cmc in float64": lambda: dde.cmc(lab(1).astype(np.float64), lab(2)),
    "against one colour": lambda: dde.ciede2000(lab(1), lab(2)[0, 0]),
    "all pairs": lambda: dde.ciede2000(lab(1, (400,))[:, None], lab(2, (401,))),
    "lab_to_xyz": lambda: dde.lab_to_xyz(lab(1)),
    "a view": lambda: dde.lab_to_xyz(lab(1)[::-2, ::3]),
    "delta_e_map": lambda: dde.delta_e_map(photo(1), photo(2)),
}


@pytest.mark.parametrize("call", CALLS.values(), ids=CALLS)
def test_the_answer_is_the_same_for_any_number_of_threads(call: Callable) -> None:
    with dde.num_threads(1):
        expected = call()
    for n in (2, 3, 7):
        with dde.num_threads(n):
            np.testing.assert_array_equal(call(), expected)


def test_concurrent_calls_from_many_python_threads() -> None:
    names = list(CALLS) * 6
    expected = {name: CALLS[name]() for name in CALLS}

    def work(position: int) -> np.ndarray:
        with dde.num_threads(1 + position % 3):
            return CALLS[names[position]]()

    with ThreadPoolExecutor(8) as pool:
        for name, answer in zip(names, pool.map(work, range(len(names))), strict=True):
            np.testing.assert_array_equal(answer, expected[name])


GIL = """
import sys, threading, time
import numpy as np
import dde

sys.setswitchinterval(1000)  # nobody is made to let go of the GIL: each does so, or does not
count, done = 0, False

def other():
    global count
    while not done:
        count += 1
        time.sleep(0)

thread = threading.Thread(target=other)
thread.start()
lab = np.random.default_rng(1).uniform(-80, 80, (2, 200_000, 3))
for attempt in range(200):  # a busy machine may not run the other thread at once
    before = count
    with dde.num_threads({threads}):
        dde.ciede2000(*lab)
    if count != before:
        print("released")
        break
done = True
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_the_gil_is_released(threads: int, fresh_python: FreshPython) -> None:
    assert fresh_python(GIL.format(threads=threads)) == "released"


# ---- The limits ---------------------------------------------------------------------------


def limit(n: int) -> int:
    """How many threads a limit of n allows here."""
    return n if _core.openmp else 1


def test_num_threads_nests_and_restores() -> None:
    default = dde.get_num_threads()
    with dde.num_threads(3):
        assert dde.get_num_threads() == limit(3)
        with dde.num_threads(1):
            assert dde.get_num_threads() == limit(1)
        assert dde.get_num_threads() == limit(3)
    assert dde.get_num_threads() == default


def test_num_threads_restores_after_an_exception() -> None:
    default = dde.get_num_threads()
    with pytest.raises(ZeroDivisionError), dde.num_threads(5):
        1 / 0  # noqa: B018
    assert dde.get_num_threads() == default


def test_num_threads_is_private_to_its_python_thread() -> None:
    default = dde.get_num_threads()
    inside, looked = threading.Event(), threading.Event()
    seen = []

    def other() -> None:
        inside.wait(30)
        seen.append(dde.get_num_threads())
        with dde.num_threads(7):
            seen.append(dde.get_num_threads())
        looked.set()

    thread = threading.Thread(target=other)
    thread.start()
    with dde.num_threads(5):
        inside.set()
        assert looked.wait(30)
        assert dde.get_num_threads() == limit(5)
    thread.join()
    assert seen == [default, limit(7)]


def test_set_num_threads_is_for_the_whole_process() -> None:
    default = dde.get_num_threads()
    seen = []
    dde.set_num_threads(4)
    thread = threading.Thread(target=lambda: seen.append(dde.get_num_threads()))
    thread.start()
    thread.join()
    assert seen == [limit(4)]
    with dde.num_threads(2):
        assert dde.get_num_threads() == limit(2)
    assert dde.get_num_threads() == limit(4)
    dde.set_num_threads(None)
    assert dde.get_num_threads() == default


def test_a_whole_number_of_numpy_will_do() -> None:
    dde.set_num_threads(np.int64(3))
    assert dde.get_num_threads() == limit(3)
    with dde.num_threads(np.uint8(2)):
        assert dde.get_num_threads() == limit(2)


THREADS_STARTED = """
import os
import numpy as np
import dde

def threads():
    return len(os.listdir("/proc/self/task"))

before = threads()
lab = np.zeros((2, {colours}, 3))
with dde.num_threads({limit}):
    dde.ciede2000(*lab)
print(threads() - before)
"""


@needs_openmp
@needs_proc
@pytest.mark.parametrize("limit", [1, 2, 4])
def test_no_more_threads_are_started_than_the_limit(limit: int, fresh_python: FreshPython) -> None:
    program = THREADS_STARTED.format(colours=500_000, limit=limit)
    assert int(fresh_python(program)) == limit - 1


@needs_proc
def test_small_arrays_start_no_threads(fresh_python: FreshPython) -> None:
    assert fresh_python(THREADS_STARTED.format(colours=1000, limit=4)) == "0"


SHOW_THREADS = "import dde; print(dde.get_num_threads())"


@needs_openmp
def test_omp_num_threads(fresh_python: FreshPython) -> None:
    assert fresh_python(SHOW_THREADS, OMP_NUM_THREADS="3") == "3"


@needs_openmp
def test_omp_num_threads_is_bounded(fresh_python: FreshPython) -> None:
    """With a thousand million, LLVM's OpenMP ends the process itself."""
    assert fresh_python(SHOW_THREADS, OMP_NUM_THREADS="30000") == "1024"


@needs_openmp
@needs_proc
def test_one_thread_where_the_process_may_use_one_cpu(fresh_python: FreshPython) -> None:
    # Unset, not empty, of which LLVM's OpenMP makes an assertion that fails.
    pin = "import os; os.environ.pop('OMP_NUM_THREADS', None)\n"
    pin += "os.sched_setaffinity(0, [min(os.sched_getaffinity(0))])\n"
    assert fresh_python(pin + SHOW_THREADS) == "1"


@needs_openmp
@pytest.mark.skipif(sys.platform == "win32", reason="OpenMP is a part of the module there")
def test_threadpoolctl() -> None:
    threadpoolctl = pytest.importorskip("threadpoolctl")
    default = dde.get_num_threads()
    with threadpoolctl.threadpool_limits(3):
        assert dde.get_num_threads() == 3
        with threadpoolctl.threadpool_limits(1, user_api="openmp"):
            assert dde.get_num_threads() == 1
    assert dde.get_num_threads() == default


def test_a_build_without_openmp_has_one_thread_whatever_it_is_told() -> None:
    with dde.num_threads(3):
        assert dde.get_num_threads() == (3 if _core.openmp else 1)


# ---- Where no more threads can be started -------------------------------------------------

# Threads get a stack of a gigabyte, and the process room for so many of them.
SCARCE = """
import ctypes, mmap, os, resource, sys
import numpy as np
import dde

rng = np.random.default_rng(1)
lab = rng.uniform(-80, 80, (2, 600_000, 3))
photos = rng.integers(0, 255, (2, 900, 1000, 3), dtype=np.uint8)

def work():
    return {call}

def threads():
    return len(os.listdir("/proc/self/task"))

with dde.num_threads(1):
    expected = work()
before = threads()
libc, attributes = ctypes.CDLL(None), ctypes.create_string_buffer(256)
assert libc.pthread_attr_init(attributes) == 0
assert libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(1 << 30)) == 0
assert libc.pthread_setattr_default_np(attributes) == 0
mapped = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
most = mapped + {possible} * (1 << 30) + (1 << 29)
resource.setrlimit(resource.RLIMIT_AS, (most, most))
try:
    mmap.mmap(-1, most)
except OSError:
    pass
else:
    sys.exit(print("no limit"))
with dde.num_threads(64):
    for _ in range(5):
        np.testing.assert_array_equal(work(), expected)
    assert dde.get_num_threads() == 64
print(threads() - before, "libgomp" in open("/proc/self/maps").read())
"""


@needs_openmp
@pytest.mark.skipif(
    platform.libc_ver()[0] != "glibc", reason="the default stack of threads cannot be set"
)
@pytest.mark.parametrize("possible", [0, 3])
@pytest.mark.parametrize(
    "call",
    [
        "dde.ciede2000(*lab)",
        "dde.delta_e_map(*photos)",
        "dde.inspect(*photos).overall.mean",
        "dde.flip_map(*photos)",
        "dde.sliced_wasserstein(*photos[:, :200, :200]).distances",
    ],
)
def test_no_more_threads_than_can_be_started(
    call: str, possible: int, fresh_python: FreshPython
) -> None:
    """libgomp would end the process, with the exit status 1."""
    told = fresh_python(SCARCE.format(call=call, possible=possible))
    if told == "no limit":
        pytest.skip("this system, such as qemu, keeps no limit of memory")
    started, by_libgomp = told.split()
    assert (int(started) > 0) == (possible > 0)
    # LLVM's threads have smaller stacks than those that are tried, and leave room for more.
    assert int(started) <= possible or by_libgomp == "False"


# ---- Other processes ----------------------------------------------------------------------

POOL = """
import multiprocessing

import numpy as np

import dde

lab1, lab2 = np.random.default_rng(1).uniform(-80, 80, (2, 100_000, 3))

def work(task):
    with dde.num_threads(1 + task % 3):
        answer = dde.ciede2000(lab1, lab2)
    return dde.get_num_threads(), answer

if __name__ == "__main__":
    dde.set_num_threads(3)
    expected = dde.ciede2000(lab1, lab2)
    with multiprocessing.get_context({method!r}).Pool(2) as pool:
        for threads, answer in pool.map(work, range(6)):
            np.testing.assert_array_equal(answer, expected)
    np.testing.assert_array_equal(dde.ciede2000(lab1, lab2), expected)
    print(threads, dde.get_num_threads())
"""


@pytest.mark.parametrize(
    "method",
    [*(pytest.param(name, marks=needs_fork) for name in ("fork", "forkserver")), "spawn"],
)
def test_multiprocessing_after_use(method: str, fresh_python: FreshPython) -> None:
    in_child, in_parent = fresh_python(POOL.format(method=method), OMP_NUM_THREADS="2").split()
    assert in_parent == str(limit(3))
    if method == "fork":
        assert in_child == "1"
    elif _core.openmp:
        assert in_child == "2"


FORK_OF_A_FORK = """
import os
import numpy as np
import dde

lab = np.random.default_rng(1).uniform(-80, 80, (2, 100_000, 3))
expected = dde.ciede2000(*lab)

def in_child(work):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0 if np.array_equal(dde.ciede2000(*lab), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0

in_child(lambda: in_child(lambda: None))
print("done")
"""


@needs_fork
def test_a_fork_of_a_fork(fresh_python: FreshPython) -> None:
    assert fresh_python(FORK_OF_A_FORK) == "done"


FORK_DURING_CALLS = """
import os, threading
import numpy as np
import dde

lab = np.random.default_rng(1).uniform(-80, 80, (2, 100_000, 3))
expected = dde.ciede2000(*lab)
done = False

def keep_calling():
    while not done:
        dde.ciede2000(*lab)

callers = [threading.Thread(target=keep_calling) for _ in range(2)]
for caller in callers:
    caller.start()
for _ in range(10):
    child = os.fork()
    if child == 0:
        os._exit(0 if np.array_equal(dde.ciede2000(*lab), expected) else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
done = True
for caller in callers:
    caller.join()
print("done")
"""


@needs_fork
def test_fork_while_other_threads_call(fresh_python: FreshPython) -> None:
    assert fresh_python(FORK_DURING_CALLS) == "done"


# ---- torch in the same process ------------------------------------------------------------

TORCH = """
import multiprocessing
{imports}
import numpy as np

lab = np.random.default_rng(1).uniform(-80, 80, (2, 100_000, 3))

def use_both():
    square = torch.ones(500, 500)
    assert (square @ square)[0, 0] == 500
    return dde.ciede2000(*lab)

def use_dde(_):
    return dde.ciede2000(*lab)

if __name__ == "__main__":
    dde.set_num_threads(2)
    torch.set_num_threads(2)
    expected = use_both()
    for _ in range(20):
        np.testing.assert_array_equal(use_both(), expected)
    for method in ("fork", "spawn"):
        with multiprocessing.get_context(method).Pool(2) as pool:
            for answer in pool.map(use_dde, range(4)):
                np.testing.assert_array_equal(answer, expected)
    np.testing.assert_array_equal(use_both(), expected)
    print("done")
"""


@needs_torch
@pytest.mark.parametrize(
    "imports",
    ["import dde\nimport torch", "import torch\nimport dde"],
    ids=["dde first", "torch first"],
)
def test_torch_in_the_same_process(imports: str, fresh_python: FreshPython) -> None:
    assert fresh_python(TORCH.format(imports=imports)) == "done"
