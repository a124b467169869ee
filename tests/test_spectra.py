"""Spectra become XYZ and Lab by ASTM E308, and indices of metamerism, as colour-science has them.

float64 within 1e-9.
"""

import warnings

import numpy as np
import pytest
from reference import OBSERVERS, colour

import dde
from dde import _core
from dde.spectra.weights import illuminant_names, weights_for

RANGES = [(360, 780), (400, 700), (380, 730), (340, 830), (420, 680)]
DEGREES = {2: OBSERVERS[""], 10: OBSERVERS["/10"]}


def wavelengths_of(interval: int, ends: tuple[int, int]) -> np.ndarray:
    start, stop = ends
    return np.arange(start, stop + 1, interval)


def reflectances(rng: np.random.Generator, shape: tuple[int, ...]) -> np.ndarray:
    """Smooth ones, from 0 to 1."""
    t = np.linspace(0, 1, shape[-1])
    phase, cycles = rng.random((2, *shape[:-1], 1))
    return np.asarray(0.5 + 0.48 * np.sin(2 * np.pi * (phase + 2 * cycles * t)))


def astm_e308(spectrum: np.ndarray, at: np.ndarray, illuminant: str, observer: int) -> np.ndarray:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return colour.colorimetry.sd_to_XYZ_ASTME308(
            colour.SpectralDistribution(spectrum, at),
            colour.MSDS_CMFS[DEGREES[observer]],
            colour.SDS_ILLUMINANTS[illuminant],
        ) / 100  # fmt: skip


@pytest.mark.parametrize("ends", RANGES)
@pytest.mark.parametrize("interval", [1, 5, 10, 20])
def test_all_intervals_are_those_of_colour_science(
    interval: int, ends: tuple[int, int], rng: np.random.Generator
) -> None:
    at = wavelengths_of(interval, ends)
    spectra = reflectances(rng, (3, len(at)))
    found = dde.spectra_to_xyz(spectra, at)
    expected = [astm_e308(spectrum, at, "D65", 2) for spectrum in spectra]
    np.testing.assert_allclose(found, expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("observer", [2, 10])
@pytest.mark.parametrize("illuminant", illuminant_names())
def test_all_illuminants_are_those_of_colour_science(
    illuminant: str, observer: int, rng: np.random.Generator
) -> None:
    at = wavelengths_of(10, (400, 700))
    (spectrum,) = reflectances(rng, (1, len(at)))
    found = dde.spectra_to_xyz(spectrum, at, illuminant, observer)
    np.testing.assert_allclose(found, astm_e308(spectrum, at, illuminant, observer), atol=1e-9)


# ASTM E308-15, table 5 (10 nm): the white points, XYZ of the perfect diffuser.
PRINTED = {
    ("A", 2): [109.850, 100, 35.585],
    ("C", 2): [98.074, 100, 118.232],
    ("D50", 2): [96.422, 100, 82.521],
    ("D65", 2): [95.047, 100, 108.883],
    ("A", 10): [111.144, 100, 35.200],
    ("C", 10): [97.285, 100, 116.145],
    ("D50", 10): [96.720, 100, 81.427],
    ("D65", 10): [94.811, 100, 107.304],
}


@pytest.mark.parametrize("illuminant, observer", PRINTED)
def test_the_white_points_that_e308_prints(illuminant: str, observer: int) -> None:
    weights = weights_for(wavelengths_of(10, (360, 780)), illuminant, observer)
    white = 100 * weights.sum(axis=0)
    # Those of C, and of D50 by the 10 degree observer, come from tables of more wavelengths.
    bound = 0.06 if illuminant == "C" else 0.013
    np.testing.assert_allclose(white, PRINTED[illuminant, observer], atol=bound)


def test_lab_is_that_of_xyz_under_the_white(
    real: type[np.floating], rng: np.random.Generator
) -> None:
    at = wavelengths_of(10, (400, 700))
    spectra = reflectances(rng, (50, 40, 31)).astype(real)
    white = dde.spectra_to_xyz(np.ones(31), at, "A", 10)
    expected = dde.xyz_to_lab(dde.spectra_to_xyz(spectra.astype(float), at, "A", 10), white)
    found = dde.spectra_to_lab(spectra, at, "A", 10)
    assert found.dtype == real
    np.testing.assert_allclose(found, expected, atol=1e-9 if real is np.float64 else 2e-4)


def test_a_white_has_no_chroma() -> None:
    lab = dde.spectra_to_lab(np.ones((4, 31)), wavelengths_of(10, (400, 700)), "FL11")
    np.testing.assert_allclose(lab, [[100, 0, 0]] * 4, atol=1e-9)


def test_images_band_by_band_are_the_same(
    real: type[np.floating], rng: np.random.Generator
) -> None:
    at = wavelengths_of(10, (400, 700))
    spectra = reflectances(rng, (30, 50, 31)).astype(real)
    planes = np.ascontiguousarray(np.moveaxis(spectra, -1, 0))
    packed = dde.spectra_to_xyz(spectra, at)
    tolerance = 1e-14 if real is np.float64 else 1e-6
    for view in (np.moveaxis(planes, 0, -1), np.repeat(spectra, 2, axis=1)[:, ::2]):
        np.testing.assert_allclose(dde.spectra_to_xyz(view, at), packed, atol=tolerance)
    out = np.empty((30, 50, 3), real)
    assert dde.spectra_to_xyz(spectra, at, out=out) is out
    assert np.array_equal(out, packed)


@pytest.mark.parametrize("bands", range(1, 45))
def test_any_number_of_bands(bands: int, real: type[np.floating], rng: np.random.Generator) -> None:
    """The same wherever in an array a spectrum stands, and nothing beyond its end is read."""
    weights = rng.normal(size=(bands, 3))
    spectra = np.full((311, bands + 1), np.nan, real)
    spectra[:, :bands] = rng.random((311, bands))
    found = _core.convert_spectra(spectra[:, :bands], weights, _core.Way(()), None)
    expected = spectra[:, :bands].astype(float) @ weights
    np.testing.assert_allclose(found, expected, atol=1e-12 if real is np.float64 else 2e-5)
    for start in (1, 5, 250, 310):
        part = _core.convert_spectra(spectra[start:, :bands], weights, _core.Way(()), None)
        np.testing.assert_array_equal(part, found[start:])


def test_nan_gives_nan_for_that_spectrum_only(rng: np.random.Generator) -> None:
    spectra = reflectances(rng, (20, 31))
    spectra[7, 30] = np.nan
    lab = dde.spectra_to_lab(spectra, wavelengths_of(10, (400, 700)))
    assert np.flatnonzero(np.isnan(lab).any(axis=1)).tolist() == [7]


# ---- Metamerism ---------------------------------------------------------------------------


@pytest.mark.parametrize("metric, method", [("CIE76", "CIE 1976"), ("CIEDE2000", "CIE 2000")])
@pytest.mark.parametrize("correction", ["multiplicative", "additive"])
def test_indices_are_those_of_colour_science(
    correction: str, metric: str, method: str, rng: np.random.Generator
) -> None:
    at = wavelengths_of(10, (400, 700))
    sample, standard = reflectances(rng, (2, 31))
    xyz = {
        (name, light): dde.spectra_to_xyz(spectrum, at, light, 10)
        for name, spectrum in (("sample", sample), ("standard", standard))
        for light in ("A", "D65")
    }
    white = colour.XYZ_to_xy(dde.spectra_to_xyz(np.ones(31), at, "A", 10))
    expected = colour.difference.XYZ_to_metamerism_index(
        *(xyz[key] for key in (("sample", "A"), ("standard", "A"))),
        *(xyz[key] for key in (("sample", "D65"), ("standard", "D65"))),
        correction=correction, method=method, illuminant=white,
    )  # fmt: skip
    found = dde.metamerism_index(sample, standard, at, correction=correction, metric=metric)
    np.testing.assert_allclose(found, expected, atol=1e-9)


def test_the_spectral_correction_makes_a_match(rng: np.random.Generator) -> None:
    """Cohen and Kappauf's: under the reference nothing is left, under the test illuminant it is
    what the metameric blacks make, here found by least squares."""
    at = wavelengths_of(10, (400, 700))
    sample, standard = reflectances(rng, (2, 31))
    index = dde.metamerism_index(sample, standard, at, "D65", "D65", correction="spectral")
    assert index < 1e-9
    seen, tested = (weights_for(at, light, 10) for light in ("D65", "A"))
    coefficients, *_ = np.linalg.lstsq(seen, standard - sample, rcond=None)
    corrected = sample + seen @ coefficients
    white = tested.sum(axis=0)
    expected = dde.cie76(
        dde.xyz_to_lab(standard @ tested, white), dde.xyz_to_lab(corrected @ tested, white)
    )
    found = dde.metamerism_index(sample, standard, at, correction="spectral")
    np.testing.assert_allclose(found, expected, atol=1e-9)


@pytest.mark.parametrize("correction", ["multiplicative", "additive", "spectral"])
def test_samples_of_one_spectrum_have_none(correction: str, rng: np.random.Generator) -> None:
    at = wavelengths_of(20, (400, 700))
    spectra = reflectances(rng, (5, len(at)))
    index = dde.metamerism_index(spectra, spectra, at, correction=correction)
    np.testing.assert_allclose(index, np.zeros(5), atol=1e-9)


# ---- Errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ((np.ones(31), np.arange(400, 701, 10), "D66"), "illuminant must be one of A, B"),
        ((np.ones(31), np.arange(400, 701, 10), "A", 4), "observer must be 2 or 10 degrees"),
        ((np.ones(30), np.arange(400, 701, 10)), "spectra must have a last axis of 31"),
        ((np.ones(3), [400, 403, 406]), "wavelengths must rise by 1, 5, 10 or 20 nm"),
        ((np.ones(3), [400, 410, 430]), "wavelengths must rise by 1, 5, 10 or 20 nm"),
        ((np.ones(3), [405, 415, 425]), "begin at a multiple of 10 nm"),
        ((np.ones(3), [900, 910, 920]), "overlap 360 to 780"),
        ((np.ones(1), [400]), "a sequence of at least 2 numbers"),
        ((np.ones(2), [400, 420]), "at least 3"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments: tuple[object, ...], sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        dde.spectra_to_xyz(*arguments)  # type: ignore[arg-type]


def test_counts_are_no_reflectances() -> None:
    with pytest.raises(TypeError, match="spectra must hold float32 or float64 values, not int64"):
        dde.spectra_to_xyz(np.ones(31, int), np.arange(400, 701, 10))
    with pytest.raises(ValueError, match="correction must be one of multiplicative"):
        dde.metamerism_index(np.ones(3), np.ones(3), [400, 410, 420], correction="none")
