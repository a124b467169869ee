"""The promise: a record says what was inspected and by what; the same inputs give the same one."""

import hashlib
import json
import platform
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import dde
from dde import _core
from dde.inspection import Inspection, Region

JOB = """
metric = "CIE94"
factors = { kL = 2.0 }
rules = "mean <= 1"
[[regions]]
name = "logo"
box = [10, 10, 50, 40]
rules = ["p95 <= 2", "share > 3 <= 1 %"]
[[regions]]
name = "code"
labels = "labels.png"
ignore = true
[defects]
above = 6
[colour]
white = "D50"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    rng = np.random.default_rng(3)
    reference = rng.integers(0, 250, (120, 90, 3), dtype=np.uint8)
    Image.fromarray(reference).save(tmp_path / "reference.png")
    Image.fromarray(reference + np.uint8(4)).save(tmp_path / "sample.png")
    Image.fromarray(np.eye(120, 90, dtype=np.uint8)).save(tmp_path / "labels.png")
    (tmp_path / "job.toml").write_text(JOB)
    return tmp_path


def inspected(folder: Path) -> Inspection:
    return dde.inspect(
        folder / "reference.png", folder / "sample.png", job=folder / "job.toml", keep_map=True
    )


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def as_bytes(found: Inspection) -> bytes:
    """All that was found, but the time of it."""
    contents: dict[str, Any] = found.to_dict()
    del contents["record"]["time"]
    return json.dumps(contents, allow_nan=False).encode()


def test_the_same_inputs_give_the_same_bytes(folder: Path) -> None:
    expected = as_bytes(inspected(folder))
    assert as_bytes(inspected(folder)) == expected
    for threads in (1, 2):
        with dde.num_threads(threads):
            assert as_bytes(inspected(folder)) == expected


def test_large_arrays_give_the_same_bytes_on_any_threads() -> None:
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 250, (1500, 4000, 3), dtype=np.uint8)
    results = []
    for threads in (1, 2, 3):
        with dde.num_threads(threads):
            results.append(as_bytes(dde.inspect(reference, reference + np.uint8(3), defects=4)))
    assert results[0] == results[1] == results[2]


def test_files_are_named_with_their_hashes(folder: Path) -> None:
    record = inspected(folder).record
    for name in ("reference", "sample"):
        path = folder / f"{name}.png"
        assert record[name]["path"] == str(path)
        assert record[name]["sha256"] == sha256(path)
    assert record["job"] == {
        "path": str(folder / "job.toml"),
        "sha256": sha256(folder / "job.toml"),
    }
    labels = record["regions"][1]["labels"]
    assert labels == {"path": str(folder / "labels.png"), "sha256": sha256(folder / "labels.png")}


def test_what_was_asked_for_is_there(folder: Path) -> None:
    record = inspected(folder).record
    assert record["metric"] == {"name": "CIE94", "factors": {"kL": 2.0, "K1": 0.045, "K2": 0.015}}
    assert record["rules"] == ["mean <= 1"]
    logo, code = record["regions"]
    assert (logo["name"], logo["box"]) == ("logo", [10, 10, 50, 40])
    assert logo["rules"] == ["p95 <= 2", "share > 3 <= 1 %"]
    assert (code["name"], code["ignore"], code["value"]) == ("code", True, 1)
    assert record["defects"] == {"above": 6, "smallest_area": 1, "rules": [], "warnings": []}
    assert (record["colour"]["white"], record["colour"]["adaptation"]) == ("D50", "Bradford")
    assert record["colour"]["white_XYZ"] == pytest.approx([0.9643, 1, 0.8251], abs=1e-4)


def test_what_it_ran_on_is_there(folder: Path) -> None:
    record = inspected(folder).record
    assert record["versions"]["dde"] == dde.__version__
    assert record["versions"]["numpy"] == np.__version__
    assert record["machine"]["architecture"] == platform.machine()
    assert record["machine"]["instruction_set"] == _core.instruction_set
    time = datetime.fromisoformat(record["time"])
    assert time.utcoffset() == timedelta(0)
    assert abs(datetime.now(UTC) - time) < timedelta(days=1)


def test_a_model_is_named_by_the_hash_of_its_file() -> None:
    image = np.zeros((2, 2, 3), np.uint8)
    file = Path(dde.__file__).parent / "weights" / "siamese.safetensors"
    for metric in ("siamese", dde.load_model(file)):
        record = dde.inspect(image, image, metric=metric).record
        assert record["metric"] == {
            "name": "siamese",
            "factors": {},
            "model_sha256": sha256(file),
            "legacy_input": False,
        }


def test_arrays_are_described() -> None:
    image = np.zeros((2, 3, 3), np.uint16)
    mask = np.ones((2, 3), bool)
    regions = [Region("a", polygon=[(0, 0), (1, 0), (1, 1), (0, 1)]), Region("b", labels=mask)]
    found = dde.inspect(image, image, mask=mask, regions=regions[::-1], white=[0.9, 1, 0.8])
    record = json.loads(json.dumps(found.record))
    assert (record["reference"]["width"], record["reference"]["height"]) == (3, 2)
    assert record["reference"]["type"] == "uint16"
    assert record["mask"] == "array"
    assert record["regions"][0]["labels"] == "array"
    assert record["regions"][1]["polygon"] == [[0, 0], [1, 0], [1, 1], [0, 1]]
    assert record["colour"]["white"] == [0.9, 1, 0.8]
    assert record["job"] is None
