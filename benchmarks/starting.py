"""How long the command takes to start, and to compare two small photographs.

    python benchmarks/starting.py

Each line is a process of its own, run in turn with the others, so that a busy machine slows all of
them; the least of a line is what it takes on a quiet one. Importing NumPy is part of all that
follow it.
"""

import subprocess
import sys
import time
from pathlib import Path
from statistics import median

RUNS = 15
EXAMPLES = Path(__file__).parents[1] / "examples"
PROCESSES = {
    "python": ["-c", "pass"],
    "import numpy": ["-c", "import numpy"],
    "import dde": ["-c", "import dde"],
    "dde --help": ["-m", "dde", "--help"],
    "dde compare": ["-m", "dde", "compare", EXAMPLES / "reference.jpg", EXAMPLES / "sample.jpg"],
}


def seconds(arguments: list[object]) -> float:
    """How long a process takes, from its start to its end."""
    start = time.perf_counter()
    command = [sys.executable, *map(str, arguments)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    taken: dict[str, list[float]] = {name: [] for name in PROCESSES}
    for _ in range(RUNS):
        for name, arguments in PROCESSES.items():
            taken[name].append(seconds(arguments))
    print(f"{'seconds':14}{'least':>8}{'median':>8}")
    for name, all_of_it in taken.items():
        print(f"{name:14}{min(all_of_it):8.3f}{median(all_of_it):8.3f}")


if __name__ == "__main__":
    main()
