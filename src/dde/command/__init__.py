"""The command ``dde``: image files in, verdicts, summaries and reports out."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from dde.errors import MissingPackageError
from dde.extras import asking_for


def main(arguments: Sequence[str] | None = None) -> int:
    """
    Runs the command, within a program that goes on after it.

    Parameters
    ----------
    arguments : sequence of str, optional
        What follows ``dde``; by default, what the process was started with.

    Returns
    -------
    int
        The exit status: 0; 1 where a rule is broken; 2 after one sentence on standard error; 130
        after a KeyboardInterrupt, as shells have it. What a signal handler raises otherwise is
        raised.
    """
    try:
        problem = _open_closed_streams()
        if problem:
            print(f"dde: {problem}", file=sys.stderr)
            return 2
        with _without_backend():
            with asking_for("cli", "the command"):
                from dde.command.interface import run

            return run(sys.argv[1:] if arguments is None else arguments)
    except MissingPackageError as missing:
        print(f"dde: {missing}.", file=sys.stderr)
        return 2
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


@contextmanager
def _without_backend() -> Iterator[None]:
    """matplotlib shows nothing here, and an unknown backend would keep it from being imported."""
    backend = os.environ.pop("MPLBACKEND", None)
    try:
        yield
    finally:
        if backend is not None:
            os.environ["MPLBACKEND"] = backend
