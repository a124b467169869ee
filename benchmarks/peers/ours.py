"""dde, called as its users call it."""

import numpy as np

import dde
import dde.torch
from dde.inspection import Inspection
from peers.tensors import forward, gradient

NAME = "dde"
VERSION = dde.__version__
threads = dde.num_threads

ciede2000 = call_on_one_pair = dde.ciede2000
cie76 = dde.cie76
cie94 = dde.cie94
cmc = dde.cmc
hyab = dde.hyab
xyz_to_lab = dde.xyz_to_lab
lab_to_xyz = dde.lab_to_xyz
xyz_to_oklab = dde.xyz_to_oklab
srgb_to_lab = dde.srgb_to_lab
map_ciede2000 = dde.delta_e_map
siamese = siamese_to_one = dde.load_model("siamese")
deep = dde.deep_delta_e


def xyz_to_lab_out(xyz: np.ndarray, out: np.ndarray) -> np.ndarray:
    return dde.xyz_to_lab(xyz, out=out)


def tensor_ciede2000(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return forward(dde.torch.ciede2000, lab1, lab2)


def tensor_ciede2000_gradient(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return gradient(dde.torch.ciede2000, lab1, lab2)


def map_deep(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, "deep")


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, "CIE76")


def inspect(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return _numbers(dde.inspect(reference, sample))


def inspect_and_keep_map(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return _numbers(dde.inspect(reference, sample, keep_map=True))


def _numbers(found: Inspection) -> np.ndarray:
    """As in by_hand.py."""
    s = found.overall
    return np.array(
        [
            s.mean,
            s.standard_deviation,
            *(s.median, s.percentile_90, s.percentile_95, s.percentile_99),
            *(s.maximum, s.maximum_x, s.maximum_y),
            *s.share_above.values(),
            *(s.mean_delta_L, s.mean_delta_C, s.mean_delta_H),
        ]
    )
