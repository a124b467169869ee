"""PNG, JPEG, WebP and BMP files, and images that Pillow has read."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

import imagecodecs
import numpy as np
from PIL import Image

from dde.errors import ImageFileError
from dde.images.profiles import coloured
from dde.images.source import Samples, Source

FORMATS = ("PNG", "JPEG", "WEBP", "BMP")
MEGAPIXELS = 300
GREY_MODES = ("1", "L", "LA")
COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "YCbCr")
SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L")
PNG_SIGNATURE = b"\x89PNG"
PNG_DEPTH = 24  # where the header has the bits of a sample; ISO/IEC 15948, 11.2.2
ORIENTATION = 0x0112  # in EXIF and in TIFF

# From what is stored to what is upright.
TURNS: dict[int, Callable[[np.ndarray], np.ndarray]] = {
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: np.rot90,
}

# Pillow's own limit is made for web servers, and takes the frames of line-scan cameras for attacks.
Image.MAX_IMAGE_PIXELS = None


def read_picture(file: BinaryIO, white: np.ndarray, provenance: Mapping[str, object]) -> Source:
    """The source of a file that Pillow knows; `open_image` says what becomes of its pixels."""
    with Image.open(file, formats=FORMATS) as image:
        return picture_source(image, white, {**provenance, "format": image.format}, file)


def picture_source(
    image: Image.Image,
    white: np.ndarray,
    provenance: Mapping[str, object],
    file: BinaryIO | None = None,
) -> Source:
    """The source of an image of Pillow; its file is asked for 16 bits that Pillow cuts to 8."""
    refuse_large(*image.size)
    _refuse_unfit(image)
    deep = file and _deep_png(file)
    image.load()
    pixels = imagecodecs.png_decode(deep) if deep else _pixels(image)
    pixels, turned = upright(np.atleast_3d(pixels), image.getexif().get(ORIENTATION, 1))
    samples = Samples(
        shape=pixels.shape,
        type=pixels.dtype,
        alpha=pixels.shape[2] == 2 or (pixels.shape[2] == 4 and image.mode != "CMYK"),
        rows=pixels.shape[0],
        read=lambda start, stop: pixels[start:stop],
    )
    return coloured(samples, image.info.get("icc_profile"), white, {**provenance, **turned})


def refuse_large(width: int, height: int, what: str = "is") -> None:
    """Refuses what has to be in memory at once, and is too large for it."""
    if width * height > MEGAPIXELS * 1e6:
        raise ImageFileError(
            f"{what} {width} x {height} pixels, which have to be in memory at once; at most "
            f"{MEGAPIXELS} megapixels are accepted"
        )


def _refuse_unfit(image: Image.Image) -> None:
    if image.mode not in (*GREY_MODES, *COLOUR_MODES, *SIXTEEN_BIT_MODES, "CMYK"):
        raise ImageFileError(
            f"holds {image.mode} pixels; grey, palette, RGB or CMYK ones of 8 or 16 bits are "
            "accepted"
        )
    # The second picture of an MPO file is a preview or a depth map of the photograph before it.
    frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format != "MPO":
        raise ImageFileError(f"holds {frames} frames or pages; a single image is accepted")


def _deep_png(file: BinaryIO) -> bytes | None:
    """A PNG file of 16 bits a sample."""
    file.seek(0)
    start = file.read(PNG_DEPTH + 1)
    file.seek(0)
    return file.read() if start.startswith(PNG_SIGNATURE) and start[PNG_DEPTH] == 16 else None


def _pixels(image: Image.Image) -> np.ndarray:
    """The pixels as they are stored: grey, RGB or CMYK, then alpha if there is one."""
    if image.mode in SIXTEEN_BIT_MODES:
        return np.asarray(image).astype(np.uint16, copy=False)
    mode = image.mode
    if mode != "CMYK":
        mode = "L" if mode in GREY_MODES else "RGB"
        mode += "A" if image.has_transparency_data else ""
    return np.asarray(image if image.mode == mode else image.convert(mode))


def upright(pixels: np.ndarray, orientation: int) -> tuple[np.ndarray, dict[str, object]]:
    """Pixels in the orientation that EXIF or TIFF tell of, and what the record says of it."""
    if orientation not in TURNS:
        return pixels, {}
    return TURNS[orientation](pixels), {"orientation": orientation}
