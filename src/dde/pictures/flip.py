"""FLIP: the difference that somebody sees who flips between two images.

P. Andersson, J. Nilsson, T. Akenine-Möller, M. Oskarsson, K. Åström, M. D. Fairchild, "FLIP: a
difference evaluator for alternating images", Proceedings of the ACM on Computer Graphics and
Interactive Techniques 3 (2020), number 2, article 15.
"""

import math
from functools import cache

import numpy as np

from dde import _core
from dde.pictures.filters import Filter, bank_of

# A screen 0.7 m wide with 3840 pixels, seen from 0.7 m.
PIXELS_PER_DEGREE = 0.7 * 3840 / 0.7 * math.pi / 180

# Linear RGB to XYZ: exactly what the primaries and the white of sRGB make it.
RGB_TO_XYZ = np.array(
    [
        [10135552 / 24577794, 8788810 / 24577794, 4435075 / 24577794],
        [2613072 / 12288897, 8788810 / 12288897, 887015 / 12288897],
        [1425312 / 73733382, 8788810 / 73733382, 70074185 / 73733382],
    ]
)
RGB_TO_RELATIVE_XYZ = RGB_TO_XYZ / RGB_TO_XYZ.sum(axis=1)[:, None]

# Equation 1 and section 4.1: Y of YCxCz without its -16, Cx and Cz.
RELATIVE_XYZ_TO_YCXCZ = np.array([[0, 116, 0], [500, -500, 0], [0, 200, -200]])

# Of each channel's contrast sensitivity, the pairs a and b of its Gaussians, in degrees (table 1).
SENSITIVITIES = (((1, 0.0047),), ((1, 0.0053),), ((34.1, 0.04), (13.5, 0.025)))
FEATURE_WIDTH = 0.082  # of an edge, in degrees


def sensitivity_filters(pixels_per_degree: float) -> list[Filter]:
    """The contrast sensitivity of the eye as filters of Y, Cx and Cz (section 4.1.1)."""
    widest = max(b for parts in SENSITIVITIES for _, b in parts)
    radius = math.ceil(3 * math.sqrt(widest / (2 * math.pi**2)) * pixels_per_degree)
    degrees = np.arange(-radius, radius + 1) / pixels_per_degree
    filters = []
    for channel, parts in enumerate(SENSITIVITIES):
        # a sqrt(π / b) exp(-π² d² / b) of d² = x² + y² is a product of two of these.
        taps = [np.exp(-(math.pi**2) * degrees**2 / b) for _, b in parts]
        weights = [a * math.sqrt(math.pi / b) for a, b in parts]
        total = sum(w * one.sum() ** 2 for w, one in zip(weights, taps, strict=True))
        filters += [
            Filter(channel, channel, one, one * (weight / total))
            for weight, one in zip(weights, taps, strict=True)
        ]
    return filters


def feature_filters(pixels_per_degree: float) -> list[Filter]:
    """Detectors of edges and points, across and down, in (Y + 16) / 116 (section 4.2)."""
    spread = 0.5 * FEATURE_WIDTH * pixels_per_degree
    radius = math.ceil(3 * spread)
    x = np.arange(-radius, radius + 1)
    bell = np.exp(-(x**2) / (2 * spread**2))
    across_edge = _balanced(-x * bell)
    across_point = _balanced((x**2 / spread**2 - 1) * bell)
    along = bell / bell.sum()
    return [
        Filter(0, 3, across_edge, along / 116),
        Filter(0, 4, along, across_edge / 116),
        Filter(0, 5, across_point, along / 116),
        Filter(0, 6, along, across_point / 116),
    ]


def _balanced(taps: np.ndarray) -> np.ndarray:
    """With positive taps that sum to 1 and negative ones that sum to -1."""
    return np.asarray(np.where(taps > 0, taps / taps[taps > 0].sum(), taps / -taps[taps < 0].sum()))


def flip_bank(pixels_per_degree: float) -> tuple[_core.FilterBank, np.ndarray]:
    """The bank of FLIP, and the matrix from XYZ relative to the white to what it filters."""
    filters = sensitivity_filters(pixels_per_degree) + feature_filters(pixels_per_degree)
    return bank_of(filters, reflected=False), RELATIVE_XYZ_TO_YCXCZ.astype(np.float64)


@cache
def flip_kernel() -> _core.DifferenceKernel:
    """What compares two neighbourhoods: `kernels/pictures/flip.h`."""
    to_rgb = np.linalg.inv(RELATIVE_XYZ_TO_YCXCZ @ RGB_TO_RELATIVE_XYZ)
    parameters = [*to_rgb.ravel(), *RGB_TO_RELATIVE_XYZ.ravel(), _largest_difference()]
    return _core.PictureKernel("flip", parameters)


def _largest_difference() -> float:
    """HyAB between green and blue after the Hunt adjustment (section 4.1.3)."""
    green, blue = (_hunt_adjusted(RGB_TO_RELATIVE_XYZ[:, channel]) for channel in (1, 2))
    return float(abs(green[0] - blue[0]) + math.hypot(*(green[1:] - blue[1:])))


def _hunt_adjusted(relative_xyz: np.ndarray) -> np.ndarray:
    delta = 6 / 29
    line = relative_xyz / (3 * delta**2) + 4 / 29
    x, y, z = np.where(relative_xyz > delta**3, np.cbrt(relative_xyz), line)
    lightness = 116 * y - 16
    return np.array([lightness, 5 * lightness * (x - y), 2 * lightness * (y - z)])
