"""``dde batch`` under stress: frames that hang or grow, interrupts, kills, and a second batch."""

import fcntl
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from conftest import FreshPython
from PIL import Image
from running import until

from dde.batch import Frame, inspect_frames

GREY = np.full((8, 8, 3), 120, dtype=np.uint8)

# What happens in a worker that opens a file of such a name.
HOOK = """
import sys, time
def hook(event, arguments):
    if event == 'open' and str(arguments[0]).endswith('hangs.png'):
        time.sleep(600)
    if event == 'open' and str(arguments[0]).endswith('spins.png'):
        sum(range(10**12))  # holds the interpreter's lock
    if event == 'open' and str(arguments[0]).endswith('grows.png'):
        held = [bytearray(b'x') * (1 << 26) for _ in range(1 << 10)]
sys.addaudithook(hook)
"""


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "reference.png"
    Image.fromarray(GREY).save(path)
    return path


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    folder = tmp_path / "modules"
    folder.mkdir()
    folder.joinpath("sitecustomize.py").write_text(HOOK)
    path = os.pathsep.join([str(folder), *filter(None, [os.environ.get("PYTHONPATH")])])
    return os.environ | {"PYTHONPATH": path}


@pytest.fixture
def start(reference: Path, tmp_path: Path, environment: dict[str, str]) -> Callable[..., object]:
    """Starts a batch of frames of these names."""

    def start(*names: str, options: tuple[str, ...] = ()) -> subprocess.Popen[str]:
        folder = tmp_path / "frames"
        folder.mkdir(exist_ok=True)
        for name in names:
            Image.fromarray(GREY).save(folder / name)
        command = ["batch", reference, folder, "--output", tmp_path / "out", *options]
        return subprocess.Popen(
            [sys.executable, "-m", "dde", *map(str, command)],
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            # Who starts the tests in the background may have made them deaf for Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )

    return start


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    commands = {int(child): Path(f"/proc/{child}/cmdline").read_bytes() for child in children}
    return [child for child, command in commands.items() if b"dde.batch.worker" in command]


def is_gone(process: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return True


def at_the_frame(process: subprocess.Popen[str], out: Path) -> list[int]:
    """The workers, once the frame after the first is under way."""
    until(lambda: list(out.glob("frames/a.png.json")))
    time.sleep(0.3)
    workers = workers_of(process)
    assert workers
    return workers


@pytest.mark.parametrize("name", ["hangs.png", "spins.png"])
def test_a_frame_that_takes_too_long(start, tmp_path, name):
    with start("a.png", name, "z.png", options=("--workers", "1", "--time-limit", "3")) as process:
        output, error = process.communicate(timeout=200)
    assert (process.returncode, error) == (2, "")
    assert f"{name}: it takes longer than 3 s" in output
    assert sorted(path.name for path in tmp_path.glob("out/frames/*")) == [
        "a.png.json",
        "z.png.json",
    ]


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone limits what a process allocates")
def test_a_frame_that_needs_too_much_memory(start):
    options = ("--workers", "1", "--memory-limit", "1")
    with start("a.png", "grows.png", "z.png", options=options) as process:
        output, error = process.communicate(timeout=200)
    assert (process.returncode, error) == (2, "")
    assert "grows.png: it needs more than 1 GB" in output
    assert re.search(r"^not judged +2$", output, re.MULTILINE)


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs /proc")
@pytest.mark.parametrize("name", ["hangs.png", "spins.png"])
def test_the_second_interrupt_ends_a_batch_that_hangs(start, tmp_path, name):
    with start("a.png", name, options=("--workers", "1")) as process:
        workers = at_the_frame(process, tmp_path / "out")
        process.send_signal(signal.SIGINT)
        time.sleep(1)
        assert process.poll() is None, "the first waits for the frame under way"
        process.send_signal(signal.SIGINT)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (-signal.SIGINT, "")
    until(lambda: all(map(is_gone, workers)))


@pytest.mark.skipif(not os.path.exists("/proc/self/task"), reason="needs /proc")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGKILL, signal.SIGHUP])
@pytest.mark.parametrize("name", ["hangs.png", "spins.png"])
def test_no_worker_outlives_its_batch(start, tmp_path, name, number):
    with start("a.png", name, options=("--workers", "1", "--time-limit", "9")) as process:
        workers = at_the_frame(process, tmp_path / "out")
        process.send_signal(number)
        _, error = process.communicate(timeout=60)
    assert (process.returncode, error) == (-number, "")
    until(lambda: all(map(is_gone, workers)))


def test_a_second_batch_into_one_folder(start, tmp_path):
    (tmp_path / "out").mkdir()
    descriptor = os.open(tmp_path / "out", os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    with start("a.png", options=("--workers", "1")) as process:
        output, error = process.communicate(timeout=60)
    assert (process.returncode, output) == (2, "")
    assert re.fullmatch(r"dde: [^\n]*another batch is writing there[^\n]*\n", error)
    os.close(descriptor)
    with start("a.png", options=("--workers", "1")) as process:
        process.communicate(timeout=60)
    assert process.returncode == 0


def test_in_python_frames_are_inspected_as_they_are_asked_for(reference, tmp_path):
    frames = [Frame(f"{number}", reference, reference) for number in range(50)]
    results = inspect_frames(frames, tmp_path / "out", workers=1)
    first = next(results)
    assert (first.verdict, first.figures["maximum"]) == ("not judged", 0)
    results.close()
    assert 0 < len(list(tmp_path.glob("out/frames/*.json"))) < 50
    again = list(inspect_frames(frames, tmp_path / "out", workers=1))
    assert len(again) == 50
    assert sum(result.resumed for result in again) >= 1


def test_a_script_without_a_guard(reference, tmp_path, fresh_python):
    program = (
        "from pathlib import Path\n"
        "from dde.batch import Frame, inspect_frames\n"
        f"frame = Frame('one', Path({str(reference)!r}), Path({str(reference)!r}))\n"
        f"print([r.verdict for r in inspect_frames([frame], {str(tmp_path / 'out')!r})])\n"
    )
    assert fresh_python(program) == "['not judged']"


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"workers": 0}, "workers"),
        ({"time_limit": 0}, "time_limit"),
        ({"time_limit": float("nan")}, "time_limit"),
        ({"memory_limit": 1000}, "memory_limit"),
        ({"job": "no.toml"}, "no.toml"),
    ],
)
def test_arguments_that_are_refused(reference, tmp_path, options, words):
    with pytest.raises(ValueError, match=words):
        inspect_frames([Frame("one", reference, reference)], tmp_path / "out", **options)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("names", [("a", "A"), ("a/b",), ("",), ("a\0",)])
def test_names_that_are_refused(reference, tmp_path, names):
    frames = [Frame(name, reference, reference) for name in names]
    with pytest.raises(ValueError, match="name"):
        inspect_frames(frames, tmp_path / "out")


# ---- Interrupts within a program -------------------------------------------------------------

INTERRUPTED = """
import sys
from pathlib import Path
from dde.batch import Frame, inspect_frames
from dde.batch.worker import Worker

once, done = [True], Worker.{step}

def step(worker, *arguments):
    if {before} and once:
        once.clear()
        raise KeyboardInterrupt
    answer = done(worker, *arguments)
    if once:
        once.clear()
        raise KeyboardInterrupt
    return answer

Worker.{step} = step
reference = Path(sys.argv[0]).with_name("reference.png")
frames = [Frame(str(number), reference, reference) for number in range(4)]
try:
    list(inspect_frames(frames, reference.with_name("out"), workers=2))
except KeyboardInterrupt:
    print("interrupted")
Worker.{step} = done
print(len(list(inspect_frames(frames, reference.with_name("out"), workers=2))))
"""


@pytest.mark.parametrize("before", [True, False], ids=["before", "after"])
@pytest.mark.parametrize("step", ["give", "answer"])
def test_an_interrupt_ends_a_batch_at_any_step(
    reference: Path, fresh_python: FreshPython, step: str, before: bool
) -> None:
    """The batch waited for ever for a frame that no worker had."""
    told = fresh_python(INTERRUPTED.format(step=step, before=before), timeout=60)
    assert told.split() == ["interrupted", "4"]
