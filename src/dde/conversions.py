"""Conversions between XYZ, CIELAB, sRGB and Oklab, and chromatic adaptation."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.whites import reference_white

# IEC 61966-2-1:1999, equations (7) and (8), to the four decimals that the standard prints.
SRGB_TO_XYZ = np.array(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
XYZ_TO_SRGB = np.array(
    [[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]]
)
SRGB_TO_RELATIVE_XYZ = np.ravel(SRGB_TO_XYZ / reference_white("D65")[:, None])

# B. Ottosson, "A perceptual color space for image processing" (2020).
OKLAB_M1 = np.array(
    [
        [0.8189330101, 0.3618667424, -0.1288597137],
        [0.0329845436, 0.9293118715, 0.0361456387],
        [0.0482003018, 0.2643662691, 0.6338517070],
    ]
)
OKLAB_M2 = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
XYZ_TO_OKLAB = np.concatenate([OKLAB_M1.ravel(), OKLAB_M2.ravel()])
OKLAB_TO_XYZ = np.concatenate([np.linalg.inv(OKLAB_M2).ravel(), np.linalg.inv(OKLAB_M1).ravel()])

# From XYZ to the sharpened cone responses in which von Kries scaling is done.
CONE_RESPONSES = {
    # K. M. Lam, PhD thesis, University of Bradford (1985).
    "Bradford": np.array(
        [[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]]
    ),
    # CIE 159:2004, CIECAM02.
    "CAT02": np.array(
        [[0.7328, 0.4296, -0.1624], [-0.7036, 1.6975, 0.0061], [0.0030, 0.0136, 0.9834]]
    ),
    # C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS" (2017).
    "CAT16": np.array(
        [
            [0.401288, 0.650173, -0.051461],
            [-0.250268, 1.204414, 0.045854],
            [-0.002079, 0.048952, 0.953127],
        ]
    ),
}


def xyz_to_lab(
    xyz: ArrayLike, white: str | ArrayLike = "D65", *, out: np.ndarray | None = None
) -> Any:
    return _core.convert("xyz_to_lab", xyz, "xyz", reference_white(white), out)


def lab_to_xyz(
    lab: ArrayLike, white: str | ArrayLike = "D65", *, out: np.ndarray | None = None
) -> Any:
    return _core.convert("lab_to_xyz", lab, "lab", reference_white(white), out)


def srgb_to_xyz(rgb: ArrayLike, *, clip: bool = False, out: np.ndarray | None = None) -> Any:
    return _core.convert_srgb("srgb_to_xyz", rgb, SRGB_TO_XYZ.ravel(), clip, out)


def srgb_to_lab(rgb: ArrayLike, *, clip: bool = False, out: np.ndarray | None = None) -> Any:
    return _core.convert_srgb("srgb_to_lab", rgb, SRGB_TO_RELATIVE_XYZ, clip, out)


def xyz_to_srgb(xyz: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    return _core.convert("xyz_to_srgb", xyz, "xyz", XYZ_TO_SRGB.ravel(), out)


def xyz_to_oklab(xyz: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    return _core.convert("xyz_to_oklab", xyz, "xyz", XYZ_TO_OKLAB, out)


def oklab_to_xyz(lab: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    return _core.convert("oklab_to_xyz", lab, "lab", OKLAB_TO_XYZ, out)


def adapt(
    xyz: ArrayLike,
    source_white: str | ArrayLike,
    target_white: str | ArrayLike,
    method: str = "Bradford",
    *,
    out: np.ndarray | None = None,
) -> Any:
    if method not in CONE_RESPONSES:
        raise ValueError(f"method must be one of {', '.join(CONE_RESPONSES)}; not {method!r}")
    cones = CONE_RESPONSES[method]
    source = cones @ reference_white(source_white, "source_white")
    target = cones @ reference_white(target_white, "target_white")
    matrix = np.linalg.solve(cones, (target / source)[:, None] * cones)
    return _core.convert("linear", xyz, "xyz", np.ravel(matrix), out)
