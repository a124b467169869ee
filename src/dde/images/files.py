"""Which reader an image is for. Readers are loaded when they are needed."""

import hashlib
import os
import stat
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import numpy as np

from dde.errors import ImageFileError
from dde.extras import asking_for
from dde.images.complaints import complaining
from dde.images.kept_file import KeptFile, StoredArray
from dde.images.limits import refuse_large
from dde.images.source import SRGB, Rows, Source, samples_of, source_of
from dde.reading import open_regular
from dde.spaces.space import Space

if TYPE_CHECKING:
    from PIL import Image

COPIED_AT_ONCE = 1 << 20
TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
LARGEST_STREAM = 1 << 32  # bytes: what comes through a pipe may have no end


def open_path(path: Path, name: str, space: Space | None, white: np.ndarray) -> Source:
    """The source of a file or of a zarr array, which its path as given stands for in the record."""
    subject = f"{name} {path}"
    with complaining(subject):
        if path.is_dir():
            with asking_for("zarr", "a zarr array"):
                from dde.images.zarr_arrays import open_zarr

            source = _array(open_zarr(path), space, {"format": "zarr"})
        else:
            with open_regular(path) as file:
                source = _file(file, space, white)
    return _complaining(source, subject, {"path": str(path)})


def open_stream(stream: BinaryIO, name: str, space: Space | None, white: np.ndarray) -> Source:
    """The source of a file that the caller has open, such as standard input, from its beginning."""
    title = getattr(stream, "name", None)
    known = isinstance(title, str)
    subject = f"{name} {title}" if known else name
    with complaining(subject):
        if _is_regular(stream):
            source = _file(stream, space, white)
        else:
            import tempfile  # takes long to import

            with tempfile.TemporaryFile() as file:
                _copy(stream, file)
                source = _file(file, space, white)
    return _complaining(source, subject, {"path": title} if known else {})


def open_picture(image: "Image.Image", name: str, space: Space | None, white: np.ndarray) -> Source:
    """The source of an image of Pillow."""
    from dde.images.pillow import picture_source

    with complaining(name):
        said: dict[str, object] = {"format": f"{image.format or 'PIL'} image"}
        return picture_source(image, space, white, said)


def _complaining(source: Source, subject: str, provenance: dict[str, object]) -> Source:
    """The source, which says what it reads when it fails, and in the record."""

    def reading(read: Rows) -> Rows:
        def read_or_complain(start: int, stop: int) -> np.ndarray:
            with complaining(subject):
                return read(start, stop)

        return read_or_complain

    return replace(
        source,
        read=reading(source.read),
        read_mask=source.read_mask and reading(source.read_mask),
        provenance={**provenance, **source.provenance},
    )


def _is_regular(stream: BinaryIO) -> bool:
    try:
        return stat.S_ISREG(os.fstat(stream.fileno()).st_mode)
    except (AttributeError, OSError):  # it is no file, such as io.BytesIO
        return False


def _copy(stream: BinaryIO, file: Any) -> None:
    if not isinstance(stream.read(0), bytes):
        raise ImageFileError("is open as text; a file open for reading bytes is accepted")
    while chunk := stream.read(COPIED_AT_ONCE):
        file.write(chunk)
        if file.tell() > LARGEST_STREAM:
            raise ImageFileError(
                f"has more than {LARGEST_STREAM} bytes, which only a file with a path may have"
            )
    file.flush()


def _file(file: BinaryIO, space: Space | None, white: np.ndarray) -> Source:
    file.seek(0)
    kept = KeptFile(file)
    digest = hashlib.file_digest(cast(Any, file), "sha256").hexdigest()
    provenance: dict[str, object] = {"sha256": digest, "bytes": kept.size}
    file.seek(0)
    start = file.read(6)
    file.seek(0)
    if start.startswith(TIFF_STARTS):
        with asking_for("images", "a TIFF file"):
            from dde.images.tiff import open_tiff

        source = open_tiff(file, kept, space, white, provenance)
    elif start == np.lib.format.MAGIC_PREFIX:
        source = _stored(StoredArray(file), space, provenance)
    else:
        with asking_for("cli", "an image file"):
            from dde.images.pillow import read_picture

        source = read_picture(file, space, white, provenance)
    kept.check()
    return source


def _stored(array: StoredArray, space: Space | None, provenance: dict[str, object]) -> Source:
    if array.fortran_order:
        raise ImageFileError("is an array in Fortran order; C order is accepted")
    if array.ndim > 1:
        row = array.nbytes // max(array.shape[0] * array.shape[1], 1)
        refuse_large(array.shape[1], 1, "has rows of", row)
    return _array(array, space, {**provenance, "format": "NPY"})


def _array(image: Any, space: Space | None, provenance: dict[str, object]) -> Source:
    """The source of an array from a file, of which `space` says what it holds; integers are RGB."""
    of = space if space and (space.coded or image.dtype.kind == "f") else SRGB
    try:
        return source_of(samples_of(image, of), of, provenance)
    except (TypeError, ValueError) as error:
        raise ImageFileError(str(error)) from None
