"""Nothing that is read is ever overwritten, and nothing is written twice."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import zarr
from PIL import Image
from running import Result, assert_refused, compare, run

import dde
from dde.batch import Frame, frames_of_pairs, inspect_frames

JOB = """
metric = "model.safetensors"
[[regions]]
name = "logo"
labels = "labels.png"
"""
WEIGHTS = Path(__file__).parents[1] / "src" / "dde" / "weights" / "deep.safetensors"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An image, a job with a label image and a model, and another model."""
    Image.fromarray(np.full((6, 6, 3), 99, dtype=np.uint8)).save(tmp_path / "image.png")
    Image.fromarray(np.eye(6, dtype=np.uint8)).save(tmp_path / "labels.png")
    for name in ("model.safetensors", "other.safetensors"):
        (tmp_path / name).write_bytes(WEIGHTS.read_bytes())
    (tmp_path / "job.toml").write_text(JOB)
    return tmp_path


READ = ("image.png", "labels.png", "job.toml", "model.safetensors", "other.safetensors")


@pytest.mark.parametrize(
    ("name", "link"),
    [
        *((name, link) for name in READ for link in ("symbolic", "hard")),
        *((name, None) for name in READ[:2]),
    ],
)
def test_a_report_in_the_place_of_what_is_read(folder: Path, name: str, link: str | None) -> None:
    given, target = folder / name, folder / "report.json"
    if link == "symbolic":
        target.symlink_to(given)
    elif link == "hard":
        os.link(given, target)
    else:
        target = given
    option = "--map" if link is None else "--report"
    before = given.read_bytes()
    images = folder / "image.png", folder / "image.png"
    options = ["--job", folder / "job.toml"]
    if name == "other.safetensors":
        options += ["--metric", folder / name]
    result = compare(*images, *options, option, target)
    assert_refused(result, option, target.name, "read")
    assert given.read_bytes() == before


def test_outputs_that_are_one_file(folder: Path) -> None:
    images = folder / "image.png", folder / "image.png"
    folder.joinpath("link.xml").symlink_to(folder / "report.json")
    for name in ("report.json", "./report.json", "REPORT.json", "link.xml"):
        pair = ["--report", folder / "report.json", "--report", f"{folder}/{name}"]
        assert_refused(compare(*images, *pair), "--report", "written already")
    assert not folder.joinpath("report.json").exists()


def test_standard_streams_that_are_outputs(folder: Path) -> None:
    image, report = folder / "image.png", folder / "report.json"
    before = image.read_bytes()
    command = [sys.executable, "-m", "dde", "compare", "image.png"]
    with image.open("rb") as file:
        arguments = [*command[:-1], "labels.png", "-", "--map", "image.png"]
        done = subprocess.run(arguments, stdin=file, cwd=folder, capture_output=True, text=True)
    assert_refused(Result(done.returncode, done.stdout, done.stderr), "--map", "read")
    assert image.read_bytes() == before
    with report.open("w") as file:
        arguments = [*command, "image.png", "--report", "report.json"]
        done = subprocess.run(arguments, stdout=file, stderr=-1, cwd=folder, text=True)
    assert_refused(Result(done.returncode, report.read_text(), done.stderr), "written already")


def test_a_name_that_ends_in_a_slash(folder: Path) -> None:
    for command, option, name in (
        ("compare", "--report", "m.json/"),
        ("compare", "--map", "m.png/"),
        ("compare", "--report", "./"),
        ("patches", "--report", "m.html/"),
    ):
        path = f"{folder}/{name}"
        result = run(command, folder / "image.png", folder / "image.png", option, path)
        sentence = f"dde: {option} {path} names a folder; give a file.\n"
        assert (result.status, result.error) == (2, sentence)
    assert not [*folder.glob("m.*")]


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("batch", "image.png", ".", "--output", ""), "--output"),
        (("batch", "image.png", "", "--output", "out"), "FOLDER"),
        (("batch", "", ".", "--output", "out"), "REFERENCE | PAIRS"),
        (("compare", "", "image.png", "--map", "map.png"), "REFERENCE"),
        (("compare", "image.png", "image.png", "--map", ""), "--map"),
        (("compare", "image.png", "image.png", "--job", ""), "--job"),
        (("patches", "image.png", ""), "SAMPLE"),
        (("learn", "", "--output", "l.npz"), "FOLDER"),
        (("calibrate", "", "--chart", "ColorChecker24", "--output", "c.json"), "CHART"),
    ],
)
def test_an_empty_path_is_not_the_current_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], name: str
) -> None:
    """It is what a shell makes of a variable that is not set."""
    monkeypatch.chdir(folder)
    before = sorted(folder.rglob("*"))
    assert_refused(run(*arguments), f"dde: {name} is empty; give a path.")
    assert sorted(folder.rglob("*")) == before


@pytest.mark.parametrize("kind", ["inspection", "camera", "reference"])
def test_what_is_saved_where_it_cannot_be(tmp_path: Path, kind: str) -> None:
    """An OSError with the path as it was given; nothing is left there."""
    grey = np.full((4, 5, 3), 100, np.uint8)
    save, suffix = {
        "inspection": (dde.inspect(grey, grey).save, ".json"),
        "camera": (dde.Camera.of("a", "linear", np.eye(3), np.ones(3), {}).save, ".json"),
        "reference": (dde.learn_reference([grey, grey]).save, ".npz"),
    }[kind]
    (tmp_path / f"folder{suffix}").mkdir()
    (tmp_path / "file").write_text("")
    (tmp_path / f"link{suffix}").symlink_to(f"none/a{suffix}")
    before = sorted(tmp_path.rglob("*"))
    names = ("folder", "none/a", "file/a", "link", "a" * 300, "/proc/a")
    for path in [*(str(tmp_path / f"{name}{suffix}") for name in names)]:
        with pytest.raises(OSError, match=re.escape(f"'{path}'")) as caught:
            save(path)
        assert caught.value.filename == path
    for path, reason in ((f"a\0{suffix}", "a NUL"), (f"\ud800{suffix}", "what is no text")):
        with pytest.raises(OSError, match=f"{reason} in its name"):
            save(path)
    with pytest.raises((OSError, ValueError), match=r"folder|must end in"):
        save(f"{tmp_path}/a{suffix}/")
    assert sorted(tmp_path.rglob("*")) == before


def test_a_report_within_an_array_that_is_read(tmp_path: Path) -> None:
    array = zarr.create_array(tmp_path / "a.zarr", shape=(4, 4, 3), chunks=(2, 4, 3), dtype="u1")
    array[:] = 7
    path = tmp_path / "a.zarr" / "zarr.json"
    before = path.read_bytes()
    result = compare(tmp_path / "a.zarr", tmp_path / "a.zarr", "--report", path)
    assert_refused(result, "--report", "read")
    assert path.read_bytes() == before


def batch(folder: Path, rows: str, table: str = "pairs.csv", output: str = "out") -> object:
    (folder / table).parent.mkdir(exist_ok=True)
    (folder / table).write_text("reference,sample\n" + rows)
    return run("batch", folder / table, "--output", folder / output, "--workers", 1)


def test_a_table_in_the_place_of_the_summary(folder: Path) -> None:
    result = batch(folder, "../image.png,../image.png\n", "out/summary.csv")
    assert_refused(result, "summary.csv", "read")
    assert folder.joinpath("out", "summary.csv").read_text().startswith("reference,sample")


def test_a_frame_in_the_place_of_a_record(folder: Path) -> None:
    records = folder / "out" / "frames"
    records.mkdir(parents=True)
    for kept in ("image.png.json", "image.png.html"):
        path = records / kept
        path.write_bytes((folder / "image.png").read_bytes())
        result = batch(folder, f"image.png,image.png\nimage.png,out/frames/{kept}\n")
        assert_refused(result, kept, "read")
        assert path.read_bytes() == (folder / "image.png").read_bytes()
        path.unlink()


def test_the_job_in_the_place_of_a_record(folder: Path) -> None:
    records = folder / "out" / "frames"
    records.mkdir(parents=True)
    records.joinpath("one.json").symlink_to(folder / "job.toml")
    frame = Frame("one", folder / "image.png", folder / "image.png")
    with pytest.raises(ValueError, match=r"one\.json is one of the files that are read"):
        inspect_frames([frame], folder / "out", job=folder / "job.toml")


def test_every_frame_has_a_record_of_its_own(folder: Path) -> None:
    names = ["a/x.png", "b/x.png", "c d/x.png-2", "d/X.PNG", "e/x.png-2", "f/x.png-3", "g/x.png"]
    for name in names:
        folder.joinpath(name).parent.mkdir()
        folder.joinpath(name).write_bytes((folder / "image.png").read_bytes())
    result = batch(folder, "".join(f"image.png,{name}\n" for name in names))
    assert result.status == 0
    found = [json.loads(path.read_text()) for path in folder.glob("out/frames/*.json")]
    assert Counter(Path(each["record"]["sample"]["path"]) for each in found) == Counter(
        folder / name for name in names
    )


def test_many_frames_of_one_name_are_named_in_no_time(folder: Path) -> None:
    table = folder / "pairs.csv"
    table.write_text("reference,sample\n" + "".join(f"a,{n}/x.png\n" for n in range(10_000)))
    assert len({frame.name for frame in frames_of_pairs(table)}) == 10_000


@pytest.mark.parametrize("link", ["symbolic", "hard", None])
@pytest.mark.parametrize("name", READ[:4])
def test_an_inspection_is_not_saved_in_the_place_of_what_it_read(
    folder: Path, name: str, link: str | None
) -> None:
    image, target = folder / "image.png", folder / name
    found = dde.inspect(image, image, job=folder / "job.toml")
    if link:
        target = folder / "report.json"
        target.symlink_to(folder / name) if link == "symbolic" else os.link(folder / name, target)
    before = target.read_bytes()
    with pytest.raises(ValueError, match=target.name):
        found.save(target)
    assert target.read_bytes() == before
    found.save(folder / "other.json")


def test_a_json_job_keeps_its_place(folder: Path) -> None:
    job = folder / "job.json"
    job.write_text('{"rules": "max <= 9"}')
    image = np.zeros((4, 4, 3), "u1")
    with pytest.raises(ValueError, match=r"path .*job\.json is one of the files that are read"):
        dde.inspect(image, image, job=job).save(job)


def test_pipes_and_devices_keep_their_place(folder: Path) -> None:
    image = np.zeros((4, 4, 3), "u1")
    found = dde.inspect(image, image)
    os.mkfifo(folder / "pipe.json")
    (folder / "null.json").symlink_to("/dev/null")
    for name, kind in [("pipe.json", "a pipe"), ("null.json", "a device")]:
        with pytest.raises(OSError, match=f"{kind}, not a regular file"):
            found.save(folder / name)
    with pytest.raises(TypeError, match=r"^path must be that of a file, not NoneType"):
        found.save(None)
