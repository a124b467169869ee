"""The instruction sets beside each other, on all 16.7 million 8-bit colours; a table.

    python packaging/instruction_sets.py

For each: the largest error of float32 against float64, of Lab, and of a map of CIEDE2000 between
every colour and one a few steps beside it; and how far both are from what the last set says.
"""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import dde
from dde import _core

STEPS = (3, -4, 2)  # from a colour to its sample, of 255


def planes() -> Iterator[np.ndarray]:
    green, blue = np.meshgrid(np.arange(256), np.arange(256), indexing="ij")
    for red in range(256):
        yield np.stack([np.full_like(green, red), green, blue], axis=-1)


def measure(folder: Path) -> None:
    """Writes what this process's instruction set makes of all colours, and its largest errors."""
    errors = np.zeros(2)
    found = np.empty((256, 256, 256, 4), np.float32)
    for reference, into in zip(planes(), found, strict=True):
        sample = np.clip(reference + STEPS, 0, 255)
        lab = dde.srgb_to_lab(reference / 255)
        difference = dde.ciede2000(lab, dde.srgb_to_lab(sample / 255))
        into[..., :3] = dde.srgb_to_lab(reference.astype(np.uint8))
        into[..., 3] = dde.delta_e_map(reference.astype(np.uint8), sample.astype(np.uint8))
        errors[0] = max(errors[0], np.abs(into[..., :3] - lab).max())
        errors[1] = max(errors[1], np.abs(into[..., 3] - difference).max())
    np.save(folder / f"{_core.instruction_set}.npy", found)
    print(*errors)


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        lines = {}
        for instruction_set in _core.instruction_sets:
            command = [sys.executable, __file__, name]
            environment = os.environ | {"DDE_ISA": instruction_set}
            lines[instruction_set] = subprocess.check_output(command, env=environment, text=True)
        last = np.load(Path(name, f"{instruction_set}.npy"))
        print("| Instruction set | Lab, error | map, error | Lab, from last | map, from last |")
        print("| --- | ---: | ---: | ---: | ---: |")
        for instruction_set, line in lines.items():
            apart = np.abs(np.load(Path(name, f"{instruction_set}.npy")) - last)
            numbers = [*map(float, line.split()), apart[..., :3].max(), apart[..., 3].max()]
            print(f"| {instruction_set} |", " | ".join(f"{number:.1e}" for number in numbers), "|")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        measure(Path(sys.argv[1]))
    else:
        main()
