"""The promise: docs/reference/jobs.md names every key of a job file, and its examples are jobs."""

import re
from pathlib import Path

import msgspec
import numpy as np
import pytest

import dde
from dde.inspection import read_job
from dde.inspection.job_file import _JobFile
from dde.inspection.rules import DEFECT_QUANTITIES, QUANTITIES, rules_of
from dde.metrics.table import NAMES
from dde.spaces.adaptation import CONE_RESPONSES

PAGE = (Path(__file__).parents[1] / "docs" / "reference" / "jobs.md").read_text()
EXAMPLES = re.findall(r"```(toml|json)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("suffix", "text"), EXAMPLES)
def test_every_example_is_a_job_that_inspects(suffix: str, text: str, tmp_path: Path) -> None:
    labels = np.ones((500, 600), np.uint8)
    labels[40:, :] = 2
    np.save(tmp_path / "labels.npy", labels)
    colours = np.random.default_rng(0).random((24, 3))
    dde.fit_camera(colours * 0.9, colours, space="XYZ").save(tmp_path / "camera.json")
    path = tmp_path / f"job.{suffix}"
    path.write_text(text)
    job = read_job(path, root=tmp_path)
    coarse = np.random.default_rng(1).uniform([20, -40, -40], [80, 40, 40], (50, 60, 3))
    image = np.kron(coarse, np.ones((10, 10, 1))).astype(np.float32)
    samples = [image, image]
    reference = dde.learn_reference(samples, space="Lab") if job.variation else image
    found = dde.inspect(reference, image, job=job, space="Lab")
    assert found.passed is True
    assert found.warnings == ()


def keys(struct: type[msgspec.Struct]) -> set[str]:
    """All keys of a table and the tables in it."""
    found = set()
    for field in msgspec.structs.fields(struct):
        found.add(field.name)
        for name, table in vars(__import__(struct.__module__, fromlist=["x"])).items():
            if name.startswith("_") and name in str(field.type) and isinstance(table, type):
                found |= keys(table)
    return found


def test_every_key_is_on_the_page_and_in_an_example() -> None:
    expected = keys(_JobFile)
    assert {"metric", "smallest_area", "polygon", "adaptation"} <= expected, "it goes into tables"
    for key in expected:
        assert f"`{key}`" in PAGE or f"`[{key}]`" in PAGE or f"`[[{key}]]`" in PAGE, key
        assert any(re.search(rf'(^|\n|\[|"){key}["\]]*( =|:|\n|\])', text) for _, text in EXAMPLES)


def test_every_quantity_and_name_is_on_the_page() -> None:
    plain = PAGE.replace("\\|", "|")
    for name in (*QUANTITIES, *DEFECT_QUANTITIES, "median", "share > 3"):
        assert f"`{name}`" in plain, name
    for name in (*NAMES, *CONE_RESPONSES):
        assert f'`"{name}"`' in PAGE, name


def test_every_rule_on_the_page_is_one() -> None:
    rules = re.findall(r'`"?([\w|.]+(?: > \d+)? [<>]= -?[\d.]+(?: %)?)"?`', PAGE)
    assert len(rules) > 5
    for rule in rules:
        if rule == "share > 3 <= 200 %":
            with pytest.raises(ValueError, match="nothing can break"):
                rules_of(rule, "rules")
        else:
            rules_of(rule, "rules")
