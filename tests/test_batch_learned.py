"""The promise: a learned reference is the reference of a batch as it is that of one inspection."""

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import assert_refused, run
from spatial import photographs

import dde
from dde.batch import Frame, frames_in_folder, frames_of_pairs, inspect_frames

PHOTOGRAPH = photographs()["noise"][0]
SHEET = PHOTOGRAPH[:60, :80]
JOB = """
rules = "max <= 1"
[variation]
limit = 12
factor = 5
"""


def noisy(seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(0, 2, SHEET.shape)
    return np.asarray((SHEET + noise).clip(0, 255), dtype=np.uint8)


@pytest.fixture
def line(tmp_path: Path) -> Path:
    """A folder with a job, what was learned from eight sheets, and three frames, one faulty."""
    (tmp_path / "job.toml").write_text(JOB)
    dde.learn_reference(noisy(seed) for seed in range(8)).save(tmp_path / "reference.npz")
    (tmp_path / "frames").mkdir()
    for seed in (20, 21, 22):
        frame = noisy(seed)
        if seed == 21:
            frame[30:36, 40:46] = 255, 0, 0
        Image.fromarray(frame).save(tmp_path / "frames" / f"{seed}.png")
    return tmp_path


def of(line: Path) -> list[Frame]:
    return frames_in_folder(line / "reference.npz", line / "frames")[0]


def test_frames_are_judged_as_one_by_one_and_not_again(line: Path) -> None:
    asked = {"job": line / "job.toml", "workers": 1, "reports": True}
    results = list(inspect_frames(of(line), line / "out", **asked))
    assert [result.verdict for result in results] == ["pass", "fail", "pass"]
    digest = dde.open_image(line / "frames" / "20.png").provenance["sha256"]
    for result in results:
        assert result.scale == "share of the limit"
        record = json.loads((line / "out" / "frames" / f"{result.frame.name}.json").read_text())
        alone = dde.inspect(line / "reference.npz", result.frame.sample, job=line / "job.toml")
        assert record["overall"] == json.loads(json.dumps(alone.overall.to_dict()))
        known = record["record"]["reference"]
        assert known["path"] == str(line / "reference.npz")
        assert len(known["sha256"]) == 64 and known["sha256"] != digest
        assert len(known["samples"]) == 8
        assert record["record"]["variation"]["factor"] == 5
    assert "Spread" in (line / "out" / "frames" / "21.png.html").read_text()
    (row, *_) = csv.DictReader((line / "out" / "summary.csv").open(newline=""))
    assert row["scale"] == "share of the limit"

    again = list(inspect_frames(of(line), line / "out", **asked))
    assert [result.resumed for result in again] == [True] * 3
    assert [replace(result, resumed=False) for result in again] == results

    dde.learn_reference(noisy(seed) for seed in range(9)).save(line / "reference.npz")
    anew = list(inspect_frames(of(line), line / "out", **asked))
    assert [result.resumed for result in anew] == [False] * 3, "it is another reference"


def test_a_table_may_name_learned_and_other_references(line: Path) -> None:
    Image.fromarray(SHEET).save(line / "plain.png")
    (line / "pairs.csv").write_text(
        "reference,sample\nreference.npz,frames/20.png\nplain.png,frames/20.png\n"
    )
    frames = frames_of_pairs(line / "pairs.csv")
    results = list(inspect_frames(frames, line / "out", workers=1))
    assert [result.scale for result in results] == ["share of the limit", "ΔE"]
    results = list(inspect_frames(frames, line / "out", job=line / "job.toml", workers=1))
    assert [result.verdict for result in results] == ["pass", "unreadable"]
    assert "variation needs a reference that dde.learn_reference made" in results[1].reasons


def test_a_learned_reference_is_not_overwritten(line: Path) -> None:
    (line / "out" / "frames").mkdir(parents=True)
    os.link(line / "reference.npz", line / "out" / "frames" / "20.png.json")
    with pytest.raises(ValueError, match="is one of the files that are read"):
        inspect_frames(of(line), line / "out")
    link = line / "report.json"
    link.symlink_to(line / "reference.npz")
    sample = line / "frames" / "20.png"
    done = run("compare", line / "reference.npz", sample, "--report", link)
    assert_refused(done, "is one of the files that are read")
    found = dde.inspect(line / "reference.npz", sample)
    with pytest.raises(ValueError, match="is one of the files that are read"):
        found.save(link)
    assert dde.load_reference(line / "reference.npz").provenance["method"] == "standard"


def test_the_command(line: Path) -> None:
    asked = ["--job", line / "job.toml", "--workers", "1", "--output", line / "out"]
    done = run("batch", line / "reference.npz", line / "frames", *asked)
    assert done.status == 1, done.error
    assert "21.png: image: max is" in done.output
    done = run("batch", line / "reference.npz", line / "frames", *asked)
    assert "finished before        3" in done.output


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda line: (line / "reference.npz").unlink(), "No such file"),
        (lambda line: (line / "reference.npz").write_bytes(b"PK\3\4"), "is no learned reference"),
        (
            lambda line: (line / "job.toml").write_text('[colour]\nwhite = "D50"\n'),
            "reference was learned under the white",
        ),
        (
            lambda line: (line / "job.toml").write_text('[colour]\nadaptation = "CAT16"\n'),
            "reference was learned under the adaptation Bradford, and the job's is CAT16",
        ),
    ],
)
def test_a_reference_that_does_not_fit_is_refused_at_once(
    line: Path, spoil: object, words: str
) -> None:
    assert callable(spoil)
    spoil(line)
    asked = ["--job", line / "job.toml", "--output", line / "out"]
    assert_refused(run("batch", line / "reference.npz", line / "frames", *asked), words)
    assert not (line / "out").exists()


def test_dde_learn_takes_colour_and_alignment_from_the_job(line: Path) -> None:
    (line / "job.toml").write_text(
        '[colour]\nwhite = "D50"\nadaptation = "CAT16"\n[alignment]\nmotion = "translation"\n'
    )
    for seed in (20, 21, 22):  # large enough to be laid on each other
        noise = np.random.default_rng(seed).normal(0, 2, PHOTOGRAPH.shape)
        frame = (PHOTOGRAPH + noise).clip(0, 255).astype(np.uint8)
        Image.fromarray(frame).save(line / "frames" / f"{seed}.png")
    learned = line / "d50.npz"
    done = run("learn", line / "frames", "--job", line / "job.toml", "--output", learned)
    assert done.status == 0, done.error
    known = dde.load_reference(learned).provenance
    assert known["white_XYZ"] == pytest.approx([0.96422, 1, 0.82510], abs=1e-4)
    assert (known["adaptation"], known["alignment"]["motion"]) == ("CAT16", "translation")
    found = dde.inspect(learned, line / "frames" / "20.png", job=line / "job.toml")
    assert found.overall.mean < 1


@pytest.mark.parametrize("content", [b"", b"\x93NUMPY nothing", b"{}"])
def test_what_is_no_learned_reference_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "reference.npz").write_bytes(content)
    with pytest.raises(dde.ImageFileError, match="is no learned reference"):
        dde.inspect(tmp_path / "reference.npz", SHEET)


@pytest.mark.parametrize(
    "change",
    [
        {"about": np.array("[]")},
        {"about": np.array('{"format": "another"}')},
        {"about": np.array("{")},
        {"mean": np.zeros((4, 5, 2), np.float32)},
        {"mean": np.zeros((0, 5, 3), np.float32)},
        {"spread": np.zeros((4, 6), np.float32)},
        {"spread": np.zeros((4, 5))},
        {"counts": np.zeros((4, 5), np.int64)},
        {"counts": np.array([object()], dtype=object)},
    ],
)
def test_changed_references_are_refused(tmp_path: Path, change: dict[str, np.ndarray]) -> None:
    arrays = {
        "mean": np.zeros((4, 5, 3), np.float32),
        "spread": np.zeros((4, 5), np.float32),
        "counts": np.full((4, 5), 3, np.int32),
        "about": np.array('{"format": "dde learned reference 1"}'),
    }
    np.savez(tmp_path / "reference.npz", **arrays)
    image = np.zeros((4, 5, 3), np.uint8)
    assert dde.inspect(tmp_path / "reference.npz", image).overall.maximum < 1e-6
    np.savez(tmp_path / "reference.npz", **{**arrays, **change})
    with pytest.raises(dde.ImageFileError, match="is no learned reference"):
        dde.inspect(tmp_path / "reference.npz", image)
    with pytest.raises(dde.ImageFileError, match="cannot be read: a folder"):
        (tmp_path / "folder.npz").mkdir()
        dde.inspect(tmp_path / "folder.npz", image)
