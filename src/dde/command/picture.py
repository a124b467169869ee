"""A map of differences as a picture: the map, a scale bar, and the gist in words."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dde.command.summary import Summary

FORMATS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}

# Black is no difference; what exceeds the scale is white.
COLOUR_MAP = matplotlib.colormaps["inferno"].with_extremes(over="white")
TOPS = (2, 5, 10, 20, 50, 100, 200, 500)
SHARE_WITHIN_SCALE = 0.999

# In dots of the picture. A panel that holds the map, with margins for axes, scale bar and text.
LONG_SIDE = 1500
SMALLEST_PANEL = 320, 640
LEFT, RIGHT, ABOVE, BELOW = 100, 170, 60, 90
BAR_GAP, BAR_WIDTH = 30, 28
DOTS_PER_INCH = 120


def write_picture(differences: np.ndarray, metric: str, summary: Summary, path: Path) -> None:
    """
    Draws a map to a file, which appears whole or not at all.

    Parameters
    ----------
    differences : numpy.ndarray
        Shape (H, W), of at least 1 pixel.
    metric : str
        The name of the metric, for the scale bar.
    summary : Summary
        Of these differences.
    path : pathlib.Path
        Where to; its suffix is one of ``FORMATS``. A file that is there already is replaced.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    figure = draw(differences, metric, summary)
    with _replacing(Path(os.path.realpath(path))) as file:
        figure.savefig(file, format=FORMATS[path.suffix.lower()])


@contextmanager
def _replacing(path: Path) -> Iterator[BinaryIO]:
    """A new file beside `path`: it takes its place if all goes well, and is removed otherwise."""
    temporary = path.with_name(f".dde-{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def draw(differences: np.ndarray, metric: str, summary: Summary) -> Figure:
    """
    The picture of a map, as a figure of matplotlib apart from the global state of pyplot.

    Parameters
    ----------
    differences, metric, summary
        As for `write_picture`.

    Returns
    -------
    matplotlib.figure.Figure
        The map stands in it enlarged or reduced by a whole number.
    """
    values, pixels_per_dot = shrink(differences)
    top = top_of_scale(values)
    figure, axes, bar = _page(np.array(values.shape) * max(1, LONG_SIDE // max(values.shape)))
    rows, columns = (side * pixels_per_dot for side in values.shape)
    image = axes.imshow(
        values,
        cmap=COLOUR_MAP,
        vmin=0,
        vmax=top,
        aspect="auto",  # the axes have the aspect of the map
        interpolation="nearest",
        extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
    )
    figure.colorbar(
        image,
        cax=bar,
        label=f"\N{GREEK CAPITAL LETTER DELTA}E ({metric})",
        extend="max" if values.max() > top else "neither",
        extendfrac=0.03,
        ticks=MaxNLocator(5, steps=(1, 2, 5, 10)),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator("auto", integer=True, steps=(1, 2, 2.5, 5, 10)))
    axes.set_title(_headline(summary), loc="left", fontsize=10)
    if pixels_per_dot > 1:
        axes.set_xlabel(
            f"Each dot shows the largest difference of {pixels_per_dot} x {pixels_per_dot} pixels.",
            loc="left",
        )
    return figure


def _page(map_size: np.ndarray) -> tuple[Figure, Axes, Axes]:
    """A figure with axes for a map of so many dots (height, width), and for the scale bar."""
    panel = np.maximum(map_size, SMALLEST_PANEL)
    page_height, page_width = panel[0] + ABOVE + BELOW, panel[1] + LEFT + RIGHT
    figure = Figure((page_width / DOTS_PER_INCH, page_height / DOTS_PER_INCH), DOTS_PER_INCH)
    FigureCanvasAgg(figure)

    def axes(left: int, width: int, height: int) -> Axes:
        bottom = page_height - ABOVE - height
        return figure.add_axes(
            (left / page_width, bottom / page_height, width / page_width, height / page_height)
        )

    height, width = map_size
    return figure, axes(LEFT, width, height), axes(LEFT + width + BAR_GAP, BAR_WIDTH, panel[0])


def _headline(summary: Summary) -> str:
    return (
        f"mean {summary.mean:.2f}    median {summary.median:.2f}    "
        f"99th percentile {summary.percentile_99:.2f}    maximum {summary.maximum:.2f} "
        f"at x {summary.maximum_x}, y {summary.maximum_y}"
    )


def shrink(differences: np.ndarray) -> tuple[np.ndarray, int]:
    """
    A map of at most ``LONG_SIDE`` values a side, and how many pixels a side one value stands for.

    A value that stands for many pixels is the largest of theirs, so that the smallest defect of
    the largest image is seen.

    Examples
    --------
    >>> values, pixels = shrink(np.arange(6000.0).reshape(2, 3000))
    >>> values.shape, pixels, float(values[0, 0])
    ((1, 1500), 2, 3001.0)
    """
    height, width = differences.shape
    pixels = -(-max(height, width) // LONG_SIDE)
    if pixels == 1:
        return differences, 1
    rows = np.maximum.reduceat(differences, np.arange(0, height, pixels), axis=0)
    return np.maximum.reduceat(rows, np.arange(0, width, pixels), axis=1), pixels


def top_of_scale(values: np.ndarray) -> float:
    """
    Where the scale ends: the first of ``TOPS`` that ``SHARE_WITHIN_SCALE`` of the values keep to.

    Few scales, so that pictures compare at a glance; and a few stray values do not darken the rest.

    Examples
    --------
    >>> top_of_scale(np.array([[0.5, 5.1]]))
    10
    """
    needed = np.quantile(values, SHARE_WITHIN_SCALE)
    return next((top for top in TOPS if top >= needed), TOPS[-1])
