"""What weights make XYZ of spectra: illuminant, observer and practice in one table."""

from collections.abc import Sequence
from functools import cache, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from dde.wording import must_be_one_of

# ASTM E308-18, 7.1: sums run over these wavelengths, nm.
PRACTICE = np.arange(360, 781)
INTERVALS = (1, 5, 10, 20)
OBSERVERS = (2, 10)


@cache
def _table(name: str) -> tuple[tuple[str, ...], np.ndarray]:
    """The columns of a table, and its numbers: NaN where it has none."""
    from importlib.resources import files  # takes long to import

    text = files("dde.spectra").joinpath(name).read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    rows = [[float(cell) if cell else np.nan for cell in line.split(",")] for line in lines[1:]]
    return tuple(lines[0].split(",")), np.array(rows)


@cache
def illuminant_names() -> tuple[str, ...]:
    """The illuminants that are known."""
    return (*_table("illuminants.csv")[0][1:], "E")


def _observer(degrees: int) -> np.ndarray:
    """Colour-matching functions at the wavelengths of the practice, shape (421, 3)."""
    columns, numbers = _table("observers.csv")
    first = columns.index(f"x{degrees}")
    start = np.flatnonzero(numbers[:, 0] == PRACTICE[0])[0]
    return np.asarray(numbers[start : start + len(PRACTICE), first : first + 3])


def _illuminant(name: str) -> np.ndarray:
    """Its power at the wavelengths of the practice, the outermost going on beyond them."""
    if name == "E":
        return np.ones(len(PRACTICE))
    columns, numbers = _table("illuminants.csv")
    power = numbers[:, columns.index(name)]
    known = ~np.isnan(power)
    return np.asarray(np.interp(PRACTICE, numbers[known, 0], power[known]))


def weights_for(wavelengths: ArrayLike, illuminant: str, observer: int) -> np.ndarray:
    """
    The weights that make XYZ, Y = 1 for the perfect diffuser, of spectra: shape (bands, 3).

    Raises
    ------
    ValueError
        If the wavelengths are not 1, 5, 10 or 20 nm apart, or the illuminant or observer is
        unknown.
    """
    if not isinstance(illuminant, str) or illuminant not in illuminant_names():
        raise ValueError(f"illuminant {must_be_one_of(illuminant, illuminant_names())}")
    if isinstance(observer, bool) or observer not in OBSERVERS:
        raise ValueError(f"observer must be 2 or 10 degrees, not {observer!r}")
    bands = np.asarray(wavelengths)
    if bands.ndim != 1 or len(bands) < 2 or bands.dtype.kind not in "iuf":
        raise ValueError("wavelengths must be a sequence of at least 2 numbers, in nm")
    return _checked(tuple(bands.tolist()), illuminant, int(observer))


@lru_cache(maxsize=64)
def _checked(wavelengths: tuple[float, ...], illuminant: str, observer: int) -> np.ndarray:
    bands = np.array(wavelengths, dtype=np.float64)
    interval = bands[1] - bands[0]
    even = np.allclose(np.diff(bands), interval, rtol=0, atol=1e-6)
    if interval not in INTERVALS or not even or np.any(bands % 1):
        raise ValueError(
            "wavelengths must rise by 1, 5, 10 or 20 nm, in whole nm, as ASTM E308 has it; these "
            f"begin {bands[0]:g}, {bands[1]:g}"
        )
    if bands[0] % min(interval, 10) or bands[0] > 780 or bands[-1] < 360:
        raise ValueError(
            f"wavelengths must begin at a multiple of {min(interval, 10):g} nm and overlap 360 to "
            f"780; these go from {bands[0]:g} to {bands[-1]:g}"
        )
    return _weights(bands.astype(int).tolist(), illuminant, observer)


def _weights(bands: Sequence[int], illuminant: str, observer: int) -> np.ndarray:
    interval = bands[1] - bands[0]
    inside = np.array([PRACTICE[0] <= band <= PRACTICE[-1] for band in bands])
    used = np.array(bands)[inside]
    if interval == 20:
        fine = np.arange(used[0], used[-1] + 1, 10)
        table = _interpolated(len(used)).T @ _folded(_table_of(10, illuminant, observer), fine, 10)
    else:
        table = _folded(_table_of(interval, illuminant, observer), used, interval)
    weights = np.zeros((len(bands), 3))
    weights[inside] = table
    weights.flags.writeable = False
    return weights


@lru_cache(maxsize=64)
def _table_of(interval: int, illuminant: str, observer: int) -> np.ndarray:
    """Weights over the whole practice range: for 1 and 5 nm products, for 10 nm ASTM E2022."""
    products = _observer(observer) * _illuminant(illuminant)[:, None]
    weights = products[::interval].copy()
    if interval == 10:
        for offset in range(1, interval):
            _spread(weights, products[offset::interval], offset / interval)
    return np.asarray(weights / weights[:, 1].sum())


def _spread(weights: np.ndarray, products: np.ndarray, t: float) -> None:
    """
    Adds the products that lie at a share `t` of each interval to the weights around it.

    ASTM E2022-16: by cubic Lagrange interpolation, parabolic in the first and the last interval.
    """
    inner = _lagrange(1 + t, 4)
    for neighbour in range(4):
        weights[neighbour : len(weights) - 3 + neighbour] += inner[neighbour] * products[1:-1]
    for neighbour in range(3):
        weights[neighbour] += _lagrange(t, 3)[neighbour] * products[0]
        weights[-1 - neighbour] += _lagrange(1 - t, 3)[neighbour] * products[-1]


def _lagrange(x: float, points: int) -> np.ndarray:
    """Lagrange's coefficients at x of the points 0, 1, …"""
    others = [[other for other in range(points) if other != point] for point in range(points)]
    return np.array(
        [
            np.prod([(x - other) / (point - other) for other in others[point]])
            for point in range(points)
        ]
    )


def _folded(table: np.ndarray, bands: np.ndarray, interval: int) -> np.ndarray:
    """A table cut to the bands: what lies outside is added to the outermost (E308, 7.3)."""
    start = (bands[0] - PRACTICE[0]) // interval
    stop = start + len(bands)
    folded = table[start:stop].copy()
    folded[0] += table[:start].sum(axis=0)
    folded[-1] += table[stop:].sum(axis=0)
    return folded


def _interpolated(count: int) -> np.ndarray:
    """
    From values every 20 nm to values every 10 nm: a matrix, (2 count - 1, count); E308, 7.4.2.

    Two values are extrapolated at either end, and those between are cubic.
    """
    if count < 3:
        raise ValueError("wavelengths 20 nm apart must be at least 3")
    given = np.eye(count)
    padded = np.concatenate(
        [[3 * given[0] - 3 * given[1] + given[2]], given,
         [given[-3] - 3 * given[-2] + 3 * given[-1]]]
    )  # fmt: skip
    fine = np.empty((2 * count - 1, count))
    fine[::2] = given
    fine[1::2] = (-padded[:-3] + 9 * padded[1:-2] + 9 * padded[2:-1] - padded[3:]) / 16
    return fine
