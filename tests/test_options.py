"""What cannot be right is called what the user calls it: by the option, or by the argument."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from running import assert_refused, run

import dde
from dde.batch import frames_in_folder, frames_of_pairs, inspect_frames
from dde.cameras.chart import read_chart
from dde.inspection import read_job
from dde.patches import compare_patches, read_table

CORNERS = "0,0 40,0 40,40 0,40"
TABLE = """CGATS.17
BEGIN_DATA_FORMAT SAMPLE_ID LAB_L LAB_A LAB_B END_DATA_FORMAT
BEGIN_DATA A1 {} 0 -2 A2 16 0 0 END_DATA
"""


@pytest.fixture(autouse=True)
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("frames").mkdir()
    for path in ("a.png", "frames/a.png"):
        Image.fromarray(np.full((48, 48, 3), 100, np.uint8)).save(path)
    np.save("chart.npy", np.full((48, 48, 3), 0.5, np.float32))
    Path("t.txt").write_text(TABLE.format(95))
    Path("far.txt").write_text(TABLE.format(1e300))


COMPARE = ("compare", "a.png", "a.png")
BATCH = ("batch", "a.png", "frames", "--output", "out")
PATCHES = ("patches", "t.txt", "t.txt")
CALIBRATE = ("calibrate", "chart.npy", "--output", "c.json")
REFUSED = [
    ((*COMPARE, "--viewing", "nan"), "--viewing must be from 1 to 1024 pixels a degree, not nan."),
    ((*COMPARE, "--viewing", "0"), "--viewing must be from 1 to 1024 pixels a degree, not 0."),
    ((*COMPARE, "--shift", "-1"), "--shift must be from 0 to 4 pixels, not -1."),
    ((*COMPARE, "--shift", "1", "--metric", "FLIP"), "--shift and edges must be 0 with FLIP, "),
    ((*COMPARE, "--job", "."), "--job . cannot be read: a folder, not a regular file."),
    ((*COMPARE, "--metric", ""), "--metric is empty; give a value."),
    ((*COMPARE, "--preset", ""), "--preset is empty; give a value."),
    ((*BATCH, "--time-limit", "nan"), "Invalid value for '--time-limit': nan is no number."),
    ((*BATCH, "--memory-limit", "nan"), "Invalid value for '--memory-limit': nan is no number."),
    ((*PATCHES, "--reference-table", ""), "--reference-table is empty; give a value."),
    ((*PATCHES, "--sample-table", ""), "--sample-table is empty; give a value."),
    ((*PATCHES, "--illuminant", ""), "--illuminant is empty; give a value."),
    (
        (*CALIBRATE, "--chart", "ColorChecker24", "--corners", "1e308,1 2,-1e308 3,3 4,4"),
        "--corners must lie within the image.",
    ),
    ((*CALIBRATE, "--chart", "", "--corners", CORNERS), "--chart is empty; give a value."),
    ((*CALIBRATE, "--chart", ".", "--corners", CORNERS), "--chart . cannot be read (a folder, "),
    (("learn", "frames", "--output", "a.npz", "--job", "no"), "--job no cannot be read: "),
    (("patches", "t.txt", "far.txt"), "SAMPLE far.txt cannot be read as a CGATS table: a colour "
     "has a number beyond 1e+09, as none has."),
]  # fmt: skip


@pytest.mark.parametrize(("arguments", "sentence"), REFUSED, ids=lambda each: " ".join(each[-2:]))
def test_options(arguments: tuple[str, ...], sentence: str) -> None:
    assert_refused(run(*arguments), f"dde: {sentence}")


def test_what_a_job_says_is_called_as_the_job_does() -> None:
    Path("job.toml").write_text("[viewing]\npixels_per_degree = 2000\n")
    refused = run(*COMPARE, "--job", "job.toml")
    assert_refused(refused, "dde: --job job.toml: viewing must be from 1 to 1024 pixels a degree")


EMPTY: list[tuple[str, Callable[[], Any]]] = [
    ("reference", lambda: dde.inspect("", "a.png")),
    ("sample", lambda: dde.inspect("a.png", "")),
    ("job", lambda: dde.inspect("a.png", "a.png", job="")),
    ("job", lambda: read_job("")),
    ("image", lambda: dde.open_image("")),
    ("sample", lambda: dde.register("", "a.png")),
    ("sample 1", lambda: dde.learn_reference(["", "a.png"])),
    ("name_or_path", lambda: dde.load_model("")),
    ("path", lambda: dde.load_reference("")),
    ("path", lambda: dde.Camera.load("")),
    ("output", lambda: inspect_frames([], "")),
    ("reference", lambda: frames_in_folder("", "frames")),
    ("folder", lambda: frames_in_folder("a.png", "")),
    ("table", lambda: frames_of_pairs("")),
    ("table", lambda: read_table("")),
    ("sample", lambda: compare_patches("t.txt", "")),
]


@pytest.mark.parametrize(("name", "function"), EMPTY)
def test_empty_paths(name: str, function: Callable[[], Any]) -> None:
    with pytest.raises(ValueError, match=rf"^{name} is empty; give a path$"):
        function()


def test_a_reference_of_no_name() -> None:
    with pytest.raises(ValueError, match=r"^reference must be one of .* not ''$"):
        dde.fit_camera(np.full((24, 3), 0.5), "")


def test_a_table_of_no_name() -> None:
    with pytest.raises(ValueError, match="table is '', and must be one of 1"):
        read_table("t.txt", table="")
    Path("job.toml").write_text('metric = ""\n')
    with pytest.raises(ValueError, match="metric must be one of CIE76"):
        read_job("job.toml")


def test_a_degree_of_what_has_none() -> None:
    seen = np.random.default_rng(0).uniform(0.1, 0.9, (24, 3))
    xyz = seen @ [[0.4, 0.2, 0.0], [0.4, 0.7, 0.1], [0.2, 0.1, 0.9]]
    for degree in (2, 3, 0):
        with pytest.raises(ValueError, match=f"degree is of a root-polynomial.* not {degree}"):
            dde.fit_camera(seen, xyz, model="linear", space="XYZ", degree=degree)
    for degree in (None, 1):
        camera = dde.fit_camera(seen, xyz, model="linear", space="XYZ", degree=degree)
        assert camera.record["degree"] == 1
    assert dde.fit_camera(seen, xyz, space="XYZ").record["degree"] == 2


@pytest.mark.parametrize(
    "corners",
    [
        [(1e308, 1), (2, 1e308), (-1e308, 3), (4, -1e308)],
        [(1e308, 1), (2, -1e308), (3, 3), (4, 4)],
        [(0, 0), (10, 0), (0, 10), (10, 10)],  # of which the second pair is the wrong way round
        [(0, 0), (800, 0), (800, 500), (0, 500)],
        [(-9, 0), (40, 0), (40, 40), (-9, 40)],
    ],
)
@pytest.mark.filterwarnings("error")
def test_corners_far_away(corners: list[tuple[float, float]]) -> None:
    with pytest.raises(ValueError, match=r"^corners must lie within the image$"):
        read_chart(np.full((48, 48, 3), 0.5), corners)
