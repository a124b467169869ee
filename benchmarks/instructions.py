"""How many instructions a pixel takes, which does not depend on what else the machine does.

    python benchmarks/instructions.py [SET ...]

Each task is done on N and on 2N pixels, on one thread, and what the second takes more is divided by
N. valgrind's callgrind counts; where the disassembly (objdump) of x86-64 can be had, operations of
floating point are told apart: an addition, product, quotient or root is one for each lane of its
vector, a fused multiply-add two; comparisons, selections, conversions and integers are none.
valgrind has no AVX-512: there `perf stat` counts, if the processor lets it, and operations are not.
"""

import gc
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from functools import cache
from importlib import import_module
from pathlib import Path

import numpy as np
from record import Count
from tables import aligned, short

import dde
from dde import _core

Task = tuple[str, str]  # its name in peers.ours, and its type
TASKS: tuple[Task, ...] = (
    *((name, type_) for name in ("ciede2000", "cie76", "cie94", "cmc", "hyab", "xyz_to_lab",
      "lab_to_xyz", "xyz_to_oklab") for type_ in ("float32", "float64")),
    *((name, "float32") for name in ("cam16_ucs", "jzazbz", "spectra_to_lab", "itp_from_pq",
      "deep", "siamese")),
    *((name, "uint8") for name in ("srgb_to_lab", "map_ciede2000", "map_deep", "map_cie76",
      "map_display_p3", "map_camera", "inspect")),
)  # fmt: skip
PIXELS = 20_000  # N
PIXELS_OF_PERF = 500_000  # more, since it counts the start of the process as well
WORK, WORK_ONCE = "--work", "--work-once"  # what the processes that are counted are started with
MARK = "getppid"  # a function of the C library that nothing else calls; counting starts there
NO_VALGRIND = ("x86-64-v4",)

OPERATION = re.compile(
    r"v?(?P<fused>fn?m(?:add|sub|addsub|subadd)(?:132|213|231))?"
    r"(?(fused)|(?:add|sub|mul|div|sqrt|addsub|hadd|hsub))(?P<packed>[ps])(?P<type>[sd])$"
)
WIDTHS = {"x": 16, "y": 32, "z": 64}  # bytes
BYTES = {"s": 4, "d": 8}


class CannotCountError(Exception):
    """In one sentence."""


def counted(instruction_set: str) -> list[Count]:
    """Raises CannotCountError."""
    if instruction_set in NO_VALGRIND:
        return list(_by_perf(instruction_set))
    return list(_by_callgrind(instruction_set))


def _environment(instruction_set: str) -> dict[str, str]:
    return os.environ | {
        "DDE_ISA": instruction_set,
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def _by_callgrind(instruction_set: str) -> Iterator[Count]:
    if not shutil.which("valgrind"):
        raise CannotCountError(f"{instruction_set}: there is no valgrind")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *("valgrind", "--tool=callgrind", "--dump-instr=yes"),
                *("--compress-strings=no", "--compress-pos=no", f"--zero-before={MARK}"),
                *(f"--callgrind-out-file={folder}/%p", sys.executable, __file__, WORK),
            ],
            env=_environment(instruction_set),
            capture_output=True,
            text=True,
        )
        if done.returncode:
            raise CannotCountError(f"{instruction_set}: valgrind: {done.stderr.splitlines()[-1]}")
        for line in done.stdout.splitlines():
            task, type_, once, twice = line.split()
            dumps = Path(folder, twice), Path(folder, once)
            more = _costs(dumps[0])
            more.subtract(_costs(dumps[1]))
            operations = _operations(more) / PIXELS if _lanes() else None
            instructions = (_total(dumps[0]) - _total(dumps[1])) / PIXELS
            yield Count(instruction_set, task, type_, instructions, operations)


def _total(dump: Path) -> int:
    """The instructions since counting began. The costs of all places are more than that together:
    callgrind gives what was under way at that moment some of what went before."""
    with dump.open() as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith("summary:"))


def _costs(dump: Path) -> Counter[tuple[str, int]]:
    """How often each instruction was executed: by its object file, and its place in it."""
    found: Counter[tuple[str, int]] = Counter()
    file, inclusive = "", False
    with dump.open() as lines:
        for line in lines:
            if line.startswith("ob="):
                file = line[3:].strip()
            elif line.startswith("calls="):
                inclusive = True  # the next line has the cost of what was called
            elif line.startswith("0x"):
                if not inclusive:
                    place, _, cost = line.split()
                    found[file, int(place, 16)] += int(cost)
                inclusive = False
    return found


def _operations(costs: Counter[tuple[str, int]]) -> float:
    lanes = _lanes()
    return sum(
        cost * lanes.get(place, 0)
        for (file, place), cost in costs.items()
        if file == _core.__file__
    )


@cache
def _lanes() -> dict[int, int]:
    """How many floating-point operations the instruction at a place does; empty where the
    disassembly cannot be had, or is of another processor than x86-64."""
    try:
        told = subprocess.run(
            ["objdump", "-d", "--no-show-raw-insn", _core.__file__],
            check=True,
            capture_output=True,
            text=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    if "x86-64" not in told[:200]:
        return {}
    found = {}
    for line in told.splitlines():
        place, tab, text = line.partition(":\t")
        if tab and (operations := operations_of(text)):
            found[int(place, 16)] = operations
    return found


def operations_of(instruction: str) -> int:
    """Floating-point operations of an instruction in AT&T's syntax.

    >>> operations_of("vfmadd132ps 0x3c0(%rax),%ymm0,%ymm4")
    16
    >>> operations_of("sqrtsd %xmm0,%xmm1"), operations_of("vmovaps %ymm0,%ymm1")
    (1, 0)
    """
    name, _, operands = instruction.partition(" ")
    match = OPERATION.match(name)
    if not match:
        return 0
    each = 2 if match["fused"] else 1
    if match["packed"] == "s":
        return each
    width = max(WIDTHS[letter] for letter in re.findall(r"%([xyz])mm", operands))
    return each * width // BYTES[match["type"]]


def _by_perf(instruction_set: str) -> Iterator[Count]:
    for task, type_ in TASKS:
        once, twice = (
            _told_by_perf(task, type_, pixels, instruction_set)
            for pixels in (PIXELS_OF_PERF, 2 * PIXELS_OF_PERF)
        )
        yield Count(instruction_set, task, type_, (twice - once) / PIXELS_OF_PERF, None)


def _told_by_perf(task: str, type_: str, pixels: int, instruction_set: str) -> float:
    if not shutil.which("perf"):
        raise CannotCountError(f"{instruction_set}: valgrind has no AVX-512, and there is no perf")
    program = [sys.executable, __file__, WORK_ONCE, task, type_, str(pixels)]
    done = subprocess.run(
        ["perf", "stat", "-x", ",", "-e", "instructions:u", "--", *program],
        env=_environment(instruction_set),
        capture_output=True,
        text=True,
    )
    counts = [line.split(",")[0] for line in done.stderr.splitlines() if "instructions" in line]
    if done.returncode or not counts or not counts[0].isdigit():
        why = "valgrind has no AVX-512, and perf cannot count instructions here"
        raise CannotCountError(f"{instruction_set}: {why}")
    return float(counts[0])


def _work(task: str, type_: str, pixels: int) -> tuple[Callable[..., object], list[np.ndarray]]:
    from arrays import arrays_for

    return getattr(import_module("peers.ours"), task), list(arrays_for(task, type_, pixels))


def _under_callgrind() -> None:
    """Prints of each task its name, its type, and the processes that did it on N and 2N pixels."""
    dde.set_num_threads(1)
    gc.disable()
    for task, type_ in TASKS:
        function, arrays = _work(task, type_, 2 * PIXELS)
        halves = [array[: len(array) // 2] for array in arrays]
        function(*halves)  # imports all that it needs
        processes = [_forked(function, part) for part in (halves, arrays)]
        print(task, type_, *processes, flush=True)
    os._exit(0)


def _forked(function: Callable[..., object], arrays: list[np.ndarray]) -> int:
    if not (process := os.fork()):
        getattr(os, MARK)()
        function(*arrays)
        os._exit(0)
    _, status = os.waitpid(process, 0)
    if status:
        raise SystemExit(f"a process ended with {status}")
    return process


def _once(task: str, type_: str, pixels: str) -> None:
    dde.set_num_threads(1)
    function, arrays = _work(task, type_, int(pixels))
    function(*arrays)


def table(counts: list[Count]) -> list[str]:
    """A line for each task, columns for each set."""
    sets = list(dict.fromkeys(count.instruction_set for count in counts))
    found = {(count.task, count.type, count.instruction_set): count for count in counts}
    header = ["a pixel", "type", *(f"{what}, {name}" for name in sets for what in WHAT)]
    lines = [header]
    for task, type_ in dict.fromkeys((count.task, count.type) for count in counts):
        cells = [found.get((task, type_, name)) for name in sets]
        shown = [_shown(value) for c in cells for value in _values(c)]
        lines.append([task, type_, *shown])
    return aligned(lines, "<<" + ">>" * len(sets))


WHAT = ("instructions", "operations")


def _values(count: Count | None) -> tuple[float | None, float | None]:
    return (count.instructions, count.operations) if count else (None, None)


def _shown(value: float | None) -> str:
    return "–" if value is None else short(value)


def main() -> None:
    sets = sys.argv[1:] or list(_core.instruction_sets)
    counts = []
    for name in sets:
        try:
            counts += counted(name)
        except CannotCountError as error:
            print(error, file=sys.stderr)
    print("\n".join(table(counts)))


if __name__ == "__main__":
    if WORK in sys.argv:
        _under_callgrind()
    elif WORK_ONCE in sys.argv:
        _once(*sys.argv[2:])
    else:
        main()
