"""
Free photographs, changed in colour and moved, with scores by a function that no fit is told.

python docs/synthetic_photographs.py OUT [--photographs china.jpg flower.jpg]

writes OUT/train.csv, val.csv, test.csv and the pictures, named as SPCD names its own: version 01 is
not aligned. No photograph is in two parts; a scene is a region of one.
"""

import argparse
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import dde
import matplotlib as mpl
import numpy as np
import skimage.data
from PIL import Image

PARTS = {
    "train": (
        "astronaut.png", "hubble_deep_field.jpg", "ihc.png", "motorcycle_left.png", "retina.jpg",
        "rocket.jpg", "china.jpg",
    ),
    "val": ("grace_hopper.jpg",),
    "test": ("chelsea.png", "coffee.png", "flower.jpg"),
}  # fmt: skip
REGIONS = 10  # of a photograph
PAIRS = 6  # of a region, aligned, and as many that are not
SIDE = 128
SHORTER = 288  # of a photograph, before regions are taken of it
MOST = 3  # pixels that a picture is moved by, each way
NOISE = 0.25


@dataclass(frozen=True)
class Change:
    """What is done to the colours of a picture."""

    hue: float  # radians, in CIELAB
    contrast: float
    balance: tuple[float, float]  # of red and of blue, in linear light
    gamma: float

    def __call__(self, rgb: np.ndarray) -> np.ndarray:
        """Change sRGB in [0, 1]."""
        linear = dde.convert(rgb, "sRGB", "linear sRGB")
        linear = linear * np.array([self.balance[0], 1.0, self.balance[1]])
        rgb = np.clip(dde.convert(linear, "linear sRGB", "sRGB"), 0, 1) ** self.gamma
        rgb = np.clip(0.5 + self.contrast * (rgb - 0.5), 0, 1)
        lab = dde.convert(rgb, "sRGB", "Lab")
        c, s = np.cos(self.hue), np.sin(self.hue)
        lab[..., 1:] = lab[..., 1:] @ np.array([[c, s], [-s, c]])
        return np.clip(dde.convert(lab, "Lab", "sRGB"), 0, 1)


def draw_change(random: np.random.Generator) -> Change:
    """One to four changes, weak ones as often as strong ones."""
    strength = random.uniform(0.05, 1) * (random.permutation(4) < random.integers(1, 5))
    hue, contrast, red, blue, gamma = random.uniform(-1, 1, 5)
    return Change(
        hue=0.7 * hue * strength[0],
        contrast=float(np.exp(0.5 * contrast * strength[1])),
        balance=(
            float(np.exp(0.5 * red * strength[2])), float(np.exp(0.5 * blue * strength[2])),
        ),
        gamma=float(np.exp(0.6 * gamma * strength[3])),
    )  # fmt: skip


def hidden_score(first: np.ndarray, second: np.ndarray, moved: float) -> float:
    """What people are taken to see in two pictures that lie on each other: not their movement."""
    lab = [dde.convert(rgb, "sRGB", "Lab") for rgb in (first, second)]
    step = (lab[1] - lab[0]) * np.array([0.7, 1.0, 0.8])
    return float(10 * (np.linalg.norm(step, axis=-1).mean() / 25) ** 0.75 + 0.05 * moved)


def find(name: str, given: list[Path]) -> Path:
    """A photograph by its name."""
    folders = [Path(skimage.data.__file__).parent, Path(mpl.get_data_path()) / "sample_data"]
    places = [*given, *(folder / name for folder in folders)]
    return next(place for place in places if place.name == name and place.is_file())


def regions(path: Path, random: np.random.Generator) -> Iterator[np.ndarray]:
    """Parts of a photograph with a margin, sRGB in [0, 1]."""
    image = Image.open(path).convert("RGB")
    scale = SHORTER / min(image.size)
    width, height = (max(SHORTER, round(length * scale)) for length in image.size)
    pixels = np.asarray(image.resize((width, height), Image.Resampling.LANCZOS)) / 255
    size = SIDE + 2 * MOST
    for _ in range(REGIONS):
        top, left = random.integers(0, height - size), random.integers(0, width - size)
        yield pixels[top : top + size, left : left + size]


def cut(rgb: np.ndarray, x: int = 0, y: int = 0) -> np.ndarray:
    """The middle of a region, or what lies so many pixels beside it."""
    return rgb[MOST + y : MOST + y + SIDE, MOST + x : MOST + x + SIDE]


def write_scene(
    out: Path, number: int, region: np.ndarray, random: np.random.Generator
) -> Iterator[tuple[str, str, float]]:
    """Write the pictures of one region; give the rows of its pairs."""
    for version in ("01", "02"):
        names = [f"I{number:04}_{version}_{index:02}.png" for index in range(1, PAIRS + 2)]
        save(out / names[0], cut(region))
        for name in names[1:]:
            changed = draw_change(random)(region)
            x, y = random.integers(-MOST, MOST + 1, 2) if version == "01" else (0, 0)
            save(out / name, cut(changed, x, y))
            score = hidden_score(cut(region), cut(changed), float(np.hypot(x, y)))
            yield names[0], name, max(0.0, score + random.normal(0, NOISE))


def save(path: Path, rgb: np.ndarray) -> None:
    """Write a PNG file."""
    Image.fromarray(np.rint(rgb * 255).astype(np.uint8)).save(path)


def main() -> None:
    """Write all parts."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--photographs", type=Path, nargs="*", default=[])
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    random = np.random.default_rng(0)
    number = 0
    for part, photographs in PARTS.items():
        rows = []
        for photograph in photographs:
            for region in regions(find(photograph, arguments.photographs), random):
                number += 1
                rows += list(write_scene(arguments.out, number, region, random))
        with (arguments.out / f"{part}.csv").open("w", newline="") as file:
            csv.writer(file).writerows((*names, f"{score:.4f}") for *names, score in rows)


if __name__ == "__main__":
    main()
