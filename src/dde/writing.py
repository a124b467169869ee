"""Files that appear whole or not at all."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """
    A new file beside `path`, which takes its place if all goes well, and is removed otherwise.

    A link is followed. A file that is there already keeps its place until then.
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".dde-{secrets.token_hex(8)}.part")
    try:
        with open(temporary, "xb") as file:
            yield file
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def remove_unfinished(folder: Path) -> None:
    """Removes what `replacing` left in a folder when its process was killed."""
    for path in folder.glob(".dde-*.part"):
        path.unlink(missing_ok=True)
