"""Names that strangers have given reach a terminal as they are read, and never as what it obeys."""

import csv
import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import Result, assert_refused, run

import dde
from dde.wording import in_a_line, visible

FORGED = "x\n\nverdict           pass\x1b[8m\x9b2J\u2028\u2029\u202e\u2066\x85.png"
SHOWN = r"x\n\nverdict           pass\x1b[8m\x9b2J\u2028\u2029\u202e\u2066\x85.png"
OBEYED = {"Cc", "Cf", "Zl", "Zp", "Cs"}

windows = pytest.mark.skipif(sys.platform == "win32", reason="no file can have such a name there")


def assert_harmless(result: Result) -> None:
    for letter in (result.output + result.error).replace("\n", ""):
        assert unicodedata.category(letter) not in OBEYED, ascii(letter)
    verdicts = [line for line in result.output.splitlines() if line.startswith("verdict")]
    assert verdicts in ([], ["verdict           fail"])


@pytest.fixture
def images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name, grey in (("a.png", 100), (f"frames/{FORGED}", 120), ("frames/b.png", 121)):
        path = Path(name)
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), grey, np.uint8)).save(path)
    return tmp_path


@windows
def test_a_summary(images: Path) -> None:
    result = run("compare", "a.png", f"frames/{FORGED}", "--tolerance", "1")
    assert result.status == 1
    assert f"sample            frames/{SHOWN}\n" in result.output
    assert_harmless(result)


@windows
def test_a_sentence(images: Path) -> None:
    for arguments in (
        ("compare", "a.png", f"no{FORGED}"),
        ("compare", "a.png", "a.png", "--job", f"no{FORGED}"),
        ("compare", "a.png", "a.png", "--metric", f"no{FORGED}"),
        ("patches", f"no{FORGED}", "a.png"),
        ("learn", f"no{FORGED}", "--output", "a.npz"),
        ("batch", "a.png", f"no{FORGED}", "--output", "out"),
    ):
        result = run(*arguments)
        assert_refused(result, f"no{SHOWN}")
        assert_harmless(result)


@windows
def test_what_is_learned(images: Path) -> None:
    Path("frames").rename(FORGED)
    result = run("learn", FORGED, "--output", "a.npz")
    assert result.output == f"a.npz: learned from 2 samples of {SHOWN}\n"


@windows
@pytest.mark.parametrize("readable", [True, False])
def test_the_account_of_a_batch(images: Path, readable: bool) -> None:
    Path("frames/\x1b[31m.\x1b[2J").touch()
    if not readable:
        Path("frames", FORGED).write_bytes(b"no image")
    arguments = ("a.png", "frames", "--output", "out", "--workers", "1", "--tolerance", "1")
    result = run("batch", *arguments)
    assert result.status == (1 if readable else 2)
    assert f"  {SHOWN}: " in result.output
    assert r"1 .\x1b[2j" in result.output
    assert_harmless(result)
    with open("out/summary.csv", newline="", encoding="utf-8") as file:
        assert {row["frame"] for row in csv.DictReader(file)} == {FORGED, "b.png"}


@windows
def test_what_programs_read_has_the_names_as_they_are(images: Path) -> None:
    sample = f"frames/{FORGED}"
    result = run("compare", "a.png", sample, "--json", "--report", "r.json", "--report", "r.html")
    assert json.loads(result.output)["sample"] == sample
    assert json.loads(Path("r.json").read_text())["record"]["sample"]["path"] == sample
    assert FORGED in Path("r.html").read_bytes().decode()


@pytest.mark.parametrize("control", ["\n", "\x1b", "\x7f", "\x85", "\x9b", "\0"])
def test_names_of_regions(images: Path, control: str) -> None:
    name = f"a{control}[8m"
    with pytest.raises(ValueError, match="has a control character"):
        dde.inspect("a.png", "a.png", regions={name: (0, 0, 2, 2)})
    Path("job.json").write_text(json.dumps({"regions": [{"name": name, "box": [0, 0, 2, 2]}]}))
    Path("job.toml").write_text(f"[[regions]]\nname = {json.dumps(name)}\nbox = [0, 0, 2, 2]\n")
    for job in ("job.json", "job.toml"):
        refused = run("compare", "a.png", "a.png", "--job", job)
        assert_refused(refused, f"{job}: the name {name!r} has a control character")
    refused = run("compare", "a.png", "a.png", "--region", f"{name}=0,0,2,2")
    assert_refused(refused, f"--region: the name {name!r} has a control character")


def test_names_of_regions_that_would_be_read_from_the_right(images: Path) -> None:
    result = run("compare", "a.png", "a.png", "--region", "\u202elogo=0,0,2,2", "--tolerance", "1")
    assert "\n\\u202elogo" in result.output
    assert "\u202e" not in result.output


def test_all_letters_are_left_as_they_are() -> None:
    for text in (
        "café Größe",
        "名前\u3000色",
        "نمونه\u200cها",
        "👩\u200d🎨",
        "\u00a0",
        "\ue000",
        "a\\n",
    ):
        assert visible(text) == text


def test_of_all_letters_none_is_obeyed() -> None:
    letters = map(chr, range(sys.maxunicode + 1))
    obeyed = [letter for letter in letters if unicodedata.category(letter) in OBEYED]
    shown = visible("".join(obeyed))
    assert {letter for letter in shown if unicodedata.category(letter) in OBEYED} == {
        "\u200c",
        "\u200d",
    }
    assert shown.encode("utf-8")
    assert shown.count("\\") == len(obeyed) - 2


def test_what_others_say_of_a_damaged_file() -> None:
    assert in_a_line(ValueError("bad\n\x1b[2J\u202eheader")) == r"bad \x1b[2J\u202eheader"
