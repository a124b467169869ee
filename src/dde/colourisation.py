"""
The colour science of colourisation: from a*b* to classes and back, and how good guesses are.

R. Zhang, P. Isola, A. A. Efros, "Colorful image colorization", ECCV 2016: a network is given L* and
says, of each pixel, how probable each bin of a*b* is.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde.metrics.formulas import cie76
from dde.spaces.conversions import srgb_to_lab

LARGEST_ERROR = 150  # in a*b*, of the curve under which an area is taken
BLOCK = 65536  # pixels encoded at a time


def ab_bins(size: float = 10) -> np.ndarray:
    """
    The bins of a*b* that colours of sRGB may need.

    Parameters
    ----------
    size : float, optional
        Their side, in units of CIELAB.

    Returns
    -------
    numpy.ndarray, shape (Q, 2)
        The a* and b* of their centres, multiples of `size`, sorted: all that lie no further than
        one bin, in a* and in b*, from the convex hull of the gamut. 313 for bins of 10.

    Raises
    ------
    ValueError
        If size is not a number from 1 to 100.

    References
    ----------
    Zhang et al. (2016), section 2.1 and figure 3, in which 313 bins are in gamut. The paper prints
    no rule for it; the one here was chosen because it gives that number.

    Examples
    --------
    >>> from dde.colourisation import ab_bins
    >>> ab_bins().shape, ab_bins()[0].tolist()
    ((313, 2), [-90.0, 50.0])
    """
    if not 1 <= size <= 100:
        raise ValueError(f"size must be a number from 1 to 100, not {size!r}")
    hull = _convex_hull(_gamut_surface())
    corners = size * np.array([(1, 1), (1, -1), (-1, 1), (-1, -1)])
    hull = _convex_hull((hull[:, None] + corners).reshape(-1, 2))
    steps = size * np.arange(-(LARGEST_ERROR // size), LARGEST_ERROR // size + 1, dtype=float)
    centres = np.stack(np.meshgrid(steps, steps, indexing="ij"), -1).reshape(-1, 2)
    sides = np.roll(hull, -1, axis=0) - hull
    apart = centres[:, None] - hull
    left = sides[:, 0] * apart[..., 1] - sides[:, 1] * apart[..., 0]
    inside: np.ndarray = centres[(left >= -1e-9).all(axis=1)]
    return inside


def _gamut_surface() -> np.ndarray:
    """a* and b* on the faces of the cube of sRGB."""
    side = np.linspace(0, 1, 64)
    first, second = np.meshgrid(side, side)
    faces = [
        np.insert(np.stack([first, second], -1), axis, end, axis=-1)
        for axis in range(3)
        for end in (0.0, 1.0)
    ]
    surface: np.ndarray = srgb_to_lab(np.stack(faces))[..., 1:].reshape(-1, 2)
    return surface


def _convex_hull(points: np.ndarray) -> np.ndarray:
    """The corners of the convex hull, counterclockwise: A. M. Andrew's monotone chain (1979)."""
    ordered = sorted(set(map(tuple, points.tolist())))

    def chain(run: list[tuple[float, ...]]) -> list[tuple[float, ...]]:
        kept: list[tuple[float, ...]] = []
        for x, y in run:
            while len(kept) > 1:
                (x0, y0), (x1, y1) = kept[-2:]
                if (x1 - x0) * (y - y0) > (y1 - y0) * (x - x0):
                    break
                kept.pop()
            kept.append((x, y))
        return kept[:-1]

    return np.array(chain(ordered) + chain(ordered[::-1]))


def _squared_distances(ab: np.ndarray, bins: np.ndarray) -> np.ndarray:
    squares = (ab**2).sum(-1)[:, None] - 2 * ab @ bins.T + (bins**2).sum(-1)
    clipped: np.ndarray = np.maximum(squares, 0)
    return clipped


def _pairs(argument: ArrayLike, name: str) -> np.ndarray:
    array = np.asarray(argument)
    if array.dtype.kind != "f" or array.ndim == 0 or array.shape[-1] != 2:
        raise ValueError(
            f"{name} must hold floating-point a* and b* along its last axis; "
            f"it is {array.dtype} of shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite")
    return array.astype(np.float64, copy=False)


def soft_encode(
    ab: ArrayLike, bins: np.ndarray, *, neighbours: int = 5, sigma: float = 5
) -> np.ndarray:
    """
    Colours as weights of their nearest bins, exp(-d² / 2σ²), which add up to 1.

    Parameters
    ----------
    ab : array_like, shape (..., 2)
        a* and b*, finite.
    bins : numpy.ndarray, shape (Q, 2)
        As from `ab_bins`.
    neighbours : int, optional
        How many of the nearest bins: 5 in the paper, 10 in its authors' program; 1 is one-hot.
    sigma : float, optional
        σ, in units of CIELAB.

    Returns
    -------
    numpy.ndarray of float32, shape (..., Q)

    Raises
    ------
    ValueError
        If ab is of another type or shape or not finite, there are not so many bins, or sigma is
        not positive.

    References
    ----------
    Zhang et al. (2016), section 2.1.

    Examples
    --------
    >>> from dde.colourisation import ab_bins, soft_encode
    >>> weights = soft_encode([[12.0, -31.0]], ab_bins())
    >>> weights.shape, int((weights > 0).sum()), float(weights.sum().round(4))
    ((1, 313), 5, 1.0)
    """
    colours = _pairs(ab, "ab")
    if not 1 <= neighbours <= len(bins):
        raise ValueError(f"neighbours must be from 1 to {len(bins)}, not {neighbours!r}")
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, not {sigma!r}")
    flat = colours.reshape(-1, 2)
    encoded = np.zeros((len(flat), len(bins)), np.float32)
    for start in range(0, len(flat), BLOCK):
        squares = _squared_distances(flat[start : start + BLOCK], bins)
        nearest = np.argpartition(squares, neighbours - 1, axis=1)[:, :neighbours]
        near = np.take_along_axis(squares, nearest, axis=1)
        weights = np.exp((near.min(axis=1, keepdims=True) - near) / (2 * sigma**2))
        weights /= weights.sum(axis=1, keepdims=True)
        np.put_along_axis(encoded[start : start + BLOCK], nearest, weights, axis=1)
    return encoded.reshape(*colours.shape[:-1], len(bins))


def annealed_mean(
    probabilities: ArrayLike, bins: np.ndarray, *, temperature: float = 0.38
) -> np.ndarray:
    """
    The colours that probabilities of bins stand for: the mean after raising them to 1 / T.

    Parameters
    ----------
    probabilities : array_like, shape (..., Q)
        At least 0, of any sum but 0.
    bins : numpy.ndarray, shape (Q, 2)
        As from `ab_bins`.
    temperature : float, optional
        T: 1 for the mean, which is dull; towards 0, the most probable bin, which is spotty.

    Returns
    -------
    numpy.ndarray of float64, shape (..., 2)
        a* and b*.

    Raises
    ------
    ValueError
        If there is not one probability a bin, one is negative or not finite, all are 0, or the
        temperature is not in (0, 1].

    References
    ----------
    Zhang et al. (2016), equation (5), where T = 0.38.

    Examples
    --------
    >>> import numpy as np
    >>> from dde.colourisation import annealed_mean
    >>> annealed_mean([0.75, 0.25], np.array([[0.0, 0.0], [40.0, 0.0]]), temperature=0.5)
    array([4., 0.])
    """
    p = np.asarray(probabilities, dtype=np.float64)
    if p.ndim == 0 or p.shape[-1] != len(bins):
        raise ValueError(f"probabilities must be {len(bins)} along the last axis, one a bin")
    if not 0 < temperature <= 1:
        raise ValueError(f"temperature must lie in (0, 1], not {temperature!r}")
    largest = p.max(axis=-1, keepdims=True)
    if not (np.isfinite(p).all() and (p >= 0).all() and (largest > 0).all()):
        raise ValueError("probabilities must be finite, at least 0, and not all 0")
    weights = (p / largest) ** (1 / temperature)
    mean: np.ndarray = weights @ bins / weights.sum(axis=-1, keepdims=True)
    return mean


def nearest_bin(ab: ArrayLike, bins: np.ndarray) -> np.ndarray:
    """
    The number of the bin nearest to each colour.

    Parameters
    ----------
    ab : array_like, shape (..., 2)
        a* and b*, finite.
    bins : numpy.ndarray, shape (Q, 2)
        As from `ab_bins`.

    Returns
    -------
    numpy.ndarray of int64, shape (...)

    Raises
    ------
    ValueError
        If ab is of another type or shape or not finite.

    Examples
    --------
    >>> from dde.colourisation import ab_bins, nearest_bin
    >>> ab_bins()[nearest_bin([12.0, -31.0], ab_bins())].tolist()
    [10.0, -30.0]
    """
    colours = _pairs(ab, "ab")
    flat = colours.reshape(-1, 2)
    numbers = np.empty(len(flat), np.int64)
    for start in range(0, len(flat), BLOCK):
        block = slice(start, start + BLOCK)
        numbers[block] = _squared_distances(flat[block], bins).argmin(axis=1)
    return numbers.reshape(colours.shape[:-1])


def rebalancing_weights(
    counts: ArrayLike, bins: np.ndarray, *, mix: float = 0.5, sigma: float = 5
) -> np.ndarray:
    """
    What a pixel of each bin counts, so that rare colours are not lost among dull ones.

    w = 1 / ((1 - λ) p + λ / Q), scaled so that Σ p w = 1; p are the shares of the bins, smoothed.

    Parameters
    ----------
    counts : array_like, shape (Q,)
        How many pixels of each bin there are, as ``numpy.bincount`` of `nearest_bin` says.
    bins : numpy.ndarray, shape (Q, 2)
        As from `ab_bins`.
    mix : float, optional
        λ, from 0 to 1: 1 counts all alike.
    sigma : float, optional
        Of the Gaussian that smooths the shares, in units of CIELAB.

    Returns
    -------
    numpy.ndarray of float64, shape (Q,)

    Raises
    ------
    ValueError
        If there is not one count a bin, one is negative or not finite, all are 0, or mix or sigma
        is out of range.

    References
    ----------
    Zhang et al. (2016), equation (4), where λ = ½ and σ = 5.

    Examples
    --------
    >>> import numpy as np
    >>> from dde.colourisation import rebalancing_weights
    >>> rebalancing_weights([3, 1], np.array([[0.0, 0.0], [90.0, 0.0]])).round(3)
    array([0.857, 1.429])
    """
    number = np.asarray(counts, dtype=np.float64)
    if number.shape != (len(bins),):
        raise ValueError(f"counts must be {len(bins)}, one a bin; their shape is {number.shape}")
    if not (np.isfinite(number).all() and (number >= 0).all() and number.any()):
        raise ValueError("counts must be finite, at least 0, and not all 0")
    if not 0 <= mix <= 1:
        raise ValueError(f"mix must lie in [0, 1], not {mix!r}")
    if not sigma > 0:
        raise ValueError(f"sigma must be positive, not {sigma!r}")
    spread = np.exp(-_squared_distances(bins, bins) / (2 * sigma**2))
    share = (spread / spread.sum(axis=0)) @ (number / number.sum())
    with np.errstate(divide="ignore"):
        weights = 1 / ((1 - mix) * share + mix / len(bins))
    scaled: np.ndarray = weights / (share @ weights)
    return scaled


def colourisation_auc(
    reference: ArrayLike, sample: ArrayLike, *, weights: ArrayLike | None = None
) -> float:
    """
    How near guessed colours come: the area under the curve of the share of pixels whose error in
    a*b* is at most 0, 1, … 150, as a fraction of the largest.

    Parameters
    ----------
    reference, sample : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast; their L* is not looked at.
    weights : array_like, optional
        What each pixel counts, such as `rebalancing_weights` of its bin in the reference: the
        rebalanced area. Of a shape that broadcasts with the pixels.

    Returns
    -------
    float
        1 where all are right, 0 where no error is below 150.

    Raises
    ------
    TypeError, ValueError
        As from `dde.cie76`; also if there are no pixels, a colour is not finite, or the weights
        are negative, not finite or all 0.

    References
    ----------
    Zhang et al. (2016), section 3.1.

    Examples
    --------
    >>> from dde.colourisation import colourisation_auc
    >>> round(colourisation_auc([[50.0, 20.0, 0.0]], [[50.0, 0.0, 0.0]]), 4)
    0.8675
    """
    error = np.asarray(cie76(_without_lightness(reference), _without_lightness(sample)))
    if error.size == 0 or not np.isfinite(error).all():
        raise ValueError("reference and sample must have pixels, of finite colours")
    each = np.broadcast_to(1.0 if weights is None else np.asarray(weights, float), error.shape)
    if not (np.isfinite(each).all() and (each >= 0).all() and each.any()):
        raise ValueError("weights must be finite, at least 0, and not all 0")
    # Of the errors between n - 1 and n, all thresholds from n on see the pixel.
    first = np.minimum(np.ceil(error), LARGEST_ERROR + 1).astype(np.int64)
    histogram = np.bincount(first.ravel(), each.ravel(), LARGEST_ERROR + 2)[: LARGEST_ERROR + 1]
    return float(np.cumsum(histogram).mean() / each.sum())


def _without_lightness(lab: ArrayLike) -> Any:
    array = np.asarray(lab)
    return array * np.array([0, 1, 1], array.dtype) if array.shape[-1:] == (3,) else array
