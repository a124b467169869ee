"""How much of an image may be in memory at once, whatever its file says of itself."""

from math import ceil

from dde.errors import ImageFileError

MEGAPIXELS = 300
BYTES_A_PIXEL = 8  # of 16 bits with alpha; of wider pixels there may be fewer
ROWS_AT_LEAST = 64  # are read at once, however few are stored together,
PIXELS_AT_ONCE = 1 << 24  # unless they are so long


def refuse_large(width: int, height: int, what: str = "is", size: int = 1) -> None:
    """Refuses what has to be in memory at once, and is too large for it."""
    # `size` is in bytes, of a pixel.
    if width * height * max(size, BYTES_A_PIXEL) > MEGAPIXELS * 1e6 * BYTES_A_PIXEL:
        wide = f" of {size} bytes each" if size > BYTES_A_PIXEL else ""
        raise ImageFileError(
            f"{what} {width} x {height} pixels{wide}, which have to be in memory at once; at most "
            f"{MEGAPIXELS} megapixels of {BYTES_A_PIXEL} bytes are accepted"
        )


def band_of(pieces_height: int, width: int, height: int) -> int:
    """
    How many rows to read at once of an image that is stored in pieces: whole ones.

    Examples
    --------
    >>> band_of(48, 1000, 5000), band_of(48, 1000, 90), band_of(1, 1 << 28, 5000)
    (96, 90, 1)
    """
    rows = min(ROWS_AT_LEAST, PIXELS_AT_ONCE // width)
    return min(pieces_height * max(ceil(rows / pieces_height), 1), height)
