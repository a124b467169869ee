"""The memory that a task takes on two photographs, by each peer in a process of its own."""

import re
import resource
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType

from arrays import TWELVE_MILLION, photographs
from record import NAME, Memory
from report import Results
from tables import aligned, short

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


def measured(results: Results, peers: list[ModuleType]) -> list[Memory]:
    """Of each inspection of 12 megapixels that was timed."""
    timed = sorted(
        {
            (row.task, peer)
            for row, peer in results.times
            if row.task.startswith("inspect") and row.pixels == TWELVE_MILLION
        }
    )
    modules = {peer.NAME: peer for peer in peers}
    return [Memory(task, peer, added(modules[peer], task)) for task, peer in timed]


def table(found: list[Memory]) -> list[str]:
    """A line for each task, a column for each peer that does any."""
    peers = sorted({line.peer for line in found}, key=lambda peer: (peer != NAME, peer))
    by_both = {(line.task, line.peer): short(line.megabytes) for line in found}
    body = [
        [task, *(by_both.get((task, peer), "–") for peer in peers)]
        for task in sorted({line.task for line in found})
    ]
    return aligned([["12 megapixels", *peers], *body], "<" + ">" * len(peers)) if body else []


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
