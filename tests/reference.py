"""Independent answers, from colour-science, in float64."""

import warnings
from collections.abc import Callable
from dataclasses import astuple
from typing import Any

import numpy as np

# colour-science warns of optional packages that it lacks, and changes how NumPy prints numbers.
with warnings.catch_warnings(), np.printoptions():
    warnings.simplefilter("ignore")
    import colour
    from colour.difference.delta_e import intermediate_attributes_CIE2000

OBSERVERS = {
    "": "CIE 1931 2 Degree Standard Observer",
    "/10": "CIE 1964 10 Degree Standard Observer",
}
ILLUMINANTS = ("A", "C", "D50", "D55", "D65", "D75", "E", "F2", "F7", "F11")
WHITE_NAMES = [illuminant + suffix for suffix in OBSERVERS for illuminant in ILLUMINANTS]


def chromaticity(white: str) -> np.ndarray:
    """x, y of a white that dde knows by this name."""
    illuminant, slash, degrees = white.partition("/")
    return colour.CCS_ILLUMINANTS[OBSERVERS[slash + degrees]][illuminant.replace("F", "FL")]


def white_xyz(white: str) -> np.ndarray:
    return colour.xy_to_XYZ(chromaticity(white))


def xyz_to_lab(xyz: np.ndarray, white: str = "D65") -> np.ndarray:
    return colour.XYZ_to_Lab(xyz, chromaticity(white))


def lab_to_xyz(lab: np.ndarray, white: str = "D65") -> np.ndarray:
    return colour.Lab_to_XYZ(lab, chromaticity(white))


def srgb_fraction(rgb: np.ndarray) -> np.ndarray:
    """sRGB of any type as float64 in [0, 1]."""
    scale = np.iinfo(rgb.dtype).max if rgb.dtype.kind == "u" else 1
    return rgb.astype(np.float64) / scale


def srgb_to_xyz(rgb: np.ndarray) -> np.ndarray:
    return colour.sRGB_to_XYZ(srgb_fraction(rgb))


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return xyz_to_lab(srgb_to_xyz(rgb))


xyz_to_srgb = colour.XYZ_to_sRGB
xyz_to_oklab = colour.XYZ_to_Oklab
oklab_to_xyz = colour.Oklab_to_XYZ


def adapt(xyz: np.ndarray, source: np.ndarray, target: np.ndarray, method: str) -> np.ndarray:
    return colour.chromatic_adaptation(xyz, source, target, method="Von Kries", transform=method)


cie76 = colour.difference.delta_E_CIE1976
hyab = colour.difference.delta_E_HyAB
cmc = colour.difference.delta_E_CMC


def cie94(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return colour.difference.delta_E_CIE1994(lab1, lab2)


def cie94_textiles(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return colour.difference.delta_E_CIE1994(lab1, lab2, textiles=True)


def ciede2000(
    lab1: np.ndarray, lab2: np.ndarray, kL: float = 1, kC: float = 1, kH: float = 1
) -> np.ndarray:
    S_L, S_C, S_H, dL, dC, dH, R_T = astuple(intermediate_attributes_CIE2000(lab1, lab2))
    l, c, h = dL / (kL * S_L), dC / (kC * S_C), dH / (kH * S_H)  # noqa: E741
    return np.sqrt(np.maximum(l**2 + c**2 + h**2 + R_T * c * h, 0))


DIFFERENCES: dict[str, Callable[..., Any]] = {
    "CIE76": cie76,
    "CIE94": cie94,
    "CMC": cmc,
    "CIEDE2000": ciede2000,
    "HyAB": hyab,
}
