"""The page on one's own data: its data are made, and its commands run."""

import re
import shlex
from pathlib import Path

import pytest

from dde_training.cli import app

PAGE = Path(__file__).resolve().parents[2] / "docs" / "how-to" / "training.md"


def blocks(language: str) -> list[str]:
    pattern = rf"^```{language}\n(.*?)^```"
    return re.findall(pattern, PAGE.read_text(), re.MULTILINE | re.DOTALL)


def test_the_page_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (made,) = blocks("python")
    exec(compile(made, PAGE.name, "exec"), {})
    commands = [
        shlex.split(line.removeprefix("dde-train "))
        for line in "".join(blocks("sh")).splitlines()
        if line.startswith("dde-train ")
    ]
    assert {command[0] for command in commands} == {"data", "evaluate", "report", "fit", "export"}
    for command in commands:
        app(command, standalone_mode=False)  # raises what is wrong
    assert (tmp_path / "mine.safetensors").exists()
    assert (tmp_path / "results" / "index.html").exists()
