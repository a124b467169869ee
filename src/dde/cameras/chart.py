"""Charts of patches in photographs, and the frames that make photographs even."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from operator import index
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

CLIPPED = 0.995  # of the largest value that there is
UNEVEN = 0.12  # standard deviation within a patch, of its mean
CELL = re.compile(r"([A-Za-z]{1,2})0*(\d{1,3})")  # such as A1: a letter and a number
MOST_PATCHES = 10_000
OUTSIDE = "corners must lie within the image"
POINTS = 24, 512  # along a side of a patch, at least and at most


@dataclass(frozen=True)
class ChartReading:
    """
    The patches of a chart in a photograph, row by row from the one at the first corner.

    Attributes
    ----------
    rgb : numpy.ndarray of float64, shape (N, 3)
        The mean of each, from 0 to 1.
    doubts : dict
        By number, why a patch is not to be trusted: ``"clipped"``, ``"uneven"``,
        ``"not a number"``.
    layout : tuple of int
        How many rows and columns.
    """

    rgb: np.ndarray
    doubts: dict[int, str]
    layout: tuple[int, int]

    def arranged(self) -> Iterator[tuple[str, np.ndarray]]:
        """The ways in which the chart may lie wrongly, and which patch then stands where."""
        numbers = np.arange(len(self.rgb)).reshape(self.layout)
        yield "upside down", numbers[::-1, ::-1].ravel()
        yield "mirrored left to right", numbers[:, ::-1].ravel()
        yield "mirrored top to bottom", numbers[::-1].ravel()


def cells_in_order(names: Sequence[str], layout: tuple[int, int]) -> list[int]:
    """
    Where each patch of a chart, row by row, stands among names such as A1; as they come where they
    are no such names. Letters are rows or columns, whichever are as many.

    Examples
    --------
    >>> cells_in_order(["A1", "A2", "B1", "B2", "C1", "C2"], (2, 3))
    [0, 2, 4, 1, 3, 5]
    >>> cells_in_order(["white", "black"], (1, 2))
    [0, 1]
    """
    cells = [found for found in map(CELL.fullmatch, names) if found]
    letters, numbers = {cell[1].upper() for cell in cells}, {int(cell[2]) for cell in cells}
    grid = len(letters), len(numbers)
    whole = len(cells) == len(names) == grid[0] * grid[1]
    if not whole or layout not in (grid, grid[::-1]):
        return list(range(len(names)))

    def place(number: int) -> tuple[Any, ...]:
        letter = len(cells[number][1]), cells[number][1].upper()
        return (letter, int(cells[number][2]))[:: 1 if layout == grid else -1]

    return sorted(range(len(cells)), key=place)


def read_chart(
    image: ArrayLike,
    corners: ArrayLike,
    layout: tuple[int, int] = (4, 6),
    *,
    share: float = 0.5,
) -> ChartReading:
    """
    The patches of a chart in a photograph, found by its four corners.

    Parameters
    ----------
    image : array_like, shape (H, W, 3)
        Linear RGB of the camera, the black level taken off: uint8, uint16, or floats from 0 to 1.
    corners : array_like, shape (4, 2)
        x, y in pixels of the corners of the field of patches: that at the first patch, then along
        the first row, and so on around. Perspective is allowed for.
    layout : tuple of int, optional
        How many rows and columns of patches.
    share : float, optional
        How much of a patch's side is read, around its middle.

    Returns
    -------
    ChartReading
        Means and doubts, row by row.

    Raises
    ------
    TypeError
        If the image is of another type.
    ValueError
        If the image, the corners, the layout or the share is none that is accepted.

    Examples
    --------
    >>> image = np.repeat(np.repeat(np.linspace(0.1, 0.9, 6).reshape(1, 6, 1), 3, 2), 40, 0)
    >>> image = np.repeat(image, 40, 1)
    >>> reading = read_chart(image, [(0, 0), (240, 0), (240, 40), (0, 40)], (1, 6))
    >>> reading.rgb[:, 0].round(2).tolist()
    [0.1, 0.26, 0.42, 0.58, 0.74, 0.9]
    """
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"image must be of shape (H, W, 3); its shape is {pixels.shape}")
    if pixels.dtype.kind not in "uf" or pixels.dtype.itemsize > 8:
        raise TypeError(f"image must hold uint8, uint16 or floats from 0 to 1, not {pixels.dtype}")
    four = np.asarray(corners, dtype=np.float64)
    if four.shape != (4, 2):
        raise ValueError(f"corners must be four pairs x, y; their shape is {four.shape}")
    if not np.isfinite(four).all():
        raise ValueError("corners must be four pairs of finite numbers x, y; one is not")
    rows, columns = _rows_and_columns(layout)
    if isinstance(share, str) or not 0 < share <= 1:
        raise ValueError(f"share must be above 0 and at most 1, not {share!r}")
    top = 1 if pixels.dtype.kind == "f" else np.iinfo(pixels.dtype).max
    rgb, doubts = np.empty((rows * columns, 3)), {}
    for number, spot in enumerate(_spots(_homography(four), rows, columns, share)):
        samples = _sampled(pixels, spot) / top
        rgb[number] = samples.mean(axis=0)
        if doubt := _doubt(samples):
            doubts[number] = doubt
    return ChartReading(rgb, doubts, (rows, columns))


def _rows_and_columns(layout: Any) -> tuple[int, int]:
    try:
        rows, columns = map(index, layout)
    except (TypeError, ValueError):
        raise ValueError(f"layout must be two whole numbers, not {layout!r}") from None
    if min(rows, columns) < 1 or rows * columns > MOST_PATCHES:
        raise ValueError(
            f"layout must have from 1 to {MOST_PATCHES} patches, not {rows} x {columns}"
        )
    return rows, columns


def _homography(corners: np.ndarray) -> np.ndarray:
    """The matrix from the unit square to four corners, (0, 0), (1, 0), (1, 1), (0, 1) in turn."""
    square = np.array([(0, 0), (1, 0), (1, 1), (0, 1)], dtype=np.float64)
    equations, right = [], []
    for (u, v), (x, y) in zip(square, corners, strict=True):
        equations += [[u, v, 1, 0, 0, 0, -u * x, -v * x], [0, 0, 0, u, v, 1, -u * y, -v * y]]
        right += [x, y]
    try:
        solved = np.linalg.solve(np.array(equations), np.array(right))
    except np.linalg.LinAlgError:
        raise ValueError("corners must be four of which no three lie on one line") from None
    return np.append(solved, 1).reshape(3, 3)


def _spots(matrix: np.ndarray, rows: int, columns: int, share: float) -> Iterator[np.ndarray]:
    """Where each patch is sampled: x, y of points, shape (N, 2), as close as its pixels are."""
    corners = _seen(matrix, np.array([0, 1, 1, 0]), np.array([0, 0, 1, 1]))
    with np.errstate(over="ignore"):
        sides = np.hypot(*np.diff(corners, axis=0, append=corners[:1]).T)
    side = share * max(max(sides[::2]) / columns, max(sides[1::2]) / rows)
    points = int(np.clip(np.ceil(side), *POINTS))
    inside = 0.5 + share * ((np.arange(points) + 0.5) / points - 0.5)
    for row in range(rows):
        for column in range(columns):
            u, v = np.meshgrid((column + inside) / columns, (row + inside) / rows)
            yield _seen(matrix, u.ravel(), v.ravel())


def _seen(matrix: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Where places of the unit square lie in the photograph: x, y, shape (N, 2)."""
    with np.errstate(all="ignore"):
        x, y, w = matrix @ [u, v, np.ones(u.size)]
        places = np.stack([x / w, y / w], axis=1)
    if not np.isfinite(places).all():
        raise ValueError(OUTSIDE)
    return places


def _sampled(pixels: np.ndarray, spot: np.ndarray) -> np.ndarray:
    """The pixels at these places."""
    height, width = pixels.shape[:2]
    if spot.min() < 0 or (spot.max(axis=0) >= (width, height)).any():
        raise ValueError(OUTSIDE)
    x, y = spot.astype(int).T
    return np.asarray(pixels[y, x], dtype=np.float64)


def _doubt(samples: np.ndarray) -> str | None:
    if not np.isfinite(samples).all():
        return "not a number"
    if np.mean(samples >= CLIPPED, axis=0).max() > 0.01:
        return "clipped"
    mean = samples.mean()
    if samples.mean(axis=1).std() > UNEVEN * max(mean, 0.01):
        return "uneven"
    return None


def flat_field(
    raw: ArrayLike, flat: ArrayLike, dark: ArrayLike | None = None, *, out: Any = None
) -> np.ndarray:
    """
    A frame as it would be in even light: (raw - dark) / (flat - dark) · mean(flat - dark).

    Parameters
    ----------
    raw : array_like, shape (..., H, W, 3)
        Linear values of the camera.
    flat : array_like, shape (H, W, 3)
        The same of an evenly white surface in the same light.
    dark : array_like, shape (H, W, 3) or a number, optional
        The same with the lens covered; by default 0.

    Returns
    -------
    numpy.ndarray of float32
        Of the shape of raw, on its scale. The mean is of each channel; where the flat field is not
        above the dark one, NaN.

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> flat = np.full((2, 2, 3), 0.5); flat[0] = 0.25
    >>> flat_field(flat / 2, flat)[..., 0].tolist()
    [[0.1875, 0.1875], [0.1875, 0.1875]]
    """
    black = np.asarray(0 if dark is None else dark, dtype=np.float32)
    light = np.asarray(flat, dtype=np.float32) - black
    frame = np.asarray(raw, dtype=np.float32) - black
    if light.ndim != 3 or frame.shape[-3:] != light.shape:
        raise ValueError(
            f"raw and flat must be of one shape (H, W, 3); they are {frame.shape}, {light.shape}"
        )
    mean = light.mean(axis=(0, 1), dtype=np.float64).astype(np.float32)
    gain = np.full_like(light, np.nan)
    np.divide(mean, light, out=gain, where=light > 0)
    return np.asarray(np.multiply(frame, gain, out=out))


@cache
def named_chart(name: str) -> tuple[tuple[str, ...], np.ndarray]:
    """The names and the CIELAB (D50) of the patches of a chart that dde knows."""
    from importlib.resources import files  # takes long to import

    lines = files("dde.cameras").joinpath(f"{name}.csv").read_text().splitlines()
    rows = [line.split(",") for line in lines if not line.startswith("#")][1:]
    return tuple(row[0] for row in rows), np.array([row[1:] for row in rows], dtype=np.float64)
