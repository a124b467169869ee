"""Independent answers about colour spaces, from colour-science or coloraide, in float64.

All from XYZ of D65 with Y = 1 for white.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from coloraide import Color as BaseColor
from coloraide.distance.delta_e_99o import DE99o
from coloraide.distance.delta_e_cam16 import DECAM16
from coloraide.spaces.cam02 import CAM02JMh
from coloraide.spaces.cam02_ucs import CAM02LCD, CAM02SCD, CAM02UCS
from coloraide.spaces.cam16 import CAM16JMh
from coloraide.spaces.cam16_ucs import CAM16LCD, CAM16SCD, CAM16UCS
from coloraide.spaces.din99o import DIN99o
from coloraide.spaces.hct import HCT
from coloraide.spaces.ictcp import ICtCp
from coloraide.spaces.ipt import IPT
from coloraide.spaces.jzazbz import Jzazbz
from coloraide.spaces.rec2100_hlg import Rec2100HLG
from coloraide.spaces.rec2100_linear import Rec2100Linear
from coloraide.spaces.rec2100_pq import Rec2100PQ
from reference import colour

Oracle = Callable[[np.ndarray], np.ndarray]
D65 = np.array([0.3127, 0.3290])
WHITE = colour.xy_to_XYZ(D65)


class Color(BaseColor):  # type: ignore[misc]
    """coloraide with the spaces that it does not register by itself."""


Color.register(
    [
        *(CAM02JMh(), CAM02UCS(), CAM02SCD(), CAM02LCD()),
        *(CAM16JMh(), CAM16UCS(), CAM16SCD(), CAM16LCD()),
        *(DE99o(), DECAM16()),
        *(DIN99o(), HCT(), ICtCp(), IPT(), Jzazbz()),
        *(Rec2100Linear(), Rec2100PQ(), Rec2100HLG()),
    ],
    overwrite=True,
)


def coloraide(name: str, xyz: np.ndarray) -> np.ndarray:
    """One colour at a time."""
    colours = xyz.reshape(-1, 3)
    found = [Color("xyz-d65", list(colour)).convert(name, norm=False)[:3] for colour in colours]
    return np.array(found).reshape(xyz.shape)


def _rgb(name: str, xyz: np.ndarray, *, derived: bool = True, curve: bool = True) -> np.ndarray:
    """An RGB space of colour-science, with the matrix that follows from its primaries."""
    space = colour.RGB_COLOURSPACES[name].copy()
    space.use_derived_transformation_matrices(derived)
    return colour.XYZ_to_RGB(
        xyz, space, illuminant=D65, chromatic_adaptation_transform="Bradford",
        apply_cctf_encoding=curve,
    )  # fmt: skip


def _linear_srgb(xyz: np.ndarray) -> np.ndarray:
    printed = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    return xyz @ np.linalg.inv(printed).T


def _srgb(xyz: np.ndarray) -> np.ndarray:
    return colour.models.eotf_inverse_sRGB(_linear_srgb(xyz))


def _adobe(xyz: np.ndarray) -> np.ndarray:
    light = _rgb("Adobe RGB (1998)", xyz, curve=False)
    return np.sign(light) * np.abs(light) ** (256 / 563)


def _prophoto(xyz: np.ndarray) -> np.ndarray:
    """Its toe mirrored for negative light, as coloraide has it; colour-science goes on straight."""
    light = _rgb("ProPhoto RGB", xyz, curve=False)
    return np.sign(light) * colour.models.cctf_encoding_ROMMRGB(np.abs(light))


def _rec_2020(xyz: np.ndarray) -> np.ndarray:
    """With α and β to the digits that BT.2020-2 derives; colour-science has them rounded."""
    light = _rgb("ITU-R BT.2020", xyz, curve=False)
    size = np.abs(light)
    coded = np.where(
        size < 0.018053968510807, 4.5 * size, 1.09929682680944 * size**0.45 - 0.09929682680944
    )
    return np.sign(light) * coded


def _lab(xyz: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_Lab(xyz, D65)


def _luv(xyz: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_Luv(xyz, D65)


def _polar(of: Oracle, xyz: np.ndarray) -> np.ndarray:
    L, a, b = np.moveaxis(of(xyz), -1, 0)
    return np.stack([L, np.hypot(a, b), np.degrees(np.arctan2(b, a)) % 360], axis=-1)


def _ictcp(xyz: np.ndarray) -> np.ndarray:
    return colour.RGB_to_ICtCp(203 * _rgb("ITU-R BT.2020", xyz, curve=False))


def _jzazbz(xyz: np.ndarray) -> np.ndarray:
    return colour.XYZ_to_Jzazbz(203 * xyz)


def _din99(method: str, xyz: np.ndarray) -> np.ndarray:
    prime = np.array([[1.12, 0, -0.12], [0, 1, 0], [0, 0, 1]] if method == "DIN99d" else np.eye(3))
    lab = colour.XYZ_to_Lab(xyz @ prime.T, colour.XYZ_to_xy(prime @ WHITE))
    return colour.models.Lab_to_DIN99(lab, method=method)


def _cam(model: str, xyz: np.ndarray) -> np.ndarray:
    appearance = getattr(colour, f"XYZ_to_{model}")
    surround = getattr(colour, f"VIEWING_CONDITIONS_{model}")["Average"]
    found = appearance(100 * xyz, 100 * WHITE, 64 / np.pi * 0.2, 20, surround)
    return np.stack([found.J, found.M, found.h], axis=-1)


def _ucs(name: str, xyz: np.ndarray) -> np.ndarray:
    return getattr(colour, f"XYZ_to_{name}")(xyz)


# Those of whole arrays.
FAST: dict[str, Oracle] = {
    "sRGB": _srgb,
    "linear sRGB": _linear_srgb,
    "Display P3": partial(_rgb, "Display P3"),
    "Adobe RGB (1998)": _adobe,
    "ProPhoto RGB": _prophoto,
    "Rec. 2020": _rec_2020,
    "XYZ": np.copy,
    "Lab": _lab,
    "LCh": partial(_polar, _lab),
    "Luv": _luv,
    "LChuv": partial(_polar, _luv),
    "Oklab": colour.XYZ_to_Oklab,
    "Oklch": partial(_polar, colour.XYZ_to_Oklab),
    "IPT": colour.XYZ_to_IPT,
    "ICtCp": _ictcp,
    "Jzazbz": _jzazbz,
    "JzCzhz": partial(_polar, _jzazbz),
    "DIN99": partial(_din99, "DIN99"),
    "DIN99d": partial(_din99, "DIN99d"),
    "CAM16 JMh": partial(_cam, "CAM16"),
    "CAM02 JMh": partial(_cam, "CIECAM02"),
    **{
        f"{model}-{form}": partial(_ucs, f"{model}{form}")
        for model in ("CAM16", "CAM02")
        for form in ("UCS", "SCD", "LCD")
    },
}

# Those that take a colour at a time, with how near they come: coloraide's matrices are derived
# from the same primaries, its constants of HLG rounded to eight digits.
SLOW: dict[str, tuple[Oracle, float]] = {
    "Rec. 2100 PQ": (partial(coloraide, "rec2100-pq"), 1e-9),
    "Rec. 2100 HLG": (partial(coloraide, "rec2100-hlg"), 1e-7),
    "ICtCp": (partial(coloraide, "ictcp"), 1e-9),
    "Jzazbz": (partial(coloraide, "jzazbz"), 1e-9),
    "DIN99o": (partial(coloraide, "din99o"), 1e-9),
    "HCT": (partial(coloraide, "hct"), 1e-9),
    "CAM16-UCS": (partial(coloraide, "cam16-ucs"), 1e-9),
    "CAM02-UCS": (partial(coloraide, "cam02-ucs"), 1e-9),
    "Display P3": (partial(coloraide, "display-p3"), 1e-9),
    "ProPhoto RGB": (partial(coloraide, "prophoto-rgb"), 1e-9),
}
