"""
Draw the pictures of which-comparison.md into this folder.

    pip install ".[cli,align]" && python docs/pictures/comparisons.py

The photograph and the print are those of ``examples``.
"""

import sys
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from metrics import EXAMPLES, STYLE, save
from PIL import Image, ImageFilter

import dde

sys.path.insert(0, str(EXAMPLES / "line"))
from make_frames import numbered, photographed, speck

Panel = tuple[str, np.ndarray, float | None]  # title, image or map, and where its scale ends


def row(*panels: Panel) -> Figure:
    """Images, and maps that are black for no difference and white from the end of their scale."""
    height, width = panels[0][1].shape[:2]
    size = 12 / len(panels)
    figure = Figure(figsize=(12, size * height / width + 0.3), layout="constrained")
    for axes, (title, shown, top) in zip(figure.subplots(1, len(panels)), panels, strict=True):
        axes.imshow(shown, cmap="inferno", vmin=0, vmax=top, interpolation="nearest")
        axes.set(xticks=[], yticks=[])
        axes.set_title(title if top is None else f"{title}, 0 to {top:g}", fontsize=9)
    return figure


def photograph(*crop: slice) -> np.ndarray:
    return np.asarray(Image.open(EXAMPLES / "reference.jpg"))[crop]


def print_of(*crop: slice) -> np.ndarray:
    return np.asarray(Image.open(EXAMPLES / "print" / "reference.jpg"))[crop]


def halftone(image: np.ndarray) -> np.ndarray:
    """Dots of cyan, magenta and yellow at full strength, by ordered dithering in linear light."""
    light = dde.convert(image / 255, "sRGB", "linear sRGB")
    bayer = np.array([[0, 2], [3, 1]])
    for _ in range(2):
        bayer = np.block([[4 * bayer, 4 * bayer + 2], [4 * bayer + 3, 4 * bayer + 1]])
    above = (bayer + 0.5) / bayer.size
    tiles = -(-image.shape[0] // 8), -(-image.shape[1] // 8)
    threshold = np.tile(above, tiles)[: image.shape[0], : image.shape[1], None]
    return np.uint8(255 * (light > threshold))


def draw_plain() -> Figure:
    """The pair of the first page: faults of colour in a photograph."""
    pair = [np.asarray(Image.open(EXAMPLES / f"{name}.jpg")) for name in ("reference", "sample")]
    return row(
        ("reference", pair[0], None),
        ("sample", pair[1], None),
        ("CIEDE2000", dde.delta_e_map(*pair), 8),
    )


def draw_viewing() -> Figure:
    """A photograph and its halftone at 300 dpi, with a patch that is too red, at two distances."""
    reference = photograph(np.s_[60:260], np.s_[120:420])
    sample = halftone(reference)
    patch = np.s_[70:130, 180:240]
    sample[patch] = sample[patch] // 255 * np.uint8([255, 205, 205])
    near, far = (dde.Viewing.from_dpi(300, distance=mm) for mm in (400, 1500))
    return row(
        ("reference", reference, None),
        ("sample: halftone, a patch too red", sample, None),
        ("plain", dde.delta_e_map(reference, sample), 40),
        ("viewing: 400 mm", dde.delta_e_map(reference, sample, viewing=near), 40),
        ("viewing: 1500 mm", dde.delta_e_map(reference, sample, viewing=far), 40),
    )


def draw_flip() -> Figure:
    """What a renderer may do: grain, and an edge that moved."""
    reference = photograph(np.s_[60:260], np.s_[120:420])
    grain = np.random.default_rng(1).normal(0, 12, reference.shape)
    sample = reference.astype(float)
    sample[:, :150] += grain[:, :150]
    sample[:, 152:] = reference[:, 150:-2]
    sample = sample.round().clip(0, 255).astype(np.uint8)
    return row(
        ("reference", reference, None),
        ("sample: grain | 2 pixels to the right", sample, None),
        ("CIEDE2000", dde.delta_e_map(reference, sample), 20),
        ("FLIP", dde.flip_map(reference, sample), 0.5),
    )


def draw_tolerance() -> Figure:
    """A title that is a pixel further down and softer, with a speck and a letter that lost ink."""
    crop = np.s_[686:722], np.s_[326:446]
    reference = print_of(*crop)
    moved = np.roll(print_of(), 1, axis=0)[crop]
    soft = Image.fromarray(moved).filter(ImageFilter.GaussianBlur(0.4))
    sample = np.asarray(soft).copy()
    sample[4:7, 60:63] = 60, 58, 55
    sample[20:26, 84:94] = 246, 243, 235
    return row(
        ("reference", reference, None),
        ("sample", sample, None),
        ("plain", dde.delta_e_map(reference, sample), 40),
        ("shift=1", dde.delta_e_map(reference, sample, shift=1), 40),
        ("edges=1", dde.delta_e_map(reference, sample, edges=1), 40),
        ("both", dde.delta_e_map(reference, sample, shift=1, edges=1), 40),
    )


def sheets(number: int) -> list[Image.Image]:
    """Frames of the line in ``examples/line``; the first lies straight."""
    rng = np.random.default_rng(3)
    page = Image.fromarray(print_of())
    return [photographed(numbered(page, n), rng, still=n == 0) for n in range(number)]


def draw_registration() -> Figure:
    """A frame that lies 3 pixels off and is turned, with a speck."""
    page = Image.fromarray(print_of())
    reference = np.asarray(page)
    sheet, _ = speck(page, 600, 250, 10)
    frame = np.asarray(photographed(sheet, np.random.default_rng(6)))
    asked: dict[str, Any] = {"keep_map": True}
    found = [dde.inspect(reference, frame, **asked, align=align) for align in (None, "euclidean")]
    crop = np.s_[100:400, 400:850]
    return row(
        ("reference", reference[crop], None),
        ("frame", frame[crop], None),
        ("plain", found[0].map[crop], 20),
        ('align="euclidean"', found[1].map[crop], 20),
    )


def draw_learned() -> Figure:
    """The line: a frame with a speck, by one limit and by what twelve good sheets allow."""
    good = [np.asarray(sheet) for sheet in sheets(12)]
    learned = dde.learn_reference(good, align="euclidean")
    sheet, _ = speck(Image.fromarray(print_of()), 600, 250, 6)
    frame = np.asarray(photographed(sheet, np.random.default_rng(8)))
    asked: dict[str, Any] = {"align": "euclidean", "shift": 1, "keep_map": True}
    crop = np.s_[100:400, 400:850]
    return row(
        ("frame", frame[crop], None),
        ("one sheet as reference", dde.inspect(good[0], frame, **asked).map[crop], 12),
        ("spread of twelve", learned.spread[crop], 6),
        ("share of the limit", dde.inspect(learned, frame, **asked).map[crop], 2),
    )


def draw_wasserstein() -> Figure:
    """How shifts and a change of colour look to a map's mean and to MS-SWD."""
    image = photograph()
    margin = np.s_[10:-10, 10:-10]
    shifts = range(9)
    shifted = [np.roll(image, n, axis=1)[margin] for n in shifts]
    redder = (image * [1, 0.95, 0.95]).round().astype(np.uint8)[margin]
    figure = Figure(figsize=(9, 2.8), layout="constrained")
    for axes, (name, measure) in zip(
        figure.subplots(1, 2),
        (
            ("mean CIEDE2000", lambda a, b: float(dde.delta_e_map(a, b).mean())),
            ("sliced_wasserstein", lambda a, b: float(dde.sliced_wasserstein(a, b))),
        ),
        strict=True,
    ):
        axes.plot(shifts, [measure(image[margin], one) for one in shifted], label="shifted")
        axes.axhline(measure(image[margin], redder), color="#d95f02", label="5 % redder")
        axes.set(title=name, xlabel="pixels", ylim=(0, None))
        axes.legend(frameon=False)
    return figure


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        for name in sys.argv[1:] or (
            *("plain", "viewing", "flip", "tolerance"),
            *("registration", "learned", "wasserstein"),
        ):
            save(globals()[f"draw_{name}"](), f"comparison-{name}.png")
