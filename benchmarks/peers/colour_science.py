"""colour-science: NumPy expressions over whole arrays, by default in float64 whatever comes in."""

import colour
import numpy as np
from colour import difference
from threadpoolctl import threadpool_limits

from dde.spectra.weights import weights_for

NAME = "colour-science"
VERSION = colour.__version__
threads = threadpool_limits

ciede2000 = call_on_one_pair = difference.delta_E_CIE2000
cie76 = difference.delta_E_CIE1976
hyab = difference.delta_E_HyAB
xyz_to_lab = colour.XYZ_to_Lab
lab_to_xyz = colour.Lab_to_XYZ
xyz_to_oklab = colour.XYZ_to_Oklab


WEIGHTS = weights_for(np.arange(400, 701, 10), "D65", 2)


def cam16_ucs(xyz: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_CAM16UCS(xyz)


def jzazbz(xyz: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_Jzazbz(203 * xyz)


def itp_from_pq(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return difference.delta_E_ITP(
        *(colour.RGB_to_ICtCp(colour.models.eotf_ST2084(codes)) for codes in (reference, sample))
    )


def spectra_to_lab(spectra: np.ndarray) -> np.ndarray:
    """NumPy's product with the weights, then XYZ to Lab."""
    white = WEIGHTS.sum(axis=0)
    return colour.XYZ_to_Lab(spectra @ WEIGHTS.astype(spectra.dtype), colour.XYZ_to_xy(white))


def cie94(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return difference.delta_E_CIE1994(lab1, lab2, textiles=False)


def cmc(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return difference.delta_E_CMC(lab1, lab2, l=2, c=1)


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return xyz_to_lab(colour.sRGB_to_XYZ(rgb / 255))
