"""Colours go from any space to any other as colour-science and coloraide say, and come back.

float64 within 1e-9 of both, round trips too; float32 within 2e-4 of a space's range of float64.
"""

from fractions import Fraction

import numpy as np
import pytest
from gamuts import visible_colours
from reference import colour
from reference_spaces import FAST, SLOW

import dde
from dde.spaces.named import NAMES
from dde.spaces.space import steps_between

HUES = {"LCh": 2, "LChuv": 2, "Oklch": 2, "JzCzhz": 2, "CAM16 JMh": 2, "CAM02 JMh": 2, "HCT": 0}
# What the largest coordinates are, nearly, where they are not those of XYZ and RGB.
RANGES = {
    **dict.fromkeys(("Lab", "LCh", "Luv", "LChuv", "DIN99", "DIN99d", "DIN99o", "HCT"), 100),
    **{name: 100 for name in NAMES if name.startswith("CAM")},
    "Rec. 2100 HLG": 1,
}


@pytest.fixture
def xyz(rng: np.random.Generator) -> np.ndarray:
    """The gamuts of sRGB and Rec. 2020, many colours dark, their greys and corners; surfaces."""
    rgb = rng.random((60_000, 3))
    rgb[::3] *= 0.1
    corners = np.array(np.meshgrid([0.0, 1.0], [0.0, 1.0], [0.0, 1.0])).reshape(3, -1).T
    greys = np.repeat(np.linspace(0.001, 1, 256)[:, None], 3, axis=1)
    rgb = np.concatenate([rgb, corners[1:], greys])
    gamuts = [dde.convert(rgb, name, "XYZ") for name in ("sRGB", "Rec. 2020")]
    surfaces = dde.convert(visible_colours(20_000, rng), "Lab", "XYZ")
    return np.concatenate([*gamuts, surfaces])


def errors(name: str, found: np.ndarray, expected: np.ndarray) -> np.ndarray:
    """What lies between colours of a space; hues count by the distance that they make."""
    difference = np.abs(found - expected)
    if name in HUES:
        hue = HUES[name]
        turned = np.radians(np.minimum(difference[..., hue], 360 - difference[..., hue]))
        difference[..., hue] = turned * np.minimum(expected[..., 1], 100)
    return difference


# ---- Against others -----------------------------------------------------------------------


@pytest.mark.parametrize("name", FAST)
def test_colour_science_agrees(name: str, xyz: np.ndarray) -> None:
    found = dde.convert(xyz, "XYZ", name)
    assert found.dtype == np.float64
    assert errors(name, found, FAST[name](xyz)).max() < 1e-9


@pytest.mark.parametrize("name", SLOW)
def test_coloraide_agrees(name: str, rng: np.random.Generator) -> None:
    xyz = dde.convert(rng.random((300, 3)), "sRGB", "XYZ")
    oracle, bound = SLOW[name]
    assert errors(name, dde.convert(xyz, "XYZ", name), oracle(xyz)).max() < bound


def test_all_spaces_have_a_second_opinion() -> None:
    linear = {name for name in NAMES if name.startswith("linear ")}
    assert {*FAST, *SLOW} | linear == {*NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_float32_agrees_with_float64(name: str, xyz: np.ndarray) -> None:
    single = xyz.astype(np.float32)
    found = dde.convert(single, "XYZ", name)
    assert found.dtype == np.float32
    expected = dde.convert(single.astype(np.float64), "XYZ", name)
    # A coordinate of a dark colour is steep: the neighbouring float32 may be all that it can tell.
    # PQ is infinitely so where the light of one primary is 0, the difference of what XYZ holds.
    bound = 5e-4 if name == "Rec. 2100 PQ" else 2e-4 * RANGES.get(name, 1)
    assert errors(name, found, expected).max() < bound


# ---- There and back -----------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_million_colours_come_back(name: str, rng: np.random.Generator) -> None:
    """Of the gamut of Rec. 2020, much of which other RGB spaces have beyond 0 and 1."""
    xyz = dde.convert(rng.random((1_000_000, 3)) ** 2, "Rec. 2020", "XYZ")
    there = dde.convert(xyz, "XYZ", name)
    assert np.abs(dde.convert(there, name, "XYZ") - xyz).max() < 1e-9


@pytest.mark.parametrize("name", NAMES)
def test_a_million_colours_come_back_the_other_way(name: str, rng: np.random.Generator) -> None:
    """No light at all is left out: the slope of PQ is infinite there."""
    xyz = dde.convert(0.01 + 0.99 * rng.random((1_000_000, 3)), "sRGB", "XYZ")
    there = dde.convert(xyz, "XYZ", name)
    back = dde.convert(dde.convert(there, name, "XYZ"), "XYZ", name)
    assert errors(name, back, there).max() < 1e-9


@pytest.mark.parametrize("name", [name for name in NAMES if not name.startswith(("CAM", "HCT"))])
def test_colours_that_nobody_can_see_come_back(name: str, rng: np.random.Generator) -> None:
    """The models of appearance say nothing of those; the rest goes on in both directions."""
    xyz = rng.uniform(-0.2, 1.5, (100_000, 3))
    if name.startswith(("DIN99", "Luv", "LChuv")):
        xyz = np.abs(xyz) + 1e-3  # logarithms of lightness, quotients by X + 15 Y + 3 Z
    back = dde.convert(dde.convert(xyz, "XYZ", name), name, "XYZ")
    assert np.abs(back - xyz).max() < 1e-9


def test_hct_converges_to_the_luminance_sought(rng: np.random.Generator) -> None:
    """Eight steps of the secant method give Y to 1e-12, over the gamut of Rec. 2020."""
    xyz = dde.convert(rng.random((1_000_000, 3)), "Rec. 2020", "XYZ")
    back = dde.convert(dde.convert(xyz, "XYZ", "HCT"), "HCT", "XYZ")
    assert np.abs(back[:, 1] - xyz[:, 1]).max() < 1e-12


# ---- Published examples -------------------------------------------------------------------

PUBLISHED = [
    # B. Ottosson (2020), the table of test values.
    ("XYZ", [0.950, 1.000, 1.089], "Oklab", [1.000, 0.000, 0.000], 5e-4),
    ("XYZ", [1.000, 0.000, 0.000], "Oklab", [0.450, 1.236, -0.019], 5e-4),
    ("XYZ", [0.000, 1.000, 0.000], "Oklab", [0.922, -0.671, 0.263], 5e-4),
    ("XYZ", [0.000, 0.000, 1.000], "Oklab", [0.153, -1.415, -0.449], 5e-4),
    # Report ITU-R BT.2408-7, table 1: diffuse white is a signal of 58 % PQ, 75 % HLG.
    ("XYZ", [0.9504559, 1.0, 1.0890578], "Rec. 2100 PQ", [0.58, 0.58, 0.58], 5e-3),
    ("XYZ", [0.9504559, 1.0, 1.0890578], "Rec. 2100 HLG", [0.75, 0.75, 0.75], 1e-6),
    # Material Color Utilities, whose matrices are rounded: red, green and blue of sRGB.
    ("sRGB", [1.0, 0.0, 0.0], "HCT", [27.408, 113.358, 53.233], 0.05),
    ("sRGB", [0.0, 1.0, 0.0], "HCT", [142.140, 108.410, 87.737], 0.05),
    ("sRGB", [0.0, 0.0, 1.0], "HCT", [282.788, 87.231, 32.303], 0.05),
    # ISO 22028-2, annex: the white of ROMM RGB is D50.
    ("ProPhoto RGB", [1.0, 1.0, 1.0], "XYZ", [0.9504559, 1.0, 1.0890578], 1e-6),
]


@pytest.mark.parametrize("source, colour, target, expected, bound", PUBLISHED)
def test_published_examples(
    source: str, colour: list[float], target: str, expected: list[float], bound: float
) -> None:
    np.testing.assert_allclose(dde.convert(colour, source, target), expected, atol=bound)


def test_cam16_has_all_correlates(xyz: np.ndarray) -> None:
    """The example of the paper's authors; then many colours, in the dark too."""
    viewing = dde.ViewingConditions(white=(0.9505, 1.0, 1.0888), L_A=318.31)
    seen = dde.cam16([0.1901, 0.2, 0.2178], viewing)
    published = [41.7312079, 0.1033557, 217.0679597, 195.3717089, 0.1074367, 2.3450150]
    np.testing.assert_allclose(seen, published, atol=1e-7)
    surround = colour.VIEWING_CONDITIONS_CAM16["Dark"]
    viewing = dde.ViewingConditions(white="D50", L_A=20, Y_b=35, surround="dark", discounting=True)
    white = 100 * np.array(dde.Space.named("XYZ", white="D50").white)
    expected = colour.XYZ_to_CAM16(100 * xyz, white, 20, 35, surround, discount_illuminant=True)
    for correlate in ("J", "C", "h", "Q", "M", "s"):
        found = getattr(dde.cam16(xyz, viewing), correlate)
        np.testing.assert_allclose(found, getattr(expected, correlate), rtol=1e-9, atol=1e-9)


# ---- What may be given --------------------------------------------------------------------


@pytest.mark.parametrize("integer", [np.uint8, np.uint16])
def test_rgb_may_be_codes(integer: type[np.unsignedinteger], rng: np.random.Generator) -> None:
    top = np.iinfo(integer).max
    codes = rng.integers(0, top, (10_000, 3), dtype=integer, endpoint=True)
    found = dde.convert(codes, "Display P3", "Lab")
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, dde.convert(codes / top, "Display P3", "Lab"), atol=1e-4)


def test_srgb_is_the_srgb_of_the_old_calls(rng: np.random.Generator) -> None:
    rgb = rng.random((10_000, 3))
    assert np.array_equal(dde.convert(rgb, "sRGB", "Lab"), dde.srgb_to_lab(rgb))
    assert np.array_equal(dde.convert(rgb, "XYZ", "Lab"), dde.xyz_to_lab(rgb))
    np.testing.assert_allclose(dde.convert(rgb, "sRGB", "XYZ"), dde.srgb_to_xyz(rgb), atol=1e-15)


def test_whites_are_adapted_by_bradford(rng: np.random.Generator) -> None:
    xyz = rng.random((1000, 3))
    lab = dde.convert(xyz, "XYZ", dde.Space.named("Lab", white="D50"))
    expected = dde.xyz_to_lab(dde.adapt(xyz, "D65", "D50"), "D50")
    np.testing.assert_allclose(lab, expected, atol=1e-9)


def test_neighbouring_steps_become_one() -> None:
    """So that a map of Display P3 takes no longer than one of sRGB."""
    for name in ("sRGB", "Display P3"):
        steps = steps_between(dde.Space.named(name), dde.Space.named("Lab"))
        assert [step.kernel for step in steps] == ["srgb_decode", "linear_to_lab"]
    lch = steps_between(dde.Space.named("Oklab"), dde.Space.named("Oklch"))
    assert [step.kernel for step in lch] == ["polar"]


@pytest.mark.parametrize("name", NAMES)
def test_strided_and_unaligned_colours_are_the_same(name: str, rng: np.random.Generator) -> None:
    xyz = rng.random((7, 5, 3))
    packed = dde.convert(xyz, "XYZ", name)
    wide = np.zeros((7, 10, 6))
    wide[:, ::2, ::2] = xyz
    assert np.array_equal(dde.convert(wide[:, ::2, ::2], "XYZ", name), packed)
    out = np.empty((7, 5, 3))
    assert dde.convert(xyz, "XYZ", name, out=out) is out
    assert np.array_equal(out, packed)


@pytest.mark.parametrize("name", NAMES)
def test_nan_gives_nan_for_that_colour_only(
    name: str, real: type[np.floating], rng: np.random.Generator
) -> None:
    xyz = rng.random((40, 3)).astype(real)
    bad = xyz.copy()
    bad[3, 1], bad[8, 0], bad[9, 2] = np.nan, np.inf, -np.inf
    for colours, source, target in ((bad, "XYZ", name), (bad, name, "XYZ")):
        whole = np.isfinite(dde.convert(colours, source, target)).all(axis=1)
        assert np.flatnonzero(~whole).tolist() == [3, 8, 9]


@pytest.mark.parametrize("name", NAMES)
def test_black_and_white_are_finite(name: str, real: type[np.floating]) -> None:
    xyz = np.array([[0, 0, 0], dde.Space.named("XYZ").white], dtype=real)
    there = dde.convert(xyz, "XYZ", name)
    assert np.isfinite(there).all()
    back = dde.convert(there, name, "XYZ")
    np.testing.assert_allclose(back, xyz, atol=1e-9 if real is np.float64 else 2e-5)


def test_a_space_of_ones_own_is_a_curve_and_a_matrix() -> None:
    p3 = dde.Space.named("Display P3")
    gamma = float(Fraction(11, 5))
    display = dde.Space.rgb("display", p3.primaries, white="D65", curve=gamma)
    xyz = dde.convert([0.2, 0.5, 0.9], display, "XYZ")
    light = np.array([0.2, 0.5, 0.9]) ** gamma
    np.testing.assert_allclose(xyz, dde.convert(light, "linear Display P3", "XYZ"), atol=1e-12)


# ---- Errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call, sentence",
    [
        (lambda: dde.convert([1.0, 0, 0], "sRBG", "Lab"), "source must be one of sRGB, "),
        (lambda: dde.convert([1.0, 0, 0], "sRGB", 3), "target must be one of .*; not int"),
        (lambda: dde.convert([1.0, 0], "sRGB", "Lab"), "colours must have a last axis of 3"),
        (lambda: dde.Space.named("Oklab", white="D50"), "Oklab has one of its own"),
        (lambda: dde.Space.named("Lab", white="D5O"), "white must be one of"),
        (lambda: dde.ViewingConditions(white=(95.0, 100.0, 108.0)), "with Y = 1, not "),
        (lambda: dde.Space.rgb("x", [(0.3, 0.3)] * 3), "do not lie on one line"),
        (lambda: dde.Space.rgb("x", [(0.3, 0.3)]), "three pairs"),
        (lambda: dde.Curve.gamma(0), "gamma must be a positive, finite number"),
        (
            lambda: dde.ViewingConditions(surround="x"),
            "surround must be one of average, dim, dark",
        ),
        (lambda: dde.ViewingConditions(L_A=-1), "L_A must be a positive, finite number"),
        (lambda: dde.huang_power(np.ones(3), "HyAB"), "metric must be one of CIE76"),
    ],
)
def test_bad_arguments_get_a_sentence(call, sentence: str) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(ValueError, match=sentence):
        call()


def test_integers_are_for_rgb_alone() -> None:
    with pytest.raises(TypeError, match="colours must hold float32 or float64"):
        dde.convert(np.uint8([1, 2, 3]), "Lab", "sRGB")
