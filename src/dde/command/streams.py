"""Standard output and standard error, which may be closed, full, or read no further."""

import errno
import os
import sys
from collections.abc import Iterable
from typing import TextIO

import click

from dde.wording import visible

# What writing to a pipe that nobody reads any more ends in; Windows takes it for a wrong argument.
NO_READER = {errno.EPIPE, errno.EINVAL} if sys.platform == "win32" else {errno.EPIPE}


def discard(stream: TextIO) -> None:
    """Lets Python write to nowhere what it still holds for a stream that is gone."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, stream.fileno())
    os.close(nowhere)


def in_lines(lines: Iterable[str]) -> str:
    """Lines as they are printed: none of the names that stand in them ends one, or is obeyed."""
    return "\n".join(map(visible, lines))


def say(text: str) -> None:
    """Prints results. A reader that has seen enough, such as `head`, changes no verdict."""
    try:
        print(text, end="", flush=True)
    except OSError as error:
        discard(sys.stdout)
        if error.errno not in NO_READER:
            raise click.ClickException(
                f"standard output cannot be written ({error.strerror})."
            ) from None


def complain(sentence: str) -> None:
    """Prints why there is no result; where that cannot be printed, the exit status says it."""
    try:
        print("dde:", visible(sentence), file=sys.stderr, flush=True)
    except OSError:
        discard(sys.stderr)
