"""Reading images leaves the process as it was; files that others change or close are errors."""

import io
import os
import subprocess
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import tifffile
from PIL import Image

import dde
from dde.errors import ImageFileError
from dde.images.opening import open_image
from dde.reading import open_regular, within

RNG = np.random.default_rng(0)
COLOURS = RNG.integers(0, 256, (200, 150, 3), dtype=np.uint8)


@pytest.fixture(params=["a.png", "a.bmp", "a.tif", "a.npy"])
def path(request, tmp_path):
    path = tmp_path / request.param
    if path.suffix == ".npy":
        np.save(path, COLOURS)
    elif path.suffix == ".tif":
        options = {"tile": (32, 48), "compression": "zlib"}
        tifffile.imwrite(path, COLOURS, photometric="rgb", **options)
    else:
        Image.fromarray(COLOURS).save(path)
    return path


def test_threads_read_the_same_and_leave_no_trace(path):
    before = list(warnings.filters), warnings.showwarning, Image.MAX_IMAGE_PIXELS
    shared = open_image(path)

    def read(number):
        source = shared if number % 2 else open_image(path)
        start = number * 7 % 150
        return start, source.read(start, start + 50)

    with ThreadPoolExecutor(16) as threads:
        for start, rows in threads.map(read, range(64)):
            np.testing.assert_array_equal(rows, COLOURS[start : start + 50])
    assert (list(warnings.filters), warnings.showwarning, Image.MAX_IMAGE_PIXELS) == before
    assert Image.MAX_IMAGE_PIXELS is not None


def test_limit_of_the_host_does_not_matter(path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10)
    np.testing.assert_array_equal(open_image(path).read(0, 200), COLOURS)


def test_warnings_of_readers_reach_the_host(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0" + b"\xff\0" + bytes(8)
    Image.fromarray(COLOURS).save(tmp_path / "a.jpg", exif=exif)
    with pytest.warns(UserWarning, match="EXIF"):
        open_image(tmp_path / "a.jpg")


@pytest.fixture(params=["a.tif", "a.npy"])
def on_disk(request, tmp_path):
    """Of these rows are read when they are asked for."""
    path = tmp_path / request.param
    if path.suffix == ".npy":
        np.save(path, COLOURS)
    else:
        tifffile.imwrite(path, COLOURS, photometric="rgb", compression="zlib", rowsperstrip=20)
    return path


@pytest.mark.parametrize("change", ["shorter", "longer", "other"])
def test_file_that_changes_while_it_is_read(on_disk, change):
    source = open_image(on_disk)
    source.read(0, 20)
    content = on_disk.read_bytes()
    changed = {"shorter": content[:500], "longer": content + b"\0", "other": content[::-1]}[change]
    on_disk.write_bytes(changed)
    os.utime(on_disk, ns=(0, 1))  # whatever the clock of the file system
    with pytest.raises(ImageFileError, match=rf"image .*{on_disk.name} was changed while it was"):
        source.read(150, 200)


def test_descriptor_that_others_close(on_disk, fresh_python):
    said = fresh_python(f"""
import os
import dde
source = dde.open_image({str(on_disk)!r})
os.closerange(3, 256)
for others in (False, True):
    try:
        source.read(0, 200)
    except dde.ImageFileError as error:
        print(str(error).endswith("was closed while it was read"))
    if not others:
        taken = [open(os.devnull) for _ in range(20)]  # of which one has its number
del source
print(all(os.fstat(file.fileno()) for file in taken))
""")
    assert said.split() == ["True"] * 3


# ---- The command within another program -------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="files have no numbers there")
def test_the_command_leaves_standard_error_alone(tmp_path, fresh_python):
    Image.fromarray(COLOURS).save(tmp_path / "a.png")
    said = fresh_python(f"""
import contextlib, io, os, threading
from dde.command import main

path = {str(tmp_path / "a.png")!r}
files, over = set(), False

def look():
    while not over:
        files.add(os.fstat(2)[1:3])

looking = threading.Thread(target=look)
looking.start()
before = os.fstat(2)[1:3]
with contextlib.redirect_stdout(io.StringIO()):
    threads = [threading.Thread(target=main, args=(["compare", path, path],)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
over = True
looking.join()
print(files == {{before}}, os.fstat(2)[1:3] == before)
""")
    assert said == "True True"


# ---- Streams ----------------------------------------------------------------------------------


def test_file_object(path):
    expected = open_image(path)
    with open(path, "rb") as file:
        file.read(10)
        source = open_image(file)
    np.testing.assert_array_equal(source.read(0, 200), COLOURS)
    assert source.provenance == {**expected.provenance, "path": str(path)}
    source = open_image(io.BytesIO(path.read_bytes()))
    np.testing.assert_array_equal(source.read(0, 200), COLOURS)
    assert source.provenance["sha256"] == expected.provenance["sha256"]
    assert "path" not in source.provenance


@pytest.mark.parametrize("through", ["pipe", "file"])
def test_standard_input(path, through):
    program = "import sys, dde; s = dde.open_image(sys.stdin.buffer); print(s.read(9, 10)[0, 0])"
    content = path.read_bytes() if through == "pipe" else None
    with open(path, "rb") as file:
        options = {"input": content} if through == "pipe" else {"stdin": file}
        done = subprocess.run([sys.executable, "-c", program], capture_output=True, **options)
    assert done.stdout.decode().split() == str(COLOURS[9, 0]).split()


def test_stream_that_is_refused(monkeypatch):
    with pytest.raises(ImageFileError, match=r"^sample is open as text"):
        open_image(io.StringIO("a"), name="sample")
    monkeypatch.setattr(dde.images.files, "LARGEST_STREAM", 1000)
    with open("/dev/zero", "rb") as endless:
        with pytest.raises(ImageFileError, match="/dev/zero has more than 1000 bytes"):
            open_image(endless)


# ---- Paths ------------------------------------------------------------------------------------


def test_within(tmp_path):
    (tmp_path / "root" / "jobs").mkdir(parents=True)
    root = tmp_path / "root"
    (root / "out").symlink_to(tmp_path)
    assert within(root, "jobs/a.png") == root / "jobs/a.png"
    assert within(root, root / "jobs/../a.png") == root / "a.png"
    for path in ("..", "../root2/a", "/etc/passwd", "out/a.png", "jobs/../../b", "a\0b"):
        with pytest.raises(ValueError, match="does not lie in the folder"):
            within(root, path)


def test_open_regular(tmp_path):
    (tmp_path / "a").write_bytes(b"content")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with open_regular(tmp_path / "b") as file:
        assert file.read() == b"content"
    for path in (tmp_path, "/dev/null"):
        with pytest.raises(OSError, match="not a regular file"):
            open_regular(path)
