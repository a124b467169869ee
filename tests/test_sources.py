"""What an image may be given as: arrays, images of Pillow, paths; and what its alpha becomes."""

import copy
import hashlib
import pickle
from pathlib import Path

import dask.array
import numpy as np
import pytest
import xarray
import zarr
from PIL import Image

import dde
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


class Liar:
    """What says of itself that it is an array, and gives other rows than it says."""

    dtype, shape = COLOURS.dtype, COLOURS.shape

    def __init__(self, given, dtype=None):
        self.given, self.dtype = given, dtype or self.dtype

    def __getitem__(self, rows):
        return self.given


@pytest.mark.parametrize(
    "liar",
    [
        Liar(COLOURS[:2]),
        Liar(COLOURS[:, :2]),
        Liar(COLOURS.swapaxes(0, 1)),
        Liar(COLOURS.reshape(1, -1)),
        Liar(np.uint8(5)),
        Liar(None),
        Liar(COLOURS.astype(float)),
        Liar(COLOURS, np.dtype(np.uint16)),
    ],
)
def test_what_does_not_slice_as_it_says(liar):
    sentence = r"^rows 0 to 5 of an array of shape \(6, 5, 3\) and type uint"
    with pytest.raises(ValueError, match=sentence):
        pixels(liar)
    for pair in ((liar, COLOURS), (COLOURS, liar)):
        with pytest.raises(ValueError, match=sentence):
            dde.inspect(*pair)


@pytest.mark.parametrize("given", [np.ones((2, 5), bool), np.bool_(True), np.ones((6, 5))])
def test_masks_and_labels_that_do_not_slice_as_they_say(given):
    liar = Liar(given)
    liar.dtype, liar.shape = np.dtype(bool), (HEIGHT, WIDTH)
    for options in ({"mask": liar}, {"regions": {"logo": liar}}):
        with pytest.raises(ValueError, match=r"^rows 0 to 5 of an array of shape \(6, 5\)"):
            dde.inspect(COLOURS, COLOURS, **options)


@pytest.mark.parametrize("rows", [(0, 7), (-1, 3), (3, 3), (4, 2), (6, 7), (0, 10**30)])
def test_rows_that_are_not_there(tmp_path, rows):
    for suffix in ("png", "tif"):
        Image.fromarray(RGBA).save(tmp_path / f"a.{suffix}")
    np.save(tmp_path / "a.npy", RGBA)
    sentence = f"^rows {rows[0]} to {rows[1] - 1} cannot be read: the image has rows 0 to 5"
    for image in (RGBA, tmp_path / "a.png", tmp_path / "a.tif", tmp_path / "a.npy"):
        source = open_image(image)
        for read in (source.read, source.read_mask):
            with pytest.raises(ValueError, match=sentence):
                read(*rows)
    with pytest.raises(TypeError, match="integer"):
        source.read(0, 2.5)


def test_source_is_not_pickled(tmp_path):
    np.save(tmp_path / "a.npy", COLOURS)
    for image in (COLOURS, tmp_path / "a.npy"):
        source = open_image(image)
        with pytest.raises(TypeError, match=r"^a Source cannot be pickled, since .* pickle"):
            pickle.dumps(source)
        assert copy.copy(source) is copy.deepcopy(source) is source


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
