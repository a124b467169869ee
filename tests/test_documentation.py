"""The promise: what the pages show runs, and the site leaves nothing out."""

import doctest
import os
import re
import runpy
from pathlib import Path

import matplotlib as mpl
import pytest

import dde
import dde.batch
import dde.colourisation
import dde.errors
import dde.inspection
import dde.patches
from dde.metrics.distances import HUANG
from dde.metrics.table import NAMES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [ROOT / "README.md", *sorted(path for path in DOCS.rglob("*.md") if "generated" not in path.parts)]
GALLERY = sorted((DOCS / "gallery").glob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with the examples where a clone has them."""
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def with_blocks(language: str) -> list[Path]:
    return [page for page in PAGES if blocks(page, language)]


@pytest.mark.parametrize("page", with_blocks("python"), ids=name_of)
def test_the_python_of_a_page_runs(page: Path, desk: Path) -> None:
    if "dde.torch" in page.read_text():
        pytest.importorskip("torch")
    names: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, name_of(page), "exec"), names)


@pytest.mark.parametrize("page", with_blocks("pycon"), ids=name_of)
def test_the_answers_on_a_page_are_those_of_python(page: Path, desk: Path) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    text = "".join(blocks(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, name_of(page), name_of(page), 0)
    assert runner.run(test).failed == 0
