"""What compressed images say of themselves before they are decoded, as far as that costs memory and
time: a few bytes may claim any number of pixels.

References: ITU-T T.81 (JPEG), annex B; ITU-T T.800 (JPEG 2000), A.5.1; RFC 9649 (WebP), section 2.
"""

import re
import struct
from typing import BinaryIO

from dde.errors import ImageFileError

MOST_SCANS = 100  # of a progressive JPEG, which has about ten; each goes over the whole image
LONGEST_SEGMENT = 1 << 16
START_OF_SCAN = 0xDA
END_OF_IMAGE = 0xD9
STARTS_OF_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
ALONE = frozenset((0x01, *range(0xD0, 0xD9)))  # markers without a segment
MARKER = re.compile(rb"\xff+([^\x00\xff\xd0-\xd7])")  # that may end the data of a scan
JPEG_2000_SIZE = b"\xff\x4f\xff\x51"


def refuse_many_scans(file: BinaryIO) -> None:
    """Refuses a JPEG file that is decoded over and over again."""
    file.seek(0)
    content = file.read()
    file.seek(0)
    scans, place = 0, 2
    while found := MARKER.search(content, place):
        place = found.end()
        marker = found[1][0]
        if marker == END_OF_IMAGE:
            return
        scans += marker == START_OF_SCAN
        if scans > MOST_SCANS:
            raise ImageFileError(f"holds more than {MOST_SCANS} scans of one image")
        if marker not in ALONE:
            place += int.from_bytes(content[place : place + 2])


def size_of_jpeg(data: bytes) -> tuple[int, int]:
    """Width and height of a JPEG stream; 0 where it leaves them to its surroundings."""
    place = 2
    while place + 9 <= len(data):
        if data[place] != 0xFF:
            break
        marker = data[place + 1]
        if marker == 0xFF:
            place += 1
        elif marker in ALONE:
            place += 2
        elif marker in STARTS_OF_FRAMES:
            height, width = struct.unpack_from(">HH", data, place + 5)
            return width, height
        elif marker in (START_OF_SCAN, END_OF_IMAGE):
            break
        else:
            place += 2 + int.from_bytes(data[place + 2 : place + 4])
    return 0, 0


def size_of_jpeg_2000(data: bytes) -> tuple[int, int]:
    """Width and height of the reference grid of a JPEG 2000 stream, bare or in a file."""
    start = data.find(JPEG_2000_SIZE)
    if start < 0 or len(data) < start + 24:
        return 0, 0
    right, bottom, left, top = struct.unpack_from(">4I", data, start + 8)
    return right - left, bottom - top


def size_of_webp(data: bytes) -> tuple[int, int]:
    """Width and height of a WebP stream."""
    kind, head = data[12:16], data[20:30]
    if len(head) < 10:
        return 0, 0
    if kind == b"VP8X":
        return int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(head[1:5], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", head, 6)
    return width & 0x3FFF, height & 0x3FFF
