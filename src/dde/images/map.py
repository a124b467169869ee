"""Maps of the differences between images."""

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.metrics.table import Metric, kernel_of, space_of
from dde.spaces.space import Space, find_space, way_between
from dde.wording import named

ORDERS = ("RGB", "BGR")  # of the channels


def delta_e_map(
    reference: ArrayLike,
    sample: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    space: Space | str = "sRGB",
    order: str = "RGB",
    clip: bool = False,
    out: np.ndarray | None = None,
    **factors: float,
) -> np.ndarray:
    """
    The map of colour differences between two images of one space, by default sRGB.

    Decoding, conversion to CIELAB and comparison are one pass over tiles that stay in the
    processor's cache, on several threads. Besides the map itself no memory is allocated.

    Parameters
    ----------
    reference, sample : array_like, shape (H, W, 3)
        RGB: uint8 (0 to 255), uint16 (0 to 65535), or float32 or float64 in [0, 1]; each of its
        own type. Colours of other spaces: float32 or float64. One of them may be a single colour,
        of shape (3,).
    metric : str or callable, optional
        As for `delta_e`: ``"CIEDE2000"``, ``"deep"`` and so on.
    space : Space or str, optional
        What the numbers of both mean: ``"sRGB"``, ``"Display P3"``, ``"Rec. 2100 PQ"``, ``"Lab"``
        or another that `dde.Space` has. A formula of CIELAB sees them as CIELAB of D65.
    order : {"RGB", "BGR"}, optional
        The order of the channels of both, in any case; OpenCV's is BGR.
    clip : bool, optional
        Clip floats outside [0, 1] instead of refusing them. What is outside by no more than
        rounding (1e-5) always is.
    out : numpy.ndarray, optional
        Where to put the map: shape (H, W), float32.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Returns
    -------
    numpy.ndarray, shape (H, W)
        The differences, float32. A NaN gives NaN, for its pixel only.

    Raises
    ------
    TypeError
        If an image is of another type, `out` is not float32, or the metric has no such factor.
    ValueError
        If the shapes do not match, a float of RGB lies outside [0, 1] and `clip` is false, or the
        metric, the space, the order or a factor is none that is known.

    Examples
    --------
    >>> import dde, numpy as np
    >>> reference = np.zeros((2, 3, 3), dtype=np.uint8)
    >>> sample = reference.copy()
    >>> sample[0, 1] = 255, 255, 255
    >>> dde.delta_e_map(reference, sample).round(2).tolist()
    [[0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]
    """
    order = named(order, ORDERS, "order")
    source = find_space(space)
    way = way_between(source, space_of(metric), source.coded)
    kernel = kernel_of(metric, factors)
    return _core.difference_of_images(kernel, reference, sample, way, order == "BGR", clip, out)
