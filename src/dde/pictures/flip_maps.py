"""Maps of FLIP, of images of low and of high dynamic range."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.pictures.comparison import Comparison, comparison_of
from dde.pictures.flip import PIXELS_PER_DEGREE, RGB_TO_RELATIVE_XYZ
from dde.pictures.viewing import Viewing, pixels_per_degree_of
from dde.spaces.space import Space, linear
from dde.wording import named

LUMINANCE = np.array([0.2126, 0.7152, 0.0722])
MIDDLE_TONE = 0.85  # the tone at which the brightest, and the median, are shown
BRIGHTEST = 65536.0
MOST_EXPOSURE = 126  # a power of 2 that float32 has


def _hable() -> tuple[float, ...]:
    a, b, c, d, e, f, white = 0.15, 0.5, 0.1, 0.2, 0.02, 0.3, 11.2
    above = (a * f - a * e, c * b * f - b * e)
    below = (a * f, b * f, d * f * f)
    scale = (below[0] * white**2 + below[1] * white + below[2]) / (
        above[0] * white**2 + above[1] * white
    )
    # An exposure of 2 belongs to it.
    return (4 * above[0] * scale, 2 * above[1] * scale, 0.0, 4 * below[0], 2 * below[1], below[2])


# (k0 x² + k1 x + k2) / (k3 x² + k4 x + k5) of light x; Reinhard's is of the luminance alone.
TONE_MAPPERS = {
    "ACES": (0.6**2 * 2.51, 0.6 * 0.03, 0.0, 0.6**2 * 2.43, 0.6 * 0.59, 0.14),
    "Hable": _hable(),
    "Reinhard": (0.0, 1.0, 0.0, 0.0, 1.0, 1.0),
}


def flip_map(
    reference: ArrayLike,
    sample: ArrayLike,
    *,
    pixels_per_degree: float | Viewing = PIXELS_PER_DEGREE,
    exposures: str | Sequence[float] | None = None,
    tone_mapper: str = "ACES",
    order: str = "RGB",
    clip: bool = False,
    out: np.ndarray | None = None,
) -> np.ndarray:
    """
    The map of FLIP: how much somebody notices who flips between two images.

    Parameters
    ----------
    reference, sample : array_like, shape (H, W, 3)
        sRGB as for `delta_e_map`; with `exposures` linear light in sRGB's primaries, float32 or
        float64 of at least 0, on any scale. One may be a single colour, of shape (3,).
    pixels_per_degree : float or Viewing, optional
        From where the images are seen. The default is that of the paper: a screen of 3840 pixels
        that is as wide as it is far away, 67.02 pixels a degree.
    exposures : str or sequence of float, optional
        For images of high dynamic range (HDR-FLIP): the first and the last exposure as powers of 2,
        from -126 to 126, and perhaps how many there are, from 1 to 100 (the rounded up distance, at
        least 2, unless told).
        ``"published"`` finds them in the reference, as `flip_exposures` does: a limit then means
        something else for each reference.
    tone_mapper : {"ACES", "Hable", "Reinhard"}, optional
        What makes an exposure an image of a screen.
    order : {"RGB", "BGR"}, optional
        The order of the channels of both.
    clip : bool, optional
        Clip sRGB floats outside [0, 1] instead of refusing them.
    out : numpy.ndarray, optional
        Where to put the map: shape (H, W), float32.

    Returns
    -------
    numpy.ndarray, shape (H, W)
        FLIP, float32: 0 for no difference to 1 for the largest. Of several exposures it is the
        largest of each pixel. A NaN gives NaN for the pixels whose filters reach it: at most
        0.14 of a degree away in x and in y.

    Raises
    ------
    TypeError
        If an image is of another type, or an argument is.
    ValueError
        If the shapes do not match, a float of sRGB lies outside [0, 1] and `clip` is false, or an
        argument is out of range.

    References
    ----------
    P. Andersson et al., "FLIP: a difference evaluator for alternating images", Proceedings of the
    ACM on Computer Graphics and Interactive Techniques 3 (2020), number 2, article 15; "Visualizing
    errors in rendered high dynamic range images", Eurographics 2021, short papers.

    Examples
    --------
    >>> import dde, numpy as np
    >>> dark, light = np.full((2, 20, 30, 3), [[[[89]]], [[[243]]]], dtype=np.uint8)
    >>> round(float(dde.flip_map(dark, light)[10, 10]), 2)
    0.95
    >>> light = np.float32(dark) * [0.1, 0.2, 0.4]
    >>> dde.flip_map(light, 1.1 * light, exposures=(-2, 2)).shape
    (20, 30)
    """
    seen = pixels_per_degree_of(pixels_per_degree, "pixels_per_degree")
    compared = comparison_of("FLIP", {}, viewing=seen)
    reverse = named(order, ("RGB", "BGR"), "order") == "BGR"
    if exposures is None:
        way = compared.way(Space.named("sRGB"))
        return compared.map(reference, sample, (way, way), reverse=reverse, clip=clip, out=out)
    tone_mapper = named(tone_mapper, TONE_MAPPERS, "tone_mapper")
    if isinstance(exposures, str):
        if exposures != "published":
            raise ValueError(f"exposures must be numbers or 'published', not {exposures!r}")
        light = np.asarray(reference)
        exposures = flip_exposures(light[..., ::-1] if reverse else light, tone_mapper)
    start, stop, number = _exposures(exposures)
    largest: np.ndarray | None = None
    for exposure in np.linspace(start, stop, number):
        way = _way(compared, tone_mapper, 2.0**exposure)
        found = compared.map(
            reference, sample, (way, way), reverse=reverse, out=out if largest is None else None
        )
        largest = found if largest is None else np.maximum(largest, found, out=largest)
    assert largest is not None
    return largest


def flip_exposures(reference: ArrayLike, tone_mapper: str = "ACES") -> tuple[float, float, int]:
    """
    The exposures that HDR-FLIP takes for a reference: the first and the last, and how many.

    At the first the brightest pixel is as bright as a screen can well show, at the last the median.

    Parameters
    ----------
    reference : array_like, shape (H, W, 3)
        Linear light in sRGB's primaries, at least 0.
    tone_mapper : {"ACES", "Hable", "Reinhard"}, optional
        As for `flip_map`.

    Raises
    ------
    ValueError
        If the reference is of another shape, or no exposure can be found: it is black.

    Examples
    --------
    >>> import dde, numpy as np
    >>> start, stop, number = dde.flip_exposures(np.geomspace(0.01, 10, 300).reshape(10, 10, 3))
    >>> round(start, 2), round(stop, 2), number
    (-2.2, 2.7, 5)
    """
    k0, k1, k2, k3, k4, k5 = TONE_MAPPERS[named(tone_mapper, TONE_MAPPERS, "tone_mapper")]
    light = np.asarray(reference)
    if light.ndim != 3 or light.shape[2] != 3 or not light.size or light.dtype.kind != "f":
        raise ValueError(
            "reference must be linear light as floats of shape (H, W, 3); "
            f"it is {light.dtype} of shape {light.shape}"
        )
    # The light that becomes the middle tone: the positive root of a x² + b x + c = 0.
    a, b, c = (above - MIDDLE_TONE * below for above, below in ((k0, k3), (k1, k4), (k2, k5)))
    bright = (-b + math.sqrt(b * b - 4 * a * c)) / (2 * a) if a else -c / b
    luminance = np.clip(light, 0, BRIGHTEST) @ LUMINANCE.astype(light.dtype)
    known = np.sort(luminance[np.isfinite(luminance)])
    if not known.size or known[-1] <= 0:
        raise ValueError("reference must not be black all over: no exposure can be found for it")
    median = max(float(known[known.size // 2]), 1e-7)
    start, stop = math.log2(bright / float(known[-1])), math.log2(bright / median)
    return start, stop, max(2, math.ceil(stop - start))


def _exposures(given: Sequence[float]) -> tuple[float, float, int]:
    numbers = np.asarray(given)
    if numbers.dtype.kind not in "fi" or numbers.shape not in ((2,), (3,)):
        raise TypeError(
            "exposures must be 'published', or two numbers and perhaps how many there are"
        )
    start, stop, *number = numbers.tolist()
    if not -MOST_EXPOSURE <= start <= stop <= MOST_EXPOSURE:
        raise ValueError(
            f"exposures must go up from the first to the last, which lie from {-MOST_EXPOSURE} to "
            f"{MOST_EXPOSURE}, not {given}"
        )
    several = number[0] if number else max(2, math.ceil(stop - start))
    if several not in range(1, 101):
        raise ValueError(f"exposures must be 1 to 100 in number, not {several:g}")
    return float(start), float(stop), int(several)


def _way(compared: Comparison, tone_mapper: str, factor: float) -> _core.Way:
    """From linear light at an exposure to what FLIP filters."""
    assert compared.channels is not None
    channels = linear(compared.channels @ RGB_TO_RELATIVE_XYZ)
    if tone_mapper == "Reinhard":
        return _core.Way([("tone_reinhard", (factor, *LUMINANCE)), channels])
    return _core.Way([("tone_curve", (factor, *TONE_MAPPERS[tone_mapper])), channels])


@dataclass(frozen=True)
class FlipSummary:
    """
    A map of FLIP in a few numbers.

    Attributes
    ----------
    mean : float
        Of all pixels that have a value.
    weighted_quartiles : tuple of float
        A quarter, half and three quarters of the sum of all FLIP lie in pixels of no more than
        this: what is seen little weighs little.
    minimum, maximum : float
        The smallest and the largest.
    maximum_x, maximum_y : int
        Where the largest is, from 0 at the top left; the first in reading order.
    not_a_number : int
        Pixels that have no value.
    """

    mean: float
    weighted_quartiles: tuple[float, float, float]
    minimum: float
    maximum: float
    maximum_x: int
    maximum_y: int
    not_a_number: int


def flip_summary(flip: np.ndarray) -> FlipSummary:
    """
    What a map of FLIP says, in the numbers by which its authors sum it up.

    Parameters
    ----------
    flip : numpy.ndarray, shape (H, W)
        As from `flip_map`.

    Raises
    ------
    ValueError
        If it is no map, or no pixel of it has a value.

    Examples
    --------
    >>> import dde, numpy as np
    >>> found = dde.flip_summary(np.array([[0.0, 0.25], [0.5, 0.5]]))
    >>> found.mean, found.weighted_quartiles, (found.maximum_x, found.maximum_y)
    (0.3125, (0.5, 0.5, 0.5), (0, 1))
    """
    flip = np.asarray(flip)
    if flip.ndim != 2 or flip.dtype.kind != "f":
        raise ValueError(f"flip must be a map of floats of shape (H, W), not {flip.shape}")
    known = np.sort(flip[np.isfinite(flip)].astype(np.float64))
    if not known.size:
        raise ValueError("flip must have a value somewhere; all of its pixels are NaN")
    sums = np.cumsum(known)
    places = np.searchsorted(sums, sums[-1] * np.array([0.25, 0.5, 0.75]))
    quartiles = [float(known[place]) for place in places]
    y, x = divmod(int(np.nanargmax(flip)), flip.shape[1])
    return FlipSummary(
        mean=float(sums[-1] / known.size),
        weighted_quartiles=(quartiles[0], quartiles[1], quartiles[2]),
        minimum=float(known[0]),
        maximum=float(known[-1]),
        maximum_x=x,
        maximum_y=y,
        not_a_number=flip.size - known.size,
    )
