"""The example of an art print: its job finds the faults that were put in, and nothing else."""

from pathlib import Path

import pytest

import dde
from dde.command import main
from dde.inspection import Defect, Inspection

PRINT = Path(__file__).parents[1] / "examples" / "print"
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
