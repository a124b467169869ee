"""Maps of the differences between images."""

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.images.source import ORDERS
from dde.metrics.table import Metric
from dde.pictures.comparison import comparison_of
from dde.pictures.viewing import Viewing
from dde.spaces.space import Space, find_space
from dde.wording import named


def delta_e_map(
    reference: ArrayLike,
    sample: ArrayLike,
    metric: Metric = "CIEDE2000",
    *,
    space: Space | str = "sRGB",
    order: str = "RGB",
    clip: bool = False,
    viewing: float | Viewing | None = None,
    shift: int = 0,
    edges: float = 0,
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
        As for `delta_e`: ``"CIEDE2000"``, ``"deep"`` and so on; also ``"FLIP"``, of `flip_map`.
    space : Space or str, optional
        What the numbers of both mean: ``"sRGB"``, ``"Display P3"``, ``"Rec. 2100 PQ"``, ``"Lab"``
        or another that `dde.Space` has. A formula of CIELAB sees them as CIELAB of D65.
    order : {"RGB", "BGR"}, optional
        The order of the channels of both, in any case; OpenCV's is BGR.
    clip : bool, optional
        Clip floats outside [0, 1] instead of refusing them. What is outside by no more than
        rounding (1e-5) always is.
    viewing : float or Viewing, optional
        From where the images are seen: the pixels that a degree of the visual field covers, or
        distance and pitch. Both images are first filtered as the eye does by S-CIELAB, so that what
        is too fine to be seen is not compared. By default each pixel stands for itself.
    shift : int, optional
        How many pixels, up to 4, a thing may be displaced in x and in y. A pixel of the reference
        is compared with all pixels of the sample no further away than that, and the least
        difference counts; likewise each of the sample with those of the reference; the map has the
        larger of the two, so that neither a lost nor an added thing is overlooked.
    edges : float, optional
        How many pixels' worth of the reference's own gradient is taken off the difference: the
        gradient is the largest difference from the pixel beside, above and below. 0.5 forgives what
        a displacement by half a pixel does.
    out : numpy.ndarray, optional
        Where to put the map: shape (H, W), float32.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Returns
    -------
    numpy.ndarray, shape (H, W)
        The differences, float32. A NaN gives NaN, for its pixel only; with `viewing`, for all
        pixels less than half a degree away in x and in y.

    Raises
    ------
    TypeError
        If an image is of another type, `out` is not float32, the metric has no such factor, or
        `viewing`, `shift` or `edges` is no number.
    ValueError
        If the shapes do not match, a float of RGB lies outside [0, 1] and `clip` is false; if the
        metric, the space, the order or a factor is none that is known; if `viewing`, `shift` or
        `edges` is out of range, or a tolerance is asked of FLIP, which has no pairs of colours.

    References
    ----------
    X. Zhang, B. A. Wandell, "A spatial extension of CIELAB for digital color image reproduction",
    Society for Information Display Symposium Technical Digest 27 (1996) 731-734. Its filters are
    sampled at the pixels within half a degree, and the weights of each channel sum to 1; beyond the
    border stands the mirror image.

    Examples
    --------
    >>> import dde, numpy as np
    >>> reference = np.zeros((2, 3, 3), dtype=np.uint8)
    >>> sample = reference.copy()
    >>> sample[0, 1] = 255, 255, 255
    >>> dde.delta_e_map(reference, sample).round(2).tolist()
    [[0.0, 100.0, 0.0], [0.0, 0.0, 0.0]]

    A chessboard of single pixels is grey from afar, and a thing that moved is no difference:

    >>> board = np.uint8(255 * (np.indices((40, 60)).sum(axis=0) % 2))[..., None].repeat(3, axis=2)
    >>> bool(np.median(dde.delta_e_map(board, board[:, ::-1], viewing=60)) < 1)
    True
    >>> float(dde.delta_e_map(board, board[:, ::-1], shift=1).max())
    0.0
    """
    reverse = named(order, ORDERS, "order") == "BGR"
    compared = comparison_of(metric, factors, viewing=viewing, shift=shift, edges=edges)
    way = compared.way(find_space(space))
    if compared.of_pixels:
        return _core.difference_of_images(
            compared.kernel, reference, sample, way, reverse, clip, out
        )
    return compared.map(reference, sample, (way, way), reverse=reverse, clip=clip, out=out)
