"""Small files that are read whole."""

import os
import stat
from typing import BinaryIO

MEGABYTE = 1 << 20


def open_regular(path: str | os.PathLike[str]) -> BinaryIO:
    """
    A file to read from, if it is a regular one: a pipe or a device might never end.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is no regular file.

    Examples
    --------
    >>> open_regular("/dev/zero")
    Traceback (most recent call last):
    ValueError: it is no regular file
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # of a pipe, without waiting
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise ValueError("it is no regular file")
        return open(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def read_whole(path: str | os.PathLike[str], at_most: int = 64 * MEGABYTE) -> bytes:
    """
    The content of a regular file that is not larger than is sensible for what it holds.

    Raises
    ------
    OSError
        If it cannot be opened.
    ValueError
        If it is no regular file, or larger than that.
    """
    with open_regular(path) as file:
        content = file.read(at_most + 1)
    if len(content) > at_most:
        raise ValueError(f"it is larger than {at_most // MEGABYTE} MB")
    return content
