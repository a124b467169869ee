"""Failures as sentences."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click


@contextmanager
def reading() -> Iterator[None]:
    """Turns what is wrong with the inputs into a sentence, to which decoders add none of theirs."""
    try:
        with _standard_error_closed():
            yield
    except (ValueError, TypeError) as error:
        raise click.ClickException(f"{error}.") from error
    except OSError as error:
        raise click.ClickException(f"{error.filename} cannot be read ({error.strerror}).") from None


@contextmanager
def writing(option: str, path: Path) -> Iterator[None]:
    """Turns a failure to write a file into a sentence."""
    try:
        yield
    except OSError as error:
        raise click.ClickException(
            f"{option} {path} cannot be written ({error.strerror}); it must be in a folder that "
            "exists and that you may write to."
        ) from None


@contextmanager
def _standard_error_closed() -> Iterator[None]:
    """Of a damaged file, libtiff complains there in lines of its own, past Python."""
    kept = os.dup(2)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(nowhere)


def refuse_overwriting(option: str, path: Path, *inputs: Path | None) -> None:
    """Refuses to write to a file that is read."""
    for given in inputs:
        if given and os.path.exists(path) and os.path.exists(given) and path.samefile(given):
            raise click.ClickException(
                f"{option} {path} is one of the files that are read; it needs a file of its own."
            )
