"""``dde compare`` as a judge: rules and jobs decide the exit status, reports tell why."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
import tifffile
from PIL import Image
from running import assert_refused, compare

import dde

JOB = """
metric = "CIE76"
rules = ["mean <= 1"]
[[regions]]
name = "logo"
box = [10, 5, 20, 10]
rules = ["p95 <= 2", "max <= 60"]
[[regions]]
name = "date"
box = [0, 25, 10, 5]
ignore = true
[defects]
above = 6
rules = ["count <= 0"]
"""


def as_json(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(compare(*arguments, "--json").output)
    return found


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Images of 40 x 30 pixels: equal but for a square in the logo and all of the date."""
    reference = np.full((30, 40, 3), 120, dtype=np.uint8)
    sample = reference.copy()
    sample[8:12, 15:20] = 180, 90, 90
    sample[25:30, 0:10] = 0
    paths = tmp_path / "reference.png", tmp_path / "sample.png"
    for path, pixels in zip(paths, (reference, sample), strict=True):
        Image.fromarray(pixels).save(path)
    return paths


@pytest.fixture
def job(tmp_path: Path) -> Path:
    path = tmp_path / "job.toml"
    path.write_text(JOB)
    return path


# ---- The verdict ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rules", "status"),
    [
        ([], 0),
        (["max <= 90"], 0),
        (["90"], 0),
        (["10"], 1),
        (["median <= 0.01"], 0),
        (["median ≤ 0.01", "max ≤ 10"], 1),
        (["max <= 10", "median <= 0.01"], 1),
        (["median <= 0.01 and max <= 10"], 1),
        (["share > 5 <= 6 %"], 0),
        (["share > 5 <= 5 %"], 1),
    ],
)
def test_rules_decide_the_exit_status(
    pair: tuple[Path, Path], rules: list[str], status: int
) -> None:
    options = [part for rule in rules for part in ("--tolerance", rule)]
    result = compare(*pair, *options)
    assert (result.status, result.error) == (status, "")
    assert as_json(*pair, *options)["passed"] is (None if not rules else status == 0)


def test_the_text_ends_with_the_verdict(pair: tuple[Path, Path]) -> None:
    largest = dde.delta_e_map(*(np.asarray(Image.open(path)) for path in pair)).max()
    lines = compare(*pair, "--tolerance", "max <= 10").output.splitlines()
    assert lines[-2:] == [
        "verdict           fail",
        f"  image: max is {largest:.2f}, above 10",
    ]
    assert compare(*pair, "--tolerance", "90").output.splitlines()[-1] == "verdict           pass"
    assert "verdict" not in compare(*pair).output


def test_a_job_judges_by_regions(pair: tuple[Path, Path], job: Path) -> None:
    result = compare(*pair, "--job", job)
    assert (result.status, result.error) == (1, "")
    lines = result.output.splitlines()
    assert "metric            CIE76" in lines
    assert "counted           1150 pixels" in lines
    assert any(re.fullmatch(r"logo( +\d+\.\d\d){3}   fail", line) for line in lines)
    assert any(re.fullmatch(r"elsewhere( +0\.00){3}   pass", line) for line in lines)
    found = as_json(*pair, "--job", job)
    assert found["metric"] == "CIE76"
    assert found["count"] == 1150
    assert found["defect_count"] == 1
    assert [reason.split(":")[0] for reason in found["reasons"]] == ["logo", "defects"]


def test_options_count_for_more_than_the_job(pair: tuple[Path, Path], job: Path) -> None:
    assert as_json(*pair, "--job", job, "--metric", "HyAB")["metric"] == "HyAB"
    job.write_text(JOB.replace("count <= 0", "count <= 1"))
    assert compare(*pair, "--job", job).status == 1
    assert compare(*pair, "--job", job, "--tolerance", "90").status == 0


# ---- Reports ----------------------------------------------------------------------------------


def test_reports_in_every_format(pair: tuple[Path, Path], job: Path, tmp_path: Path) -> None:
    paths = [tmp_path / f"report.{suffix}" for suffix in ("json", "csv", "xml", "html")]
    options = [part for path in paths for part in ("--report", path)]
    result = compare(*pair, "--job", job, *options)
    assert (result.status, result.error) == (1, "")
    assert result.output == compare(*pair, "--job", job).output
    found = json.loads(paths[0].read_text())
    assert found["passed"] is False
    with open(paths[1], newline="") as file:
        assert [row["region"] for row in csv.DictReader(file)] == ["logo", "elsewhere"]
    assert ElementTree.parse(paths[2]).findtext("passed") == "false"
    page = paths[3].read_text()
    assert "<title>Fail: sample.png</title>" in page
    assert page.count("data:image/") == 3


def test_the_record_says_what_was_compared(
    pair: tuple[Path, Path], job: Path, tmp_path: Path
) -> None:
    compare(*pair, "--job", job, "--report", tmp_path / "report.json")
    record = json.loads((tmp_path / "report.json").read_text())["record"]
    assert record["reference"]["path"] == str(pair[0])
    assert record["sample"]["path"] == str(pair[1])
    assert record["job"]["path"] == str(job)
    assert len(record["sample"]["sha256"]) == len(record["job"]["sha256"]) == 64
    assert record["metric"]["name"] == "CIE76"


# ---- How it fails -----------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report.pdf", "report.html.gz"])
def test_unknown_suffix(pair: tuple[Path, Path], tmp_path: Path, name: str) -> None:
    result = compare(*pair, "--report", tmp_path / name)
    assert_refused(result, "--report", name, ".json, .csv, .xml, .html")


def test_what_is_read_is_never_overwritten(
    pair: tuple[Path, Path], job: Path, tmp_path: Path
) -> None:
    link = tmp_path / "link.json"
    for target in (*pair, job):
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        before = target.read_bytes()
        result = compare(*pair, "--job", job, "--report", link)
        assert_refused(result, "--report", "link.json", "read")
        assert target.read_bytes() == before


@pytest.mark.parametrize("suffix", ["json", "csv", "xml", "html"])
def test_folder_that_is_missing(pair: tuple[Path, Path], tmp_path: Path, suffix: str) -> None:
    path = tmp_path / "no" / f"report.{suffix}"
    assert_refused(compare(*pair, "--report", path), "--report", str(path), "cannot be written")


def test_images_that_cannot_be_read_leave_the_older_report(
    pair: tuple[Path, Path], tmp_path: Path
) -> None:
    report = tmp_path / "report.json"
    report.write_text("older")
    pair[1].write_bytes(b"no image")
    assert_refused(compare(*pair, "--report", report), "sample", "sample.png")
    assert report.read_text() == "older"


@pytest.mark.parametrize("rule", ["p95 < 2", "p101 <= 2", "-1", "", "max <= many", "count <= 0"])
def test_what_is_no_rule(pair: tuple[Path, Path], rule: str) -> None:
    assert_refused(compare(*pair, "--tolerance", rule), "--tolerance", "rule")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("rules = [", []),
        ("rule = []", ["rule"]),
        (JOB.replace("[10, 5, 20, 10]", "[30, 5, 20, 10]"), ["logo", "inside"]),
        (JOB.replace("[10, 5, 20, 10]", "[10, 5, 0, 10]"), ["logo", "empty"]),
    ],
)
def test_a_job_that_cannot_be_done(
    pair: tuple[Path, Path], job: Path, text: str, words: list[str]
) -> None:
    job.write_text(text)
    assert_refused(compare(*pair, "--job", job), *words)


def test_a_job_that_is_missing(pair: tuple[Path, Path], tmp_path: Path) -> None:
    assert_refused(compare(*pair, "--job", tmp_path / "no.toml"), "no.toml", "cannot be read")


def test_a_job_says_what_floating_point_samples_are(tmp_path: Path) -> None:
    lab = np.full((2, 3, 3), [50, 10, -20.0])
    for name, colours in (("reference", lab), ("sample", lab + np.array([3.0, 0, 0]))):
        xyz = dde.lab_to_xyz(colours, "D50").astype(np.float32)
        tifffile.imwrite(tmp_path / f"{name}.tif", xyz, photometric="rgb")
    images = tmp_path / "reference.tif", tmp_path / "sample.tif"
    assert_refused(compare(*images), "reference.tif", "floating-point", "space", "[colour]")
    job = tmp_path / "job.toml"
    job.write_text('metric = "CIE76"\n[colour]\nspace = "XYZ"\nwhite = "D50"\n')
    found = as_json(*images, "--job", job)
    assert found["maximum"] == pytest.approx(3, abs=1e-4)
    assert found["mean_delta_L"] == pytest.approx(3, abs=1e-4)


def test_floats_outside_their_range(tmp_path: Path) -> None:
    """The command has no option to clip them."""
    for name, scale in (("reference", 1.0), ("sample", 255.0)):
        np.save(tmp_path / f"{name}.npy", np.full((2, 3, 3), scale))
    result = compare(tmp_path / "reference.npy", tmp_path / "sample.npy")
    assert_refused(result, f"sample {tmp_path / 'sample.npy'} is RGB", "must lie in [0, 1]")
    assert "clip" not in result.error


def test_regions_on_the_command_line(pair: tuple[Path, Path], job: Path) -> None:
    options = ("--job", job, "--region", "mark=15,8,5,4", "--tolerance", "2")
    result = compare(*pair, *options)
    assert result.status == 1
    assert any(re.fullmatch(r"mark( +\d+\.\d\d){3}   fail", x) for x in result.output.splitlines())
    assert "logo" not in result.output
    assert_refused(compare(*pair, "--region", "mark=15,8"), "--region", "mark=15,8")
    same = ("--region", "a=0,0,1,1", "--region", "a=1,1,1,1")
    assert_refused(compare(*pair, *same), "--region", "several regions")


def test_no_cell_of_a_report_is_a_formula(pair: tuple[Path, Path], tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    compare(*pair, "--region", "=1+1=0,0,5,5", "--report", report)
    with open(report, newline="") as file:
        assert [row["region"] for row in csv.DictReader(file)] == ["'=1+1", "elsewhere"]
