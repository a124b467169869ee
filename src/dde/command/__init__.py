"""The command ``dde``: image files in, verdicts, summaries and reports out."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec

# By the name of their module.
PACKAGES_OF_THE_EXTRA = {
    "click": "click",
    "imagecodecs": "imagecodecs",
    "jinja2": "Jinja2",
    "matplotlib": "matplotlib",
    "msgspec": "msgspec",
    "PIL": "Pillow",
    "scipy": "scipy",
    "tifffile": "tifffile",
    "zarr": "zarr",
}


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Runs the command.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``dde``; by default, what the process was started with.

    Returns
    -------
    int
        The exit status: 0; 1 where a rule is broken; 2 after one sentence on standard error; 130
        after Ctrl-C, as shells have it.
    """
    try:
        problem = _open_closed_streams() or _missing_packages()
        if problem:
            print(f"dde: {problem}", file=sys.stderr)
            return 2
        with _without_backend():
            from dde.command.interface import run

            return run(sys.argv[1:] if arguments is None else arguments)
    except KeyboardInterrupt:
        return 130


def _open_closed_streams() -> str | None:
    """
    Opens standard streams that were closed before the command was started.

    Otherwise the first files that are opened would take their numbers, and what libraries print
    would be written to them.
    """
    for descriptor in range(3):
        try:
            os.fstat(descriptor)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # it takes the lowest number that is free
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w")
    return "standard output is closed." if sys.stdout is None else None


def _missing_packages() -> str | None:
    missing = [name for module, name in PACKAGES_OF_THE_EXTRA.items() if find_spec(module) is None]
    if not missing:
        return None
    return (
        f"the command needs {' and '.join(missing)}; install what it needs with: "
        'pip install "deepdeltae[cli]"'
    )


@contextmanager
def _without_backend() -> Iterator[None]:
    """matplotlib shows nothing here, and an unknown backend would keep it from being imported."""
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        yield
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
