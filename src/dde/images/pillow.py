"""PNG, JPEG, WebP and BMP files, and images that Pillow has read."""

from collections.abc import Callable, Mapping
from typing import BinaryIO

import numpy as np
from PIL import (
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageFile,
    JpegImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from dde.errors import ImageFileError
from dde.extras import asking_for
from dde.images.codestreams import refuse_many_scans
from dde.images.complaints import ACCEPTED
from dde.images.encodings import (
    COLOUR_SPACE,
    EXIF_IFD,
    EXIF_UNCALIBRATED,
    INTEROP_IFD,
    INTEROP_INDEX,
    Encoding,
    cicp_of,
    colours_of_bmp,
    encoding_of_cicp,
    encoding_of_exif,
    encoding_of_png,
)
from dde.images.limits import refuse_large
from dde.images.profiles import coloured
from dde.images.source import Samples, Source
from dde.spaces.space import Space

GREY_MODES = ("1", "L", "LA")
COLOUR_MODES = ("P", "PA", "RGB", "RGBA", "YCbCr")
SIXTEEN_BIT_MODES = ("I;16", "I;16B", "I;16L")
PNG_DEPTH = 24  # where the header has the bits of a sample; ISO/IEC 15948, 11.2.2
ORIENTATION = 0x0112  # in EXIF and in TIFF
UNCALIBRATED = {
    "said_by": "EXIF's ColorSpace",
    "description": "uncalibrated",
    "done": "taken for sRGB, since nothing says more",
}

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


def read_picture(
    file: BinaryIO, space: Space | None, white: np.ndarray, provenance: Mapping[str, object]
) -> Source:
    """The source of a file that Pillow knows; `open_image` says what becomes of its pixels."""
    with open_picture_file(file) as image:
        said = {**provenance, "format": image.format}
        return picture_source(image, space, white, said, file)


def open_picture_file(file: BinaryIO, accepted: str = ACCEPTED) -> ImageFile.ImageFile:
    """
    A PNG, JPEG, WebP or BMP file as an image of Pillow, not yet decoded.

    `Image.open` would refuse or warn by a limit for the whole process, which takes the frames of
    line-scan cameras for attacks, and is not ours to change. Ours is `refuse_large`.
    """
    start = file.read(16)
    file.seek(0)
    try:
        if start.startswith(b"\x89PNG\r\n\x1a\n"):
            return PngImagePlugin.PngImageFile(file)
        if start.startswith(b"\xff\xd8\xff"):
            refuse_many_scans(file)
            # Of an MPO file this is the first picture; the others are its previews or depth maps.
            return JpegImagePlugin.JpegImageFile(file)
        if start.startswith(b"RIFF") and start[8:12] == b"WEBP":
            return WebPImagePlugin.WebPImageFile(file)
        if start.startswith(b"BM"):
            return BmpImagePlugin.BmpImageFile(file)
    except SyntaxError:
        pass  # so Pillow calls what is no image of the kind
    except Image.DecompressionBombError as error:
        raise ImageFileError(f"is too large for Pillow: {error}") from None
    raise ImageFileError(f"cannot be read as an image of at least 1 pixel; {accepted}")


def open_label_picture(file: BinaryIO, accepted: str) -> ImageFile.ImageFile:
    """The same for a label image, which may be a GIF file as well."""
    start = file.read(4)
    file.seek(0)
    if start == b"GIF8":
        return GifImagePlugin.GifImageFile(file)
    return open_picture_file(file, accepted)


def picture_source(
    image: Image.Image,
    space: Space | None,
    white: np.ndarray,
    provenance: Mapping[str, object],
    file: BinaryIO | None = None,
) -> Source:
    """The source of an image of Pillow; its file is asked for 16 bits that Pillow cuts to 8."""
    refuse_large(*image.size)
    _refuse_unfit(image)
    deep = file and _deep_png(file)
    image.load()
    pixels = _deep_pixels(deep) if deep else _pixels(image)
    pixels, turned = upright(np.atleast_3d(pixels), image.getexif().get(ORIENTATION, 1))
    samples = Samples(
        shape=pixels.shape,
        type=pixels.dtype,
        alpha=pixels.shape[2] == 2 or (pixels.shape[2] == 4 and image.mode != "CMYK"),
        read=lambda start, stop: pixels[start:stop],
    )
    profile, encoding, said = _colour_of(image, file)
    return coloured(samples, profile, white, {**provenance, **turned, **said}, encoding, space)


def _colour_of(
    image: Image.Image, file: BinaryIO | None
) -> tuple[bytes | None, Encoding | None, dict[str, object]]:
    """The profile of an image, or what else it says of its colours, and more for the record."""
    if file and image.format == "PNG":
        content = cicp_of(file)
        if content is not None:
            return None, encoding_of_cicp(content), {}
    if file and image.format == "BMP":
        profile, said_by_header = colours_of_bmp(file)
        return profile, None, said_by_header
    profile = image.info.get("icc_profile")
    if profile is None and "icc_profile" in image.info:
        raise ImageFileError("has a damaged colour profile")
    encoding = None if profile else encoding_of_png(image.info)
    if profile or encoding:
        return profile, encoding, {}
    exif = image.getexif()
    said = exif.get_ifd(EXIF_IFD)
    interoperability = exif.get_ifd(INTEROP_IFD) if INTEROP_IFD in said else {}
    encoding = encoding_of_exif(said.get(COLOUR_SPACE), interoperability.get(INTEROP_INDEX))
    if not encoding and said.get(COLOUR_SPACE) == EXIF_UNCALIBRATED:
        return None, None, {"encoding": UNCALIBRATED}
    return None, encoding, {}


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
    return file.read() if start.startswith(b"\x89PNG") and start[PNG_DEPTH] == 16 else None


def _deep_pixels(content: bytes) -> np.ndarray:
    with asking_for("images", "a PNG file of 16 bits"):
        from imagecodecs import png_decode
    return np.asarray(png_decode(content))


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
