"""Not a peer: what the memory and a call cost at the least, by NumPy.

A conversion is held against copying the same bytes, a call on one pair against ``numpy.add``.
"""

from contextlib import nullcontext

import numpy as np

NAME = "yardstick"
VERSION = np.__version__
TOLERANCE = np.inf  # it converts nothing

xyz_to_lab = lab_to_xyz = xyz_to_oklab = np.copy
call_on_one_pair = np.add


def threads(n: int) -> nullcontext[None]:
    return nullcontext()


def xyz_to_lab_out(xyz: np.ndarray, out: np.ndarray) -> np.ndarray:
    np.copyto(out, xyz)
    return out
