"""A map of differences as a picture: the map, a scale bar, and the gist in words."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from dde.inspection.found import Statistics
from dde.inspection.pictures import LONG_SIDE
from dde.report.colour_map import INFERNO
from dde.report.document import DELTA_E, Pictures, Scale
from dde.report.drawing import top_of_scale
from dde.writing import replacing

COLOUR_MAP = ListedColormap(INFERNO / 255).with_extremes(over="white", bad="gray")
FORMATS = {
    ".png": "png",
    ".jpg": "jpeg",
    ".jpeg": "jpeg",
    ".tif": "tiff",
    ".tiff": "tiff",
    ".webp": "webp",
}

# In dots of the picture. A panel that holds the map, with margins for axes, scale bar and text.
SMALLEST_PANEL = 320, 640
LEFT, RIGHT, ABOVE, BELOW = 100, 170, 60, 90
BAR_GAP, BAR_WIDTH = 30, 28
DOTS_PER_INCH = 120


def write_picture(
    pictures: Pictures, metric: str, statistics: Statistics, path: Path, scale: Scale = DELTA_E
) -> None:
    """
    Draws a map to a file, which appears whole or not at all.

    Parameters
    ----------
    pictures : Pictures
        Of which the map is drawn.
    metric : str
        The name of the metric, for the scale bar.
    statistics : Statistics
        Of the whole map.
    path : pathlib.Path
        Where to; its suffix is one of ``FORMATS``. A file that is there already is replaced.
    scale : Scale, optional
        What the differences are told in.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    figure = draw(pictures, metric, statistics, scale)
    with replacing(path) as file:
        figure.savefig(file, format=FORMATS[path.suffix.lower()])


def draw(pictures: Pictures, metric: str, statistics: Statistics, scale: Scale = DELTA_E) -> Figure:
    """
    The picture of a map, as a figure of matplotlib apart from the global state of pyplot.

    Parameters
    ----------
    pictures, metric, statistics, scale
        As for `write_picture`.

    Returns
    -------
    matplotlib.figure.Figure
        The map stands in it enlarged or reduced by a whole number.
    """
    values, pixels_per_dot = pictures.map, pictures.block
    top = top_of_scale(values, scale)
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
        label=scale.name if scale.name == metric else f"{scale.name} ({metric})",
        extend="max" if np.any(values > top) else "neither",
        extendfrac=0.03,
        ticks=MaxNLocator(5, steps=(1, 2, 5, 10)),
    )
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(MaxNLocator("auto", integer=True, steps=(1, 2, 2.5, 5, 10)))
    axes.set_title(_headline(statistics, scale), loc="left", fontsize=10)
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


def _headline(found: Statistics, scale: Scale) -> str:
    shown = scale.format
    return (
        f"mean {shown(found.mean)}    median {shown(found.median)}    "
        f"99th percentile {shown(found.percentile_99)}    maximum {shown(found.maximum)} "
        f"at x {found.maximum_x}, y {found.maximum_y}"
    )
