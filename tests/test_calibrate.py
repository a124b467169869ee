"""``dde calibrate``: from a photograph of a chart to a camera by which frames are colour."""

import json
from pathlib import Path

import cv2
import imagecodecs
import numpy as np
import pytest
import tifffile
from running import Result, assert_refused, compare, run
from test_cameras import CHART, LAYOUT, see
from test_patches import write

import dde
from dde.cameras.chart import _homography
from dde.report.camera import camera_as_html

SEEN = see("Nikon 5100", "D50", CHART)
NAMES = [f"patch-{number}" for number in range(1, 25)]
CORNERS = np.array([(100, 80), (680, 110), (640, 520), (130, 500)], dtype=float)
GIVEN = " ".join(f"{x:g},{y:g}" for x, y in CORNERS)


def photograph(
    rgb: np.ndarray, corners: np.ndarray = CORNERS, light: float | np.ndarray = 1
) -> np.ndarray:
    """A ColorChecker in perspective, with its black frame, on grey, as floats with noise."""
    y, x = np.mgrid[:600, :800] + 0.5
    u, v, w = np.linalg.inv(_homography(corners)) @ [x.ravel(), y.ravel(), np.ones(x.size)]
    column, row = u / w * LAYOUT[1], v / w * LAYOUT[0]
    on = (column >= 0) & (column < LAYOUT[1]) & (row >= 0) & (row < LAYOUT[0])
    inside = on & (np.abs(column % 1 - 0.5) < 0.44) & (np.abs(row % 1 - 0.5) < 0.44)
    board = (np.abs(column - 3) < 3.25) & (np.abs(row - 2) < 2.25)
    number = np.where(on, np.floor(row) * LAYOUT[1] + np.floor(column), 0).astype(int)
    colours = np.where(inside[:, None], rgb[number], np.where(board[:, None], 0.02, 0.4))
    colours = colours.reshape(600, 800, 3) * light
    return np.clip(colours + np.random.default_rng(3).normal(0, 0.003, colours.shape), 0, 1)


def stored(path: Path, image: np.ndarray, **options: object) -> Path:
    coded = np.uint16(np.rint(image * 65535))
    tifffile.imwrite(path, coded, photometric="rgb", **options)  # type: ignore[arg-type]
    return path


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("desk")
    stored(folder / "chart.tif", photograph(SEEN.rgb))
    write(folder / "reference.txt", NAMES, SEEN.lab)
    return folder


def calibrate(folder: Path, *options: object, chart: str = "chart.tif") -> Result:
    required = ("--chart", folder / "reference.txt", "--output", folder / "line.json")
    return run("calibrate", folder / chart, *required, *options)


def test_from_chart_to_colour(desk: Path) -> None:
    """The camera makes the colours of a frame that it has not seen; under 1.5 on the average."""
    page = desk / "line.html"
    result = calibrate(desk, "--corners", GIVEN, "--report", page)
    assert (result.status, result.error) == (0, "")
    camera = dde.Camera.load(desk / "line.json")
    assert camera.name == "line"
    assert camera.record["left_out_mean"] < 1.5
    assert camera.record["patches"] == NAMES
    assert camera.record["chart"]["corners"] == CORNERS.tolist()
    assert camera.warnings == ()
    others = see("Nikon 5100", "D50", CHART[::-1], exposure=0.4)
    frame = np.float32(others.rgb.reshape(4, 6, 3))
    lab = dde.convert(frame * 2, camera, dde.Space.named("Lab", "D50"))
    assert dde.ciede2000(lab, others.lab.reshape(4, 6, 3)).mean() < 1.5
    for name, after in zip(NAMES, camera.record["differences"], strict=True):
        (line,) = (line for line in result.output.splitlines() if line.startswith(f"{name} "))
        assert float(line.split()[-1]) == pytest.approx(after, abs=0.0051)


def test_the_page(desk: Path) -> None:
    assert calibrate(desk, "--corners", GIVEN, "--report", desk / "line.html").status == 0
    page = (desk / "line.html").read_text()
    camera = dde.Camera.load(desk / "line.json")
    assert page == camera_as_html(camera)
    assert page.count('class="swatch"') == 24
    for name, before in zip(NAMES, camera.record["differences_before"], strict=True):
        assert name in page
        assert f"<td>{before:.2f}</td>" in page
    with pytest.raises(ValueError, match="camera has a record without"):
        camera_as_html(dde.Camera.of("x", "linear", np.eye(3), np.ones(3), {}))


def test_the_chart_is_found(desk: Path) -> None:
    assert calibrate(desk).status == 0
    camera = dde.Camera.load(desk / "line.json")
    corners = np.array(camera.record["chart"]["corners"])
    assert np.abs(corners - CORNERS).max() < 20
    assert camera.record["left_out_mean"] < 1.5


def test_a_chart_upside_down_is_found_as_it_lies(desk: Path) -> None:
    stored(desk / "turned.tif", photograph(SEEN.rgb, np.roll(CORNERS, 2, axis=0)))
    assert calibrate(desk, chart="turned.tif").status == 0
    assert dde.Camera.load(desk / "line.json").record["left_out_mean"] < 1.5


def test_no_chart_and_no_detector(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stored(desk / "grey.tif", np.full((300, 400, 3), 0.4))
    assert_refused(calibrate(desk, chart="grey.tif"), "no chart of 4 by 6 patches", "corners")
    monkeypatch.delattr(cv2, "mcc")
    assert_refused(calibrate(desk), 'pip install "deepdeltae[chart]"', "corners")


def test_uneven_light_and_a_dark_frame(desk: Path) -> None:
    y, x = np.mgrid[:600, :800]
    light = (1 - 0.4 * x / 800 - 0.2 * y / 600)[..., None]
    stored(desk / "uneven.tif", photograph(SEEN.rgb, light=light) * 0.9 + 0.02)
    stored(desk / "flat.tif", np.broadcast_to(light, (600, 800, 3)) * 0.9 + 0.02)
    stored(desk / "dark.tif", np.full((600, 800, 3), 0.02))
    means = []
    for options in ((), ("--flat", desk / "flat.tif", "--dark", desk / "dark.tif")):
        assert calibrate(desk, "--corners", GIVEN, *options, chart="uneven.tif").status == 0
        means.append(dde.Camera.load(desk / "line.json").record["left_out_mean"])
    assert means[1] < 1.5 < means[0]
    stored(desk / "small.tif", np.full((6, 8, 3), 0.02))
    refused = calibrate(desk, "--corners", GIVEN, "--dark", desk / "small.tif")
    assert_refused(refused, "--dark", "of the size of CHART")


def test_a_covered_patch_is_a_warning(desk: Path) -> None:
    rgb = SEEN.rgb.copy()
    rgb[8] = [0.3, 0.2, 0.15]
    stored(desk / "covered.tif", photograph(rgb))
    result = calibrate(desk, "--corners", GIVEN, "--report", desk / "c.html", chart="covered.tif")
    assert "patch-9 is not used: fits nothing" in result.output
    assert "Warning: patch-9 is not used" in (desk / "c.html").read_text()


def test_frames_in_files_are_colour(desk: Path, tmp_path: Path) -> None:
    """16-bit TIFF that says nothing of its colours is the camera's own, in jobs and in Python."""
    assert calibrate(desk, "--corners", GIVEN).status == 0
    camera = dde.Camera.load(desk / "line.json")
    rng = np.random.default_rng(1)
    first = rng.uniform(0.1, 0.8, (30, 40, 3))
    paths = [
        stored(tmp_path / f"{number}.tif", image)
        for number, image in enumerate((first, first * 1.02))
    ]
    frames = [tifffile.imread(path) for path in paths]
    expected = dde.delta_e_map(*frames, space=camera)
    found = dde.inspect(*paths, space=camera, keep_map=True)
    np.testing.assert_allclose(found.map, expected, atol=1e-4)
    (tmp_path / "job.toml").write_text('[camera]\nfile = "line.json"\n')
    (tmp_path / "line.json").write_bytes((desk / "line.json").read_bytes())
    result = compare(*paths, "--job", tmp_path / "job.toml", "--json")
    assert json.loads(result.output)["mean"] == pytest.approx(float(expected.mean()), abs=1e-3)
    assert abs(dde.inspect(*paths).overall.mean - expected.mean()) > 0.01  # as sRGB


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--corners", "1,2 3,4"), ("--corners must be four pairs",)),
        (("--corners", ""), ("--corners must be four pairs", "not ''.")),
        (("--corners", GIVEN.replace("100,", "nan,")), ("--corners must be four pairs", "nan,80")),
        (("--corners", GIVEN.replace("100,", "inf,")), ("--corners must be four pairs", "inf,80")),
        (("--corners", "600,400 130,420 100,80 680,110"), ("chart",)),
        (("--layout", "4"), ("--layout must be rows x columns",)),
        (("--layout", "²x6"), ("--layout must be rows x columns",)),
        (("--layout", "0x6"), ("--layout must be rows x columns",)),
        (("--layout", f"{'9' * 5000}x6"), ("--layout must be rows x columns",)),
        (("--layout", "6x4"), ("--layout 6x4 needs --corners",)),
        (("--output", "line.json/"), ("--output line.json/ names a folder",)),
        (("--report", "line.html/"), ("--report line.html/ names a folder",)),
        (("--model", "linear", "--degree", "2"), ("--degree", "root-polynomial", "linear")),
        (("--layout", "3x6", "--corners", GIVEN), ("18 patches", "24")),
        (("--output", "line.cam"), ("--output line.cam must end in .json",)),
        (("--report", "line.pdf"), ("--report line.pdf must end in .html",)),
        (
            ("--metric", "odd", "--corners", GIVEN),
            ("--metric must be one of", "siamese; not 'odd'"),
        ),
        (("--metric", "FLIP", "--corners", GIVEN), ("--metric must be one of", "not 'FLIP'")),
        (("--chart", "no.txt", "--corners", GIVEN), ("--chart must be one of", "not 'no.txt'")),
        (("--chart", "", "--corners", GIVEN), ("--chart is empty",)),
        (("--flat", "no.tif", "--corners", GIVEN), ("--flat no.tif",)),
        (("--white", "D66", "--corners", GIVEN), ("--white must be one of", "F11/10; not 'D66'")),
        (("--degree", "5", "--corners", GIVEN), ("--degree",)),
    ],
)
def test_bad_options(desk: Path, options: tuple[str, ...], words: tuple[str, ...]) -> None:
    (desk / "line.json").unlink(missing_ok=True)
    assert_refused(calibrate(desk, *options), *words)
    assert not (desk / "line.json").exists()


@pytest.mark.parametrize(
    "options",
    [
        ("--layout", "3x6", "--corners", GIVEN),
        ("--layout", "3x6"),
        ("--chart", "no.txt"),
        ("--chart", __file__),
        ("--metric", "odd"),
        ("--white", "odd"),
        ("--model", "linear", "--degree", "3"),
    ],
)
def test_options_are_refused_before_the_photograph_is_read(
    desk: Path, options: tuple[str, ...]
) -> None:
    refused = calibrate(desk, *options, chart="no.tif")
    assert_refused(refused, options[0])
    assert "no.tif" not in refused.error


def test_the_help_lists_what_is_accepted() -> None:
    found = " ".join(run("calibrate", "--help").output.split())
    assert "siamese" in found
    assert "FLIP" not in found


def test_an_upside_down_chart_is_refused(desk: Path) -> None:
    turned = " ".join(f"{x:g},{y:g}" for x, y in np.roll(CORNERS, 2, axis=0))
    (desk / "line.json").unlink(missing_ok=True)
    assert_refused(calibrate(desk, "--corners", turned), "chart lies upside down")
    assert not (desk / "line.json").exists()


def test_a_photograph_with_a_profile_is_not_the_cameras_own(desk: Path) -> None:
    profile = imagecodecs.cms_profile("adobergb")
    stored(desk / "developed.tif", photograph(SEEN.rgb), iccprofile=profile)
    refused = calibrate(desk, "--corners", GIVEN, chart="developed.tif")
    assert_refused(refused, "CHART", "without a profile is accepted")


def test_nothing_that_is_read_is_overwritten(desk: Path) -> None:
    chart = (desk / "chart.tif").rename(desk / "chart.json")
    try:
        refused = run(
            "calibrate", chart, "--chart", "ColorChecker24", "--output", chart, "--corners", GIVEN
        )  # fmt: skip
        assert_refused(refused, "one of the files that are read")
    finally:
        chart.rename(desk / "chart.tif")


@pytest.mark.parametrize("shape", [(1, 20_000, 3), (10, 2000, 3), (2000, 10, 3)])
def test_no_chart_is_sought_in_a_strip(shape: tuple[int, ...]) -> None:
    """The detector comes to no end in one."""
    with pytest.raises(ValueError, match="no chart of 4 by 6 patches"):
        dde.find_chart(np.random.default_rng(1).random(shape))
