"""Maps of dask arrays."""

from typing import Any

import dask
import dask.array as da
import numpy as np

from dde.dask.chunks import block, dask_array, margins_of, with_margins
from dde.images import map as maps
from dde.metrics.table import Metric
from dde.pictures.comparison import comparison_of
from dde.pictures.viewing import Viewing
from dde.threads import num_threads


def delta_e_map(
    reference: Any,
    sample: Any,
    metric: Metric = "CIEDE2000",
    *,
    order: str = "RGB",
    clip: bool = False,
    viewing: float | Viewing | None = None,
    shift: int = 0,
    edges: float = 0,
    **factors: float,
) -> da.Array:
    """
    The map of colour differences between two sRGB images, as `dde.delta_e_map` makes it, lazily.

    Parameters
    ----------
    reference, sample : dask.array.Array, shape (H, W, 3)
        sRGB, in chunks of any size; see `dde.delta_e_map` for the types. Where the chunks of the
        sample differ, they are made those of the reference. One may be another kind of array, or
        a single colour, of shape (3,).
    metric, order, clip, viewing, shift, edges, **factors
        As for `dde.delta_e_map`. Where a pixel sees its neighbourhood, each chunk is given as many
        rows and columns around it, so that the map is the same to the last bit.

    Returns
    -------
    dask.array.Array of float32, shape (H, W)
        In the chunks of the reference. Nothing is computed yet.

    Raises
    ------
    TypeError, ValueError
        As from `dde.delta_e_map`; that a float lies outside [0, 1] shows when it is computed.

    Examples
    --------
    >>> import dask.array as da, dde.dask
    >>> reference = da.zeros((4000, 6000, 3), chunks=(1000, 2000, 3), dtype="uint8")
    >>> differences = dde.dask.delta_e_map(reference, reference + 51, metric="CIE76")
    >>> differences.shape, differences.dtype, differences.chunksize
    ((4000, 6000), dtype('float32'), (1000, 2000))
    >>> float(differences[:100].max().round(2))
    21.25
    """
    pair = (dask_array(reference, "reference"), dask_array(sample, "sample"))
    shapes = {image.shape for image in pair if image.shape != (3,)}
    if len(shapes) != 1 or (shape := shapes.pop())[2:] != (3,):
        raise ValueError(
            "reference and sample must be images of one shape (H, W, 3), or one of them a single "
            f"colour of shape (3,); their shapes are {pair[0].shape} and {pair[1].shape}"
        )
    seen: dict[str, Any] = {"viewing": viewing, "shift": shift, "edges": edges}
    arguments: dict[str, Any] = {"metric": metric, "order": order, "clip": clip, **seen, **factors}
    # What is wrong with a type, the metric or an argument is said now, not by a task.
    dot = np.zeros((1, 1, 3))
    maps.delta_e_map(dot.astype(pair[0].dtype), dot.astype(pair[1].dtype), **arguments)
    margin = comparison_of(metric, factors, **seen).margin
    first = next(image for image in pair if image.shape == shape)
    chunks = first.chunks[:2]
    blocks = []
    for image in pair:
        whole = image.rechunk((*chunks, (3,))[-image.ndim :], method="tasks")
        if image.ndim == 3:
            for axis in (0, 1):
                whole = with_margins(whole, chunks[axis], margin, axis)
        blocks += [whole, "yxc"[-image.ndim :]]
    for axis in (0, 1):
        blocks += [margins_of(chunks[axis], margin), "yx"[axis]]
    return da.blockwise(
        _map_of_blocks,
        "yx",
        *blocks,
        arguments=dask.delayed(arguments, pure=True, traverse=False),  # sent to each worker once
        dtype=np.float32,
        meta=np.empty((0, 0), dtype=np.float32),
        align_arrays=False,
        adjust_chunks={"y": chunks[0], "x": chunks[1]},
    )


def _map_of_blocks(
    reference: Any, sample: Any, above: Any, left: Any, arguments: dict[str, Any]
) -> np.ndarray:
    """The map of a chunk; `above` and `left` say where it lies in the block that holds its margins:
    behind so many pixels, and how many it has."""
    with num_threads(1):
        found = maps.delta_e_map(block(reference), block(sample), **arguments)
    rows, columns = (
        slice(first, first + size) for first, size in (block(above)[0], block(left)[0])
    )
    return found[rows, columns]
