"""Pairs of colours at which formulas have no gradient, or nearly none, and ordinary ones."""

import numpy as np

KINDS = (
    "random", "near", "equal", "nearly equal", "neutral", "both neutral", "nearly neutral",
    "opposite hues", "nearly opposite", "equal hues", "blue", "black or white", "beyond all gamuts",
)  # fmt: skip


def pairs(kind: str, count: int, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """So many pairs of that kind, float64."""
    rng = np.random.default_rng([seed, KINDS.index(kind)])
    first = rng.uniform([0, -100, -100], [100, 100, 100], (count, 3))
    second = rng.uniform([0, -100, -100], [100, 100, 100], (count, 3))
    tiny = 10.0 ** rng.uniform(-30, -3, (count, 1))
    turned = np.array([1, -1, -1]) * first * rng.uniform(0.01, 1, (count, 1))
    if kind == "near":
        second = first + rng.normal(0, 3, first.shape)
    elif kind == "equal":
        second = first.copy()
    elif kind == "nearly equal":
        second = first + tiny * rng.normal(size=first.shape)
    elif kind == "neutral":
        first[:, 1:] = 0
    elif kind == "both neutral":
        first[:, 1:] = second[:, 1:] = 0
    elif kind == "nearly neutral":
        first[:, 1:] = tiny * rng.normal(size=(count, 2))
    elif kind == "opposite hues":
        second = np.array([1, -1, -1]) * first * 2.0 ** rng.integers(-4, 2, (count, 1))
    elif kind == "nearly opposite":
        second = turned + tiny * rng.normal(size=first.shape)
    elif kind == "equal hues":
        second[:, 1:] = first[:, 1:] * 2.0 ** rng.integers(-4, 2, (count, 1))
    elif kind == "blue":
        first[:, 1], first[:, 2] = rng.uniform(-20, 40, count), rng.uniform(-110, -40, count)
        second = first + rng.normal(0, 8, first.shape)
    elif kind == "black or white":
        first[:], second = rng.choice([0.0, 100.0], (count, 1)) * [1, 0, 0], second
    elif kind == "beyond all gamuts":
        first, second = 100 * first, 100 * second
    return first, second
