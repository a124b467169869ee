"""The samples of a TIFF file as they are stored, in strips or tiles, some rows at a time."""

import math
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from tifffile import TiffPage

from dde.errors import ImageFileError
from dde.images.kept_file import ROWS_AT_LEAST, KeptFile
from dde.images.pillow import refuse_large
from dde.images.source import Rows, Samples, by_bands
from dde.threads import get_num_threads


def stored_samples(page: TiffPage, file: KeptFile) -> Samples:
    """
    All samples of a page, those beyond its colours included.

    Parameters
    ----------
    page : tifffile.TiffPage
        One image, of depth 1. tifffile may close its file afterwards.
    file : KeptFile
        The same file.

    Returns
    -------
    Samples
        Its rows are whole strips or tiles. `alpha` is False, for nothing is known of them yet.

    Raises
    ------
    ImageFileError
        If a strip or tile is missing, or is compressed and too large to be decoded as a whole.
    """
    height, width = page.imagelength, page.imagewidth
    if page.is_final:
        rows = min(ROWS_AT_LEAST, height)
        read: Rows = partial(_plain_rows, page, file)
    else:
        tall = page.tilelength if page.is_tiled else page.rowsperstrip
        across = page.tilewidth if page.is_tiled else width
        refuse_large(across, tall, "is compressed in pieces of")
        refuse_large(width, tall, "is compressed in rows of pieces of")
        _refuse_missing(page)
        rows = min(tall * math.ceil(ROWS_AT_LEAST / tall), height)
        tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
        bands = partial(_decoded_rows, page, partial(page.decode, **tables), file)
        read = by_bands(bands, rows, height)
    return Samples(
        shape=(height, width, page.samplesperpixel),
        type=np.dtype(page.dtype),
        alpha=False,
        rows=rows,
        read=read,
    )


def _refuse_missing(page: TiffPage) -> None:
    """A strip or tile of no bytes, tifffile would fill in with black."""
    expected = math.prod(page.chunked)
    present = min(len(page.dataoffsets), len(page.databytecounts))
    if present < expected or not all(page.databytecounts[:expected]):
        raise ImageFileError("lacks some of its strips or tiles")


def _plain_rows(page: TiffPage, file: KeptFile, start: int, stop: int) -> np.ndarray:
    """Rows of uncompressed samples that lie one after the other."""
    planes, _, height, width, channels = page.shaped
    dtype = np.dtype(page.dtype).newbyteorder(page.parent.byteorder)
    row = width * channels * dtype.itemsize
    read = [
        file.array(
            page.dataoffsets[0] + (plane * height + start) * row,
            dtype,
            (stop - start, width, channels),
        )
        for plane in range(planes)
    ]
    rows = read[0] if planes == 1 else np.concatenate(read, axis=2)
    return rows.astype(page.dtype, copy=False)


def _decoded_rows(
    page: TiffPage, decode: Callable[..., Any], file: KeptFile, start: int, stop: int
) -> np.ndarray:
    """Rows of whole strips or tiles, decoded on as many threads as the kernels use."""
    rows = np.empty((stop - start, page.imagewidth, page.samplesperpixel), dtype=page.dtype)

    def put(segment: int) -> None:
        data = file.bytes(page.dataoffsets[segment], page.databytecounts[segment])
        decoded, (plane, _, top, left, _), _ = decode(data.tobytes(), segment)
        place = rows[top - start :, left:]
        place = place[..., plane : plane + 1] if page.planarconfig == 2 else place
        part = decoded[0, : place.shape[0], : place.shape[1]]
        place[: part.shape[0], : part.shape[1]] = part

    with ThreadPoolExecutor(get_num_threads()) as threads:
        for _ in threads.map(put, _segments(page, start, stop)):
            pass
    return rows


def _segments(page: TiffPage, start: int, stop: int) -> Iterator[int]:
    """The numbers of the strips or tiles that hold these rows."""
    tall = page.tilelength if page.is_tiled else page.rowsperstrip
    across = math.ceil(page.imagewidth / page.tilewidth) if page.is_tiled else 1
    down = math.ceil(page.imagelength / tall)
    planes = page.samplesperpixel if page.planarconfig == 2 else 1
    for plane in range(planes):
        first = plane * down + start // tall
        last = plane * down + math.ceil(stop / tall)
        yield from range(first * across, last * across)
