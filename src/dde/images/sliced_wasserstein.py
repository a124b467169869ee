"""The distance between two pictures that do not lie on each other: MS-SWD.

J. He, Z. Wang, L. Wang, T.-I. Liu, Y. Fang, Q. Sun, K. Ma, "Multiscale sliced Wasserstein distances
as perceptual color difference measures", European Conference on Computer Vision (2024).
"""

from dataclasses import dataclass
from numbers import Integral
from typing import Any

import numpy as np

from dde import _core
from dde.images.opening import open_image, refuse_masked
from dde.images.source import Source, in_order
from dde.spaces.space import Space, way_between

SHORTER_SIDE = 256  # of the finest scale, in pixels
SCALES = 5
DIRECTIONS = 128
SMOOTHING = np.array([1, 4, 6, 4, 1], np.float32) / 16  # before every second pixel is taken
NEGLIGIBLE = 1e-9  # of a weight
PIXELS_AT_ONCE = 1 << 22  # that are read, as far as the width allows


@dataclass(frozen=True, eq=False)
class SlicedWasserstein:
    """
    How far the colours of two pictures are from each other; ``float`` of it is the distance.

    Attributes
    ----------
    distance : float
        The mean of those of all scales, in units of CIELAB; 0 for equal pictures.
    distances : tuple of float
        Of each scale, the finest first.
    seed : int
        By which the directions were drawn.
    directions : numpy.ndarray of float32, shape (128, 11, 11, 3)
        The directions that windows of 11 × 11 pixels of L*, a*, b* were projected onto, each of
        length 1.
    not_finite : tuple of int
        Of reference and sample: the windows of the finest scale that were left out, since they
        hold a NaN.
    """

    distance: float
    distances: tuple[float, ...]
    seed: int
    directions: np.ndarray
    not_finite: tuple[int, int]

    def __float__(self) -> float:
        return self.distance


def sliced_wasserstein(
    reference: Any,
    sample: Any,
    *,
    seed: int = 0,
    space: Space | str | None = None,
    order: str = "RGB",
) -> SlicedWasserstein:
    """
    How far the colours of two pictures are from each other, wherever in the pictures they are.

    The multi-scale sliced Wasserstein distance (MS-SWD): windows of 11 × 11 pixels of CIELAB are
    projected onto random directions, and the distributions of what comes out are compared, at five
    scales. It is for pictures that do not lie on each other, such as two photographs of one thing;
    of pictures that do, `delta_e_map` says more.

    Parameters
    ----------
    reference, sample : array_like, path or PIL.Image.Image
        As for `dde.open_image`, read some rows at a time. Their sizes may differ: distributions are
        compared, each window having the same weight. What is transparent is seen on white.
    seed : int, optional
        By which the directions are drawn, at least 0. Distances are comparable for one seed.
    space : Space or str, optional
        What arrays hold, and files of floating-point samples; sRGB by default.
    order : {"RGB", "BGR"}, optional
        The order of the channels of sRGB arrays.

    Returns
    -------
    SlicedWasserstein
        The distance, and that of each scale, with the directions that were taken.

    Raises
    ------
    TypeError
        If an image is of another type, or a masked array; if the seed is no whole number.
    ValueError
        If an image has another shape, a float of sRGB lies outside [0, 1], or the seed is
        negative; if at some scale every window of an image holds a NaN.

    Notes
    -----
    Images whose shorter side is longer than 256 pixels are made smaller to that, by weighted means
    of sRGB values under a triangle two pixels of the result wide. From one scale to the next, sRGB
    values are smoothed by 1 4 6 4 1 both ways, and every second pixel is taken; beyond the border
    stands the mirror image, without the pixel at the border. Each scale is converted to CIELAB of
    D65. In each direction, the distance is the area between both distribution functions (W₁): where
    the images have one size, the mean difference of projections of one rank. The distance of a
    scale is the mean over all directions. Projections are float32.

    What is held in memory does not grow with the images, but with their longer side over the
    shorter one.

    References
    ----------
    J. He et al., "Multiscale sliced Wasserstein distances as perceptual color difference measures",
    European Conference on Computer Vision (2024). The directions, there drawn anew at each call,
    are fixed by a seed.

    Examples
    --------
    >>> import dde, numpy as np
    >>> rng = np.random.default_rng(1)
    >>> picture = np.kron(rng.integers(0, 200, (12, 15, 3)), np.ones((8, 8, 1))).astype(np.uint8)
    >>> moved = dde.sliced_wasserstein(picture, np.roll(picture, 1, axis=1))
    >>> redder = dde.sliced_wasserstein(picture, picture + np.uint8([40, 0, 0]))
    >>> float(dde.sliced_wasserstein(picture, picture)), float(moved) < float(redder) / 5
    (0.0, True)
    """
    directions = _directions(seed)
    for name, image in (("reference", reference), ("sample", sample)):
        refuse_masked(image, name)
    sources = in_order(
        (
            open_image(reference, name="reference", space=space),
            open_image(sample, name="sample", space=space),
        ),
        order,
    )
    first, second = (
        _small(source, name) for source, name in zip(sources, ("reference", "sample"), strict=True)
    )
    distances, not_finite = [], []
    for scale in range(SCALES):
        if scale:
            first, second = _halved(first), _halved(second)
        of_directions, finite = _core.distances_of_distributions(
            (_windows(first), _windows(second)), directions
        )
        for name, windows in zip(("reference", "sample"), finite, strict=True):
            if not windows:
                raise ValueError(f"{name} must have windows of {_core.window} pixels without NaN")
        distances.append(float(of_directions.mean()))
        not_finite.append((_pixels(first) - finite[0], _pixels(second) - finite[1]))
    mean = sum(distances) / SCALES
    return SlicedWasserstein(mean, tuple(distances), int(seed), directions, not_finite[0])


def _directions(seed: object) -> np.ndarray:
    if isinstance(seed, bool) or not isinstance(seed, Integral):
        raise TypeError(f"seed must be a whole number, not {type(seed).__name__}")
    if int(seed) < 0:
        raise ValueError(f"seed must be at least 0, not {seed}")
    rng = np.random.default_rng(int(seed))
    drawn = rng.standard_normal((DIRECTIONS, _core.window, _core.window, 3))
    lengths = np.sqrt((drawn**2).sum(axis=(1, 2, 3), keepdims=True))
    return np.asarray(drawn / lengths, dtype=np.float32)


def _small(source: Source, name: str) -> np.ndarray:
    """sRGB values of an image, its shorter side not longer than `SHORTER_SIDE`; float32."""
    shorter = min(source.shape)
    height, width = (
        side * SHORTER_SIDE // shorter if shorter > SHORTER_SIDE else side for side in source.shape
    )
    firsts, weights = _means(source.shape[0], height)
    across = _means(source.shape[1], width)
    way = way_between(source.space, Space.named("sRGB"), source.space.coded)
    result = np.empty((height, width, 3), np.float32)
    rows = max(1, PIXELS_AT_ONCE * height // (source.shape[0] * source.shape[1]))
    for start in range(0, height, rows):
        part = slice(start, start + rows)
        first, end = int(firsts[start]), int(firsts[part][-1]) + weights.shape[1]
        colours = source.read(first, end)
        result[part] = _core.shrunk(
            colours, way, name, first, (firsts[part], weights[part]), across
        )
    return result


def _means(size: int, to_size: int) -> tuple[np.ndarray, np.ndarray]:
    """
    Means of `size` pixels that make `to_size`: the first pixel of each, and the weights from it on.

    Examples
    --------
    >>> first, weights = _means(4, 2)
    >>> first.tolist(), (7 * weights).round(6).tolist()
    ([0, 0], [[3.0, 3.0, 1.0, 0.0], [0.0, 1.0, 3.0, 3.0]])
    """
    scale = size / to_size
    centres = (np.arange(to_size) + 0.5) * scale
    most = min(size, int(2 * scale) + 2)
    first = np.clip(np.floor(centres - scale), 0, size - most).astype(np.int64)
    distances = first[:, None] + np.arange(most) + 0.5 - centres[:, None]
    weights = np.maximum(1 - np.abs(distances) / scale, 0)
    weights[weights < NEGLIGIBLE] = 0
    return first, weights / weights.sum(axis=1, keepdims=True)


def _halved(image: np.ndarray) -> np.ndarray:
    """Every second pixel of an image (H, W, 3) that was smoothed before."""
    for axis in (0, 1):
        size = image.shape[axis]
        border = [(2, 2) if n == axis else (0, 0) for n in range(3)]
        padded = np.moveaxis(np.pad(image, border, mode="reflect"), axis, 0)
        smooth = sum(tap * padded[k : k + size : 2] for k, tap in enumerate(SMOOTHING))
        image = np.moveaxis(np.asarray(smooth), 0, axis)
    return image


def _windows(image: np.ndarray) -> np.ndarray:
    """CIELAB of sRGB values, with the border that windows see."""
    way = way_between(Space.named("sRGB"), Space.named("Lab"))
    border = _core.window // 2
    lab = _core.convert(way, np.ascontiguousarray(image), "image", None)
    return np.pad(lab, ((border, border), (border, border), (0, 0)), mode="reflect")


def _pixels(image: np.ndarray) -> int:
    return int(image.shape[0] * image.shape[1])
