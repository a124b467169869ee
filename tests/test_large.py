"""Images larger than memory are read some rows at a time, and the rows are those of the whole."""

import sys

import numpy as np
import pytest
import tifffile
import zarr
from PIL import Image

from dde.errors import ImageFileError
from dde.images.opening import open_image
from dde.images.source import by_bands

RNG = np.random.default_rng(0)
HEIGHT, WIDTH = 333, 205  # no multiple of any tile
COLOURS = RNG.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
ALPHA = RNG.integers(0, 3, (HEIGHT, WIDTH, 1), dtype=np.uint8) * np.uint8(127)
RGBA = np.dstack([COLOURS, ALPHA])
LAB = RNG.uniform((0, -60, -60), (100, 60, 60), (HEIGHT, WIDTH, 3)).astype(np.float32)


def written(folder, kind, samples):
    """Samples in a file of some kind, and the height of what is decoded at once in it."""
    path = folder / f"a.{kind.partition(' ')[0]}"
    photometric = "cielab" if samples.dtype.kind == "f" else "rgb"
    extra = ["unassalpha"] if samples.shape[2] == 4 else None
    tiff = {"photometric": photometric, "extrasamples": extra}
    match kind:
        case "tif tiles":
            tifffile.imwrite(path, samples, tile=(48, 64), compression="zlib", **tiff)
        case "tif raw tiles":
            tifffile.imwrite(path, samples, tile=(48, 64), **tiff)
        case "tif big":
            tifffile.imwrite(
                path, samples, tile=(16, 32), bigtiff=True, compression="zstd", predictor=True,
                byteorder=">", **tiff,
            )  # fmt: skip
        case "tif planes":
            planes = np.moveaxis(samples, -1, 0)
            tifffile.imwrite(
                path, planes, planarconfig="separate", tile=(48, 64), compression="lzw", **tiff
            )
        case "tif raw planes":
            planes = np.moveaxis(samples, -1, 0)
            tifffile.imwrite(path, planes, planarconfig="separate", byteorder=">", **tiff)
        case "tif strips":
            tifffile.imwrite(path, samples, rowsperstrip=7, compression="zlib", **tiff)
        case "tif strip":
            tifffile.imwrite(path, samples, rowsperstrip=HEIGHT, compression="zlib", **tiff)
        case "tif raw":
            tifffile.imwrite(path, samples, **tiff)
        case "npy":
            np.save(path, samples)
        case "zarr":
            array = zarr.create_array(
                path, shape=samples.shape, chunks=(50, 60, 2), dtype=samples.dtype
            )
            array[:] = samples
        case "zarr shards":
            array = zarr.create_array(
                path, shape=samples.shape, chunks=(25, 64, samples.shape[2]),
                shards=(50, 128, samples.shape[2]), dtype=samples.dtype,
            )  # fmt: skip
            array[:] = samples
    return path


KINDS = [
    "tif tiles",
    "tif raw tiles",
    "tif big",
    "tif planes",
    "tif raw planes",
    "tif strips",
    "tif strip",
    "tif raw",
    "npy",
    "zarr",
    "zarr shards",
]


def in_steps(read, step):
    return np.concatenate(
        [read(start, min(start + step, HEIGHT)) for start in range(0, HEIGHT, step)]
    )


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("samples", [COLOURS, RGBA, LAB], ids=["RGB", "RGBA", "Lab"])
def test_rows_are_those_of_the_whole(tmp_path, kind, samples):
    space = "Lab" if samples is LAB else None
    source = open_image(written(tmp_path, kind, samples), space=space)
    expected = open_image(samples, space=space)
    whole = expected.read(0, HEIGHT)
    assert source.shape == (HEIGHT, WIDTH)
    for step in (48, 1, 37, HEIGHT):
        np.testing.assert_array_equal(in_steps(source.read, step), whole)
    np.testing.assert_array_equal(source.read(100, 103), whole[100:103])  # back, and few
    if samples is RGBA:
        mask = in_steps(source.read_mask, 37)
        np.testing.assert_array_equal(mask, samples[..., 3] > 0)


@pytest.mark.parametrize(
    "view",
    [
        lambda path: np.load(path, mmap_mode="r"),
        lambda path: zarr.array(np.load(path), chunks=(40, 50, 3)),
        lambda path: np.load(path)[::-1][::-1],
        lambda path: np.load(path).astype(np.uint16).astype(">u2"),
    ],
    ids=["memory map", "zarr", "strided", "big endian"],
)
def test_arrays_stay_where_they_are(tmp_path, view):
    np.save(tmp_path / "a.npy", COLOURS)
    source = open_image(view(tmp_path / "a.npy"))
    np.testing.assert_array_equal(in_steps(source.read, 37), COLOURS)
    assert source.read(0, 1).dtype.isnative


def test_view_of_tifffile(tmp_path):
    """A TIFF file as the zarr array that tifffile makes of it."""
    path = written(tmp_path, "tif tiles", COLOURS)
    view = zarr.open_array(tifffile.imread(path, aszarr=True), mode="r")
    source = open_image(view)
    np.testing.assert_array_equal(in_steps(source.read, 37), COLOURS)


def test_each_tile_is_decoded_once():
    """By who reads on, in steps that do not fit the tiles."""
    asked = []

    def read(start, stop):
        asked.append(start)
        return COLOURS[start:stop]

    np.testing.assert_array_equal(in_steps(by_bands(read, 48, HEIGHT), 20), COLOURS)
    assert asked == list(range(0, HEIGHT, 48))


MEMORY = """
import resource
from dde.images.opening import open_image

source = open_image(PATH)
height, width = source.shape
source.read(0, 256)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for start in range(0, height, 256):
    source.read(start, min(start + 256, height))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.parametrize("kind", ["tif", "raw.tif", "npy", "zarr"])
def test_memory_is_bounded(tmp_path, fresh_python, kind):
    """200 megabytes of pixels pass through 40 beside what one part of them takes."""
    height, width = 16384, 4096
    path = tmp_path / f"a.{kind}"
    tile = np.zeros((256, 256, 3), dtype=np.uint8)
    if kind.endswith("tif"):
        tifffile.imwrite(
            path,
            (tile for _ in range(height * width // 65536)),
            shape=(height, width, 3),
            dtype=np.uint8,
            tile=(256, 256),
            photometric="rgb",
            compression="zlib" if kind == "tif" else None,
        )
    elif kind == "npy":
        np.lib.format.open_memmap(path, "w+", np.uint8, (height, width, 3)).flush()
    else:
        array = zarr.create_array(
            path, shape=(height, width, 3), chunks=tile.shape, dtype=np.uint8,
            config={"write_empty_chunks": True},
        )  # fmt: skip
        array[:] = 0
    grown = int(fresh_python(f"PATH = {str(path)!r}\n" + MEMORY))
    unit = 1 if sys.platform == "darwin" else 1024  # of ru_maxrss, in bytes
    assert grown * unit < 40e6


def test_more_than_300_megapixels(tmp_path):
    path = tmp_path / "a.tif"
    tile = np.full((512, 512), 7, dtype=np.uint8)
    shape = 20000, 20000
    tifffile.imwrite(
        path, (tile for _ in range(40 * 40)), shape=shape, dtype=np.uint8, tile=tile.shape,
        photometric="minisblack", compression="zlib",
    )  # fmt: skip
    source = open_image(path)
    assert source.shape == shape
    assert source.read(19998, 20000)[-1, -1].tolist() == [7, 7, 7]


def test_large_image_on_its_side(tmp_path):
    path = tmp_path / "a.tif"
    empty = np.broadcast_to(np.uint8(0), (20000, 20000))
    tifffile.imwrite(
        path, empty, rowsperstrip=64, compression="zlib", photometric="minisblack",
        extratags=[(274, 3, 1, 6, True)],
    )  # fmt: skip
    with pytest.raises(ImageFileError, match=r"20000 x 20000 pixels, .* in memory at once"):
        open_image(path)


# ---- Damage -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["tif tiles", "tif raw tiles", "tif strips", "tif raw", "npy"])
def test_truncated_file(tmp_path, kind):
    path = written(tmp_path, kind, COLOURS)
    content = path.read_bytes()
    for share in (0.01, 0.3, 0.9, 0.999):
        path.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(ImageFileError, match=rf"image .*{path.name} is (damaged, )?cut short"):
            open_image(path).read(0, HEIGHT)


def test_missing_tile(tmp_path):
    path = written(tmp_path, "tif tiles", COLOURS)
    with tifffile.TiffFile(path, mode="r+b") as tiff:
        counts = list(tiff.pages[0].databytecounts)
        counts[5] = 0
        tiff.pages[0].tags[325].overwrite(counts)
    with pytest.raises(ImageFileError, match=r"a\.tif lacks some of its strips or tiles"):
        open_image(path)


def test_file_that_is_replaced_or_deleted_while_it_is_read(tmp_path):
    path = written(tmp_path, "tif tiles", COLOURS)
    source = open_image(path)
    source.read(0, 48)
    Image.new("RGB", (WIDTH, HEIGHT)).save(tmp_path / "b.tif")
    (tmp_path / "b.tif").replace(path)
    np.testing.assert_array_equal(source.read(48, HEIGHT), COLOURS[48:])
    path.unlink()
    np.testing.assert_array_equal(source.read(0, HEIGHT), COLOURS)


def test_array_in_fortran_order(tmp_path):
    np.save(tmp_path / "a.npy", np.asfortranarray(COLOURS))
    with pytest.raises(ImageFileError, match=r"a\.npy is an array in Fortran order; C order"):
        open_image(tmp_path / "a.npy")


def test_folder_that_is_no_array(tmp_path):
    with pytest.raises(ImageFileError, match="is a folder, and no zarr array"):
        open_image(tmp_path)
