"""The promise: a job file says what is inspected and how, or is refused by one clear sentence."""

import hashlib
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

import dde
from dde.errors import JobFileError
from dde.inspection import DefectSearch, Job, Region, Rule
from dde.inspection.job_file import read_job

WHOLE = """
metric = "cmc"
factors = { l = 1.0 }
rules = ["mean <= 1.0"]

[[regions]]
name = "logo"
box = [120, 80, 300, 200]
rules = ["p95 <= 2.0", "max <= 6.0"]

[[regions]]
name = "seal"
polygon = [[10, 10], [20.5, 10], [10, 20]]
rules = 5

[[regions]]
name = "code"
labels = "labels.png"
value = 3

[[regions]]
name = "best-before date"
box = [0, 0, 9, 9]
ignore = true

[defects]
above = 6.0
smallest_area = 4
rules = "count <= 0 and area <= 50"

[colour]
white = "D50"
adaptation = "CAT16"
space = "XYZ"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    Image.fromarray(np.full((4, 4), 3, np.uint8)).save(tmp_path / "labels.png")
    return tmp_path


def written(folder: Path, text: str, name: str = "job.toml") -> Path:
    path = folder / name
    path.write_text(text)
    return path


def test_all_that_a_file_can_say(folder: Path) -> None:
    job = read_job(written(folder, WHOLE))
    assert (job.metric, job.factors) == ("cmc", {"l": 1.0})
    assert job.rules == (Rule("mean", 1.0),)
    logo, seal, code, date = job.regions
    rules = (Rule("p95", 2.0), Rule("max", 6.0))
    assert logo == Region("logo", box=(120, 80, 300, 200), rules=rules)
    assert seal.polygon == [(10, 10), (20.5, 10), (10, 20)]
    assert seal.rules == (Rule("max", 5.0),)
    assert (code.value, code.labels.tolist()) == (3, [[3] * 4] * 4)
    digest = hashlib.sha256((folder / "labels.png").read_bytes()).hexdigest()
    assert code.file == {"path": str(folder / "labels.png"), "sha256": digest}
    assert (date.name, date.ignore) == ("best-before date", True)
    assert job.defects == DefectSearch(6.0, 4, (Rule("count", 0), Rule("area", 50)))
    assert (job.white, job.adaptation, job.space.name) == ("D50", "CAT16", "XYZ")


def test_json_says_the_same(folder: Path) -> None:
    toml = read_job(written(folder, WHOLE))
    as_json = read_job(written(folder, json.dumps(tomllib.loads(WHOLE)), "job.json"))
    for name in ("metric", "factors", "rules", "defects", "white", "adaptation", "space"):
        assert getattr(as_json, name) == getattr(toml, name)
    names = ("name", "box", "polygon", "value", "ignore", "rules", "file")
    for one, other in zip(as_json.regions, toml.regions, strict=True):
        assert all(getattr(one, name) == getattr(other, name) for name in names)


def test_an_empty_file_is_the_default_job(folder: Path) -> None:
    path = written(folder, "")
    file = {"path": str(path), "sha256": hashlib.sha256(b"").hexdigest()}
    assert read_job(path) == Job(file=file, files=(str(path),))


def test_a_white_can_be_numbers(folder: Path) -> None:
    assert read_job(written(folder, "colour.white = [0.9, 1, 0.8]")).white == (0.9, 1, 0.8)


def test_a_model_is_found_beside_the_job_file(folder: Path) -> None:
    shipped = Path(dde.__file__).parent / "weights" / "siamese.safetensors"
    (folder / "own.safetensors").write_bytes(shipped.read_bytes())
    job = read_job(written(folder, 'metric = "own.safetensors"'))
    assert isinstance(job.metric, dde.Model)


A = '[[regions]]\nname = "a"\n'


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("metric = ", "Invalid value"),
        ("metric = 5", "Expected `str`, got `int` - at `metric`"),
        ('metric = "CIE2000"', "metric must be one of CIE76"),
        ("factors = { l = 2 }", "l is no factor of CIEDE2000"),
        ("factors = { kL = nan }", "kL must be a positive, finite number"),
        ("limits = 5", "Table contains unknown field `limits`"),
        ('rules = ["q95 <= 2"]', "rules: 'q95 <= 2' is no rule"),
        ("rules = [true]", "Expected `float | str`, got `bool` - at `rules[0]`"),
        ("rules = inf", "rules must be a difference of at least 0"),
        ("[[regions]]\nbox = [0, 0, 1, 1]", "missing required field `name` - at `regions[0]`"),
        (A, "region 'a' must have one of box, polygon and labels"),
        (A + "box = [0, 0, 1]", "Expected `array` of length 4, got 3 - at `regions[0].box`"),
        (A + "box = [0, 0, 1.5, 1]", "Expected `int`, got `float` - at `regions[0].box[2]`"),
        (A + "polygon = [[0, 0], [1, 1]]", "length >= 3 - at `regions[0].polygon`"),
        (
            A + "polygon = [[0, 0], [1, 1], [nan, 2]]",
            "'a': its coordinates must be numbers from",
        ),
        (A + 'labels = "none.png"', "none.png does not exist"),
        ('[[regions]]\nname = "elsewhere"\nbox = [0, 0, 1, 1]', "a region's name must be"),
        (A + 'box = [0, 0, 1, 1]\nrules = "count <= 0"', "rules of region 'a': 'count <= 0'"),
        (2 * (A + "box = [0, 0, 1, 1]\n"), "several regions of the name 'a'"),
        ("[defects]\nsmallest_area = 4", "missing required field `above` - at `defects`"),
        ("[defects]\nabove = -1", "defects: above must be a difference of at least 0"),
        ("[defects]\nabove = 1\nsmallest_area = 0", "smallest_area must be at least 1 pixel"),
        ('[defects]\nabove = 1\nrules = "max <= 6"', "defects.rules: 'max <= 6' is no rule"),
        ("[defects]\nabove = 1\nrules = 6", "defects.rules: 'max <= 6.0' is no rule"),
        ('[defects]\nabove = 1\nwarnings = "q <= 6"', "defects.warnings: 'q <= 6' is no rule"),
        ('warnings = "q <= 6"', "warnings: 'q <= 6' is no rule"),
        (
            A + 'box = [0, 0, 1, 1]\nignore = true\nrules = "max <= 6"',
            "region 'a' is ignored, so its rules would judge nothing",
        ),
        (
            A + "box = [0, 0, 1, 1]\nignore = true\nwarnings = 6",
            "region 'a' is ignored, so its rules would judge nothing",
        ),
        ('[colour]\nwhite = "D60"', "white must be one of A, B"),
        ("[colour]\nwhite = [1, 1, -1]", "white must be a name or three positive numbers"),
        ('[colour]\nspace = "RGB"', "space must be one of sRGB, "),
        ('[colour]\nadaptation = "von Kries"', "adaptation must be one of Bradford, CAT02, CAT16"),
    ],
)
def test_what_is_wrong_is_named_with_the_file(text: str, complaint: str, folder: Path) -> None:
    path = written(folder, text)
    with pytest.raises(JobFileError) as refusal:
        read_job(path)
    assert str(refusal.value).startswith(f"{path}: ")
    assert complaint in str(refusal.value)
    assert "\n" not in str(refusal.value)


@pytest.mark.parametrize("text", ['{"rules": [', '{"rules": [NaN]}', "[]", "[" * 100_000])
def test_json_that_is_none_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(JobFileError, match=r"job\.json: "):
        read_job(written(folder, text, "job.json"))


@pytest.mark.parametrize(
    "text",
    [
        '{"rules": "max <= 1", "rules": "max <= 100"}',
        '{"rules": "max <= 1", "r\\u0075les": "max <= 100"}',
    ],
)
def test_a_key_given_twice_is_refused(text: str, folder: Path) -> None:
    with pytest.raises(JobFileError, match=r"job\.json: the key 'rules' is given twice"):
        read_job(written(folder, text, "job.json"))


def test_a_file_that_cannot_be_read_is_named(folder: Path) -> None:
    with pytest.raises(JobFileError, match=r"missing\.toml cannot be read: No such file"):
        read_job(folder / "missing.toml")
    with pytest.raises(JobFileError, match="cannot be read"):
        read_job(folder)
    (folder / "latin.toml").write_bytes(b'metric = "\xe9"')
    with pytest.raises(JobFileError, match=r"latin\.toml: it is no text in UTF-8"):
        read_job(folder / "latin.toml")
    (folder / "lost.toml").write_text('[camera]\nfile = "lost.json"')
    with pytest.raises(JobFileError, match=r"lost\.toml: \S+lost\.json cannot be read \(No such"):
        read_job(folder / "lost.toml")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("pipe", "a pipe, not a regular file"),
        ("/dev/zero", "a device, not a regular file"),
        ("large.toml", "it is larger than 16 MB"),
        ("a\0.toml", "a NUL in its name"),
        ("\ud800.toml", "what is no text in its name"),
    ],
)
def test_only_regular_files_of_a_sensible_size_are_read(
    name: str, reason: str, folder: Path
) -> None:
    os.mkfifo(folder / "pipe")
    with open(folder / "large.toml", "wb") as large:
        large.truncate(1 << 32)
    with pytest.raises(JobFileError, match=f"cannot be read: {reason}"):
        read_job(folder / name)


KEYS = st.sampled_from("metric rules regions name box polygon labels defects above white".split())
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    content=st.binary(max_size=200)
    | st.dictionaries(KEYS, VALUES).map(lambda d: json.dumps(d).encode())
)
def test_whatever_is_in_it_only_clean_errors_come_out(content: bytes, folder: Path) -> None:
    for name in ("any.toml", "any.json"):
        (folder / name).write_bytes(content)
        try:
            job = read_job(folder / name)
        except JobFileError as error:
            assert str(error).startswith(str(folder / name))
        else:
            assert isinstance(job, Job)


LOGO = Region("logo", box=(0, 0, 1, 1), rules=(Rule("p99", 9),))
PLAIN = Region("plain", box=(1, 0, 1, 1))
HOLE = Region("hole", box=(2, 0, 1, 1), ignore=True)


def texts(job: Job, kind: Any = "rules") -> list[list[str]]:
    """The rules of each region that is judged, and of what none covers."""
    return [list(map(str, rules)) for rules in job.by_region(kind)]


def test_rules_of_the_job_hold_wherever_a_region_has_none_of_its_own(folder: Path) -> None:
    job = read_job(
        written(
            folder,
            """rules = ["mean <= 1"]
warnings = "p95 <= 2"
[[regions]]
name = "logo"
box = [0, 0, 1, 1]
rules = "p99 <= 9"
[[regions]]
name = "plain"
box = [1, 0, 1, 1]
warnings = 3
[[regions]]
name = "unjudged"
box = [2, 0, 1, 1]
rules = []
""",
        )
    )
    assert texts(job) == [["p99 <= 9"], ["mean <= 1"], [], ["mean <= 1"]]
    assert texts(job, "warnings") == [["p95 <= 2"], ["max <= 3"], ["p95 <= 2"], ["p95 <= 2"]]


@pytest.mark.parametrize(
    ("tolerances", "in_logo", "in_plain", "elsewhere"),
    [
        ("max <= 6", ["max <= 6"], ["max <= 6"], ["max <= 6"]),
        ({"logo": 3}, ["max <= 3"], ["mean <= 1"], ["mean <= 1"]),
        ({"elsewhere": ["p95 <= 2", 5]}, ["p99 <= 9"], ["mean <= 1"], ["p95 <= 2", "max <= 5"]),
        ({"logo": None}, [], ["mean <= 1"], ["mean <= 1"]),
        ({}, ["p99 <= 9"], ["mean <= 1"], ["mean <= 1"]),
    ],
)
def test_tolerances_take_the_place_of_rules(
    tolerances: Any, in_logo: list[str], in_plain: list[str], elsewhere: list[str]
) -> None:
    job = Job(regions=(LOGO, PLAIN, HOLE), rules=(Rule("mean", 1),)).with_tolerances(tolerances)
    assert texts(job) == [in_logo, in_plain, elsewhere]


def test_rules_of_a_job_mean_what_tolerances_mean() -> None:
    regions = (PLAIN, HOLE)
    of_the_job = Job(regions=regions, rules=(Rule("mean", 1),))
    assert texts(of_the_job) == texts(Job(regions=regions).with_tolerances("mean <= 1"))


def test_warnings_are_given_as_tolerances_are() -> None:
    job = Job(regions=(LOGO, PLAIN), rules=(Rule("mean", 1),)).with_warnings({"plain": 2})
    assert texts(job) == [["p99 <= 9"], ["mean <= 1"], ["mean <= 1"]]
    assert texts(job, "warnings") == [[], ["max <= 2"], []]
    with pytest.raises(ValueError, match=r"^warnings name the region 'x', and those"):
        job.with_warnings({"x": 2})


def test_tolerances_for_a_region_that_is_not_there_are_refused() -> None:
    with pytest.raises(ValueError, match=r"region 'logo', and those that are judged are 'image'$"):
        Job(regions=(HOLE,)).with_tolerances({"logo": 1})


def test_names_are_taken_in_any_case_and_kept_as_they_are_written() -> None:
    job = Job(white="d50/10", adaptation="BRADFORD", space="srgb")
    assert (job.white, job.adaptation, job.space.name) == ("D50/10", "Bradford", "sRGB")


def test_regions_with_arrays_can_be_compared() -> None:
    labels = np.eye(3, dtype=bool)
    assert Region("a", labels=labels) == Region("a", labels=labels.copy())
    assert Region("a", labels=labels) != Region("a", labels=~labels)
    assert Region("a", labels=labels) != Region("a", box=(0, 0, 1, 1))
    assert Job(regions=(Region("a", labels=labels),)) == Job(regions=(Region("a", labels=labels),))


# ---- Whose files ---------------------------------------------------------------------------


def test_a_root_is_where_all_files_that_a_job_names_must_lie(folder: Path) -> None:
    model = Path(dde.__file__).parent / "weights" / "siamese.safetensors"
    inside = folder / "jobs"
    inside.mkdir()
    (inside / "own.safetensors").write_bytes(model.read_bytes())
    (inside / "labels.png").write_bytes((folder / "labels.png").read_bytes())
    job = 'metric = "own.safetensors"\n[[regions]]\nname = "a"\nlabels = "labels.png"'
    assert read_job(written(inside, job), root=inside).regions[0].value == 1
    (inside / "link.png").symlink_to(folder / "labels.png")
    for name in ("../labels.png", str(folder / "labels.png"), "link.png", "../none.png"):
        path = written(inside, A + f'labels = "{name}"')
        with pytest.raises(JobFileError, match=r"does not lie in the folder"):
            read_job(path, root=str(inside))
    path = written(inside, f'metric = "{model}"')
    with pytest.raises(JobFileError, match=r"does not lie in the folder"):
        read_job(path, root=inside)
    assert isinstance(read_job(path).metric, dde.Model)


def test_a_metric_by_name_needs_no_file(folder: Path) -> None:
    assert read_job(written(folder, 'metric = "deep"'), root=folder).metric == "deep"
