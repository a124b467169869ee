"""What is not imported: to start is to feel immediate. benchmarks/starting.py has the times."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
PHOTOGRAPHS = [str(EXAMPLES / "reference.jpg"), str(EXAMPLES / "sample.jpg")]
OF_OTHER_WORK = {
    "cv2",
    "dde.batch",
    "dde.cameras.fitting",
    "dde.command.picture",
    "dde.patches",
    "dde.registration.registering",
    "dde.spectra",
    "dde.tables.reading",
    "imagecodecs",
    "importlib.resources",
    "jinja2",
    "matplotlib",
    "msgspec",
    "scipy",
    "secrets",
    "tifffile",
    "tomllib",
    "torch",
    "zarr",
}
OF_PICTURES = {"PIL", "dde.images", "dde.inspection", "dde.pictures", "hashlib", "json"}
PROGRAM = """
import sys
{start}
print(*sys.modules, sep="\\n", file=sys.stderr)
"""
COMMAND = "from dde_command import main; main()"


@pytest.mark.parametrize(
    ("start", "arguments", "unneeded"),
    [
        ("import dde", [], OF_OTHER_WORK | OF_PICTURES | {"click"}),
        (COMMAND, ["--help"], OF_OTHER_WORK | OF_PICTURES | {"dde.command.compare"}),
        (COMMAND, ["compare", *PHOTOGRAPHS], OF_OTHER_WORK),
    ],
)
def test_what_is_not_needed_is_not_imported(
    start: str, arguments: list[str], unneeded: set[str]
) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(start=start), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    imported = set(done.stderr.split())
    assert "dde._core" in imported
    assert not imported & unneeded


def test_what_is_imported_later_is_listed_and_found(fresh_python: Any) -> None:
    program = """
import dde
print(set(dde.__all__) <= set(dir(dde)), "inspect" in vars(dde))
missing = [name for name in dde.__all__ if not hasattr(dde, name)]
print(missing, "inspect" in vars(dde))
"""
    assert fresh_python(program).split("\n") == ["True False", "[] True"]
