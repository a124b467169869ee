"""colour-science: NumPy expressions over whole arrays, by default in float64 whatever comes in."""

import colour
import numpy as np
from colour import difference
from threadpoolctl import threadpool_limits

NAME = "colour-science"
VERSION = colour.__version__
threads = threadpool_limits

ciede2000 = call_on_one_pair = difference.delta_E_CIE2000
cie76 = difference.delta_E_CIE1976
hyab = difference.delta_E_HyAB
xyz_to_lab = colour.XYZ_to_Lab
lab_to_xyz = colour.Lab_to_XYZ
xyz_to_oklab = colour.XYZ_to_Oklab


def cie94(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return difference.delta_E_CIE1994(lab1, lab2, textiles=False)


def cmc(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return difference.delta_E_CMC(lab1, lab2, l=2, c=1)


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return xyz_to_lab(colour.sRGB_to_XYZ(rgb / 255))
