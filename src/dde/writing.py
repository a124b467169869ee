"""Files that appear whole or not at all, and never in the place of one that is read."""

import errno
import os
import unicodedata
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from dde.reading import no_name, refuse_other_kinds

Identity = tuple[int, int]  # the device and the number of a file there


@contextmanager
def replacing(path: str | os.PathLike[str]) -> Iterator[BinaryIO]:
    """
    A new file beside `path`, which takes its place if all goes well, and is removed otherwise.

    A link is followed. A file that is there already keeps its place until then; what is there and
    no regular file, such as a pipe or a device, keeps it for ever.

    Raises
    ------
    OSError
        If it cannot be written; `filename` is the path as it was given.
    """
    try:
        place = Path(real_path(path))
        if os.fspath(path).endswith(os.sep):
            raise IsADirectoryError(errno.EISDIR, "the name of a folder")
        if place.exists():
            refuse_other_kinds(place.stat(), path)
        temporary = place.with_name(f".dde-{os.urandom(8).hex()}.part")
        file = open(temporary, "xb")
    except OSError as error:
        raise OSError(error.errno, error.strerror, os.fspath(path)) from None
    try:
        with file:
            yield file
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)


def real_path(path: str | os.PathLike[str]) -> str:
    """
    A path, absolute and without links.

    Raises
    ------
    OSError
        If it is relative, and the current folder is gone; if no file can have such a name.
    """
    try:
        return os.path.realpath(path)
    except FileNotFoundError as error:
        raise OSError(error.errno, "the current folder is gone", os.fspath(path)) from None
    except ValueError as error:
        raise no_name(error, path) from None


def remove_unfinished(folder: Path) -> None:
    """Removes what `replacing` left in a folder when its process was killed."""
    for path in folder.glob(".dde-*.part"):
        path.unlink(missing_ok=True)


def check_outputs(
    outputs: Iterable[tuple[str, Path]],
    inputs: Iterable[Path | int],
    written_to: Iterable[int] = (),
) -> None:
    """
    Refuses to write to what is read, or twice to one file.

    Files are told apart by what they are, not by their names: a link, or another spelling where a
    file system does not tell A from a, is the same file. All that is in a folder that is read, such
    as a zarr array, is read.

    Parameters
    ----------
    outputs : iterable of (str, pathlib.Path)
        What each is called in the message, and its path.
    inputs : iterable of pathlib.Path or int
        Files and folders, which need not exist; descriptors of files that are open.
    written_to : iterable of int
        Descriptors of files that something else is written to, such as standard output.

    Raises
    ------
    ValueError
        If an output is one of the inputs, or of the other outputs.
    OSError
        If the path of an output cannot be that of a file.

    Examples
    --------
    >>> check_outputs([("--map", Path("map.png")), ("--report", Path("./map.png"))], [])
    Traceback (most recent call last):
    ValueError: --report map.png is written already; it needs a file of its own
    """
    read = {identity for path in inputs if (identity := _identity(path))}
    folders: dict[str, bool] = {}  # whether all in it is read
    written: set[Identity | str] = {found for file in written_to if (found := _identity(file))}
    for name, path in outputs:
        real = real_path(path)
        identity = _identity(real)
        folder = os.path.dirname(real)
        if folder not in folders:
            folders[folder] = any(_identity(above) in read for above in _upwards(folder))
        if identity in read or folders[folder]:
            raise ValueError(
                f"{name} {path} is one of the files that are read; it needs a file of its own"
            )
        spelling = unicodedata.normalize("NFC", real).casefold()
        if spelling in written or identity in written:
            raise ValueError(f"{name} {path} is written already; it needs a file of its own")
        written.add(spelling)
        if identity:
            written.add(identity)


def _identity(path: str | Path | int) -> Identity | None:
    """What a file is, whatever it is called; None if there is none."""
    try:
        status = os.stat(path)
    except (OSError, ValueError):  # of a name that no file can have
        return None
    return status.st_dev, status.st_ino


def _upwards(folder: str) -> Iterator[str]:
    """A folder, and those that it is in."""
    while True:
        yield folder
        if folder == (folder := os.path.dirname(folder)):
            return


def harmless_cell(value: object) -> object:
    """
    A cell of a table in CSV that no spreadsheet takes for a formula.

    A text that begins as a formula does gets an apostrophe in front, by which spreadsheets mark
    texts; numbers stay what they are. See https://owasp.org/www-community/attacks/CSV_Injection.

    Examples
    --------
    >>> harmless_cell('=HYPERLINK("http://x")'), harmless_cell("logo"), harmless_cell(-0.5)
    ('\\'=HYPERLINK("http://x")', 'logo', -0.5)
    """
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return value


def in_unicode(value: Any) -> Any:
    """
    What JSON holds, or a cell, where names of files that are not Unicode are written with escapes.

    Examples
    --------
    >>> in_unicode({"path": "caf\\udce9.png", "width": 5})
    {'path': 'caf\\\\udce9.png', 'width': 5}
    """
    if isinstance(value, str):
        return value.encode(errors="backslashreplace").decode()
    if isinstance(value, dict):
        return {in_unicode(key): in_unicode(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [in_unicode(part) for part in value]
    return value
