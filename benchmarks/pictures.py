"""How fast comparisons of pictures are beside the plain map and their peers, in one run.

    python benchmarks/pictures.py [--megapixels 12] [--threads 1]

Times are of processors, the least of several turns; flip-evaluator is timed once.
"""

import argparse
import time
from collections.abc import Callable
from functools import partial

import numpy as np
from arrays import EXAMPLES, photographs
from PIL import Image

import dde


def least(call: Callable[[], object], turns: int = 3) -> float:
    """Seconds of processor time."""
    times = []
    for _ in range(turns):
        start = time.process_time()
        call()
        times.append(time.process_time() - start)
    return min(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megapixels", type=float, default=12)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--evaluator", action="store_true", help="time flip-evaluator as well")
    options = parser.parse_args()
    rows = int(3000 * options.megapixels / 12)
    reference, sample = (np.ascontiguousarray(image[:rows]) for image in photographs())
    out = np.empty(reference.shape[:2], np.float32)
    with dde.num_threads(options.threads):
        plain = least(lambda: dde.delta_e_map(reference, sample, out=out))
        print(f"plain CIEDE2000 map  {1e3 * plain:8.0f} ms")
        for name, arguments in {
            "viewing=40": {"viewing": 40},
            "shift=1": {"shift": 1},
            "edges=0.5": {"edges": 0.5},
            "FLIP": {"metric": "FLIP"},
        }.items():
            taken = least(partial(dde.delta_e_map, reference, sample, out=out, **arguments))
            print(f"{name:20} {1e3 * taken:8.0f} ms   {taken / plain:5.2f} × plain")
            flip = taken
        learned = dde.learn_reference([reference, sample])
        alone = least(lambda: dde.inspect(reference, sample), 2)
        judged = least(lambda: dde.inspect(learned, sample), 2)
        print(f"inspect              {1e3 * alone:8.0f} ms")
        print(f"  a learned reference {1e3 * judged:7.0f} ms   {judged / alone:5.2f} × inspect")
        large = Image.open(EXAMPLES / "reference.jpg").resize(
            (4000, rows), Image.Resampling.BICUBIC
        )
        still = np.asarray(large)  # the photographs above repeat themselves
        frame = np.roll(still, (7, -9), axis=(0, 1))
        moved = least(lambda: dde.register(frame, still, motion="affine"), 2)
        print(f"register (affine)    {1e3 * moved:8.0f} ms")
    if options.evaluator:
        import flip_evaluator

        pair = [np.float32(image) / 255 for image in (reference, sample)]
        used = least(lambda: flip_evaluator.evaluate(*pair, "LDR", applyMagma=False), 1)
        print(f"flip-evaluator       {1e3 * used:8.0f} ms   {used / flip:5.2f} × ours")


if __name__ == "__main__":
    main()
