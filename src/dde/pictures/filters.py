"""Separable filters as the kernels take them: see `kernels/pictures/picture_walk.h`."""

from dataclasses import dataclass

import numpy as np

from dde import _core

NEGLIGIBLE = 1e-9  # beside the largest tap of a filter


def gaussian(spread: float, radius: int) -> np.ndarray:
    """
    exp(-x² / spread²) at the whole numbers from -radius to radius, normalised to a sum of 1.

    Examples
    --------
    >>> gaussian(1.0, 1).round(4).tolist()
    [0.2119, 0.5761, 0.2119]
    """
    x = np.arange(-radius, radius + 1)
    taps = np.exp(-((x / spread) ** 2))
    return np.asarray(taps / taps.sum())


@dataclass(frozen=True)
class Filter:
    """
    A filter that is the product of one along the row and one down the column.

    Attributes
    ----------
    channel : int
        Which of the three channels of the colours it is applied to.
    output : int
        The channel that it is added to.
    across, down : numpy.ndarray
        Its taps, an odd number of them, along the row and down the column.
    """

    channel: int
    output: int
    across: np.ndarray
    down: np.ndarray


def bank_of(
    filters: list[Filter],
    *,
    reflected: bool,
    finish: _core.Way | None = None,
) -> _core.FilterBank:
    """
    A bank of filters for the kernels. What is the same along the row is done once.

    Parameters
    ----------
    filters : list of Filter
        At most eight, of at most eight different lines.
    reflected : bool
        How an image goes on beyond its border: as its mirror image, in which the pixel at the
        border is repeated, or as nothing but that pixel.
    finish : way, optional
        From the first three outputs to what is compared.
    """
    lines: list[tuple[int, np.ndarray]] = []
    sums = []
    for part in filters:
        across, down = _trimmed(part.across, 0), _trimmed(part.down, _core.least_radius_down)
        same = [channel == part.channel and np.array_equal(taps, across) for channel, taps in lines]
        if not any(same):
            lines.append((part.channel, across))
        sums.append(((*same, True).index(True), part.output, down))
    return _core.FilterBank(lines, sums, reflected, finish)


def _trimmed(taps: np.ndarray, least: int) -> np.ndarray:
    """The taps without those at the ends that change nothing; padded to a least radius."""
    radius = len(taps) // 2
    counted = np.flatnonzero(np.abs(taps) > NEGLIGIBLE * np.abs(taps).max())
    needed = max(radius - counted[0], counted[-1] - radius, least)
    if needed > radius:
        return np.pad(taps, needed - radius)
    return taps[radius - needed : radius + needed + 1]
