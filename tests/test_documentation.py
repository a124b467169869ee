"""The promise: what the pages show runs, and the site leaves nothing out."""

import ast
import doctest
import re
import runpy
import shlex
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import matplotlib as mpl
import pytest
from running import run

import dde
import dde.batch
import dde.inspection
import dde.patches
from dde.metrics.distances import HUANG
from dde.metrics.table import NAMES

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
PAGES = [
    ROOT / "README.md",
    *sorted(path for path in DOCS.rglob("*.md") if "generated" not in path.parts),
]
GALLERY = sorted((DOCS / "gallery").glob("*.py"))
DOCUMENTS = sorted(
    {*PAGES, *ROOT.glob("*.md")}.union(
        path
        for folder in ("LICENSES", "benchmarks", "examples", "training")
        for path in (ROOT / folder).rglob("*.md")
        if not any(part.startswith(".") for part in path.relative_to(ROOT).parts)
    )
)


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


def imported(page: Path) -> set[str]:
    """The packages that the Python of a page asks for, as `pip` calls them."""
    found = set()
    for block in blocks(page, "python"):
        for node in ast.walk(ast.parse(block)):
            if isinstance(node, ast.Import):
                found |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                found.add(str(node.module).partition(".")[0])
    found -= {"dde", "numpy", *sys.stdlib_module_names}
    distributions = packages_distributions()
    return {distributions.get(name, [name])[0].lower() for name in found}


# But for the page that is for those who have the other package.
HOW_TO = sorted({*(DOCS / "how-to").glob("*.md")} - {DOCS / "how-to" / "coming-from.md"})


@pytest.mark.parametrize("page", HOW_TO, ids=name_of)
def test_a_how_to_says_what_must_be_installed(page: Path) -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    said = set()
    for line in re.findall(r"pip install ([^`\n]+)", page.read_text()):
        names, _, others = line.partition("]") if "[" in line else ("", "", line)
        for extra in re.findall(r"\w+", names.partition("[")[2]):
            wanted = project["optional-dependencies"][extra]
            said |= {re.split(r"[\[><=]", each)[0] for each in wanted}
        said |= set(others.replace('"', "").split())
    assert imported(page) <= said


@pytest.mark.parametrize("page", with_blocks("pycon"), ids=name_of)
def test_the_answers_on_a_page_are_those_of_python(page: Path, desk: Path) -> None:
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    text = "".join(blocks(page, "pycon"))
    test = doctest.DocTestParser().get_doctest(text, {}, name_of(page), name_of(page), 0)
    assert runner.run(test).failed == 0


def commands(page: Path) -> list[tuple[list[str], str]]:
    """What is typed after each ``$``, and what the page says is printed."""
    shown = "".join(blocks(page, "console"))
    typed = re.findall(r"^\$ dde (.*)\n((?:(?!\$ ).*\n)*)", shown, re.MULTILINE)
    return [(shlex.split(line), printed) for line, printed in typed]


@pytest.mark.parametrize("page", with_blocks("console"), ids=name_of)
def test_commands_print_what_the_page_says(page: Path, desk: Path) -> None:
    """After its first block of Python, which may make files; ``...`` stands for anything."""
    for block in blocks(page, "python")[:1]:
        exec(compile(block, name_of(page), "exec"), {})
    for arguments, printed in commands(page):
        pattern = re.escape(printed.strip()).replace(r"\.\.\.", ".*?")
        assert re.fullmatch(pattern, run(*arguments).output.strip(), re.DOTALL), arguments


@pytest.mark.parametrize("script", GALLERY, ids=lambda script: script.stem)
def test_a_script_of_the_gallery_draws(script: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(script.parent)
    with mpl.rc_context({"backend": "agg"}):
        names = runpy.run_path(script.name)
    assert names["figure"].axes
    assert ast.get_docstring(ast.parse(script.read_text()))


def listed() -> set[str]:
    """Every name of the reference, with its module."""
    found, module = set(), ""
    for line in (DOCS / "reference" / "python.rst").read_text().splitlines():
        if line.startswith(".. currentmodule:: "):
            module = line.split()[-1]
        elif re.fullmatch(r"   \w+", line):
            found.add(f"{module}.{line.strip()}")
    return found


def test_the_reference_has_every_public_name() -> None:
    modules = (dde, dde.inspection, dde.batch, dde.patches)
    public = {f"{module.__name__}.{name}" for module in modules for name in module.__all__}
    public |= {f"dde.errors.{error.__name__}" for error in subclasses(dde.DdeError)}
    elsewhere = {
        "dde.__version__",
        "dde.errors",
        "dde.inspection.inspect",
        "dde.inspection.Inspection",
    }
    elsewhere |= {f"dde.{name}" for name in dde.__all__ if name.endswith("Error")}
    assert public - elsewhere <= listed()


def subclasses(error: type[Exception]) -> set[type[Exception]]:
    return {error}.union(*(subclasses(kind) for kind in error.__subclasses__()))


def test_the_reference_has_the_names_of_the_extras() -> None:
    """Read, not imported: torch and dask need not be there."""
    for module in ("torch", "dask"):
        source = (ROOT / "src" / "dde" / module / "__init__.py").read_text()
        (names,) = re.findall(r"__all__ = (\[.*?\])", source, re.DOTALL)
        assert {f"dde.{module}.{name}" for name in ast.literal_eval(names)} <= listed()


def test_every_formula_has_a_page_with_equation_source_and_example() -> None:
    pages = {
        path: path.read_text() for path in (DOCS / "formulas").glob("*.md") if path.stem != "index"
    }
    said = "".join(pages.values())
    for name in NAMES:
        family = name.split("-")[0]
        assert f'"{name}"' in said or f"`{family}`" in said, name
    for name in HUANG:
        assert f"\n| {name} |" in pages[DOCS / "formulas" / "huang-power.md"]
    for page, text in pages.items():
        assert "$$" in text, page
        assert "**Source.**" in text, page
        assert "```pycon" in text, page
    index = (DOCS / "formulas" / "index.md").read_text()
    assert all(f"({page.name})" in index for page in pages)


def anchors(page: Path) -> set[str]:
    """What a link to a heading says after its ``#``, in the repository as in the site."""
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.MULTILINE | re.DOTALL)
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", DOCUMENTS, ids=name_of)
def test_links_lead_to_files_and_headings(page: Path) -> None:
    """As in a clone; that they do in the site, its build makes sure."""
    for link in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if "://" not in link:
            path, _, heading = link.partition("#")
            target = page.parent / path if path else page
            assert target.exists(), link
            assert not heading or heading in anchors(target), link
