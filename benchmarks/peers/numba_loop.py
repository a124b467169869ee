"""Numba: loops as one writes them from the textbook, compiled with fastmath and prange."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import numba
import numpy as np
from numba import njit, prange

NAME = "Numba"
VERSION = numba.__version__

X_WHITE, Z_WHITE = 0.95046, 1.08906
FRACTIONS = np.arange(256) / 255
LINEAR = np.where(FRACTIONS > 0.04045, ((FRACTIONS + 0.055) / 1.055) ** 2.4, FRACTIONS / 12.92)


@contextmanager
def threads(n: int) -> Iterator[None]:
    before = numba.get_num_threads()
    numba.set_num_threads(min(n, numba.config.NUMBA_NUM_THREADS))
    try:
        yield
    finally:
        numba.set_num_threads(before)


@njit(fastmath=True)
def _cie76(L1, a1, b1, L2, a2, b2):
    return math.sqrt((L2 - L1) ** 2 + (a2 - a1) ** 2 + (b2 - b1) ** 2)


@njit(fastmath=True)
def _hue(a, b):
    return math.degrees(math.atan2(b, a)) % 360


@njit(fastmath=True)
def _hue_difference_and_mean(h1, h2):
    if abs(h1 - h2) <= 180:
        return h2 - h1, (h1 + h2) / 2
    turn = 360 if h2 < h1 else -360
    return h2 - h1 + turn, (h1 + h2 + 360) / 2 if h1 + h2 < 360 else (h1 + h2 - 360) / 2


@njit(fastmath=True)
def _ciede2000(L1, a1, b1, L2, a2, b2):
    C_mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    G = 0.5 * (1 - math.sqrt(C_mean**7 / (C_mean**7 + 25.0**7)))
    a1, a2 = (1 + G) * a1, (1 + G) * a2
    C1, C2 = math.hypot(a1, b1), math.hypot(a2, b2)
    h1, h2 = _hue(a1, b1), _hue(a2, b2)
    dh, h = _hue_difference_and_mean(h1, h2)
    if C1 * C2 == 0:
        dh, h = 0.0, h1 + h2

    dL, dC = L2 - L1, C2 - C1
    dH = 2 * math.sqrt(C1 * C2) * math.sin(math.radians(dh / 2))
    L, C = (L1 + L2) / 2, (C1 + C2) / 2
    T = (
        1
        - 0.17 * math.cos(math.radians(h - 30))
        + 0.24 * math.cos(math.radians(2 * h))
        + 0.32 * math.cos(math.radians(3 * h + 6))
        - 0.20 * math.cos(math.radians(4 * h - 63))
    )
    rotation = math.radians(60 * math.exp(-(((h - 275) / 25) ** 2)))
    R_T = -math.sin(rotation) * 2 * math.sqrt(C**7 / (C**7 + 25.0**7))
    l = dL / (1 + 0.015 * (L - 50) ** 2 / math.sqrt(20 + (L - 50) ** 2))  # noqa: E741
    c = dC / (1 + 0.045 * C)
    h = dH / (1 + 0.015 * C * T)
    return math.sqrt(l * l + c * c + h * h + R_T * c * h)


@njit(fastmath=True)
def _f(t):
    return np.cbrt(t) if t > (6 / 29) ** 3 else t * (29 / 6) ** 2 / 3 + 4 / 29


@njit(fastmath=True)
def _lab(X, Y, Z):
    fx, fy, fz = _f(X / X_WHITE), _f(Y), _f(Z / Z_WHITE)
    return 116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)


@njit(fastmath=True)
def _lab_of_srgb(red, green, blue):
    R, G, B = LINEAR[red], LINEAR[green], LINEAR[blue]
    return _lab(
        0.4124 * R + 0.3576 * G + 0.1805 * B,
        0.2126 * R + 0.7152 * G + 0.0722 * B,
        0.0193 * R + 0.1192 * G + 0.9505 * B,
    )


Kernel = Callable[..., float]


def _over_pairs(formula: Kernel) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    @njit(fastmath=True, parallel=True)
    def loop(lab1, lab2):
        result = np.empty(lab1.shape[:2], lab1.dtype)
        for y in prange(lab1.shape[0]):
            for x in range(lab1.shape[1]):
                p, q = lab1[y, x], lab2[y, x]
                result[y, x] = formula(p[0], p[1], p[2], q[0], q[1], q[2])
        return result

    return loop


def _over_images(formula: Kernel) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    @njit(fastmath=True, parallel=True)
    def loop(reference, sample):
        result = np.empty(reference.shape[:2], np.float32)
        for y in prange(reference.shape[0]):
            for x in range(reference.shape[1]):
                L1, a1, b1 = _lab_of_srgb(*_channels(reference, y, x))
                L2, a2, b2 = _lab_of_srgb(*_channels(sample, y, x))
                result[y, x] = formula(L1, a1, b1, L2, a2, b2)
        return result

    return loop


@njit
def _channels(image, y, x):
    return image[y, x, 0], image[y, x, 1], image[y, x, 2]


def _over_colours(conversion: Kernel, type_: type | None) -> Callable[[np.ndarray], np.ndarray]:
    @njit(fastmath=True, parallel=True)
    def loop(colours, result):
        for y in prange(colours.shape[0]):
            for x in range(colours.shape[1]):
                r = conversion(*_channels(colours, y, x))
                result[y, x, 0], result[y, x, 1], result[y, x, 2] = r
        return result

    return lambda colours: loop(colours, np.empty(colours.shape, type_ or colours.dtype))


cie76 = _over_pairs(_cie76)
ciede2000 = _over_pairs(_ciede2000)
xyz_to_lab = _over_colours(_lab, None)
srgb_to_lab = _over_colours(_lab_of_srgb, np.float32)
map_cie76 = _over_images(_cie76)
map_ciede2000 = _over_images(_ciede2000)
