"""A stranger's file is read or refused, in one sentence, soon and in bounded memory."""

import io
import json
import os
import socket
import struct
import sys
import zlib

import imagecodecs
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dde.errors import ImageFileError
from dde.images.opening import open_image

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (16, 16, 3), dtype=np.uint8)
bounded = settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(image):
    """The sentence in which it is refused, when it is opened or when it is read."""
    with pytest.raises(ImageFileError) as caught:
        source = open_image(image)
        source.read(0, source.shape[0])
    sentence = str(caught.value)
    assert "\n" not in sentence
    return sentence


def memory_of(fresh_python, path):
    """How many bytes a process grows by when it refuses a file."""
    grown = fresh_python(f"""
import resource
import numpy, dde, dde.images.files, dde.images.zarr_arrays
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    source = dde.open_image({str(path)!r})
    source.read(0, 1)
    print("accepted")
except dde.ImageFileError:
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
""")
    return int(grown) * (1 if sys.platform == "darwin" else 1024)


# ---- TIFF -------------------------------------------------------------------------------------

WIDTH, LENGTH, BITS, COMPRESSION, MEANING, OFFSETS, CHANNELS, ROWS, COUNTS = (
    256, 257, 258, 259, 262, 273, 277, 278, 279,
)  # fmt: skip
GOOD = {WIDTH: 4, LENGTH: 4, BITS: 8, COMPRESSION: 1, MEANING: 1, OFFSETS: 8, CHANNELS: 1,
        ROWS: 4, COUNTS: 16}  # fmt: skip


def directory(entries, after, order="<", big=False):
    """Entries of a directory, each a tag with a number, or with (type, count, value or place)."""
    number, place = ("Q", "Q") if big else ("H", "I")
    content = struct.pack(order + number, len(entries))
    for tag, entry in sorted(entries.items()):
        kind, count, value = entry if isinstance(entry, tuple) else (16 if big else 4, 1, entry)
        content += struct.pack(f"{order}HH{place}{place}", tag, kind, count, value)
    return content + struct.pack(order + place, after)


def tiff(path, *directories, first=None, order="<", big=False):
    """
    Writes 16 bytes of samples, and directories one after the other.

    Each is entries and the number of the one that follows, None for none. `first` is where the
    first one is said to be.
    """
    start = 16 if big else 8
    sizes = [len(directory(entries, 0, order, big)) for entries, _ in directories]
    places = [start + 16 + sum(sizes[:number]) for number in range(len(sizes))]
    first = places[0] if first is None else first
    head = b"II" if order == "<" else b"MM"
    if big:
        head += struct.pack(order + "HHHQ", 43, 8, 0, first)
    else:
        head += struct.pack(order + "HI", 42, first)
    content = head + bytes(16)
    for entries, following in directories:
        after = 0 if following is None else places[following]
        content += directory(entries | {OFFSETS: start}, after, order, big)
    path.write_bytes(content)
    return path


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("big", [False, True])
def test_the_small_writer_writes_what_is_read(tmp_path, order, big):
    path = tiff(tmp_path / "a.tif", (GOOD, None), order=order, big=big)
    assert open_image(path).read(0, 4).tolist() == [[[0, 0, 0]] * 4] * 4


@pytest.mark.parametrize("big", [False, True])
@pytest.mark.parametrize("next_ones", [(0,), (1, 0), (1, 2, 1), (1, 1)])
def test_directories_that_form_a_circle(tmp_path, next_ones, big):
    path = tiff(tmp_path / "a.tif", *((GOOD, following) for following in next_ones), big=big)
    assert "its directories form a circle" in refusal(path)


def test_too_many_pages(tmp_path):
    path = tiff(tmp_path / "a.tif", *((GOOD | {254: 1}, n + 1) for n in range(1500)), (GOOD, None))
    assert "holds more than 1000 frames or pages" in refusal(path)


@pytest.mark.parametrize("first", [1 << 20, 4000000000])
def test_directory_outside_the_file(tmp_path, first):
    assert "is cut short" in refusal(tiff(tmp_path / "a.tif", (GOOD, None), first=first))


def test_absurd_number_of_tags(tmp_path):
    path = tmp_path / "a.tif"
    path.write_bytes(b"II+\0\x08\0\0\0" + struct.pack("<QQ", 16, 1 << 60))
    assert "its directories hold more than the file can" in refusal(path)
    path.write_bytes(b"II*\0" + struct.pack("<IH", 8, 65535) + bytes(65535 * 12 + 4))
    refusal(path)


@pytest.mark.parametrize("tag", [270, 700, OFFSETS, COUNTS, 34675, 65000])
def test_absurd_number_of_values(tmp_path, tag):
    path = tiff(tmp_path / "a.tif", (GOOD | {tag: (4, 1 << 30, 8)}, None))
    if tag != OFFSETS:
        assert "hold more than the file can" in refusal(path)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({WIDTH: 1 << 31, LENGTH: 1 << 31}, "has rows of 2147483648 x 1 pixels"),
        ({WIDTH: 1 << 31, LENGTH: 1 << 31, COMPRESSION: 8}, "pixels, which have to be in memory"),
        ({LENGTH: 1 << 31}, "is cut short"),
        ({COMPRESSION: 8, ROWS: 1, LENGTH: 1 << 31}, "lacks some of its strips or tiles"),
        ({COMPRESSION: 8, COUNTS: 1 << 31}, "is cut short"),
        ({COMPRESSION: 34892}, "is compressed by JPEG_LOSSY, which is not accepted"),
        ({COMPRESSION: 50002}, "is compressed by JPEGXL, which is not accepted"),
        ({COMPRESSION: 8, 322: 16, 323: 0}, ""),
        ({COMPRESSION: 8, ROWS: 0}, ""),
        ({CHANNELS: 65535, BITS: 64, 339: 3}, ""),
    ],
)
def test_absurd_sizes(tmp_path, fresh_python, changes, reason):
    path = tiff(tmp_path / "a.tif", (GOOD | changes, None))
    assert reason in refusal(path)


def test_memory_of_an_absurd_tiff(tmp_path, fresh_python):
    path = tiff(
        tmp_path / "a.tif",
        (GOOD | {WIDTH: 250_000_000, LENGTH: 64, ROWS: 1, COMPRESSION: 8}, None),
    )
    assert memory_of(fresh_python, path) < 50e6


def encoded(kind, samples):
    if kind == "jpeg":
        return imagecodecs.jpeg_encode(samples)
    if kind == "jpeg2000":
        return imagecodecs.jpeg2k_encode(samples, level=0)
    return imagecodecs.webp_encode(samples, lossless=kind == "webp lossless")


@pytest.mark.parametrize("kind", ["jpeg", "jpeg2000", "webp", "webp lossless"])
def test_tile_that_holds_a_larger_image(tmp_path, monkeypatch, kind):
    """A tile of 16 x 16 pixels of a stream that says of itself that it is larger."""
    path = tmp_path / "a.tif"
    codec = {"jpeg": "jpeg", "jpeg2000": "jpeg2000"}.get(kind, "webp")
    options = {"photometric": "rgb", "tile": (16, 16), "compression": codec}
    tifffile.imwrite(path, COLOURS, **options)
    assert open_image(path).read(0, 16).shape == (16, 16, 3)
    bomb = encoded(kind, np.zeros((1600, 1700, 3), np.uint8))
    tifffile.imwrite(path, iter([bomb]), shape=(16, 16, 3), dtype=np.uint8, **options)
    assert "a strip or tile of 16 x 16 pixels holds 1700 x 1600" in refusal(path)


@pytest.mark.parametrize("compression", ["zlib", "zstd", "lzma", "lzw", "packbits"])
def test_tile_that_grows(tmp_path, fresh_python, compression):
    """100 million bytes in the place of 768."""
    if compression == "packbits":
        bomb = b"\x81\0" * 800_000  # 128 zeros each; the encoder takes long
    else:
        bomb = getattr(imagecodecs, f"{compression}_encode")(bytes(100_000_000))
    path = tmp_path / "a.tif"
    tifffile.imwrite(
        path, iter([bomb]), shape=(16, 16, 3), dtype=np.uint8, photometric="rgb", tile=(16, 16),
        compression=compression,
    )  # fmt: skip
    grown = fresh_python(f"""
import resource
import dde, dde.images.files
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    dde.open_image({str(path)!r}).read(0, 16)
except dde.ImageFileError:
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
""")
    assert int(grown) * (1 if sys.platform == "darwin" else 1024) < 50e6


TAGS = st.sampled_from([*GOOD, 254, 266, 274, 284, 317, 320, 322, 323, 324, 325, 338, 339, 347,
                        34665, 34675, 33628, 50839])  # fmt: skip
NUMBERS = st.one_of(st.integers(0, 70), st.sampled_from([255, 65535, 1 << 20, 2**31, 2**32 - 1]))
ENTRIES = st.one_of(NUMBERS, st.tuples(st.integers(0, 19), NUMBERS, NUMBERS))


@bounded
@given(data=st.data())
def test_any_directories(tmp_path, data):
    count = data.draw(st.integers(1, 3))
    directories = [
        (
            GOOD | data.draw(st.dictionaries(TAGS, ENTRIES, max_size=4)),
            data.draw(st.one_of(st.none(), st.integers(0, count - 1))),
        )
        for _ in range(count)
    ]
    path = tiff(tmp_path / "a.tif", *directories, big=data.draw(st.booleans()))
    try:
        source = open_image(path)
        source.read(0, min(source.shape[0], 8))
    except ImageFileError as error:
        assert "\n" not in str(error)


# ---- .npy -------------------------------------------------------------------------------------


def npy(path, header, version=(1, 0), data=bytes(48)):
    text = header.encode("latin-1")
    size = struct.pack("<H" if version == (1, 0) else "<I", len(text))
    path.write_bytes(b"\x93NUMPY" + bytes(version) + size + text + data)
    return path


def header_of(shape="(4, 4, 3)", descr="'|u1'", order=False):
    return f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}}}"


def test_the_small_writer_of_arrays_writes_what_is_read(tmp_path):
    assert open_image(npy(tmp_path / "a", header_of())).shape == (4, 4)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (header_of("(4, 4, 4)"), "is cut short"),
        (header_of("(10**30, 4, 3)"), "is damaged"),
        (header_of(f"({10**30}, 4, 3)"), "is cut short"),
        (header_of(f"(1, {10**10}, 3)"), "is cut short"),
        (header_of("(-4, -4, 3)"), "is cut short"),
        (header_of("(4, 4, 0)"), "must be an image of at least 1 pixel"),
        (header_of("(4, 4, True)"), "has a damaged header"),
        (header_of("(True, 4, 3)"), "has a damaged header"),
        (header_of("(4, 4.0, 3)"), "is damaged"),
        (header_of("[4, 4, 3]"), "is damaged"),
        (header_of(descr="'|O'"), "holds Python objects"),
        (header_of(descr="'|V0'"), "must hold sRGB as uint8"),
        (header_of(descr="[('a', '|u1')]"), "must hold sRGB as uint8"),
        (header_of(descr="'" + "(" * 200), "is damaged"),
        ("[" * 60000, "is damaged"),
        ("{}", "is damaged"),
        ("", "is damaged"),
    ],
)
def test_header_of_an_array(tmp_path, header, reason):
    assert reason in refusal(npy(tmp_path / "a", header))
    refusal(npy(tmp_path / "a", header, (2, 0)))


def test_header_of_python_2(tmp_path):
    path = npy(tmp_path / "a", header_of("(4L, 4L, 3L)"))
    with pytest.warns(UserWarning, match="created on Python 2"):  # by NumPy, which reads it
        assert open_image(path).read(0, 4).shape == (4, 4, 3)


SIDES = st.integers(-2, 2**70) | st.integers(0, 6) | st.booleans() | st.floats() | st.none()


@bounded
@given(
    shape=st.lists(SIDES, max_size=4).map(tuple).map(str),
    descr=st.text(max_size=6).map(repr) | st.sampled_from(["'<f4'", "'>u2'", "'|b1'", "'<U3'"]),
    order=st.booleans(),
    version=st.sampled_from([(1, 0), (2, 0), (3, 0), (9, 9)]),
)
def test_any_header(tmp_path, shape, descr, order, version):
    header = header_of(shape, descr, order).encode("ascii", "replace").decode()
    path = npy(tmp_path / "a", header, version)
    try:
        source = open_image(path)
        source.read(0, source.shape[0])
    except ImageFileError as error:
        assert "\n" not in str(error)


# ---- PNG, JPEG, WebP, BMP ---------------------------------------------------------------------


def png_of(width, height, *chunks):
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    content = b"\x89PNG\r\n\x1a\n"
    for kind, data in [(b"IHDR", header), *chunks, (b"IDAT", b""), (b"IEND", b"")]:
        check = zlib.crc32(kind + data)
        content += struct.pack(">I", len(data)) + kind + data + struct.pack(">I", check)
    return content


def claiming(kind, width, height):
    """A good small file whose head says that it is larger."""
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, kind, lossless=True)
    content = bytearray(buffer.getvalue())
    if kind == "bmp":
        content[18:26] = struct.pack("<ii", width, height)
    elif kind == "jpeg":
        start = content.index(b"\xff\xc0")
        content[start + 5 : start + 9] = struct.pack(">HH", height, width)
    elif kind == "png":
        return png_of(width, height)
    return bytes(content)


@pytest.mark.parametrize(("kind", "side"), [("png", 10**6), ("jpeg", 65500), ("bmp", 10**6)])
def test_bomb_of_pixels(tmp_path, fresh_python, kind, side):
    path = tmp_path / "a"
    path.write_bytes(claiming(kind, side, side))
    assert f"is {side} x {side} pixels, which have to be in memory at once" in refusal(path)
    assert memory_of(fresh_python, path) < 50e6


def test_bomb_in_webp(tmp_path, fresh_python):
    """Its head has 14 bits for a side, and what comes after it fits no such image."""
    path = tmp_path / "a"
    head = b"VP8L" + struct.pack("<I", 9) + b"\x2f" + struct.pack("<I", 16383 | 16383 << 14)
    path.write_bytes(b"RIFF" + struct.pack("<I", len(head) + 16) + b"WEBP" + head + bytes(12))
    refusal(path)
    assert memory_of(fresh_python, path) < 50e6


def test_bomb_in_a_chunk_of_png(tmp_path, fresh_python):
    """Of text, and of a profile."""
    bomb = zlib.compress(bytes(100_000_000))
    path = tmp_path / "a"
    for kind in (b"zTXt", b"iCCP"):
        path.write_bytes(png_of(4, 4, (kind, b"a\0\0" + bomb)))
        refusal(path)
        assert memory_of(fresh_python, path) < 50e6


def test_too_many_chunks(tmp_path):
    (tmp_path / "a").write_bytes(png_of(4, 4, *[(b"teSt", b"")] * 20000))
    refusal(tmp_path / "a")


def test_jpeg_of_too_many_scans(tmp_path):
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, "jpeg", progressive=True)
    content = buffer.getvalue()
    path = tmp_path / "a"
    path.write_bytes(content)
    assert open_image(path).shape == (16, 16)
    end = content.rindex(b"\xff\xd9")
    scan = content[content.rindex(b"\xff\xda") : end]
    path.write_bytes(content[:end] + scan * 200 + content[end:])
    assert "holds more than 100 scans of one image" in refusal(path)
    path.write_bytes(content + b"\xff\xda" * 200)  # after its end is what it likes
    assert open_image(path).shape == (16, 16)


# ---- What is no regular file ------------------------------------------------------------------


def test_pipes_devices_and_sockets(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        os.chdir(tmp_path)
        server.bind(str(tmp_path / "socket"))
        for path, kind in [
            (tmp_path / "pipe", "a pipe"),
            ("/dev/zero", "a device"),
            ("/dev/null", "a device"),
            (tmp_path / "socket", "a socket"),
        ]:
            assert f"cannot be opened ({kind}, not a regular file)" in refusal(path)


def test_name_with_a_nul():
    assert "cannot be opened (a NUL in its name)" in refusal("a\0.png")
    assert "cannot be opened (what is no text in its name)" in refusal("\ud800.png")


def test_folders_that_are_no_arrays(tmp_path):
    assert "is a folder, and no zarr array" in refusal(tmp_path)
    zarr.create_group(tmp_path / "group")
    assert "is a folder, and no zarr array" in refusal(tmp_path / "group")
    (tmp_path / "zarr.json").write_text("{")
    refusal(tmp_path)
    (tmp_path / "zarr.json").unlink()
    os.mkfifo(tmp_path / "zarr.json")
    assert "a pipe, not a regular file" in refusal(tmp_path)


# ---- zarr -------------------------------------------------------------------------------------


def stored(path, samples=COLOURS, **options):
    array = zarr.create_array(
        path, shape=samples.shape, dtype=samples.dtype,
        **{"chunks": (5, 6, 3), "config": {"write_empty_chunks": True}, **options},
    )  # fmt: skip
    array[:] = samples
    return path


BLACK = np.zeros_like(COLOURS)


@pytest.mark.parametrize("zarr_format", [2, 3])
def test_missing_chunk(tmp_path, zarr_format):
    path = stored(tmp_path / "a", zarr_format=zarr_format)
    np.testing.assert_array_equal(open_image(path).read(0, 16), COLOURS)
    (path / ("c/1/2/0" if zarr_format == 3 else "1.2.0")).unlink()
    sentence = "lacks some of its 12 chunks, which would count as black"
    assert sentence in refusal(path)
    assert sentence in refusal(zarr.open_array(path, mode="r"))


def test_chunk_that_is_a_pipe(tmp_path):
    path = stored(tmp_path / "a")
    (path / "c/1/2/0").unlink()
    os.mkfifo(path / "c/1/2/0")
    assert "lacks some of its 12 chunks" in refusal(path)


def test_black_chunks_that_are_stored(tmp_path):
    np.testing.assert_array_equal(open_image(stored(tmp_path / "a", BLACK)).read(0, 16), BLACK)
    assert "lacks some" in refusal(stored(tmp_path / "b", BLACK, config={}))


@pytest.mark.parametrize("index_location", ["start", "end"])
def test_missing_chunk_in_a_shard(tmp_path, index_location):
    shards = {"shape": (10, 12, 3), "index_location": index_location}
    path = stored(tmp_path / "a", shards=shards)
    np.testing.assert_array_equal(open_image(path).read(0, 16), COLOURS)
    holed = COLOURS.copy()
    holed[5:10, :6] = 0
    path = stored(tmp_path / "b", holed, shards=shards, config={})
    assert "lacks some of its 4 shards" in refusal(path)


def test_array_elsewhere_is_as_zarr_gives_it():
    array = zarr.create_array({}, shape=(16, 16, 3), chunks=(5, 6, 3), dtype=np.uint8)
    np.testing.assert_array_equal(open_image(array).read(0, 16), BLACK)


def test_codec_that_runs_what_it_reads(tmp_path):
    path = stored(tmp_path / "a", zarr_format=2)
    metadata = json.loads((path / ".zarray").read_text())
    metadata["filters"] = [{"id": "pickle", "protocol": 5}]
    (path / ".zarray").write_text(json.dumps(metadata))
    refusal(path)  # by zarr itself, where it knows it
    metadata["filters"] = [{"id": "base64"}]
    (path / ".zarray").write_text(json.dumps(metadata))
    assert "is encoded by 'base64', which is not accepted" in refusal(path)


def test_absurd_chunks(tmp_path):
    path = stored(tmp_path / "a")
    metadata = json.loads((path / "zarr.json").read_text())
    grid = metadata["chunk_grid"]["configuration"]
    metadata["shape"], grid["chunk_shape"] = [10**9, 10**9, 3], [1, 1, 3]
    (path / "zarr.json").write_text(json.dumps(metadata))
    assert "is stored in rows of chunks of 1000000000 x 1 pixels" in refusal(path)
    grid["chunk_shape"] = [10**6, 10**6, 3]
    (path / "zarr.json").write_text(json.dumps(metadata))
    assert "is stored in chunks of 1000000 x 1000000 pixels" in refusal(path)
    metadata["shape"], grid["chunk_shape"] = [10**9, 10, 3], [1, 10, 3]
    (path / "zarr.json").write_text(json.dumps(metadata))
    assert "lacks some of its 1000000000 chunks" in refusal(path)
