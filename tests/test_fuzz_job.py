"""The promise: whatever is in a job file, it is read, or refused by one clear sentence.

DDE_FUZZ in the environment says how many examples are tried of each.
"""

import copy
import json
import os
import tomllib
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dde.command import main
from dde.errors import JobFileError
from dde.inspection import Job
from dde.inspection.job_file import read_job

SIDE = 24
VALID_TOML = """
metric = "CIEDE2000"
factors = { kL = 1.0 }
rules = ["mean <= 1.0", "share > 3 <= 1 %"]
regions = [
    { name = "logo", box = [1, 2, 10, 8], rules = ["p95 <= 2.0 and max <= 6.0"] },
    { name = "seal", polygon = [[12, 12], [20.5, 12], [12, 20]], rules = 5 },
    { name = "code", labels = "labels.npy", value = 3 },
    { name = "date", box = [0, 20, 4, 4], ignore = true },
]
defects = { above = 6.0, smallest_area = 4, rules = ["count <= 0", "area <= 50"] }
colour = { white = "D50", adaptation = "Bradford" }
"""
VALID = tomllib.loads(VALID_TOML)

WORDS = (
    "",
    "D65",
    "cmc",
    "mean <= 1",
    "p95 <= 1e999",
    "share > 1 <= 200 %",
    "count <= 1",
    "labels.npy",
    "reference.png",
    "no such file",
    "..",
    "elsewhere",
    "a\0b",
    "\ud800",
)
NUMBERS = (0, -1, 3, 2**31, 2**63, 10**400, 0.5, -0.0, 1e308, float("inf"), float("nan"))
LEAVES = st.sampled_from([*WORDS, *NUMBERS, None, True, [], {}]) | st.text(max_size=8)
KEYS = st.sampled_from(
    "metric factors rules regions defects colour name box polygon labels value ignore above "
    "smallest_area white adaptation kL".split()
)
THINGS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4)
)


def places(thing: Any) -> list[tuple[Any, Any]]:
    """Everything in a structure, as what holds it and under which key."""
    if not isinstance(thing, (dict, list)):
        return []
    inner = list(thing.items() if isinstance(thing, dict) else enumerate(thing))
    own = [(thing, key) for key, _ in inner]
    return own + [place for _, value in inner for place in places(value)]


@st.composite
def mutated_jobs(draw: st.DrawFn) -> dict[str, Any]:
    """A valid job in which up to three things were taken out, put elsewhere, or replaced."""
    job = copy.deepcopy(VALID)
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(job)))
        if draw(st.booleans()):
            holder[key] = draw(THINGS)
        elif draw(st.booleans()):
            del holder[key]
        else:
            other, other_key = draw(st.sampled_from(places(job)))
            holder[key] = copy.deepcopy(other[other_key])
    return job


@st.composite
def mutated_bytes(draw: st.DrawFn) -> bytes:
    """A job file of which some bytes were overwritten, taken out or written twice."""
    content = bytearray(VALID_TOML.encode())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        length = draw(st.integers(0, 40))
        content[start : start + length] = draw(
            st.sampled_from([b"", b"[[", b"]", b'"', b"\n", b"-", b"e9", b"\xff", b"\0", b"= {"])
            | st.just(bytes(content[start : start + 2 * length]))
        )
    return bytes(content)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("jobs")
    labels = np.zeros((SIDE, SIDE), dtype=np.uint8)
    labels[10:, 5:9] = 3
    np.save(folder / "labels.npy", labels)
    for name, grey in (("reference", 100), ("sample", 104)):
        Image.new("RGB", (SIDE, SIDE), (grey, grey, 120)).save(folder / f"{name}.png")
    return folder


def check(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The file is a job or a clean error, to the library and to the command."""
    try:
        assert isinstance(read_job(path), Job)
    except JobFileError as error:
        assert str(error).startswith(str(path))
        assert "\n" not in str(error)
    images = [str(path.parent / name) for name in ("reference.png", "sample.png")]
    status = main(["compare", *images, "--job", str(path)])
    printed = capsys.readouterr()
    assert status in (0, 1, 2)
    if status == 2:
        assert printed.err.startswith("dde: ")
        assert printed.err.count("\n") == 1
        assert printed.out == ""
    else:
        assert printed.err == ""


fuzzed = settings(
    derandomize=True,
    max_examples=int(os.environ.get("DDE_FUZZ", "250")),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def test_the_job_that_is_mutated_is_valid(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "job.json").write_text(json.dumps(VALID))
    assert len(read_job(folder / "job.json").regions) == 4
    images = [str(folder / name) for name in ("reference.png", "sample.png")]
    assert main(["compare", *images, "--job", str(folder / "job.json")]) == 1
    assert capsys.readouterr().err == ""


@fuzzed
@given(job=mutated_jobs() | THINGS)
def test_any_structure(job: Any, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "job.json").write_text(json.dumps(job))
    check(folder / "job.json", capsys)


@fuzzed
@given(content=mutated_bytes())
def test_any_damage(content: bytes, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "job.toml").write_bytes(content)
    check(folder / "job.toml", capsys)
