"""From the numbers of an image to colours: by its ICC profile, or by what else it says of them.

All is converted in floating point, to XYZ: nothing is rounded to 8 bits, and no colour outside sRGB
is clipped. Profiles with tables are for LittleCMS. Pillow's binding of it knows 8 bits only;
imagecodecs has it in full.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from io import BytesIO

import numpy as np

from dde.errors import ImageFileError
from dde.extras import asking_for
from dde.images.encodings import Encoding
from dde.images.icc import CONNECTION_WHITE, matrix_profile
from dde.images.source import SRGB, XYZ, Samples, Source, source_of
from dde.metrics.formulas import ciede2000
from dde.spaces.adaptation import adapt
from dde.spaces.conversions import srgb_to_xyz, xyz_to_lab
from dde.spaces.space import Space
from dde.spaces.whites import reference_white

CHANNELS = {"GRAY": 1, "RGB": 3, "CMYK": 4}

# Makers round the primaries and the curve of sRGB each in their own way.
CLOSE_TO_SRGB = 0.5
STEPS = 6
TAKEN_AS_THEY_ARE = "sRGB: colours taken as they are"

ToXYZ = Callable[[np.ndarray, np.ndarray], np.ndarray]  # of samples, adapted to a white


@dataclass(frozen=True)
class Conversion:
    """What is done with the colours of an image: they are left as they are if `apply` is None."""

    space: Space
    apply: Callable[[np.ndarray], np.ndarray] | None
    white: np.ndarray | None
    provenance: dict[str, object]


def conversion(profile: bytes, channels: int, white: np.ndarray) -> Conversion:
    """
    How an embedded profile makes colours of samples.

    Parameters
    ----------
    profile : bytes
        An ICC profile.
    channels : int
        How many the image has without alpha: 1 is grey, 3 is RGB, 4 is CMYK.
    white : numpy.ndarray
        The XYZ of the white to adapt to.

    Returns
    -------
    Conversion
        A profile for RGB whose colours are those of sRGB within CIEDE2000 0.5 leaves them as they
        are. Any other converts to XYZ, relative to its own white, which becomes `white`.

    Raises
    ------
    ImageFileError
        If the profile is damaged or for other colours than the image has.

    MissingPackageError
        If the profile has tables, and imagecodecs is not installed.

    References
    ----------
    ICC.1:2022, Image technology colour management.

    Examples
    --------
    >>> import imagecodecs
    >>> found = conversion(imagecodecs.cms_profile("adobergb"), 3, reference_white("D65"))
    >>> green = found.apply(np.uint8([[[0, 255, 0]]])).astype(np.float64)
    >>> green.round(3).tolist()
    [[[0.186, 0.627, 0.071]]]
    """
    from PIL import ImageCms

    try:
        read = ImageCms.ImageCmsProfile(BytesIO(profile)).profile
        kind, description = read.xcolor_space.strip(), (read.profile_description or "").strip()
    except OSError:
        raise ImageFileError("has a damaged colour profile") from None
    grey_as_rgb = channels == 1 and kind == "RGB"  # as many cameras and programs write it
    if CHANNELS.get(kind) != channels and not grey_as_rgb:
        raise ImageFileError(
            f"has a colour profile for {kind}, which its {channels} channels do not fit"
        )
    said: dict[str, object] = {
        "description": description,
        "sha256": hashlib.sha256(profile).hexdigest(),
    }
    by_profile, by_whom = _by_profile(profile, kind)
    if kind == "RGB" and _is_srgb(by_profile):
        return Conversion(SRGB, None, None, {"profile": said | {"done": TAKEN_AS_THEY_ARE}})
    done = (
        f"converted to XYZ in floating point by {by_whom}, media-relative "
        f"colorimetric, adapted by Bradford to the white {_in_words(white)}"
    )
    apply = partial(by_profile, white=white)
    apply(np.zeros((1, 1, channels), dtype=np.uint8))  # here a damaged profile shows
    return Conversion(XYZ, apply, white, {"profile": said | {"done": done}})


def conversion_by_encoding(encoding: Encoding, white: np.ndarray) -> Conversion:
    """
    How the primaries and the curve that an image names make colours of its samples.

    Parameters
    ----------
    encoding : Encoding
        What it names.
    white : numpy.ndarray
        The XYZ of the white to adapt to.

    Returns
    -------
    Conversion
        As that by a profile: colours of sRGB are left as they are.

    Raises
    ------
    ImageFileError
        If the primaries are not those of any colours.

    Examples
    --------
    >>> from dde.images.encodings import encoding_of_exif
    >>> found = conversion_by_encoding(encoding_of_exif(2, None), reference_white("D65"))
    >>> green = found.apply(np.uint8([[[0, 255, 0]]])).astype(np.float64)
    >>> green.round(3).tolist()
    [[[0.186, 0.627, 0.071]]]
    """
    said: dict[str, object] = {"said_by": encoding.said_by, "description": encoding.description}
    by_encoding = partial(_by_encoding, encoding)
    if _is_srgb(by_encoding):
        return Conversion(SRGB, None, None, {"encoding": said | {"done": TAKEN_AS_THEY_ARE}})
    done = f"converted to XYZ, adapted by Bradford to the white {_in_words(white)}"
    apply = partial(by_encoding, white=white)
    return Conversion(XYZ, apply, white, {"encoding": said | {"done": done}})


def coloured(
    samples: Samples,
    profile: bytes | None,
    white: np.ndarray,
    provenance: Mapping[str, object],
    encoding: Encoding | None = None,
    space: Space | None = None,
) -> Source:
    """
    The source of samples whose file has this profile or none.

    Without one they are what their encoding says; without that RGB of `space`, or sRGB where that
    is none of RGB.
    """
    channels = samples.shape[2] - samples.alpha
    if profile:
        made = conversion(profile, channels, white)
    elif channels == CHANNELS["CMYK"]:
        raise ImageFileError("holds CMYK pixels, and no colour profile that says how they look")
    elif encoding:
        made = conversion_by_encoding(encoding, white)
    else:
        return source_of(samples, space if space and space.coded else SRGB, provenance)
    said = {**provenance, **made.provenance}
    return source_of(samples, made.space, said, made.apply, made.white)


def _in_words(white: np.ndarray) -> str:
    return " ".join(map(str, white.round(5)))


def _by_encoding(encoding: Encoding, samples: np.ndarray, white: np.ndarray) -> np.ndarray:
    to_xyz = adapt(encoding.to_xyz().T, encoding.white_xyz(), white).astype(np.float32)
    if samples.dtype.kind == "f":
        light = encoding.curve(samples)
    else:
        every = np.linspace(0, 1, np.iinfo(samples.dtype).max + 1)
        light = encoding.curve(every).astype(np.float32)[samples]
    height, width, _ = samples.shape
    return np.asarray(np.broadcast_to(light, (height, width, 3)) @ to_xyz)


def _by_profile(profile: bytes, kind: str) -> tuple[Callable[..., np.ndarray], str]:
    """What converts by a profile, and its name."""
    matrix = matrix_profile(profile)
    if matrix:
        return partial(_connected, matrix.xyz, len(matrix.curves)), "its curves and matrix"
    with asking_for("images", "a colour profile with tables"):
        from imagecodecs import cms_version
    to_xyz = partial(_by_tables, profile, kind)
    return partial(_connected, to_xyz, CHANNELS[kind]), cms_version()


def _connected(
    to_xyz: Callable[[np.ndarray], np.ndarray],
    channels: int,
    samples: np.ndarray,
    white: np.ndarray,
) -> np.ndarray:
    """XYZ by way of the profile connection space."""
    height, width, _ = samples.shape
    xyz = to_xyz(np.broadcast_to(samples, (height, width, channels)))
    return np.asarray(adapt(xyz.reshape(height, width, 3), CONNECTION_WHITE, white))


def _by_tables(profile: bytes, kind: str, samples: np.ndarray) -> np.ndarray:
    import imagecodecs

    try:
        return np.asarray(
            imagecodecs.cms_transform(
                samples,
                profile,
                imagecodecs.cms_profile("xyz"),
                colorspace=kind,
                outcolorspace="XYZ",
                outdtype="float32",
                intent=imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC,
            )
        )
    except imagecodecs.CmsError:
        raise ImageFileError("has a damaged colour profile") from None


def _is_srgb(convert: ToXYZ) -> bool:
    """Whether a conversion of RGB makes of a lattice of colours what sRGB does."""
    steps = np.linspace(0, 1, STEPS, dtype=np.float32)
    rgb = np.stack(np.meshgrid(steps, steps, steps), axis=-1).reshape(1, -1, 3)
    found = xyz_to_lab(convert(rgb, reference_white("D65")))
    return bool(np.max(ciede2000(xyz_to_lab(srgb_to_xyz(rgb)), found)) < CLOSE_TO_SRGB)
