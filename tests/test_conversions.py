"""The conversions agree with colour-science, and with published values.

float64 within 1e-9. float32 within 1e-4 Lab units of float64 on the same colours; XYZ and Oklab
within 2e-6, and sRGB, whose curve is steep near black, within 1e-5.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
import reference

import dde

METHODS = ["Bradford", "CAT02", "CAT16"]
# A white that has no name: XYZ of a display, on the scale of 0 to 100.
DISPLAY_WHITE = np.array([93.1, 97.6, 109.4])


# ---- Colours ------------------------------------------------------------------------------


def srgb_colours(rng: np.random.Generator, count: int = 100_000) -> np.ndarray:
    """Colours over the sRGB cube, many dark; all greys of 8 bits, and the corners of the cube."""
    rgb = rng.uniform(size=(count, 3))
    rgb[::3] *= 0.1
    rgb[1::5] **= 6
    greys = np.repeat(np.arange(256)[:, None] / 255, 3, axis=1)
    corners = np.array(np.meshgrid([0, 1], [0, 1], [0, 1])).reshape(3, -1).T
    return np.concatenate([rgb, greys, corners])


def xyz_colours(rng: np.random.Generator) -> np.ndarray:
    """XYZ of the sRGB gamut, and of the whole box about it."""
    return np.concatenate(
        [reference.srgb_to_xyz(srgb_colours(rng)), rng.uniform(0, 1.1, (100_000, 3))]
    )


def gamut_xyz(rng: np.random.Generator) -> np.ndarray:
    return reference.srgb_to_xyz(srgb_colours(rng))


def lab_colours(rng: np.random.Generator) -> np.ndarray:
    return reference.xyz_to_lab(xyz_colours(rng))


def oklab_colours(rng: np.random.Generator) -> np.ndarray:
    return reference.xyz_to_oklab(gamut_xyz(rng))


class Conversion(NamedTuple):
    ours: Callable[..., np.ndarray]
    independent: Callable[..., np.ndarray]
    colours: Callable[[np.random.Generator], np.ndarray]
    single_bound: float


CONVERSIONS = {
    "xyz_to_lab": Conversion(dde.xyz_to_lab, reference.xyz_to_lab, xyz_colours, 1e-4),
    "lab_to_xyz": Conversion(dde.lab_to_xyz, reference.lab_to_xyz, lab_colours, 2e-6),
    "srgb_to_xyz": Conversion(dde.srgb_to_xyz, reference.srgb_to_xyz, srgb_colours, 2e-6),
    "srgb_to_lab": Conversion(dde.srgb_to_lab, reference.srgb_to_lab, srgb_colours, 1e-4),
    "xyz_to_srgb": Conversion(dde.xyz_to_srgb, reference.xyz_to_srgb, xyz_colours, 1e-5),
    "xyz_to_oklab": Conversion(dde.xyz_to_oklab, reference.xyz_to_oklab, gamut_xyz, 2e-6),
    "oklab_to_xyz": Conversion(dde.oklab_to_xyz, reference.oklab_to_xyz, oklab_colours, 2e-6),
} | {
    f"adapt {method}": Conversion(
        partial(dde.adapt, source_white="D65", target_white="A/10", method=method),
        partial(
            reference.adapt,
            source=reference.white_xyz("D65"),
            target=reference.white_xyz("A/10"),
            method=method,
        ),
        xyz_colours,
        2e-6,
    )
    for method in METHODS
}
each_conversion = pytest.mark.parametrize("conversion", CONVERSIONS.values(), ids=CONVERSIONS)


def assert_close(actual: np.ndarray, expected: np.ndarray, bound: float) -> None:
    np.testing.assert_allclose(actual, expected, rtol=0, atol=bound)


# ---- Against colour-science ---------------------------------------------------------------


@each_conversion
def test_float64_agrees_with_colour_science(
    conversion: Conversion, rng: np.random.Generator
) -> None:
    colours = conversion.colours(rng)
    converted = conversion.ours(colours)
    assert converted.dtype == np.float64
    assert_close(converted, conversion.independent(colours), 1e-9)


@each_conversion
def test_float32_agrees_with_float64(conversion: Conversion, rng: np.random.Generator) -> None:
    colours = conversion.colours(rng).astype(np.float32)
    single, double = conversion.ours(colours), conversion.ours(colours.astype(np.float64))
    assert single.dtype == np.float32
    assert_close(single, double, conversion.single_bound)


@pytest.mark.parametrize("name", ["xyz_to_lab", "lab_to_xyz", "xyz_to_oklab", "oklab_to_xyz"])
def test_negative_coordinates_go_on_as_the_formula_says(
    name: str, rng: np.random.Generator
) -> None:
    colours = rng.uniform(-1, 2, (10_000, 3)) * (100 if name == "lab_to_xyz" else 1)
    assert_close(CONVERSIONS[name].ours(colours), CONVERSIONS[name].independent(colours), 1e-9)


@pytest.mark.parametrize("integer", [np.uint8, np.uint16])
@pytest.mark.parametrize("name", ["srgb_to_lab", "srgb_to_xyz"])
def test_integer_srgb(name: str, integer: type[np.unsignedinteger]) -> None:
    top = np.iinfo(integer).max
    rng = np.random.default_rng(255)
    random = rng.integers(0, top, (200_000, 3), dtype=integer, endpoint=True)
    greys = np.repeat(np.arange(top + 1, dtype=integer)[:, None], 3, axis=1)
    rgb = np.concatenate([random, greys])
    conversion = CONVERSIONS[name]
    converted = conversion.ours(rgb)
    assert converted.dtype == np.float32
    assert_close(converted, conversion.independent(rgb), conversion.single_bound)


# ---- Whites -------------------------------------------------------------------------------


@pytest.mark.parametrize("white", reference.WHITE_NAMES)
def test_white_by_name(white: str, rng: np.random.Generator) -> None:
    xyz = rng.uniform(0, 1.1, (1000, 3))
    lab = reference.xyz_to_lab(xyz, white)
    assert_close(dde.xyz_to_lab(xyz, white), lab, 1e-9)
    assert_close(dde.lab_to_xyz(lab, white), xyz, 1e-9)


# ASTM E308, table 5: XYZ of the illuminants for the 2 and the 10 degree observer. Chromaticities of
# CIE 15 are rounded to four or five decimals, and were summed over other wavelength steps.
ASTM_E308 = {
    "A": [109.850, 100, 35.585],
    "C": [98.074, 100, 118.232],
    "D50": [96.422, 100, 82.521],
    "D55": [95.682, 100, 92.149],
    "D65": [95.047, 100, 108.883],
    "D75": [94.972, 100, 122.638],
    "F2": [99.186, 100, 67.393],
    "F7": [95.041, 100, 108.747],
    "F11": [100.962, 100, 64.350],
    "A/10": [111.144, 100, 35.200],
    "C/10": [97.285, 100, 116.145],
    "D50/10": [96.720, 100, 81.427],
    "D55/10": [95.799, 100, 90.926],
    "D65/10": [94.811, 100, 107.304],
    "D75/10": [94.416, 100, 120.641],
    "F2/10": [103.279, 100, 69.027],
    "F7/10": [95.792, 100, 107.686],
    "F11/10": [103.863, 100, 65.607],
}


@pytest.mark.parametrize("white", ASTM_E308)
def test_white_by_name_is_the_published_one(white: str) -> None:
    assert_close(dde.lab_to_xyz([100.0, 0, 0], white), np.array(ASTM_E308[white]) / 100, 1e-3)


def test_the_white_is_d65_of_the_2_degree_observer_unless_told(rng: np.random.Generator) -> None:
    xyz = rng.uniform(0, 1.1, (100, 3))
    np.testing.assert_array_equal(dde.xyz_to_lab(xyz), dde.xyz_to_lab(xyz, "D65"))
    np.testing.assert_array_equal(dde.lab_to_xyz(xyz), dde.lab_to_xyz(xyz, "D65"))


@pytest.mark.parametrize("scale", [0.01, 1])
def test_white_as_xyz_on_the_scale_of_the_colours(scale: float, rng: np.random.Generator) -> None:
    xyz = rng.uniform(0, 110, (1000, 3))
    white = DISPLAY_WHITE * scale
    lab = dde.xyz_to_lab(xyz * scale, white)
    # colour-science takes a white only by its chromaticity, with Y = 1.
    chromaticity = DISPLAY_WHITE[:2] / DISPLAY_WHITE.sum()
    independent = reference.colour.XYZ_to_Lab(xyz / DISPLAY_WHITE[1], chromaticity)
    assert_close(lab, independent, 1e-9)
    assert_close(dde.lab_to_xyz(lab, white), xyz * scale, 1e-9)
    assert_close(dde.xyz_to_lab(white, white), [100, 0, 0], 1e-9)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("target", ["A", "D50/10", "F11"])
def test_adaptation(method: str, target: str, rng: np.random.Generator) -> None:
    xyz = rng.uniform(0, 1.1, (1000, 3))
    source = DISPLAY_WHITE / DISPLAY_WHITE[1]
    adapted = dde.adapt(xyz, source, target, method)
    independent = reference.adapt(xyz, source, reference.white_xyz(target), method)
    assert_close(adapted, independent, 1e-9)
    assert_close(dde.adapt(adapted, target, source, method), xyz, 1e-9)
    white = dde.adapt(reference.white_xyz("C"), "C", target, method)
    assert_close(white, reference.white_xyz(target), 1e-9)


def test_adaptation_is_bradford_unless_told(rng: np.random.Generator) -> None:
    xyz = rng.uniform(0, 1.1, (100, 3))
    default, bradford = dde.adapt(xyz, "D65", "A"), dde.adapt(xyz, "D65", "A", "Bradford")
    np.testing.assert_array_equal(default, bradford)


# ---- Published values ---------------------------------------------------------------------


def test_bradford_from_d65_to_d50_as_lindbloom_prints_it() -> None:
    # B. Lindbloom, http://www.brucelindbloom.com/Eqn_ChromAdapt.html, whites of ASTM E308.
    matrix = [
        [1.0478112, 0.0228866, -0.0501270],
        [0.0295424, 0.9904844, -0.0170491],
        [-0.0092345, 0.0150436, 0.7521316],
    ]
    columns = dde.adapt(np.eye(3), [0.95047, 1, 1.08883], [0.96422, 1, 0.82521])
    np.testing.assert_array_equal(np.round(columns.T, 7), matrix)


def test_oklab_as_ottosson_prints_it() -> None:
    # B. Ottosson, https://bottosson.github.io/posts/oklab/, "Table of example XYZ and Oklab pairs".
    xyz = [[0.950, 1.000, 1.089], [1.0, 0, 0], [0, 1.0, 0], [0, 0, 1.0]]
    oklab = [[1, 0, 0], [0.450, 1.236, -0.019], [0.922, -0.671, 0.263], [0.153, -1.415, -0.449]]
    np.testing.assert_array_equal(np.round(dde.xyz_to_oklab(xyz), 3), oklab)


def test_lightness_by_hand() -> None:
    # CIE 15, equations (8.3) and (8.6): L* = 116 (Y/Yn)^(1/3) - 16 above (6/29)^3, where it is 8.
    greys = reference.white_xyz("D65") * np.array([0, 216 / 24389, 0.125, 1])[:, None]
    lab = dde.xyz_to_lab(greys)
    assert_close(lab[:, 0], [0, 8, 42, 100], 1e-9)
    assert_close(lab[:, 1:], 0, 1e-9)


def test_srgb_primaries_as_the_standard_prints_them() -> None:
    # IEC 61966-2-1:1999, equation (7).
    columns = [[0.4124, 0.2126, 0.0193], [0.3576, 0.7152, 0.1192], [0.1805, 0.0722, 0.9505]]
    assert_close(dde.srgb_to_xyz(np.eye(3)), columns, 1e-12)
    assert_close(dde.srgb_to_xyz(np.eye(3, dtype=np.uint8) * 255), columns, 1e-6)


def test_lab_of_the_srgb_primaries() -> None:
    # B. Lindbloom's calculator (http://www.brucelindbloom.com/ColorCalculator.html), which takes
    # the matrix of sRGB to more digits than the standard prints.
    primaries = np.array([[255, 0, 0], [0, 255, 0], [0, 0, 255]], np.uint8)
    lab = [[53.24, 80.09, 67.20], [87.73, -86.18, 83.18], [32.30, 79.19, -107.86]]
    assert_close(dde.srgb_to_lab(primaries), lab, 0.03)


# ---- There and back -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("there", "back"),
    [
        (dde.xyz_to_lab, dde.lab_to_xyz),
        (dde.xyz_to_oklab, dde.oklab_to_xyz),
        (partial(dde.xyz_to_lab, white="A/10"), partial(dde.lab_to_xyz, white="A/10")),
    ],
    ids=["Lab", "Oklab", "Lab under A/10"],
)
def test_there_and_back(
    there: Callable[..., np.ndarray],
    back: Callable[..., np.ndarray],
    real: type[np.floating],
    rng: np.random.Generator,
) -> None:
    xyz = gamut_xyz(rng).astype(real)
    assert_close(back(there(xyz)), xyz, 3e-6 if real is np.float32 else 1e-12)


@pytest.mark.parametrize("integer", [np.uint8, np.uint16])
def test_srgb_there_and_back(integer: type[np.unsignedinteger], rng: np.random.Generator) -> None:
    # The matrices of the standard, of four decimals, are inverse to one another to 3e-4.
    rgb = rng.integers(0, np.iinfo(integer).max, (100_000, 3), dtype=integer, endpoint=True)
    fraction = reference.srgb_fraction(rgb)
    assert_close(dde.xyz_to_srgb(dde.srgb_to_xyz(rgb)), fraction, 4e-4)


def test_every_8_bit_grey_comes_back() -> None:
    greys = np.repeat(np.arange(256, dtype=np.uint8)[:, None], 3, axis=1)
    back = dde.xyz_to_srgb(dde.srgb_to_xyz(greys))
    np.testing.assert_array_equal(np.round(back * 255), greys)


# ---- NaN ----------------------------------------------------------------------------------


# Infinite sRGB is outside [0, 1] and refused: test_errors.py.
SPOILT = [
    pytest.param(conversion, value, id=f"{name} {value}")
    for name, conversion in CONVERSIONS.items()
    for value in (np.nan, np.inf, -np.inf)
    if conversion.colours is not srgb_colours or np.isnan(value)
]


@pytest.mark.parametrize(("conversion", "value"), SPOILT)
def test_nan_and_infinity_give_nan_for_their_colour_only(
    conversion: Conversion, value: float, real: type[np.floating], rng: np.random.Generator
) -> None:
    colours = conversion.colours(rng)[:300].astype(real)
    clean = conversion.ours(colours)
    others = np.arange(300) != 137
    for coordinate in range(3):
        spoilt = colours.copy()
        spoilt[137, coordinate] = value
        converted = conversion.ours(spoilt)
        assert np.all(np.isnan(converted[137]))
        np.testing.assert_array_equal(converted[others], clean[others])
