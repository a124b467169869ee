"""ICC profiles that are curves and a matrix: those of cameras, displays and working spaces.

Their tables, where they have any, and the profiles of printers are left to LittleCMS.

Reference: ICC.1:2022, 7.2 (header), 7.3 (tags), 10.6 (curves), 10.18 (parametric curves), F.2 and
F.3 (grey, and three components by a matrix).
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dde.errors import ImageFileError

Curve = Callable[[np.ndarray], np.ndarray]

HEADER = 128
MOST_TAGS = 1000
# The white of the profile connection space, 7.2.16.
CONNECTION_WHITE = np.array([0.9642, 1.0, 0.8249])
TABLES = (b"A2B0", b"A2B1", b"A2B2", b"D2B0", b"D2B1", b"D2B2", b"D2B3")
# How many parameters each function type of a parametric curve has, of g, a, b, c, d, e, f.
PARAMETERS = (1, 3, 4, 5, 7)


@dataclass(frozen=True)
class MatrixProfile:
    """
    From samples in [0, 1] to XYZ under `CONNECTION_WHITE`: a curve a channel, then a matrix.

    Attributes
    ----------
    curves : tuple of callable
        From a sample to light, of each channel.
    matrix : numpy.ndarray, shape (3, channels)
        From light to XYZ.
    """

    curves: tuple[Curve, ...]
    matrix: np.ndarray

    def xyz(self, samples: np.ndarray) -> np.ndarray:
        """XYZ, float32, of samples of any type, whole numbers from 0 to the largest of theirs."""
        light = np.empty(samples.shape, np.float32)
        for channel, curve in enumerate(self.curves):
            light[..., channel] = _by_curve(curve, samples[..., channel])
        return np.asarray(light @ self.matrix.T.astype(np.float32))


def matrix_profile(profile: bytes) -> MatrixProfile | None:
    """
    The curves and the matrix of a profile for grey or RGB; None if it has tables, or is another.

    Raises
    ------
    ImageFileError
        If the profile is damaged.
    """
    try:
        tags = _tags(profile)
        if profile[20:24] != b"XYZ " or any(name in tags for name in TABLES):
            return None
        if profile[16:20] == b"GRAY" and b"kTRC" in tags:
            return MatrixProfile((_curve(tags[b"kTRC"]),), CONNECTION_WHITE[:, None])
        if profile[16:20] == b"RGB " and all(f"{c}TRC".encode() in tags for c in "rgb"):
            curves = tuple(_curve(tags[f"{c}TRC".encode()]) for c in "rgb")
            columns = [_xyz(tags[f"{c}XYZ".encode()]) for c in "rgb"]
            return MatrixProfile(curves, np.array(columns).T)
    except (KeyError, ValueError, struct.error):
        raise ImageFileError("has a damaged colour profile") from None
    return None


def _tags(profile: bytes) -> dict[bytes, bytes]:
    (count,) = struct.unpack_from(">I", profile, HEADER)
    if count > MOST_TAGS:
        raise ValueError("too many tags")
    entries = (struct.unpack_from(">4s2I", profile, HEADER + 4 + 12 * i) for i in range(count))
    return {name: profile[start : start + size] for name, start, size in entries}


def _xyz(tag: bytes) -> list[float]:
    if tag[:4] != b"XYZ ":
        raise ValueError("no XYZ")
    return [number / 65536 for number in struct.unpack_from(">3i", tag, 8)]


def _curve(tag: bytes) -> Curve:
    if tag[:4] == b"para":
        return _parametric(tag)
    if tag[:4] != b"curv":
        raise ValueError("no curve")
    (count,) = struct.unpack_from(">I", tag, 8)
    if count == 0:
        return lambda sample: sample
    if count == 1:
        (gamma,) = struct.unpack_from(">H", tag, 12)
        return _power(gamma / 256)
    table = np.frombuffer(tag, ">u2", count, 12) / 65535
    return lambda sample: np.interp(sample, np.linspace(0, 1, count), table)


def _parametric(tag: bytes) -> Curve:
    """Table 68: to the power of g above d, straight below it."""
    (kind,) = struct.unpack_from(">H", tag, 8)
    if kind >= len(PARAMETERS):
        raise ValueError("no such function")
    given = struct.unpack_from(f">{PARAMETERS[kind]}i", tag, 12)
    g, a, b, c, d, e, f = [number / 65536 for number in given] + [0.0] * (7 - len(given))
    if kind == 0:
        return _power(g)
    if kind in (1, 2):  # no straight part: a constant up to where the base is 0
        if a == 0:
            raise ValueError("a constant")
        c, d, e, f = 0.0, -b / a, c, c
    power = _power(g)
    return lambda sample: np.where(sample >= d, power(a * sample + b) + e, c * sample + f)


def _power(exponent: float) -> Curve:
    return lambda sample: np.power(np.clip(sample, 0, None), exponent)


def _by_curve(curve: Curve, samples: np.ndarray) -> np.ndarray:
    if samples.dtype.kind == "f":
        return np.asarray(curve(samples))
    every = np.linspace(0, 1, np.iinfo(samples.dtype).max + 1)
    return np.asarray(curve(every).astype(np.float32)[samples])
