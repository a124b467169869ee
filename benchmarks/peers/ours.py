"""dde, called as its users call it."""

import numpy as np

import dde
import dde.cameras.chart
from dde.inspection import Inspection

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
CHART = dde.cameras.chart.named_chart("colorchecker24")[1]
CAMERA = dde.fit_camera(
    dde.convert(CHART, dde.Space.named("Lab", white="D50"), "linear sRGB"), "ColorChecker24"
)
siamese = siamese_to_one = dde.load_model("siamese")
deep = dde.deep_delta_e


def xyz_to_lab_out(xyz: np.ndarray, out: np.ndarray) -> np.ndarray:
    return dde.xyz_to_lab(xyz, out=out)


# torch takes seconds to import, and minutes where instructions are counted.
def tensor_ciede2000(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    import dde.torch
    from peers.tensors import forward

    return forward(dde.torch.ciede2000, lab1, lab2)


def tensor_ciede2000_gradient(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    import dde.torch
    from peers.tensors import gradient

    return gradient(dde.torch.ciede2000, lab1, lab2)


def map_display_p3(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, space="Display P3")


def map_camera(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """Of a root-polynomial of degree 2."""
    return dde.delta_e_map(reference, sample, space=CAMERA)


def map_viewing(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, viewing=40)


def map_shift(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, shift=1)


def map_edges(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e_map(reference, sample, edges=0.5)


def map_flip(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.flip_map(reference, sample)


def cam16_ucs(xyz: np.ndarray) -> np.ndarray:
    return dde.convert(xyz, "XYZ", "CAM16-UCS")


def jzazbz(xyz: np.ndarray) -> np.ndarray:
    return dde.convert(xyz, "XYZ", "Jzazbz")


def itp_from_pq(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return dde.delta_e(reference, sample, "ITP", space="Rec. 2100 PQ")


def spectra_to_lab(spectra: np.ndarray) -> np.ndarray:
    return dde.spectra_to_lab(spectra, np.arange(400, 701, 10))


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
