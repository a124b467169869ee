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
from dde.registration.alignment import LEAST_CORRELATION, Alignment
from dde.registration.geometry import at_scale, inside, largest, moved, overlap
from dde.registration.polishing import polished, steepest, trusted, undetermined
from dde.registration.search import (
    APART,
    LEAST_CONTRAST,
    LEAST_OVERLAP,
    REPEATED,
    coarse,
    contrast,
    grey,
    halved,
    opencv,
    repeated,
    residual,
    searched,
)

FINEST = 1 << 20  # pixels of the finest image that is searched; the last step is finer
COARSEST = 1 << 14
REFINEMENTS = 2  # of the finest search, without what it then finds to disagree


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

    def apply(self, image: Any) -> "np.ma.MaskedArray[Any, Any]":
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
        If there is nothing to hold on to, as on plain paper, or too little to tell the motion by,
        as along a single edge; if the images have too little in common; if two motions are as good,
        as with repeated patterns; if a part of the image lies elsewhere than the rest; if the
        motion is larger than `largest`.
    ValueError
        If the motion is none of these.
    MissingPackageError
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


def _registered(sample: Source, reference: Source, alignment: Alignment) -> Registration:
    cv2 = opencv()
    pixels = max(math.prod(sample.shape), math.prod(reference.shape))
    finest = max(1, math.ceil(math.sqrt(pixels / FINEST)))
    names = "reference", "sample"
    images = [
        grey(source, name, finest) for source, name in zip((reference, sample), names, strict=True)
    ]
    for name, image in zip(names, images, strict=True):
        if min(image.shape) < 16:
            raise RegistrationError(f"the {name} is too small to be registered")
        if contrast(cv2, image) < LEAST_CONTRAST:
            raise RegistrationError(f"the {name} shows nothing to hold on to: it is plain")
    pyramid = [images]
    while pyramid[-1][0].size > COARSEST and min(map(min, (i.shape for i in pyramid[-1]))) >= 64:
        pyramid.append([halved(cv2, image) for image in pyramid[-1]])
    scale = 1 << (len(pyramid) - 1)
    farthest = math.inf
    if alignment.largest is not None:  # in pixels of the coarsest image
        farthest = alignment.largest / (finest * scale) + APART
    warp = coarse(cv2, pyramid[-1], alignment.motion, farthest)
    for level in range(len(pyramid) - 1, -1, -1):
        if level < len(pyramid) - 1:
            warp = at_scale(warp, 2)
        warp, _ = searched(cv2, pyramid[level], warp, alignment.motion)
    for _ in range(REFINEMENTS):
        shown = trusted(cv2, images[0], images[1], warp)
        warp, correlation = searched(cv2, images, warp, alignment.motion, mask=shown)
    _refuse_correlation(correlation, alignment)
    places = steepest(cv2, images[0], images[1], warp)
    if places:
        warp = polished(places, warp, alignment.motion)
    if not places or undetermined(places, warp, alignment.motion):
        raise RegistrationError(
            f"sample and reference show too little to tell the {alignment.motion} by: another one "
            "lays them on each other as well"
        )
    if repeated(cv2, pyramid[-1], at_scale(warp, 1 / scale), farthest):
        raise RegistrationError(REPEATED)
    left = residual(cv2, images[0], images[1], warp) * finest
    to_sample = at_scale(warp, finest)
    matrix = np.linalg.inv(to_sample)
    found = Registration(
        matrix / matrix[2, 2],
        alignment.motion,
        correlation,
        left,
        overlap(to_sample, reference.shape, sample.shape),
        largest(to_sample, reference.shape),
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
    if found.residual > 0.5 * finest:
        raise RegistrationError(
            f"parts of the sample lie {found.residual:.1f} pixels from where {found.motion} "
            "puts them"
        )
    if alignment.largest is not None and found.largest > alignment.largest:
        raise RegistrationError(
            f"the sample has moved by {found.largest:.1f} pixels, above {alignment.largest:g}"
        )


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
    cv2 = opencv()

    def places(start: int, stop: int) -> np.ndarray:
        y, x = np.mgrid[start:stop, 0:width].astype(np.float64)
        return moved(to_sample, np.stack([x, y, np.ones_like(x)], axis=-1))

    def read(start: int, stop: int) -> np.ndarray:
        taken = _resampled(cv2, source.read, source.shape, places(start, stop))
        if source.space.coded and taken.dtype.kind == "f":  # a cubic polynomial overshoots
            np.clip(taken, 0, 1, out=taken)
        return taken

    def read_mask(start: int, stop: int) -> np.ndarray:
        where = places(start, stop)
        covered = inside(where, source.shape)
        if source.read_mask is None:
            return covered
        shown: Callable[[int, int], np.ndarray] = source.read_mask
        masked = _resampled(
            cv2, lambda a, b: shown(a, b)[..., None].astype(np.float32), source.shape, where
        )
        return np.asarray(covered & (np.abs(masked.reshape(covered.shape) - 1) < 1e-3))

    return replace(source, shape=(height, width), read=read, read_mask=read_mask)


def _resampled(
    cv2: ModuleType,
    read: Callable[[int, int], np.ndarray],
    shape: tuple[int, int],
    where: np.ndarray,
) -> np.ndarray:
    """
    What an image has at these places, interpolated; the pixel at the border beyond it.

    OpenCV knows places to 1/32 of a pixel. They are rounded so before, lest the strip that they are
    read with changes them.
    """
    where = np.rint(where * 32) / 32
    first = int(np.clip(np.floor(where[..., 1].min()) - 3, 0, shape[0] - 1))
    end = int(np.clip(np.ceil(where[..., 1].max()) + 4, first + 1, shape[0]))
    rows = read(first, end)
    x, y = where[..., 0].astype(np.float32), (where[..., 1] - first).astype(np.float32)
    taken = cv2.remap(
        np.ascontiguousarray(rows), x, y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(taken)
