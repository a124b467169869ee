"""Not a peer: what a thing costs at the least.

A conversion is held against copying the same bytes, a call on one pair against ``numpy.add``, an
inspection against the map alone.
"""

import numpy as np

import dde

NAME = "yardstick"
VERSION = np.__version__
TOLERANCE = np.inf  # it converts nothing
threads = dde.num_threads

xyz_to_lab = lab_to_xyz = xyz_to_oklab = np.copy
call_on_one_pair = np.add


def xyz_to_lab_out(xyz: np.ndarray, out: np.ndarray) -> np.ndarray:
    np.copyto(out, xyz)
    return out


def inspect(reference: np.ndarray, sample: np.ndarray) -> float:
    return float(dde.delta_e_map(reference, sample)[0, 0])
