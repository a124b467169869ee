"""What the first page shows works: its Python, and the test command that CI runs."""

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.MULTILINE | re.DOTALL)


def test_its_python_runs() -> None:
    names: dict[str, object] = {}
    for block in blocks("python"):
        exec(block, names)
    assert names["difference"].shape == (24,)  # type: ignore[attr-defined]
    assert 0.5 < names["mean"] < 1.5  # type: ignore[operator]


def test_ci_runs_its_test_command() -> None:
    command = blocks("sh")[1].strip()
    assert "pytest" in command
    assert command in (ROOT / ".ci" / "run").read_text().replace("install --quiet", "install")


def test_its_files_are_there() -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", README):
        if "://" not in target:
            assert (ROOT / target).exists(), target
