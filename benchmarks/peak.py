"""The most that one core can do: fused multiply-adds in registers, on the set in use."""

import os
import subprocess
import tempfile
from math import nan
from pathlib import Path

from dde import _core


def fma_peak() -> float:
    """GFLOP/s of one thread; NaN where there is no C compiler."""
    flags = ["-O3", "-ffp-contract=fast"]
    if _core.instruction_set != "default":
        flags += [f"-march={_core.instruction_set}", "-mprefer-vector-width=512"]
    source = Path(__file__).with_name("fma_peak.c")
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder, "fma_peak")
        try:
            subprocess.run(
                [os.environ.get("CC", "cc"), *flags, str(source), "-o", str(program)],
                check=True,
                capture_output=True,
            )
            done = subprocess.run([str(program)], check=True, capture_output=True, text=True)
        except (OSError, subprocess.CalledProcessError):
            return nan
    return float(done.stdout)
