"""The samples of a TIFF file as they are stored, in strips or tiles, some rows at a time."""

import math
import operator
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

import numpy as np
from tifffile import COMPRESSION, TiffPage

from dde.errors import ImageFileError
from dde.extras import asking_for
from dde.host import pass_on
from dde.images.codestreams import size_of_jpeg, size_of_jpeg_2000, size_of_webp
from dde.images.kept_file import KeptFile
from dde.images.limits import band_of, refuse_large
from dde.images.source import Rows, Samples, by_bands
from dde.threads import get_num_threads

# What these say of their size, is more than they need have of the strip or tile that they are.
SIZES: dict[int, Callable[[bytes], tuple[int, int]]] = {
    COMPRESSION.JPEG: size_of_jpeg,
    COMPRESSION.APERIO_JP2000_YCBC: size_of_jpeg_2000,
    COMPRESSION.APERIO_JP2000_RGB: size_of_jpeg_2000,
    COMPRESSION.JPEG_2000_LOSSY: size_of_jpeg_2000,
    COMPRESSION.JPEG2000: size_of_jpeg_2000,
    COMPRESSION.WEBP: size_of_webp,
}
# Decoders of all others are told how much to give, or are not accepted.
ACCEPTED: tuple[int, ...] = (
    COMPRESSION.NONE,
    COMPRESSION.CCITTRLE,
    COMPRESSION.CCITTFAX3,
    COMPRESSION.CCITTFAX4,
    COMPRESSION.LZW,
    COMPRESSION.ADOBE_DEFLATE,
    COMPRESSION.DEFLATE,
    COMPRESSION.PACKBITS,
    COMPRESSION.LZMA,
    COMPRESSION.ZSTD,
    COMPRESSION.ZSTD_DEPRECATED,
    *SIZES,
)
BLOCK = 16  # to a multiple of which encoders may fill up a strip or tile


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
        If a strip or tile is missing, is compressed in a way that is not accepted, or is too large
        to be decoded as a whole.
    """
    height, width = page.imagelength, page.imagewidth
    size = np.dtype(page.dtype).itemsize * page.samplesperpixel
    if page.is_final:
        refuse_large(width, 1, "has rows of", size)
        _refuse_cut_short(page, file, height * width * size)
        read: Rows = partial(_plain_rows, page, file)
    else:
        tall, across = _piece(page)
        if page.compression not in ACCEPTED:
            name = getattr(page.compression, "name", page.compression)
            raise ImageFileError(f"is compressed by {name}, which is not accepted")
        if min(tall, across) < 1:
            raise ImageFileError("is stored in pieces of no pixel")
        refuse_large(across, tall, "is compressed in pieces of", size)
        refuse_large(width, tall, "is compressed in rows of pieces of", size)
        _refuse_missing(page, file)
        tables = {"jpegtables": page.jpegtables, "jpegheader": page.jpegheader}
        bands = partial(_decoded_rows, page, partial(page.decode, **tables), file)
        read = by_bands(bands, band_of(tall, width, height), height)
    shape = height, width, page.samplesperpixel
    return Samples(shape=shape, type=np.dtype(page.dtype), alpha=False, read=read)


def _piece(page: TiffPage) -> tuple[int, int]:
    """Height and width of its strips or tiles, as they are encoded."""
    if page.is_tiled:
        return page.tilelength, page.tilewidth
    return page.rowsperstrip, page.imagewidth


def _refuse_cut_short(page: TiffPage, file: KeptFile, size: int) -> None:
    if page.dataoffsets[0] + size > file.size:
        raise ImageFileError("is cut short")


def _refuse_missing(page: TiffPage, file: KeptFile) -> None:
    """A strip or tile of no bytes, tifffile would fill in with black."""
    expected = math.prod(page.chunked)
    present = min(len(page.dataoffsets), len(page.databytecounts))
    if present < expected or not all(page.databytecounts[:expected]):
        raise ImageFileError("lacks some of its strips or tiles")
    ends = map(operator.add, page.dataoffsets[:expected], page.databytecounts[:expected])
    if max(ends) > file.size:
        raise ImageFileError("is cut short")


def _refuse_false_size(page: TiffPage, data: bytes) -> None:
    """Refuses a strip or tile that would decode to far more than its place in the image takes."""
    if page.compression in SIZES:
        across, tall = SIZES[page.compression](data)
        height, width = _piece(page)
        if tall > height + BLOCK or across > width + BLOCK:
            raise ImageFileError(
                f"is damaged: a strip or tile of {width} x {height} pixels holds {across} x {tall}"
            )


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
        data = file.bytes(page.dataoffsets[segment], page.databytecounts[segment]).tobytes()
        _refuse_false_size(page, data)
        try:
            decoded, (plane, _, top, left, _), _ = decode(data, segment)
        except MemoryError:
            raise
        except Exception as error:
            pass_on(error)
            _need_decoders()  # before it is called damaged: tifffile itself knows but a few
            raise
        place = rows[top - start :, left:]
        place = place[..., plane : plane + 1] if page.planarconfig == 2 else place
        part = decoded[0, : place.shape[0], : place.shape[1]]
        place[: part.shape[0], : part.shape[1]] = part

    with ThreadPoolExecutor(get_num_threads()) as threads:
        for _ in threads.map(put, _segments(page, start, stop)):
            pass
    return rows


def _need_decoders() -> None:
    with asking_for("images", "a TIFF file that is stored like this"):
        from imagecodecs import __version__  # noqa: F401


def _segments(page: TiffPage, start: int, stop: int) -> Iterator[int]:
    """The numbers of the strips or tiles that hold these rows."""
    tall, wide = _piece(page)
    across = math.ceil(page.imagewidth / wide)
    down = math.ceil(page.imagelength / tall)
    planes = page.samplesperpixel if page.planarconfig == 2 else 1
    for plane in range(planes):
        first = plane * down + start // tall
        last = plane * down + math.ceil(stop / tall)
        yield from range(first * across, last * across)
