"""A `Source` of whatever an image comes from."""

import os
import sys
from dataclasses import replace
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.typing import ArrayLike

from dde.errors import ImageFileError
from dde.images import files
from dde.images.source import SRGB, Source, samples_of, source_of
from dde.reading import path_of
from dde.spaces.space import Space, find_space
from dde.spaces.whites import reference_white


def open_image(
    image: ArrayLike | str | os.PathLike[str] | BinaryIO | Any,
    *,
    name: str = "image",
    space: Space | str | None = None,
    white: str | ArrayLike = "D65",
) -> Source:
    """
    An image as something that can be read some rows at a time.

    This is what `dde.inspect` does with its images, and the whole of what is accepted as one:

    - A **path** of a regular file, by what is in it and not by its name. PNG, JPEG (of several
      pictures the first), WebP and BMP: grey, palette, RGB or CMYK, 8 or 16 bits, with alpha or
      without. TIFF and BigTIFF of a single image beside its reduced copies, in strips or tiles, of
      any size, which are read as they are needed: also CIELAB, ICCLab and floats. ``.npy`` files in
      C order, likewise. Or the folder of a zarr array.
    - A **file object** open for reading bytes, such as ``sys.stdin.buffer``: what it holds from its
      beginning, which is copied to a temporary file if it is no file itself.
    - An **array** of shape (H, W, 3); of sRGB also (H, W) or (H, W, 1) grey, (H, W, 2) grey with
      alpha, or (H, W, 4) with alpha. What slices like an array, such as a ``memmap``, an array of
      zarr or of dask, stays where it is and is read by rows. In a masked array of NumPy a pixel of
      which any channel is masked has no colour.
    - An **image of Pillow**.

    Of a JPEG file libjpeg guesses what is damaged or missing before its end marker, and says so to
    nobody: such a file is read as if it were whole.

    Colours are what the file says, in this order. PNG: its chunk cICP, iCCP, sRGB, or gAMA and
    cHRM. All: an ICC profile; else ColorSpace and InteroperabilityIndex of EXIF, by which cameras
    mark Adobe RGB; else PrimaryChromaticities of TIFF. What says nothing is `space`. Whatever is
    not sRGB is converted to XYZ under `white`, without clipping. `Source.provenance` has what was
    found and done, as ``profile`` or ``encoding``. Orientation (of EXIF and TIFF) is honoured.

    Parameters
    ----------
    image : path, file object, array_like, zarr.Array or PIL.Image.Image
        As above.
    name : str, optional
        What the caller's argument is called, for error messages.
    space : Space or str, optional
        What an array holds, by default sRGB; and what a file holds that does not say so itself,
        of integers any RGB (they are sRGB where this is another space). In any case of letters.
    white : str or array_like, optional
        The white that converted colours are adapted to; see ``dde.spaces.whites.WHITES``. Colours
        given as XYZ or Lab are taken as they are.

    Returns
    -------
    Source
        Alpha has become a mask: False where it is 0. Partly transparent pixels are laid on white.

    Raises
    ------
    ImageFileError
        If a file is missing, not a regular file, damaged, or not an image of an accepted kind; if
        it would take more memory at once than 300 megapixels do; if a zarr array on this machine
        lacks chunks, which zarr would give as black. What shows only when its pixels are decoded,
        `Source.read` raises.
    TypeError
        If an array is of a type that its space does not have, or a list holds masked arrays.
    ValueError
        If an array is of another shape, or the space or the white is unknown.
    MissingPackageError
        If a package that reads such files is not installed: Pillow, in the extra ``cli``, for PNG,
        JPEG, WebP and BMP; tifffile and imagecodecs, in the extra ``images``, for TIFF, PNG of 16
        bits and colour profiles with tables; zarr, in the extra ``zarr``.

    Examples
    --------
    >>> import dde
    >>> source = dde.open_image("examples/reference.jpg")
    >>> source.shape, source.space.name, source.read(0, 10).shape
    ((400, 600), 'sRGB', (10, 600, 3))
    >>> rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    >>> rgba[0, 1, 3] = 255
    >>> dde.open_image(rgba).read_mask(0, 2).tolist()
    [[False, True], [False, False]]
    """
    space = None if space is None else find_space(space)
    white = reference_white(white)
    if isinstance(image, (str, os.PathLike)):
        return files.open_path(path_of(image, name), name, space, white)
    if hasattr(image, "getbands"):  # one of Pillow's, asked so that Pillow need not be there
        return files.open_picture(cast(Any, image), name, space, white)
    if hasattr(image, "read") and not hasattr(image, "dtype"):
        return files.open_stream(cast(BinaryIO, image), name, space, white)
    return open_array(image, name, space or SRGB)


def open_array(image: Any, name: str, space: Space) -> Source:
    """The source of an array, or of what slices like one; `open_image` says what is accepted."""
    if not isinstance(getattr(image, "dtype", None), np.dtype):
        refuse_masked(image, name)
        try:
            image = np.asarray(image)
        except ValueError:
            raise ValueError(f"{name} must be an array, not a sequence of unequal parts") from None
    try:
        _refuse_missing(image)
        source = source_of(samples_of(image, space), space, {"format": "array"})
    except ImageFileError as error:
        raise ImageFileError(f"{name} {error}") from None
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} {error}") from None
    mask = _mask_of(image)
    return source if mask is None else _masked(source, mask)


def _refuse_missing(image: Any) -> None:
    zarr = sys.modules.get("zarr")
    if zarr and isinstance(image, zarr.Array):
        from dde.images.zarr_arrays import refuse_missing

        refuse_missing(image)


def _mask_of(image: Any) -> Any:
    """What is True where a masked array of NumPy, or dask's of such, has no value; or None."""
    if _is_masked(image):
        return None if image.mask is np.ma.nomask else image.mask
    if _is_masked(getattr(image, "_meta", None)):
        from dask.array.ma import getmaskarray

        return getmaskarray(image)
    return None


def _is_masked(array: Any) -> bool:
    """Whether it is a masked array of NumPy, asked so that ``numpy.ma`` is not loaded for it."""
    return "numpy.ma" in sys.modules and isinstance(array, np.ma.MaskedArray)


def refuse_masked(array: Any, name: str) -> None:
    """Refuses a masked array, or one of dask's, or a list of such, where a mask would be lost."""
    if _holds_masked(array):
        raise TypeError(
            f"{name} is a masked array, whose mask would be lost; say what is masked by .filled()"
        )


def _holds_masked(given: Any) -> bool:
    if isinstance(given, (list, tuple)):
        return any(not isinstance(part, (int, float)) and _holds_masked(part) for part in given)
    return _is_masked(given) or _is_masked(getattr(given, "_meta", None))


def _masked(source: Source, mask: Any) -> Source:
    """The source without those pixels of which any channel is masked."""

    def read_mask(start: int, stop: int) -> np.ndarray:
        masked = np.asarray(mask[start:stop]).reshape(stop - start, source.shape[1], -1).any(axis=2)
        there = source.read_mask(start, stop) if source.read_mask else True
        return np.asarray(~masked & there)

    said = {**source.provenance, "mask": "of a masked array"}
    return replace(source, read_mask=read_mask, provenance=said)
