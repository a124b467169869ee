"""A camera is fitted to a chart so that colours it has not seen are right, whatever the exposure.

The cameras are synthetic: public sensitivities, measured reflectances, two illuminants, noise,
uneven light. What they see is known.
"""

import json
import os
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from reference import colour

import dde
from dde.cameras.chart import ChartReading, named_chart
from dde.cameras.fitting import _terms

LAYOUT = (4, 6)
SHAPE = colour.SpectralShape(400, 700, 10)


def _reflectances(name: str) -> np.ndarray:
    chart = colour.SDS_COLOURCHECKERS[name]
    return np.array([sd.copy().align(SHAPE).values for sd in chart.values()])


def _sensitivities(name: str) -> np.ndarray:
    return np.asarray(colour.MSDS_CAMERA_SENSITIVITIES[name].copy().align(SHAPE).values)


# The third are cones that the eye has: Stockman and Sharpe's, of which no camera is a copy.
CAMERAS = {
    "Nikon 5100": _sensitivities("Nikon 5100 (NPL)"),
    "Sigma SD Merrill": _sensitivities("Sigma SDMerill (NPL)"),
    "cones": np.asarray(
        colour.MSDS_CMFS["Stockman & Sharpe 2 Degree Cone Fundamentals"].copy().align(SHAPE).values
    ),
}
CHART, OTHERS = _reflectances("BabelColor Average"), _reflectances("ISO 17321-1")
LIGHTS = ("D50", "A")


class Seen(NamedTuple):
    """What a camera makes of surfaces, and what they are under the light."""

    rgb: np.ndarray
    lab: np.ndarray
    white: np.ndarray


def see(
    camera: str, light: str, surfaces: np.ndarray, exposure: float = 0.8, noise: float = 0.0
) -> Seen:
    power = colour.SDS_ILLUMINANTS[light].copy().align(SHAPE).values[:, None]
    weights = CAMERAS[camera] * power
    rgb = exposure * surfaces @ (weights / weights.sum(axis=0))
    if noise:
        rgb = rgb + np.random.default_rng(7).normal(0, noise, rgb.shape)
    bands = np.arange(400, 701, 10)
    white = dde.spectra_to_xyz(np.ones(31), bands, light)
    return Seen(rgb, dde.spectra_to_lab(surfaces, bands, light), white)


def difference(camera: dde.Camera, seen: Seen) -> np.ndarray:
    lab = dde.convert(seen.rgb, camera, dde.Space.named("Lab", seen.white))
    return np.asarray(dde.ciede2000(lab, seen.lab))


# ---- On what is known ---------------------------------------------------------------------


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", CAMERAS)
def test_patches_left_out_are_met(name: str, light: str) -> None:
    """Mean ΔE00 under 1.5, with noise of 0.1 % a pixel, over patches of 50 x 50 pixels."""
    seen = see(name, light, CHART, noise=0.001 / 50)
    camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white)
    assert camera.record["left_out_mean"] < 1.5
    assert camera.record["mean"] <= camera.record["left_out_mean"]


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", CAMERAS)
def test_a_noisy_photograph_in_uneven_light_makes_colours_right(name: str, light: str) -> None:
    """Mean ΔE00 under 1.5 on the surfaces of another chart, of which the fit has seen none: with
    noise of 0.5 % of the full scale a pixel, a tenth of uneven light put right by a flat field, and
    patches of 100 x 100 pixels, of which the middle quarter is read: 2500 pixels."""
    rng = np.random.default_rng(11)
    slope = np.linspace(1, 0.9, 600)[None, :, None]

    def photographed(rgb: np.ndarray, shape: tuple[int, int]) -> ChartReading:
        rows, columns = shape
        even = np.repeat(np.repeat(rgb.reshape(rows, columns, 3), 100, axis=0), 100, axis=1)
        falling = slope[:, : 100 * columns]
        noisy = even * falling + rng.normal(0, 0.005, even.shape)
        flat = np.broadcast_to(falling, even.shape) + rng.normal(0, 0.0005, even.shape)
        corners = [(0, 0), (100 * columns, 0), (100 * columns, 100 * rows), (0, 100 * rows)]
        return dde.read_chart(dde.flat_field(noisy, flat), corners, shape)

    seen, other = see(name, light, CHART), see(name, light, OTHERS)
    camera = dde.fit_camera(photographed(seen.rgb, LAYOUT), seen.lab, white=seen.white)
    reading = photographed(other.rgb, LAYOUT)
    assert difference(camera, other._replace(rgb=reading.rgb)).mean() < 1.5


def test_all_pixels_of_a_patch_are_averaged() -> None:
    image = np.random.default_rng(5).normal(0.5, 0.1, (400, 400, 3))
    corners = [(0, 0), (400, 0), (400, 400), (0, 400)]
    (mean,) = dde.read_chart(image, corners, (1, 1)).rgb
    np.testing.assert_allclose(mean, image[100:300, 100:300].mean(axis=(0, 1)), atol=1e-12)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", CAMERAS)
def test_exposure_scales_and_changes_no_hue(name: str, light: str) -> None:
    """By two stops either way; clipping aside, which is another matter."""
    seen = see(name, light, CHART, exposure=0.2)
    for degree in (1, 2, 3):
        camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white, degree=degree, metric="CIE76")
        at_once = dde.convert(seen.rgb, camera, dde.Space.xyz(seen.white))
        for stops in (-2, 2):
            scaled = dde.convert(seen.rgb * 2.0**stops, camera, dde.Space.xyz(seen.white))
            np.testing.assert_allclose(scaled, at_once * 2.0**stops, rtol=1e-8)


@pytest.mark.parametrize("light", LIGHTS)
@pytest.mark.parametrize("name", ["Nikon 5100", "Sigma SD Merrill"])
def test_root_polynomials_are_better_than_a_matrix(name: str, light: str) -> None:
    """On patches left out, under two stops more and less light than the chart was fitted in."""
    seen = see(name, light, CHART, exposure=0.2)
    fits = {
        model: dde.fit_camera(seen.rgb, seen.lab, white=seen.white, model=model)
        for model in ("linear", "root-polynomial")
    }
    means = {model: camera.record["left_out_mean"] for model, camera in fits.items()}
    assert means["root-polynomial"] < means["linear"]
    for stops in (-2, 2):
        other = see(name, light, OTHERS, exposure=0.2 * 2.0**stops)
        darker = other._replace(rgb=other.rgb * 2.0**-stops)
        found = {model: difference(camera, darker).mean() for model, camera in fits.items()}
        assert found["root-polynomial"] < found["linear"]


def test_the_metric_is_a_choice() -> None:
    seen = see("Nikon 5100", "D50", CHART)
    means = {}
    for metric in ("CIEDE2000", "CIE76", "ITP"):
        camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white, metric=metric)
        lab = dde.convert(seen.rgb, camera, dde.Space.named("Lab", seen.white))
        means[metric] = np.sqrt(np.mean(dde.cie76(lab, seen.lab) ** 2))
        assert camera.record["metric"] == metric
    assert means["CIE76"] == min(means.values())


def test_terms_are_those_of_the_paper(rng: np.random.Generator) -> None:
    """colour-science has the same, in another order."""
    rgb = rng.random((100, 3))
    for degree in (2, 3, 4):
        ours = _terms(f"root_polynomial_{degree}", rgb)
        theirs = colour.characterisation.polynomial_expansion_Finlayson2015(rgb, degree, True)
        assert ours.shape == theirs.shape
        np.testing.assert_allclose(np.sort(ours, axis=1), np.sort(theirs, axis=1), atol=1e-12)


# ---- Photographs --------------------------------------------------------------------------


def photograph(
    patches: np.ndarray, corners: np.ndarray, size: tuple[int, int] = (300, 400)
) -> np.ndarray:
    """A chart in perspective, as uint16 with noise: each pixel looks up its patch."""
    from dde.cameras.chart import _homography

    height, width = size
    y, x = np.mgrid[:height, :width] + 0.5
    u, v, w = np.linalg.inv(_homography(corners)) @ [x.ravel(), y.ravel(), np.ones(x.size)]
    column, row = np.floor(u / w * LAYOUT[1]), np.floor(v / w * LAYOUT[0])
    on = (column >= 0) & (column < LAYOUT[1]) & (row >= 0) & (row < LAYOUT[0])
    number = np.where(on, row * LAYOUT[1] + column, 0).astype(int)
    colours = np.where(on[:, None], patches[number], 0.05)
    noisy = colours + np.random.default_rng(3).normal(0, 0.003, colours.shape)
    coded = np.clip(noisy, 0, 1) * 65535
    return coded.reshape(height, width, 3).astype(np.uint16)


CORNERS = np.array([(40, 30), (370, 50), (350, 270), (60, 250)], dtype=float)


@pytest.fixture(scope="module")
def seen() -> Seen:
    return see("Nikon 5100", "D50", CHART)


def test_a_chart_in_perspective_is_read(seen: Seen) -> None:
    reading = dde.read_chart(photograph(seen.rgb, CORNERS), CORNERS)
    np.testing.assert_allclose(reading.rgb, seen.rgb, atol=2e-3)
    assert reading.doubts == {}
    camera = dde.fit_camera(reading, seen.lab, white=seen.white)
    assert camera.record["left_out_mean"] < 1.5


WRONG = {
    "upside down": [2, 3, 0, 1],
    "mirrored left to right": [1, 0, 3, 2],
    "mirrored top to bottom": [3, 2, 1, 0],
}


@pytest.mark.parametrize("way", WRONG)
def test_a_chart_that_lies_wrongly_is_noticed(way: str, seen: Seen) -> None:
    reading = dde.read_chart(photograph(seen.rgb, CORNERS), CORNERS[WRONG[way]])
    with pytest.raises(ValueError, match=f"chart lies {way}"):
        dde.fit_camera(reading, seen.lab, white=seen.white)


def test_the_file_of_a_chart_goes_column_by_column(seen: Seen) -> None:
    """That of the ColorChecker does; dde reads charts row by row."""
    path = Path(__file__).parent / "measurements" / "colorchecker24.txt"
    reading = dde.read_chart(photograph(seen.rgb, CORNERS), CORNERS)
    camera = dde.fit_camera(reading, path)
    assert camera.record["patches"][:7] == ["A1", "B1", "C1", "D1", "E1", "F1", "A2"]
    by_name = dde.fit_camera(reading, "ColorChecker24")
    np.testing.assert_allclose(camera.coefficients, by_name.coefficients)


@pytest.mark.parametrize("known", [True, False], ids=["reading", "array"])
def test_patches_in_another_order_are_refused(known: bool, seen: Seen) -> None:
    reading = dde.read_chart(photograph(seen.rgb, CORNERS), CORNERS)
    columns = seen.lab.reshape(4, 6, 3).swapaxes(0, 1).reshape(24, 3)
    with pytest.raises(ValueError, match="the same patches in the same order, row by row"):
        dde.fit_camera(reading if known else reading.rgb, columns, white=seen.white)


def test_a_covered_patch_is_named_and_left_out(seen: Seen) -> None:
    rgb = seen.rgb.copy()
    rgb[8] = [0.3, 0.2, 0.15]
    reading = dde.read_chart(photograph(rgb, CORNERS), CORNERS)
    names, _ = named_chart("colorchecker24")
    camera = dde.fit_camera(reading, seen.lab, white=seen.white, names=names)
    assert list(camera.record["not_used"]) == [names[8]]
    assert "fits nothing" in camera.record["not_used"][names[8]]
    assert camera.record["left_out_mean"] < 1.5


def test_clipped_and_uneven_patches_are_named_and_left_out(seen: Seen) -> None:
    image = photograph(seen.rgb * 1.4, CORNERS)  # the white patch is beyond what can be held
    middle = image[185:215, 70:110]
    middle[:, ::2] //= 3
    reading = dde.read_chart(image, CORNERS)
    assert reading.doubts[18] in ("clipped", "uneven")
    assert {"clipped", "uneven"} >= set(reading.doubts.values())
    camera = dde.fit_camera(reading, seen.lab, white=seen.white, model="linear")
    assert {str(number + 1) for number in reading.doubts} <= set(camera.record["not_used"])


def test_uneven_light_is_made_even(seen: Seen) -> None:
    y, x = np.mgrid[:300, :400]
    light = (0.6 + 0.4 * x / 400 - 0.2 * y / 300)[..., None]
    even = photograph(seen.rgb, CORNERS) / 65535
    dark = 0.02
    found = dde.flat_field(even * light + dark, np.ones((300, 400, 3)) * light + dark, dark)
    np.testing.assert_allclose(found, even * light.mean(), atol=1e-5)
    uneven = dde.fit_camera(dde.read_chart(even * light, CORNERS), seen.lab, white=seen.white)
    evened = dde.fit_camera(dde.read_chart(found, CORNERS), seen.lab, white=seen.white)
    assert evened.record["left_out_mean"] < uneven.record["left_out_mean"] / 1.5


# ---- A camera as a space ------------------------------------------------------------------


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
def test_the_map_is_that_of_the_colours(degree: int, seen: Seen, rng: np.random.Generator) -> None:
    camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white, degree=min(degree, 3))
    first, second = rng.integers(1000, 60_000, (2, 30, 40, 3), dtype=np.uint16)
    found = dde.delta_e_map(first, second, space=camera)
    labs = (dde.convert(image / 65535, camera, "Lab") for image in (first, second))
    np.testing.assert_allclose(found, dde.ciede2000(*labs), rtol=1e-3, atol=1e-3)


def test_there_is_no_way_back(seen: Seen) -> None:
    camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white)
    with pytest.raises(ValueError, match="cannot be converted to camera"):
        dde.convert(seen.lab, "Lab", camera)


def test_a_camera_is_a_file(tmp_path: Path, seen: Seen) -> None:
    camera = dde.fit_camera(seen.rgb, seen.lab, white=seen.white, name="line 3")
    camera.save(tmp_path / "camera.json")
    again = dde.Camera.load(tmp_path / "camera.json")
    assert again == camera
    assert again.record == camera.record
    assert [*tmp_path.iterdir()] == [tmp_path / "camera.json"]


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"kernel": "cubic"},
        {"coefficients": [[1, 2, 3]]},
        {"coefficients": "x"},
        {"white": [0, 1, 1]},
        {"white": None},
        {"name": 3},
        {"record": []},
        {"record": {"not_used": None}},
        {"white": [10**400, 1, 1]},
    ],
)
def test_a_damaged_file_is_refused(change: dict[str, object], tmp_path: Path, seen: Seen) -> None:
    path = tmp_path / "camera.json"
    dde.fit_camera(seen.rgb, seen.lab, white=seen.white).save(path)
    path.write_text(json.dumps({**json.loads(path.read_text()), **change}))
    with pytest.raises(dde.CameraFileError, match=r"camera\.json is no camera"):
        dde.Camera.load(path)
    for text in ("", "[", "[]", "null", '"x"', "{}"):
        path.write_text(text)
        with pytest.raises(dde.CameraFileError):
            dde.Camera.load(path)
    with open(path, "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(dde.CameraFileError, match="larger than 64 MB"):
        dde.Camera.load(path)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(OSError, match="a pipe, not a regular file"):
        dde.Camera.load(path)


# ---- Errors -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "arguments, sentence",
    [
        ({"model": "cubic"}, "model must be one of linear, root-polynomial"),
        ({"degree": 5}, "degree must be 1, 2, 3 or 4"),
        ({"degree": 4}, "a model of 22 terms needs"),
        ({"reference": np.ones((5, 3))}, "chart has 24 patches, and reference 5"),
        ({"reference": "ColorChecker"}, "reference must be one of ColorChecker24"),
        ({"space": "LCh"}, "space must be one of Lab, XYZ"),
        ({"names": ["a"]}, "names must be 24"),
    ],
)
def test_bad_arguments_get_a_sentence(
    arguments: dict[str, object], sentence: str, seen: Seen
) -> None:
    given = {"reference": seen.lab[:, :], "white": seen.white} | arguments
    chart = seen.rgb[:20] if arguments == {"degree": 4} else seen.rgb
    if arguments == {"degree": 4}:
        given["reference"] = seen.lab[:20]
    with pytest.raises(ValueError, match=sentence):
        dde.fit_camera(chart, given.pop("reference"), **given)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "corners, sentence",
    [
        ([(0, 0), (1, 1)], "four pairs"),
        ([(0, 0), (10, 10), (20, 20), (30, 30)], "no three lie on one line"),
        ([(-9, 0), (399, 0), (399, 299), (-9, 299)], "within the image"),
    ],
)
def test_bad_corners_get_a_sentence(corners: object, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        dde.read_chart(np.zeros((300, 400, 3)), corners, share=1.0)  # type: ignore[arg-type]


def test_a_reading_has_its_arrangements() -> None:
    reading = ChartReading(np.zeros((6, 3)), {}, (2, 3))
    found = {way: order.tolist() for way, order in reading.arranged()}
    assert found["upside down"] == [5, 4, 3, 2, 1, 0]
    assert found["mirrored left to right"] == [2, 1, 0, 5, 4, 3]


def test_numbers_on_another_scale_are_refused(seen: Seen) -> None:
    with pytest.raises(ValueError, match="chart must be linear RGB from 0 to 1; divide 8-bit"):
        dde.fit_camera(np.rint(seen.rgb * 255), seen.lab, white=seen.white)
    xyz = 100 * dde.lab_to_xyz(seen.lab, seen.white)
    with pytest.raises(ValueError, match="reference must be XYZ with Y = 1 for white; the largest"):
        dde.fit_camera(seen.rgb, xyz, space="XYZ", white=seen.white)
    with pytest.raises(ValueError, match="reference must be finite colours"):
        dde.fit_camera(seen.rgb, seen.lab * np.nan, white=seen.white)


@pytest.mark.parametrize("layout", [(4,), None, (4.5, 6), (0, 6), (10**6, 10**6), "4x6"])
def test_a_layout_is_two_whole_numbers(layout: object) -> None:
    with pytest.raises(ValueError, match="layout must"):
        dde.read_chart(np.zeros((9, 9, 3)), CORNERS, layout)  # type: ignore[arg-type]


def test_black_patches_are_refused(seen: Seen) -> None:
    with pytest.raises(ValueError, match="chart must have patches of many colours; a model of 6"):
        dde.fit_camera(np.zeros((24, 3)), seen.lab, white=seen.white)
    grey = np.repeat(seen.rgb[:, :1], 3, axis=1)
    with pytest.raises(ValueError, match="of which 1 are independent"):
        dde.fit_camera(grey, seen.lab, white=seen.white)
