"""What comparisons of pictures cost beside the plain map and their peers, in one run.

    python benchmarks/pictures.py [--megapixels 12] [--turns 3]

On one thread and on all: each promise with what was measured and its limit. Times are of
processors, the least of several turns, since other processes take less part in them than in those
of a clock; flip-evaluator is timed once, in a process of its own that may use as many threads. A
promise that was not kept fails nothing.

Then the memory that a call takes beyond images and result, of a quarter of each image and of all.
"""

import argparse
import os
import subprocess
import sys
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from arrays import EXAMPLES, photographs
from PIL import Image

import dde

EVALUATOR = """
import sys, time
import flip_evaluator, numpy as np
from arrays import photographs
pair = [np.ascontiguousarray(image[:int(sys.argv[1])], np.float32) / 255 for image in photographs()]
start = time.process_time()
flip_evaluator.evaluate(*pair, "LDR", applyMagma=False)
print(time.process_time() - start)
"""
MAPS: dict[str, dict[str, Any]] = {
    "viewing=40": {"viewing": 40},
    "shift=1": {"shift": 1},
    "edges=0.5": {"edges": 0.5},
    "FLIP": {"metric": "FLIP"},
}


def least(call: Callable[[], object], turns: int) -> float:
    """Seconds of processor time."""
    times = []
    for _ in range(turns):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def line(what: str, seconds: float, ratio: str = "", promised: str = "", kept: bool = True) -> None:
    verdict = f"{promised}: {'kept' if kept else 'not kept'}" if promised else ""
    print(f"  {what:34} {1e3 * seconds:8.0f} ms  {ratio:24} {verdict}", flush=True)


def against(what: str, seconds: float, other: float, name: str, most: float | None = None) -> None:
    """How many times as long as something else it takes, at most as many as are promised."""
    promised = f"at most {most}" if most else ""
    line(
        what, seconds, f"{seconds / other:.2f} x {name}", promised, seconds <= (most or 1e9) * other
    )


def faster(what: str, seconds: float, other: float, name: str, at_least: float) -> None:
    ratio, kept = f"{other / seconds:.1f} x as fast", other >= at_least * seconds
    line(name, other)
    line(what, seconds, ratio, f"at least {at_least}", kept)


def maps(reference: np.ndarray, sample: np.ndarray, turns: int) -> float:
    """Prints the maps; the time of FLIP's."""
    out = np.empty(reference.shape[:2], np.float32)
    plain = least(lambda: dde.delta_e_map(reference, sample, out=out), turns)
    line("the plain map, CIEDE2000", plain)
    limits = {"viewing=40": 4.0, "shift=1": 6.0}
    for name, arguments in MAPS.items():
        call = partial(dde.delta_e_map, reference, sample, out=out, **arguments)
        taken = least(call, turns)
        against(name, taken, plain, "plain", limits.get(name))
    return taken


def flip(seconds: float, rows: int, threads: int) -> None:
    told = subprocess.run(
        [sys.executable, "-c", EVALUATOR, str(rows)],
        env=os.environ | {"OMP_NUM_THREADS": str(threads)},
        cwd=os.path.dirname(__file__) or ".",
        capture_output=True,
        text=True,
    )
    if told.returncode:
        print(f"  flip-evaluator is left out: {told.stderr.strip().splitlines()[-1]}")
    else:
        faster("FLIP", seconds, float(told.stdout), "flip-evaluator", 15)


def sliced(reference: np.ndarray, sample: np.ndarray, threads: int, turns: int) -> None:
    try:
        import torch
        from peers.torch_sliced import sliced_wasserstein
    except ModuleNotFoundError:
        print("  MS-SWD in torch is left out: torch is not installed")
        return
    torch.set_num_threads(threads)
    directions = dde.sliced_wasserstein(reference, sample).directions
    taken = least(lambda: dde.sliced_wasserstein(reference, sample), turns)
    other = least(lambda: sliced_wasserstein(reference, sample, directions), min(turns, 2))
    faster("sliced_wasserstein", taken, other, "MS-SWD in torch", 5)


def registering(rows: int, threads: int, turns: int) -> None:
    import cv2

    cv2.setNumThreads(threads)
    how = Image.Resampling.BICUBIC  # the photographs of the maps repeat themselves
    still = np.asarray(Image.open(EXAMPLES / "reference.jpg").resize((4000, rows), how))
    frame = np.roll(still, (7, -9), axis=(0, 1))
    taken = least(lambda: dde.register(frame, still, motion="affine"), turns)
    line("register, affine", taken, "", "at most 1 s", taken <= 1)


def inspections(
    learned: dde.Reference, reference: np.ndarray, sample: np.ndarray, turns: int
) -> None:
    alone = least(lambda: dde.inspect(reference, sample), turns)
    line("inspect", alone)
    against("with a learned reference", least(lambda: dde.inspect(learned, sample), turns), alone,
            "inspect", 1.5)  # fmt: skip


def memory(reference: np.ndarray, sample: np.ndarray) -> None:
    print("\nMegabytes beyond images and result, of a quarter of each image and of all:")
    out = np.empty(reference.shape[:2], np.float32)

    def most(call: Callable[..., object], parts: int, **arguments: Any) -> float:
        part = tuple(slice(side // parts) for side in out.shape)
        if call is dde.delta_e_map:
            arguments["out"] = out[part]
        tracemalloc.start()
        call(reference[part], sample[part], **arguments)
        held = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return held / 1e6

    calls: dict[str, tuple[Callable[..., object], dict[str, Any]]] = {
        **{name: (dde.delta_e_map, arguments) for name, arguments in MAPS.items()},
        "sliced_wasserstein": (dde.sliced_wasserstein, {}),
    }
    for name, (call, arguments) in calls.items():
        held = [most(call, parts, **arguments) for parts in (2, 1)]
        print(f"  {name:34} {held[0]:8.1f} {held[1]:8.1f}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--turns", type=int, default=3)
    options = parser.parse_args()
    rows = int(3000 * options.megapixels / 12)
    reference, sample = (np.ascontiguousarray(image[:rows]) for image in photographs())
    learned = dde.learn_reference([reference, sample])
    for threads in sorted({1, dde.get_num_threads()}):
        print(f"\n{4000 * rows / 1e6:g} megapixels, threads: {threads}")
        with dde.num_threads(threads):
            flip(maps(reference, sample, options.turns), rows, threads)
            inspections(learned, reference, sample, options.turns)
            sliced(reference, sample, threads, options.turns)
            registering(rows, threads, options.turns)
    memory(reference, sample)


if __name__ == "__main__":
    main()
