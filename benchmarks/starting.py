"""How long the command takes to start, and to compare two small photographs.

    python benchmarks/starting.py

Each line is a process of its own, run in turn with the others, so that a busy machine slows all of
them; the least of a line is what it takes on a quiet one. Importing NumPy is part of all that
follow it, and what its processor time is compared with. Wall time is more than that where others
work on the machine, and less where threads share the work.
"""

import os
import resource
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

RUNS = 15
EXAMPLES = Path(__file__).parents[1] / "examples"
DDE = Path(sysconfig.get_path("scripts"), "dde")
PROCESSES = {
    "python": [sys.executable, "-c", "pass"],
    "import numpy": [sys.executable, "-c", "import numpy"],
    "import dde": [sys.executable, "-c", "import dde"],
    "dde --help": [DDE, "--help"],
    "dde compare": [DDE, "compare", EXAMPLES / "reference.jpg", EXAMPLES / "sample.jpg"],
}
# Compiled modules are kept, as they are for users.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[object]) -> tuple[float, float]:
    """How long a process takes, from its start to its end, and how long processors work for it."""
    start, used = time.perf_counter(), _used()
    subprocess.run(
        [str(part) for part in command], check=True, stdout=subprocess.DEVNULL, env=ENVIRONMENT
    )
    return time.perf_counter() - start, _used() - used


def _used() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def main() -> None:
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in PROCESSES}
    for _ in range(RUNS):
        for name, command in PROCESSES.items():
            taken[name].append(seconds(command))
    least = {
        name: [min(kind) for kind in zip(*all_of_it, strict=True)]
        for name, all_of_it in taken.items()
    }
    print(f"{'least seconds':16}{'wall':>8}{'processor':>11}{'/ import numpy':>16}")
    for name, (wall, processor) in least.items():
        ratio = processor / least["import numpy"][1]
        print(f"{name:16}{wall:8.3f}{processor:11.3f}{ratio:16.2f}")


if __name__ == "__main__":
    main()
