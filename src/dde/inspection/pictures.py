"""Small pictures of what was inspected, gathered strip by strip while it is read."""

import numpy as np
from numpy.typing import ArrayLike

from dde.images.source import SRGB
from dde.report.document import Pictures
from dde.spaces.space import Space, convert, of_white

LONG_SIDE = 1500


class PictureTaker:
    """
    Gathers `Pictures` from strips of whole rows, which may come in any order and of any height.

    Parameters
    ----------
    shape : tuple of int
        Height and width of the images.

    Examples
    --------
    >>> taker = PictureTaker((2, 3000))
    >>> strip, differences = np.zeros((2, 3000, 3), np.uint8), np.zeros((2, 3000))
    >>> differences[1, 4] = 7
    >>> taker.add(0, strip, strip + np.uint8(51), differences)
    >>> pictures = taker.pictures((SRGB, SRGB))
    >>> pictures.block, pictures.map.shape, pictures.sample[0, 0].tolist()
    (2, (1, 1500), [51, 51, 51])
    >>> pictures.map[0, 1:4].tolist()
    [0.0, 7.0, 0.0]
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.shape = shape
        self.block = -(-max(shape) // LONG_SIDE)
        height, width = (-(-side // self.block) for side in shape)
        self._sums = [np.zeros((height, width, 3), np.float32) for _ in range(2)]
        self._map = np.full((height, width), np.nan, np.float32)
        self._labels: np.ndarray | None = None

    def add(
        self,
        start: int,
        reference: np.ndarray,
        sample: np.ndarray,
        differences: np.ndarray,
        labels: np.ndarray | None = None,
    ) -> None:
        """
        Takes in a strip.

        Parameters
        ----------
        start : int
            Its first row in the image.
        reference, sample : numpy.ndarray, shape (rows, W, 3)
            Its colours.
        differences : numpy.ndarray, shape (rows, W)
            Of all its pixels.
        labels : numpy.ndarray of uint8, shape (rows, W), optional
            Its regions, as in `Pictures.labels`.
        """
        # The rows of the strip that begin a row of dots; the first may go on with one begun before.
        rows = np.arange(start, start + len(differences))
        begins = np.flatnonzero((rows % self.block == 0) | (rows == start))
        dots = slice(rows[0] // self.block, rows[-1] // self.block + 1)
        with np.errstate(over="ignore", invalid="ignore"):  # of colours that no screen has
            for sums, colours in zip(self._sums, (reference, sample), strict=True):
                white = np.iinfo(colours.dtype).max if colours.dtype.kind == "u" else 1
                sums[dots] += self._reduce(np.add, colours, begins, np.float32) / np.float32(white)
        if labels is not None:
            differences = np.where(labels, differences, np.float32(np.nan))
        largest = self._reduce(np.fmax, differences, begins, np.float32)
        np.fmax(self._map[dots], largest, out=self._map[dots])
        if labels is not None:
            if self._labels is None:
                self._labels = np.zeros(self._map.shape, np.uint8)
            first = begins[rows[begins] % self.block == 0]
            self._labels[rows[first] // self.block] = labels[first, :: self.block]

    def _reduce(
        self, function: np.ufunc, strip: np.ndarray, begins: np.ndarray, dtype: type[np.generic]
    ) -> np.ndarray:
        if self.block == 1:
            return strip.astype(dtype)
        rows = function.reduceat(strip, begins, axis=0, dtype=dtype)
        columns = np.arange(0, self.shape[1], self.block)
        return np.asarray(function.reduceat(rows, columns, axis=1))

    def pictures(
        self,
        spaces: tuple[Space, Space],
        white: str | ArrayLike = "D65",
        spread: np.ndarray | None = None,
    ) -> Pictures:
        """
        The pictures, once every strip is in.

        Parameters
        ----------
        spaces : tuple of Space
            What the colours of reference and sample are.
        white : str or array_like, optional
            The white of XYZ and Lab.
        spread : numpy.ndarray of float32, shape (H, W), optional
            Of a learned reference.
        """
        pixels = np.multiply.outer(*(self._pixels_of_dots(side) for side in self.shape))
        reference, sample = (
            _shown(sums / pixels[..., None], space, white)
            for sums, space in zip(self._sums, spaces, strict=True)
        )
        if spread is not None:
            begins = np.arange(0, self.shape[0], self.block)
            spread = self._reduce(np.fmax, spread, begins, np.float32)
            spread = np.where(np.isfinite(self._map), spread, np.float32(np.nan))
        return Pictures(self.shape, self.block, reference, sample, self._map, self._labels, spread)

    def _pixels_of_dots(self, side: int) -> np.ndarray:
        """How many pixels each dot covers along a side; the last may cover fewer."""
        return np.diff([*range(0, side, self.block), side]).astype(np.float32)


def _shown(colours: np.ndarray, space: Space, white: str | ArrayLike) -> np.ndarray:
    """Colours as a screen shows them: what sRGB does not have is clipped, NaN is black."""
    with np.errstate(invalid="ignore"):
        if space != SRGB:
            colours = convert(colours, of_white(space, white), SRGB)
        shown = np.rint(np.clip(np.nan_to_num(colours), 0, 1) * 255)
    return np.asarray(shown, dtype=np.uint8)
