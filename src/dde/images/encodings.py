"""What the numbers of an image mean that says so without a profile: PNG chunks, EXIF,
tags of TIFF and headers of BMP.

References: W3C, "Portable Network Graphics (PNG) Specification (Third Edition)" (2025), 4.3 and
11.3.2; ITU-T H.273 (2021), 8.1 and 8.2; CIPA DC-008-2019 (Exif 2.32), 4.6.5; CIPA DC-009-2010
(DCF 2.0); Adobe Systems, "Adobe RGB (1998) Color Image Encoding" (2005).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, BinaryIO

import numpy as np

from dde.errors import ImageFileError

Curve = Callable[[np.ndarray], np.ndarray]
Primaries = tuple[tuple[float, float], ...]  # x, y of white, red, green and blue

MOST_CHUNKS = 10_000  # of a PNG file, before its pixels
LONGEST_CICP = 4
EXIF_IFD, INTEROP_IFD = 0x8769, 0xA005
COLOUR_SPACE, INTEROP_INDEX = 0xA001, 1
ADOBE_RGB_OPTION = "R03"  # of a DCF option file
WHITE_POINT, PRIMARY_CHROMATICITIES, TRANSFER_FUNCTION = 318, 319, 301  # tags of TIFF
BMP_HEADER, BMP_WITH_COLOURS, LONG_BMP_HEADER = 14, 108, 124  # where it begins; sizes, in bytes
BMP_EMBEDDED = 0x4D424544  # "MBED"
BMP_IGNORED = {0: "end points and gammas of its own", 0x4C494E4B: "a profile in another file"}
EXIF_SRGB, EXIF_ADOBE_RGB, EXIF_UNCALIBRATED = 1, 2, 0xFFFF


@dataclass(frozen=True)
class Encoding:
    """
    A colour space of RGB.

    Attributes
    ----------
    said_by : str
        What in the file says so.
    description : str
        What it says.
    primaries : tuple of (x, y)
        The chromaticities of white, red, green and blue.
    curve : callable
        From a number in [0, 1] to light.
    """

    said_by: str
    description: str
    primaries: Primaries
    curve: Curve

    def to_xyz(self) -> np.ndarray:
        """
        From light to XYZ, Y = 1 for white; SMPTE RP 177-1993.

        Raises
        ------
        ImageFileError
            If there is no such matrix.
        """
        primaries = np.array([_xyz(*xy) for xy in self.primaries[1:]]).T
        try:
            matrix = primaries * np.linalg.solve(primaries, self.white_xyz())
        except np.linalg.LinAlgError:
            matrix = np.full((3, 3), np.nan)
        if not np.isfinite(matrix).all() or (self.white_xyz() <= 0).any():
            raise ImageFileError(f"has primaries that are none, by its {self.said_by}")
        return matrix

    def white_xyz(self) -> np.ndarray:
        x, y = self.primaries[0]
        return _xyz(x, y) / y if y > 0 else np.full(3, np.nan)


def _xyz(x: float, y: float) -> np.ndarray:
    return np.array([x, y, 1 - x - y])


# ---- Curves -----------------------------------------------------------------------------------


def power(exponent: float) -> Curve:
    return lambda encoded: np.power(np.clip(encoded, 0, None), exponent)


def srgb_curve(encoded: np.ndarray) -> np.ndarray:
    """IEC 61966-2-1:1999, 5.2."""
    return np.where(encoded <= 0.04045, encoded / 12.92, power(2.4)((encoded + 0.055) / 1.055))


def bt709_curve(encoded: np.ndarray) -> np.ndarray:
    """H.273, transfer characteristics 1: the inverse of ITU-R BT.709's opto-electronic one."""
    alpha, beta = 1.099296826809442, 0.018053968510807
    light = power(1 / 0.45)((encoded + (alpha - 1)) / alpha)
    return np.where(encoded < 4.5 * beta, encoded / 4.5, light)


# ---- Primaries --------------------------------------------------------------------------------

D65, C, EQUAL_ENERGY, DCI = (0.3127, 0.3290), (0.310, 0.316), (1 / 3, 1 / 3), (0.314, 0.351)
BT709 = D65, (0.64, 0.33), (0.30, 0.60), (0.15, 0.06)
ADOBE_RGB = D65, (0.64, 0.33), (0.21, 0.71), (0.15, 0.06)

# H.273, table 2: white, red, green, blue.
CICP_PRIMARIES: dict[int, Primaries] = {
    1: BT709,
    4: (C, (0.67, 0.33), (0.21, 0.71), (0.14, 0.08)),
    5: (D65, (0.64, 0.33), (0.29, 0.60), (0.15, 0.06)),
    6: (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    7: (D65, (0.630, 0.340), (0.310, 0.595), (0.155, 0.070)),
    8: (C, (0.681, 0.319), (0.243, 0.692), (0.145, 0.049)),
    9: (D65, (0.708, 0.292), (0.170, 0.797), (0.131, 0.046)),
    10: (EQUAL_ENERGY, (1.0, 0.0), (0.0, 1.0), (0.0, 0.0)),
    11: (DCI, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    12: (D65, (0.680, 0.320), (0.265, 0.690), (0.150, 0.060)),
    22: (D65, (0.630, 0.340), (0.295, 0.605), (0.155, 0.077)),
}

# H.273, table 3. What is not here has no white that others could be compared with (16 and 18, of
# high dynamic range), or is not in use.
CICP_CURVES: dict[int, Curve] = {
    1: bt709_curve,
    4: power(2.2),
    5: power(2.8),
    6: bt709_curve,
    8: power(1),
    13: srgb_curve,
    14: bt709_curve,
    15: bt709_curve,
}


# ---- PNG --------------------------------------------------------------------------------------


def cicp_of(file: BinaryIO) -> bytes | None:
    """The content of the cICP chunk of a PNG file; None if there is none."""
    file.seek(8)
    for _ in range(MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8 or head.endswith(b"IDAT"):
            return None
        length = int.from_bytes(head[:4])
        if head.endswith(b"cICP"):
            return file.read(min(length, LONGEST_CICP + 1))
        file.seek(length + 4, 1)
    raise ImageFileError(f"holds more than {MOST_CHUNKS} chunks before its pixels")


def encoding_of_cicp(content: bytes) -> Encoding:
    """What a cICP chunk says, by the code points of H.273."""
    if len(content) != LONGEST_CICP:
        raise ImageFileError("has a damaged cICP chunk")
    primaries, curve, matrix, full_range = content
    said = f"code points {primaries}/{curve}/{matrix}/{full_range} of H.273"
    accepted = matrix == 0 and full_range == 1
    if not accepted or primaries not in CICP_PRIMARIES or curve not in CICP_CURVES:
        raise ImageFileError(
            f"has a cICP chunk of {said}; primaries {_listed(CICP_PRIMARIES)} and transfer "
            f"characteristics {_listed(CICP_CURVES)} are accepted, for RGB of full range"
        )
    return Encoding("cICP chunk", said, CICP_PRIMARIES[primaries], CICP_CURVES[curve])


def encoding_of_png(info: Mapping[Any, Any]) -> Encoding | None:
    """What the chunks sRGB, or gAMA and cHRM say, as Pillow has read them."""
    if info.get("srgb") is not None:
        return Encoding("sRGB chunk", "sRGB", BT709, srgb_curve)
    gamma, places = info.get("gamma"), info.get("chromaticity")
    if gamma is None and places is None:
        return None
    if gamma is not None and not gamma > 0:
        raise ImageFileError("has a gAMA chunk of 0")
    said_by = " and ".join(
        name for name, value in (("gAMA", gamma), ("cHRM", places)) if value is not None
    )
    pairs = () if places is None else zip(places[::2], places[1::2], strict=True)
    primaries = tuple(pairs) or BT709
    described = "primaries of sRGB" if places is None else f"x, y {' '.join(map(str, places))}"
    described += ", curve of sRGB" if gamma is None else f", gamma {gamma:.5g}"
    plural = "chunks" if " " in said_by else "chunk"
    curve = srgb_curve if gamma is None else power(1 / gamma)
    return Encoding(f"{said_by} {plural}", described, primaries, curve)


def _listed(accepted: Mapping[int, object]) -> str:
    return ", ".join(map(str, accepted))


# ---- EXIF -------------------------------------------------------------------------------------


def encoding_of_exif(colour_space: object, index: object) -> Encoding | None:
    """What EXIF's ColorSpace and InteroperabilityIndex say."""
    name = index.decode("latin-1") if isinstance(index, bytes) else str(index)
    option = name.rstrip("\0 ") == ADOBE_RGB_OPTION
    if colour_space == EXIF_SRGB:
        return Encoding("EXIF's ColorSpace", "sRGB", BT709, srgb_curve)
    if option or colour_space == EXIF_ADOBE_RGB:
        said_by = "EXIF's InteroperabilityIndex" if option else "EXIF's ColorSpace"
        return Encoding(said_by, "Adobe RGB (1998)", ADOBE_RGB, power(563 / 256))
    return None


# ---- TIFF and BMP -----------------------------------------------------------------------------


def encoding_of_tiff(primaries: object, white: object) -> Encoding | None:
    """What PrimaryChromaticities and WhitePoint say, by TIFF 6.0, section 20; rationals of each."""
    if primaries is None:
        return None
    said_by = "PrimaryChromaticities"
    if white is not None:
        said_by += " and WhitePoint"
    places = [*(_rationals(white, 2) if white is not None else D65), *_rationals(primaries, 6)]
    pairs = tuple(zip(places[::2], places[1::2], strict=True))
    described = f"x, y {' '.join(f'{place:.5g}' for place in places)}, curve of sRGB"
    return Encoding(f"TIFF's {said_by}", described, pairs, srgb_curve)


def _rationals(value: Any, count: int) -> list[float]:
    try:
        numbers = np.array(value, dtype=np.float64).reshape(count, 2)
    except (TypeError, ValueError, OverflowError):
        numbers = np.zeros((count, 2))
    if not (np.isfinite(numbers).all() and (numbers[:, 1] > 0).all()):
        raise ImageFileError("has damaged tags of what its colours are")
    return [float(number) for number in numbers[:, 0] / numbers[:, 1]]


def colours_of_bmp(file: BinaryIO) -> tuple[bytes | None, dict[str, object]]:
    """
    The profile in a BMP file, and what else its header says of colours, for the record.

    Reference: Microsoft, "BITMAPV4HEADER" and "BITMAPV5HEADER" of wingdi.h.
    """
    file.seek(BMP_HEADER)
    header = file.read(LONG_BMP_HEADER)
    size = int.from_bytes(header[:4], "little")
    if size < BMP_WITH_COLOURS or len(header) < BMP_WITH_COLOURS:
        return None, {}
    kind = int.from_bytes(header[56:60], "little")
    if kind == BMP_EMBEDDED:
        place, length = (int.from_bytes(header[at : at + 4], "little") for at in (112, 116))
        file.seek(BMP_HEADER + place)
        profile = file.read(length)
        if size < LONG_BMP_HEADER or not profile:
            raise ImageFileError("has a damaged colour profile")
        return profile, {}
    if kind in BMP_IGNORED:
        done = "taken for sRGB, since this is not read"
        said = {"said_by": "BMP header", "description": BMP_IGNORED[kind], "done": done}
        return None, {"encoding": said}
    return None, {}
