"""Which reader an image is for, and what is said when it cannot read it."""

import hashlib
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from PIL import Image, UnidentifiedImageError

from dde.errors import ImageFileError
from dde.images.kept_file import ROWS_AT_LEAST, KeptFile
from dde.images.pillow import picture_source, read_picture
from dde.images.source import Rows, Source, samples_of, source_of
from dde.images.tiff import MAGIC, open_tiff

ACCEPTED = "PNG, JPEG, WebP, BMP and TIFF files, .npy files and zarr arrays are accepted"


def open_path(path: Path, name: str, space: str | None, white: np.ndarray) -> Source:
    """The source of a file or of a zarr array, which its path as given stands for in the record."""
    with complaining(f"{name} {path}"):
        source = _zarr(path, space) if path.is_dir() else _file(path, space, white)
    return replace(
        source,
        read=_complaining(f"{name} {path}", source.read),
        read_mask=source.read_mask and _complaining(f"{name} {path}", source.read_mask),
        provenance={"path": str(path), **source.provenance},
    )


def open_picture(image: Image.Image, name: str, white: np.ndarray) -> Source:
    """The source of an image of Pillow."""
    with complaining(name):
        return picture_source(image, white, {"format": f"{image.format or 'PIL'} image"})


@contextmanager
def complaining(subject: str) -> Iterator[None]:
    """Turns whatever a reader raises into a sentence that begins with what it read."""
    try:
        with warnings.catch_warnings(action="ignore"):
            yield
    except MemoryError:
        raise
    except ImageFileError as error:
        raise ImageFileError(f"{subject} {error}") from error.__cause__
    except Exception as error:  # a damaged file makes the readers raise nearly any kind
        raise ImageFileError(f"{subject} {_what_went_wrong(error)}") from error


def _complaining(subject: str, read: Rows) -> Rows:
    def reading(start: int, stop: int) -> np.ndarray:
        with complaining(subject):
            return read(start, stop)

    return reading


def _what_went_wrong(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"does not exist; {ACCEPTED}"
    if isinstance(error, UnidentifiedImageError):
        return f"cannot be read as an image of at least 1 pixel; {ACCEPTED}"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror}); {ACCEPTED}"
    reason = " ".join(str(error).split()) or type(error).__name__
    return f"is damaged, cut short or of an unknown kind ({reason}); {ACCEPTED}"


def _file(path: Path, space: str | None, white: np.ndarray) -> Source:
    with open(path, "rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        provenance: dict[str, object] = {"sha256": digest, "bytes": file.tell()}
        file.seek(0)
        start = file.read(6)
        file.seek(0)
        if start.startswith(MAGIC):
            return open_tiff(file, space, white, provenance)
        if start == np.lib.format.MAGIC_PREFIX:
            provenance["format"] = "NPY"
            source = _array(_StoredArray(path, file), space, provenance)
            return replace(source, rows=min(ROWS_AT_LEAST, source.shape[0]))
        return read_picture(file, white, provenance)


class _StoredArray:
    """A ``.npy`` file, read by rows. A memory map would count as memory of the process."""

    def __init__(self, path: Path, file: BinaryIO) -> None:
        array = np.load(path, mmap_mode="r")
        if not array.flags.c_contiguous:
            raise ImageFileError("is an array in Fortran order; C order is accepted")
        self.shape, self.dtype, self._offset = array.shape, array.dtype, array.offset
        self._file = KeptFile(file)

    def __getitem__(self, rows: slice) -> np.ndarray:
        row = self.dtype.itemsize * prod(self.shape[1:])
        shape = (rows.stop - rows.start, *self.shape[1:])
        return self._file.array(self._offset + rows.start * row, self.dtype, shape)


def _zarr(path: Path, space: str | None) -> Source:
    import zarr  # takes long to import

    try:
        array = zarr.open_array(path, mode="r")
    except FileNotFoundError:
        raise ImageFileError(f"is a folder, and no zarr array; {ACCEPTED}") from None
    return _array(array, space, {"format": "zarr"})


def _array(image: Any, space: str | None, provenance: dict[str, object]) -> Source:
    """The source of an array from a file, of which `space` says only what floats are."""
    of = (space if image.dtype.kind == "f" else None) or "sRGB"
    try:
        return source_of(samples_of(image, of), of, provenance)
    except (TypeError, ValueError) as error:
        raise ImageFileError(str(error)) from None
