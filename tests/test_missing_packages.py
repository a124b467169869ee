"""What is asked for by name where a package is missing or broken, before any work is done."""

import os
import re
import subprocess
import sys
from importlib.machinery import EXTENSION_SUFFIXES
from pathlib import Path

import numpy as np
import pytest
from conftest import FreshPython

import dde
from dde.errors import MissingPackageError

PIL = pytest.importorskip("PIL.Image")


@pytest.fixture
def frames(tmp_path: Path) -> Path:
    """A folder of two images that differ, beside one that has no packages."""
    folder = tmp_path / "frames"
    folder.mkdir()
    for name, grey in (("a", 100), ("b", 120)):
        PIL.fromarray(np.full((8, 8, 3), grey, np.uint8)).save(folder / f"{name}.png")
    return folder


def dde_without(package: str, folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The command, where a package is as if it were not installed."""
    absent = f"raise ModuleNotFoundError(name={package!r})\n"
    (folder / f"{package}.py").write_text(absent)
    return subprocess.run(
        [sys.executable, "-m", "dde", *map(str, arguments)],
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
    )


def test_learning_needs_no_job_files(frames: Path, tmp_path: Path) -> None:
    output = tmp_path / "reference.npz"
    done = dde_without("msgspec", tmp_path, "learn", frames, "--output", output)
    assert done.returncode == 0, done.stderr
    assert output.exists()
    (tmp_path / "job.toml").write_text("")
    asked = dde_without(
        "msgspec", tmp_path, "learn", frames, "--output", output, "--job", tmp_path / "job.toml"
    )
    assert asked.returncode == 2
    assert 'pip install "deepdeltae[cli]"' in asked.stderr


def test_reports_of_a_batch_are_asked_for_before_it_starts(frames: Path, tmp_path: Path) -> None:
    output = tmp_path / "out"
    arguments = ("batch", frames / "a.png", frames, "--output", output, "--tolerance", "max <= 1")
    done = dde_without("jinja2", tmp_path, *arguments, "--reports")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert (
        'a report in HTML needs jinja2; install it with: pip install "deepdeltae[cli]"'
        in done.stderr
    )
    assert not list(output.glob("frames/*"))


# How a package can be there and not work, as files beside the test; what is said then.
BROKEN = {
    "its binary is damaged": ({"{0}" + EXTENSION_SUFFIXES[0]: ""}, "{0}"),
    "a part of it is damaged": (
        {"{0}/__init__.py": "from {0} import _part", "{0}/_part" + EXTENSION_SUFFIXES[0]: ""},
        "_part",
    ),
    "a part of it is gone": (
        {"{0}/__init__.py": "from {0} import _part"},
        "cannot import name '_part'",
    ),
    "a module of it is gone": (
        {"{0}/__init__.py": "import {0}._part"},
        "No module named '{0}._part'",
    ),
    "a shared library is gone": (
        {"{0}.py": "import ctypes; ctypes.CDLL('libabsent.so.1')"},
        "libabsent.so.1: cannot open shared object file",
    ),
    "Python was built without what it needs": (
        {"{0}.py": "raise ModuleNotFoundError(\"No module named '_lzma'\", name='_lzma')"},
        "No module named '_lzma'",
    ),
    "it is empty": ({"{0}/__init__.py": ""}, ""),
    "it holds zeros, as after a full disk": (
        {"{0}.py": "x = 1\0\0\0"},
        "source code string cannot contain null bytes",
    ),
    "it is cut short": ({"{0}.py": "x = (1,"}, "'(' was never closed"),
    "a part of it is cut short": (
        {"{0}/__init__.py": "import {0}._part", "{0}/_part.py": "x = (1,"},
        "'(' was never closed",
    ),
    "it says nothing": ({"{0}.py": "raise ValueError"}, "ValueError"),
    "it ends the process": ({"{0}.py": "import sys; sys.exit(0)"}, "SystemExit: 0"),
    "a part of it ends the process": (
        {
            "{0}/__init__.py": "import {0}._part; {0}._part.check()",
            "{0}/_part.py": "def check(): raise SystemExit",
        },
        "SystemExit",
    ),
    "what it raises is no error": ({"{0}.py": "raise BaseException('odd')"}, "BaseException: odd"),
    "it was built for another NumPy": (
        {"{0}.py": "raise ValueError('numpy.dtype size changed,\\n\\nthat is all')"},
        "numpy.dtype size changed, that is all",
    ),
}
ASKED = {
    "numpy": ("dde", "numpy", "info"),
    "click": ("the command", "click", "info"),
    "PIL": ("an image file", "pillow", "compare", "a.png", "a.png"),
    "msgspec": ("a job file", "msgspec", "compare", "a.png", "a.png", "--job", "job.toml"),
    "jinja2": ("a report in HTML", "Jinja2", "compare", "a.png", "a.png", "--report", "r.html"),
    "imagecodecs": ("a PNG file of 16 bits", "imagecodecs", "compare", "16.png", "16.png"),
    "tifffile": ("a TIFF file", "tifffile", "compare", "a.tif", "a.tif"),
    "zarr": ("a zarr array", "zarr", "compare", "frames", "frames"),
    "scipy": ("the search for defects", "scipy", "compare", "a.png", "a.png", "--job", "job.toml"),
    "matplotlib": ("--map", "matplotlib", "compare", "a.png", "a.png", "--map", "map.png"),
    "cv2": (
        "registration", "opencv-python-headless", "compare", "a.png", "a.png", "--align", "affine"
    ),
    "colour_cxf": ("reading CxF3 files", "colour-cxf", "patches", "a.cxf", "a.cxf"),
    "pyarrow": (
        "summary.parquet", "pyarrow",
        "batch", "a.png", "frames", "--output", "out", "--workers", "1",
    ),
}  # fmt: skip


@pytest.fixture
def desk(frames: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(frames.parent)
    Path("a.png").write_bytes((frames / "a.png").read_bytes())
    PIL.open("a.png").save("a.tif")
    PIL.fromarray(np.full((8, 8), 30_000, np.uint16)).save("16.png")
    Path("job.toml").write_text("[defects]\nabove = 1\n")
    Path("a.cxf").write_text('<CxF xmlns="http://colorexchangeformat.com/CxF3-core"/>')
    return frames.parent


def dde_with_broken(package: str, way: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command, where a package is there and cannot be imported."""
    for name, text in BROKEN[way][0].items():
        path = Path("broken", name.format(package))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.format(package), newline="")
    return subprocess.run(
        [sys.executable, "-m", "dde", *arguments],
        env={**os.environ, "PYTHONPATH": "broken"},
        capture_output=True,
        text=True,
    )


def assert_said(
    done: subprocess.CompletedProcess[str], work: str, package: str, reason: str
) -> None:
    assert (done.returncode, done.stdout) == (2, "")
    found = re.fullmatch(
        rf"dde: [^\n]*{re.escape(work)} needs ([^ ]+), which is there and cannot be imported "
        rf"\(([^\n]+)\); install it again with: pip install --force-reinstall ([^ ]+)\.\n",
        done.stderr,
    )
    assert found, done.stderr
    assert found[3] == package
    assert reason in found[2]


@pytest.mark.skipif(sys.platform != "linux", reason="what libraries are called differs")
@pytest.mark.parametrize("package", ASKED)
def test_a_package_that_cannot_be_imported(desk: Path, package: str) -> None:
    work, distribution, *arguments = ASKED[package]
    done = dde_with_broken(package, "its binary is damaged", *arguments)
    assert_said(done, work, distribution, f"{package}{EXTENSION_SUFFIXES[0]}: file too short")
    assert not (desk / "out").exists()


@pytest.mark.parametrize("package", ASKED)
@pytest.mark.parametrize(
    "way", ["it is empty", "it holds zeros, as after a full disk", "it ends the process"]
)
def test_a_package_of_which_little_is_left(desk: Path, way: str, package: str) -> None:
    work, distribution, *arguments = ASKED[package]
    done = dde_with_broken(package, way, *arguments)
    assert_said(done, work, distribution, BROKEN[way][1])
    assert not (desk / "out").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="what libraries are called differs")
@pytest.mark.parametrize("way", BROKEN)
def test_ways_in_which_it_cannot_be(desk: Path, way: str) -> None:
    done = dde_with_broken("jinja2", way, *ASKED["jinja2"][2:])
    assert_said(done, ASKED["jinja2"][0], "Jinja2", BROKEN[way][1].format("jinja2"))


def test_what_a_package_puts_off(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """imagecodecs finds out only when it is used that one of its codecs cannot be loaded."""
    import imagecodecs
    from imagecodecs.imagecodecs import _stub

    monkeypatch.setattr(imagecodecs, "png_decode", _stub("png_decode", None))
    with pytest.raises(MissingPackageError, match="could not import name 'png_decode'") as caught:
        dde.open_image("16.png")
    assert str(caught.value).startswith("image 16.png: ")


@pytest.mark.parametrize(
    "options",
    [
        {"compression": "lzw"},
        {"compression": "zstd"},
        {"compression": "jpeg"},
        {"compression": "deflate", "predictor": True},
        {"bitspersample": 4},
    ],
    ids=str,
)
def test_decoders_of_tiff_files(desk: Path, options: dict[str, object]) -> None:
    tifffile = pytest.importorskip("tifffile")
    pixels = np.full((16, 16), 5, np.float32 if "predictor" in options else np.uint8)
    tifffile.imwrite("stored.tif", pixels, photometric="minisblack", **options)
    Path("job.toml").write_text('[colour]\nspace = "linear sRGB"\n')
    arguments = ("compare", "stored.tif", "stored.tif", "--job", "job.toml")
    work = "a TIFF file that is stored like this"
    Path("absent").mkdir()
    done = dde_without("imagecodecs", desk / "absent", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    asked = (
        f'stored.tif: {work} needs imagecodecs; install it with: pip install "deepdeltae[images]"'
    )
    assert asked in done.stderr
    assert_said(dde_with_broken("imagecodecs", "it is empty", *arguments), work, "imagecodecs", "")


def test_a_chart_is_not_looked_for_by_an_empty_package(desk: Path) -> None:
    arguments = ("calibrate", "a.png", "--chart", "ColorChecker24", "--output", "camera.json")
    done = dde_with_broken("cv2", "it is empty", *arguments)
    work = "finding a chart whose corners are not given"
    assert_said(done, work, "opencv-python-headless", "cannot import name")


def test_what_handles_a_signal_ends_an_import(desk: Path, fresh_python: FreshPython) -> None:
    """An exception of the program around is no package's, whatever is being imported."""
    Path("broken").mkdir()
    Path("broken", "msgspec.py").write_text("import signal; signal.raise_signal(signal.SIGTERM)")
    program = """
import signal
import dde

def end(number, frame):
    raise SystemExit(5)

signal.signal(signal.SIGTERM, end)
try:
    dde.inspect("a.png", "a.png", job="job.toml")
except SystemExit as ended:
    print("ended with", ended.code)
"""
    assert fresh_python(program, PYTHONPATH=str(desk / "broken")) == "ended with 5"


def test_ctrl_c_ends_an_import(desk: Path) -> None:
    Path("broken").mkdir()
    Path("broken", "PIL.py").write_text("raise KeyboardInterrupt")
    done = subprocess.run(
        [sys.executable, "-m", "dde", "compare", "a.png", "a.png"],
        env={**os.environ, "PYTHONPATH": "broken"},
        capture_output=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")


@pytest.mark.parametrize("module", ["torch", "dask"])
def test_modules_of_dde_that_need_a_package(
    desk: Path, fresh_python: FreshPython, module: str
) -> None:
    for text, said in (
        (
            "raise ImportError('no libabsent')",
            "which is there and cannot be imported (no libabsent)",
        ),
        ("", f"{module}, which is there and cannot be imported ("),
        (f"raise ModuleNotFoundError(name={module!r})", f'pip install "deepdeltae[{module}]"'),
    ):
        Path("broken").mkdir(exist_ok=True)
        Path("broken", f"{module}.py").write_text(text)
        program = f"try: import dde.{module}\nexcept ImportError as error: print(error)"
        printed = fresh_python(program, PYTHONPATH=str(desk / "broken"))
        assert printed.startswith(f"dde.{module} needs {module}")
        assert said in printed
