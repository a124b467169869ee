"""Distances in uniform spaces, HyCH and Huang's power are those of colour-science and coloraide.

float64 within 1e-9.
"""

from collections.abc import Callable

import numpy as np
import pytest
from reference import colour
from reference_spaces import Color

from colour.difference.cam02_ucs import delta_E_Luo2006  # isort: skip

import dde
from dde.metrics.table import FORMULAS, space_of

UNIFORM = [name for name, formula in FORMULAS.items() if formula.function is None]


def _itp(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    ictcp = (dde.convert(lab, "Lab", "ICtCp") for lab in (lab1, lab2))
    return colour.difference.delta_E_ITP(*ictcp)


def _distance(space: str) -> Callable[..., np.ndarray]:
    def distance(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
        first, second = (dde.convert(lab, "Lab", space) for lab in (lab1, lab2))
        return np.sqrt(np.sum((first - second) ** 2, axis=-1))

    return distance


def _luo(name: str) -> Callable[..., np.ndarray]:
    def distance(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
        return delta_E_Luo2006(
            *(dde.convert(lab, "Lab", name) for lab in (lab1, lab2)),
            colour.models.cam02_ucs.COEFFICIENTS_UCS_LUO2006[name.replace("16", "02")],
        )

    return distance


INDEPENDENT = {
    "ITP": _itp,
    "HyCH": colour.difference.delta_E_HyCH,
    "Jzazbz": _distance("Jzazbz"),
    "OK": _distance("Oklab"),
    "DIN99": _distance("DIN99"),
    "DIN99d": _distance("DIN99d"),
    "DIN99o": _distance("DIN99o"),
    **{name: _luo(name) for name in UNIFORM if name.startswith("CAM")},
}


def pairs(rng: np.random.Generator, count: int = 50_000) -> tuple[np.ndarray, np.ndarray]:
    lab = dde.srgb_to_lab(rng.random((count, 3)))
    return lab, lab + rng.normal(0, 5, lab.shape)


@pytest.mark.parametrize("name", INDEPENDENT)
def test_float64_agrees_with_colour_science(name: str, rng: np.random.Generator) -> None:
    lab1, lab2 = pairs(rng)
    expected = INDEPENDENT[name](lab1, lab2)
    np.testing.assert_allclose(dde.delta_e(lab1, lab2, name), expected, atol=1e-9, rtol=0)


def test_all_have_a_second_opinion() -> None:
    assert {*UNIFORM, "HyCH"} == {*INDEPENDENT}


@pytest.mark.parametrize(
    "name, method",
    [("ITP", "itp"), ("Jzazbz", "jz"), ("DIN99o", "99o"), ("CAM16-UCS", "cam16")],
)
def test_coloraide_agrees(name: str, method: str, rng: np.random.Generator) -> None:
    xyz1, xyz2 = (dde.convert(rng.random((200, 3)), "sRGB", "XYZ") for _ in range(2))
    found = dde.delta_e(xyz1, xyz2, name, space="XYZ")
    expected = [
        Color("xyz-d65", list(first)).delta_e(Color("xyz-d65", list(second)), method=method)
        for first, second in zip(xyz1, xyz2, strict=True)
    ]
    np.testing.assert_allclose(found, expected, rtol=1e-9)


def test_published_itp() -> None:
    """Recommendation ITU-R BT.2124-0, annex: a pair of ICtCp."""
    first = [0.4885468072, -0.04739350675, 0.07475401302]
    second = [0.4899203231, -0.04567508203, 0.07361341775]
    assert dde.delta_e(first, second, "ITP", space="ICtCp").round(8) == 1.42657228


@pytest.mark.parametrize("name", [*UNIFORM, "HyCH"])
def test_float32_agrees_with_float64(name: str, rng: np.random.Generator) -> None:
    lab1, lab2 = (lab.astype(np.float32) for lab in pairs(rng))
    single = dde.delta_e(lab1, lab2, name)
    double = dde.delta_e(lab1.astype(np.float64), lab2.astype(np.float64), name)
    assert single.dtype == np.float32
    # The distances in Oklab and Jzazbz are a hundredth and a hundred-thousandth of the others.
    np.testing.assert_allclose(single, double, rtol=2e-3, atol=2e-4 * np.median(double))


@pytest.mark.parametrize("name", [*UNIFORM, "HyCH"])
def test_equal_colours_have_none_and_order_does_not_matter(
    name: str, real: type[np.floating], rng: np.random.Generator
) -> None:
    lab1, lab2 = (lab.astype(real) for lab in pairs(rng, 5000))
    assert np.array_equal(dde.delta_e(lab1, lab1, name), np.zeros(5000))
    assert np.array_equal(dde.delta_e(lab1, lab2, name), dde.delta_e(lab2, lab1, name))


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("space", ["sRGB", "Display P3", "Rec. 2100 PQ", "Oklch", "XYZ"])
def test_colours_of_any_space_are_compared(name: str, space: str, rng: np.random.Generator) -> None:
    first = dde.convert(rng.random((2000, 3)), "sRGB", space)
    second = dde.convert(rng.random((2000, 3)), "sRGB", space)
    labs = (dde.convert(colours, space, "Lab") for colours in (first, second))
    found = dde.delta_e(first, second, name, space=space)
    np.testing.assert_allclose(found, dde.delta_e(*labs, name), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", FORMULAS)
@pytest.mark.parametrize("space", ["sRGB", "Display P3", "linear Rec. 2020"])
def test_maps_of_any_space(name: str, space: str, rng: np.random.Generator) -> None:
    first, second = rng.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    found = dde.delta_e_map(first, second, name, space=space)
    labs = (dde.convert(image / 255, space, "Lab") for image in (first, second))
    expected = dde.delta_e(*labs, name)
    np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-4 * np.median(expected))
    one = dde.delta_e_map(first, second[0, 0], name, space=space)
    np.testing.assert_allclose(one[0, 0], expected[0, 0], rtol=2e-3)


def test_maps_of_lab_and_xyz_are_those_of_delta_e(rng: np.random.Generator) -> None:
    lab1, lab2 = (lab.reshape(50, 100, 3).astype(np.float32) for lab in pairs(rng, 5000))
    found = dde.delta_e_map(lab1, lab2, space="Lab")
    assert np.array_equal(found, dde.ciede2000(lab1, lab2))


def test_a_map_of_another_metrics_space_knows_it() -> None:
    assert space_of("ITP") != space_of("CIEDE2000") == dde.Space.named("Lab")


@pytest.mark.parametrize(
    "metric", ["CIE76", "CIE94", "CMC", "CIEDE2000", "CAM02-UCS", "CAM16-UCS", "DIN99d"]
)
def test_huang(metric: str, real: type[np.floating], rng: np.random.Generator) -> None:
    names = {"CIE76": "CIE 1976", "CIE94": "CIE 1994", "CIEDE2000": "CIE 2000"}
    difference = rng.random(1000).astype(real) * 10
    found = dde.huang_power(difference, metric)
    assert found.dtype == real
    expected = colour.difference.power_function_Huang2015(
        difference.astype(np.float64), names.get(metric, metric)
    )
    np.testing.assert_allclose(found, expected, rtol=1e-6 if real is np.float32 else 1e-12)
