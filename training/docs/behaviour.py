"""
Print how metrics behave as a Markdown table: equal colours, triangles, rays, noise, extremes.

    python docs/behaviour.py WEIGHTS.safetensors ...

Each argument is a weight file that `dde.load_model` reads; the formulas come beside them.
"""

import sys
from collections.abc import Callable
from functools import partial

import dde
import numpy as np

from dde_training.deep.prior import GAMUTS, Gamut

Metric = Callable[[np.ndarray, np.ndarray], np.ndarray]
FORMULAS: dict[str, Metric] = {
    name: partial(dde.delta_e, metric=name)
    for name in ("CIEDE2000", "CMC", "CIE94", "CIE76", "HyAB")
}
COUNT = 200_000
ROUNDING = 1e-9


def colours(count: int, seed: int) -> np.ndarray:
    """Lab of colours over sRGB, P3 and Rec. 2020 in equal parts."""
    random = np.random.default_rng(seed)
    share = -(-count // len(GAMUTS))
    every = np.concatenate([Gamut.named(name).colours(share, random) for name in GAMUTS])
    return random.permutation(every)[:count]


def directions(count: int, seed: int) -> np.ndarray:
    step = np.random.default_rng(seed).normal(size=(count, 3))
    return step / np.linalg.norm(step, axis=1, keepdims=True)


def equal_colours(metric: Metric) -> str:
    x = colours(COUNT, 0)
    return f"{metric(x, x).max():.2g}"


def asymmetry(metric: Metric) -> str:
    x, y = colours(COUNT, 0), colours(COUNT, 1)
    there, back = metric(x, y), metric(y, x)
    return f"{np.max(np.abs(there - back) / (there + back)):.1g}"


def broken_triangles(metric: Metric, near: bool) -> str:
    """How often the way from x to z is shorter by way of y."""
    x, y, z = (colours(COUNT, seed) for seed in range(3))
    if near:
        y, z = (x + 3 * np.random.default_rng(seed).normal(size=x.shape) for seed in (3, 4))
    return f"{np.mean(metric(x, z) > (metric(x, y) + metric(y, z)) * (1 + ROUNDING)):.2%}"


def growing_rays(metric: Metric, reach: int) -> str:
    """On how many straight Lab rays the difference from the start grows at every unit step."""
    start, step = colours(20_000, 0), directions(20_000, 5)
    along = np.stack([metric(start, start + length * step) for length in range(reach + 1)])
    return f"{np.mean((np.diff(along, axis=0) > 0).all(axis=0)):.2%}"


def likeness(metric: Metric) -> str:
    """R with CIEDE2000 on pairs in sRGB that are 0.5 to 5 Lab units apart."""
    pairs = Gamut.named("sRGB").pairs(COUNT, (0.5, 5), np.random.default_rng(6))
    own, ciede2000 = (m(pairs[:, 0], pairs[:, 1]) for m in (metric, dde.ciede2000))
    return f"{np.corrcoef(own, ciede2000)[0, 1]:.3f}"


def noise(metric: Metric) -> str:
    """Mean difference where each 8-bit channel is off by −1, 0 or 1."""
    random = np.random.default_rng(7)
    image = random.integers(1, 255, (COUNT, 3), dtype=np.uint8)
    noisy = (image + random.integers(-1, 2, image.shape)).astype(np.uint8)
    one, other = (np.asarray(dde.srgb_to_lab(rgb), dtype=float) for rgb in (image, noisy))
    return f"{metric(one, other).mean():.2f}"


def between(metric: Metric, one: list[float], other: list[float]) -> str:
    return f"{float(metric(np.array([one]), np.array([other]))[0]):.4g}"


ROWS: dict[str, Callable[[Metric], str]] = {
    "largest ΔE(x, x)": equal_colours,
    "largest asymmetry, relative": asymmetry,
    "triangles broken, random triples": partial(broken_triangles, near=False),
    "triangles broken, within 3 units": partial(broken_triangles, near=True),
    "rays on which ΔE grows, up to 20 units": partial(growing_rays, reach=20),
    "rays on which ΔE grows, up to 40 units": partial(growing_rays, reach=40),
    "R with CIEDE2000, small differences": likeness,
    "8-bit rounding noise, mean ΔE": noise,
    "black to white": partial(between, one=[0.0, 0, 0], other=[100.0, 0, 0]),
    "sRGB red to green": partial(between, one=[53.2, 80.1, 67.2], other=[87.7, -86.2, 83.2]),
    "Rec. 2020 red to green": partial(
        between, one=[58.3, 117.3, 100.5], other=[85.9, -172.3, 116.6]
    ),
    "a* = 1000 to a* = −1000": partial(between, one=[50.0, 1000, 0], other=[50.0, -1000, 0]),
}


def main(files: list[str]) -> None:
    learned = {
        f"{model.info['architecture']} {model.info['edition']}": model
        for model in map(dde.load_model, files)
    }
    metrics: dict[str, Metric] = {**learned, **FORMULAS}
    print("| |", *(f"{name} |" for name in metrics))
    print("|---|" + "---|" * len(metrics))
    for title, measure in ROWS.items():
        print(f"| {title} |", *(f"{measure(metric)} |" for metric in metrics.values()))


main(sys.argv[1:])
