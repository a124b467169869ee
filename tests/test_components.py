"""What differences are made of, as NumPy has it from the papers' equations in float64.

float64 within 1e-9; float32 within 5e-5, or 1e-5 of the difference where that is more, of float64
on the same colours (the rotation, a square, of its square). ΔE is that without components, to the
last bit.
"""

from collections.abc import Callable
from dataclasses import astuple
from functools import partial

import numpy as np
import pytest
import reference

import dde

Parts = Callable[[np.ndarray, np.ndarray], list[np.ndarray]]


def polar(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return lab[..., 0], np.hypot(lab[..., 1], lab[..., 2]), np.arctan2(lab[..., 2], lab[..., 1])


def plain(lab1: np.ndarray, lab2: np.ndarray) -> list[np.ndarray]:
    """ΔL*, ΔC*ab and ΔH*ab = 2 sqrt(C1 C2) sin(Δh / 2), by the shorter turn: CIE 15:2018, 8.2."""
    (L1, C1, h1), (L2, C2, h2) = polar(lab1), polar(lab2)
    turn = (h2 - h1 + np.pi) % (2 * np.pi) - np.pi
    return [L2 - L1, C2 - C1, 2 * np.sqrt(C1 * C2) * np.sin(turn / 2)]


def cie94(lab1: np.ndarray, lab2: np.ndarray, kL: float, K1: float, K2: float) -> list[np.ndarray]:
    C1 = polar(lab1)[1]
    dL, dC, dH = plain(lab1, lab2)
    return [dL / kL, dC / (1 + K1 * C1), dH / (1 + K2 * C1)]


def cmc(lab1: np.ndarray, lab2: np.ndarray, l: float, c: float) -> list[np.ndarray]:  # noqa: E741
    L1, C1, h1 = polar(lab1)
    degrees = np.degrees(h1) % 360
    T = np.where(
        (degrees >= 164) & (degrees <= 345),
        0.56 + np.abs(0.2 * np.cos(np.radians(degrees + 168))),
        0.36 + np.abs(0.4 * np.cos(np.radians(degrees + 35))),
    )
    F = np.sqrt(C1**4 / (C1**4 + 1900))
    S_L = np.where(L1 < 16, 0.511, 0.040975 * L1 / (1 + 0.01765 * L1))
    S_C = 0.0638 * C1 / (1 + 0.0131 * C1) + 0.638
    dL, dC, dH = plain(lab1, lab2)
    return [dL / (l * S_L), dC / (c * S_C), dH / (S_C * (F * T + 1 - F))]


def ciede2000(
    lab1: np.ndarray, lab2: np.ndarray, kL: float, kC: float, kH: float
) -> list[np.ndarray]:
    """Of colour-science's intermediate attributes; its ΔH' is of the same turn."""
    found = reference.intermediate_attributes_CIE2000(lab1, lab2)
    S_L, S_C, S_H, dL, dC, dH, R_T = astuple(found)
    l, c, h = dL / (kL * S_L), dC / (kC * S_C), dH / (kH * S_H)  # noqa: E741
    return [l, c, h, R_T * c * h]


CASES: dict[str, tuple[Callable[..., dde.Components], Parts]] = {
    "CIE76": (dde.cie76, plain),
    "CIE94": (dde.cie94, partial(cie94, kL=1, K1=0.045, K2=0.015)),
    "CIE94 textiles": (
        partial(dde.cie94, kL=2, K1=0.048, K2=0.014),
        partial(cie94, kL=2, K1=0.048, K2=0.014),
    ),
    "CMC(2:1)": (dde.cmc, partial(cmc, l=2, c=1)),
    "CMC(1.4:0.7)": (partial(dde.cmc, l=1.4, c=0.7), partial(cmc, l=1.4, c=0.7)),
    "CIEDE2000": (dde.ciede2000, partial(ciede2000, kL=1, kC=1, kH=1)),
    "CIEDE2000(0.6:1.7:2.3)": (
        partial(dde.ciede2000, kL=0.6, kC=1.7, kH=2.3),
        partial(ciede2000, kL=0.6, kC=1.7, kH=2.3),
    ),
}


@pytest.fixture(scope="module")
def pairs() -> tuple[np.ndarray, np.ndarray]:
    """Far, near and neutral pairs, within the gamut of sRGB and beyond."""
    rng = np.random.default_rng(41)
    gamut = reference.srgb_to_lab(rng.uniform(size=(2, 60_000, 3)))
    beyond = rng.uniform([0, -200, -200], [130, 200, 200], (2, 40_000, 3))
    far = np.concatenate([gamut, beyond], axis=1)
    near = far[0] + 10 ** rng.uniform(-5, 1, (len(far[0]), 1)) * rng.normal(size=far[0].shape)
    lab1, lab2 = np.concatenate([far[0], far[0]]), np.concatenate([far[1], np.abs(near)])
    lab1[:500, 1:] = 0
    lab2[250:750, 1:] = 0
    return lab1, lab2


@pytest.mark.parametrize("name", CASES)
def test_float64_agrees_with_the_papers(name: str, pairs: tuple[np.ndarray, np.ndarray]) -> None:
    ours, theirs = CASES[name]
    found = ours(*pairs, components=True)
    assert isinstance(found, dde.Components)
    expected = theirs(*pairs)
    for title, part, right in zip(found._fields[1:], found[1:], expected, strict=False):
        bound = 1e-9 * np.maximum(1, found.delta_e**2 if title == "rotation" else 1)
        assert part.dtype == np.float64
        assert np.all(np.abs(part - right) <= bound), title
    if len(expected) == 3:
        assert found.rotation == 0
    total = found.delta_L**2 + found.delta_C**2 + found.delta_H**2 + found.rotation
    np.testing.assert_allclose(np.sqrt(np.maximum(total, 0)), found.delta_e, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("name", CASES)
def test_float32_agrees_with_float64(name: str, pairs: tuple[np.ndarray, np.ndarray]) -> None:
    ours, _ = CASES[name]
    lab1, lab2 = (lab.astype(np.float32) for lab in pairs)
    single = ours(lab1, lab2, components=True)
    double = ours(lab1.astype(np.float64), lab2.astype(np.float64), components=True)
    for title, part, right in zip(single._fields, single, double, strict=True):
        size = double.delta_e**2 if title == "rotation" else double.delta_e
        assert np.asarray(part).dtype == np.float32 or title == "rotation"
        assert np.all(np.abs(part - right) <= np.maximum(5e-5, 1e-5 * size)), title


@pytest.mark.parametrize("name", CASES)
def test_the_difference_is_that_without(
    name: str, real: type[np.floating], pairs: tuple[np.ndarray, np.ndarray]
) -> None:
    ours, _ = CASES[name]
    lab1, lab2 = (lab.astype(real) for lab in pairs)
    np.testing.assert_array_equal(ours(lab1, lab2, components=True).delta_e, ours(lab1, lab2))


@pytest.mark.parametrize("name", CASES)
def test_shapes_strides_and_nan(name: str, real: type[np.floating]) -> None:
    ours, _ = CASES[name]
    lab = np.random.default_rng(3).uniform(-50, 90, (7, 311, 3)).astype(real)
    whole = ours(lab, lab[3, 4], components=True)
    assert whole.delta_H.shape == (7, 311)
    cut = ours(lab[::-2, 5:300:3], lab[3, 4], components=True)
    for part, same in zip(cut, whole, strict=True):
        if np.ndim(same):
            np.testing.assert_array_equal(part, same[::-2, 5:300:3])
    one = ours(lab[1, 2], lab[3, 4], components=True)
    assert one.delta_C == whole.delta_C[1, 2]
    assert np.ndim(one.delta_C) == 0
    lab[2, 9, 1] = np.nan
    torn = ours(lab, lab[3, 4], components=True)
    for part, same in zip(torn, whole, strict=True):
        if np.ndim(same):
            assert np.isnan(part[2, 9])
            np.testing.assert_array_equal(np.delete(part[2], 9), np.delete(same[2], 9))
    assert ours(lab[:0], lab[3, 4], components=True).delta_L.shape == (0, 311)


def test_any_space(pairs: tuple[np.ndarray, np.ndarray]) -> None:
    """Of the distance in a uniform space: its lightness, chroma and hue."""
    lab1, lab2 = pairs
    found = dde.delta_e(lab1, lab2, "OK", components=True)
    expected = plain(*(dde.convert(lab, "Lab", "Oklab") for lab in pairs))
    for part, right in zip(found[1:], expected, strict=False):
        np.testing.assert_allclose(part, right, rtol=0, atol=1e-9)
    np.testing.assert_array_equal(found.delta_e, dde.delta_e(lab1, lab2, "OK"))


@pytest.mark.parametrize("metric", ["HyAB", "HyCH", "deep"])
def test_what_has_none_is_refused(metric: str) -> None:
    with pytest.raises(ValueError, match=f"components must be False of {metric}: it has none"):
        dde.delta_e([50.0, 0, 0], [51.0, 0, 0], metric, components=True)


def test_no_out_with_components() -> None:
    with pytest.raises(ValueError, match="out must not be given with components"):
        dde.ciede2000([50.0, 0, 0], [51.0, 0, 0], components=True, out=np.empty(()))
