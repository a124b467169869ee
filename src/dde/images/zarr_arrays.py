"""zarr arrays: the whole of them must be there, and be numbers of a bounded size.

References: Zarr core specification 3.0, and its sharding codec 1.0.
"""

import os
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np
import zarr
from zarr.storage import LocalStore

from dde.errors import ImageFileError
from dde.images.complaints import ACCEPTED
from dde.images.limits import refuse_large
from dde.reading import open_regular

METADATA = ("zarr.json", ".zarray", ".zattrs", ".zgroup", ".zmetadata")
LARGEST_METADATA = 1 << 26
# Those that make numbers of numbers. A stranger's array may name others, `pickle` among them, which
# runs what it reads.
CODECS = frozenset(
    "adler32 bitround blosc bytes bz2 crc32 crc32c delta endian fixedscaleoffset fletcher32 gzip "
    "jenkins_lookup3 lz4 lzma packbits pcodec quantize sharding_indexed shuffle transpose zfpy "
    "zlib zstd".split()
)
EMPTY = np.uint64(2**64 - 1)  # the offset of an inner chunk that a shard does not hold


def open_zarr(path: Path) -> zarr.Array[Any]:
    """The array in a folder, all of which is there."""
    for name in METADATA:
        if os.path.lexists(path / name):
            with open_regular(path / name) as file:
                if file.seek(0, 2) > LARGEST_METADATA:
                    raise ImageFileError(f"has more than {LARGEST_METADATA} bytes of metadata")
    try:
        array = zarr.open_array(path, mode="r")
    except (FileNotFoundError, zarr.errors.NodeTypeValidationError):
        raise ImageFileError(f"is a folder, and no zarr array; {ACCEPTED}") from None
    _refuse_codecs(array)
    _refuse_large_chunks(array)
    refuse_missing(array)
    return array


def refuse_missing(array: zarr.Array[Any]) -> None:
    """
    Refuses an array in a folder that lacks chunks.

    To zarr, a chunk that is not stored is full of a fill value, 0 unless told. Of an image it may
    as well be what was lost, or not yet written, and would pass for black.

    Raises
    ------
    ImageFileError
        If a chunk is not stored, or not as a regular file, and be it that its writer left it out
        for it is full of the fill value.
    """
    if not isinstance(array.store, LocalStore):
        return
    folder = array.store.root / array.store_path.path
    outer = array.shards or array.chunks
    grid = [ceil(side / piece) for side, piece in zip(array.shape, outer, strict=True)]
    stored = {
        os.path.relpath(os.path.join(place, name), folder)
        for place, _, names in os.walk(folder)
        for name in names
        if os.path.isfile(os.path.join(place, name))
    }
    expected = prod(grid)
    present = 0
    if expected <= len(stored):  # else there is no need to count them, however many they are
        for coordinates in product(*map(range, grid)):
            key = os.path.normpath(array.metadata.encode_chunk_key(coordinates))
            whole = not array.shards or _is_whole(array, folder / key, coordinates)
            present += key in stored and whole
    if present < expected:
        raise ImageFileError(
            f"lacks some of its {expected} {'shards' if array.shards else 'chunks'}, which would "
            "count as black; zarr writes those that are black with "
            'config={"write_empty_chunks": True}'
        )


def _is_whole(array: zarr.Array[Any], path: Path, coordinates: tuple[int, ...]) -> bool:
    """Whether a shard holds all chunks that lie in the array, by its index."""
    codecs: Any = array.metadata.to_dict()["codecs"]
    if [codec["name"] for codec in codecs] != ["sharding_indexed"]:
        return True  # what lies where, only its codecs know
    sharding = codecs[0]["configuration"]
    if [codec["name"] for codec in sharding["index_codecs"]] != ["bytes", "crc32c"]:
        return True
    inner = [shard // chunk for shard, chunk in zip(array.shards or (), array.chunks, strict=True)]
    size = 16 * prod(inner)
    try:
        with open_regular(path) as file:
            if sharding.get("index_location", "end") == "end":
                file.seek(-size - 4, 2)
            index = np.frombuffer(file.read(size), dtype="<u8").reshape(*inner, 2)
    except (OSError, ValueError):
        return False
    inside = tuple(
        slice(ceil((side - number * shard) / chunk))
        for side, number, shard, chunk in zip(
            array.shape, coordinates, array.shards or (), array.chunks, strict=True
        )
    )
    return not (index[inside][..., 0] == EMPTY).any()


def _refuse_codecs(array: zarr.Array[Any]) -> None:
    said: dict[str, Any] = dict(array.metadata.to_dict())
    waiting = [said.get("compressor"), *(said.get("filters") or ()), *(said.get("codecs") or ())]
    while waiting:
        codec = waiting.pop() or {"id": "bytes"}
        name = str(codec.get("id") or codec.get("name"))
        if name.removeprefix("numcodecs.") not in CODECS:
            raise ImageFileError(f"is encoded by {name!r}, which is not accepted")
        inner = codec.get("configuration", {})
        waiting += [*inner.get("codecs", ()), *inner.get("index_codecs", ())]


def _refuse_large_chunks(array: zarr.Array[Any]) -> None:
    if len(array.shape) not in (2, 3):
        return  # which is refused for its shape
    size = array.dtype.itemsize * prod(array.chunks[2:])
    tall, across = array.chunks[:2]
    refuse_large(across, tall, "is stored in chunks of", size)
    refuse_large(array.shape[1], tall, "is stored in rows of chunks of", size)
