"""Where a motion puts the points of an image."""

import numpy as np


def corners(shape: tuple[int, ...]) -> np.ndarray:
    bottom, right = shape[0] - 1, shape[1] - 1
    return np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]], float)


def moved(warp: np.ndarray, points: np.ndarray) -> np.ndarray:
    to = points @ warp.T
    return np.asarray(to[..., :2] / to[..., 2:])


def distance(one: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> float:
    middle = corners(shape).mean(axis=0, keepdims=True)
    return float(np.linalg.norm(moved(one, middle) - moved(other, middle), axis=1).max())


def largest(warp: np.ndarray, shape: tuple[int, int]) -> float:
    points = corners(shape)
    return float(np.linalg.norm(moved(warp, points) - points[:, :2], axis=1).max())


def overlap(warp: np.ndarray, shape: tuple[int, ...], sample: tuple[int, ...]) -> float:
    """The share of a grid over the reference that lies in the sample."""
    y, x = np.meshgrid(*(np.linspace(0, side - 1, 50) for side in shape), indexing="ij")
    return float(inside(moved(warp, np.stack([x, y, np.ones_like(x)], axis=-1)), sample).mean())


def inside(places: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    x, y = places[..., 0], places[..., 1]
    slack = 1e-3  # a whole shift is found as one but for rounding
    return np.asarray(
        (x >= -slack) & (x <= shape[1] - 1 + slack) & (y >= -slack) & (y <= shape[0] - 1 + slack)
    )


def at_scale(warp: np.ndarray, factor: float) -> np.ndarray:
    """A matrix between images whose pixels are blocks of so many, between their pixels."""
    middle = (factor - 1) / 2
    to_fine = np.array([[factor, 0, middle], [0, factor, middle], [0, 0, 1]])
    return np.asarray(to_fine @ warp @ np.linalg.inv(to_fine))
