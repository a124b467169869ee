"""scikit-image: NumPy expressions over whole arrays, in the type of the arrays.

8-bit images it converts to float64.
"""

import numpy as np
import skimage
from skimage.color import deltaE_cie76 as cie76
from skimage.color import deltaE_ciede94 as cie94
from skimage.color import deltaE_ciede2000 as ciede2000
from skimage.color import deltaE_cmc, rgb2lab
from skimage.color import lab2xyz as lab_to_xyz
from skimage.color import xyz2lab as xyz_to_lab
from threadpoolctl import threadpool_limits as threads

__all__ = ["cie76", "cie94", "ciede2000", "lab_to_xyz", "threads", "xyz_to_lab"]

NAME = "scikit-image"
VERSION = skimage.__version__

srgb_to_lab = rgb2lab
call_on_one_pair = ciede2000


def cmc(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return deltaE_cmc(lab1, lab2, kL=2, kC=1)


def map_ciede2000(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return ciede2000(rgb2lab(reference), rgb2lab(sample))


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return cie76(rgb2lab(reference), rgb2lab(sample))
