"""What PNG chunks and EXIF say of colours is honoured, and said in the record."""

import struct

import colour
import imagecodecs
import numpy as np
import pytest
import tifffile
from colour.models.rgb import itut_h_273
from PIL import Image, PngImagePlugin
from test_files import png_16

import dde
from dde.errors import ImageFileError
from dde.images.encodings import CICP_CURVES, CICP_PRIMARIES
from dde.images.opening import open_image

RNG = np.random.default_rng(0)
EIGHT = RNG.integers(0, 256, (6, 8, 3), dtype=np.uint8)
SIXTEEN = RNG.integers(0, 65536, (6, 8, 3), dtype=np.uint16)
ADOBE = colour.RGB_COLOURSPACES["Adobe RGB (1998)"]
P3 = colour.RGB_COLOURSPACES["Display P3"]
D65 = dde.spaces.whites.reference_white("D65")


def png(path, *chunks, samples=EIGHT, **options):
    info = PngImagePlugin.PngInfo()
    for kind, content in chunks:
        info.add(kind, content)
    Image.fromarray(samples).save(path, pnginfo=info, **options)
    return path


def gama(value):
    return b"gAMA", struct.pack(">I", value)


def chrm(space):
    places = np.vstack([space.whitepoint, space.primaries]).ravel()
    return b"cHRM", struct.pack(">8I", *np.rint(places * 100000).astype(int))


def cicp(*points):
    return b"cICP", bytes(points)


def exif_of(colour_space=None, index=None):
    written = Image.Exif()
    inner = {} if colour_space is None else {0xA001: colour_space}
    written[0x8769] = inner if index is None else inner | {0xA005: {1: index}}
    exif = Image.Exif()  # of what is read, Pillow writes TIFF files as well
    exif.load(written.tobytes())
    return exif


SRGB_CHUNK = b"sRGB", b"\0"


def read(path, **options):
    source = open_image(path, **options)
    return source, source.read(0, source.shape[0])


def assert_xyz(path, linear, matrix, bound=2e-6):
    source, xyz = read(path)
    assert source.space.name == "XYZ"
    np.testing.assert_allclose(xyz, linear @ np.asarray(matrix).T, atol=bound)
    return source.provenance["encoding"]


def matrix_of(primaries, white):
    """By colour-science, adapted by its own Bradford to our D65."""
    matrix = colour.normalised_primary_matrix(primaries, white)
    xyz = colour.xy_to_XYZ(white)
    return colour.adaptation.matrix_chromatic_adaptation_VonKries(xyz, D65, "Bradford") @ matrix


def matrix_of_space(space):
    return matrix_of(space.primaries, space.whitepoint)


def assert_left_alone(path, samples=EIGHT):
    source, pixels = read(path)
    assert source.space.name == "sRGB"
    np.testing.assert_array_equal(pixels, samples)
    return source.provenance.get("encoding")


# ---- PNG --------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [EIGHT, SIXTEEN], ids=["8", "16"])
def test_gamma_and_chromaticities(tmp_path, samples):
    chunks = gama(55556), chrm(P3)
    write = png if samples is EIGHT else lambda path, *more: png_16(path, samples, 2, *more)
    linear = (samples / np.iinfo(samples.dtype).max) ** (100000 / 55556)
    said = assert_xyz(write(tmp_path / "a.png", *chunks), linear, matrix_of_space(P3))
    assert said["said_by"] == "gAMA and cHRM chunks"
    assert said["description"].endswith("0.06, gamma 0.55556")
    assert said["done"].startswith("converted to XYZ, adapted by Bradford")


def test_gamma_alone_is_of_the_primaries_of_srgb(tmp_path):
    srgb = colour.RGB_COLOURSPACES["sRGB"]
    path = png(tmp_path / "a.png", gama(100000))
    said = assert_xyz(path, EIGHT / 255, matrix_of_space(srgb))
    assert said["said_by"] == "gAMA chunk"


def test_chromaticities_alone_have_the_curve_of_srgb(tmp_path):
    linear = colour.cctf_decoding(EIGHT / 255, "sRGB")
    said = assert_xyz(png(tmp_path / "a.png", chrm(P3)), linear, matrix_of_space(P3))
    assert said["description"].endswith("curve of sRGB")


def test_grey_with_gamma(tmp_path):
    path = png(tmp_path / "a.png", gama(100000), samples=EIGHT[..., 0])
    np.testing.assert_allclose(read(path)[1], EIGHT[..., :1] / 255 * D65, atol=1e-6)


def test_white_of_the_file_becomes_the_white_asked_for(tmp_path):
    path = png(tmp_path / "a.png", chrm(P3), samples=np.full_like(EIGHT, 255))
    for white in ("D50", "A"):
        expected = np.broadcast_to(dde.spaces.whites.reference_white(white), (6, 8, 3))
        np.testing.assert_allclose(read(path, white=white)[1], expected, atol=1e-6)


@pytest.mark.parametrize("primaries", CICP_PRIMARIES)
def test_cicp_primaries(tmp_path, primaries):
    table = itut_h_273.COLOUR_PRIMARIES_ITUTH273[primaries]
    white = itut_h_273.CCS_WHITEPOINTS_ITUTH273[primaries]
    path = png(tmp_path / "a.png", cicp(primaries, 8, 0, 1))
    said = assert_xyz(path, EIGHT / 255, matrix_of(table, white), bound=1e-5)
    assert said["description"] == f"code points {primaries}/8/0/1 of H.273"


@pytest.mark.parametrize("curve", set(CICP_CURVES) - {13})
def test_cicp_curves(tmp_path, curve):
    """By the encoding that colour-science has, whose BT.709 has the rounded constants of 8 bits."""
    encode = itut_h_273.TRANSFER_CHARACTERISTICS_ITUTH273[curve]
    samples = np.dstack([np.arange(256, dtype=np.uint8)[None]] * 3)
    luminance = read(png(tmp_path / "a.png", cicp(1, curve, 0, 1), samples=samples))[1][0, :, 1]
    np.testing.assert_allclose(encode(luminance.astype(float)) * 255, np.arange(256), atol=0.07)


def test_cicp_of_srgb_and_display_p3(tmp_path):
    said = assert_left_alone(png(tmp_path / "a.png", cicp(1, 13, 0, 1)))
    assert said["done"] == "sRGB: colours taken as they are"
    linear = colour.cctf_decoding(EIGHT / 255, "sRGB")
    assert_xyz(png(tmp_path / "a.png", cicp(12, 13, 0, 1)), linear, matrix_of_space(P3))


@pytest.mark.parametrize(
    "points", [(9, 16, 0, 1), (9, 18, 0, 1), (1, 13, 1, 1), (1, 13, 0, 0), (2, 2, 0, 1)]
)
def test_cicp_that_is_refused(tmp_path, points):
    said = "/".join(map(str, points))
    with pytest.raises(ImageFileError, match=f"a.png has a cICP chunk of code points {said} of"):
        open_image(png(tmp_path / "a.png", cicp(*points)))


def test_damaged_chunks(tmp_path):
    places = b"cHRM", struct.pack(">8I", *[0] * 8)
    line = b"cHRM", struct.pack(">8I", 31270, 32900, *[30000, 30000] * 3)
    for chunk, reason in [
        ((b"cICP", b"\1\2"), "has a damaged cICP chunk"),
        (gama(0), "has a gAMA chunk of 0"),
        (places, "has primaries that are none, by its cHRM chunk"),
        (line, "has primaries that are none, by its cHRM chunk"),
        ((b"iCCP", b"a\0\0damage"), "has a damaged colour profile"),
    ]:
        with pytest.raises(ImageFileError, match=reason):
            open_image(png_16(tmp_path / "a.png", SIXTEEN, 2, chunk))


def test_precedence(tmp_path):
    """cICP before iCCP before sRGB before gAMA and cHRM before EXIF."""
    profile = imagecodecs.cms_profile("adobergb")
    exif = exif_of(2)
    every = [cicp(1, 13, 0, 1), SRGB_CHUNK, gama(100000), chrm(P3)]
    path = tmp_path / "a.png"
    assert_left_alone(png(path, *every, icc_profile=profile, exif=exif))
    found = open_image(png(path, gama(100000), icc_profile=profile, exif=exif)).provenance
    assert found["profile"]["description"] == "Adobe RGB (compatible)"
    assert "encoding" not in found
    assert assert_left_alone(png(path, *every[1:], exif=exif))["said_by"] == "sRGB chunk"
    assert open_image(png(path, *every[2:], exif=exif)).provenance["encoding"]["said_by"] == (
        "gAMA and cHRM chunks"
    )
    assert open_image(png(path, exif=exif)).provenance["encoding"]["description"] == (
        "Adobe RGB (1998)"
    )


def test_image_of_pillow(tmp_path):
    path = png(tmp_path / "a.png", gama(100000), chrm(P3))
    with Image.open(path) as image:
        np.testing.assert_array_equal(read(image)[1], read(path)[1])


# ---- EXIF -------------------------------------------------------------------------------------


def with_exif(path, colour_space=None, index=None):
    options = {"lossless": True} if path.suffix == ".webp" else {}
    Image.fromarray(EIGHT).save(path, exif=exif_of(colour_space, index), **options)
    if path.suffix == ".tif" and index:
        write_index(path, index)
    return path


def write_index(path, index):
    """Pillow writes of a TIFF file's directory of interoperability only where it was elsewhere."""
    content = path.read_bytes()
    pointer = struct.pack("<HHI", 0xA005, 4, 1)
    place = content.index(pointer) + len(pointer)
    entry = struct.pack("<HHHI4sI", 1, 1, 2, 4, index.encode() + b"\0", 0)
    content = content[:place] + struct.pack("<I", len(content)) + content[place + 4 :] + entry
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.jpg", "a.tif"])
@pytest.mark.parametrize(("space", "index"), [(2, None), (65535, "R03"), (None, "R03"), (2, "R03")])
def test_adobe_rgb(tmp_path, name, space, index):
    path = with_exif(tmp_path / name, space, index)
    pixels = np.asarray(Image.open(path))
    linear = ADOBE.cctf_decoding(pixels / 255)
    said = assert_xyz(path, linear, matrix_of_space(ADOBE))
    assert said["description"] == "Adobe RGB (1998)"
    assert said["said_by"] == f"EXIF's {'InteroperabilityIndex' if index else 'ColorSpace'}"


@pytest.mark.parametrize(("space", "index"), [(1, None), (1, "R98")])
def test_exif_of_srgb(tmp_path, space, index):
    said = assert_left_alone(with_exif(tmp_path / "a.png", space, index))
    assert said["said_by"] == "EXIF's ColorSpace"


def test_uncalibrated(tmp_path):
    said = assert_left_alone(with_exif(tmp_path / "a.png", 65535, "R98"))
    assert said["done"] == "taken for sRGB, since nothing says more"
    assert assert_left_alone(with_exif(tmp_path / "a.png")) is None


# ---- TIFF and BMP -----------------------------------------------------------------------------


def rationals(places):
    return tuple(number for place in np.ravel(places) for number in (round(place * 10000), 10000))


def tiff(path, *tags):
    tifffile.imwrite(path, EIGHT, photometric="rgb", extratags=tags)
    return path


def chromaticities(space):
    return (319, 5, 6, rationals(space.primaries), True), (
        318, 5, 2, rationals(space.whitepoint), True,
    )  # fmt: skip


def test_primaries_of_tiff(tmp_path):
    primaries, white = chromaticities(P3)
    expected = colour.RGB_to_XYZ(EIGHT / 255, P3, apply_cctf_decoding=True)
    for tags, said_by in (
        ((primaries, white), "TIFF's PrimaryChromaticities and WhitePoint"),
        ((primaries,), "TIFF's PrimaryChromaticities"),
    ):
        source, found = read(tiff(tmp_path / "a.tif", *tags))
        assert source.space.name == "XYZ"
        assert source.provenance["encoding"]["said_by"] == said_by
        np.testing.assert_allclose(found, expected, atol=2e-4)


def test_primaries_of_srgb_in_tiff_leave_colours_as_they_are(tmp_path):
    tags = chromaticities(colour.RGB_COLOURSPACES["sRGB"])
    source, found = read(tiff(tmp_path / "a.tif", *tags))
    assert source.space.name == "sRGB"
    assert source.provenance["encoding"]["done"] == "sRGB: colours taken as they are"
    np.testing.assert_array_equal(found, EIGHT)


def test_profile_counts_for_more_than_primaries_of_tiff(tmp_path):
    profile = imagecodecs.cms_profile("srgb")
    tifffile.imwrite(
        tmp_path / "a.tif", EIGHT, photometric="rgb", iccprofile=profile,
        extratags=chromaticities(P3),
    )  # fmt: skip
    source, _ = read(tmp_path / "a.tif")
    assert "encoding" not in source.provenance
    assert "profile" in source.provenance


def test_transfer_function_of_tiff_is_said_to_be_ignored(tmp_path):
    path = tiff(tmp_path / "a.tif", (301, 3, 256, tuple(range(0, 65536, 256)), True))
    said = read(path)[0].provenance["transfer_function"]
    assert said == "not read; the curve of sRGB is taken"


@pytest.mark.parametrize(
    "tag",
    [
        (319, 5, 6, (0,) * 12, True),
        (319, 5, 6, (1, 0) * 6, True),
        (319, 5, 2, (1, 3) * 2, True),
        (319, 3, 6, (1,) * 6, True),
        (319, 2, 4, b"abc", True),
        (319, 5, 6, (1, 3) * 6, True),
    ],
)
def test_damaged_primaries_of_tiff(tmp_path, tag):
    with pytest.raises(ImageFileError, match=r"a\.tif (has damaged tags|names primaries|has )"):
        read(tiff(tmp_path / "a.tif", tag))


def bmp(path, kind, profile=b"", size=124):
    """A BMP file with a header of version 4 or 5."""
    pixels = np.ascontiguousarray(EIGHT[::-1, :, ::-1]).tobytes()  # 24 bytes a row
    header = struct.pack("<IiiHHIIiiII", size, 8, 6, 1, 24, 0, len(pixels), 0, 0, 0, 0)
    header += bytes(16) + struct.pack("<I", kind) + bytes(48)
    if size == 124:
        header += struct.pack("<IIII", 4, size + len(pixels), len(profile), 0)
    start = 14 + len(header)
    file = b"BM" + struct.pack("<IHHI", start + len(pixels) + len(profile), 0, 0, start)
    path.write_bytes(file + header + pixels + profile)
    return path


@pytest.mark.parametrize("size", [108, 124])
@pytest.mark.parametrize(
    ("kind", "described"),
    [
        (0x73524742, None),
        (0x57696E20, None),
        (0, "end points and gammas of its own"),
        (0x4C494E4B, "a profile in another file"),
    ],
)
def test_colours_of_bmp(tmp_path, size, kind, described):
    source, found = read(bmp(tmp_path / "a.bmp", kind, size=size))
    np.testing.assert_array_equal(found, EIGHT)
    if described is None:
        assert "encoding" not in source.provenance
    else:
        assert source.provenance["encoding"] == {
            "said_by": "BMP header",
            "description": described,
            "done": "taken for sRGB, since this is not read",
        }


def test_profile_in_bmp(tmp_path):
    profile = imagecodecs.cms_profile("adobergb")
    Image.fromarray(EIGHT).save(tmp_path / "a.png", icc_profile=profile)
    expected, colours = read(tmp_path / "a.png")
    source, found = read(bmp(tmp_path / "a.bmp", 0x4D424544, profile))
    assert source.provenance["profile"] == expected.provenance["profile"]
    np.testing.assert_array_equal(found, colours)
    for damaged, size in ((b"", 124), (b"no profile", 124), (profile, 108)):
        with pytest.raises(ImageFileError, match=r"a\.bmp has a damaged colour profile"):
            read(bmp(tmp_path / "a.bmp", 0x4D424544, damaged, size))
