"""
The colour spaces that dde knows by name, each with its source.

Numbers are on the scales that the sources use: RGB from 0 to 1; XYZ with Y = 1 for the white; L*
from 0 to 100; hues in degrees from 0 to 360; Oklab, ICtCp and Jzazbz from 0 to 1.

========================  =====================================================================
``sRGB``                  IEC 61966-2-1:1999, with the matrix to four decimals that it prints
``Display P3``            SMPTE EG 432-1 primaries, D65, the curve of sRGB
``Adobe RGB (1998)``      Adobe RGB (1998) Color Image Encoding, 2005-05
``ProPhoto RGB``          ROMM RGB, ISO 22028-2:2013, D50
``Rec. 2020``             Recommendation ITU-R BT.2020-2, the curve of cameras, with exact constants
``Rec. 2100 PQ``          Recommendation ITU-R BT.2100-2; white is 203 cd/m² (Report BT.2408)
``Rec. 2100 HLG``         the same, scene light; white is a signal of 75 % (Report BT.2408)
``XYZ``, ``Lab``, ``LCh`` CIE 15:2018; of a white, D65 unless told
``Luv``, ``LChuv``        CIE 15:2018, 8.2.2, likewise
``Oklab``, ``Oklch``      B. Ottosson, "A perceptual color space for image processing" (2020)
``IPT``                   F. Ebner, M. D. Fairchild, Proc. 6th Color Imaging Conference (1998)
``ICtCp``                 Recommendation ITU-R BT.2100-2, of PQ; white is 203 cd/m²
``Jzazbz``, ``JzCzhz``    M. Safdar et al., Optics Express 25 (2017); white is 203 cd/m²
``DIN99``, ``DIN99d``     G. Cui et al., Color Research and Application 27 (2002) 282-290
``DIN99o``                DIN 6176:2018
``CAM16-UCS``, …          see `dde.spaces.appearance`; also ``-SCD``, ``-LCD``, `` JMh``
``CAM02-UCS``, …          likewise
``HCT``                   Material Color Utilities (2021): hue, chroma of CAM16, tone L*
========================  =====================================================================

Every RGB space also exists in linear light, as ``linear sRGB`` and so on.
"""

from collections.abc import Callable
from functools import partial

import numpy as np

from dde.spaces.appearance import UNIFORM, appearance_space, hct_space
from dde.spaces.conversions import OKLAB_TO_XYZ, SRGB_TO_XYZ, XYZ_TO_OKLAB
from dde.spaces.space import KNOWN, Curve, Named, Space, Step, linear

# Report ITU-R BT.2408-7: the luminance of diffuse white, cd/m².
DIFFUSE_WHITE = 203.0
_PQ_M2 = 2523 / 32
_PQ_LIGHT = 10_000 / DIFFUSE_WHITE
_HLG_LIGHT = 12 / (np.exp((0.75 - 0.55991072952956202) / 0.17883277) + 0.28466892)


def _pq(m2: float) -> Curve:
    return Curve(Step("pq_decode", (m2, _PQ_LIGHT)), Step("pq_encode", (m2, 1 / _PQ_LIGHT)))


_SRGB_CURVE = Curve(Step("srgb_decode"), Step("srgb_encode"))
_HLG = Curve(Step("hlg_decode", (_HLG_LIGHT,)), Step("hlg_encode", (1 / _HLG_LIGHT,)))
# BT.2020-2, table 4, note 1: α and β are what makes line and power meet smoothly.
_BT2020 = Curve.gamma(
    1 / 0.45, offset=0.09929682680944, slope=4.5, threshold=4.5 * 0.018053968510807
)
_ROMM = Curve.gamma(1.8, slope=16, threshold=16 * 16 ** (1.8 / (1 - 1.8)))

_P3 = [(0.680, 0.320), (0.265, 0.690), (0.150, 0.060)]
_ADOBE = [(0.64, 0.33), (0.21, 0.71), (0.15, 0.06)]
_ROMM_PRIMARIES = [(0.7347, 0.2653), (0.1596, 0.8404), (0.0366, 0.0001)]
_BT2020_PRIMARIES = [(0.708, 0.292), (0.170, 0.797), (0.131, 0.046)]
_SRGB = [(0.64, 0.33), (0.30, 0.60), (0.15, 0.06)]

RGB = {
    space.name: space
    for space in (
        Space.rgb("sRGB", _SRGB, curve=_SRGB_CURVE, matrix=SRGB_TO_XYZ),
        Space.rgb("Display P3", _P3, curve=_SRGB_CURVE),
        Space.rgb("Adobe RGB (1998)", _ADOBE, curve=563 / 256),
        Space.rgb("ProPhoto RGB", _ROMM_PRIMARIES, white="D50", curve=_ROMM),
        Space.rgb("Rec. 2020", _BT2020_PRIMARIES, curve=_BT2020),
        Space.rgb("Rec. 2100 PQ", _BT2020_PRIMARIES, curve=_pq(_PQ_M2)),
        Space.rgb("Rec. 2100 HLG", _BT2020_PRIMARIES, curve=_HLG),
    )
}
RGB |= {f"linear {name}": space.base for name, space in RGB.items() if space.base is not None}


def _lab(xyz: Space) -> Space:
    return xyz.derived("Lab", [Step("lab_to_xyz", xyz.white)], [Step("xyz_to_lab", xyz.white)])


def _luv(xyz: Space) -> Space:
    return xyz.derived("Luv", [Step("luv_to_xyz", xyz.white)], [Step("xyz_to_luv", xyz.white)])


def _polar(name: str, space: Space) -> Space:
    return space.derived(name, [Step("cartesian")], [Step("polar")])


def _oklab(xyz: Space) -> Space:
    return xyz.derived(
        "Oklab",
        [Step("oklab_to_xyz", tuple(OKLAB_TO_XYZ.tolist()))],
        [Step("xyz_to_oklab", tuple(XYZ_TO_OKLAB.tolist()))],
    )


def _opponent(
    name: str, xyz: Space, cones: np.ndarray, curve: Curve, opponent: np.ndarray
) -> Space:
    """A space of a curve between two matrices."""
    return xyz.derived(
        name,
        [linear(np.linalg.inv(opponent)), curve.decode, linear(np.linalg.inv(cones))],
        [linear(cones), curve.encode, linear(opponent)],
    )


def _ipt(xyz: Space) -> Space:
    cones = np.array([[0.4002, 0.7075, -0.0807], [-0.2280, 1.1500, 0.0612], [0.0, 0.0, 0.9184]])
    opponent = np.array([[0.4, 0.4, 0.2], [4.455, -4.851, 0.396], [0.8056, 0.3572, -1.1628]])
    curve = Curve(Step("power", (1 / 0.43,)), Step("power", (0.43,)))
    return _opponent("IPT", xyz, cones, curve, opponent)


def _ictcp(xyz: Space) -> Space:
    """BT.2100-2, table 7."""
    of_rgb = np.array([[1688, 2146, 262], [683, 2951, 462], [99, 309, 3688]]) / 4096
    opponent = np.array([[2048, 2048, 0], [6610, -13613, 7003], [17933, -17390, -543]]) / 4096
    from_xyz = RGB["linear Rec. 2020"].from_base
    assert from_xyz is not None
    cones = of_rgb @ np.reshape(from_xyz[0].parameters, (3, 3))
    return _opponent("ICtCp", xyz, cones, _pq(_PQ_M2), opponent)


def _jzazbz(xyz: Space) -> Space:
    """M. Safdar et al. (2017), (8) to (11)."""
    b, g = 1.15, 0.66
    primed = np.array([[b, 0, 1 - b], [1 - g, g, 0], [0, 0, 1]])
    cones = np.array(
        [
            [0.41478972, 0.579999, 0.0146480],
            [-0.2015100, 1.120649, 0.0531008],
            [-0.0166008, 0.264800, 0.6684799],
        ]
    )
    opponent = np.array(
        [[0.5, 0.5, 0.0], [3.524000, -4.066708, 0.542708], [0.199076, 1.096799, -1.295875]]
    )
    izazbz = _opponent("Izazbz", xyz, cones @ primed, _pq(1.7 * _PQ_M2), opponent)
    return izazbz.derived("Jzazbz", [Step("jzazbz_to_izazbz")], [Step("izazbz_to_jzazbz")])


# c1, c2, the turn in degrees, the stretch, c3, c4, the turn back.
_DIN99 = {
    "DIN99": (105.509, 0.0158, 16.0, 0.7, 1 / 0.045, 0.045, 0.0),
    "DIN99d": (325.22, 0.0036, 50.0, 1.14, 22.5, 0.06, 50.0),
    # 303.671 in the standard, rounded: a white has a lightness of 100.
    "DIN99o": (100 / np.log(1.39), 0.0039, 26.0, 0.83, 1 / 0.0435, 0.075, 26.0),
}


def _din99(name: str, xyz: Space) -> Space:
    c1, c2, turn, stretch, c3, c4, back = _DIN99[name]
    turns = [f(np.radians(angle)) for angle in (turn, back) for f in (np.cos, np.sin)]
    parameters = tuple(map(float, (c1, c2, stretch, c3, c4, *turns)))
    if name == "DIN99d":  # X' = 1.12 X - 0.12 Z stands for X, of the white too
        prime = np.array([[1.12, 0, -0.12], [0, 1, 0], [0, 0, 1]])
        white = tuple((prime @ xyz.white).tolist())
        back_and_lab = [Step("lab_to_xyz", white), linear(np.linalg.inv(prime))]
        lab = xyz.derived("Lab'", back_and_lab, [linear(prime), Step("xyz_to_lab", white)])
    else:
        lab = _lab(xyz)
    return lab.derived(name, [Step("din99_to_lab", parameters)], [Step("lab_to_din99", parameters)])


def _appearance(model: str, form: str, xyz: Space) -> Space:
    return appearance_space(model, form)


_OF_A_WHITE: dict[str, Callable[[Space], Space]] = {
    "XYZ": lambda xyz: xyz,
    "Lab": _lab,
    "LCh": lambda xyz: _polar("LCh", _lab(xyz)),
    "Luv": _luv,
    "LChuv": lambda xyz: _polar("LChuv", _luv(xyz)),
}
_OF_D65: dict[str, Callable[[Space], Space]] = {
    "Oklab": _oklab,
    "Oklch": lambda xyz: _polar("Oklch", _oklab(xyz)),
    "IPT": _ipt,
    "ICtCp": _ictcp,
    "Jzazbz": _jzazbz,
    "JzCzhz": lambda xyz: _polar("JzCzhz", _jzazbz(xyz)),
    **{name: partial(_din99, name) for name in _DIN99},
    "HCT": lambda xyz: hct_space(),
    **{
        f"{model}{mark}{form}": partial(_appearance, model, form)
        for model in ("CAM16", "CAM02")
        for mark, form in (*(("-", form) for form in UNIFORM), (" ", "JMh"))
    },
}


for _name, _space in RGB.items():
    KNOWN[_name.lower()] = Named(_name, lambda xyz, space=_space: space, False)  # type: ignore[misc]
for _name, _make in _OF_A_WHITE.items():
    KNOWN[_name.lower()] = Named(_name, _make, True)
for _name, _make in _OF_D65.items():
    KNOWN[_name.lower()] = Named(_name, _make, False)
KNOWN["adobe rgb"] = KNOWN["adobe rgb (1998)"]

NAMES = tuple(dict.fromkeys(known.name for known in KNOWN.values()))
