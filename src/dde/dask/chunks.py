"""Dask arrays of images, and their chunks with what lies around them."""

import math
from collections.abc import Sequence
from os import PathLike
from typing import Any

import dask.array as da
import numpy as np

from dde.learned import Reference


def dask_array(image: Any, name: str) -> da.Array:
    """An image as a dask array, its size known."""
    if isinstance(image, Reference):
        raise TypeError(f"{name} must be an array; dde.inspect takes learned references")
    if isinstance(image, (str, PathLike)):
        raise TypeError(
            f"{name} must be an array, such as dask.array.from_zarr gives; dde.inspect reads files"
        )
    array = da.asarray(image)
    if any(map(math.isnan, array.shape)):
        raise ValueError(
            f"{name} has chunks of unknown size; its compute_chunk_sizes() finds them out"
        )
    return array


def with_margins(array: da.Array, lengths: Sequence[int], margin: int, axis: int) -> da.Array:
    """The chunks of these lengths along an axis, each with what lies around it: so some of it more
    than once."""
    if margin == 0:
        return array
    size = array.shape[axis]
    ends = np.cumsum(lengths).tolist()
    parts = []
    for end, length in zip(ends, lengths, strict=True):
        seen = slice(max(end - length - margin, 0), min(end + margin, size))
        part = array[(slice(None),) * axis + (seen,)]
        parts.append(part.rechunk({axis: -1}, method="tasks"))
    return da.concatenate(parts, axis=axis)


def margins_of(lengths: Sequence[int], margin: int) -> da.Array:
    """Of each chunk: how many pixels of margin lie before it, and how many it has. One a chunk."""
    starts = np.cumsum([0, *lengths[:-1]])
    places = np.empty(len(lengths), dtype=object)
    places[:] = list(zip(np.minimum(starts, margin).tolist(), lengths, strict=True))
    return da.from_array(places, chunks=1)


def block(nested: Any) -> Any:
    """A block, which dask wraps in a list for each axis that the result has not."""
    while isinstance(nested, list):
        (nested,) = nested
    return nested
