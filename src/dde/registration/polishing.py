"""The last step of a registration: least squares where the sample shows the reference."""

import math
from collections.abc import Callable
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

POLISHED = 100_000  # pixels of the last step
OUTLIER = 4.0  # standard deviations
EVERY = 4  # pixel of a row and of a column says what is usual
SOME = 10_000  # pixels say whether a motion is determined
DOUBT = 2.0  # pixels at a corner
SURE = 5.0  # standard deviations
NEIGHBOURS = 5  # of those that differ alike, being smoothed


def laid(cv2: ModuleType, image: np.ndarray, warp: np.ndarray, like: np.ndarray) -> np.ndarray:
    """The sample as it lies on the reference, with nothing (0) where it has none."""
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return np.asarray(cv2.warpPerspective(image, warp, like.shape[::-1], flags=flags))


def trusted(
    cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray
) -> np.ndarray:
    """
    Where the sample shows the reference, 255: not at its border, which the search blurs, not where
    it has moved out of the picture, and not where something else is seen, such as a fault.
    """
    border = 8
    inner = np.zeros(sample.shape, np.uint8)
    inner[border:-border, border:-border] = 255
    covered = laid(cv2, inner, warp, reference) == 255
    smooth = [cv2.GaussianBlur(image, (5, 5), 0) for image in (reference, sample)]
    shown = laid(cv2, smooth[1], warp, reference)
    if np.count_nonzero(covered) < inner.size // 4:
        return inner
    some = np.zeros_like(covered)
    some[::EVERY, ::EVERY] = covered[::EVERY, ::EVERY]
    x, y = shown[some], smooth[0][some]
    if not x.std() > 0:
        return inner
    slope = y.std() / x.std()
    difference = np.abs(smooth[0] - (shown - np.median(x)) * slope - np.median(y))
    usual = 1.4826 * np.median(difference[some])
    # At an edge, half a pixel of motion that is still to be found is no other thing.
    edges = cv2.morphologyEx(smooth[0], cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    odd = np.uint8(255 * ((difference - edges > OUTLIER * max(usual, 1.0)) & covered))
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


class Places(NamedTuple):
    """The places of the reference at which the last step looks, and what is there."""

    x: np.ndarray
    y: np.ndarray
    light: np.ndarray
    across: np.ndarray
    down: np.ndarray
    sample: np.ndarray  # the smoothed image
    to_pixels: np.ndarray  # a matrix, from coordinates of -1 to 1

    def changes(self, motion: str) -> list[np.ndarray]:
        """How the reference changes with each parameter of a motion."""
        from_pixels = np.linalg.inv(self.to_pixels)
        u, v = (from_pixels[n, n] * c + from_pixels[n, 2] for n, c in enumerate((self.x, self.y)))
        return [self.across * dx + self.down * dy for dx, dy in _CHANGES[motion](u, v)]

    def seen(self, warp: np.ndarray) -> np.ndarray:
        """What the sample shows at these places."""
        to = [row[0] * self.x + row[1] * self.y + row[2] for row in warp]
        return _cubic(self.sample, to[0] / to[2], to[1] / to[2])

    def changed(self, warp: np.ndarray, motion: str, parameters: np.ndarray) -> np.ndarray:
        """The motion after a small change, in pixels."""
        change = _change(motion, parameters / self.to_pixels[0, 0])
        to = warp @ self.to_pixels @ change @ np.linalg.inv(self.to_pixels)
        return np.asarray(to / to[2, 2])

    def some(self, number: int) -> "Places":
        every = slice(None, None, max(1, len(self.x) // number))
        x, y, light, across, down = (part[every] for part in self[:5])
        return Places(x, y, light, across, down, self.sample, self.to_pixels)


def steepest(
    cv2: ModuleType, reference: np.ndarray, sample: np.ndarray, warp: np.ndarray
) -> Places | None:
    """The steepest places of the reference that the sample shows; None where there are too few."""
    smooth = [cv2.GaussianBlur(image, (0, 0), 1.0) for image in (reference, sample)]
    shown = laid(cv2, trusted(cv2, reference, sample, warp), warp, reference) == 255
    shown[:4], shown[-4:], shown[:, :4], shown[:, -4:] = False, False, False, False
    down, across = np.gradient(smooth[0])
    steep = np.where(shown, across**2 + down**2, 0).ravel()
    number = min(POLISHED, int(np.count_nonzero(steep)))
    if number < 300:
        return None
    chosen = np.argpartition(steep, -number)[-number:]
    y, x = np.divmod(chosen, reference.shape[1])
    half = max(reference.shape) / 2
    middle = np.array(
        [[half, 0, reference.shape[1] / 2], [0, half, reference.shape[0] / 2], [0, 0, 1]]
    )
    light, gx, gy = (image.ravel()[chosen] for image in (smooth[0], across, down))
    return Places(x, y, light, gx, gy, smooth[1], middle)


def polished(places: Places, warp: np.ndarray, motion: str) -> np.ndarray:
    """
    The motion by least squares at the steepest places, with cubic interpolation: OpenCV's search
    knows places to 1/32 of a pixel only.
    """
    terms = places.changes(motion)
    for _ in range(3):
        # reference(p) = gain sample(W p) + offset, W = W (1 + a small change)
        seen = places.seen(warp)
        design = np.stack([*terms, seen, np.ones_like(seen)], axis=-1)
        solution, *_ = np.linalg.lstsq(design.T @ design, design.T @ places.light, rcond=None)
        warp = places.changed(warp, motion, solution[: len(terms)])
    return warp


def undetermined(places: Places, warp: np.ndarray, motion: str) -> bool:
    """
    Whether another motion explains the sample as well, as along a single edge, or around a disc.

    Of each way in which the motion may be wrong, independent of the others, as much as moves a
    corner by `DOUBT` pixels must leave surely more.
    """
    places = places.some(SOME)
    terms = places.changes(motion)
    seen = places.seen(warp)
    known = np.stack([seen, np.ones_like(seen)], axis=-1)
    design = np.stack(terms, axis=-1)
    design = design - known @ np.linalg.lstsq(known, design, rcond=None)[0]
    best = _left(places, seen)
    for way in np.linalg.eigh(design.T @ design)[1].T:
        at_corners = _CHANGES[motion](*np.array([[-1, 1, -1, 1], [-1, -1, 1, 1]]))
        moved = [
            sum(p * change[n] for p, change in zip(way, at_corners, strict=True)) for n in (0, 1)
        ]
        far = float(np.hypot(*moved).max())
        for step in (DOUBT / far, -DOUBT / far):
            more = _left(places, places.seen(places.changed(warp, motion, way * step))) - best
            chance = SURE * more.std() / math.sqrt(len(more) / NEIGHBOURS)
            if more.mean() < chance:
                return True
    return False


def _left(places: Places, seen: np.ndarray) -> np.ndarray:
    """The squared differences that the best gain and offset leave."""
    centred, light = seen - seen.mean(), places.light - places.light.mean()
    # Not by @, for whose threads so few numbers are not worth waiting.
    gain = (centred * light).sum() / max(float((centred * centred).sum()), 1e-9)
    return np.asarray((light - gain * centred) ** 2)


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
    corner = (row - 1) * image.shape[1] + column - 1
    values = np.ascontiguousarray(image).ravel()
    total = np.zeros(len(x))
    for j in range(4):
        places = corner + j * image.shape[1]
        line = sum(across[i] * values[places + i] for i in range(4))
        total += down[j] * line
    return total


def _keys(t: np.ndarray) -> list[np.ndarray]:
    return [
        ((-0.5 * t + 1) * t - 0.5) * t,
        (1.5 * t - 2.5) * t * t + 1,
        ((-1.5 * t + 2) * t + 0.5) * t,
        (0.5 * t - 0.5) * t * t,
    ]
