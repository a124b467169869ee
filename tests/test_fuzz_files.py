"""Whatever bytes a file holds: it is read, or refused with one clear sentence.

DDE_FUZZ in the environment says how many examples are tried of each.
"""

import io
import os

import imagecodecs
import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dde.errors import ImageFileError
from dde.images.opening import open_image

COLOURS = np.random.default_rng(0).integers(0, 256, (33, 21, 3), dtype=np.uint8)
PROFILE = imagecodecs.cms_profile("adobergb")
bounded = settings(
    derandomize=True,
    max_examples=int(os.environ.get("DDE_FUZZ", "80")),
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


def by_pillow(kind, **options):
    buffer = io.BytesIO()
    Image.fromarray(COLOURS).save(buffer, kind, **options)
    return buffer.getvalue()


def by_tifffile(samples, **options):
    buffer = io.BytesIO()
    tifffile.imwrite(buffer, samples, **options)
    return buffer.getvalue()


def by_numpy():
    buffer = io.BytesIO()
    np.save(buffer, COLOURS)
    return buffer.getvalue()


SEEDS = {
    "png": by_pillow("png", icc_profile=PROFILE),
    "png 16": imagecodecs.png_encode(COLOURS.astype(np.uint16) * 257),
    "jpeg": by_pillow("jpeg", icc_profile=PROFILE),
    "webp": by_pillow("webp"),
    "bmp": by_pillow("bmp"),
    "npy": by_numpy(),
    "tiff": by_tifffile(COLOURS, photometric="rgb", iccprofile=PROFILE),
    "tiff tiles": by_tifffile(COLOURS, photometric="rgb", tile=(16, 16), compression="zlib"),
    "tiff lzw": by_tifffile(COLOURS, photometric="rgb", compression="lzw", predictor=True),
    "tiff jpeg": by_tifffile(COLOURS, photometric="rgb", tile=(16, 16), compression="jpeg"),
    "bigtiff planes": by_tifffile(
        np.moveaxis(COLOURS, -1, 0), photometric="rgb", planarconfig="separate", bigtiff=True
    ),
    "tiff palette": by_tifffile(
        COLOURS[..., 0], photometric="palette", colormap=np.zeros((3, 256), np.uint16)
    ),
    "tiff lab": by_tifffile(COLOURS, photometric="cielab"),
}

STARTS = [
    b"",
    b"II*\0",
    b"MM\0*",
    b"II+\0\x08\0\0\0",
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"BM",
    b"RIFF\x20\0\0\0WEBP",
    b"\x93NUMPY\x01\0",
]


def assert_read_or_refused(path, content):
    path.write_bytes(content)
    try:
        source = open_image(path, name="sample")
        height, width = source.shape
        if height * width > 1e6:
            return
        colours = source.read(0, height)
        assert colours.shape == (height, width, 3)
        if source.read_mask:
            assert source.read_mask(0, height).shape == (height, width)
    except ImageFileError as error:
        sentence = str(error)
        assert sentence.startswith(f"sample {path} ")
        assert "\n" not in sentence


@pytest.mark.parametrize("kind", SEEDS)
@bounded
@given(data=st.data())
def test_damaged_file(tmp_path, kind, data):
    """Some bytes of a good file are others, most often in its head, and its end may be missing."""
    content = bytearray(SEEDS[kind])
    places = st.one_of(st.integers(0, min(200, len(content) - 1)), st.integers(0, len(content) - 1))
    changes = st.lists(st.tuples(places, st.integers(0, 255)), min_size=1, max_size=6)
    for place, value in data.draw(changes):
        content[place] = value
    length = data.draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    assert_read_or_refused(tmp_path / "a", bytes(content[:length]))


@bounded
@given(
    start=st.sampled_from(STARTS),
    rest=st.binary(max_size=400),
)
def test_any_bytes(tmp_path, start, rest):
    assert_read_or_refused(tmp_path / "a", start + rest)


@bounded
@given(data=st.data())
def test_damaged_profile(tmp_path, data):
    """An image whose colour profile is damaged."""
    profile = bytearray(PROFILE)
    place = st.integers(0, len(profile) - 1)
    for at, value in data.draw(st.lists(st.tuples(place, st.integers(0, 255)), max_size=6)):
        profile[at] = value
    assert_read_or_refused(tmp_path / "a", by_pillow("png", icc_profile=bytes(profile)))
