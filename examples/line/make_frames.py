"""Makes frames as a camera over a line takes them, of the art print in ``../print``.

    python make_frames.py FOLDER

writes ``good/``, 20 sheets to learn from, and ``frames/``, 60 sheets of which 12 have a fault, with
``faults.csv``, which says what was put in where. It needs Pillow and NumPy.
"""

import csv
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

APPROVED = Path(__file__).resolve().parents[1] / "print" / "reference.jpg"
PAPER, INK = (246, 243, 235), (38, 36, 34)
SEED = 2026
FRAMES, FAULTY, LEARNED = 60, 12, 20
GAMMA = 2.2  # of the screen, near enough for a lamp that flickers by a few per cent

Box = tuple[int, int, int, int]  # x, y, width, height
Fault = Callable[[Image.Image, int, int, float], tuple[Image.Image, Box]]


def laid_over(page: Image.Image, colour: tuple[int, int, int], shape: Image.Image) -> Image.Image:
    return Image.composite(Image.new("RGB", page.size, colour), page, shape)


def speck(page: Image.Image, x: int, y: int, size: float) -> tuple[Image.Image, Box]:
    """Dirt that took the ink: a light spot in the print, a dark one on paper."""
    shape = Image.new("L", page.size)
    half = size / 2
    ImageDraw.Draw(shape).ellipse((x - half, y - half, x + half, y + half), fill=255)
    dark = np.asarray(page.convert("L"))[y, x] > 140
    found = laid_over(page, INK if dark else PAPER, shape.filter(ImageFilter.GaussianBlur(0.7)))
    return found, _around(x, y, size, size)


def missing_print(page: Image.Image, x: int, y: int, size: float) -> tuple[Image.Image, Box]:
    """A piece of the print where no ink was transferred: half of the paper shows through."""
    shape = Image.new("L", page.size)
    box = (x - size / 2, y - size / 3, x + size / 2, y + size / 3)
    ImageDraw.Draw(shape).rectangle(box, fill=128)
    found = laid_over(page, PAPER, shape.filter(ImageFilter.GaussianBlur(1)))
    return found, _around(x, y, size, 2 * size / 3)


def colour_drift(page: Image.Image, x: int, y: int, size: float) -> tuple[Image.Image, Box]:
    """A zone where a tenth of the magenta is missing: its green light is too bright."""
    shape = Image.new("L", page.size)
    half = size / 2
    ImageDraw.Draw(shape).rectangle((x - half, y - half, x + half, y + half), fill=255)
    share = np.asarray(shape.filter(ImageFilter.GaussianBlur(4)), float)[..., None] / 255
    pixels = np.asarray(page, float)
    drifted = pixels + share * np.array([0, 0.1, 0]) * (255 - pixels)
    return _image(drifted), _around(x, y, size, size)


def scratch(page: Image.Image, x: int, y: int, size: float) -> tuple[Image.Image, Box]:
    """A line 1.5 pixels wide, at a slope, where half of what was there is off."""
    large = Image.new("L", (4 * page.width, 4 * page.height))
    ends = [4 * (x - size / 2), 4 * (y - size / 6), 4 * (x + size / 2), 4 * (y + size / 6)]
    ImageDraw.Draw(large).line(ends, fill=128, width=6)
    dark = np.asarray(page.convert("L"))[y, x] > 140
    shape = large.resize(page.size, Image.Resampling.BOX)
    return laid_over(page, INK if dark else PAPER, shape), _around(x, y, size, size / 3)


FAULTS: dict[str, tuple[Fault, float]] = {  # with their size in pixels
    "speck": (speck, 6),
    "missing print": (missing_print, 12),
    "colour drift": (colour_drift, 60),
    "scratch": (scratch, 50),
}


def approved() -> Image.Image:
    return Image.open(APPROVED).convert("RGB")


def numbered(page: Image.Image, number: int) -> Image.Image:
    """The sheet with its own number in the place of that of the approved one."""
    page = page.copy()
    draw = ImageDraw.Draw(page)
    draw.rectangle((756, 716, 835, 748), fill=PAPER)
    draw.text((760, 722), f"No. {number:04}", fill=INK, font=ImageFont.load_default(16))
    return page


def photographed(page: Image.Image, rng: np.random.Generator, still: bool = False) -> Image.Image:
    """What a camera sees of the sheet: moved and turned, in another light, with noise."""
    x, y, degrees = (0, 0, 0) if still else rng.uniform(-1, 1, 3) * (3, 3, 0.3)
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    middle_x, middle_y = page.width / 2, page.height / 2
    matrix = (
        *(cos, -sin, middle_x - cos * middle_x + sin * middle_y - x),
        *(sin, cos, middle_y - sin * middle_x - cos * middle_y - y),
    )
    moved = page.transform(
        page.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC, fillcolor=PAPER
    )
    lamp = 1 + rng.uniform(-0.02, 0.02) + rng.uniform(-0.005, 0.005, 3)
    across, down = (np.linspace(-1, 1, side) for side in page.size)
    slope = rng.uniform(-0.01, 0.01, 2)
    fall = 1 + slope[0] * across[None, :, None] + slope[1] * down[:, None, None]
    seen = np.asarray(moved, float) * (lamp * fall) ** (1 / GAMMA)
    return _image(seen + rng.normal(0, rng.uniform(1, 2.5), seen.shape))


def with_fault(
    page: Image.Image, kind: str, rng: np.random.Generator, size: float | None = None
) -> tuple[Image.Image, Box]:
    """The sheet with a fault at a place of the print that chance chooses, and where it is."""
    make, usual = FAULTS[kind]
    x, y = int(rng.integers(130, 790)), int(rng.integers(90, 600))
    return make(page, x, y, usual if size is None else size)


def _image(pixels: np.ndarray) -> Image.Image:
    return Image.fromarray(pixels.round().clip(0, 255).astype(np.uint8))


def _around(x: int, y: int, width: float, height: float) -> Box:
    return round(x - width / 2), round(y - height / 2), round(width), round(height)


def make(folder: Path, frames: int = FRAMES, faulty: int = FAULTY, learned: int = LEARNED) -> None:
    """All frames, as files; the first to learn from lies straight, and gives the coordinates."""
    rng = np.random.default_rng(SEED)
    page = approved()
    for name in ("good", "frames"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    for number in range(learned):
        sheet = photographed(numbered(page, number + 1), rng, still=number == 0)
        sheet.save(folder / "good" / f"{number:04}.png", compress_level=1)
    chosen = sorted(rng.choice(frames, faulty, replace=False).tolist())
    kinds = dict(zip(chosen, list(FAULTS) * faulty, strict=False))
    rows = []
    for number in range(frames):
        sheet = numbered(page, 1000 + number)
        if number in kinds:
            sheet, box = with_fault(sheet, kinds[number], rng)
            rows.append((f"{number:04}.png", kinds[number], *box))
        frame = photographed(sheet, rng)
        frame.save(folder / "frames" / f"{number:04}.png", compress_level=1)
    with (folder / "faults.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("frame", "fault", "x", "y", "width", "height"))
        writer.writerows(rows)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
