"""A map of differences in a dozen numbers."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Summary:
    """
    What a map of differences holds.

    Attributes
    ----------
    width, height : int
        Size of the map, in pixels.
    mean, median, percentile_95, percentile_99, maximum : float
        Over all pixels. A percentile between two pixels is interpolated linearly.
    maximum_x, maximum_y : int
        Column and row of the maximum, from 0 at the top left; of several, the first in reading
        order.
    share_above_1, share_above_2, share_above_5 : float
        Share of the pixels whose difference is larger than 1, 2 and 5, from 0 to 1.
    """

    width: int
    height: int
    mean: float
    median: float
    percentile_95: float
    percentile_99: float
    maximum: float
    maximum_x: int
    maximum_y: int
    share_above_1: float
    share_above_2: float
    share_above_5: float


def summarise(differences: np.ndarray) -> Summary:
    """
    The summary of a map.

    Parameters
    ----------
    differences : numpy.ndarray
        Shape (H, W), of at least 1 pixel.

    Returns
    -------
    Summary
        In double precision, whatever the precision of the map.

    Examples
    --------
    >>> summary = summarise(np.array([[0, 0, 0], [0, 0, 6]]))
    >>> summary.mean, summary.maximum, summary.maximum_x, summary.maximum_y
    (1.0, 6.0, 2, 1)
    """
    height, width = differences.shape
    median, percentile_95, percentile_99 = np.percentile(differences, [50, 95, 99])
    y, x = divmod(int(differences.argmax()), width)

    def share_above(threshold: float) -> float:
        return np.count_nonzero(differences > threshold) / differences.size

    return Summary(
        width=width,
        height=height,
        mean=float(differences.mean(dtype=np.float64)),
        median=float(median),
        percentile_95=float(percentile_95),
        percentile_99=float(percentile_99),
        maximum=float(differences[y, x]),
        maximum_x=x,
        maximum_y=y,
        share_above_1=share_above(1),
        share_above_2=share_above(2),
        share_above_5=share_above(5),
    )
