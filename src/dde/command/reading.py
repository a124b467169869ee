"""Image files as arrays of sRGB, by the one rule that ``dde compare --help`` states.

Pillow holds colours in 8 bits: of 16-bit colour it keeps the high bytes and says nothing. Here it
is asked twice, for the high bytes and for the low ones, so that all 16 bits arrive.
"""

import sys
import warnings
from pathlib import Path
from typing import BinaryIO

import numpy as np
from PIL import Image, ImageFile, ImageOps, TiffImagePlugin, UnidentifiedImageError

FORMATS = ("PNG", "JPEG", "TIFF", "WEBP", "BMP")
ACCEPTED = "PNG, JPEG, TIFF, WebP and BMP files of 8 or 16 bits are accepted"
MEGAPIXELS = 300
EIGHT_BIT_MODES = ("1", "L", "LA", "P", "PA", "RGB", "RGBA", "YCbCr")
SIXTEEN_BIT_GREY_MODES = ("I;16", "I;16B", "I;16L")

# The names of 16-bit samples in a file end in their byte order (big, little, native). In the
# opposite order the low bytes take the place of the high ones.
SIXTEEN_BIT_COLOUR = ("RGB;16", "RGBA;16", "RGBX;16")
OPPOSITE_ORDER = {"B": "L", "L": "B", "N": "B" if sys.byteorder == "little" else "L"}

# TIFF 6.0 (1992), section 8, and the values of its tags that Pillow reads right at 16 bits.
BITS_PER_SAMPLE, PHOTOMETRIC, PLANAR_CONFIGURATION, SAMPLE_FORMAT = 258, 262, 284, 339
BLACK_IS_ZERO, RGB = 1, 2
CHUNKY = 1
UNSIGNED = 1

ROWS_AT_A_TIME = 64

# Pillow's own limit is made for web servers, and takes the frames of line-scan cameras for attacks.
Image.MAX_IMAGE_PIXELS = None


class ImageFileError(ValueError):
    """What is wrong with an image file: the end of a sentence that begins with its name."""


def read_image(path: Path) -> np.ndarray:
    """
    The pixels of an image file, as sRGB.

    Grey becomes equal red, green and blue, a palette its colours; transparent pixels are laid on
    white; the EXIF orientation is applied. Colour profiles are not.

    Parameters
    ----------
    path : pathlib.Path
        A PNG, JPEG, TIFF, WebP or BMP file.

    Returns
    -------
    numpy.ndarray
        Shape (H, W, 3), perhaps read-only. uint16 if the file has 16 bits a channel, else uint8.

    Raises
    ------
    ImageFileError
        If the file is missing, damaged, cut short, or anything but one image that the rule covers.

    Examples
    --------
    >>> read_image(Path("examples/reference.jpg")).shape
    (400, 600, 3)
    """
    try:
        with warnings.catch_warnings(action="ignore"):
            pixels = _decode(path)
    except (ImageFileError, MemoryError):
        raise
    except UnidentifiedImageError:
        raise ImageFileError(
            f"cannot be read as an image of at least 1 pixel; {ACCEPTED}"
        ) from None
    except Exception as error:  # a damaged file makes Pillow raise nearly any kind
        raise ImageFileError(_what_went_wrong(error)) from error
    if pixels.shape[2] in (2, 4):
        pixels = _on_white(pixels)
    return np.broadcast_to(pixels, (*pixels.shape[:2], 3))


def _what_went_wrong(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return f"does not exist; {ACCEPTED}"
    if isinstance(error, IsADirectoryError):
        return f"is a folder; {ACCEPTED}"
    if isinstance(error, OSError) and error.strerror:
        return f"cannot be opened ({error.strerror}); {ACCEPTED}"
    reason = str(error) or type(error).__name__
    return f"is damaged, cut short or of an unknown kind ({reason}); {ACCEPTED}"


def _decode(path: Path) -> np.ndarray:
    """The pixels as the file has them: (H, W, 1 to 4), grey or RGB, then alpha if there is one."""
    # From a path rather than a file, Pillow 13 misreads TIFF images that lie on their side.
    with open(path, "rb") as file, Image.open(file, formats=FORMATS) as image:
        _refuse_unfit(image)
        rawmode = _rawmode(image)
        if rawmode[:-1] in SIXTEEN_BIT_COLOUR:
            pixels = _sixteen_bit_colour(image, file)
        elif rawmode == "LA;16B":  # four bytes a pixel, which "RGBA" takes as they are
            _set_rawmode(image, "RGBA")
            pixels = _upright(image).view(">u2").astype(np.uint16)
        elif image.mode in SIXTEEN_BIT_GREY_MODES:
            pixels = _upright(image).astype(np.uint16, copy=False)
        else:
            return _eight_bit(image)
        return _with_transparent_colour(pixels, image.info.get("transparency"))


def _refuse_unfit(image: ImageFile.ImageFile) -> None:
    width, height = image.size
    if width * height > MEGAPIXELS * 1e6:
        raise ImageFileError(
            f"is {width} x {height} pixels; at most {MEGAPIXELS} megapixels are accepted"
        )
    if image.mode not in EIGHT_BIT_MODES + SIXTEEN_BIT_GREY_MODES:
        raise ImageFileError(
            f"holds {image.mode} pixels; grey, palette or RGB ones of 8 or 16 bits are accepted"
        )
    # The second picture of an MPO file is a preview or a depth map of the photograph before it.
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise ImageFileError(f"holds {frames} frames or pages; a single image is accepted")
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        _refuse_misread_tiff(image)


def _refuse_misread_tiff(image: TiffImagePlugin.TiffImageFile) -> None:
    """Refuses what Pillow opens without a word and gets wrong."""
    tags = image.tag_v2
    unsigned = set(tags.get(SAMPLE_FORMAT, (UNSIGNED,))) == {UNSIGNED}
    bits = max(tags.get(BITS_PER_SAMPLE, (1,)))
    plain = (
        tags.get(PHOTOMETRIC) in (BLACK_IS_ZERO, RGB)
        and tags.get(PLANAR_CONFIGURATION, CHUNKY) == CHUNKY
    )
    if not (unsigned and (bits <= 8 or (bits == 16 and plain))):
        raise ImageFileError(
            f"holds {bits}-bit samples of a rare kind; TIFF files of 8 bits, or of 16 bits in one "
            "plane with black as 0, all unsigned, are accepted"
        )


def _rawmode(image: ImageFile.ImageFile) -> str:
    """Pillow's name for the layout of the samples in a file that may have 16 bits, or ''."""
    if image.format not in ("PNG", "TIFF") or not image.tile:
        return ""
    args = image.tile[0].args
    return str(args[0] if isinstance(args, tuple) else args)


def _set_rawmode(image: ImageFile.ImageFile, rawmode: str) -> None:
    image.tile = [
        tile._replace(args=(rawmode, *tile.args[1:]) if isinstance(tile.args, tuple) else rawmode)
        for tile in image.tile
    ]


def _upright(image: Image.Image) -> np.ndarray:
    """The samples of an image in its EXIF orientation: (H, W, channels)."""
    ImageOps.exif_transpose(image, in_place=True)
    return np.atleast_3d(np.asarray(image))


def _sixteen_bit_colour(image: ImageFile.ImageFile, file: BinaryIO) -> np.ndarray:
    pixels = _upright(image).astype(np.uint16)
    pixels <<= 8
    with Image.open(file, formats=FORMATS) as again:
        rawmode = _rawmode(again)
        _set_rawmode(again, rawmode[:-1] + OPPOSITE_ORDER[rawmode[-1]])
        pixels |= _upright(again)
    return pixels


def _with_transparent_colour(
    pixels: np.ndarray, colour: int | tuple[int, ...] | None
) -> np.ndarray:
    """16-bit pixels with an alpha channel that makes one colour transparent (tRNS in PNG)."""
    if colour is None:
        return pixels
    alpha = np.any(pixels != np.array(colour), axis=2, keepdims=True) * np.uint16(65535)
    return np.concatenate([pixels, alpha], axis=2)


def _eight_bit(image: Image.Image) -> np.ndarray:
    mode = "L" if image.mode in ("1", "L") else "RGB"
    if image.has_transparency_data:
        mode = "RGBA"
    return _upright(image if image.mode == mode else image.convert(mode))


def _on_white(pixels: np.ndarray) -> np.ndarray:
    """Pixels with alpha, as they look on white; a few rows at a time, to save memory."""
    white = np.iinfo(pixels.dtype).max
    colours = np.empty_like(pixels[..., :-1])
    for top in range(0, len(pixels), ROWS_AT_A_TIME):
        rows = slice(top, top + ROWS_AT_A_TIME)
        alpha = pixels[rows, :, -1:].astype(np.uint32)
        mixed = pixels[rows, :, :-1] * alpha + white * (white - alpha)
        colours[rows] = (mixed + white // 2) // white
    return colours
