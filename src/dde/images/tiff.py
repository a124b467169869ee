"""TIFF files of any size: what their samples mean.

References: TIFF 6.0 (1992); for CIELAB of 16 bits Adobe's "Photoshop TIFF Technical Notes" (2002),
which TIFF 6.0 does not know and some older programs contradict; for ICCLab of 16 bits ICC.1:1998.
"""

import logging
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import numpy as np
import tifffile
from tifffile import COMPRESSION, EXTRASAMPLE, PHOTOMETRIC, SAMPLEFORMAT, TiffPage

from dde.errors import ImageFileError
from dde.images.encodings import (
    EXIF_IFD,
    INTEROP_INDEX,
    PRIMARY_CHROMATICITIES,
    TRANSFER_FUNCTION,
    WHITE_POINT,
    Encoding,
    encoding_of_exif,
    encoding_of_tiff,
)
from dde.images.kept_file import KeptFile
from dde.images.limits import refuse_large
from dde.images.pillow import TURNS, upright
from dde.images.profiles import coloured
from dde.images.source import LAB, XYZ, Rows, Samples, Source, source_of
from dde.images.tiff_directories import refuse_hostile, short_value
from dde.images.tiff_rows import stored_samples
from dde.spaces.space import Space

ORIENTATION = 274
COLOUR_CHANNELS: dict[int, int] = {
    PHOTOMETRIC.MINISWHITE: 1,
    PHOTOMETRIC.MINISBLACK: 1,
    PHOTOMETRIC.PALETTE: 1,
    PHOTOMETRIC.RGB: 3,
    PHOTOMETRIC.YCBCR: 3,
    PHOTOMETRIC.CIELAB: 3,
    PHOTOMETRIC.ICCLAB: 3,
    PHOTOMETRIC.SEPARATED: 4,
}
MOST_CHANNELS = 32
GREY = (PHOTOMETRIC.MINISWHITE, PHOTOMETRIC.MINISBLACK)
CIELAB = (PHOTOMETRIC.CIELAB, PHOTOMETRIC.ICCLAB)
LAB_WHITE = np.array([100.0, 0.0, 0.0])
BITS: dict[int, tuple[int, ...]] = {
    SAMPLEFORMAT.UINT: (1, 2, 4, 8, 16),
    SAMPLEFORMAT.INT: (8, 16),  # as some programs mark a* and b*
    SAMPLEFORMAT.IEEEFP: (32, 64),
}

Decode = Callable[[np.ndarray], np.ndarray]

# What is wrong with a file, the caller hears from an exception.
logging.getLogger("tifffile").addHandler(logging.NullHandler())


def open_tiff(
    file: BinaryIO,
    kept: KeptFile,
    space: Space | None,
    white: np.ndarray,
    provenance: Mapping[str, object],
) -> Source:
    """The source of a TIFF file; `open_image` says what becomes of its pixels."""
    refuse_hostile(file)
    with tifffile.TiffFile(file, name="image") as tiff:
        page = single_page(tiff)
        _refuse_unfit(page)
        samples = _decoded(stored_samples(page, kept), page)
        samples, turned = _turned(samples, page.tags.valueof(ORIENTATION, 1))
        said = {**provenance, "format": "BigTIFF" if tiff.is_bigtiff else "TIFF", **turned}
        if page.photometric in CIELAB:
            return source_of(samples, LAB, said, white=LAB_WHITE)
        if page.sampleformat == SAMPLEFORMAT.IEEEFP and (space or not page.iccprofile):
            return _floating(samples, space, white, said)
        if page.tags.valueof(TRANSFER_FUNCTION) is not None and not page.iccprofile:
            said = {**said, "transfer_function": "not read; the curve of sRGB is taken"}
        return coloured(samples, page.iccprofile, white, said, _encoding(page, file), space)


def _encoding(page: TiffPage, file: BinaryIO) -> Encoding | None:
    if page.iccprofile:
        return None
    return _encoding_of_exif(page, file) or encoding_of_tiff(
        page.tags.valueof(PRIMARY_CHROMATICITIES), page.tags.valueof(WHITE_POINT)
    )


def _encoding_of_exif(page: TiffPage, file: BinaryIO) -> Encoding | None:
    exif = page.tags.valueof(EXIF_IFD)
    if not isinstance(exif, dict):
        return None
    place = exif.get("InteroperabilityTag")
    index = short_value(file, place, INTEROP_INDEX) if isinstance(place, int) else None
    return encoding_of_exif(exif.get("ColorSpace"), index)


def single_page(tiff: tifffile.TiffFile) -> TiffPage:
    """The image of a file: its first page, if the others are but reduced copies of it."""
    pages = [page.aspage() for page in tiff.pages]
    full = [page for page in pages if not page.is_reduced]
    if len(full) > 1:
        raise ImageFileError(f"holds {len(full)} frames or pages; a single image is accepted")
    return pages[0]


def _refuse_unfit(page: TiffPage) -> None:
    meaning, bits, form = page.photometric, page.bitspersample, page.sampleformat
    sides = page.imagedepth, page.imagelength, page.imagewidth
    numbers = all(isinstance(side, int) for side in sides)  # several, in a damaged file
    if not numbers or page.imagedepth > 1 or 0 in page.shaped:
        raise ImageFileError("cannot be read as an image of at least 1 pixel")
    channels = page.samplesperpixel
    if meaning not in COLOUR_CHANNELS or not _fits(channels, _colour_channels(page), page):
        raise ImageFileError(
            f"holds {getattr(meaning, 'name', meaning)} pixels of {channels} channels; grey, "
            "palette, RGB, CMYK and CIELAB ones are accepted, with alpha or without"
        )
    signed = form == SAMPLEFORMAT.INT and meaning not in CIELAB
    if signed or bits not in BITS.get(form, ()) or (bits < 8 and page.samplesperpixel > 1):
        raise ImageFileError(
            f"holds samples of {bits} bits of a kind that is not accepted; unsigned ones of 8 or "
            "16 bits are, for grey and palettes also of 1, 2 and 4, and floats of 32 or 64"
        )
    if meaning == PHOTOMETRIC.YCBCR and page.compression != COMPRESSION.JPEG:
        raise ImageFileError("holds YCbCr pixels, which are accepted with JPEG compression only")


def _colour_channels(page: TiffPage) -> int:
    """How many channels are colours; three of floats are, which many programs call grey."""
    floating = page.sampleformat == SAMPLEFORMAT.IEEEFP and page.samplesperpixel >= 3
    return 3 if floating and page.photometric in GREY else COLOUR_CHANNELS[page.photometric]


def _fits(channels: int, colours: int, page: TiffPage) -> bool:
    """Whether the colours are there; channels that nothing is said of may not stand beside grey."""
    alone = colours == 1 and EXTRASAMPLE.UNSPECIFIED in page.extrasamples
    return colours <= channels <= MOST_CHANNELS and not alone


def _floating(
    samples: Samples, space: Space | None, white: np.ndarray, provenance: Mapping[str, object]
) -> Source:
    if not space:
        raise ImageFileError(
            "holds floating-point samples; say by space what colours they are, in a job file under "
            "[colour]"
        )
    if space.coded:
        return source_of(samples, space, provenance)
    if samples.shape[2] - samples.alpha != 3:
        raise ImageFileError(f"holds grey pixels, which cannot be {space.name}")
    return source_of(samples, space, provenance, white=white if space == XYZ else LAB_WHITE)


def _turned(samples: Samples, orientation: int) -> tuple[Samples, dict[str, object]]:
    """Samples in the orientation of the file: in memory, unless they are upright as they are."""
    if orientation not in TURNS:
        return samples, {}
    height, width, _ = samples.shape
    refuse_large(width, height, size=samples.type.itemsize * samples.shape[2])
    pixels, said = upright(samples.read(0, height), orientation)
    return Samples(pixels.shape, samples.type, samples.alpha, _rows_of(pixels)), said


def _rows_of(pixels: np.ndarray) -> Rows:
    return lambda start, stop: pixels[start:stop]


def _decoded(stored: Samples, page: TiffPage) -> Samples:
    """Grey, RGB, CMYK or Lab, and alpha if there is one, of samples as they are stored."""
    height, width, _ = stored.shape
    count = _colour_channels(page)
    decode = _decoder(page)
    extra = list(page.extrasamples)
    kinds = [kind for kind in extra if kind != EXTRASAMPLE.UNSPECIFIED]
    place = count + extra.index(kinds[0]) if kinds else None

    def read(start: int, stop: int) -> np.ndarray:
        rows = stored.read(start, stop)
        colours = decode(rows[..., :count])
        if place is None:
            return colours
        alpha = _as_type(rows[..., place : place + 1], colours.dtype)
        if kinds[0] == EXTRASAMPLE.ASSOCALPHA and page.photometric not in CIELAB:
            colours = _unmultiplied(colours, alpha)
        return np.concatenate([colours, alpha], axis=2)

    channels = 3 if page.photometric == PHOTOMETRIC.PALETTE else count
    alpha = place is not None
    return Samples((height, width, channels + alpha), stored.type, alpha, read)


def _decoder(page: TiffPage) -> Decode:
    """What makes colours of the samples of a page without alpha."""
    if page.photometric in CIELAB:
        return _lab_decoder(page)
    if page.photometric == PHOTOMETRIC.PALETTE:
        # TIFF 6.0, section 5: 16 bits, of which programs fill at least the upper 8.
        table = (np.asarray(page.colormap) >> 8).astype(np.uint8).T
        return lambda stored: table[stored[..., 0].astype(np.intp)]
    if page.sampleformat == SAMPLEFORMAT.IEEEFP:
        return lambda stored: stored
    step = 255 // (2**page.bitspersample - 1) if page.bitspersample < 8 else 1

    def full_range(stored: np.ndarray) -> np.ndarray:
        return stored if step == 1 else stored.astype(np.uint8) * np.uint8(step)

    if page.photometric == PHOTOMETRIC.MINISWHITE:
        return lambda stored: ~full_range(stored)
    return full_range


def _lab_decoder(page: TiffPage) -> Decode:
    if page.sampleformat == SAMPLEFORMAT.IEEEFP:
        return lambda stored: stored
    icc = page.photometric == PHOTOMETRIC.ICCLAB
    fine = page.bitspersample == 16
    unsigned, signed = ("u2", "i2") if fine else ("u1", "i1")
    lightness = np.float32(100 / ((65280 if icc else 65535) if fine else 255))

    def decode(stored: np.ndarray) -> np.ndarray:
        samples = np.ascontiguousarray(stored)
        lab = np.empty(samples.shape, dtype=np.float32)
        lab[..., 0] = samples.view(unsigned)[..., 0] * lightness
        lab[..., 1:] = samples.view(unsigned if icc else signed)[..., 1:]
        lab[..., 1:] /= 256 if fine else 1
        lab[..., 1:] -= 128 if icc else 0
        return lab

    return decode


def _as_type(alpha: np.ndarray, dtype: np.dtype[Any]) -> np.ndarray:
    """Alpha on the scale of colours of another type than its own."""
    if alpha.dtype == dtype:
        return alpha
    share = alpha / (1 if alpha.dtype.kind == "f" else np.iinfo(alpha.dtype).max)
    scaled = share if dtype.kind == "f" else np.rint(share * np.iinfo(dtype).max)
    return np.asarray(scaled, dtype=dtype)


def _unmultiplied(colours: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """Colours that had been multiplied by their alpha; white where that is 0."""
    if colours.dtype.kind == "f":
        whole = np.divide(colours, alpha, out=np.ones_like(colours), where=alpha > 0)
        return np.asarray(np.minimum(whole, 1))
    opaque = np.iinfo(colours.dtype).max
    divisor = np.maximum(alpha, 1).astype(np.uint32)
    whole = (colours * np.uint32(opaque) + divisor // 2) // divisor
    return np.asarray(np.minimum(whole, opaque), dtype=colours.dtype)
