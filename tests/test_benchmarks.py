"""What the benchmarks found is compared, and drawn: on records that are made up here."""

import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def measurement(peer: str, least: float, **others: Any) -> dict[str, Any]:
    of = {"task": "ciede2000", "type": "float32", "pixels": 1_000_000, "threads": 1}
    ratio = None if peer == "dde" else least / 0.004
    times = {"least": least, "median": 1.1 * least, "rounds": 7, "ratio": ratio}
    return {"instruction_set": "x86-64-v3", **of, "peer": peer, **times, **others}


def made_up() -> dict[str, Any]:
    """A run on a machine that there is not."""
    count = {"task": "ciede2000", "type": "float32", "operations": 220.0}
    roof = {"peak": 100.0, "cache": 200.0, "memory": 20.0}
    return {
        "when": "2026-01-01T00:00:00+00:00",
        "machine": {
            "processor": "Abacus <1>",
            "system": "Linux",
            "threads": 2,
            "instruction_set": "x86-64-v3",
        },
        "versions": {"dde": "0.1.0", "scikit-image": "0.25.0"},
        "load": 0.1,
        "measurements": [
            measurement("dde", 0.004),
            measurement("scikit-image", 0.16),
            measurement("yardstick", 0.001),
            measurement("dde", 0.002, threads=2),
            measurement("dde", 0.0001, pixels=10_000),
            measurement("dde", 0.004, timer="processor"),
            measurement("dde", 0.009, timer="processor", instruction_set="x86-64-v2"),
        ],
        "memory": [{"task": "inspect", "peer": "dde", "megabytes": 5.0}],
        "counts": [{"instruction_set": "x86-64-v3", "instructions": 50.0, **count}],
        "roofs": [{"instruction_set": "x86-64-v3", **roof}],
        "promises": [["one thread", "promised", "measured", "met"], ["a", "1×", "2×", "yes"]],
        "left_out": ["libvips: not installed"],
        "format": 1,
    }


def run(script: str, *arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, BENCHMARKS / script, *arguments]
    return subprocess.run([*map(str, command)], capture_output=True, text=True, timeout=120)


@pytest.fixture
def compared(tmp_path: Path) -> Any:
    def compare(before: object, after: object) -> subprocess.CompletedProcess[str]:
        paths = tmp_path / "before.json", tmp_path / "after.json"
        for path, found in zip(paths, (before, after), strict=True):
            path.write_text(json.dumps(found))
        return run("compare.py", *paths)

    return compare


def test_what_did_not_fall_by_a_fifth_passes(compared: Any) -> None:
    before, after = made_up(), made_up()
    for peer in after["measurements"][1:3]:
        peer["ratio"] *= 0.85
    after["counts"][0]["instructions"] *= 1.15
    done = compared(before, after)
    assert done.returncode == 0, done.stderr
    assert "4 compared, 0 fell by more than a fifth" in done.stdout


def test_what_fell_by_more_than_a_fifth_is_named(compared: Any) -> None:
    before, after = made_up(), made_up()
    after["measurements"][1]["ratio"] *= 0.75
    after["counts"][0]["instructions"] = 80.0
    after["memory"][0]["megabytes"] = 9.0
    done = compared(before, after)
    assert done.returncode == 1
    named = done.stdout.partition("Fell by more than a fifth:\n")[2].partition("\n\n")[0]
    assert [line.split(":")[-1].split("before")[0].strip() for line in named.splitlines()] == [
        "5 MB",
        "50",
        "40×",
    ]
    assert "against scikit-image: 40× before, 30× now (-25%)" in named
    assert "inspect, memory: 5 MB before, 9 MB now (-44%)" in named
    assert "3 fell by more than a fifth" in done.stdout


def test_times_are_not_compared(compared: Any) -> None:
    """They change with whatever else the machine does."""
    after = made_up()
    for found in after["measurements"]:
        found["least"] *= 3
        found["median"] *= 3
    assert compared(made_up(), after).returncode == 0


def test_what_is_missing_and_other_versions_are_named(compared: Any) -> None:
    before, after = made_up(), made_up()
    del after["counts"][0]
    after["measurements"].append(measurement("libvips", 0.1))
    after["versions"]["scikit-image"] = "0.26.0"
    done = compared(before, after)
    assert done.returncode == 0
    assert "Measured before only:\n  ciede2000, float32, x86-64-v3, instructions" in done.stdout
    assert "against libvips" in done.stdout.partition("Measured now only:")[2]
    assert "scikit-image: 0.25.0 before, 0.26.0 now" in done.stdout


@pytest.mark.parametrize("field", ["processor", "instruction_set"])
def test_other_machines_are_refused(compared: Any, field: str) -> None:
    after = made_up()
    after["machine"][field] = "another"
    done = compared(made_up(), after)
    assert done.returncode == 2
    assert "cannot be compared" in done.stderr and "another" in done.stderr


def test_what_is_no_record_is_refused(compared: Any) -> None:
    for other in ({"format": 1}, {**made_up(), "format": 2}, []):
        done = compared(made_up(), other)
        assert done.returncode == 2
        assert "is no record of a run" in done.stderr and "Traceback" not in done.stderr
    nothing = made_up() | {"measurements": [], "counts": [], "memory": []}
    assert "nothing in common" in compared(made_up(), nothing).stderr


def test_the_page_has_all_that_was_measured(tmp_path: Path) -> None:
    record = tmp_path / "results.json"
    record.write_text(json.dumps(made_up()))
    done = run("page.py", tmp_path / "page", "--of", record)
    assert done.returncode == 0, done.stderr
    page = (tmp_path / "page" / "index.html").read_text()
    plots = {path.stem for path in (tmp_path / "page").glob("*.svg")}
    assert plots == {"size", "threads", "sets", "peers", "roofline", "memory"}
    assert all(f'src="{name}.svg"' in page for name in plots)
    assert "Abacus &lt;1&gt;" in page and "libvips: not installed" in page
    assert "4 ms" in page and "4.4 ms" in page  # least and median


def test_what_was_not_measured_is_not_drawn(tmp_path: Path) -> None:
    found = copy.deepcopy(made_up())
    found |= {"memory": [], "roofs": [], "counts": []}
    record = tmp_path / "results.json"
    record.write_text(json.dumps(found))
    (tmp_path / "roofline.svg").write_text("of another run")
    assert run("page.py", tmp_path, "--of", record).returncode == 0
    assert not (tmp_path / "roofline.svg").exists()
    assert "roofline.svg" not in (tmp_path / "index.html").read_text()


def test_a_page_of_nothing_is_refused(tmp_path: Path) -> None:
    done = run("page.py", tmp_path, "--of", tmp_path / "nothing.json")
    assert done.returncode == 2 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("instruction", "operations"),
    [
        ("vfmadd132ps 0x3c0(%rax),%ymm0,%ymm4", 16),
        ("vfnmsub231pd %zmm1,%zmm2,%zmm3", 16),
        ("mulps  %xmm0,%xmm1", 4),
        ("sqrtsd %xmm0,%xmm1", 1),
        ("vfmadd213ss %xmm0,%xmm1,%xmm2", 2),
        ("vmovaps %ymm0,%ymm1", 0),
        ("vcmpltps %ymm0,%ymm1,%ymm2", 0),
        ("cvtps2pd %xmm0,%xmm1", 0),
        ("vpaddd %ymm0,%ymm1,%ymm2", 0),
        ("add    %rax,%rbx", 0),
    ],
)
def test_operations_of_instructions(
    monkeypatch: pytest.MonkeyPatch, instruction: str, operations: int
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)
    from instructions import operations_of

    assert operations_of(instruction) == operations
