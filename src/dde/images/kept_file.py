"""Files that stay open as long as something may be read from them. None of them is mapped into
memory: what is cut short by others while it is mapped ends the process."""

import os
import sys
import weakref
from math import prod
from threading import Lock
from typing import Any, BinaryIO

import numpy as np

from dde.errors import ImageFileError
from dde.host import pass_on


class KeptFile:
    """
    A file that is read in pieces, and stays the same one if its name is given to another.

    Whoever changes what is in it, or closes it, makes reading fail: what was read before and what
    was read after would belong to different images.

    Parameters
    ----------
    file : file object
        It may be closed afterwards.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = os.dup(file.fileno())
        self._state = _state(self._descriptor)
        weakref.finalize(self, _close, self._descriptor, self._state)

    @property
    def size(self) -> int:
        """In bytes."""
        return self._state[2]

    def check(self) -> None:
        """`ImageFileError` if the file is not as it was when this was made."""
        try:
            state = _state(self._descriptor)
        except OSError as error:
            pass_on(error)
            raise ImageFileError("was closed while it was read") from None
        if state[:2] != self._state[:2]:
            raise ImageFileError("was closed while it was read")
        if state != self._state:
            raise ImageFileError("was changed while it was read")

    def bytes(self, offset: int, count: int) -> np.ndarray:
        """So many bytes from `offset` on, as uint8; `ImageFileError` if there are fewer."""
        self.check()
        if offset + count > self.size:
            raise ImageFileError("is cut short")
        data = np.empty(count, dtype=np.uint8)
        done = 0
        while done < count:
            read = _read_at(self._descriptor, data[done:], offset + done)
            if not read:
                break
            done += read
        self.check()
        return data

    def array(self, offset: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
        """An array that starts at `offset`; of the byte order of the file."""
        return self.bytes(offset, prod(shape) * dtype.itemsize).view(dtype).reshape(shape)


if sys.platform == "win32":
    _TURNS = Lock()

    def _read_at(descriptor: int, into: np.ndarray, offset: int) -> int:
        """Leaves the position where it was: it is that of the file that was given, too."""
        with _TURNS:
            position = os.lseek(descriptor, 0, os.SEEK_CUR)
            os.lseek(descriptor, offset, os.SEEK_SET)
            piece = os.read(descriptor, into.size)
            os.lseek(descriptor, position, os.SEEK_SET)
        into[: len(piece)] = np.frombuffer(piece, np.uint8)
        return len(piece)
else:

    def _read_at(descriptor: int, into: np.ndarray, offset: int) -> int:
        return os.preadv(descriptor, [into.data], offset)


def _state(descriptor: int) -> tuple[int, int, int, int]:
    """Which file it is, and what would change with what is in it."""
    status = os.fstat(descriptor)
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _close(descriptor: int, state: tuple[int, int, int, int]) -> None:
    """Closes it, unless somebody else did, and its number may be another file's by now."""
    try:
        if _state(descriptor)[:2] == state[:2]:
            os.close(descriptor)
    except OSError:
        pass


class StoredArray:
    """
    The array of a ``.npy`` file, which stays there: slices of it are read when they are asked for.

    Parameters
    ----------
    file : file object
        At its start. It may be closed afterwards.

    Raises
    ------
    ImageFileError
        If the file is cut short, or holds Python objects.
    ValueError
        If it is no ``.npy`` file.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = KeptFile(file)
        version = np.lib.format.read_magic(file)
        if version == (1, 0):
            header = np.lib.format.read_array_header_1_0(file)
        else:
            header = np.lib.format.read_array_header_2_0(file)
        self.shape, self.fortran_order, self.dtype = header
        self.ndim = len(self.shape)
        self._offset = file.tell()
        if self.dtype.hasobject:
            raise ImageFileError("holds Python objects, which are not read")
        if bool in map(type, self.shape):  # which NumPy lets pass
            raise ImageFileError("has a damaged header")
        if min(self.shape, default=0) < 0 or self._offset + self.nbytes > self._file.size:
            raise ImageFileError("is cut short")

    @property
    def nbytes(self) -> int:
        return self.dtype.itemsize * prod(self.shape)

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, key: Any) -> np.ndarray:
        """Some rows, or a part of some rows. Of Fortran order all is read."""
        rows, *rest = key if isinstance(key, tuple) else (key,)
        step = rows.step or 1 if isinstance(rows, slice) else 0
        if self.fortran_order or step != 1:
            return np.asarray(self.__array__()[key])
        start, stop, _ = rows.indices(len(self))
        row = self.dtype.itemsize * prod(self.shape[1:])
        shape = (max(stop - start, 0), *self.shape[1:])
        read = self._file.array(self._offset + start * row, self.dtype, shape)
        return np.asarray(read[(slice(None), *rest)] if rest else read)

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> np.ndarray:
        shape = self.shape[::-1] if self.fortran_order else self.shape
        whole = self._file.array(self._offset, self.dtype, shape)
        return np.asarray(whole.T if self.fortran_order else whole, dtype=dtype)

    def __reduce__(self) -> tuple[Any, ...]:
        """A copy for another process is in memory: there the file may be out of reach."""
        return np.asarray, (self.__array__(),)
