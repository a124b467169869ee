"""How many gradients of CIEDE2000 are NaN or infinite, on a million pairs of each kind, hard ones
too: of dde.torch, and of the textbook formula under autograd, in float32.

    python benchmarks/gradients.py

Beside it, in float64, the largest difference of dde's gradients from central differences, where
the formula is smooth, for the first 10 000 pairs.
"""

import sys
from pathlib import Path

import torch
from peers.torch_formula import textbook
from torch import Tensor

import dde.torch

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from colour_pairs import KINDS, pairs

MILLION, FEW = 1_000_000, 10_000
SMOOTH = ("random", "near", "blue", "equal hues")
STEP = 1e-5


def gradient(formula: object, lab1: Tensor, lab2: Tensor) -> Tensor:
    sides = [lab.clone().requires_grad_() for lab in (lab1, lab2)]
    return torch.cat(torch.autograd.grad(formula(*sides).sum(), sides), -1)


def by_differences(lab1: Tensor, lab2: Tensor) -> Tensor:
    found = []
    for side in range(2):
        for step in STEP * torch.eye(3, dtype=torch.float64):
            ends = [
                dde.torch.ciede2000(
                    *(lab + sign * step * (i == side) for i, lab in enumerate((lab1, lab2)))
                )
                for sign in (1, -1)
            ]
            found.append((ends[0] - ends[1]) / (2 * STEP))
    return torch.stack(found, -1)


def main() -> None:
    print("| pairs | NaN or infinite, dde.torch | textbook | from central differences |")
    print("| --- | ---: | ---: | ---: |")
    for kind in KINDS:
        exact = [torch.from_numpy(lab) for lab in pairs(kind, MILLION)]
        single = [lab.float() for lab in exact]
        bad = [
            int((~gradient(formula, *single).isfinite()).any(-1).sum())
            for formula in (dde.torch.ciede2000, textbook)
        ]
        few = [lab[:FEW] for lab in exact]
        apart = (gradient(dde.torch.ciede2000, *few) - by_differences(*few)).abs().amax(-1)
        shown = f"{apart.quantile(0.999):.0e}" if kind in SMOOTH else "–"
        print(f"| {kind} | {bad[0]:,} | {bad[1]:,} | {shown} |", flush=True)


if __name__ == "__main__":
    main()
