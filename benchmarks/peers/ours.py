"""dde, called as its users call it."""

import dde
import numpy as np
from dde import (
    cie76,
    cie94,
    ciede2000,
    cmc,
    hyab,
    lab_to_xyz,
    srgb_to_lab,
    xyz_to_lab,
    xyz_to_oklab,
)

__all__ = [
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "hyab",
    "lab_to_xyz",
    "srgb_to_lab",
    "xyz_to_lab",
    "xyz_to_oklab",
]

NAME = "dde"
VERSION = dde.__version__
threads = dde.num_threads

call_on_one_pair = dde.ciede2000


def xyz_to_lab_out(xyz: np.ndarray, out: np.ndarray) -> np.ndarray:
    return dde.xyz_to_lab(xyz, out=out)


def map_ciede2000(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, "CIEDE2000")


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, "CIE76")
