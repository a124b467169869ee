"""The search for a motion, coarse to fine: by the correlation of grey images."""

import math
from types import ModuleType

import numpy as np

from dde import _core
from dde.errors import RegistrationError
from dde.extras import asking_for
from dde.images.source import Source
from dde.registration.geometry import distance, largest, overlap
from dde.registration.polishing import laid
from dde.spaces.space import Space, way_between

LEAST_OVERLAP = 0.5
LEAST_CONTRAST = 1.0  # of 255: the standard deviation of what is searched for, noise smoothed away
STARTS = 5  # peaks of the correlation from which the coarsest search sets out
RIVAL = 0.04  # a motion elsewhere that correlates so nearly as well makes the best one doubtful
REPEATED = (
    "the sample lies about as well elsewhere on the reference: either its pattern repeats itself, "
    "or too little of the two is the same"
)
APART = 1.5  # pixels of the coarsest image, from which on another motion is elsewhere


def opencv() -> ModuleType:
    with asking_for("align", "registration"):
        import cv2  # type: ignore[import-not-found,unused-ignore]
        from cv2 import findTransformECC  # noqa: F401
    module: ModuleType = cv2
    return module


def grey(source: Source, name: str, block: int) -> np.ndarray:
    """L* or what is near it, 0 to 255: means of square blocks of pixels, read by strips."""
    height, width = (side // block for side in source.shape)
    grey = np.empty((height, width), np.float32)
    across = _blocks(width, block)
    at_once = max(1, (1 << 22) // (source.shape[1] * block))
    for row in range(0, height, at_once):
        end = min(row + at_once, height)
        colours = source.read(row * block, end * block)
        way, weights = _lightness(source.space)
        means = _core.shrunk(colours, way, name, 0, _blocks(end - row, block), across)
        light = np.nan_to_num(means @ weights)
        if source.read_mask:
            shown = source.read_mask(row * block, end * block)[:, : width * block]
            light[~shown.reshape(end - row, block, width, block).all(axis=(1, 3))] = 255
        grey[row:end] = light
    return grey


def _blocks(number: int, block: int) -> tuple[np.ndarray, np.ndarray]:
    """The means of blocks of so many pixels, as `_core.shrunk` takes them."""
    return np.arange(number) * block, np.full((number, block), 1 / block)


def _lightness(space: Space) -> tuple[_core.Way, np.ndarray]:
    """From colours to three numbers, and the weights by which these make 0 to 255."""
    if space.coded:
        return _core.Way((), coded=True), np.array([0.2126, 0.7152, 0.0722], np.float32) * 255
    return way_between(space, Space.named("Lab")), np.array([2.55, 0, 0], np.float32)


def contrast(cv2: ModuleType, image: np.ndarray) -> float:
    small = halved(cv2, image)
    smooth = cv2.GaussianBlur(small, (0, 0), 1.5)
    return float(np.std(smooth - cv2.GaussianBlur(small, (0, 0), 6)))


def halved(cv2: ModuleType, image: np.ndarray) -> np.ndarray:
    """The means of 2 x 2 pixels."""
    height, width = (side // 2 for side in image.shape)
    even = image[: 2 * height, : 2 * width]
    return np.asarray(cv2.resize(even, (width, height), interpolation=cv2.INTER_AREA))


def coarse(cv2: ModuleType, images: list[np.ndarray], motion: str, farthest: float) -> np.ndarray:
    """
    The best motion between the coarsest images, if it is the only one that is so good.

    Those that move a corner further than `farthest`, in their pixels, count only where no other is
    about as good.
    """
    found = []
    for x, y in _peaks(*images):
        start = np.array([[1, 0, x], [0, 1, y], [0, 0, 1]], dtype=np.float64)
        try:
            first, _ = searched(cv2, images, start, "translation", blur=9)
            rigid = "euclidean" if motion != "translation" else "translation"
            warp, correlation = searched(cv2, images, first, rigid)
            if motion in ("affine", "homography"):
                warp, correlation = searched(cv2, images, warp, "affine")
        except RegistrationError:
            continue
        shape = images[0].shape
        if overlap(warp, shape, images[1].shape) > LEAST_OVERLAP:
            found.append((correlation, warp))
    if not found:
        raise RegistrationError("no motion was found that lays the sample on the reference")
    best_of_all = max(correlation for correlation, _ in found)
    good = [one for one in found if one[0] > best_of_all - RIVAL]
    good = [one for one in good if largest(one[1], images[0].shape) <= farthest] or good
    _, best = max(good, key=lambda one: one[0])
    if any(distance(best, warp, images[0].shape) > APART for _, warp in good):
        raise RegistrationError(REPEATED)
    return best


def repeated(cv2: ModuleType, images: list[np.ndarray], warp: np.ndarray, farthest: float) -> bool:
    """
    Whether the sample, as it is laid on the reference, lies as well some pixels beside.

    What would move a corner further than `farthest`, in pixels of these images, is no doubt.

    By the correlation at all shifts that leave half of it on the reference (D. Padfield, "Masked
    object registration in the Fourier domain", IEEE Transactions on Image Processing 21, 2012), of
    what is finer than light and shade.
    """
    fine = [image - cv2.GaussianBlur(image, (0, 0), 6) for image in images]
    shown = laid(cv2, fine[1], warp, fine[0])
    covered = laid(cv2, np.full(fine[1].shape, 255, np.uint8), warp, fine[0]) == 255
    masks = np.float64(covered), np.ones(fine[0].shape)
    values = shown * masks[0], np.float64(fine[0])
    shape = tuple(2 * side for side in fine[0].shape)
    mask, moved_mask = (np.fft.rfft2(one, shape) for one in masks)
    value, moved_value = (np.fft.rfft2(one, shape) for one in values)
    square, moved_square = (np.fft.rfft2(one**2, shape) for one in values)

    def over(one: np.ndarray, moved: np.ndarray) -> np.ndarray:
        return np.fft.irfft2(one * np.conj(moved), shape)

    number = np.maximum(over(mask, moved_mask), 1)
    sums = over(value, moved_mask), over(mask, moved_value)
    left = over(square, moved_mask) - sums[0] ** 2 / number
    right = over(mask, moved_square) - sums[1] ** 2 / number
    both = over(value, moved_value) - sums[0] * sums[1] / number
    surface = np.fft.fftshift(both / np.sqrt(np.maximum(left * right, 1)))
    surface[np.fft.fftshift(number) < LEAST_OVERLAP * covered.sum()] = -1
    y, x = (side // 2 for side in shape)
    here = float(surface[y, x])
    surface = surface.astype(np.float32)
    peaks = surface >= cv2.dilate(surface, np.ones((3, 3), np.uint8))
    peaks[y - 2 : y + 3, x - 2 : x + 3] = False
    down, right = np.nonzero(peaks & (surface > here - RIVAL))
    beside = (
        np.array([[1, 0, column - x], [0, 1, row - y], [0, 0, 1]])
        for row, column in zip(down, right, strict=True)
    )
    return any(largest(warp @ shift, fine[0].shape) <= farthest for shift in beside)


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


def searched(
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


def residual(cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray) -> float:
    """How far parts of the sample still lie from those of the reference, by their gradients."""
    height, width = reference.shape
    smooth = [cv2.GaussianBlur(image, (0, 0), 1.5) for image in (reference, sample)]
    shown = laid(cv2, smooth[1], warp, reference)
    covered = laid(cv2, np.full(sample.shape, 255, np.uint8), warp, reference) == 255
    down, across = np.gradient(smooth[0])
    side = max(16, min(height, width) // 4)
    found = []
    for top in range(0, height - side + 1, side):
        for left in range(0, width - side + 1, side):
            part = slice(top, top + side), slice(left, left + side)
            if covered[part].all() and contrast(cv2, reference[part]) >= 2 * LEAST_CONTRAST:
                # reference = gain shown + offset - (x, y) · gradient
                terms = [across[part], down[part], shown[part], np.ones((side, side))]
                design = np.stack([term.ravel() for term in terms], axis=-1).astype(np.float64)
                x, y, *_ = np.linalg.lstsq(design, smooth[0][part].ravel(), rcond=None)[0]
                found.append(math.hypot(x, y))
    return float(np.median(found)) if found else 0.0
