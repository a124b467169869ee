"""What the samples of a TIFF file mean: grey, palettes, planes, alpha, CIELAB and XYZ."""

import numpy as np
import pytest
import tifffile
from PIL import Image

from dde.errors import ImageFileError
from dde.images.opening import open_image

HEIGHT, WIDTH = 5, 7
RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
COLOURS_16 = RNG.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
LAB = RNG.uniform((0, -120, -120), (100, 120, 120), (HEIGHT, WIDTH, 3)).astype(np.float32)


@pytest.fixture
def tiff(tmp_path):
    """Writes samples as TIFF and returns the path."""

    def write(samples, photometric, **options):
        path = tmp_path / "a.tif"
        tifffile.imwrite(path, samples, photometric=photometric, **options)
        return path

    return write


def read(path, **options):
    source = open_image(path, **options)
    return source.space.name, source.read(0, source.shape[0])


def assert_srgb(path, expected):
    space, pixels = read(path)
    assert space == "sRGB"
    assert pixels.dtype == expected.dtype
    np.testing.assert_array_equal(pixels, expected)


def assert_lab(path, expected, bound, **options):
    space, pixels = read(path, **options)
    assert space == "Lab"
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels, expected, atol=bound, rtol=0)


# ---- sRGB -------------------------------------------------------------------------------------


@pytest.mark.parametrize("samples", [COLOURS, COLOURS_16])
@pytest.mark.parametrize("compression", [None, "lzw", "zlib", "packbits", "zstd"])
@pytest.mark.parametrize("planar", ["contig", "separate"])
@pytest.mark.parametrize("byteorder", ["<", ">"])
def test_colour(tiff, samples, compression, planar, byteorder):
    stored = samples if planar == "contig" else np.moveaxis(samples, -1, 0)
    options = {"compression": compression, "planarconfig": planar, "byteorder": byteorder}
    assert_srgb(tiff(stored, "rgb", **options), samples)


def test_jpeg_compression(tiff):
    smooth = np.add.outer(np.arange(64), np.arange(48)).astype(np.uint8)[..., None] + COLOURS[0, 0]
    space, pixels = read(tiff(smooth, "rgb", compression="jpeg", compressionargs={"level": 98}))
    assert space == "sRGB"
    assert np.abs(pixels.astype(int) - smooth).mean() < 4


@pytest.mark.parametrize("samples", [COLOURS, COLOURS_16])
def test_white_is_zero(tiff, samples):
    grey = samples[..., 0]
    assert_srgb(tiff(grey, "miniswhite"), np.dstack([np.iinfo(grey.dtype).max - grey] * 3))


@pytest.mark.parametrize("bits", [1, 2, 4])
def test_few_bits(tiff, bits):
    grey = RNG.integers(0, 2**bits, (HEIGHT, 16), dtype=np.uint8)
    expected = np.dstack([np.rint(grey / (2**bits - 1) * 255).astype(np.uint8)] * 3)
    if bits == 1:
        path = tiff(grey.astype(bool), "minisblack")
    else:
        path = tiff(grey, "minisblack", bitspersample=bits)
    assert_srgb(path, expected)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16])
def test_palette(tiff, dtype):
    table = RNG.integers(0, 256, (3, np.iinfo(dtype).max + 1), dtype=np.uint16)
    numbers = RNG.integers(0, table.shape[1], (HEIGHT, WIDTH), dtype=dtype)
    assert_srgb(tiff(numbers, "palette", colormap=table * 257), table.astype(np.uint8).T[numbers])


@pytest.mark.parametrize("samples", [COLOURS, COLOURS_16])
def test_alpha_multiplied_in(tiff, samples):
    """What comes back differs by rounding alone: by one step on white, whatever the alpha."""
    white = np.iinfo(samples.dtype).max
    alpha = RNG.integers(0, white + 1, (HEIGHT, WIDTH, 1)).astype(samples.dtype)
    alpha[0, 0] = 0
    share = alpha / white
    multiplied = np.rint(samples * share).astype(samples.dtype)
    path = tiff(np.dstack([multiplied, alpha]), "rgb", extrasamples=["assocalpha"])
    source = open_image(path)
    expected = samples * share + white * (1 - share)
    assert np.abs(source.read(0, HEIGHT) - expected).max() <= 1.5
    np.testing.assert_array_equal(source.read_mask(0, HEIGHT), alpha[..., 0] > 0)


def test_channels_that_are_not_alpha(tiff):
    samples = np.dstack([COLOURS, COLOURS[..., :2]])
    path = tiff(samples, "rgb", extrasamples=["unspecified", "unspecified"])
    assert open_image(path).read_mask is None
    assert_srgb(path, COLOURS)


def test_alpha_after_another_channel(tiff):
    samples = np.dstack([COLOURS, COLOURS[..., :1], np.zeros_like(COLOURS[..., 0])])
    path = tiff(samples, "rgb", extrasamples=["unspecified", "unassalpha"])
    assert not open_image(path).read_mask(0, HEIGHT).any()


def test_reduced_copies_do_not_count(tmp_path):
    path = tmp_path / "a.tif"
    with tifffile.TiffWriter(path) as writer:
        writer.write(COLOURS, photometric="rgb")
        writer.write(COLOURS[::2, ::2], photometric="rgb", subfiletype=1)
    assert_srgb(path, COLOURS)


# ---- Lab and XYZ ------------------------------------------------------------------------------


def test_cielab_of_8_bits_by_pillow(tmp_path):
    """Pillow keeps a* and b* with 128 added, and writes them signed as TIFF 6.0 has them."""
    image = Image.fromarray(COLOURS, "RGB")
    lab = Image.merge("LAB", image.split())
    lab.save(tmp_path / "a.tif")
    expected = COLOURS * np.array([100 / 255, 1, 1]) - [0, 128, 128]
    assert_lab(tmp_path / "a.tif", expected, 1e-5)


@pytest.mark.parametrize("compression", [None, "zlib"])
def test_cielab(tiff, compression):
    eight = np.rint(LAB * [2.55, 1, 1]).astype(int).astype(np.uint8)
    assert_lab(tiff(eight, "cielab", compression=compression), LAB, 0.5001)
    sixteen = np.rint(LAB * [655.35, 256, 256]).astype(int).astype(np.uint16)
    assert_lab(tiff(sixteen, "cielab", compression=compression), LAB, 0.002)
    assert_lab(tiff(LAB, "cielab", compression=compression), LAB, 0)


def test_cielab_marked_as_signed(tiff):
    assert_lab(tiff(np.rint(LAB * [2.55, 1, 1]).astype(np.int8), "cielab"), LAB, 0.5001)


def test_icclab(tiff):
    eight = np.rint(LAB * [2.55, 1, 1] + [0, 128, 128]).astype(np.uint8)
    assert_lab(tiff(eight, "icclab"), LAB, 0.5001)
    sixteen = np.rint(LAB * [652.8, 256, 256] + [0, 32768, 32768]).astype(np.uint16)
    assert_lab(tiff(sixteen, "icclab"), LAB, 0.002)


def test_floats_that_say_nothing(tiff):
    with pytest.raises(ImageFileError, match=r"a\.tif holds floating-point samples; say by space"):
        open_image(tiff(LAB, "rgb"))


@pytest.mark.parametrize("space", ["XYZ", "Lab", "sRGB"])
@pytest.mark.parametrize("photometric", ["rgb", "minisblack"])
def test_floats_by_name(tiff, space, photometric):
    found, pixels = read(tiff(LAB, photometric, planarconfig="contig"), space=space)
    assert found == space
    np.testing.assert_array_equal(pixels, LAB)


def test_space_is_for_what_does_not_say_it(tiff):
    assert read(tiff(COLOURS, "rgb"), space="XYZ")[0] == "sRGB"
    assert read(tiff(LAB, "cielab"), space="XYZ")[0] == "Lab"


def test_alpha_of_lab_lays_on_white(tiff):
    alpha = np.full((HEIGHT, WIDTH, 1), 0.25, dtype=np.float32)
    alpha[0] = 0
    path = tiff(np.dstack([LAB, alpha]), "cielab", extrasamples=["unassalpha"])
    expected = LAB * alpha + [100, 0, 0] * (1 - alpha)
    assert_lab(path, expected, 1e-4)
    assert open_image(path).read_mask(0, HEIGHT)[:, 0].tolist() == [False] + [True] * 4


# ---- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("samples", "photometric", "reason"),
    [
        (COLOURS.astype(np.int8), "rgb", "holds samples of 8 bits of a kind"),
        (COLOURS.astype(np.uint32), "rgb", "holds samples of 32 bits of a kind"),
        (COLOURS.astype(np.complex64), "rgb", "holds samples of 64 bits of a kind"),
        (COLOURS, "ycbcr", "holds YCbCr pixels, which"),
        (COLOURS, "itulab", "holds ITULAB pixels of 3 channels; grey"),
        (COLOURS, "minisblack", "holds MINISBLACK pixels of 3 channels; grey"),
        (np.stack([COLOURS, COLOURS]), "rgb", "holds 2 frames or pages; a single"),
    ],
)
def test_refused(tiff, samples, photometric, reason):
    with pytest.raises(ImageFileError, match=rf"a\.tif {reason}"):
        open_image(tiff(samples, photometric, planarconfig="contig"))


def test_grey_that_should_be_lab(tiff):
    with pytest.raises(ImageFileError, match="holds grey pixels, which cannot be Lab"):
        open_image(tiff(LAB[..., 0], "minisblack"), space="Lab")
