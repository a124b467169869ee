"""
Draw the pictures of which-metric.md into this folder.

    pip install ".[plots,cli]" && python docs/pictures/metrics.py
"""

from io import BytesIO
from pathlib import Path

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

import dde

HERE = Path(__file__).resolve().parent
EXAMPLES = HERE.parents[1] / "examples"
STYLE = {"font.size": 10, "axes.titleweight": "bold", "axes.edgecolor": "#999999"}
LINE = "#333333"

# The plane of equal lightness in which differences are drawn.
LIGHTNESS = 60.0
LEVEL = 2.0  # the difference of each outline from its middle
REACH = 25.0  # Lab units within which every outline lies
IN_THE_PLANE = ("CIE76", "CIE94", "CMC", "CIEDE2000", "deep")

IN_THE_PHOTOGRAPH = ("CIEDE2000", "deep", "CMC", "CIE94", "CIE76", "HyAB")
TOP = 6.0  # of the scale that all maps share


def outline(centre: np.ndarray, metric: str) -> np.ndarray:
    """The colours of the plane that are `LEVEL` away from a centre, shape (directions, 3)."""
    angle = np.linspace(0, 2 * np.pi, 181)
    direction = np.stack([np.zeros_like(angle), np.cos(angle), np.sin(angle)], axis=1)
    length = np.linspace(0, REACH, 1001)
    away = dde.delta_e(centre, centre + length[:, None, None] * direction, metric)
    return centre + length[np.argmax(away >= LEVEL, axis=0), None] * direction


def rgb_of(lab: np.ndarray) -> np.ndarray:
    return dde.xyz_to_srgb(dde.lab_to_xyz(lab))


def centres() -> list[np.ndarray]:
    """Grid points of the plane that an sRGB screen shows."""
    grid = [np.array([LIGHTNESS, a, b]) for a in range(-80, 101, 20) for b in range(-60, 81, 20)]
    return [lab for lab in grid if np.all((rgb_of(lab) >= 0) & (rgb_of(lab) <= 1))]


def fill(axes: Axes, metric: str) -> None:
    for centre in centres():
        _, a, b = outline(centre, metric).T
        axes.fill(a, b, facecolor=(*rgb_of(centre), 0.75), edgecolor=LINE, linewidth=0.8)


def overlay(axes: Axes, metrics: dict[str, str]) -> None:
    """The outlines of several metrics over each other, each in its colour."""
    for metric, colour in metrics.items():
        for n, centre in enumerate(centres()):
            _, a, b = outline(centre, metric).T
            axes.plot(a, b, color=colour, linewidth=1, label=None if n else metric)
    axes.legend(loc="lower left", frameon=False)


def draw_ellipses() -> Figure:
    """Equal differences around many colours, one panel a metric."""
    figure = Figure(figsize=(10.5, 6.9), layout="constrained")
    panels = figure.subplots(2, 3, sharex=True, sharey=True)
    figure.suptitle(f"ΔE = {LEVEL:g} from the middle of each shape, at L* = {LIGHTNESS:g}")
    for axes, metric in zip(panels.flat, IN_THE_PLANE, strict=False):
        fill(axes, metric)
        axes.set_title(metric)
    overlay(panels[1, 2], {"CIEDE2000": "#d95f02", "deep": "#1b5e9b"})
    panels[1, 2].set_title("CIEDE2000 and deep")
    for axes in panels.flat:
        axes.set(aspect="equal", xticks=range(-80, 81, 40), yticks=range(-80, 81, 40))
        axes.tick_params(color="#999999")
    for axes in panels[1]:
        axes.set_xlabel("a*")
    for axes in panels[:, 0]:
        axes.set_ylabel("b*")
    return figure


def draw_maps() -> Figure:
    """One pair of photographs, and its map under several metrics, all on one scale."""
    pair = [np.asarray(Image.open(EXAMPLES / f"{name}.jpg")) for name in ("reference", "sample")]
    figure = Figure(figsize=(12, 4.6), layout="constrained")
    figure.get_layout_engine().set(h_pad=0.08)
    panels = figure.subplots(2, 4)
    for axes, image, title in zip(panels[:, 0], pair, ("reference", "sample"), strict=True):
        axes.imshow(image)
        axes.set_title(title)
    for axes, metric in zip(panels[:, 1:].flat, IN_THE_PHOTOGRAPH, strict=True):
        found = dde.delta_e_map(*pair, metric)
        shown = axes.imshow(found, cmap="inferno", vmin=0, vmax=TOP)
        axes.set_title(f"{metric}: mean {found.mean(dtype=float):.2f}")
    for axes in panels.flat:
        axes.set(xticks=[], yticks=[])
    figure.colorbar(shown, ax=panels, label="ΔE", extend="max", aspect=30, pad=0.01)
    return figure


def save(figure: Figure, name: str) -> None:
    """Writes a PNG of 256 colours, a quarter of the size."""
    drawn = BytesIO()
    figure.savefig(drawn, dpi=100)
    reduced = Image.open(drawn).convert("RGB").quantize(256, Image.Quantize.MAXCOVERAGE)
    reduced.save(HERE / name, optimize=True)


if __name__ == "__main__":
    with mpl.rc_context(STYLE):
        save(draw_ellipses(), "ellipses.png")
        save(draw_maps(), "metrics.png")
