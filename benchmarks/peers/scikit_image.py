"""scikit-image: NumPy expressions over whole arrays, in the type of the arrays.

8-bit images become float64.
"""

import numpy as np
import skimage
from by_hand import statistics
from skimage import color
from threadpoolctl import threadpool_limits

NAME = "scikit-image"
VERSION = skimage.__version__
threads = threadpool_limits  # its products with a matrix are BLAS

ciede2000 = call_on_one_pair = color.deltaE_ciede2000
cie76 = color.deltaE_cie76
cie94 = color.deltaE_ciede94
xyz_to_lab = color.xyz2lab
lab_to_xyz = color.lab2xyz
srgb_to_lab = color.rgb2lab


def cmc(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return color.deltaE_cmc(lab1, lab2, kL=2, kC=1)


def map_ciede2000(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return ciede2000(srgb_to_lab(reference), srgb_to_lab(sample))


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return cie76(srgb_to_lab(reference), srgb_to_lab(sample))


def inspect_and_keep_map(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    lab1, lab2 = srgb_to_lab(reference), srgb_to_lab(sample)
    map = ciede2000(lab1, lab2)
    return np.array(statistics(map, lab1, lab2))
