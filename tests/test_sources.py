"""What an image may be given as: arrays, images of Pillow, paths; and what its alpha becomes."""

import hashlib
from pathlib import Path

import dask.array
import numpy as np
import pytest
import xarray
import zarr
from PIL import Image

from dde.errors import ImageFileError
from dde.images.opening import open_image

RNG = np.random.default_rng(0)
EXAMPLE = Path(__file__).parents[1] / "examples" / "reference.jpg"
HEIGHT, WIDTH = 6, 5
COLOURS = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
ALPHA = RNG.integers(0, 3, (HEIGHT, WIDTH), dtype=np.uint8) * np.uint8(127)
RGBA = np.dstack([COLOURS, ALPHA])
LAB = RNG.uniform((0, -60, -60), (100, 60, 60), (HEIGHT, WIDTH, 3))


def pixels(image, **options):
    source = open_image(image, **options)
    return source.read(0, source.shape[0])


# ---- Arrays -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_array_of_srgb(dtype):
    source = open_image(COLOURS.astype(dtype))
    assert (source.shape, source.space.name, source.read_mask) == ((HEIGHT, WIDTH), "sRGB", None)
    assert source.read(0, 2).dtype == dtype
    np.testing.assert_array_equal(source.read(2, 5), COLOURS[2:5])
    assert source.provenance == {
        "format": "array",
        "width": WIDTH,
        "height": HEIGHT,
        "type": np.dtype(dtype).name,
        "space": "sRGB",
    }


@pytest.mark.parametrize("space", ["XYZ", "Lab"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_array_of_xyz_and_lab(space, dtype):
    source = open_image(LAB.astype(dtype), space=space)
    assert source.space.name == space
    np.testing.assert_array_equal(source.read(0, HEIGHT), LAB.astype(dtype))


@pytest.mark.parametrize(
    "wrap",
    [
        np.ndarray.tolist,
        lambda array: dask.array.from_array(array, chunks=(4, 2, 3)),
        lambda array: xarray.DataArray(array, dims=("y", "x", "channel")),
        lambda array: zarr.array(array, chunks=(4, 2, 3)),
        np.asfortranarray,
    ],
    ids=["list", "dask", "xarray", "zarr", "Fortran"],
)
def test_what_is_like_an_array(wrap):
    image = wrap(LAB)
    np.testing.assert_array_equal(pixels(image, space="Lab"), LAB)


def test_nothing_is_copied():
    assert np.shares_memory(open_image(COLOURS).read(0, HEIGHT), COLOURS)


@pytest.mark.parametrize("samples", [COLOURS[..., 0], COLOURS[..., :1]])
def test_grey(samples):
    np.testing.assert_array_equal(pixels(samples), np.dstack([COLOURS[..., 0]] * 3))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_alpha_is_a_mask(dtype):
    """Fully transparent pixels are not there; partly transparent ones are, laid on white."""
    white = 1 if np.dtype(dtype).kind == "f" else np.iinfo(dtype).max
    scale = white / 255
    samples = (RGBA * scale).astype(dtype)
    source = open_image(samples)
    np.testing.assert_array_equal(source.read_mask(0, HEIGHT), ALPHA > 0)
    np.testing.assert_array_equal(source.read_mask(2, 4), ALPHA[2:4] > 0)
    share = ALPHA[..., None] / 255
    expected = COLOURS * scale * share + white * (1 - share)
    found = source.read(0, HEIGHT)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, atol=1e-6 if white == 1 else 0.5001)
    grey = open_image(samples[..., [0, 3]])
    np.testing.assert_array_equal(grey.read(0, HEIGHT), np.dstack([found[..., 0]] * 3))
    np.testing.assert_array_equal(grey.read_mask(0, HEIGHT), ALPHA > 0)


@pytest.mark.parametrize(
    ("image", "space", "error", "message"),
    [
        (COLOURS.astype(int), None, TypeError, "must hold sRGB as uint8, .*; not int64"),
        (COLOURS, "Lab", TypeError, "must hold Lab as float32, float64; not uint8"),
        (COLOURS.astype(bool), None, TypeError, "must hold sRGB"),
        (LAB[..., :2], "XYZ", ValueError, r"shape \(H, W, 3\); not \(6, 5, 2\)"),
        (LAB[None], None, ValueError, r"not \(1, 6, 5, 3\)"),
        (COLOURS[:, :0], None, ValueError, r"at least 1 pixel, .*; not \(6, 0, 3\)"),
        (COLOURS[0, 0], None, ValueError, r"not \(3,\)"),
        (np.zeros((2, 2, 5)), None, ValueError, r"not \(2, 2, 5\)"),
        ([[1.0, 2.0], [3.0]], None, ValueError, "must be an array, not a sequence of unequal"),
        (None, None, TypeError, "must hold sRGB"),
    ],
)
def test_array_that_is_refused(image, space, error, message):
    with pytest.raises(error, match=f"^sample .*{message}"):
        open_image(image, name="sample", space=space)


def test_unknown_space_and_white():
    with pytest.raises(ValueError, match=r"space must be one of sRGB, .*; not 'LAB\*'"):
        open_image(COLOURS, space="LAB*")
    with pytest.raises(ValueError, match="white must be one of"):
        open_image(COLOURS, white="D99")


def test_names_in_any_case_of_letters():
    assert open_image(COLOURS, space="srgb").space.name == "sRGB"
    assert open_image(LAB, space="LAB", white="d50").space.name == "Lab"


# ---- Images of Pillow -------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "PA", "RGB", "RGBA", "YCbCr", "I;16"])
def test_image_of_pillow(tmp_path, mode):
    """As the file that Pillow makes of it, where it can."""
    if mode == "I;16":
        image = Image.fromarray(COLOURS[..., 0].astype(np.uint16) * 257)
    else:
        image = Image.fromarray(RGBA if "A" in mode else COLOURS).convert(mode)
    source = open_image(image)
    stored = image.convert("RGB") if mode in ("PA", "YCbCr") else image
    stored.save(tmp_path / "a.png")
    expected = open_image(tmp_path / "a.png")
    if mode != "PA":
        np.testing.assert_array_equal(source.read(0, HEIGHT), expected.read(0, HEIGHT))
    assert (source.read_mask is not None) == (mode in ("LA", "PA", "RGBA"))
    assert source.provenance["format"] == "PIL image"


def test_image_of_pillow_on_its_side(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(COLOURS).save(tmp_path / "a.tif", exif=exif)
    Image.fromarray(COLOURS).save(tmp_path / "a.png", exif=exif)
    for name in ("a.tif", "a.png"):
        with Image.open(tmp_path / name) as image:
            np.testing.assert_array_equal(pixels(image), np.rot90(COLOURS, -1))


@pytest.mark.parametrize("mode", ["F", "I", "LAB", "HSV", "CMYK"])
def test_image_of_pillow_that_is_refused(mode):
    with pytest.raises(ImageFileError, match=f"sample holds {mode} pixels"):
        open_image(Image.new(mode, (2, 2)), name="sample")


# ---- Paths ------------------------------------------------------------------------------------


def test_record_of_a_file(tmp_path, monkeypatch):
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    content = Path("a.png").read_bytes()
    found = open_image("a.png").provenance
    assert found == {
        "path": "a.png",
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "format": "PNG",
        "width": WIDTH,
        "height": HEIGHT,
        "type": "uint8",
        "space": "sRGB",
    }


def test_space_of_a_file_of_floats(tmp_path):
    np.save(tmp_path / "a.npy", LAB)
    assert open_image(tmp_path / "a.npy", space="Lab").space.name == "Lab"
    np.save(tmp_path / "b.npy", COLOURS)
    assert open_image(tmp_path / "b.npy", space="Lab").space.name == "sRGB"


def test_array_file_that_is_refused(tmp_path):
    np.save(tmp_path / "a.npy", COLOURS.astype(int))
    with pytest.raises(ImageFileError, match=r"sample .*a\.npy must hold sRGB as uint8"):
        open_image(tmp_path / "a.npy", name="sample")


def test_missing_file(tmp_path):
    with pytest.raises(ImageFileError, match=r"^sample .*missing\.png does not exist; PNG, JPEG"):
        open_image(tmp_path / "missing.png", name="sample")


def test_without_the_extra(fresh_python):
    """NumPy is enough for arrays; files ask for what reads them."""
    said = fresh_python(f"""
import sys
sys.modules.update({{"PIL": None, "imagecodecs": None, "tifffile": None, "zarr": None}})
import numpy as np
from dde.images.opening import open_image
open_image(np.zeros((2, 2, 3)))
try:
    open_image({str(EXAMPLE)!r})
except ModuleNotFoundError as error:
    print(error)
""")
    assert said.startswith(f"image {EXAMPLE}: an image file needs Pillow; ")
    assert said.endswith('install it with: pip install "deepdeltae[cli]"')
