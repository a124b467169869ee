"""How near registration comes to motions that are known, and what it refuses.

    python benchmarks/registration.py [--draws 200]

Of each kind of motion, so many are drawn at random, on three photographs of scikit-image: the
sample is the photograph in 3 ΔE of another colour, moved, with noise of 2 of 255. Then frames that
cannot be registered. Ends with status 1 where a promise was not kept.
"""

import argparse
import sys
from pathlib import Path

import numpy as np

import dde

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from test_registration import NEAREST, PHOTOGRAPHS, distance, motion, refused, sampled


def drawn(kind: str, draws: int) -> tuple[np.ndarray, int]:
    """How many pixels off the worst corner was, of each that was registered; and the refused."""
    off, refusals = [], 0
    names = list(PHOTOGRAPHS)
    for draw in range(draws):
        image = PHOTOGRAPHS[names[draw % len(names)]]
        rng = np.random.default_rng(draw)
        matrix = motion(kind, image.shape, rng)
        sample = sampled(image, matrix, rng)
        try:
            found = dde.register(sample, image, motion=kind)
        except dde.RegistrationError as error:
            print(f"    {names[draw % len(names)]}, draw {draw}: {error}")
            refusals += 1
        else:
            off.append(distance(found.matrix, matrix, image.shape))
    return np.array(off), refusals


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--draws", type=int, default=200)
    options = parser.parse_args()
    kept = True
    print("motion          draws  refused   median   largest, pixels at the corners")
    for kind, nearest in NEAREST.items():
        off, refusals = drawn(kind, options.draws)
        wrong = int((off > nearest).sum())
        kept = kept and not wrong
        print(
            f"{kind:14} {options.draws:6} {refusals:8} {np.median(off):8.4f} {off.max():9.4f}   "
            f"promised {nearest}: {f'{wrong} are wrong' if wrong else 'kept'}",
            flush=True,
        )
    for name, (sample, reference, _) in refused().items():
        try:
            dde.register(sample, reference)
            print(f"{name}: registered, which is wrong")
            kept = False
        except dde.RegistrationError as error:
            print(f"{name}: {error}")
    sys.exit(0 if kept else 1)


if __name__ == "__main__":
    main()
