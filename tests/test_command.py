"""The command ``dde``: what it prints, and that every failure is one sentence and status 2."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import imagecodecs
import numpy as np
import pytest
import zarr
from hypothesis import given, settings
from hypothesis import strategies as st
from icc_profiles import cmyk_profile
from PIL import Image
from running import Result, assert_refused, run

import dde
from dde.command.interface import LATER, commands
from dde.metrics.table import NAMES, space_of

EXAMPLES = Path(__file__).parents[1] / "examples"
KEYS = [
    "reference",
    "sample",
    "metric",
    "scale",
    "width",
    "height",
    "mean",
    "median",
    "percentile_95",
    "percentile_99",
    "maximum",
    "maximum_x",
    "maximum_y",
    "share_above_1",
    "share_above_2",
    "share_above_5",
    "count",
    "not_finite",
    "standard_deviation",
    "percentile_90",
    "mean_delta_L",
    "mean_delta_C",
    "mean_delta_H",
    "defect_count",
    "passed",
    "reasons",
    "warnings",
    "notes",
]
RESOLUTION = 1 / 256  # of percentiles


def run_process(*arguments: object, **options: object) -> subprocess.CompletedProcess[str]:
    """The command as a user starts it."""
    command = [sys.executable, "-m", "dde", *map(str, arguments)]
    streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE} | options
    return subprocess.run(command, text=True, **streams)


@pytest.fixture
def pair(tmp_path):
    """Two images that differ by a lot in a few places, with their arrays."""
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 256, (30, 40, 3), dtype=np.uint8)
    sample = reference.copy()
    sample[3:9, 5:20] = 255 - sample[3:9, 5:20]
    paths = tmp_path / "reference.png", tmp_path / "sample.png"
    for path, array in zip(paths, (reference, sample), strict=True):
        Image.fromarray(array).save(path)
    return *paths, reference, sample


# ---- What it prints ---------------------------------------------------------------------------


def test_json_has_the_statistics_of_the_map(pair):
    reference, sample, *arrays = pair
    result = run("compare", reference, sample, "--json")
    assert result.status == 0
    assert result.error == ""
    report = json.loads(result.output)
    assert list(report) == KEYS

    differences = dde.delta_e_map(*arrays)
    wide = differences.astype(np.float64)
    y, x = np.unravel_index(differences.argmax(), differences.shape)
    assert report["reference"] == str(reference)
    assert report["sample"] == str(sample)
    assert report["metric"] == "CIEDE2000"
    assert (report["width"], report["height"]) == (40, 30)
    assert report["mean"] == pytest.approx(wide.mean(), rel=1e-12)
    assert report["median"] == pytest.approx(nearest_rank(wide, 50), abs=RESOLUTION)
    assert report["percentile_95"] == pytest.approx(nearest_rank(wide, 95), abs=RESOLUTION)
    assert report["percentile_99"] == pytest.approx(nearest_rank(wide, 99), abs=RESOLUTION)
    assert report["maximum"] == wide.max()
    assert (report["maximum_x"], report["maximum_y"]) == (x, y)
    for threshold in (1, 2, 5):
        assert report[f"share_above_{threshold}"] == np.mean(wide > threshold)


def nearest_rank(values: np.ndarray, percentage: float) -> float:
    return float(np.percentile(values, percentage, method="inverted_cdf"))


def test_text_says_the_same_as_json(pair):
    reference, sample, *_ = pair
    report = json.loads(run("compare", reference, sample, "--json").output)
    lines = run("compare", reference, sample).output.splitlines()
    text = dict(re.split(r"\s{2,}", line, maxsplit=1) for line in lines if line)
    assert text["reference"] == str(reference)
    assert text["sample"] == str(sample)
    assert text["metric"] == "CIEDE2000"
    assert text["size"] == "40 x 30 pixels"
    for name, key in [
        ("mean", "mean"),
        ("median", "median"),
        ("95th percentile", "percentile_95"),
        ("99th percentile", "percentile_99"),
    ]:
        assert text[name] == f"{report[key]:.2f}"
    maximum, place = re.split(r"\s{2,}", text["maximum"])
    assert maximum == f"{report['maximum']:.2f}"
    assert place == f"at x {report['maximum_x']}, y {report['maximum_y']}"
    for threshold in (1, 2, 5):
        share = report[f"share_above_{threshold}"]
        expected = [f"{100 * share:.2f} %", f"{round(1200 * share)} pixels"]
        assert re.split(r"\s{2,}", text[f"above {threshold}"]) == expected


def test_text_is_aligned(pair):
    lines = run("compare", *pair[:2]).output.splitlines()
    points = {line.index(".", 16) for line in lines if re.search(r"\d\.\d\d\b", line[16:])}
    assert len(points) == 1


def test_black_and_white_are_100_apart(tmp_path):
    Image.new("L", (3, 2), 0).save(tmp_path / "black.png")
    Image.new("L", (3, 2), 255).save(tmp_path / "white.png")
    for metric in ("CIE76", "CIEDE2000", "HyAB"):
        result = run(
            "compare", tmp_path / "black.png", tmp_path / "white.png", "--metric", metric, "--json"
        )
        report = json.loads(result.output)
        assert report["mean"] == pytest.approx(100, abs=0.01)
        assert report["share_above_5"] == 1


def test_equal_images_are_0_apart(pair):
    report = json.loads(run("compare", pair[0], pair[0], "--json").output)
    assert report["maximum"] == 0
    assert (report["maximum_x"], report["maximum_y"]) == (0, 0)
    assert report["share_above_1"] == 0


def test_mean_of_a_large_map_does_not_lose_digits(tmp_path):
    Image.new("L", (3000, 3000), 100).save(tmp_path / "a.bmp")
    Image.new("L", (3000, 3000), 101).save(tmp_path / "b.bmp")
    report = json.loads(run("compare", tmp_path / "a.bmp", tmp_path / "b.bmp", "--json").output)
    assert report["mean"] == pytest.approx(report["maximum"], rel=1e-12)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("spelling", [str, str.lower, str.upper])
def test_metric_in_any_case(pair, name, spelling):
    reference, sample, *arrays = pair
    result = run("compare", reference, sample, "--metric", spelling(name), "--json")
    report = json.loads(result.output)
    assert report["metric"] == name
    largest = dde.delta_e_map(*arrays, name).max()
    # A metric of another space sees colours by way of Lab in an inspection.
    of_lab = name == "FLIP" or space_of(name) == dde.Space.named("Lab")
    assert report["maximum"] == (largest if of_lab else pytest.approx(largest, rel=1e-6))


def test_info_shows_the_configuration(capsys):
    dde.show_config()
    assert run("info").output == capsys.readouterr().out


def test_version():
    assert run("--version").output == f"dde {dde.__version__}\n"


def test_help_explains_itself():
    assert run() == run("--help")
    assert run().status == 0
    assert "compare" in run().output
    text = " ".join(run("compare", "--help").output.split())
    for promise in [
        *NAMES,
        *KEYS,
        "PNG, JPEG, TIFF, WebP or BMP",
        "8 and 16 bits",
        "Grey",
        "palette",
        "Fully transparent pixels are not counted",
        "EXIF orientation",
        "colour profiles are honoured",
        "Percentiles are known to 1/256",
        "CGATS",
        "with 2 and one sentence",
    ]:
        assert promise in text


def test_examples_show_their_faults():
    result = run("compare", EXAMPLES / "reference.jpg", EXAMPLES / "sample.jpg", "--json")
    report = json.loads(result.output)
    assert 0.1 < report["share_above_2"] < 0.3
    scratch_x, scratch_y = range(140, 165), range(195, 240)
    assert report["maximum_x"] in scratch_x
    assert report["maximum_y"] in scratch_y


# ---- How it fails -----------------------------------------------------------------------------


def test_missing_file(pair, tmp_path):
    assert_refused(run("compare", tmp_path / "no.png", pair[1]), "reference", "no.png", "exist")
    assert_refused(run("compare", pair[0], tmp_path / "no.png"), "sample", "no.png", "exist")


def test_folder(pair, tmp_path):
    assert_refused(run("compare", tmp_path, pair[1]), "reference", str(tmp_path), "folder")


@pytest.mark.parametrize("content", [b"", b"no image", b"\x89PNG\r\n\x1a\n", b"GIF89a" + bytes(99)])
def test_not_an_image(pair, tmp_path, content):
    path = tmp_path / "odd.png"
    path.write_bytes(content)
    assert_refused(run("compare", pair[0], path), "sample", "odd.png", "PNG, JPEG, WebP")


def test_name_on_several_lines_stays_one_sentence(tmp_path):
    assert_refused(run("compare", tmp_path / "a\nb.png", tmp_path), "a\\nb.png")


def test_different_sizes(pair, tmp_path):
    Image.new("RGB", (40, 31)).save(tmp_path / "tall.png")
    result = run("compare", pair[0], tmp_path / "tall.png")
    assert_refused(result, "reference", "40 x 30", "sample", "40 x 31")


def test_unknown_metric(pair):
    assert_refused(run("compare", *pair[:2], "--metric", "CIE2000"), "--metric", "CIE2000", *NAMES)


@pytest.mark.parametrize(
    "arguments",
    [("compare",), ("compare", "a.png"), ("compare", "a", "b", "c"), ("--odd",), ("odd",)],
)
def test_wrong_usage(arguments):
    assert_refused(run(*arguments))


def test_too_little_memory(pair, monkeypatch):
    def fail(*arguments, **options):
        raise MemoryError

    monkeypatch.setattr(dde, "inspect", fail)
    assert_refused(run("compare", *pair[:2]), "memory")


def test_a_fault_of_dde_is_no_verdict(pair, monkeypatch):
    def fail(*arguments, **options):
        raise KeyError("odd")

    monkeypatch.setattr(dde, "inspect", fail)
    assert_refused(run("compare", *pair[:2]), "should not happen", "KeyError", "test_command.py")


def test_interrupted(pair, monkeypatch):
    def interrupt(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(dde, "inspect", interrupt)
    assert run("compare", *pair[:2]) == Result(130, "", "")


@settings(max_examples=200, deadline=None)
@given(content=st.binary(max_size=400), start=st.sampled_from(["png", "jpg", "tif", "webp", "bmp"]))
def test_random_bytes(damaged_file, intact_files, content, start):
    damaged_file.write_bytes(intact_files[start][:30] + content)
    assert_refused(run("compare", damaged_file, damaged_file), "reference")


@pytest.mark.parametrize("suffix", ["png", "jpg", "tif", "webp", "bmp"])
def test_truncated_file(damaged_file, intact_files, suffix):
    whole = intact_files[suffix]
    for share in (0.1, 0.3, 0.5, 0.7, 0.9, 0.95):
        damaged_file.write_bytes(whole[: int(share * len(whole))])
        assert_refused(run("compare", damaged_file, damaged_file), "reference", damaged_file.name)


@pytest.fixture(scope="module")
def damaged_file(tmp_path_factory):
    return tmp_path_factory.mktemp("damaged") / "damaged"


@pytest.fixture(scope="module")
def intact_files():
    """The bytes of a small photograph in each format."""
    photograph = Image.open(EXAMPLES / "reference.jpg").resize((60, 40))
    files = {}
    for suffix, kind in [
        ("png", "PNG"),
        ("jpg", "JPEG"),
        ("tif", "TIFF"),
        ("webp", "WEBP"),
        ("bmp", "BMP"),
    ]:
        stream = io.BytesIO()
        photograph.save(stream, kind)
        files[suffix] = stream.getvalue()
    return files


# ---- As a process -----------------------------------------------------------------------------


def test_process(pair):
    done = run_process("compare", *pair[:2], "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == run("compare", *pair[:2], "--json").output


def test_a_sample_from_standard_input(pair):
    with pair[1].open("rb") as file:
        done = run_process("compare", pair[0], "-", "--json", stdin=file)
    assert (done.returncode, done.stderr) == (0, "")
    from_file = json.loads(run("compare", *pair[:2], "--json").output)
    assert json.loads(done.stdout) == from_file | {"sample": "-"}
    done = subprocess.run(
        [sys.executable, "-m", "dde", "compare", pair[0], "-"],
        input=b"no image",
        capture_output=True,
    )
    assert_refused(Result(done.returncode, done.stdout.decode(), done.stderr.decode()), "sample")


@pytest.mark.parametrize(
    "start",
    [("-m", "dde"), ("-mdde",), ("-X", "dev", "-m", "dde"), ("-m", "dde_command")],
    ids=" ".join,
)
@pytest.mark.parametrize("arguments", [(), ("info",), ("compare", "dde", "-m")], ids=" ".join)
def test_python_that_cannot_import_dde(start, arguments):
    done = subprocess.run(
        [sys.executable, *start, *arguments],
        env=os.environ | {"DDE_ISA": "foo"},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert re.fullmatch(r"dde: DDE_ISA names 'foo', [^\n]*\n", done.stderr)


@pytest.mark.parametrize("error", [ImportError, OSError])
@pytest.mark.parametrize("module", ["dde", "dde_command"])
def test_numpy_that_cannot_be_imported(tmp_path, module, error):
    (tmp_path / "numpy.py").write_text(f"raise {error.__name__}('libabsent.so\\n\\nis gone')")
    done = subprocess.run(
        [sys.executable, "-m", module, "info"],
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert_refused(
        Result(done.returncode, done.stdout, done.stderr),
        "dde needs numpy, which is there and cannot be imported (libabsent.so is gone); install it "
        "again with: pip install --force-reinstall numpy.",
    )


def test_numpy_that_is_not_installed(tmp_path):
    (tmp_path / "numpy.py").write_text("raise ModuleNotFoundError(name='numpy')")
    for module in ("dde", "dde_command"):
        done = subprocess.run(
            [sys.executable, "-m", module, "info"],
            env=os.environ | {"PYTHONPATH": str(tmp_path)},
            capture_output=True,
            text=True,
        )
        result = Result(done.returncode, done.stdout, done.stderr)
        assert_refused(result, "dde needs numpy; install it with: pip install deepdeltae.")


@pytest.mark.parametrize("arguments", [(), ("-m", "dde")], ids=" ".join)
def test_another_program_that_cannot_import_dde(tmp_path, arguments):
    """It gets the exception."""
    (tmp_path / "other.py").write_text("try: import dde\nexcept ImportError: print('caught')")
    done = subprocess.run(
        [sys.executable, "-m", "other", *arguments],
        env=os.environ | {"DDE_ISA": "foo", "PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "caught\n")


def test_process_that_fails(pair):
    done = run_process("compare", pair[0], "no.png")
    assert_refused(Result(done.returncode, done.stdout, done.stderr), "sample", "no.png")


def test_decoder_does_not_talk_past_python(tmp_path):
    path = tmp_path / "damaged.tif"
    Image.effect_noise((50, 50), 50).save(path, compression="tiff_adobe_deflate")
    content = bytearray(path.read_bytes())
    content[8:28] = bytes(20)
    path.write_bytes(content)
    done = run_process("compare", path, path)
    assert_refused(Result(done.returncode, done.stdout, done.stderr), "damaged.tif")


def test_warnings_of_readers_are_no_sentences_of_the_command(tmp_path):
    exif = b"Exif\0\0II*\0\x08\0\0\0" + b"\xff\0" + bytes(8)
    Image.new("RGB", (8, 8)).save(tmp_path / "a.jpg", exif=exif)
    done = run_process("compare", tmp_path / "a.jpg", tmp_path / "a.jpg")
    assert (done.returncode, done.stderr) == (0, "")


PRINTING = ["compare", "info", "presets", "--help", "--version", "patches --help"]


def printing(arguments, pair):
    return [*arguments.split(), *(pair[:2] if arguments == "compare" else ())]


@pytest.mark.parametrize("arguments", PRINTING)
def test_reader_that_stops_early(pair, arguments):
    command = [sys.executable, "-m", "dde", *map(str, printing(arguments, pair))]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode == 0


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
@pytest.mark.parametrize("arguments", PRINTING)
def test_full_disk(pair, arguments):
    with open("/dev/full", "w") as full:
        done = run_process(*printing(arguments, pair), stdout=full)
    assert_refused(Result(done.returncode, "", done.stderr), "standard output cannot be written")


@pytest.mark.skipif(sys.platform == "win32", reason="names of files are Unicode there")
def test_name_that_is_not_unicode(pair, tmp_path):
    path = tmp_path / os.fsdecode(b"caf\xe9.png")
    path.write_bytes(pair[0].read_bytes())
    for option in ([], ["--json"]):
        done = run_process("compare", pair[0], path, *option)
        assert (done.returncode, done.stderr) == (0, "")
        assert "caf\\udce9.png" in (json.loads(done.stdout)["sample"] if option else done.stdout)


def without(package, code, *arguments):
    """Runs a program in an interpreter that lacks a package; what it is given are its arguments."""
    program = f"import sys; sys.modules[{package!r}] = None; {code}"
    done = subprocess.run(
        [sys.executable, "-c", program, *map(str, arguments)], capture_output=True, text=True
    )
    return Result(done.returncode, done.stdout, done.stderr)


@pytest.mark.parametrize(
    ("package", "extra", "arguments"),
    [
        ("click", "cli", ["info"]),
        ("PIL", "cli", ["compare", "8.png", "8.png"]),
        ("msgspec", "cli", ["compare", "8.png", "8.png", "--job", "job.toml"]),
        ("jinja2", "cli", ["compare", "8.png", "8.png", "--report", "report.html"]),
        ("imagecodecs", "images", ["compare", "16.png", "16.png"]),
        ("imagecodecs", "images", ["compare", "cmyk.jpg", "cmyk.jpg"]),
        ("tifffile", "images", ["compare", "a.tif", "a.tif"]),
        ("zarr", "zarr", ["compare", "a.zarr", "a.zarr"]),
        ("scipy", "defects", ["compare", "8.png", "8.png", "--job", "job.toml"]),
        ("matplotlib", "plots", ["compare", "8.png", "8.png", "--map", "map.png"]),
        ("cv2", "align", ["compare", "8.png", "8.png", "--align", "affine"]),
    ],
)
def test_package_that_is_not_installed(package, extra, arguments, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    pixels = np.random.default_rng(0).integers(0, 255, (64, 64, 3), dtype=np.uint8)
    Image.fromarray(pixels).save("8.png")
    imagecodecs.imwrite("16.png", pixels.astype(np.uint16))
    inks = Image.fromarray(pixels).convert("CMYK")
    inks.save("cmyk.jpg", icc_profile=cmyk_profile()[0])
    Image.fromarray(pixels).save("a.tif")
    zarr.save_array("a.zarr", pixels)
    Path("job.toml").write_text("[defects]\nabove = 1\n")
    result = without(package, "from dde.command import main; sys.exit(main())", *arguments)
    assert_refused(result, f'install it with: pip install "deepdeltae[{extra}]".')
    assert not Path(arguments[-1]).exists() or arguments[-2] not in ("--map", "--report")


def test_the_list_of_commands_says_what_they_say():
    for name, said in LATER.items():
        command = commands.get_command(click.Context(commands), name)
        assert " ".join(command.help.split("\n\n")[0].split()) == said
