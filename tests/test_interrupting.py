"""What a signal handler of the host raises, such as a limit of time, reaches the host as it is."""

import importlib.util
import signal
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

import dde
from dde.batch import Frame, inspect_frames
from dde.command import main
from dde.extras import asking_for
from dde.host import pass_on

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no SIGALRM")

EXAMPLES = Path(__file__).parents[1] / "examples"


class SoftTimeLimit(Exception):  # noqa: N818
    """As Celery has one."""


class Handler:
    """What a host installs, of all kinds; it raises one exception."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def method(self, number: int, frame: object) -> None:
        raise self.error

    __call__ = method


KINDS: dict[str, Callable[[Handler], object]] = {
    "a function": lambda handler: lambda number, frame: handler(number, frame),
    "a method": lambda handler: handler.method,
    "a partial": lambda handler: partial(partial(Handler.method, handler)),
    "an object": lambda handler: handler,
}


@pytest.fixture
def before() -> Iterator[None]:
    found = signal.getsignal(signal.SIGALRM)
    yield
    signal.setitimer(signal.ITIMER_REAL, 0)
    signal.signal(signal.SIGALRM, found)


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("a.png", "b.png", "a.tif"):
        Image.new("RGB", (8, 8), "gray").save(name)
    np.save("a.npy", np.zeros((8, 8, 3), np.uint8))
    dde.learn_reference(["a.png", "b.png"]).save("learned.npz")
    Path("job.toml").write_text('rules = ["max <= 2"]\n')
    Path("a.cxf").write_text('<CxF xmlns="http://colorexchangeformat.com/CxF3-core"/>')
    Path("a.txt").write_text("BEGIN_DATA_FORMAT\n")
    return tmp_path


def batch() -> None:
    list(inspect_frames([Frame("a", Path("a.png"), Path("b.png"))], "out", workers=1))


# What is interrupted, and what had made another exception of it.
PLACES: dict[str, Callable[[], object]] = {
    "PIL.PngImagePlugin.PngImageFile": lambda: dde.inspect("a.png", "b.png"),
    "PIL.ImageFile.ImageFile.load": lambda: dde.inspect("a.png", "b.png"),
    "tifffile.TiffFile": lambda: dde.open_image("a.tif"),
    "dde.images.kept_file._state": lambda: dde.open_image("a.npy"),
    "zipfile.ZipFile": lambda: dde.load_reference("learned.npz"),
    "dde.learned.sha256_of": lambda: dde.load_reference("learned.npz"),
    "dde.inspection.job_file.read_whole": lambda: dde.inspect("a.png", "b.png", job="job.toml"),
    "dde.inspection.job_file._job": lambda: dde.inspect("a.png", "b.png", job="job.toml"),
    "dde.report.data.as_json": lambda: dde.inspect("a.png", "b.png").save("found.json"),
    "colour_cxf.read_cxf": lambda: main(["patches", "a.cxf", "a.cxf"]),
    "dde.tables.recognising.open_regular": lambda: main(["compare", "a.txt", "a.txt"]),
    "dde.inspect": lambda: main(["compare", "a.png", "b.png"]),
    "dde.command.compare.write_report": lambda: main(
        ["compare", "a.png", "b.png", "--report", "found.json"]
    ),
    "dde.show_config": lambda: main(["info"]),
    "dde.metrics.model_files.read_whole": lambda: main(
        ["compare", "a.png", "b.png", "--metric", "a.npy"]
    ),
    "multiprocessing.connection.Connection.send_bytes": batch,
    "multiprocessing.connection.Connection.recv": batch,
    "dde.batch.inspecting.prepared": batch,
}


def interrupt(*arguments: object, **options: object) -> None:
    signal.raise_signal(signal.SIGALRM)


@pytest.mark.parametrize("kind", [TimeoutError, SoftTimeLimit, ValueError, ImportError])
@pytest.mark.parametrize("place", PLACES)
def test_it_is_passed_on(
    desk: Path, before: None, monkeypatch: pytest.MonkeyPatch, place: str, kind: type[Exception]
) -> None:
    error = kind("the host's")
    signal.signal(signal.SIGALRM, Handler(error))
    monkeypatch.setattr(place, interrupt)
    with pytest.raises(kind) as caught:
        PLACES[place]()
    assert caught.value is error


@pytest.mark.parametrize("installed", KINDS)
def test_whatever_the_handler_is(before: None, installed: str) -> None:
    error = SoftTimeLimit()
    signal.signal(signal.SIGALRM, KINDS[installed](Handler(error)))  # type: ignore[arg-type]
    with pytest.raises(SoftTimeLimit):
        try:
            interrupt()
        except SoftTimeLimit as caught:
            pass_on(caught)
            pytest.fail("it was not known")


def test_while_a_package_is_imported(before: None, monkeypatch: pytest.MonkeyPatch) -> None:
    class Finder:
        def find_spec(self, *arguments: object) -> None:
            interrupt()

    monkeypatch.setattr(sys, "meta_path", [Finder(), *sys.meta_path])
    signal.signal(signal.SIGALRM, Handler(ImportError("the host's")))
    with pytest.raises(ImportError, match=r"^the host's$"), asking_for("cli", "it"):
        importlib.util.find_spec("nothing")


def test_what_it_caused(before: None) -> None:
    signal.signal(signal.SIGALRM, Handler(SoftTimeLimit()))

    def read() -> None:
        try:
            interrupt()
        except Exception as error:
            raise OSError("damaged") from error

    with pytest.raises(SoftTimeLimit):
        try:
            read()
        except OSError as error:
            pass_on(error)


def test_what_the_host_has_handled_is_over(desk: Path, before: None) -> None:
    """What is wrong with a file, while the host speaks of its limit, is no limit."""
    signal.signal(signal.SIGALRM, Handler(SoftTimeLimit()))
    Path("damaged.png").write_bytes(b"no image")
    try:
        interrupt()
    except SoftTimeLimit:
        with pytest.raises(dde.ImageFileError):
            dde.open_image("damaged.png")


def test_limits_of_time(before: None) -> None:
    signal.signal(signal.SIGALRM, Handler(TimeoutError("the host's")))
    ended = 0
    for seconds in np.linspace(0.002, 0.08, 40):
        signal.setitimer(signal.ITIMER_REAL, seconds)
        try:
            dde.inspect(EXAMPLES / "reference.jpg", EXAMPLES / "sample.jpg")
            signal.setitimer(signal.ITIMER_REAL, 0)
        except TimeoutError as error:
            assert str(error) == "the host's"
            ended += 1
    assert ended
