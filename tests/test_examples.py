"""The examples of an art print, and of a line that prints it: their jobs find the faults that were
put in, and nothing else."""

import re
import runpy
import shlex
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dde
from dde.command import main
from dde.inspection import Defect, Inspection, read_job

PRINT = Path(__file__).parents[1] / "examples" / "print"
LINE = PRINT.parent / "line"
CAMERA = PRINT.parent / "camera"
JOB = PRINT / "job.toml"


@pytest.fixture(scope="module")
def found() -> Inspection:
    return dde.inspect(PRINT / "reference.jpg", PRINT / "sample.jpg", job=JOB)


def is_at(defect: Defect, x: int, y: int) -> bool:
    inside = 0 <= x - defect.x < defect.width and 0 <= y - defect.y < defect.height
    return inside and max(defect.width, defect.height) <= 15


def test_the_sheet_fails_for_its_scratch_its_band_and_its_hickeys(found: Inspection) -> None:
    assert found.passed is False
    assert [reason.partition(" is ")[0] for reason in found.reasons] == [
        "paper: max",
        "ink zone 6: mean",
        "defects: count",
    ]


def test_the_scratch_is_where_it_was_made(found: Inspection) -> None:
    paper = found.regions[0].statistics
    assert 520 <= paper.maximum_x <= 610
    assert 668 <= paper.maximum_y <= 685


def test_the_two_hickeys_are_where_they_were_made(found: Inspection) -> None:
    assert found.defect_count == 2
    first, second = sorted(found.defects, key=lambda defect: defect.y)
    assert is_at(first, 420, 130)
    assert is_at(second, 300, 470)


def test_the_paper_is_yellower_by_less_than_is_allowed(found: Inspection) -> None:
    paper = found.regions[0].statistics
    assert 2 < paper.mean_delta_C < paper.mean + 1
    assert 2 < paper.mean < 2.5


def test_the_page_about_it_quotes_its_reasons(found: Inspection) -> None:
    page = (PRINT / "README.md").read_text()
    for reason in found.reasons:
        assert f"`{reason}`" in page


def test_the_approved_sheet_passes() -> None:
    found = dde.inspect(PRINT / "reference.jpg", PRINT / "reference.jpg", job=JOB)
    assert found.passed
    assert found.reasons == ()
    assert found.defects == ()


def test_the_command_says_fail(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = tmp_path / "report.html"
    images = [str(PRINT / name) for name in ("reference.jpg", "sample.jpg")]
    assert main(["compare", *images, "--job", str(JOB), "--report", str(report)]) == 1
    assert "ink zone 6: mean" in capsys.readouterr().out
    assert "ink zone 6" in report.read_text()


# ---- The line ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def line(tmp_path_factory: pytest.TempPathFactory) -> tuple[Any, Path]:
    """The example's program, and a folder of eight sheets to learn from and six frames."""
    sys.path.insert(0, str(LINE))
    try:
        import inspect_line
        import make_frames
    finally:
        sys.path.remove(str(LINE))
    folder = tmp_path_factory.mktemp("line")
    make_frames.make(folder, frames=6, faulty=4, learned=8)
    return inspect_line, folder


def test_the_line_finds_each_kind_of_fault_and_fails_no_good_frame(
    line: tuple[Any, Path],
) -> None:
    """One fault of each kind; and what the job needs its parts for, by what happens without."""
    program, folder = line
    job = read_job(LINE / "job.toml")
    reference = program.learned(folder, job)
    assert program.counted(reference, folder, job) == (0, 4, 2, 4)
    good = sorted({p.name for p in (folder / "frames").iterdir()} - faulty(folder))
    frame = folder / "frames" / good[0]
    assert dde.inspect(reference, frame, job=replace(job, alignment=None)).passed is False
    plain = program.with_limit(job, job.variation.limit)
    assert dde.inspect(folder / "good" / "0000.png", frame, job=plain).passed is False


def faulty(folder: Path) -> set[str]:
    return set(re.findall(r"^\d+\.png", (folder / "faults.csv").read_text(), re.MULTILINE))


def test_the_page_about_the_line_gives_its_figures_for_the_job(line: tuple[Any, Path]) -> None:
    page = (LINE / "README.md").read_text()
    assert "| the job | 0 of 48 | 12 of 12 |" in page
    for kind, sizes in line[0].SIZES.items():
        for size in sizes:
            assert f"| {kind} | {size} | " in page


@pytest.fixture
def calibrate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The command of the page, in a folder with the photograph developed."""
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(CAMERA / "develop.py"))
    page = (CAMERA / "README.md").read_text()
    (command,) = re.findall(r"^dde (calibrate .*)$", page, re.MULTILINE)
    return shlex.split(command)


def test_the_camera_of_a_real_photograph(
    calibrate: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The differences are those that the page states."""
    page = (CAMERA / "README.md").read_text()
    assert main(calibrate) == 0
    camera = dde.Camera.load("camera.json")
    before, after = np.mean(camera.record["differences_before"]), camera.record["mean"]
    left_out = camera.record["left_out_mean"]
    assert f"ΔE00 of {before:.1f}; with the camera by {after:.1f}, and by {left_out:.1f}" in page
    assert after < before / 5
    assert list(camera.record["not_used"]) == ["yellow", "white 9.5 (.05 D)"]
    assert "yellow is not used: clipped" in capsys.readouterr().out
    assert "Target, found, before" in Path("camera.html").read_text()
    assert main([*calibrate, "--model", "linear"]) == 0
    left_out = dde.Camera.load("camera.json").record["left_out_mean"]
    assert f"({left_out:.1f} with `--model linear`)" in page


def test_the_chart_in_a_real_photograph_is_found(calibrate: list[str]) -> None:
    at = calibrate.index("--corners")
    given = np.float64(calibrate[at + 1].replace(",", " ").split()).reshape(4, 2)
    assert main(calibrate[:at] + calibrate[at + 2 :]) == 0
    camera = dde.Camera.load("camera.json")
    assert np.abs(np.array(camera.record["chart"]["corners"]) - given).max() < 15
    assert camera.record["left_out_mean"] < 2.2
