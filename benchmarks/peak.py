"""The most that one core can do, on the instruction set in use: fused multiply-adds in registers,
and bytes that are read and written. Measured by two small programs in C."""

import os
import subprocess
import tempfile
from functools import cache
from math import isnan, nan
from pathlib import Path

from record import Roof

from dde import _core

FIRST_CACHE = 24 * 1024  # bytes: less than the first cache of any processor of today has
MEMORY = 768 * 1024**2  # more than the last cache of nearly all


@cache
def fma_peak() -> float:
    """GFLOP/s of one thread; NaN where there is no C compiler."""
    return _told_by("fma_peak.c")


def roof() -> Roof | None:
    """None where there is no C compiler."""
    peak = fma_peak()
    if isnan(peak):
        return None
    cache, memory = (_told_by("bandwidth.c", size) for size in (FIRST_CACHE, MEMORY))
    return Roof(_core.instruction_set, peak, cache, memory)


def _told_by(source: str, *arguments: int) -> float:
    flags = ["-O3", "-ffp-contract=fast"]
    if _core.instruction_set != "default":
        flags += [f"-march={_core.instruction_set}", "-mprefer-vector-width=512"]
    with tempfile.TemporaryDirectory() as folder:
        program = str(Path(folder, "program"))
        path = str(Path(__file__).with_name(source))
        try:
            subprocess.run(
                [os.environ.get("CC", "cc"), *flags, path, "-o", program],
                check=True,
                capture_output=True,
            )
            done = subprocess.run(
                [program, *map(str, arguments)], check=True, capture_output=True, text=True
            )
        except (OSError, subprocess.CalledProcessError):
            return nan
    return float(done.stdout)
