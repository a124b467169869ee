"""The promise: the command takes distance, displacement, alignment, FLIP and learned references."""

import json
import os
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import assert_refused, run
from spatial import photographs

import dde

REFERENCE, SAMPLE = photographs()["noise"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    for name, image in (("reference.png", REFERENCE), ("sample.png", SAMPLE)):
        Image.fromarray(image).save(tmp_path / name)
    return str(tmp_path / "reference.png"), str(tmp_path / "sample.png")


@pytest.mark.parametrize(
    ("options", "arguments"),
    [
        (["--viewing", "30"], {"viewing": 30}),
        (["--shift", "1"], {"shift": 1}),
        (["--metric", "flip"], {"metric": "FLIP"}),
        (["--align", "translation"], {"align": "translation"}),
    ],
)
def test_options_are_those_of_inspect(
    files: tuple[str, str], options: list[str], arguments: dict
) -> None:
    done = run("compare", *files, "--json", *options)
    assert done.status == 0, done.error
    assert json.loads(done.output)["mean"] == dde.inspect(*files, **arguments).overall.mean


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--viewing", "0"], "viewing must be from 1"),
        (["--viewing", "nan"], "viewing must be from 1"),
        (["--viewing", "far"], "'far' is not a valid float"),
        (["--shift", "-1"], "shift must be from 0 to 4"),
        (["--shift", "1.5"], "'1.5' is not a valid integer"),
        (["--metric", "FLIP", "--shift", "1"], "shift and edges must be 0 with FLIP"),
        (["--align", ""], "--align must be one of"),
        (["--shift", "7"], "shift must be from 0 to 4"),
        (["--align", "sideways"], "--align must be one of"),
    ],
)
def test_bad_options_are_one_sentence(
    files: tuple[str, str], options: list[str], words: str
) -> None:
    done = run("compare", *files, *options)
    assert_refused(done, words)


def test_figures_of_flip_are_from_0_to_1(files: tuple[str, str], tmp_path: Path) -> None:
    overall = dde.inspect(*files, metric="FLIP").overall
    done = run("compare", *files, "--metric", "FLIP", "--map", str(tmp_path / "map.png"))
    lines = {line[:16].strip(): line[16:].split() for line in done.output.splitlines()}
    assert lines["mean"] == [f"{overall.mean:.4f}"]
    assert lines["maximum"][0] == f"{overall.maximum:.4f}"
    assert lines["above 0.1"][0] == f"{100 * overall.share_above[0.1]:.2f}"
    assert "above 2" not in lines
    found = json.loads(run("compare", *files, "--metric", "FLIP", "--json").output)
    assert found["scale"] == "FLIP"
    assert found["share_above_0.2"] == overall.share_above[0.2]


def test_a_frame_that_cannot_be_aligned_has_no_verdict(
    tmp_path: Path, files: tuple[str, str]
) -> None:
    Image.fromarray(REFERENCE[::-1, ::-1]).save(tmp_path / "turned.png")
    done = run("compare", files[0], str(tmp_path / "turned.png"), "--align", "affine")
    assert_refused(done)


def test_learn_and_compare(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    (tmp_path / "good").mkdir()
    for n in range(5):
        noisy = REFERENCE + rng.normal(0, 2, REFERENCE.shape)
        Image.fromarray(noisy.clip(0, 255).astype(np.uint8)).save(tmp_path / "good" / f"{n}.png")
    learned = tmp_path / "reference.npz"
    done = run("learn", str(tmp_path / "good"), "--output", str(learned))
    assert done.status == 0, done.error
    assert "learned from 5 samples" in done.output
    faulty = REFERENCE.copy()
    faulty[50:60, 70:80] = 0
    Image.fromarray(faulty).save(tmp_path / "faulty.png")
    for name, status in (("good/1.png", 0), ("faulty.png", 1)):
        done = run("compare", str(learned), str(tmp_path / name), "--tolerance", "max <= 2")
        assert done.status == status, done.output + done.error
    done = run("learn", str(tmp_path), "--output", str(tmp_path / "one.npz"))
    assert done.status == 2 and "at least two good samples" in done.error


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ([], "--output"),
        (["--output", "reference.png"], "must end in .npz"),
        (["--output", "OUT/lost/reference.npz"], "cannot be written"),
        (["--output", "OUT/reference.npz", "--method", "mode"], "--method must be one of"),
        (["--output", "OUT/reference.npz", "--align", "up"], "--align must be one of"),
        (["--output", "OUT/reference.npz", "--job", "lost.toml"], "lost.toml cannot be read"),
    ],
)
def test_bad_options_of_learn_are_one_sentence(
    tmp_path: Path, options: list[str], words: str
) -> None:
    (tmp_path / "good").mkdir()
    for name in "ab":
        Image.fromarray(REFERENCE[:20, :30]).save(tmp_path / "good" / f"{name}.png")
    given = [option.replace("OUT", str(tmp_path)) for option in options]
    assert_refused(run("learn", str(tmp_path / "good"), *given), words)
    assert not (tmp_path / "reference.npz").exists()


def test_learn_refuses_what_is_no_folder_of_samples(tmp_path: Path) -> None:
    output = ["--output", str(tmp_path / "reference.npz")]
    words = f"FOLDER {tmp_path} must hold at least two good samples, not 0; files that end in .png"
    assert_refused(run("learn", str(tmp_path), *output), words)
    assert_refused(run("learn", str(tmp_path / "lost"), *output), "lost cannot be read")
    for name, size in (("a", 20), ("b", 25)):
        Image.fromarray(REFERENCE[:size, :30]).save(tmp_path / f"{name}.png")
    assert_refused(run("learn", str(tmp_path), *output), "the samples must be of one size")
    os.link(tmp_path / "a.png", tmp_path / "c.npz")
    done = run("learn", str(tmp_path), "--output", str(tmp_path / "c.npz"))
    assert_refused(done, "is one of the files that are read")


def test_flip_and_a_learned_reference_are_refused(tmp_path: Path) -> None:
    image = np.full((40, 50, 3), 128, np.uint8)
    learned, sample = tmp_path / "learned.npz", tmp_path / "sample.png"
    dde.learn_reference([image, image + 1]).save(learned)
    Image.fromarray(image).save(sample)
    job = tmp_path / "job.toml"
    words = "metric must not be FLIP with a learned reference"
    assert_refused(run("compare", learned, sample, "--metric", "FLIP"), words)
    job.write_text('metric = "FLIP"')
    assert_refused(run("compare", learned, sample, "--job", str(job)), words)
    asked = ["--job", str(job), "--output", str(tmp_path / "out")]
    assert_refused(run("batch", learned, tmp_path, *asked), words)
    job.write_text('metric = "FLIP"\n[variation]\nlimit = 0.1\n')
    assert_refused(run("compare", learned, sample, "--job", str(job)), words)
