"""Files that stay open as long as something may be read from them."""

import os
import weakref
from math import prod
from typing import Any, BinaryIO

import numpy as np

from dde.errors import ImageFileError

ROWS_AT_LEAST = 64  # are read at once, however few are stored together


class KeptFile:
    """
    A file that is read in pieces, and stays the same one if its name is given to another.

    Parameters
    ----------
    file : file object
        It may be closed afterwards.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._descriptor = os.dup(file.fileno())
        weakref.finalize(self, os.close, self._descriptor)

    def bytes(self, offset: int, count: int) -> np.ndarray:
        """So many bytes from `offset` on, as uint8; `ImageFileError` if there are fewer."""
        if offset + count > os.fstat(self._descriptor).st_size:
            raise ImageFileError("is cut short")
        data = np.empty(count, dtype=np.uint8)
        done = 0
        while done < count:
            read = os.preadv(self._descriptor, [data[done:].data], offset + done)
            if not read:
                raise ImageFileError("is cut short")
            done += read
        return data

    def array(self, offset: int, dtype: np.dtype[Any], shape: tuple[int, ...]) -> np.ndarray:
        """An array that starts at `offset`; of the byte order of the file."""
        return self.bytes(offset, prod(shape) * dtype.itemsize).view(dtype).reshape(shape)
