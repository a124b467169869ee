"""Small photographs with scores, written as SPCD is."""

import csv
from pathlib import Path

import numpy as np
from PIL import Image

SIDE = 32


def write_pictures(folder: Path, scenes: int, seed: int = 0) -> list[tuple[str, str, float]]:
    """Scenes of four pictures, of which two are not aligned; three rows of pairs for each scene."""
    random = np.random.default_rng(seed)
    folder.mkdir(parents=True, exist_ok=True)
    rows = []
    for scene in range(scenes):
        smooth = random.uniform(0.2, 0.8, (5, 5, 3))
        base = np.asarray(
            Image.fromarray(np.uint8(smooth * 255)).resize((SIDE, SIDE), Image.Resampling.BICUBIC)
        )
        names = [f"I{scene:04}_{version}_{index:02}.png" for version, index in
                 (("01", 1), ("01", 2), ("02", 1), ("03", 1))]  # fmt: skip
        gains = random.uniform(0.6, 1.0, (4, 3))
        gains[0] = 1.0
        for name, gain in zip(names, gains, strict=True):
            Image.fromarray(np.uint8(base * gain)).save(folder / name)
        for name, gain in zip(names[1:], gains[1:], strict=True):
            rows.append((names[0], name, float(10 * np.linalg.norm(1 - gain))))
    return rows


def write_csv(file: Path, rows: list[tuple[str, str, float]], header: bool = False) -> Path:
    """Write rows of reference, sample and score."""
    with file.open("w", newline="") as opened:
        writer = csv.writer(opened)
        if header:
            writer.writerow(["reference", "sample", "score"])
        writer.writerows(rows)
    return file
