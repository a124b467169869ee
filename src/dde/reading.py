"""Files that are named by somebody else: which of them are read, and where they may lie."""

import errno
import os
import stat
from pathlib import Path
from typing import Any, BinaryIO, cast

MEGABYTE = 1 << 20
AT_ONCE: int = getattr(os, "O_NONBLOCK", 0)  # Windows has no pipes in folders to wait for

KINDS = {
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFDIR: "a folder",
}


def path_of(given: str | os.PathLike[str], name: str) -> Path:
    """
    A path that somebody gave; an empty one, as of a setting that is not there, is refused, since
    it would be that of the current folder.

    Examples
    --------
    >>> path_of("", "job")
    Traceback (most recent call last):
    ValueError: job is empty; give a path
    """
    if not os.fspath(given):
        raise ValueError(f"{name} is empty; give a path")
    return Path(given)


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """
    A regular file, opened for reading: one that has an end, and does not wait for a writer.

    Parameters
    ----------
    path : str or path
        Links are followed.

    Raises
    ------
    OSError
        If it cannot be opened. For a pipe, a device, a socket or a folder `strerror` says so.

    Examples
    --------
    >>> open_regular(os.devnull)
    Traceback (most recent call last):
        ...
    OSError: [Errno 22] a device, not a regular file: '/dev/null'
    """
    try:
        refuse_other_kinds(os.stat(path), path)  # a socket cannot be opened, a device must not be
        # What took its place since then does not make us wait.
        file = open(path, "rb", opener=lambda name, flags: os.open(name, flags | AT_ONCE))
    except ValueError as error:
        raise no_name(error, path) from None
    try:
        refuse_other_kinds(os.fstat(file.fileno()), path)
    except OSError:
        file.close()
        raise
    return file


def read_whole(path: str | os.PathLike[str], at_most: int = 64 * MEGABYTE) -> bytes:
    """
    The content of a regular file that is not larger than is sensible for what it holds.

    Raises
    ------
    OSError
        If it cannot be opened, as by `open_regular`.
    ValueError
        If it is larger than that.
    """
    with open_regular(path) as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise ValueError(f"it is larger than {at_most // MEGABYTE} MB")
    return content


def sha256_of(path: str | os.PathLike[str]) -> str:
    """The SHA-256 of a regular file; an OSError if it cannot be opened, as by `open_regular`."""
    import hashlib  # loads OpenSSL, which takes long

    with open_regular(path) as file:
        return hashlib.file_digest(cast(Any, file), "sha256").hexdigest()


def no_name(error: ValueError, path: str | os.PathLike[str]) -> OSError:
    """What to raise where the system has refused a path as none that a file can have."""
    what = "what is no text" if isinstance(error, UnicodeError) else "a NUL"
    return OSError(errno.EINVAL, f"{what} in its name", repr(os.fspath(path)))


def refuse_other_kinds(status: os.stat_result, path: str | os.PathLike[str]) -> None:
    """An OSError that says what it is, unless the status is that of a regular file."""
    if not stat.S_ISREG(status.st_mode):
        kind = KINDS.get(stat.S_IFMT(status.st_mode), "a special file")
        raise OSError(errno.EINVAL, f"{kind}, not a regular file", os.fspath(path))


def within(root: str | os.PathLike[str], path: str | os.PathLike[str]) -> Path:
    """
    The path of a file that a stranger may name, who may name those below one folder only.

    Parameters
    ----------
    root : str or path
        The folder.
    path : str or path
        What was named: absolute, or relative to the folder.

    Returns
    -------
    Path
        Absolute and without links: links that lead out of the folder are refused as well. Whoever
        can change the folder meanwhile could still lead out of it.

    Raises
    ------
    ValueError
        If it does not lie in the folder.

    Examples
    --------
    >>> within("/srv/jobs", "labels/../part.npy").as_posix()
    '/srv/jobs/part.npy'
    >>> within("/srv/jobs", "../../etc/passwd")
    Traceback (most recent call last):
        ...
    ValueError: '../../etc/passwd' does not lie in the folder that files may be named in
    """
    try:
        folder = Path(os.path.realpath(root))
        found = Path(os.path.realpath(folder / path))
    except ValueError:  # a NUL
        found = None
    if found is None or not found.is_relative_to(folder):
        raise ValueError(
            f"{os.fspath(path)!r} does not lie in the folder that files may be named in"
        )
    return found
