"""colour-science: NumPy expressions over whole arrays, by default in float64 whatever comes in."""

import colour
import numpy as np
from colour.difference import delta_E_CIE1976 as cie76
from colour.difference import delta_E_CIE2000 as ciede2000
from colour.difference import delta_E_HyAB as hyab
from threadpoolctl import threadpool_limits as threads

__all__ = ["cie76", "ciede2000", "hyab", "threads"]

NAME = "colour-science"
VERSION = colour.__version__

xyz_to_lab = colour.XYZ_to_Lab
lab_to_xyz = colour.Lab_to_XYZ
xyz_to_oklab = colour.XYZ_to_Oklab
call_on_one_pair = ciede2000


def cie94(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return colour.difference.delta_E_CIE1994(lab1, lab2, textiles=False)


def cmc(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return colour.difference.delta_E_CMC(lab1, lab2, l=2, c=1)


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_Lab(colour.sRGB_to_XYZ(rgb / 255))
