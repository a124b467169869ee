"""
Draw the pictures of docs/which-metric.md into this folder.

    pip install matplotlib pillow && python docs/pictures.py
"""

from pathlib import Path

import dde
import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parent / "examples"
LIGHTNESS = 60.0
LEVEL = 3.0  # the difference on each contour
REACH = 40.0  # Lab units within which every contour lies
IN_THE_PLANE = ("CIE76", "CIEDE2000", "CMC", "deep")
IN_THE_PHOTOGRAPH = ("CIEDE2000", "deep", "HyAB")
mpl.rcParams |= {"font.size": 10, "axes.titleweight": "bold", "axes.edgecolor": "#999999"}


def contour(centre: np.ndarray, metric: str) -> np.ndarray:
    """The points of the plane that are `LEVEL` away from a centre, shape (directions, 3)."""
    angle = np.linspace(0, 2 * np.pi, 181)
    direction = np.stack([np.zeros_like(angle), np.cos(angle), np.sin(angle)], axis=1)
    length = np.linspace(0, REACH, 1601)
    points = centre + length[:, None, None] * direction
    away = np.asarray(dde.delta_e(centre, points, metric=metric))
    return centre + length[np.argmax(away >= LEVEL, axis=0), None] * direction


def centres() -> list[np.ndarray]:
    """Grid points of the a*b* plane that an sRGB screen shows."""
    grid = [np.array([LIGHTNESS, a, b]) for a in range(-60, 81, 20) for b in range(-60, 61, 20)]
    return [lab for lab in grid if _in_srgb(lab)]


def _in_srgb(lab: np.ndarray) -> bool:
    rgb = dde.xyz_to_srgb(dde.lab_to_xyz(lab))
    return bool(np.all((rgb >= 0) & (rgb <= 1)))


def draw_ellipses() -> Figure:
    """Equal differences around many colours, one panel a metric."""
    figure = Figure(figsize=(13, 3.9), layout="constrained")
    panels = figure.subplots(1, len(IN_THE_PLANE), sharex=True, sharey=True)
    for axes, metric in zip(panels, IN_THE_PLANE, strict=True):
        for centre in centres():
            colour = np.clip(dde.xyz_to_srgb(dde.lab_to_xyz(centre)), 0, 1)
            _, a, b = contour(centre, metric).T
            axes.fill(a, b, facecolor=(*colour, 0.75), edgecolor="#333333", linewidth=0.8)
        axes.set(title=metric, xlabel="a*", aspect="equal")
    panels[0].set_ylabel("b*")
    figure.suptitle(f"Colours {LEVEL:g} away from the middle of each shape, L* = {LIGHTNESS:g}")
    return figure


def draw_maps() -> Figure:
    """One pair of photographs under several metrics, each on its own scale."""
    photographs = [
        np.asarray(Image.open(EXAMPLES / f"{name}.jpg")) for name in ("reference", "sample")
    ]
    figure = Figure(figsize=(15, 3.0), layout="constrained")
    panels = figure.subplots(1, 2 + len(IN_THE_PHOTOGRAPH))
    for axes, image, title in zip(panels[:2], photographs, ("reference", "sample"), strict=True):
        axes.imshow(image)
        axes.set(title=title)
    for axes, metric in zip(panels[2:], IN_THE_PHOTOGRAPH, strict=True):
        found = dde.delta_e_map(*photographs, metric=metric)
        shown = axes.imshow(found, cmap="inferno", vmin=0, vmax=np.quantile(found, 0.995))
        axes.set(title=f"{metric}, mean {found.mean(dtype=float):.2f}")
        figure.colorbar(shown, ax=axes, shrink=0.8)
    for axes in panels:
        axes.set(xticks=[], yticks=[])
    return figure


if __name__ == "__main__":
    draw_ellipses().savefig(HERE / "ellipses.png", dpi=90)
    draw_maps().savefig(HERE / "maps.png", dpi=90)
