"""The memory that a task takes on two photographs, by each peer in a process of its own."""

import re
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from arrays import photographs
from report import Results, aligned, short

UNITS_PER_MB = 1e6 if sys.platform == "darwin" else 1e3
STATUS = Path("/proc/self/status")


def most_resident() -> float:
    """The most memory of this process so far, in MB.

    Linux counts to a new process what its parent had, except in its status.
    """
    if STATUS.exists():
        return _status("VmHWM")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / UNITS_PER_MB


def _status(name: str) -> float:
    match = re.search(rf"^{name}:\s+(\d+) kB", STATUS.read_text(), re.MULTILINE)
    assert match
    return 1.024e-3 * int(match[1])


def added(peer: ModuleType, task: str) -> float:
    """The most memory while the task is done, in MB, beyond that of images and packages."""
    module = peer.__name__
    done = subprocess.run(
        [sys.executable, __file__, module, task], check=True, stdout=subprocess.PIPE, text=True
    )
    return float(done.stdout)


def table(results: Results, peers: list[ModuleType]) -> list[str]:
    """A line for each inspection that was measured, a column for each peer that does any."""
    timed = {(row.task, peer) for row, peer in results.times}
    tasks = sorted({task for task, _ in timed if task.startswith("inspect")})
    peers = [peer for peer in peers if any((task, peer.NAME) in timed for task in tasks)]
    body = [
        [task, *(short(added(p, task)) if (task, p.NAME) in timed else "–" for p in peers)]
        for task in tasks
    ]
    names = [peer.NAME for peer in peers]
    return aligned([["12 megapixels", *names], *body], "<" + ">" * len(peers)) if body else []


def _added_here(module: str, task: str) -> float:
    function = getattr(import_module(module), task)
    reference, sample = photographs()
    function(reference[:100], sample[:100])  # imports all that it needs
    before = most_resident()
    if STATUS.exists():
        Path("/proc/self/clear_refs").write_text("5")  # the most so far is what there is now
        before = most_resident()
    function(reference, sample)
    return most_resident() - before


if __name__ == "__main__":
    print(_added_here(*sys.argv[1:]))
