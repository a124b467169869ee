"""All ways in which the command can end are those of docs/reference/exit-statuses.md."""

import ctypes
import fcntl
import json
import os
import re
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
from PIL import Image

import dde
from dde.cameras.chart import named_chart

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "exit-statuses.md"
COMMAND = [sys.executable, "-m", "dde_command"]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the page is about Linux")


class Ending(NamedTuple):
    status: int
    error: str
    output: str = ""


class Desk:
    """A folder with images, in which the command is run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        grey = np.full((8, 8, 3), 120, dtype=np.uint8)
        for name, shift in (("reference.png", 0), ("equal.png", 0), ("other.png", 40)):
            Image.fromarray(grey + np.uint8(shift)).save(folder / name)
        (folder / "frames").mkdir()
        for name, source in (("a.png", "equal.png"), ("b.png", "equal.png")):
            (folder / "frames" / name).write_bytes((folder / source).read_bytes())

    def start(self, *arguments: str, **options: object) -> subprocess.Popen[str]:
        streams = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "cwd": self.folder}
        # Who starts the tests in the background may have made them deaf for Ctrl-C.
        streams["preexec_fn"] = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
        return subprocess.Popen([*COMMAND, *arguments], text=True, **(streams | options))

    def run(self, *arguments: str, **options: object) -> Ending:
        with self.start(*arguments, **options) as process:
            output, error = process.communicate(timeout=300)
        return Ending(process.returncode, error or "", output or "")

    def compare(self, *options: str, sample: str = "equal.png", **others: object) -> Ending:
        return self.run("compare", "reference.png", sample, *options, **others)

    def batch(self, *options: str, **others: object) -> Ending:
        arguments = ("batch", "reference.png", "frames", "--output", "out", "--workers", "1")
        return self.run(*arguments, *options, **others)

    def hooked(self, name: str, what: str) -> dict[str, str]:
        """An environment in which something happens to whoever opens a file of this name."""
        (self.folder / "modules").mkdir()
        (self.folder / "modules" / "sitecustomize.py").write_text(
            "import os, sys, time\n"
            "def hook(event, arguments):\n"
            f"    if event == 'open' and str(arguments[0]).endswith({name!r}):\n"
            f"        {what}\n"
            "sys.addaudithook(hook)\n"
        )
        path = [str(self.folder / "modules"), *filter(None, [os.environ.get("PYTHONPATH")])]
        return os.environ | {"PYTHONPATH": os.pathsep.join(path)}

    def interrupted(self, *signals: int, batch: bool = False) -> Ending:
        """The command gets signals while it opens a file, which takes long."""
        (self.folder / "b.png").write_bytes((self.folder / "equal.png").read_bytes())
        arguments = ("compare", "reference.png", "b.png")
        if batch:
            arguments = ("batch", "reference.png", "frames", "--output", "out", "--workers", "1")
        mark = "open('opened', 'w').close(); time.sleep(3)"
        with self.start(*arguments, env=self.hooked("b.png", mark)) as process:
            end = time.monotonic() + 120
            while not (self.folder / "opened").exists():
                assert time.monotonic() < end
                time.sleep(0.01)
            for number in signals:
                process.send_signal(number)
                time.sleep(0.5)
            output, error = process.communicate(timeout=60)
        return Ending(process.returncode, error, output)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    yield Desk(tmp_path)
    tmp_path.chmod(0o755)


ENDINGS: dict[str, Callable[[Desk], Ending]] = {}


def ending(row: str) -> Callable[[Callable[[Desk], Ending]], Callable[[Desk], Ending]]:
    """What brings about the ending of this row of the page."""

    def known(bring_about: Callable[[Desk], Ending]) -> Callable[[Desk], Ending]:
        ENDINGS[row] = bring_about
        return bring_about

    return known


def without_privileges() -> None:
    """Where the tests are run by root: permissions count for the program that is started now."""
    if os.getuid() == 0:
        prctl, drop_from_bounding_set = ctypes.CDLL(None, use_errno=True).prctl, 24
        for capability in (1, 2):  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
            if prctl(drop_from_bounding_set, capability, 0, 0, 0):
                raise OSError(ctypes.get_errno(), "permissions cannot be made to count")


def with_small_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))


def with_little_memory() -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (400 << 20, 400 << 20))


def closing(descriptor: int) -> Callable[[], None]:
    return lambda: os.close(descriptor)


ENDINGS["Every rule is kept"] = lambda desk: desk.compare("--tolerance", "2")
ENDINGS["There is no rule"] = lambda desk: desk.compare(sample="other.png")
ENDINGS["A rule is broken"] = lambda desk: desk.compare("--tolerance", "2", sample="other.png")
ENDINGS["`--help`, `--version`"] = lambda desk: desk.run("--version")
ENDINGS["An option or a command is unknown"] = lambda desk: desk.compare("--odd")
ENDINGS["An image does not exist"] = lambda desk: desk.compare(sample="no.png")
ENDINGS["A job file does not exist"] = lambda desk: desk.compare("--job", "no.toml")
ENDINGS["An option has a value that is not accepted"] = lambda desk: desk.compare(
    "--tolerance", "x"
)
ENDINGS["`DDE_ISA` names no instruction set"] = lambda desk: desk.compare(
    env=os.environ | {"DDE_ISA": "foo"}
)
ENDINGS["`MPLBACKEND` names no backend"] = lambda desk: desk.compare(
    "--map", "map.png", "--report", "r.html", env=os.environ | {"MPLBACKEND": "foo"}
)
ENDINGS["A report would overwrite what is read"] = lambda desk: desk.compare("--map", "equal.png")
ENDINGS["Standard output is closed"] = lambda desk: desk.compare(preexec_fn=closing(1), stdout=None)
ENDINGS["Standard input is closed"] = lambda desk: desk.compare(preexec_fn=closing(0))
ENDINGS["Standard error is closed, and a rule broken"] = lambda desk: desk.compare(
    "--tolerance", "2", sample="other.png", preexec_fn=closing(2), stderr=None
)
ENDINGS["Standard error is closed, and an image missing"] = lambda desk: desk.compare(
    sample="no.png", preexec_fn=closing(2), stderr=None
)
ENDINGS["The disk of a report is full"] = lambda desk: desk.compare(
    "--report", "report.json", preexec_fn=with_small_files
)
ENDINGS["The folder of a report does not exist"] = lambda desk: desk.compare("--report", "no/r.csv")
ENDINGS["Ctrl-C"] = lambda desk: desk.interrupted(signal.SIGINT)
ENDINGS["SIGHUP"] = lambda desk: desk.interrupted(signal.SIGHUP)
ENDINGS["SIGTERM"] = lambda desk: desk.interrupted(signal.SIGTERM)
ENDINGS["Every frame of a batch passes"] = lambda desk: desk.batch("--tolerance", "2")
ENDINGS["Ctrl-C during a batch"] = lambda desk: desk.interrupted(signal.SIGINT, batch=True)
ENDINGS["Ctrl-C twice during a batch"] = lambda desk: desk.interrupted(
    signal.SIGINT, signal.SIGINT, batch=True
)
ENDINGS["SIGTERM during a batch"] = lambda desk: desk.interrupted(signal.SIGTERM, batch=True)
ENDINGS["A frame takes longer than `--time-limit`"] = lambda desk: desk.batch(
    "--time-limit", "2", env=desk.hooked("b.png", "time.sleep(600)")
)
ENDINGS["A frame kills its worker twice"] = lambda desk: desk.batch(
    env=desk.hooked("b.png", "os._exit(9)")
)
ENDINGS["The disk of a batch is full"] = lambda desk: desk.batch(preexec_fn=with_small_files)


@ending("The reader of standard output stops early, and a rule is broken")
def reader_stops_early(desk: Desk) -> Ending:
    with desk.start("compare", "reference.png", "other.png", "--tolerance", "2") as process:
        process.stdout.close()
        return Ending(process.wait(timeout=60), process.stderr.read())


@ending("The disk of standard output is full")
def full_output(desk: Desk) -> Ending:
    with open("/dev/full", "w") as full:
        return desk.compare(stdout=full)


@ending("The disk of standard output is full, and help is asked for")
def full_output_for_help(desk: Desk) -> Ending:
    with open("/dev/full", "w") as full:
        return desk.run("compare", "--help", stdout=full)


@ending("A package is not installed")
def no_package(desk: Desk, error: str = "ModuleNotFoundError(name='PIL')") -> Ending:
    (desk.folder / "modules").mkdir()
    (desk.folder / "modules" / "PIL.py").write_text(f"raise {error}")
    return desk.compare(env=os.environ | {"PYTHONPATH": str(desk.folder / "modules")})


ENDINGS["A package cannot be imported"] = lambda desk: no_package(
    desk, "ImportError('libtiff.so.6: cannot open shared object file')"
)


@ending("The disk of standard error is full, and an image missing")
def full_error(desk: Desk) -> Ending:
    with open("/dev/full", "w") as full:
        return desk.compare(sample="no.png", stderr=full)


@ending("An image may not be read")
def no_right_to_read(desk: Desk) -> Ending:
    (desk.folder / "equal.png").chmod(0)
    return desk.compare(preexec_fn=without_privileges)


@ending("A report may not be written")
def no_right_to_write(desk: Desk) -> Ending:
    desk.folder.chmod(0o555)
    return desk.compare("--report", "report.json", preexec_fn=without_privileges)


@ending("There is no home folder")
def no_home(desk: Desk) -> Ending:
    gone = {name: str(desk.folder / "no") for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    return desk.compare("--map", "map.png", env=os.environ | gone)


@ending("The current folder is gone")
def no_current_folder(desk: Desk) -> Ending:
    gone = desk.folder / "gone"
    gone.mkdir()
    images = (str(desk.folder / name) for name in ("reference.png", "equal.png"))
    return desk.run("compare", *images, cwd=gone, preexec_fn=gone.rmdir)


@ending("The current folder is gone, and a report would lie there")
def no_folder_for_a_report(desk: Desk) -> Ending:
    gone = desk.folder / "gone"
    gone.mkdir()
    images = (str(desk.folder / name) for name in ("reference.png", "equal.png"))
    report = ("--report", "report.json")
    return desk.run("compare", *images, *report, cwd=gone, preexec_fn=gone.rmdir)


@ending("The images need more memory than there is")
def too_little_memory(desk: Desk) -> Ending:
    Image.new("RGB", (12000, 12000)).save(desk.folder / "large.png", compress_level=1)
    return desk.run("compare", "large.png", "large.png", preexec_fn=with_little_memory)


@ending("A frame fails")
def a_frame_fails(desk: Desk) -> Ending:
    (desk.folder / "frames" / "c.png").write_bytes((desk.folder / "other.png").read_bytes())
    return desk.batch("--tolerance", "2")


@ending("A frame cannot be read")
def a_frame_cannot_be_read(desk: Desk) -> Ending:
    (desk.folder / "frames" / "c.png").write_bytes(b"no image")
    return desk.batch("--tolerance", "2")


@ending("Another batch writes into the folder")
def another_batch(desk: Desk) -> Ending:
    (desk.folder / "out").mkdir()
    descriptor = os.open(desk.folder / "out", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        return desk.batch()
    finally:
        os.close(descriptor)


@ending("The folder of a batch is a file")
def file_as_a_folder(desk: Desk) -> Ending:
    return desk.batch("--output", "equal.png")


@ending("Standard output goes to the summary of the batch")
def output_into_the_summary(desk: Desk) -> Ending:
    (desk.folder / "out").mkdir()
    with open(desk.folder / "out" / "summary.csv", "w") as summary:
        return desk.batch(stdout=summary)


@ending("The folder of a batch may not be written")
def read_only_batch(desk: Desk) -> Ending:
    desk.folder.chmod(0o555)
    return desk.batch(preexec_fn=without_privileges)


@ending("PAIRS holds a NUL")
def nul_in_pairs(desk: Desk) -> Ending:
    (desk.folder / "pairs.csv").write_bytes(b"reference,sample\na\0.png,b.png\n")
    return desk.run("batch", "pairs.csv", "--output", "out")


@ending("A record of an earlier run is mangled")
def mangled_record(desk: Desk) -> Ending:
    assert desk.batch().status == 0
    for name, key in (("a", "overall"), ("b", "passed")):
        path = desk.folder / "out" / "frames" / f"{name}.png.json"
        found = json.loads(path.read_text())
        del found[key]
        path.write_text(json.dumps(found))
    return desk.batch()


@ending("The worker of a frame is killed once")
def killed_workers(desk: Desk) -> Ending:
    # Once: the frame is tried again.
    once = "os.path.exists('killed') or (open('killed', 'w').close(), os._exit(9))"
    return desk.batch(env=desk.hooked("b.png", once))


def table(lightness: int) -> str:
    return (
        "CGATS.17\nBEGIN_DATA_FORMAT\nSAMPLE_ID LAB_L LAB_A LAB_B\nEND_DATA_FORMAT\n"
        f"BEGIN_DATA\nA1 {lightness} 0 0\nEND_DATA\n"
    )


def patches(desk: Desk, sample: str) -> Ending:
    texts = {"reference.txt": table(50), "other.txt": table(60), "two.txt": 2 * table(50)}
    for name, text in texts.items():
        (desk.folder / name).write_text(text)
    return desk.run("patches", "reference.txt", sample, "--tolerance", "2")


ENDINGS["Every patch keeps to the tolerance"] = lambda desk: patches(desk, "reference.txt")
ENDINGS["A patch does not"] = lambda desk: patches(desk, "other.txt")
ENDINGS["A table cannot be read"] = lambda desk: patches(desk, "equal.png")
ENDINGS["A file holds several tables, and none is named"] = lambda desk: patches(desk, "two.txt")


def calibrate(desk: Desk, *options: str, reference: str = "ColorChecker24") -> Ending:
    """Of a chart without the black between its patches, by which it could be found."""
    _, lab = named_chart("colorchecker24")
    rgb = dde.convert(dde.lab_to_xyz(lab, "D50"), dde.Space.xyz("D50"), "linear sRGB") / 2
    chart = rgb.clip(0.001).reshape(4, 6, 3).repeat(20, 0).repeat(20, 1)
    np.save(desk.folder / "chart.npy", chart)
    return desk.run("calibrate", "chart.npy", "--chart", reference, "--output", "c.json", *options)


CORNERS = ("--corners", "0,0 120,0 120,80 0,80")
ENDINGS["A camera is fitted"] = lambda desk: calibrate(desk, *CORNERS)
ENDINGS["No chart is found"] = lambda desk: calibrate(desk)
ENDINGS["The reference is none"] = lambda desk: calibrate(desk, *CORNERS, reference="no.txt")


def rows() -> dict[str, tuple[int, str]]:
    """Of the page: each ending with its exit status and the sentence, in which ... is anything."""
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.split("|")[1:-1]]
        if len(cells) == 3 and cells[1].isdigit():
            found[cells[0]] = int(cells[1]), cells[2].strip("`")
    return found


def test_the_page_has_every_ending() -> None:
    assert rows().keys() == ENDINGS.keys()


@pytest.mark.parametrize("row", ENDINGS)
def test_ending(desk: Desk, row: str) -> None:
    status, sentence = rows()[row]
    found = ENDINGS[row](desk)
    if row.startswith(("Ctrl-C", "SIG")):
        assert found.status < 0
    # Ended by a signal, a process has no status; shells make one of it.
    assert (found.status if found.status >= 0 else 128 - found.status) == status
    pattern = re.escape(f"{sentence}\n").replace(r"\.\.\.", r"[^\n]*") if sentence else ""
    assert re.fullmatch(pattern, found.error), found.error
    if sentence or status > 2:
        assert found.output == ""
