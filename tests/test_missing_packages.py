"""What is asked for by name where a package is missing, before any work is done."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

PIL = pytest.importorskip("PIL.Image")


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A folder of two images that differ, beside one that has no packages."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for name, grey in (("a", 100), ("b", 120)):
        PIL.fromarray(np.full((8, 8, 3), grey, np.uint8)).save(folder / f"{name}.png")
    return folder


def dde_without(package: str, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, where a package is as if it were not installed."""
    absent = f"raise ModuleNotFoundError(name={package!r})\n"
    (folder / f"{package}.py").write_text(absent)
    return subprocess.run(
        [sys.executable, "-m", "dde", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_learning_needs_no_job_files(frames: Path, tmp_path: Path) -> None:
    output = tmp_path / "reference.npz"
    done = dde_without("msgspec", tmp_path, "learn", frames, "--output", output)
    assert done.returncode == 0, done.stderr
    assert output.exists()
    (tmp_path / "job.toml").write_text("")
    asked = dde_without(
        "msgspec", tmp_path, "learn", frames, "--output", output, "--job", tmp_path / "job.toml"
    )
    assert asked.returncode == 2
    assert 'pip install "deepdeltae[cli]"' in asked.stderr


def test_reports_of_a_batch_are_asked_for_before_it_starts(frames: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    arguments = ("batch", frames / "a.png", frames, "--output", output, "--tolerance", "max <= 1")
    done = dde_without("jinja2", tmp_path, *arguments, "--reports")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert (
        'a report in HTML needs jinja2; install it with: pip install "deepdeltae[cli]"'
        in done.stderr
    )
    assert not list(output.glob("frames/*"))
