"""What the page draws: pictures as data URLs, outlines of regions, bars of histograms."""

import base64
import io
from collections.abc import Iterable
from typing import Any

import numpy as np
from PIL import Image

from dde.report.colour_map import colours_of
from dde.report.document import DELTA_E, Scale

TOPS = (2, 5, 10, 20, 50, 100, 200, 500)  # of a ΔE
SHARE_WITHIN_SCALE = 0.999

BARS = 72
LONGEST_OUTLINE = 20_000  # runs of dots; a region that has more is shown by its box


def top_of_scale(values: np.ndarray, scale: Scale = DELTA_E) -> float:
    """
    Where a scale of differences ends: the first of ``TOPS`` that 99.9 % of the values keep to.

    Of FLIP, whose largest is 1, these are 0.2, 0.5 and 1.

    Few scales, so that pictures compare at a glance; and a few stray values do not darken the rest.

    Examples
    --------
    >>> top_of_scale(np.array([[0.5, 5.1, np.nan]]))
    10.0
    """
    counted = values[np.isfinite(values)]
    needed = np.quantile(counted, SHARE_WITHIN_SCALE) if counted.size else 0
    tops = [round(top * scale.unit, 6) for top in TOPS]
    if scale.largest is not None:
        tops = [top for top in tops if top <= scale.largest]
    return next((top for top in tops if top >= needed), tops[-1])


def data_url(pixels: np.ndarray) -> str:
    """8-bit sRGB as a data URL: PNG where that is the shorter, else JPEG of high quality."""
    image = Image.fromarray(pixels)
    encoded = {}
    for kind, options in [("png", {}), ("jpeg", {"quality": 92, "subsampling": 0})]:
        stream = io.BytesIO()
        image.save(stream, kind, **options)
        encoded[kind] = stream.getvalue()
    kind, content = min(encoded.items(), key=lambda item: len(item[1]))
    return f"data:image/{kind};base64," + base64.b64encode(content).decode()


def map_url(values: np.ndarray, top: float) -> str:
    """A map as a data URL."""
    return data_url(colours_of(values / np.float32(top)))


def scale_colours() -> list[str]:
    """A dozen colours along the scale, from its foot to its top, as HTML writes them."""
    colours = colours_of(np.linspace(0, 1, 12))
    return ["#" + bytes(colour).hex() for colour in colours]


def outline(inside: np.ndarray, block: int) -> dict[str, Any] | None:
    """
    Where a region is: its box in pixels, and its outline as the path of an SVG.

    Parameters
    ----------
    inside : numpy.ndarray of bool, shape (h, w)
        Its dots.
    block : int
        How many pixels a dot stands for along each side.

    Examples
    --------
    >>> found = outline(np.array([[False, True, True]]), 10)
    >>> found["box"], found["path"]
    ((10, 0, 20, 10), 'M10 0h20M10 10h20M10 0v10M30 0v10')
    """
    rows, columns = (np.flatnonzero(inside.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return None
    top, left = int(rows[0]), int(columns[0])
    box = (left, top, int(columns[-1]) - left + 1, int(rows[-1]) - top + 1)
    edges = np.pad(inside, 1)
    across = _runs(edges[1:, 1:-1] != edges[:-1, 1:-1])
    down = _runs((edges[1:-1, 1:] != edges[1:-1, :-1]).T)
    if len(across) + len(down) > LONGEST_OUTLINE:
        return {"box": _scaled(box, block), "path": _path_of_box(*_scaled(box, block))}
    runs = [f"M{x * block} {y * block}h{n * block}" for y, x, n in across]
    runs += [f"M{x * block} {y * block}v{n * block}" for x, y, n in down]
    return {"box": _scaled(box, block), "path": "".join(runs)}


def _scaled(box: tuple[int, int, int, int], block: int) -> tuple[int, int, int, int]:
    x, y, width, height = (block * number for number in box)
    return x, y, width, height


def _path_of_box(x: int, y: int, width: int, height: int) -> str:
    return f"M{x} {y}h{width}v{height}h-{width}z"


def _runs(edges: np.ndarray) -> list[tuple[int, int, int]]:
    """Line, start and length of each run of True along the last axis."""
    steps = np.diff(np.pad(edges, ((0, 0), (1, 1))).astype(np.int8), axis=1)
    (lines, starts), (_, ends) = np.nonzero(steps == 1), np.nonzero(steps == -1)
    return list(zip(lines.tolist(), starts.tolist(), (ends - starts).tolist(), strict=True))


def histogram(
    name: str, counts: np.ndarray, limits: list[tuple[str, float]], scale: Scale = DELTA_E
) -> dict[str, Any]:
    """
    A histogram as bars: heights on a logarithmic scale, so that one pixel of millions is seen.

    Parameters
    ----------
    name : str
        Whose differences these are.
    counts : numpy.ndarray of int
        As in `RegionResult.histogram`.
    limits : list of tuple
        What each limit is called, and where on the axis it stands; those beyond all bins are left
        out.
    scale : Scale, optional
        What the differences are told in.

    Returns
    -------
    dict
        ``bars``: start, end and height (0 to 1) on an axis from 0 to 1, with what to say of each;
        ``beyond``: how many differences the axis leaves out; ``across``, ``up`` and ``limits``:
        places on the axes, with their labels.
    """
    total = np.cumsum(counts)
    last = len(counts) / scale.bins_per_unit  # beyond it a limit has no place
    limits = [(label, limit) for label, limit in limits if limit <= last]
    needed = int(np.searchsorted(total, SHARE_WITHIN_SCALE * total[-1])) / scale.bins_per_unit
    needed = 1.15 * max([needed, 0.5 * scale.unit, *(limit for _, limit in limits)])
    bins = -(-int(needed * scale.bins_per_unit) // BARS)  # of the histogram, in a bar
    end = BARS * bins / scale.bins_per_unit
    shown = np.zeros(BARS * bins, dtype=np.int64)
    # The last bin has no end, unless it is that of the largest difference.
    within = (counts[:-1] if scale.largest is None else counts)[: len(shown)]
    shown[: len(within)] = within
    bars = shown.reshape(BARS, bins).sum(axis=1)
    decades = len(str(bars.max()))
    return {
        "name": name,
        "bars": [
            {
                "start": i / BARS,
                "end": (i + 1) / BARS,
                "height": (np.log10(n) + 0.3) / (decades + 0.3),
                "label": f"{scale.name} {scale.format(i * end / BARS)} to "
                f"{scale.format((i + 1) * end / BARS)}: {n:,} pixels",
            }
            for i, n in enumerate(bars.tolist())
            if n
        ],
        "end": end,
        "beyond": int(total[-1] - bars.sum()),
        "across": [{"place": value / end, "label": f"{value:g}"} for value in _ticks(end)],
        "up": [
            {"place": (power + 0.3) / (decades + 0.3), "label": _power_of_ten(power)}
            for power in range(decades)
        ],
        "limits": [{"place": limit / end, "label": label} for label, limit in limits],
    }


def _power_of_ten(power: int) -> str:
    """
    As it is printed: short, however many pixels there are.

    Examples
    --------
    >>> [_power_of_ten(power) for power in (0, 1, 2, 10)]
    ['1', '10', '10²', '10¹⁰']
    """
    superscript = str(power).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return ("1", "10")[power] if power < 2 else f"10{superscript}"


def _ticks(end: float) -> list[float]:
    """
    Round numbers from 0 to an end, about six of them.

    Examples
    --------
    >>> _ticks(2.3)
    [0.0, 0.5, 1.0, 1.5, 2.0]
    """
    step = next(
        base * 10.0**power
        for power in range(-4, 4)
        for base in (1, 2, 5)
        if base * 10.0**power >= end / 7
    )
    return [round(step * i, 6) for i in range(int(end / step) + 1)]


def limits_of(judgements: Iterable[dict[str, Any]]) -> list[tuple[str, float]]:
    """
    The limits on a difference that rules set: what each is called, and where it stands.

    Examples
    --------
    >>> limits_of([{"rule": "p95 <= 2", "mark": 2.0}, {"rule": "|dL| <= 1", "mark": None}])
    [('p95 ≤ 2', 2.0)]
    """
    return [
        (judgement["rule"].replace("<=", "≤").replace(">=", "≥"), judgement["mark"])
        for judgement in judgements
        if judgement["mark"] is not None
    ]
