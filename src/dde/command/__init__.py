"""The command ``dde``: image files in, verdicts, summaries and reports out."""

import sys
from collections.abc import Sequence
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
        The exit status: 0, or 2 after one sentence on standard error.
    """
    missing = [name for module, name in PACKAGES_OF_THE_EXTRA.items() if find_spec(module) is None]
    if missing:
        print(
            f"dde: the command needs {' and '.join(missing)}; install what it needs with: "
            'pip install "deepdeltae[cli]"',
            file=sys.stderr,
        )
        return 2
    from dde.command.interface import run

    return run(sys.argv[1:] if arguments is None else arguments)
