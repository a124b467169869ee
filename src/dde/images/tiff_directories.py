"""The directories of a TIFF file, walked before any reader follows what they point to.

References: TIFF 6.0 (1992), section 2; for 64 bits the description of BigTIFF by AWare Systems.
"""

import struct
from dataclasses import dataclass
from typing import BinaryIO

from dde.errors import ImageFileError

MOST_DIRECTORIES = 1000  # an image with its reduced copies has about ten
MOST_TAGS = 65536  # of all directories
SHARED = 4  # how often all bytes of a file may be the value of some tag: writers share a few
SIZES = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4} | {
    16: 8,
    17: 8,
    18: 8,
}  # in bytes, of a value of each type


@dataclass(frozen=True)
class _Layout:
    """What the header says of how directories are written."""

    count: struct.Struct
    entry: struct.Struct  # tag, type, count of values; then they, or where they are
    offset: struct.Struct
    first: int


def refuse_hostile(file: BinaryIO) -> None:
    """
    Refuses a TIFF file that would take its reader for ever or into any amount of memory.

    Parameters
    ----------
    file : file object
        Left at its start.

    Raises
    ------
    ImageFileError
        If directories form a circle or lie outside the file, if there are too many of them or of
        their tags, or if tags have more values than the file could hold.
    """
    size = file.seek(0, 2)
    layout = _layout(file)
    seen: set[int] = set()
    tags = values = 0
    place = layout.first
    while place:
        if place in seen:
            raise ImageFileError("is damaged: its directories form a circle")
        seen.add(place)
        if len(seen) > MOST_DIRECTORIES:
            raise ImageFileError(
                f"holds more than {MOST_DIRECTORIES} frames or pages; a single image is accepted"
            )
        entries, place = _directory(file, layout, place)
        tags += len(entries)
        values += sum(SIZES.get(kind, 1) * count for _, kind, count, _ in entries)
        if tags > MOST_TAGS or values > SHARED * size:
            raise ImageFileError("is damaged: its directories hold more than the file can")
    file.seek(0)


def short_value(file: BinaryIO, place: int, tag: int) -> bytes | None:
    """The value of a tag in the directory at a place, which is so short that it stands there."""
    entries, _ = _directory(file, _layout(file), place)
    return next((value for found, _, _, value in entries if found == tag), None)


def _layout(file: BinaryIO) -> _Layout:
    header = _read(file, 0, 8)
    order = "<" if header.startswith(b"II") else ">"
    big = header[2:4] in (b"+\0", b"\0+")
    count, entry, offset = ("Q", "HHQ8s", "Q") if big else ("H", "HHI4s", "I")
    number = struct.Struct(order + offset)
    first = number.unpack(_read(file, 8, 8) if big else header[4:])[0]
    return _Layout(struct.Struct(order + count), struct.Struct(order + entry), number, first)


def _directory(
    file: BinaryIO, layout: _Layout, place: int
) -> tuple[list[tuple[int, int, int, bytes]], int]:
    """The entries of a directory, and where the next one is."""
    (count,) = layout.count.unpack(_read(file, place, layout.count.size))
    if count > MOST_TAGS:
        raise ImageFileError("is damaged: its directories hold more than the file can")
    start = place + layout.count.size
    entries = _read(file, start, count * layout.entry.size)
    (after,) = layout.offset.unpack(_read(file, start + len(entries), layout.offset.size))
    return list(layout.entry.iter_unpack(entries)), after


def _read(file: BinaryIO, place: int, count: int) -> bytes:
    file.seek(place)
    data = file.read(count)
    if len(data) < count:
        raise ImageFileError("is cut short")
    return data
