"""`dde compare` and `dde patches` of two tables: a line for each patch, verdicts as of images."""

import csv
import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import colour
import numpy as np
import pytest
from running import Result, assert_refused, compare, run

import dde
from dde.inspection import DefectSearch, Job, Region
from dde.inspection.rules import rules_of
from dde.patches import PatchTable, compare_patches
from dde.registration.alignment import Alignment

NAMES = [f"A{number}" for number in range(1, 25)]
REFERENCE = np.random.default_rng(5).uniform([20, -60, -60], [90, 60, 60], (24, 3)).round(2)
SAMPLE = (REFERENCE + np.random.default_rng(6).normal(0, 1.5, (24, 3))).round(2)


def write(path: Path, names: list[str], lab: np.ndarray) -> Path:
    rows = [
        f"{number} {name} {L} {a} {b}"
        for number, (name, (L, a, b)) in enumerate(zip(names, lab, strict=True), start=1)
    ]
    path.write_text(
        "CGATS.17\n"
        'ORIGINATOR "somebody"\n'
        "NUMBER_OF_FIELDS 5\n"
        "BEGIN_DATA_FORMAT\n"
        "SAMPLE_ID SAMPLE_NAME LAB_L LAB_A LAB_B\n"
        "END_DATA_FORMAT\n"
        f"NUMBER_OF_SETS {len(rows)}\n"
        "BEGIN_DATA\n" + "\n".join(rows) + "\nEND_DATA\n"
    )
    return path


@pytest.fixture
def tables(tmp_path: Path) -> tuple[Path, Path]:
    reference = write(tmp_path / "reference.txt", NAMES, REFERENCE)
    return reference, write(tmp_path / "sample.txt", NAMES, SAMPLE)


def expected() -> np.ndarray:
    """ΔE, ΔL*, ΔC* and ΔH* of each patch, from LCh."""
    (L1, C1, h1), (L2, C2, h2) = (colour.models.Lab_to_LCHab(lab).T for lab in (REFERENCE, SAMPLE))
    turn = np.deg2rad(h2 - h1) / 2
    delta_h = 2 * np.sqrt(C1 * C2) * np.sin(turn)
    # sin of the half angle has the sign of the turn only if that is less than half a circle
    delta_h *= np.sign(np.cos(turn))
    return np.column_stack(
        [colour.difference.delta_E_CIE2000(REFERENCE, SAMPLE), L2 - L1, C2 - C1, delta_h]
    )


def test_every_patch_has_a_line(tables: tuple[Path, Path]) -> None:
    result = compare(*tables)
    assert (result.status, result.error) == (0, "")
    lines = result.output.splitlines()
    assert "patches           24" in lines
    start = next(place for place, line in enumerate(lines) if line.startswith("patch "))
    assert lines[start].split() == ["patch", "ΔE", "ΔL*", "ΔC*", "ΔH*"]
    rows = [line.split() for line in lines[start + 1 : start + 25]]
    assert [row[0] for row in rows] == NAMES
    np.testing.assert_allclose(np.float64([row[1:] for row in rows]), expected(), atol=0.0051)
    differences = expected()[:, 0]
    text = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines if "  " in line)
    assert float(text["mean"]) == pytest.approx(differences.mean(), abs=0.0051)
    value, place = re.split(r"\s{2,}", text["maximum"])
    assert float(value) == pytest.approx(differences.max(), abs=0.0051)
    assert place == f"at {NAMES[differences.argmax()]}"
    p95 = np.percentile(differences, 95, method="inverted_cdf")
    assert float(text["95th percentile"]) == pytest.approx(p95, abs=0.0091)


def test_json_lists_the_patches(tables: tuple[Path, Path]) -> None:
    found = json.loads(compare(*tables, "--json").output)
    assert found["metric"] == "CIEDE2000"
    assert found["count"] == 24
    assert found["passed"] is None
    assert [patch["name"] for patch in found["patches"]] == NAMES
    keys = ("delta_E", "delta_L", "delta_C", "delta_H")
    values = [[patch[key] for key in keys] for patch in found["patches"]]
    np.testing.assert_allclose(values, expected(), atol=1e-4)


def test_patches_are_matched_by_name(tables: tuple[Path, Path], tmp_path: Path) -> None:
    turned = write(tmp_path / "turned.txt", NAMES[::-1], SAMPLE[::-1])
    patches = [
        json.loads(compare(tables[0], path, "--json").output)["patches"]
        for path in (tables[1], turned)
    ]
    assert patches[0] == patches[1]


@pytest.mark.parametrize(
    ("rules", "status", "verdicts"),
    [
        (["2"], 1, True),
        (["50"], 0, True),
        (["max <= 2", "mean <= 9"], 1, True),
        (["mean <= 9"], 0, False),
        (["p95 <= 0.1"], 1, False),
    ],
)
def test_tolerances(
    tables: tuple[Path, Path], rules: list[str], status: int, verdicts: bool
) -> None:
    result = compare(*tables, *[part for rule in rules for part in ("--tolerance", rule)])
    assert (result.status, result.error) == (status, "")
    rows = [line.split() for line in result.output.splitlines() if line.startswith("A")]
    assert len(rows) == 24
    if verdicts:
        limit = float(rules[0].split()[-1])
        judged = ["pass" if value <= limit else "fail" for value in expected()[:, 0]]
        assert [row[5] for row in rows] == judged
    else:
        assert {len(row) for row in rows} == {5}
    assert "verdict           " + ("fail" if status else "pass") in result.output


@pytest.mark.parametrize(
    ("tolerances", "warnings", "limit"),
    [
        ("max <= 2", None, 2),
        ("max <= 5 and max <= 3 and p95 <= 1", None, 3),
        ("max >= 0.5", None, None),
        ("max >= 4 and max <= 50", None, 50),
        (None, "max <= 2", None),
        ("max <= 4", "max <= 2", 4),
    ],
)
def test_limit_of_a_patch(
    tables: tuple[Path, Path], tolerances: Any, warnings: Any, limit: float | None
) -> None:
    """Lower limits and warnings make no patch fail."""
    job = Job().with_tolerances(tolerances).with_warnings(warnings)
    assert compare_patches(*tables, job=job).limit == limit


def test_limit_of_patches_in_regions(tables: tuple[Path, Path]) -> None:
    first = Region("first", box=(0, 0, 5, 1), rules=rules_of("max <= 1", "rules"))
    job = Job(regions=(first,), rules=rules_of("max <= 99", "rules"))
    assert compare_patches(*tables, job=job).limit is None


def test_a_patch_at_its_limit_passes(tables: tuple[Path, Path]) -> None:
    differences = compare_patches(*tables).differences[:, 0]
    for shown in np.unique(differences):
        limit = float(np.format_float_positional(np.float32(shown)))  # which may be below it
        compared = compare_patches(*tables, job=Job().with_tolerances(f"max <= {limit}"))
        assert shown <= compared.limit


def test_reports(tables: tuple[Path, Path], tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    assert compare(*tables, "--tolerance", "2", "--report", report).status == 1
    found = json.loads(report.read_text())
    assert found["overall"]["count"] == 24
    assert found["record"]["sample"]["path"] == str(tables[1])
    page = tmp_path / "report.html"
    assert compare(*tables, "--tolerance", "2", "--report", page).status == 1
    assert "<title>Fail: sample.txt</title>" in page.read_text()


@pytest.mark.parametrize("names", [NAMES[:-1], [*NAMES, "A25"], ["B1", *NAMES[1:]]])
def test_tables_of_other_patches(
    tables: tuple[Path, Path], tmp_path: Path, names: list[str]
) -> None:
    lab = np.resize(SAMPLE, (len(names), 3))
    result = compare(tables[0], write(tmp_path / "other.txt", names, lab))
    assert result.status == 2
    assert result.output == ""
    assert re.fullmatch(r"dde: [^\n]+\n", result.error)
    odd = set(NAMES) ^ set(names)
    assert all(name in result.error for name in odd)


def test_a_table_and_an_image(tables: tuple[Path, Path]) -> None:
    image = Path(__file__).parents[1] / "examples" / "reference.jpg"
    for pair in ((tables[0], image), (image, tables[0])):
        result = compare(*pair)
        assert result.status == 2
        assert re.fullmatch(r"dde: [^\n]+\n", result.error)


def test_json_without_a_number_is_json() -> None:
    """As of colours in Python; those of files are refused."""
    names = tuple(f"{number}" for number in range(len(REFERENCE)))
    tables = PatchTable(names, REFERENCE), PatchTable(names, REFERENCE * 1e300)
    text = json.dumps(compare_patches(*tables).to_dict(), allow_nan=False)
    assert None in [patch["delta_E"] for patch in json.loads(text)["patches"]]


# ---- dde patches --------------------------------------------------------------------------


def patches(*arguments: object) -> Result:
    return run("patches", *arguments)


def test_the_table_is_that_of_compare(tables: tuple[Path, Path]) -> None:
    for options in ((), ("--tolerance", "2"), ("--metric", "cmc")):
        assert patches(*tables, *options) == compare(*tables, *options)


def test_components_are_printed_and_in_json(tables: tuple[Path, Path]) -> None:
    found = json.loads(patches(*tables, "--json").output)
    parts = dde.ciede2000(REFERENCE, SAMPLE, components=True)
    keys = ("weighted_L", "weighted_C", "weighted_H", "rotation")
    for key, part in zip(keys, parts[1:], strict=True):
        np.testing.assert_allclose([patch[key] for patch in found["patches"]], part, atol=1e-9)
    np.testing.assert_allclose([patch["sample_lab"] for patch in found["patches"]], SAMPLE)
    lines = patches(*tables, "--components").output.splitlines()
    start = next(place for place, line in enumerate(lines) if line.startswith("patch "))
    assert lines[start].split()[5:] == ["L", "C", "H", "R"]
    rows = np.float64([line.split()[5:] for line in lines[start + 1 : start + 25]])
    np.testing.assert_allclose(rows, np.transpose(parts[1:]), atol=0.0051)


@pytest.mark.parametrize("metric", ["HyAB", "deep"])
def test_a_metric_without_components(tables: tuple[Path, Path], metric: str) -> None:
    found = json.loads(patches(*tables, "--metric", metric, "--json", "--components").output)
    assert found["metric"] == metric
    assert "rotation" not in found["patches"][0]


def test_factors_of_a_preset_reach_the_components(
    tables: tuple[Path, Path], tmp_path: Path
) -> None:
    job = tmp_path / "job.toml"
    job.write_text('metric = "CIE94"\n[factors]\nkL = 2\nK1 = 0.048\nK2 = 0.014\n')
    found = json.loads(patches(*tables, "--json", "--job", job).output)["patches"]
    parts = dde.cie94(REFERENCE, SAMPLE, kL=2, K1=0.048, K2=0.014, components=True)
    np.testing.assert_allclose([patch["weighted_L"] for patch in found], parts.delta_L, atol=1e-9)
    np.testing.assert_allclose([patch["delta_E"] for patch in found], parts.delta_e, rtol=1e-5)


def test_reports_of_patches(tables: tuple[Path, Path], tmp_path: Path) -> None:
    kinds = ("json", "csv", "xml", "html")
    paths = {kind: tmp_path / f"report.{kind}" for kind in kinds}
    options = [part for path in paths.values() for part in ("--report", path)]
    result = patches(*tables, "--tolerance", "2", *options)
    assert (result.status, result.error) == (1, "")
    document = json.loads(paths["json"].read_text())
    assert document["passed"] is False
    assert document["limit"] == 2
    rows = list(csv.DictReader(paths["csv"].open(encoding="utf-8")))
    judged = ["yes" if value <= 2 else "no" for value in expected()[:, 0]]
    assert [row["patch"] for row in rows] == NAMES
    assert [row["passed"] for row in rows] == judged
    values = [[float(row[key]) for key in ("delta_E", "delta_L", "sample_L")] for row in rows]
    right = np.column_stack([expected()[:, :2], SAMPLE[:, 0]])
    np.testing.assert_allclose(values, right, atol=1e-4)
    found = ElementTree.parse(paths["xml"]).getroot().findall("patches/patch/name")
    assert [name.text for name in found] == NAMES
    page = paths["html"].read_text(encoding="utf-8")
    assert "<title>Fail: sample.txt</title>" in page
    assert page.count('class="swatch"') == 24
    assert page.count('<span class="state fail">fail</span>') == judged.count("no")
    assert "style=" not in page.replace("<style", "")


def test_a_page_of_an_odd_name_is_harmless(tmp_path: Path) -> None:
    odd = ['"<script>alert(1)</script>"', "=1+1"]
    pair = [write(tmp_path / f"{side}.txt", odd, REFERENCE[:2]) for side in ("a", "b")]
    reports = tmp_path / "r.html", tmp_path / "r.csv"
    options = [part for path in reports for part in ("--report", path)]
    assert patches(*pair, *options).status == 0
    assert "<script>alert" not in reports[0].read_text()
    assert "\n=1" not in reports[1].read_text()


def test_a_table_of_several_is_named(tables: tuple[Path, Path], tmp_path: Path) -> None:
    both = tmp_path / "both.txt"
    both.write_text(
        tables[0].read_text()
        + tables[1].read_text().replace("ORIGINATOR", 'DESCRIPTOR "the sample"\nORIGINATOR')
    )
    assert_refused(
        patches(both, tables[1]), "REFERENCE", "several tables of colours", "'the sample'"
    )
    options = ("--reference-table", "1", "--sample-table", "the sample", "--json")
    found = json.loads(patches(both, both, *options).output)
    values = [patch["delta_E"] for patch in found["patches"]]
    np.testing.assert_allclose(values, expected()[:, 0], atol=1e-4)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--illuminant", "D65"), ("REFERENCE", "no spectra")),
        (("--observer", "x"), ("--observer", "x")),
        (("--report", "r.pdf"), ("--report r.pdf must end in",)),
        (("--metric", "odd"), ("--metric odd is unknown", "siamese, or the file of a model")),
        (("--metric", "flip"), ("--metric flip is of pictures", "siamese, or the file of a model")),
        (("--sample-table", "7"), ("SAMPLE", "'7'")),
        (("--region", "a=0,0,1,1"), ("--region",)),
    ],
)
def test_bad_options(
    tables: tuple[Path, Path], options: tuple[str, ...], words: tuple[str, ...]
) -> None:
    assert_refused(patches(*tables, *options), *words)


def test_the_help_lists_what_is_accepted() -> None:
    help_of_patches = run("patches", "--help").output
    for what in ("FLIP", "regions", "defects"):
        assert what not in help_of_patches
    assert "FLIP" in run("compare", "--help").output


def test_a_report_takes_the_place_of_no_table(tables: tuple[Path, Path], tmp_path: Path) -> None:
    table = tables[0].rename(tmp_path / "reference.csv")
    assert_refused(patches(table, tables[1], "--report", table), "one of the files that are read")


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"shift": 1}, "a viewing, a tolerance of place or a metric of images"),
        ({"edges": 0.5}, "a viewing, a tolerance of place or a metric of images"),
        ({"viewing": 40.0}, "a viewing, a tolerance of place or a metric of images"),
        ({"metric": "FLIP", "viewing": 40.0}, "a viewing, a tolerance of place or a metric of"),
        ({"alignment": Alignment("translation")}, "an alignment"),
        ({"defects": DefectSearch(2.0)}, "a search for defects"),
    ],
)
def test_patches_beside_each_other_are_no_neighbours(
    tables: tuple[Path, Path], asked: dict[str, Any], words: str
) -> None:
    with pytest.raises(ValueError, match=f"job must be about single colours, and not have {words}"):
        compare_patches(*tables, job=Job(**asked))


def test_a_job_of_images_is_refused_for_tables(tables: tuple[Path, Path], tmp_path: Path) -> None:
    job = tmp_path / "job.toml"
    job.write_text("[tolerance]\nshift = 1\n")
    for command in ("patches", "compare"):
        assert_refused(run(command, *tables, "--job", job), "job must be about single colours")
