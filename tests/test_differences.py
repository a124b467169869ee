"""The difference formulas agree with colour-science, and with published examples.

float64 within 1e-9; float32 within 5e-5, or 1e-5 of the difference where that is more, of float64
on the same colours; equal colours differ by exactly 0; the symmetric formulas are symmetric to the
last bit.
"""

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
import pytest
import reference

import dde

Difference = Callable[..., np.ndarray]
Pairs = tuple[np.ndarray, np.ndarray]


class Formula(NamedTuple):
    ours: Difference
    independent: Difference


FORMULAS = {
    "CIE76": Formula(dde.cie76, reference.cie76),
    "CIE94 graphic arts": Formula(dde.cie94, reference.cie94),
    "CIE94 textiles": Formula(
        partial(dde.cie94, kL=2, K1=0.048, K2=0.014), reference.cie94_textiles
    ),
    "CMC(2:1)": Formula(dde.cmc, reference.cmc),
    "CMC(1:1)": Formula(partial(dde.cmc, l=1, c=1), partial(reference.cmc, l=1, c=1)),
    "CMC(1.4:0.7)": Formula(partial(dde.cmc, l=1.4, c=0.7), partial(reference.cmc, l=1.4, c=0.7)),
    "CIEDE2000": Formula(dde.ciede2000, reference.ciede2000),
    "CIEDE2000(2:1:1)": Formula(partial(dde.ciede2000, kL=2), partial(reference.ciede2000, kL=2)),
    "CIEDE2000(0.6:1.7:2.3)": Formula(
        partial(dde.ciede2000, kL=0.6, kC=1.7, kH=2.3),
        partial(reference.ciede2000, kL=0.6, kC=1.7, kH=2.3),
    ),
    "HyAB": Formula(dde.hyab, reference.hyab),
}
SYMMETRIC = {"CIE76": dde.cie76, "CIEDE2000": dde.ciede2000, "HyAB": dde.hyab}


# ---- Pairs of colours ---------------------------------------------------------------------


def srgb_gamut(rng: np.random.Generator, count: int) -> np.ndarray:
    return reference.srgb_to_lab(rng.uniform(size=(count, 3)))


def beyond_gamut(rng: np.random.Generator, count: int) -> np.ndarray:
    return rng.uniform([0, -200, -200], [130, 200, 200], (count, 3))


def near(rng: np.random.Generator, lab: np.ndarray) -> np.ndarray:
    """A colour for each, from 0.00001 to 10 units away."""
    distance = 10 ** rng.uniform(-5, 1, (len(lab), 1))
    sample = lab + distance * rng.normal(size=lab.shape)
    sample[:, 0] = np.abs(sample[:, 0])
    return sample


def polar(L: np.ndarray, chroma: np.ndarray, degrees: np.ndarray) -> np.ndarray:
    hue = np.radians(degrees)
    return np.stack([L, chroma * np.cos(hue), chroma * np.sin(hue)], axis=-1)


def far_pairs_in_gamut(rng: np.random.Generator) -> Pairs:
    return srgb_gamut(rng, 300_000), srgb_gamut(rng, 300_000)


def near_pairs_in_gamut(rng: np.random.Generator) -> Pairs:
    lab = srgb_gamut(rng, 300_000)
    return lab, near(rng, lab)


def far_pairs_beyond_gamut(rng: np.random.Generator) -> Pairs:
    return beyond_gamut(rng, 200_000), beyond_gamut(rng, 200_000)


def near_pairs_beyond_gamut(rng: np.random.Generator) -> Pairs:
    lab = beyond_gamut(rng, 200_000)
    return lab, near(rng, lab)


def nearly_opposite_hues(rng: np.random.Generator) -> Pairs:
    """Hues from 180 - 1 to 180 + 1 degrees apart, the most of them very near 180."""
    count = 8000
    L1, L2 = rng.uniform(0, 100, (2, count))
    C1, C2 = 10 ** rng.uniform(-2, 2.2, (2, count))
    hue = rng.uniform(0, 360, count)
    beside = rng.choice([-1, 1], count) * 10 ** rng.uniform(-9, 0, count)
    return polar(L1, C1, hue), polar(L2, C2, hue + 180 + beside)


def near_neutral_pairs(rng: np.random.Generator) -> Pairs:
    """Chromas from 1e-8 to 0.1, and every fourth exactly 0, against one another and colours."""
    count = 8000
    L1, L2 = rng.uniform(0, 100, (2, count))
    C1, C2 = 10.0 ** rng.integers(-8, 0, (2, count))
    C1[::4] = 0
    C2[1::4] = 0
    C2[::8] = 10 ** rng.uniform(0, 2, count // 8)
    h1, h2 = rng.uniform(0, 360, (2, count))
    return polar(L1, C1, h1), polar(L2, C2, h2)


def neutral_pairs(rng: np.random.Generator) -> Pairs:
    lab = np.zeros((2, 4000, 3))
    lab[..., 0] = rng.uniform(0, 100, (2, 4000))
    return lab[0], lab[1]


def pairs_along_the_axes(rng: np.random.Generator) -> Pairs:
    """Every pair of colours of the hues 0, 90, 180 and 270, many of them exactly opposite."""
    steps = np.array([-80, -3, -0.01, 0.01, 3, 80])
    red_green = np.stack([np.full(6, 50.0), steps, np.zeros(6)], axis=-1)
    lab = np.concatenate([red_green, red_green[:, [0, 2, 1]]])
    return np.repeat(lab, len(lab), axis=0), np.tile(lab, (len(lab), 1))


def pairs_about_the_steps_of_cmc(rng: np.random.Generator) -> Pairs:
    """References on both sides of, and at, L = 16; on both sides of the hues 164 and 345."""
    count = 6000
    L = rng.uniform(0, 100, count)
    L[::2] = np.resize([15.99, 16, 16.01], count // 2)
    hue = np.resize([163.999, 164.001, 344.999, 345.001], count)
    lab = polar(L, rng.uniform(1, 100, count), hue)
    return lab, near(rng, lab)


def equal_colours(rng: np.random.Generator) -> Pairs:
    lab = np.concatenate(
        [
            srgb_gamut(rng, 2000),
            beyond_gamut(rng, 2000),
            near_neutral_pairs(rng)[0],
            neutral_pairs(rng)[0],
            [[0, 0, 0], [100, 0, 0], [0, 1e-20, 0], [50, 0, -1e-12], [50, -1000, 1000]],
        ]
    )
    return lab, lab


def exactly_opposite_hues(rng: np.random.Generator) -> Pairs:
    """One colour is the other times a negative number, without any rounding: every other pair
    in float32, too."""
    count = 4000
    digit = np.resize([2.0**-10, 2.0**-40], (count, 1))
    lab1 = np.round(beyond_gamut(rng, count) / digit) * digit
    lab2 = -rng.choice([0.125, 0.5, 1, 2, 3, 5, 7], (count, 1)) * lab1
    lab2[:, 0] = rng.uniform(0, 100, count)
    return lab1, lab2


MILLION = [
    far_pairs_in_gamut,
    near_pairs_in_gamut,
    far_pairs_beyond_gamut,
    near_pairs_beyond_gamut,
]
CORNERS = [
    nearly_opposite_hues,
    near_neutral_pairs,
    neutral_pairs,
    pairs_along_the_axes,
    pairs_about_the_steps_of_cmc,
    equal_colours,
]
ALL = [*MILLION, *CORNERS, exactly_opposite_hues]


def named(functions: list[Callable[..., Pairs]]) -> dict[str, object]:
    names = [function.__name__.replace("_", " ") for function in functions]
    return {"argvalues": functions, "ids": names}


@pytest.fixture(scope="module")
def pairs_of() -> Callable[..., Pairs]:
    """The pairs of a kind, made once."""
    made: dict[str, Pairs] = {}

    def pairs_of(kind: Callable[..., Pairs]) -> Pairs:
        if kind.__name__ not in made:
            made[kind.__name__] = kind(np.random.default_rng(2000))
        return made[kind.__name__]

    return pairs_of


# ---- The promises -------------------------------------------------------------------------


def test_the_random_pairs_are_a_million(pairs_of: Callable[..., Pairs]) -> None:
    assert sum(len(pairs_of(kind)[0]) for kind in MILLION) == 1_000_000


@pytest.mark.parametrize("kind", **named([*MILLION, *CORNERS]))
@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_float64_agrees_with_colour_science(
    formula: Formula, kind: Callable[..., Pairs], pairs_of: Callable[..., Pairs]
) -> None:
    lab1, lab2 = pairs_of(kind)
    difference = formula.ours(lab1, lab2)
    assert difference.dtype == np.float64
    np.testing.assert_allclose(difference, formula.independent(lab1, lab2), rtol=0, atol=1e-9)


@pytest.mark.parametrize("kind", **named(ALL))
@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_float32_agrees_with_float64(
    formula: Formula, kind: Callable[..., Pairs], pairs_of: Callable[..., Pairs]
) -> None:
    lab1, lab2 = (lab.astype(np.float32) for lab in pairs_of(kind))
    single = formula.ours(lab1, lab2)
    double = formula.ours(lab1.astype(np.float64), lab2.astype(np.float64))
    assert single.dtype == np.float32
    bound = np.maximum(5e-5, 1e-5 * double)
    worst = np.argmax(np.abs(single - double) / bound)
    assert np.all(np.abs(single - double) <= bound), (
        f"{single[worst]} is not {double[worst]} for {lab1[worst]}, {lab2[worst]}"
    )


@pytest.mark.parametrize("formula", FORMULAS.values(), ids=FORMULAS)
def test_equal_colours_differ_by_exactly_0(
    formula: Formula, real: type[np.floating], pairs_of: Callable[..., Pairs]
) -> None:
    for kind in ALL:
        lab = pairs_of(kind)[0].astype(real)
        np.testing.assert_array_equal(formula.ours(lab, lab.copy()), 0)


@pytest.mark.parametrize("kind", **named(ALL))
@pytest.mark.parametrize("formula", SYMMETRIC.values(), ids=SYMMETRIC)
def test_symmetric_to_the_last_bit(
    formula: Difference,
    kind: Callable[..., Pairs],
    real: type[np.floating],
    pairs_of: Callable[..., Pairs],
) -> None:
    lab1, lab2 = (lab.astype(real) for lab in pairs_of(kind))
    np.testing.assert_array_equal(formula(lab1, lab2), formula(lab2, lab1))


@pytest.mark.parametrize("name", ["CIE94 graphic arts", "CMC(2:1)"])
def test_the_first_colour_is_the_reference(name: str, pairs_of: Callable[..., Pairs]) -> None:
    lab1, lab2 = pairs_of(far_pairs_in_gamut)
    ours = FORMULAS[name].ours
    assert np.median(np.abs(ours(lab1, lab2) - ours(lab2, lab1))) > 1


def test_exactly_opposite_hues_take_the_side_of_the_paper(pairs_of: Callable[..., Pairs]) -> None:
    """Their mean hue is half the sum of the two, which is the limit from differences below 180."""
    lab1, lab2 = pairs_of(exactly_opposite_hues)
    hue1, hue2 = (np.arctan2(lab[:, 2], lab[:, 1]) % (2 * np.pi) for lab in (lab1, lab2))
    turn = 1e-9 * np.sign(hue1 - hue2)
    below_180, above_180 = lab2.copy(), lab2.copy()
    for moved, angle in ((below_180, turn), (above_180, -turn)):
        moved[:, 1] = lab2[:, 1] - angle * lab2[:, 2]
        moved[:, 2] = lab2[:, 2] + angle * lab2[:, 1]
    right, wrong = reference.ciede2000(lab1, below_180), reference.ciede2000(lab1, above_180)
    assert np.median(np.abs(right - wrong)) > 0.1
    np.testing.assert_allclose(dde.ciede2000(lab1, lab2), right, rtol=0, atol=1e-6)


@pytest.mark.parametrize("metric", FORMULAS.values(), ids=FORMULAS)
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_nan_and_infinity_give_nan_for_their_pair_only(
    metric: Formula, value: float, real: type[np.floating], rng: np.random.Generator
) -> None:
    for coordinate in range(6):
        lab = np.concatenate([srgb_gamut(rng, 100), srgb_gamut(rng, 100)], axis=1).astype(real)
        clean = metric.ours(lab[:, :3], lab[:, 3:])
        lab[37, coordinate] = value
        difference = metric.ours(lab[:, :3], lab[:, 3:])
        assert np.isnan(difference[37])
        np.testing.assert_array_equal(np.delete(difference, 37), np.delete(clean, 37))


# ---- Published examples -------------------------------------------------------------------

# python-colormath (https://github.com/gtaylor/python-colormath), tests/test_color_diff.py.
DARK_PINKS = ([0.9, 16.3, -2.22], [0.7, 14.2, -1.80])
# colour-science (https://github.com/colour-science/colour), colour/difference/tests.
YELLOWS = ([48.99183622, -0.10561667, 400.65619925], [50.65907324, -0.11671910, 402.82235718])
ORANGE = [100.0, 21.57210357, 272.22819350]
RED, YELLOW, BLUE = (
    [100.0, 426.67945353, 72.39590835],
    [100.0, 74.05216981, 276.45318193],
    [100.0, 8.32281957, -73.58297716],
)


@pytest.mark.parametrize(
    ("name", "lab1", "lab2", "published", "decimals"),
    [
        ("CIE76", *DARK_PINKS, 2.151, 3),
        ("CIE94 graphic arts", *DARK_PINKS, 1.249, 3),
        ("CIE94 textiles", *DARK_PINKS, 1.204, 3),
        ("CIEDE2000", *DARK_PINKS, 1.523, 3),
        ("CMC(2:1)", *DARK_PINKS, 1.443, 3),
        ("CMC(1:1)", *DARK_PINKS, 1.482, 3),
        ("CMC(2:1)", [69.417, -12.612, -11.271], [83.386, 39.426, -17.525], 44.346, 3),
        ("CIEDE2000", [32.8911, -53.0107, -43.3182], [77.1797, 25.5928, 17.9412], 78.772, 3),
        ("CIE76", ORANGE, RED, 451.71330197, 8),
        ("CIE76", ORANGE, YELLOW, 52.64986116, 8),
        ("CIE76", ORANGE, BLUE, 346.06489172, 8),
        ("CIE94 graphic arts", *YELLOWS, 1.67111913, 8),
        ("CIE94 graphic arts", ORANGE, RED, 83.77922550, 8),
        ("CIE94 graphic arts", ORANGE, YELLOW, 10.05393195, 8),
        ("CIE94 textiles", ORANGE, RED, 88.33555306, 8),
        ("CIE94 textiles", ORANGE, YELLOW, 10.61265789, 8),
        ("CIE94 textiles", ORANGE, BLUE, 60.36868726, 8),
        ("CMC(2:1)", *YELLOWS, 0.89969998, 8),
        ("CMC(2:1)", ORANGE, RED, 172.70477129, 8),
        ("CMC(2:1)", ORANGE, YELLOW, 20.59732717, 8),
        ("CMC(1:1)", ORANGE, BLUE, 121.71841479, 8),
        ("CIEDE2000", ORANGE, RED, 94.03564903, 8),
        ("CIEDE2000", ORANGE, YELLOW, 14.87906419, 8),
        ("CIEDE2000(2:1:1)", ORANGE, [50, *BLUE[1:]], 70.63213819, 8),
    ],
)
def test_published_example(
    name: str, lab1: list[float], lab2: list[float], published: float, decimals: int
) -> None:
    assert FORMULAS[name].ours(lab1, lab2) == pytest.approx(published, abs=0.6 * 10**-decimals)


# ---- Factors ------------------------------------------------------------------------------


def lighter(lab: np.ndarray, by: float) -> np.ndarray:
    return lab + np.array([by, 0, 0])


def stronger(lab: np.ndarray, factor: float) -> np.ndarray:
    return lab * np.array([1, factor, factor])


def turned(lab: np.ndarray, degrees: float) -> np.ndarray:
    """The same lightness and chroma in another hue."""
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return lab @ np.array([[1, 0, 0], [0, cos, sin], [0, -sin, cos]])


LAB = np.array([60.0, 30.0, 40.0])  # a chroma of 50


def test_cie94_by_hand() -> None:
    factors = {"kL": 1.7, "K1": 0.05, "K2": 0.01}
    assert dde.cie94(LAB, lighter(LAB, 8), **factors) == pytest.approx(8 / 1.7)
    assert dde.cie94(LAB, stronger(LAB, 1.2), **factors) == pytest.approx(10 / (1 + 0.05 * 50))
    chord = 2 * 50 * np.sin(np.radians(20 / 2))
    assert dde.cie94(LAB, turned(LAB, 20), **factors) == pytest.approx(chord / (1 + 0.01 * 50))
    plain = dde.cie94(LAB, stronger(LAB, 1.2), K1=0, K2=0)
    assert plain == pytest.approx(dde.cie76(LAB, stronger(LAB, 1.2)))


def test_cmc_by_hand() -> None:
    S_L = 0.040975 * 60 / (1 + 0.01765 * 60)
    S_C = 0.0638 * 50 / (1 + 0.0131 * 50) + 0.638
    assert dde.cmc(LAB, lighter(LAB, 8), l=1.7) == pytest.approx(8 / (1.7 * S_L))
    assert dde.cmc(LAB, stronger(LAB, 1.2), c=1.3) == pytest.approx(10 / (1.3 * S_C))
    hue = dde.cmc(LAB, turned(LAB, 20))
    assert dde.cmc(LAB, turned(LAB, 20), l=9, c=7) == pytest.approx(hue)


def test_ciede2000_by_hand() -> None:
    plain = dde.ciede2000(LAB, lighter(LAB, 8))
    assert dde.ciede2000(LAB, lighter(LAB, 8), kL=1.7, kC=5, kH=7) == pytest.approx(plain / 1.7)
    neutral, tinted = np.array([50.0, 0, 0]), np.array([50.0, 0, -6])
    plain = dde.ciede2000(neutral, tinted)
    assert dde.ciede2000(neutral, tinted, kC=1.3, kH=7) == pytest.approx(plain / 1.3)


# ---- By name ------------------------------------------------------------------------------


@pytest.mark.parametrize("metric", ["cie76", "cie94", "cmc", "ciede2000", "hyab"])
def test_delta_e_takes_a_name_in_any_case_or_the_function(metric: str) -> None:
    function = getattr(dde, metric)
    expected = function(LAB, turned(LAB, 20))
    for spelling in (metric, metric.upper(), metric.title(), function):
        assert dde.delta_e(LAB, turned(LAB, 20), spelling) == expected


def test_delta_e_is_ciede2000_unless_told() -> None:
    assert dde.delta_e(LAB, turned(LAB, 20)) == dde.ciede2000(LAB, turned(LAB, 20))


def test_delta_e_passes_factors_and_out_on() -> None:
    out = np.empty(())
    difference = dde.delta_e(LAB, lighter(LAB, 8), "CIE94", kL=2, K1=0.048, K2=0.014, out=out)
    assert difference is out
    assert out == 4
