"""The command `dde-train` as a person runs it."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

COMMAND = [sys.executable, "-c", "from dde_training.cli import main; main()"]
QUICK = ["--set", "epochs=2", "--device", "cpu"]


def dde_train(*arguments: object) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "NO_COLOR": "1", "COLUMNS": "160"}
    return subprocess.run(
        [*COMMAND, *map(str, arguments)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip


def test_from_data_to_page_and_weights(synthetic_dir: Path, tmp_path: Path) -> None:
    table = dde_train("data", synthetic_dir)
    assert table.returncode == 0
    assert "beta" in table.stdout
    assert "98.07" in table.stdout
    assert "340" in table.stdout  # pairs in all

    shared = ["--data", synthetic_dir, "--seed", "1", *QUICK]
    fitted = dde_train("fit", "siamese", *shared, "--output", tmp_path / "fit")
    assert fitted.returncode == 0, fitted.stderr
    assert [path.name for path in (tmp_path / "fit").iterdir()] == ["model.safetensors"]

    evaluation = tmp_path / "centres"
    measured = dde_train(
        "evaluate", "siamese", *shared, "--protocol", "centres", "--output", evaluation
    )
    assert measured.returncode == 0, measured.stderr
    for said in ("siamese", "CAM16-UCS + power", "STRESS", "– /", "bootstrap interval over"):
        assert said in measured.stdout
    assert "nan" not in measured.stdout.lower()
    files = {path.name for path in evaluation.iterdir()}
    assert files == {"results.json", "figures.csv", "predictions.csv"}

    exported = dde_train(
        "export", tmp_path / "fit", "--format", "json", "--evaluation", evaluation,
        "--output", tmp_path / "m.json",
    )  # fmt: skip
    assert exported.returncode == 0, exported.stderr
    assert json.loads((tmp_path / "m.json").read_text())["evaluation"][0]["protocol"] == "centres"

    page = dde_train("report", evaluation, "--output", tmp_path / "page")
    assert page.returncode == 0, page.stderr
    assert (tmp_path / "page" / "index.html").exists()


def test_a_formula_is_evaluated_too(synthetic_dir: Path, tmp_path: Path) -> None:
    output = ["--protocol", "pairs", "--output", tmp_path]
    assert dde_train("evaluate", "cmc", "--data", synthetic_dir, *output).returncode == 0
    document = json.loads((tmp_path / "results.json").read_text())
    assert document["model"] == "CMC"
    assert document["config"] is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fit", "other"], "the model must be one of deep, siamese; not 'other'"),
        (["evaluate", "other", "--protocol", "pairs"], "not 'other'"),
        (["evaluate", "cmc", "--protocol", "pairs", "--set", "epochs=1"], "has nothing to --set"),
        (["fit", "siamese", "--set", "layers=3"], "the configuration has no 'layers'"),
    ],
)
def test_mistakes_are_one_sentence_and_2(
    synthetic_dir: Path, tmp_path: Path, arguments: list[str], said: str
) -> None:
    output = tmp_path / "out"
    done = dde_train(*arguments, "--data", synthetic_dir, "--output", output)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.startswith("dde-train: ")
    assert done.stderr.count("\n") == 1
    assert not output.exists()


def test_broken_data_train_nothing(synthetic_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "good.json").write_bytes((synthetic_dir / "alpha.json").read_bytes())
    document = json.loads((synthetic_dir / "beta.json").read_text())
    document["dv"][7] = -1
    (tmp_path / "broken.json").write_text(json.dumps(document))
    output = tmp_path / "out"
    for command in (
        ["data", tmp_path],
        ["fit", "siamese", "--data", tmp_path, "--output", output],
        ["evaluate", "siamese", "--data", tmp_path, "--protocol", "pairs", "--output", output],
    ):
        done = dde_train(*command)
        assert done.returncode == 2
        assert done.stderr == f"dde-train: {tmp_path / 'broken.json'}: dv[7]: -1 is negative\n"
    assert not output.exists()


def test_usage_is_explained() -> None:
    shown = dde_train("--help")
    assert shown.returncode == 0
    for name in ("data", "fit", "evaluate", "export", "report"):
        assert name in shown.stdout
    shown = dde_train("evaluate", "--help")
    for option in ("--data", "--protocol", "--seed", "--output", "--device", "--white"):
        assert option in shown.stdout
    assert dde_train("evaluate", "siamese", "--protocol", "none").returncode == 2


def test_a_killed_evaluation_resumes_and_ends_the_same(synthetic_dir: Path, tmp_path: Path) -> None:
    arguments = [
        "evaluate", "siamese", "--data", str(synthetic_dir), "--protocol", "colours",
        "--set", "epochs=20", "--device", "cpu", "--output",
    ]  # fmt: skip
    killed = tmp_path / "killed"
    process = subprocess.Popen(
        [*COMMAND, *arguments, str(killed)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wanted = killed / "checkpoints" / "fold-1.pt"
    deadline = time.monotonic() + 60
    while not wanted.exists() and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert wanted.exists()
    assert not (killed / "results.json").exists()

    assert dde_train(*arguments, killed).returncode == 0
    assert dde_train(*arguments, tmp_path / "whole").returncode == 0
    resumed, whole = (
        json.loads((tmp_path / name / "results.json").read_text()) for name in ("killed", "whole")
    )
    np.testing.assert_array_equal(
        resumed["predictions"]["siamese"], whole["predictions"]["siamese"]
    )
    assert not (killed / "checkpoints").exists()
