"""What the pages show works: their Python, their links, and the test command that CI runs."""

import re
from pathlib import Path

import numpy as np
import pytest

import dde

ROOT = Path(__file__).parents[1]
README, GUIDE = ROOT / "README.md", ROOT / "docs" / "how-to" / "which-metric.md"


def blocks(page: Path, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL)


def names_after(page: Path) -> dict[str, np.ndarray]:
    """What the Python of a page leaves behind."""
    names: dict[str, np.ndarray] = {}
    for block in blocks(page, "python"):
        exec(block, names)
    return names


def test_the_python_of_the_first_page_runs() -> None:
    names = names_after(README)
    assert names["found"].passed is False
    assert names["found"].reasons[0] == "logo: p95 is 2.55, above 2"


def test_the_search_of_the_guide_is_exact() -> None:
    nearest = names_after(GUIDE)["nearest"]
    rng = np.random.default_rng(5)
    for spread in (2, 40):  # close to each other, and apart
        palette, lab = rng.normal([50, 0, 0], spread, (2, 700, 3))
        every = dde.deep_delta_e(lab[:, None], palette)
        np.testing.assert_array_equal(nearest(lab, palette), every.argmin(axis=1))
        np.testing.assert_array_equal(nearest(lab, palette[:3]), every[:, :3].argmin(axis=1))


def test_ci_runs_its_test_command() -> None:
    command = blocks(README, "sh")[1].strip()
    assert "pytest" in command
    assert command in (ROOT / ".ci" / "run").read_text().replace("install --quiet", "install")


@pytest.mark.parametrize("page", [README, GUIDE], ids=lambda page: page.name)
def test_their_files_are_there(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", page.read_text()):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_page_for_newcomers_knows_where_a_line_lives() -> None:
    """Every place that its table names is there, and every folder and module of dde is in it."""
    text = (ROOT / "CONTRIBUTING.md").read_text().partition("## Where does a line live?")[2]
    rows = re.findall(r"^\| (`.*?) \|", text.partition("\n## ")[0], re.MULTILINE)
    named = set()
    for row in rows:
        first, *others = re.findall(r"`([^`]+)`", row)
        named.add(first)
        named |= {place if "/" in place else str(Path(first).parent / place) for place in others}
    assert not {place for place in named if not (ROOT / place).exists()}
    house = ROOT / "src" / "dde"
    inside = {f"src/dde/{path.parent.name}/" for path in house.glob("*/__init__.py")}
    inside |= {f"src/dde/{path.name}" for path in house.glob("*.py")}
    assert inside - named <= {
        f"src/dde/{name}.py" for name in ("__init__", "__main__", "version", "whites")
    }
