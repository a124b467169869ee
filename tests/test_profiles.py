"""Embedded ICC profiles are honoured: in full depth, without clipping, and said in the record."""

import contextlib
import struct

import colour
import imagecodecs
import numpy as np
import pytest
import tifffile
from icc_profiles import cmyk_profile, profile_of
from PIL import Image, ImageCms

import dde
from dde.errors import ImageFileError
from dde.images.icc import matrix_profile
from dde.images.opening import open_image

RNG = np.random.default_rng(0)
EIGHT = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)
SIXTEEN = RNG.integers(0, 65536, (6, 8, 3), dtype=np.uint16)
D65 = (0.3127, 0.3290)
SRGB = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
GAMMA = 2.2
# ICC profiles hold their numbers in steps of 1/65536, and their primaries adapted to D50: what
# they say of a colour differs from the definition of its space by up to this much.
ROUNDING = 0.05


def rgb_profile(space, gamma=GAMMA):
    """A profile of the primaries of a colour space of colour-science."""
    return imagecodecs.cms_profile(
        "rgb", whitepoint=D65, primaries=tuple(space.primaries.ravel()), gamma=gamma
    )


def expected_xyz(rgb, space, gamma=GAMMA):
    """By colour-science, in float64."""
    linear = (rgb / np.iinfo(rgb.dtype).max) ** gamma
    return linear @ space.matrix_RGB_to_XYZ.T


def difference(xyz1, xyz2, white="D65"):
    labs = (dde.xyz_to_lab(np.asarray(xyz, dtype=np.float64), white) for xyz in (xyz1, xyz2))
    return dde.cie76(*labs).max()


def saved(path, samples, profile):
    if samples.dtype == np.uint16 or samples.shape[2] > 4:
        photometric = {1: "minisblack", 3: "rgb", 4: "separated"}[samples.shape[2]]
        tifffile.imwrite(path, samples.squeeze(), photometric=photometric, iccprofile=profile)
    else:
        mode = {1: "L", 3: "RGB", 4: "CMYK"}[samples.shape[2]]
        height, width, _ = samples.shape
        Image.frombytes(mode, (width, height), samples.tobytes()).save(path, icc_profile=profile)
    return path


def read(path, **options):
    source = open_image(path, **options)
    return source, source.read(0, source.shape[0])


@pytest.mark.parametrize("samples", [EIGHT, SIXTEEN], ids=["8", "16"])
@pytest.mark.parametrize("name", ["Display P3", "Adobe RGB (1998)", "ITU-R BT.2020"])
def test_rgb_by_matrix(tmp_path, samples, name):
    space = colour.RGB_COLOURSPACES[name]
    suffix = "tif" if samples.dtype == np.uint16 else "png"
    source, xyz = read(saved(tmp_path / f"a.{suffix}", samples, rgb_profile(space)))
    assert source.space.name == "XYZ"
    assert xyz.dtype == np.float32
    assert difference(xyz, expected_xyz(samples, space)) < ROUNDING


def test_nothing_is_clipped(tmp_path):
    """Green of Display P3 lies outside sRGB."""
    space = colour.RGB_COLOURSPACES["Display P3"]
    green = np.zeros((1, 2, 3), dtype=np.uint8)
    green[..., 1] = 255, 235
    _, xyz = read(saved(tmp_path / "a.png", green, rgb_profile(space)))
    found = dde.ciede2000(*dde.xyz_to_lab(xyz)[0])
    expected = dde.ciede2000(*dde.xyz_to_lab(expected_xyz(green, space))[0])
    assert found == pytest.approx(expected, abs=0.01)
    assert xyz.min() >= 0
    assert colour.XYZ_to_sRGB(xyz[0, 0]).min() < -0.1


def test_16_bits_tell_apart_what_8_bits_cannot(tmp_path):
    fine = np.full((1, 2, 3), 30000, dtype=np.uint16)
    fine[0, 1] += 16
    _, xyz = read(saved(tmp_path / "a.tif", fine, rgb_profile(colour.RGB_COLOURSPACES["P3-D65"])))
    assert 0.005 < difference(xyz[:, :1], xyz[:, 1:]) < 0.05


def test_white_is_white_under_the_white_asked_for(tmp_path):
    path = saved(tmp_path / "a.png", np.full_like(EIGHT, 255), imagecodecs.cms_profile("adobergb"))
    for white in ("D50", "D65", [0.9, 1.0, 0.7]):
        xyz = read(path, white=white)[1]
        assert (
            difference(xyz, np.full_like(xyz, dde.spaces.whites.reference_white(white)), white)
            < 0.01
        )


@pytest.mark.parametrize("profile", [SRGB, imagecodecs.cms_profile("srgb")])
@pytest.mark.parametrize("samples", [EIGHT, SIXTEEN], ids=["8", "16"])
def test_srgb_is_left_alone(tmp_path, profile, samples):
    path = tmp_path / ("a.tif" if samples.dtype == np.uint16 else "a.png")
    source, pixels = read(saved(path, samples, profile))
    assert source.space.name == "sRGB"
    np.testing.assert_array_equal(pixels, samples)
    assert source.provenance["profile"]["done"] == "sRGB: colours taken as they are"


def test_primaries_of_srgb_with_another_curve_are_not_srgb(tmp_path):
    space = colour.RGB_COLOURSPACES["sRGB"]
    source, xyz = read(saved(tmp_path / "a.png", EIGHT, rgb_profile(space)))
    assert source.space.name == "XYZ"
    assert difference(xyz, expected_xyz(EIGHT, space)) < ROUNDING


@pytest.mark.parametrize("samples", [EIGHT[..., :1], SIXTEEN[..., :1]], ids=["8", "16"])
def test_grey(tmp_path, samples):
    profile = imagecodecs.cms_profile("gray", whitepoint=D65, gamma=1.8)
    _, xyz = read(saved(tmp_path / "a.tif", samples, profile))
    luminance = (samples / np.iinfo(samples.dtype).max) ** 1.8
    assert difference(xyz, luminance * dde.spaces.whites.reference_white("D65")) < ROUNDING


def test_grey_with_a_profile_for_rgb(tmp_path):
    space = colour.RGB_COLOURSPACES["Adobe RGB (1998)"]
    _, xyz = read(saved(tmp_path / "a.png", EIGHT[..., :1], rgb_profile(space)))
    assert difference(xyz, expected_xyz(np.dstack([EIGHT[..., 0]] * 3), space)) < ROUNDING


def test_alpha_is_laid_on_white_after_the_conversion(tmp_path):
    space = colour.RGB_COLOURSPACES["Display P3"]
    alpha = RNG.integers(0, 256, (6, 8), dtype=np.uint8)
    image = Image.fromarray(np.dstack([EIGHT, alpha]))
    image.save(tmp_path / "a.png", icc_profile=rgb_profile(space))
    source, xyz = read(tmp_path / "a.png")
    share = alpha[..., None] / 255
    white = dde.spaces.whites.reference_white("D65")
    assert difference(xyz, expected_xyz(EIGHT, space) * share + white * (1 - share)) < ROUNDING
    np.testing.assert_array_equal(source.read_mask(0, 6), alpha > 0)


def test_image_of_pillow(tmp_path):
    path = saved(tmp_path / "a.png", EIGHT, imagecodecs.cms_profile("adobergb"))
    with Image.open(path) as image:
        np.testing.assert_array_equal(read(image)[1], read(path)[1])


# ---- Curves and a matrix, against LittleCMS -----------------------------------------------------


def littlecms(samples, profile, kind):
    """XYZ under D50."""
    return imagecodecs.cms_transform(
        samples,
        profile,
        imagecodecs.cms_profile("xyz"),
        colorspace=kind,
        outcolorspace="XYZ",
        outdtype="float32",
        intent=imagecodecs.CMS.INTENT.RELATIVE_COLORIMETRIC,
    ).reshape(*samples.shape[:2], 3)


def parametric(kind, *parameters):
    numbers = [round(parameter * 65536) for parameter in parameters]
    return struct.pack(f">4s4xH2x{len(numbers)}i", b"para", kind, *numbers)


def table(*values):
    return struct.pack(f">4s4xI{len(values)}H", b"curv", len(values), *values)


CURVES = {
    "identity": table(),
    "gamma": table(461),
    "table": table(*(round(65535 * (i / 40) ** 1.7) for i in range(41))),
    "two entries": table(0, 65535),
    "power": parametric(0, 2.2),
    "power from a point": parametric(1, 2.0, 1.25, -0.25),
    "power above a constant": parametric(2, 2.0, 1.1, -0.2, 0.1),
    "sRGB": parametric(3, 2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
    "sRGB, lifted": parametric(4, 2.4, 0.9, 0.05, 0.07, 0.045, 0.01, 0.005),
}
LIGHT_OF_16_BITS = 0.03  # to which LittleCMS rounds what comes out of a table
PRIMARIES = [(0.515, 0.241, -0.001), (0.292, 0.692, 0.042), (0.157, 0.067, 0.784)]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("curve", CURVES)
def test_matrix_profiles_as_littlecms_reads_them(curve, dtype):
    profile = profile_of("RGB ", {"rgb"[i] + "TRC": CURVES[curve] for i in range(3)}, PRIMARIES)
    samples = RNG.random((20, 30, 3))
    top = 1 if dtype == np.float32 else np.iinfo(dtype).max
    samples = (samples * top).round(0 if top > 1 else 6).astype(dtype)
    found = matrix_profile(profile).xyz(samples)
    assert found.dtype == np.float32
    assert difference(found, littlecms(samples, profile, "RGB"), "D50") < LIGHT_OF_16_BITS


@pytest.mark.parametrize("curve", CURVES)
def test_grey_profiles_as_littlecms_reads_them(curve):
    profile = profile_of("GRAY", {"kTRC": CURVES[curve]})
    samples = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)
    found = matrix_profile(profile).xyz(samples)
    assert difference(found, littlecms(samples, profile, "GRAY"), "D50") < LIGHT_OF_16_BITS


def test_each_channel_has_its_curve():
    curves = dict(zip(("rTRC", "gTRC", "bTRC"), map(table, (256, 512, 128)), strict=True))
    profile = profile_of("RGB ", curves, PRIMARIES)
    samples = RNG.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    expected = littlecms(samples, profile, "RGB")
    assert difference(matrix_profile(profile).xyz(samples), expected, "D50") < LIGHT_OF_16_BITS


def test_tables_are_for_littlecms():
    curves = {"rgb"[i] + "TRC": CURVES["sRGB"] for i in range(3)}
    assert matrix_profile(profile_of("RGB ", curves | {"A2B0": b"mft2"}, PRIMARIES)) is None
    assert matrix_profile(cmyk_profile()[0]) is None
    assert matrix_profile(profile_of("RGB ", {})) is None


def test_damaged_curves_and_matrices(tmp_path):
    """Whatever is cut or changed, it is an image or a refusal, and never anything else."""
    curves = {"rTRC": CURVES["sRGB"], "gTRC": CURVES["table"], "bTRC": CURVES["gamma"]}
    profile = profile_of("RGB ", curves, PRIMARIES)
    for length in range(128, len(profile), 7):
        with contextlib.suppress(ImageFileError):
            matrix_profile(profile[:length])
    for _ in range(400):
        changed = bytearray(profile)
        for place in RNG.integers(128, len(profile), 3):
            changed[place] = RNG.integers(256)
        with contextlib.suppress(ImageFileError), np.errstate(all="ignore"):
            matrix = matrix_profile(bytes(changed))
            if matrix:
                assert matrix.xyz(EIGHT).shape == EIGHT.shape


# ---- CMYK -------------------------------------------------------------------------------------


def multilinear(corners, inks):
    """Between the corners of a table; LittleCMS is tetrahedral, which agrees along the edges."""
    for ink in range(4):
        share = inks[ink]
        corners = corners[0] * (1 - share) + corners[1] * share
    return corners


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_cmyk(tmp_path, dtype):
    """At the corners of the table, and along its edges, where every interpolation agrees."""
    profile, corners = cmyk_profile()
    inks = RNG.integers(0, 2, (40, 4)).astype(float)
    inks[np.arange(40), RNG.integers(0, 4, 40)] = np.linspace(0, 1, 40)
    samples = np.rint(inks * np.iinfo(dtype).max).astype(dtype)
    source, xyz = read(saved(tmp_path / "a.tif", samples[None], profile), white="D50")
    assert source.space.name == "XYZ"
    inks = samples / np.iinfo(dtype).max
    expected = np.array([multilinear(corners, ink) for ink in inks])
    lab = dde.xyz_to_lab(xyz[0].astype(np.float64), "D50")
    np.testing.assert_allclose(lab, expected, atol=ROUNDING)
    profile = source.provenance["profile"]
    assert profile["description"] == "Inks"
    assert profile["done"].startswith("converted to XYZ in floating point by lcms2 2.")


# ---- What is said, and what is refused --------------------------------------------------------


def test_record_says_what_was_done(tmp_path):
    source = open_image(saved(tmp_path / "a.png", EIGHT, imagecodecs.cms_profile("adobergb")))
    profile = source.provenance["profile"]
    assert profile["description"] == "Adobe RGB (compatible)"
    assert len(profile["sha256"]) == 64
    assert profile["done"].startswith("converted to XYZ in floating point by its curves and matrix")
    assert profile["done"].endswith("adapted by Bradford to the white 0.95046 1.0 1.08906")


@pytest.mark.parametrize("length", [0.1, 0.3, 0.6])
def test_damaged_profile(tmp_path, length):
    profile = cmyk_profile()[0]
    samples = np.zeros((2, 2, 4), dtype=np.uint8)
    path = saved(tmp_path / "a.tif", samples, profile[: int(len(profile) * length)])
    with pytest.raises(ImageFileError, match=r"a\.tif has a damaged colour profile$"):
        open_image(path)


def test_profile_for_other_colours(tmp_path):
    path = saved(tmp_path / "a.png", EIGHT, cmyk_profile()[0])
    with pytest.raises(ImageFileError, match="profile for CMYK, which its 3 channels do not fit"):
        open_image(path)


@pytest.mark.parametrize("white", ["D50", "D65", "A"])
def test_one_picture_in_two_spaces(tmp_path, white):
    """Without a profile and with one, under whatever white: equal but for rounding."""
    srgb, p3 = colour.RGB_COLOURSPACES["sRGB"], colour.RGB_COLOURSPACES["Display P3"]
    linear = colour.cctf_decoding(EIGHT / 255, "sRGB")
    other = linear @ srgb.matrix_RGB_to_XYZ.T @ np.linalg.inv(p3.matrix_RGB_to_XYZ).T
    converted = np.rint(255 * np.clip(other, 0, 1) ** (1 / GAMMA)).astype(np.uint8)
    first = tmp_path / "a.png"
    Image.fromarray(EIGHT).save(first)
    second = saved(tmp_path / "b.png", converted, rgb_profile(p3))
    assert dde.inspect(first, second, white=white).overall.maximum < 1
    assert dde.inspect(EIGHT, converted).overall.maximum > 3
