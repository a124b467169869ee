"""A `Source` of whatever an image comes from. The readers of files are loaded when needed."""

import os
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde.images.source import Source, samples_of, source_of
from dde.spaces.whites import reference_white
from dde.wording import must_be_one_of

SPACES = ("sRGB", "XYZ", "Lab")


def open_image(
    image: ArrayLike | str | os.PathLike[str] | Any,
    *,
    name: str = "image",
    space: str | None = None,
    white: str | ArrayLike = "D65",
) -> Source:
    """
    An image as something that can be read some rows at a time.

    Parameters
    ----------
    image : array_like, zarr.Array, PIL.Image.Image or path
        An array of shape (H, W, 3); or of sRGB also (H, W) grey, (H, W, 2) grey and alpha, or
        (H, W, 4) with alpha. What slices like an array, such as `numpy.memmap` and `zarr.Array`,
        stays where it is and is read by rows. A path names a PNG, JPEG, WebP, BMP or TIFF file, a
        ``.npy`` file, or a zarr array.
    name : str, optional
        What the caller's argument is called, for error messages.
    space : {"sRGB", "XYZ", "Lab"}, optional
        What an array holds, by default sRGB; and what the floating-point samples of a file are,
        where it does not say so itself. All other files do.
    white : str or array_like, optional
        The white that colours converted by an embedded profile are adapted to; see
        `dde.spaces.whites.WHITES`. Colours given as XYZ or Lab are taken as they are.

    Returns
    -------
    Source
        Alpha has become a mask: False where it is 0. Partly transparent pixels are laid on white.

    Raises
    ------
    ImageFileError
        If a file is missing, damaged, or not an image of an accepted kind. What shows only when
        its pixels are decoded, `Source.read` raises.
    TypeError
        If an array is of a type that its space does not have.
    ValueError
        If an array is of another shape, or the space or the white is unknown.
    ModuleNotFoundError
        If the packages that read image files are not installed; they are in the extra ``cli``.

    Examples
    --------
    >>> source = open_image("examples/reference.jpg")
    >>> source.shape, source.space, source.read(0, 10).shape
    ((400, 600), 'sRGB', (10, 600, 3))
    >>> rgba = np.zeros((2, 2, 4), dtype=np.uint8)
    >>> rgba[0, 1, 3] = 255
    >>> open_image(rgba).read_mask(0, 2).tolist()
    [[False, True], [False, False]]
    """
    if space is not None and space not in SPACES:
        raise ValueError(f"space {must_be_one_of(space, SPACES)}")
    white = reference_white(white)
    if isinstance(image, (str, os.PathLike)):
        source: Source = _readers().open_path(Path(image), name, space, white)
        return source
    if hasattr(image, "getbands"):  # one of Pillow's, asked so that Pillow need not be there
        source = _readers().open_picture(image, name, white)
        return source
    return open_array(image, name, space or "sRGB")


def _readers() -> ModuleType:
    try:
        from dde.images import files
    except ModuleNotFoundError as missing:
        raise ModuleNotFoundError(
            f"image files need {missing.name}; install what reads them with: "
            'pip install "deepdeltae[cli]"'
        ) from None
    return files


def open_array(image: Any, name: str, space: str) -> Source:
    """The source of an array, or of what slices like one; `open_image` says what is accepted."""
    if not isinstance(getattr(image, "dtype", None), np.dtype):
        try:
            image = np.asarray(image)
        except ValueError:
            raise ValueError(f"{name} must be an array, not a sequence of unequal parts") from None
    try:
        return source_of(samples_of(image, space), space, {"format": "array"})
    except (TypeError, ValueError) as error:
        raise type(error)(f"{name} {error}") from None
