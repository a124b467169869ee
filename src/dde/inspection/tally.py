"""What is kept of the differences while an image streams by: numbers that can be added up."""

import math
from collections.abc import Callable, Collection, Sequence
from fractions import Fraction

import numpy as np

from dde import _core
from dde.inspection.found import Statistics

BINS = _core.bins  # the last one counts differences of 256 and more
NO_STEPS = _core.Way(())


class Tally:
    """
    Counts, sums and histograms of the differences in each region of an image.

    Tallies of parts of an image, in whatever way it is divided, can be merged: all that is whole
    numbers comes out as from the image in one piece to the last bit, the sums within rounding of
    float64. A tally can be pickled.

    Parameters
    ----------
    regions : int
        How many regions there are.
    thresholds : sequence of float
        Above which shares are counted.
    width : int
        Of the whole image, in pixels: it makes places of pixel numbers.
    scale : float, optional
        What differences are multiplied by for the histogram: 1 for a ΔE, so that it ends at 256.

    Attributes
    ----------
    histogram : numpy.ndarray of int64, shape (regions, bins)
        Bin i counts the differences in [i / 128, (i + 1) / 128), over the scale.

    Examples
    --------
    >>> from dde.metrics.table import kernel_of
    >>> lab = np.float32([[[50, 0, 0], [60, 0, 0]]])
    >>> tally = Tally(1, [1.0], 2)
    >>> tally.add(kernel_of("CIE76", {}), lab, lab + [[[0, 0, 0], [3, 0, 0]]])
    >>> found = tally.statistics(0)
    >>> found.mean, found.maximum, found.maximum_x, found.share_above
    (1.5, 3.0, 1, {1.0: 0.5})
    """

    def __init__(
        self, regions: int, thresholds: Sequence[float], width: int, scale: float = 1
    ) -> None:
        self.scale = scale
        self.thresholds = np.array(thresholds, dtype=np.float64)
        self.width = width
        self.histogram = np.zeros((regions, BINS), dtype=np.int64)
        # Of pixels with a finite difference, of those without, of those above each threshold.
        self._counts = np.zeros((regions, 2 + len(thresholds)), dtype=np.int64)
        self._sums = np.zeros((regions, 5))  # of ΔE, ΔE², ΔL*, ΔC* and ΔH*
        self._peaks = np.full(regions, -np.inf)
        self._places = np.full(regions, -1, dtype=np.int64)

    def add(
        self,
        metric: _core.DifferenceKernel,
        reference: np.ndarray,
        sample: np.ndarray,
        ways: tuple[_core.Way, _core.Way] = (NO_STEPS, NO_STEPS),
        *,
        compared: _core.Way = NO_STEPS,
        labels: np.ndarray | None = None,
        first_row: int = 0,
        out: np.ndarray | None = None,
        given: bool = False,
        limits: np.ndarray | None = None,
    ) -> None:
        """
        Add the differences between two images, or strips of whole rows of them.

        Parameters
        ----------
        metric : object
            As from `dde.metrics.table.kernel_of`.
        reference, sample : numpy.ndarray, shape (rows, W, 3)
            Their colours.
        ways : tuple of ways, optional
            From the colours of each to Lab; by default they are Lab.
        compared : way, optional
            From Lab to what the metric compares, where that is not Lab.
        labels : numpy.ndarray of uint8, shape (rows, W), optional
            n for a pixel of region n - 1, 0 for one that is not counted; by default all are of the
            first region.
        first_row : int, optional
            The row of the image at which the strip begins.
        out : numpy.ndarray of float32, shape (rows, W), optional
            Where to put the differences, of all pixels.
        given : bool, optional
            That `out` holds the differences already.
        limits : numpy.ndarray of float32, shape (rows, W), optional
            What differences are divided by, before they are counted and put anywhere.

        Raises
        ------
        ValueError
            If a float of sRGB lies outside [0, 1].
        """
        _core.tally(
            metric,
            compared,
            reference,
            sample,
            ways,
            labels,
            self.thresholds,
            first_row * self.width,
            False,
            out,
            self.histogram,
            self._counts,
            self._sums,
            self._peaks,
            self._places,
            given,
            self.scale,
            limits,
        )

    def merge(self, other: "Tally") -> None:
        """Add what a tally of another part of the same image, made alike, has counted."""
        self.histogram += other.histogram
        self._counts += other._counts
        self._sums += other._sums
        # Of equal peaks the first in reading order.
        first = (other._peaks == self._peaks) & (other._places < self._places)
        better = (other._peaks > self._peaks) | first
        self._peaks[better], self._places[better] = other._peaks[better], other._places[better]

    def total(self) -> "Tally":
        """A tally of a single region: all of them together."""
        total = Tally(1, self.thresholds.tolist(), self.width, self.scale)
        for region in range(len(self._peaks)):
            total.merge(self._only(region))
        return total

    def _only(self, region: int) -> "Tally":
        part = Tally(1, self.thresholds.tolist(), self.width, self.scale)
        for name in ("histogram", "_counts", "_sums", "_peaks", "_places"):
            setattr(part, name, getattr(self, name)[region : region + 1])
        return part

    def pixels(self, region: int) -> int:
        """How many pixels of a region are counted, with a finite difference or without."""
        return int(self._counts[region, :2].sum())

    def statistics(self, region: int, shown: Collection[float] | None = None) -> Statistics:
        """What has been found in a region, with the shares above those thresholds that are `shown`:
        by default all."""
        count, not_finite, *above = self._counts[region].tolist()
        place = int(self._places[region])
        means = self._sums[region] / count if count else np.full(5, np.nan)
        variance = np.maximum(means[1] - means[0] ** 2, 0)  # rounding must not make it negative
        numbers = dict(zip(self.thresholds.tolist(), above, strict=True))
        percentile = self.percentiles(region)
        return Statistics(
            count=count,
            not_finite=not_finite,
            mean=float(means[0]),
            standard_deviation=float(np.sqrt(variance)),
            median=percentile(50),
            percentile_90=percentile(90),
            percentile_95=percentile(95),
            percentile_99=percentile(99),
            maximum=float(self._peaks[region]) if count else np.nan,
            maximum_x=place % self.width if count else -1,
            maximum_y=place // self.width if count else -1,
            share_above={
                threshold: number / count if count else np.nan
                for threshold, number in numbers.items()
                if shown is None or threshold in shown
            },
            mean_delta_L=float(means[2]),
            mean_delta_C=float(means[3]),
            mean_delta_H=float(means[4]),
        )

    def percentiles(self, region: int) -> Callable[[float], float]:
        """
        The percentiles of a region's differences, from the percentage: NaN where there is none.

        A percentile is the smallest difference that so many per cent of the pixels do not exceed.
        Its bin of the histogram says where that lies, to 1/128; which side of each threshold it is
        on, the counts above say exactly, and it is never above the maximum. Of what is left, it is
        the middle, and in the last bin, which has no end, the largest.
        """
        count, _, *above = self._counts[region].tolist()
        cumulated = np.cumsum(self.histogram[region])
        # Differences are float32, and so is what they are compared with.
        with np.errstate(over="ignore"):
            limits = self.thresholds.astype(np.float32)
            nexts = np.nextafter(limits, np.float32(np.inf))
        limits_and_nexts = list(zip(limits.tolist(), nexts.tolist(), strict=True))

        def percentile(percentage: float) -> float:
            if count == 0:
                return np.nan
            rank = math.ceil(count * Fraction(f"{percentage:.15g}") / 100)
            bin = int(np.searchsorted(cumulated, rank))
            per_unit = _core.bins_per_unit * self.scale
            low, high = bin / per_unit, float(self._peaks[region])
            if bin < BINS - 1:
                high = min(high, (bin + 1) / per_unit)
            for (limit, following), number in zip(limits_and_nexts, above, strict=True):
                if count - number >= rank:
                    high = min(high, limit)
                else:
                    low = max(low, following)
            return high if bin == BINS - 1 else (low + high) / 2

        return percentile
