"""How image files are read: one rule for depth, grey, palette, alpha and orientation."""

import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import dde
from dde.errors import ImageFileError
from dde.images.opening import open_image

HEIGHT, WIDTH = 5, 7
RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
GREY = COLOURS[..., 0]
ALPHA = RNG.integers(0, 256, (HEIGHT, WIDTH), dtype=np.uint8)
COLOURS_16 = RNG.integers(0, 65536, (HEIGHT, WIDTH, 3), dtype=np.uint16)
GREY_16 = COLOURS_16[..., 0]
ALPHA_16 = RNG.integers(0, 65536, (HEIGHT, WIDTH), dtype=np.uint16)


def saved(path, image, **options):
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path, **options)
    return path


def as_grey(values):
    return np.dstack([values] * 3)


def on_white(colours, alpha):
    """Every viewer's formula, in floating point."""
    white = np.iinfo(colours.dtype).max
    share = alpha[..., None] / white
    return np.floor(colours * share + white * (1 - share) + 0.5).astype(colours.dtype)


def read_image(path):
    source = open_image(path)
    return source.read(0, source.shape[0])


def assert_reads(path, expected):
    pixels = read_image(path)
    assert pixels.dtype == expected.dtype
    np.testing.assert_array_equal(pixels, expected)


def png_16(path, samples, colour_type, *chunks):
    """Writes 16-bit samples (H, W, channels) as PNG, which Pillow cannot."""
    height, width = samples.shape[:2]
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in samples)
    header = struct.pack(">IIBBBBB", width, height, 16, colour_type, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in [(b"IHDR", header), *chunks, (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]:
        check = zlib.crc32(kind + data)
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
    path.write_bytes(content)
    return path


def tiff(path, samples, photometric, order="<", deflate=False, **tags):
    """Writes samples (H, W, channels) of any depth as TIFF; `tags` adds more, as numbers."""
    height, width, channels = samples.shape
    data = samples.astype(samples.dtype.newbyteorder(order)).tobytes()
    data = zlib.compress(data) if deflate else data
    bits = samples.dtype.itemsize * 8
    entries = {
        256: [width],
        257: [height],
        258: [bits] * channels,
        259: [8 if deflate else 1],
        262: [photometric],
        273: [8],
        277: [channels],
        278: [height],
        279: [len(data)],
    } | {int(tag.strip("_")): [value] for tag, value in tags.items()}
    start = 8 + len(data) + len(data) % 2
    content = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(order + "I", start) + data
    content = content.ljust(start, b"\0")
    far = b""
    directory = struct.pack(order + "H", len(entries))
    for tag, values in sorted(entries.items()):
        value = struct.pack(f"{order}{len(values)}H", *values)
        if len(value) > 4:
            place = start + 6 + 12 * len(entries) + len(far)
            far += value
            value = struct.pack(order + "I", place)
        directory += struct.pack(order + "HHI", tag, 3, len(values)) + value.ljust(4, b"\0")
    path.write_bytes(content + directory + bytes(4) + far)
    return path


# ---- 8 bits -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("a.png", {}),
        ("a.bmp", {}),
        ("a.tif", {}),
        ("a.tiff", {"compression": "tiff_lzw"}),
        ("a.tif", {"compression": "tiff_adobe_deflate"}),
        ("a.webp", {"lossless": True}),
    ],
)
def test_colour(tmp_path, name, options):
    assert_reads(saved(tmp_path / name, COLOURS, **options), COLOURS)


def test_jpeg(tmp_path):
    path = saved(tmp_path / "a.jpg", COLOURS, quality=90)
    assert_reads(path, np.asarray(Image.open(path)))


def test_name_does_not_matter(tmp_path):
    assert_reads(saved(tmp_path / "a.dat", COLOURS, format="PNG"), COLOURS)


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_grey(tmp_path, name):
    assert_reads(saved(tmp_path / name, GREY), as_grey(GREY))


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_black_and_white(tmp_path, name):
    image = Image.fromarray(GREY).convert("1")
    assert_reads(saved(tmp_path / name, image), as_grey(255 * np.asarray(image).astype(np.uint8)))


@pytest.mark.parametrize("name", ["a.png", "a.bmp", "a.tif"])
def test_palette(tmp_path, name):
    image = Image.fromarray(COLOURS).quantize(8)
    assert_reads(saved(tmp_path / name, image), np.asarray(image.convert("RGB")))


@pytest.mark.parametrize("name", ["a.png", "a.tif", "a.webp"])
def test_alpha_is_laid_on_white(tmp_path, name):
    image = Image.fromarray(np.dstack([COLOURS, ALPHA]))
    options = {"lossless": True, "exact": True} if name == "a.webp" else {}
    assert_reads(saved(tmp_path / name, image, **options), on_white(COLOURS, ALPHA))


@pytest.mark.parametrize("name", ["a.png", "a.tif"])
def test_grey_with_alpha(tmp_path, name):
    image = Image.merge("LA", [Image.fromarray(GREY), Image.fromarray(ALPHA)])
    assert_reads(saved(tmp_path / name, image), on_white(as_grey(GREY), ALPHA))


def test_palette_with_alpha(tmp_path):
    image = Image.fromarray(COLOURS).quantize(8)
    alpha = RNG.integers(0, 256, 8, dtype=np.uint8)
    path = saved(tmp_path / "a.png", image, transparency=alpha.tobytes())
    expected = on_white(np.asarray(image.convert("RGB")), alpha[np.asarray(image)])
    assert_reads(path, expected)


def test_transparent_colour(tmp_path):
    path = saved(tmp_path / "a.png", COLOURS, transparency=tuple(COLOURS[1, 2].tolist()))
    expected = COLOURS.copy()
    expected[1, 2] = 255
    assert_reads(path, expected)


def test_opaque_alpha_changes_nothing(tmp_path):
    image = np.dstack([COLOURS, np.full_like(ALPHA, 255)])
    assert_reads(saved(tmp_path / "a.png", image), COLOURS)


def test_first_picture_of_a_multi_picture_jpeg(tmp_path):
    first, preview = Image.fromarray(COLOURS), Image.new("RGB", (WIDTH, HEIGHT))
    path = tmp_path / "a.jpg"
    first.save(path, format="MPO", save_all=True, append_images=[preview], quality=90)
    with Image.open(path) as image:
        assert image.n_frames == 2
        assert_reads(path, np.asarray(image))


# ---- 16 bits ----------------------------------------------------------------------------------


def test_grey_of_16_bits(tmp_path):
    assert_reads(saved(tmp_path / "a.png", GREY_16), as_grey(GREY_16))
    assert_reads(saved(tmp_path / "a.tif", GREY_16), as_grey(GREY_16))


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("deflate", [False, True])
def test_tiff_of_16_bits(tmp_path, order, deflate):
    options = {"order": order, "deflate": deflate}
    path = tmp_path / "a.tif"
    assert_reads(tiff(path, GREY_16[..., None], 1, **options), as_grey(GREY_16))
    assert_reads(tiff(path, COLOURS_16, 2, **options), COLOURS_16)
    samples = np.dstack([COLOURS_16, ALPHA_16])
    assert_reads(tiff(path, samples, 2, **options, _338=2), on_white(COLOURS_16, ALPHA_16))
    assert_reads(tiff(path, samples, 2, **options, _338=0), COLOURS_16)


def test_png_of_16_bits(tmp_path):
    path = tmp_path / "a.png"
    assert_reads(png_16(path, GREY_16[..., None], 0), as_grey(GREY_16))
    assert_reads(png_16(path, COLOURS_16, 2), COLOURS_16)
    grey_and_alpha = np.dstack([GREY_16, ALPHA_16])
    assert_reads(png_16(path, grey_and_alpha, 4), on_white(as_grey(GREY_16), ALPHA_16))
    assert_reads(png_16(path, np.dstack([COLOURS_16, ALPHA_16]), 6), on_white(COLOURS_16, ALPHA_16))


def test_transparent_colour_of_16_bits(tmp_path):
    key = b"tRNS", struct.pack(">3H", *COLOURS_16[1, 2])
    expected = COLOURS_16.copy()
    expected[1, 2] = 65535
    assert_reads(png_16(tmp_path / "a.png", COLOURS_16, 2, key), expected)
    key = b"tRNS", struct.pack(">H", GREY_16[1, 2])
    expected = as_grey(GREY_16).copy()
    expected[1, 2] = 65535
    assert_reads(png_16(tmp_path / "b.png", GREY_16[..., None], 0, key), expected)


def test_16_bits_tell_apart_what_8_bits_cannot(tmp_path):
    rough = png_16(tmp_path / "a.png", COLOURS.astype(np.uint16) * 257, 2)
    fine = png_16(tmp_path / "b.png", COLOURS.astype(np.uint16) * 257 // 2 * 2, 2)
    eight = saved(tmp_path / "c.png", COLOURS)
    images = [read_image(path) for path in (rough, fine, eight)]
    assert dde.delta_e_map(images[0], images[2]).max() < 1e-3
    assert 0 < dde.delta_e_map(images[0], images[1]).max() < 0.1


def test_grey_of_16_and_8_bits_agree(tmp_path):
    sixteen = saved(tmp_path / "a.png", GREY.astype(np.uint16) * 257)
    eight = saved(tmp_path / "b.png", GREY)
    assert dde.delta_e_map(read_image(sixteen), read_image(eight)).max() < 1e-3


# ---- Orientation ------------------------------------------------------------------------------

UPRIGHT = {
    1: lambda stored: stored,
    2: np.fliplr,
    3: lambda stored: np.rot90(stored, 2),
    4: np.flipud,
    5: lambda stored: stored.swapaxes(0, 1),
    6: lambda stored: np.rot90(stored, -1),
    7: lambda stored: np.rot90(stored, 2).swapaxes(0, 1),
    8: np.rot90,
}


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation(tmp_path, orientation):
    expected = UPRIGHT[orientation](COLOURS)
    exif = Image.Exif()
    exif[0x0112] = orientation
    for name, options in [("a.png", {}), ("a.webp", {"lossless": True}), ("a.tif", {})]:
        assert_reads(saved(tmp_path / name, COLOURS, exif=exif, **options), expected)
    path = saved(tmp_path / "a.jpg", COLOURS, exif=exif)
    assert_reads(path, UPRIGHT[orientation](np.asarray(Image.open(path))))
    path = saved(tmp_path / "a.tif", GREY, exif=exif)
    assert_reads(path, UPRIGHT[orientation](as_grey(GREY)))


@pytest.mark.parametrize("orientation", UPRIGHT)
def test_orientation_of_16_bits(tmp_path, orientation):
    turn = UPRIGHT[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    chunk = b"eXIf", exif.tobytes().removeprefix(b"Exif\0\0")
    grey_and_alpha = np.dstack([GREY_16, ALPHA_16])
    path = tmp_path / "a.png"
    assert_reads(png_16(path, COLOURS_16, 2, chunk), turn(COLOURS_16))
    assert_reads(png_16(path, grey_and_alpha, 4, chunk), turn(on_white(as_grey(GREY_16), ALPHA_16)))
    path = tmp_path / "a.tif"
    for deflate in (False, True):
        tiff(path, COLOURS_16, 2, deflate=deflate, _274=orientation)
        assert_reads(path, turn(COLOURS_16))
        tiff(path, GREY_16[..., None], 1, deflate=deflate, _274=orientation)
        assert_reads(path, turn(as_grey(GREY_16)))


# ---- What is refused --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.jpg", "a.tif"])
def test_cmyk_without_profile(tmp_path, name):
    path = saved(tmp_path / name, Image.new("CMYK", (WIDTH, HEIGHT)))
    with pytest.raises(ImageFileError, match=r"a\.... holds CMYK pixels, and no colour profile"):
        open_image(path)


@pytest.mark.parametrize("name", ["a.png", "a.webp", "a.tif"])
def test_several_frames(tmp_path, name):
    path = tmp_path / name
    Image.fromarray(COLOURS).save(
        path, save_all=True, append_images=[Image.fromarray(COLOURS[::-1])]
    )
    with pytest.raises(ImageFileError, match="2 frames or pages; a single image"):
        read_image(path)


def test_other_formats(tmp_path):
    for name in ("a.gif", "a.ppm", "a.ico"):
        with pytest.raises(ImageFileError, match="an image of at least 1 pixel; PNG, JPEG"):
            read_image(saved(tmp_path / name, COLOURS))


def test_no_pixels(tmp_path):
    for shape in [(0, 5), (5, 0)]:
        with pytest.raises(ImageFileError, match="at least 1 pixel"):
            read_image(png_16(tmp_path / "a.png", np.zeros((*shape, 3), np.uint16), 2))


def test_decompression_bomb(tmp_path):
    path = saved(tmp_path / "a.png", Image.new("1", (30000, 10001)))
    with pytest.raises(ImageFileError, match=r"30000 x 10001 pixels, .*; at most 300 megapixels"):
        read_image(path)


def test_more_than_100_megapixels(tmp_path, recwarn):
    path = saved(tmp_path / "a.png", Image.new("1", (2048, 60000), 1))
    pixels = read_image(path)
    assert pixels.shape == (60000, 2048, 3)
    assert pixels[-1, -1].tolist() == [255, 255, 255]
    assert not recwarn.list


# ---- Damage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["png", "16.png", "jpg", "tif", "16.tif", "webp", "bmp"])
def test_no_truncated_file_is_misread(tmp_path, kind):
    path = tmp_path / f"a.{kind}"
    if kind == "16.png":
        png_16(path, COLOURS_16, 2)
    elif kind == "16.tif":
        tiff(path, COLOURS_16, 2)
    else:
        saved(path, COLOURS)
    whole, expected = path.read_bytes(), read_image(path)
    refused = 0
    for length in range(len(whole)):
        path.write_bytes(whole[:length])
        try:
            pixels = read_image(path)
        except ImageFileError:
            refused += 1
        else:
            np.testing.assert_array_equal(pixels, expected)  # only trimmings were lost
    assert refused > 0.8 * len(whole)
