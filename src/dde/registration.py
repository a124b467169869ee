"""Laying a sample on its reference: by OpenCV's search for the motion that correlates best.

G. D. Evangelidis, E. Z. Psarakis, "Parametric image alignment using enhanced correlation
coefficient maximization", IEEE Transactions on Pattern Analysis and Machine Intelligence 30 (2008)
1858-1865. It minds neither brightness nor contrast.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import ModuleType
from typing import Any

import numpy as np

from dde.errors import RegistrationError
from dde.images.opening import open_image
from dde.images.source import Source
from dde.wording import named

MOTIONS = ("translation", "euclidean", "affine", "homography")
LEAST_CORRELATION = 0.8
LEAST_OVERLAP = 0.5
LEAST_CONTRAST = 1.0  # of 255: the standard deviation of what is searched for, noise smoothed away
FINEST = (
    1 << 20
)  # pixels of the finest image that is searched; a thousandth of a pixel is known there
COARSEST = 1 << 14
REFINEMENTS = 2  # of the finest search, without what it then finds to disagree
OUTLIER = 4.0  # standard deviations
POLISHED = 100_000  # pixels of the last step
STARTS = 5  # peaks of the correlation from which the coarsest search sets out
RIVAL = 0.04  # a motion elsewhere that correlates so nearly as well makes the best one doubtful
APART = 1.5  # pixels of the coarsest image, from which on another motion is elsewhere


@dataclass(frozen=True)
class Alignment:
    """
    How a sample is laid on its reference, and when that has failed.

    Parameters
    ----------
    motion : {"translation", "euclidean", "affine", "homography"}
        What may have happened to it.
    largest : float, optional
        How many pixels a corner of the image may have moved; more is a failure.
    least_correlation : float, optional
        How well both must correlate afterwards, from 0 to 1; less is a failure.

    Raises
    ------
    ValueError
        If the motion is none of these, or a number out of range.
    """

    motion: str = "affine"
    largest: float | None = None
    least_correlation: float = LEAST_CORRELATION

    def __post_init__(self) -> None:
        object.__setattr__(self, "motion", named(self.motion, MOTIONS, "motion"))
        if self.largest is not None and not 0 < self.largest < math.inf:
            raise ValueError(f"largest must be a positive number of pixels, not {self.largest}")
        if not 0 < self.least_correlation <= 1:
            raise ValueError(
                f"least_correlation must be above 0 and at most 1, not {self.least_correlation}"
            )


def alignment_of(given: str | Alignment | None) -> Alignment | None:
    """What `dde.inspect` was given as `align`."""
    if given is None or isinstance(given, Alignment):
        return given
    if isinstance(given, str):
        return Alignment(given)
    raise TypeError(f"align must be a motion or an Alignment, not {type(given).__name__}")


@dataclass(frozen=True)
class Registration:
    """
    How a sample lies on its reference.

    Attributes
    ----------
    matrix : numpy.ndarray of float64, shape (3, 3)
        From (x, y, 1) in the sample to the reference, up to a factor; the centre of the first pixel
        is (0, 0).
    motion : str
        What was searched for.
    correlation : float
        Of both where they overlap, from -1 to 1.
    residual : float
        How far, in pixels, parts of the image still lie from where they should: the median over
        those that have something to hold on to.
    overlap : float
        The share of the reference that the sample covers.
    largest : float
        How many pixels the corner moved that moved furthest.
    shape : tuple of int
        Height and width of the reference.
    """

    matrix: np.ndarray
    motion: str
    correlation: float
    residual: float
    overlap: float
    largest: float
    shape: tuple[int, int]

    def apply(self, image: Any) -> np.ma.MaskedArray[Any, Any]:
        """
        An image as it lies on the reference.

        Parameters
        ----------
        image : array_like, shape (H, W, 3)
            Such as the sample: sRGB of uint8, uint16, float32 or float64.

        Returns
        -------
        numpy.ma.MaskedArray
            Of the size of the reference and the type of the image; masked where the image has
            nothing. Between pixels it is interpolated by cubic polynomials.
        """
        source = warped(open_image(image), self)
        assert source.read_mask is not None
        covered = source.read_mask(0, self.shape[0])
        colours = source.read(0, self.shape[0])
        return np.ma.MaskedArray(colours, np.repeat(~covered[..., None], 3, axis=-1))

    def to_dict(self) -> dict[str, Any]:
        """The registration as JSON has it."""
        return {
            "motion": self.motion,
            "matrix": self.matrix.tolist(),
            "correlation": self.correlation,
            "residual": self.residual,
            "overlap": self.overlap,
            "largest": self.largest,
        }


def register(
    sample: Any,
    reference: Any,
    *,
    motion: str = "affine",
    largest: float | None = None,
    least_correlation: float = LEAST_CORRELATION,
) -> Registration:
    """
    How a sample has moved against its reference.

    Parameters
    ----------
    sample, reference : array_like, path or PIL.Image.Image
        As for `dde.open_image`; their sizes may differ.
    motion : {"translation", "euclidean", "affine", "homography"}, optional
        What may have happened: euclidean is a turn as well, affine also scale and shear.
    largest, least_correlation : float, optional
        As for `Alignment`.

    Returns
    -------
    Registration
        Its ``apply`` lays an image on the reference.

    Raises
    ------
    RegistrationError
        If there is nothing to hold on to, as on plain paper; if the images have too little in common;
        if two motions are as good, as with repeated patterns; if a part of the image lies elsewhere
        than the rest; if the motion is larger than `largest`.
    ValueError
        If the motion is none of these.
    ModuleNotFoundError
        If OpenCV is not installed; it is in the extra ``align``.

    Examples
    --------
    >>> import dde
    >>> from PIL import Image
    >>> reference = np.asarray(Image.open("examples/reference.jpg"))
    >>> found = dde.register(reference[3:, 5:], reference, motion="translation")
    >>> np.round(found.matrix, 2).tolist()
    [[1.0, 0.0, 5.0], [0.0, 1.0, 3.0], [0.0, 0.0, 1.0]]
    """
    alignment = Alignment(motion, largest, least_correlation)
    return _registered(
        open_image(sample, name="sample"), open_image(reference, name="reference"), alignment
    )


def _opencv() -> ModuleType:
    try:
        import cv2
    except ModuleNotFoundError:
        raise ModuleNotFoundError(
            'registration needs OpenCV; install it with: pip install "deepdeltae[align]"'
        ) from None
    module: ModuleType = cv2
    return module


def _registered(sample: Source, reference: Source, alignment: Alignment) -> Registration:
    cv2 = _opencv()
    pixels = max(math.prod(sample.shape), math.prod(reference.shape))
    finest = max(1, math.ceil(math.sqrt(pixels / FINEST)))
    images = [_grey(source, finest) for source in (reference, sample)]
    for name, image in zip(("reference", "sample"), images, strict=True):
        if min(image.shape) < 16:
            raise RegistrationError(f"the {name} is too small to be registered")
        if _contrast(cv2, image) < LEAST_CONTRAST:
            raise RegistrationError(f"the {name} shows nothing to hold on to: it is plain")
    pyramid = [images]
    while pyramid[-1][0].size > COARSEST and min(map(min, (i.shape for i in pyramid[-1]))) >= 64:
        pyramid.append([_halved(image) for image in pyramid[-1]])
    warp = _coarse(cv2, pyramid[-1], alignment)
    for level in range(len(pyramid) - 1, -1, -1):
        if level < len(pyramid) - 1:
            warp = _at_scale(warp, 2)
        warp, _ = _searched(cv2, pyramid[level], warp, alignment.motion)
    for _ in range(REFINEMENTS):
        mask = _trusted(cv2, *images, warp)
        warp, correlation = _searched(cv2, images, warp, alignment.motion, mask=mask)
    warp = _polished(cv2, *images, warp, alignment.motion)
    _refuse_correlation(correlation, alignment)
    residual = _residual(cv2, *images, warp) * finest
    to_sample = _at_scale(warp, finest)
    matrix = np.linalg.inv(to_sample)
    found = Registration(
        matrix / matrix[2, 2],
        alignment.motion,
        correlation,
        residual,
        _overlap(to_sample, reference.shape, sample.shape),
        _largest(to_sample, reference.shape),
        reference.shape,
    )
    _refuse_motion(found, alignment, finest)
    return found


def _refuse_correlation(correlation: float, alignment: Alignment) -> None:
    if not correlation >= alignment.least_correlation:
        raise RegistrationError(
            f"sample and reference have too little in common: laid on each other by "
            f"{alignment.motion} they correlate to {correlation:.2f}, "
            f"below {alignment.least_correlation:g}"
        )


def _refuse_motion(found: Registration, alignment: Alignment, finest: int) -> None:
    if found.overlap < LEAST_OVERLAP:
        raise RegistrationError(
            f"the sample covers {100 * found.overlap:.0f} % of the reference, less than half"
        )
    if found.residual > max(1, 0.5 * finest):
        raise RegistrationError(
            f"parts of the sample lie {found.residual:.1f} pixels from where {found.motion} "
            "puts them"
        )
    if alignment.largest is not None and found.largest > alignment.largest:
        raise RegistrationError(
            f"the sample has moved by {found.largest:.1f} pixels, above {alignment.largest:g}"
        )


def _grey(source: Source, block: int) -> np.ndarray:
    """L* or what is near it, 0 to 255: means of square blocks of pixels, read by strips."""
    height, width = (side // block for side in source.shape)
    grey = np.empty((height, width), np.float32)
    at_once = max(1, (1 << 22) // (source.shape[1] * block))
    for row in range(0, height, at_once):
        end = min(row + at_once, height)
        light = _lightness(source.read(row * block, end * block)[:, : width * block], source.space)
        if source.read_mask:
            shown = source.read_mask(row * block, end * block)[:, : width * block]
            light = np.where(shown, light, np.float32(255))
        blocks = light.reshape(end - row, block, width, block)
        grey[row:end] = np.nan_to_num(blocks.mean(axis=(1, 3)))
    return grey


def _lightness(colours: np.ndarray, space: str) -> np.ndarray:
    if space == "Lab":
        return np.asarray(colours[..., 0] * np.float32(2.55), dtype=np.float32)
    scale = 255 if colours.dtype.kind == "f" else 255 / np.iinfo(colours.dtype).max
    weights = np.float32([0.2126, 0.7152, 0.0722]) * np.float32(scale)
    if space == "XYZ":
        return np.asarray(np.cbrt(colours[..., 1].astype(np.float32)) * np.float32(255))
    return np.asarray(colours @ weights, dtype=np.float32)


def _contrast(cv2: ModuleType, image: np.ndarray) -> float:
    smooth = cv2.GaussianBlur(image, (0, 0), 3)
    return float(np.std(smooth - cv2.GaussianBlur(image, (0, 0), 12)))


def _halved(image: np.ndarray) -> np.ndarray:
    height, width = (side // 2 for side in image.shape)
    blocks = image[: 2 * height, : 2 * width].reshape(height, 2, width, 2)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32))


def _at_scale(warp: np.ndarray, factor: float) -> np.ndarray:
    """A matrix between images whose pixels are blocks of so many, between their pixels."""
    middle = (factor - 1) / 2
    to_fine = np.array([[factor, 0, middle], [0, factor, middle], [0, 0, 1]])
    return np.asarray(to_fine @ warp @ np.linalg.inv(to_fine))


def _coarse(cv2: ModuleType, images: list[np.ndarray], alignment: Alignment) -> np.ndarray:
    """The best motion between the coarsest images, from reference to sample, if it is the only one."""
    found = []
    for x, y in _peaks(*images):
        start = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)
        try:
            first, _ = _searched(cv2, images, start, "translation", blur=9)
            motion = "euclidean" if alignment.motion != "translation" else "translation"
            warp, correlation = _searched(cv2, images, first, motion)
            if alignment.motion in ("affine", "homography"):
                warp, correlation = _searched(cv2, images, warp, "affine")
        except RegistrationError:
            continue
        shape = images[0].shape
        if _overlap(warp, shape, images[1].shape) > LEAST_OVERLAP:
            found.append((correlation, warp))
    if not found:
        raise RegistrationError("no motion was found that lays the sample on the reference")
    correlation, best = max(found, key=lambda one: one[0])
    for other, warp in found:
        if other > correlation - RIVAL and _distance(best, warp, images[0].shape) > APART:
            raise RegistrationError(
                "the sample lies as well elsewhere on the reference: its pattern repeats itself"
            )
    return best


def _peaks(reference: np.ndarray, sample: np.ndarray) -> list[tuple[int, int]]:
    """The shifts, from reference to sample, at which both correlate best, and none."""
    shape = tuple(2 * max(a, b) for a, b in zip(reference.shape, sample.shape, strict=True))
    spectra = [np.fft.rfft2(_windowed(image), shape) for image in (reference, sample)]
    surface = np.fft.irfft2(spectra[1] * np.conj(spectra[0]), shape)
    peaks = [(0, 0)]
    for _ in range(STARTS):
        y, x = np.unravel_index(int(surface.argmax()), shape)
        rows, columns = (np.arange(place - 3, place + 4) for place in (int(y), int(x)))
        surface[np.ix_(rows % shape[0], columns % shape[1])] = -np.inf
        peaks.append(
            tuple(  # type: ignore[arg-type]
                int(place) if place < side // 2 else int(place) - side
                for place, side in ((x, shape[1]), (y, shape[0]))
            )
        )
    return peaks


def _windowed(image: np.ndarray) -> np.ndarray:
    rows, columns = (np.hanning(side + 2)[1:-1] for side in image.shape)
    return np.asarray((image - image.mean()) * rows[:, None] * columns)


def _searched(
    cv2: ModuleType,
    images: list[np.ndarray],
    warp: np.ndarray,
    motion: str,
    blur: int = 5,
    mask: np.ndarray | None = None,
) -> tuple[np.ndarray, float]:
    """The motion near `warp` that correlates best, from reference to sample, and how well."""
    kinds = {
        "translation": cv2.MOTION_TRANSLATION,
        "euclidean": cv2.MOTION_EUCLIDEAN,
        "affine": cv2.MOTION_AFFINE,
        "homography": cv2.MOTION_HOMOGRAPHY,
    }
    rows = 3 if motion == "homography" else 2
    start = np.ascontiguousarray((warp / warp[2, 2])[:rows], np.float32)
    ends = (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-4)
    counted = np.full(images[1].shape, 255, np.uint8) if mask is None else mask
    try:
        correlation, found = cv2.findTransformECC(
            images[0], images[1], start, kinds[motion], ends, counted, blur
        )
    except cv2.error:
        raise RegistrationError(
            f"no {motion} was found that lays the sample on the reference: the search did not "
            "converge"
        ) from None
    whole = np.eye(3)
    whole[:rows] = found
    return whole, float(correlation)


def _laid(cv2: ModuleType, image: np.ndarray, warp: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The sample as it lies on the reference, with nothing (0) where it has none."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, warp, like.shape[::-1], flags=flags))


def _trusted(
    cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray
) -> np.ndarray:
    """
    Where the sample shows the reference, 255: not at its border, which the search blurs, not where
    it has moved out of the picture, and not where something else is seen, such as a fault.
    """
    border = 8
    inner = np.zeros(sample.shape, np.uint8)
    inner[border:-border, border:-border] = 255
    covered = _laid(cv2, inner, warp, reference) == 255
    smooth = [cv2.GaussianBlur(image, (5, 5), 0) for image in (reference, sample)]
    laid = _laid(cv2, smooth[1], warp, reference)
    x, y = laid[covered], smooth[0][covered]
    if x.size < inner.size // 4 or not x.std() > 0:
        return inner
    slope = y.std() / x.std()
    difference = np.abs(smooth[0] - (laid - np.median(x)) * slope - np.median(y))
    usual = 1.4826 * np.median(difference[covered])
    odd = np.uint8(255 * ((difference > OUTLIER * max(usual, 1.0)) & covered))
    odd = cv2.dilate(odd, np.ones((9, 9), np.uint8))
    flags = cv2.INTER_NEAREST
    odd = cv2.warpPerspective(odd, warp, sample.shape[::-1], flags=flags)
    mask = np.where(odd > 0, np.uint8(0), inner)
    return mask if (mask > 0).mean() > 0.25 else inner


# How a place (x, y) of the reference changes in the sample with each parameter of a motion, about
# the motion that is known, in coordinates from -1 to 1.
_CHANGES: dict[str, Callable[[np.ndarray, np.ndarray], list[tuple[Any, Any]]]] = {
    "translation": lambda x, y: [(1, 0), (0, 1)],
    "euclidean": lambda x, y: [(1, 0), (0, 1), (-y, x)],
    "affine": lambda x, y: [(1, 0), (0, 1), (x, 0), (y, 0), (0, x), (0, y)],
    "homography": lambda x, y: [
        *_CHANGES["affine"](x, y),
        (x * x, x * y),
        (x * y, y * y),
    ],
}


def _polished(
    cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray, motion: str
) -> np.ndarray:
    """
    The motion by least squares at the steepest places, with cubic interpolation: OpenCV's search
    knows places to 1/32 of a pixel only.
    """
    smooth = [cv2.GaussianBlur(image, (0, 0), 1.0) for image in (reference, sample)]
    trusted = _laid(cv2, _trusted(cv2, reference, sample, warp), warp, reference) == 255
    trusted[:4], trusted[-4:], trusted[:, :4], trusted[:, -4:] = False, False, False, False
    down, across = np.gradient(smooth[0])
    steep = np.where(trusted, across**2 + down**2, 0).ravel()
    number = min(POLISHED, np.count_nonzero(steep))
    if number < 1000:
        return warp
    chosen = np.argpartition(steep, -number)[-number:]
    y, x = np.divmod(chosen, reference.shape[1])
    half = max(reference.shape) / 2
    middle = np.array(
        [[half, 0, reference.shape[1] / 2], [0, half, reference.shape[0] / 2], [0, 0, 1]]
    )
    u, v = (x - middle[0, 2]) / half, (y - middle[1, 2]) / half
    changes = _CHANGES[motion](u, v)
    light, gx, gy = (image.ravel()[chosen] for image in (smooth[0], across, down))
    for _ in range(3):
        to = _moved(warp, np.stack([x, y, np.ones_like(x)], axis=-1))
        seen = _cubic(smooth[1], to[:, 0], to[:, 1])
        # reference(p) = gain sample(W p) + offset, W = W (1 + a small change)
        terms = [gx * dx + gy * dy for dx, dy in changes]
        design = np.stack([*terms, seen, np.ones_like(seen)], axis=-1)
        solution, *_ = np.linalg.lstsq(design.T @ design, design.T @ light, rcond=None)
        warp = warp @ middle @ _change(motion, solution / half) @ np.linalg.inv(middle)
    return np.asarray(warp / warp[2, 2])


def _change(motion: str, p: np.ndarray) -> np.ndarray:
    """The matrix of a small change, by the parameters in `_CHANGES`."""
    if motion == "translation":
        return np.array([[1, 0, p[0]], [0, 1, p[1]], [0, 0, 1]])
    if motion == "euclidean":
        sine, cosine = math.sin(p[2]), math.cos(p[2])
        return np.array([[cosine, -sine, p[0]], [sine, cosine, p[1]], [0, 0, 1]])
    below = -p[6:8] if motion == "homography" else (0, 0)
    return np.array([[1 + p[2], p[3], p[0]], [p[4], 1 + p[5], p[1]], [*below, 1]])


def _cubic(image: np.ndarray, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """An image at places inside it: cubic convolution (R. G. Keys, 1981)."""
    column, row = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    column = np.clip(column, 1, image.shape[1] - 3)
    row = np.clip(row, 1, image.shape[0] - 3)
    across, down = _keys(x - column), _keys(y - row)
    total = np.zeros(len(x))
    for j in range(4):
        line = sum(across[i] * image[row + j - 1, column + i - 1] for i in range(4))
        total += down[j] * line
    return total


def _keys(t: np.ndarray) -> list[np.ndarray]:
    return [
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]


def _corners(shape: tuple[int, ...]) -> np.ndarray:
    bottom, right = shape[0] - 1, shape[1] - 1
    return np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]], float)


def _moved(warp: np.ndarray, points: np.ndarray) -> np.ndarray:
    to = points @ warp.T
    return np.asarray(to[..., :2] / to[..., 2:])


def _distance(one: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> float:
    corners = _corners(shape)
    middle = corners.mean(axis=0, keepdims=True)
    return float(np.linalg.norm(_moved(one, middle) - _moved(other, middle), axis=1).max())


def _largest(warp: np.ndarray, shape: tuple[int, int]) -> float:
    corners = _corners(shape)
    return float(np.linalg.norm(_moved(warp, corners) - corners[:, :2], axis=1).max())


def _overlap(warp: np.ndarray, shape: tuple[int, ...], sample: tuple[int, ...]) -> float:
    """The share of a grid over the reference that lies in the sample."""
    y, x = np.meshgrid(*(np.linspace(0, side - 1, 50) for side in shape), indexing="ij")
    inside = _inside(_moved(warp, np.stack([x, y, np.ones_like(x)], axis=-1)), sample)
    return float(inside.mean())


def _inside(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    x, y = places[..., 0], places[..., 1]
    slack = 1e-3  # a whole shift is found as one but for rounding
    return np.asarray(
        (x >= -slack) & (x <= shape[1] - 1 + slack) & (y >= -slack) & (y <= shape[0] - 1 + slack)
    )


def _residual(
    cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray
) -> float:
    """How far parts of the sample still lie from those of the reference, by phase correlation."""
    height, width = reference.shape
    laid = _laid(cv2, sample, warp, reference)
    inside = _laid(cv2, np.full(sample.shape, 255, np.uint8), warp, reference) == 255
    side = max(16, min(height, width) // 4)
    window = cv2.createHanningWindow((side, side), cv2.CV_32F)
    found = []
    for top in range(0, height - side + 1, side):
        for left in range(0, width - side + 1, side):
            part = slice(top, top + side), slice(left, left + side)
            pair = [np.ascontiguousarray(image[part]) for image in (reference, laid)]
            if (
                not inside[part].all()
                or min(_contrast(cv2, image) for image in pair) < 2 * LEAST_CONTRAST
            ):
                continue
            (x, y), response = cv2.phaseCorrelate(*pair, window)
            if response > 0.3:
                found.append(math.hypot(x, y))
    return float(np.median(found)) if found else 0.0


# ---- The sample as it lies on the reference ----------------------------------------------------


def aligned(sample: Source, reference: Source, alignment: Alignment) -> Source:
    """The sample as it lies on the reference; its provenance holds the registration."""
    found = _registered(sample, reference, alignment)
    source = warped(sample, found)
    return replace(source, provenance={**sample.provenance, "registration": found.to_dict()})


def warped(source: Source, registration: Registration) -> Source:
    """
    A source read through a matrix: it has the size of the reference.

    Only those rows are read that a strip needs, so that memory stays bounded.
    """
    to_sample = np.linalg.inv(registration.matrix)
    height, width = registration.shape
    cv2 = _opencv()

    def places(start: int, stop: int) -> np.ndarray:
        y, x = np.mgrid[start:stop, 0:width].astype(np.float64)
        return _moved(to_sample, np.stack([x, y, np.ones_like(x)], axis=-1))

    def read(start: int, stop: int) -> np.ndarray:
        return _resampled(cv2, source.read, source.shape, places(start, stop))

    def read_mask(start: int, stop: int) -> np.ndarray:
        where = places(start, stop)
        inside = _inside(where, source.shape)
        if source.read_mask is None:
            return inside
        shown: Callable[[int, int], np.ndarray] = source.read_mask
        masked = _resampled(
            cv2, lambda a, b: shown(a, b)[..., None].astype(np.float32), source.shape, where
        )
        return np.asarray(inside & (masked.reshape(inside.shape) > 0.999))

    return replace(source, shape=(height, width), read=read, read_mask=read_mask, rows=height)


def _resampled(
    cv2: ModuleType,
    read: Callable[[int, int], np.ndarray],
    shape: tuple[int, int],
    where: np.ndarray,
) -> np.ndarray:
    """What an image has at these places, interpolated; the pixel at the border beyond it."""
    first = int(np.clip(np.floor(where[..., 1].min()) - 3, 0, shape[0] - 1))
    end = int(np.clip(np.ceil(where[..., 1].max()) + 4, first + 1, shape[0]))
    rows = read(first, end)
    x, y = where[..., 0].astype(np.float32), (where[..., 1] - first).astype(np.float32)
    taken = cv2.remap(
        np.ascontiguousarray(rows), x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    if rows.dtype.kind == "f":  # a cubic polynomial overshoots
        np.clip(taken, rows.min(), rows.max(), out=taken)
    return np.asarray(taken)
