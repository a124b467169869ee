"""ICC profiles, made to measure; ICC.1:2010, 7 and 10."""

import struct
from collections.abc import Mapping, Sequence

import numpy as np

RNG = np.random.default_rng(1)
D50 = 63190, 65536, 54061  # in 1/65536, as every profile has it


def profile_of(
    kind: str, curves: Mapping[str, bytes], primaries: Sequence[Sequence[float]] = ()
) -> bytes:
    """A profile of curves, and of the XYZ of red, green and blue under D50."""
    columns = {
        f"{letter}XYZ": _xyz(np.rint(np.array(primary) * 65536))
        for letter, primary in zip("rgb", primaries, strict=False)
    }
    return _profile("mntr", kind, "XYZ ", {**curves, **columns}, "Made to measure")


def cmyk_profile() -> tuple[bytes, np.ndarray]:
    """A CMYK profile of its own: a table of 2 nodes an ink, between corners that we choose."""
    corners = RNG.uniform((0, -60, -60), (100, 60, 60), (2, 2, 2, 2, 3))
    corners[0, 0, 0, 0] = 100, 0, 0
    encoded = np.rint(corners * [652.8, 256, 256] + [0, 32768, 32768])
    ramp = struct.pack(">2H", 0, 65535)
    table = (
        struct.pack(">4s4x4B", b"mft2", 4, 3, 2, 0)
        + struct.pack(">9i", *(np.eye(3, dtype=int).ravel() * 65536))
        + struct.pack(">2H", 2, 2)
        + 4 * ramp
        + encoded.astype(">u2").tobytes()
        + 3 * ramp
    )
    return _profile("prtr", "CMYK", "Lab ", {"A2B0": table}, "Inks"), corners


def _profile(
    device: str, kind: str, connection: str, tags: Mapping[str, bytes], name: str
) -> bytes:
    described = b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name.encode() + bytes(79)
    contents = {"desc": described, "wtpt": _xyz(D50), **tags}
    table, data, place = b"", b"", 128 + 4 + len(contents) * 12
    for signature, content in contents.items():
        table += struct.pack(">4s2I", signature.encode(), place + len(data), len(content))
        data += content.ljust(-(-len(content) // 4) * 4, b"\0")
    header = struct.pack(
        ">I4sI4s4s4s12s4s28x3i", place + len(data), b"", 0x02400000, device.encode(),
        kind.encode(), connection.encode(), bytes(12), b"acsp", *D50,
    ).ljust(128, b"\0")  # fmt: skip
    return header + struct.pack(">I", len(contents)) + table + data


def _xyz(numbers: Sequence[float] | np.ndarray) -> bytes:
    return struct.pack(">4s4x3i", b"XYZ ", *map(int, numbers))
