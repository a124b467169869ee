"""Whatever ends the command short of SIGKILL leaves nothing half written, and no program that uses
dde gets its signals handled."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import run, until

import dde
from dde.batch import Frame, inspect_frames
from dde.cameras.chart import named_chart

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="ends processes by signals")

WAITING = """
import atexit, sys, time
def wait():
    open("waiting", "w").close()
    for _ in range(100 * {seconds}):  # a signal just before a sleep does not shorten it
        time.sleep(0.01)
"""
# A file that is complete but for its name waits there until the command is ended.
HOOK = """
def hook(event, arguments):
    if event == "os.rename" and str(arguments[1]).endswith({name!r}):
        wait()
sys.addaudithook(hook)
"""
WHILE_IT_STARTS = """
def hook(event, arguments):
    if event == "import" and arguments[0] == "numpy":
        wait()
sys.addaudithook(hook)
"""
WHILE_IT_ENDS = "atexit.register(wait)"
COMMANDS = {
    "compare a.png b.png --report found.json": "found.json",
    "compare a.png b.png --map map.png": "map.png",
    "patches a.txt a.txt --report found.html": "found.html",
    "learn frames --output learned.npz": "learned.npz",
    "calibrate chart.npy --chart ColorChecker24 --output c.json --corners 0,0,120,0,120,80,0,80":
        "c.json",
    "batch a.png frames --output out --workers 1": "a.png.json",
    "batch b.png frames --output out --workers 1": "summary.csv",
}  # fmt: skip


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "frames").mkdir()
    for path in ("a.png", "b.png", "frames/a.png", "frames/b.png"):
        Image.new("RGB", (8, 8), "gray").save(path)
    Path("a.txt").write_text(
        "CGATS.17\nBEGIN_DATA_FORMAT\nSAMPLE_ID LAB_L LAB_A LAB_B\nEND_DATA_FORMAT\n"
        "BEGIN_DATA\nA1 50 0 0\nEND_DATA\n"
    )
    _, lab = named_chart("colorchecker24")
    rgb = dde.convert(dde.lab_to_xyz(lab, "D50"), dde.Space.xyz("D50"), "linear sRGB") / 2
    np.save("chart.npy", rgb.clip(0.001).reshape(4, 6, 3).repeat(20, 0).repeat(20, 1))
    return tmp_path


def ended_while_waiting(
    desk: Path,
    hook: str,
    command: str,
    *signals: int,
    seconds: int = 60,
    module: str = "dde",
    **options: object,
) -> subprocess.Popen[str]:
    """The command once it is over, to which signals were sent while the hook made it wait."""
    (desk / "hook").mkdir()
    (desk / "hook" / "sitecustomize.py").write_text(WAITING.format(seconds=seconds) + hook)
    with subprocess.Popen(
        [sys.executable, "-m", module, *command.split()],
        env=os.environ | {"PYTHONPATH": str(desk / "hook")},
        text=True,
        stderr=subprocess.PIPE,
        **options,  # type: ignore[call-overload]
    ) as process:
        until((desk / "waiting").exists)
        for number in signals:
            process.send_signal(number)
            time.sleep(0.3)  # of two at once, the same ones are one
        _, error = process.communicate(timeout=120)
        assert error == ""
    return process


def ended_while_writing(
    desk: Path, command: str, name: str, *signals: int, **options: object
) -> subprocess.Popen[str]:
    return ended_while_waiting(desk, HOOK.format(name=name), command, *signals, **options)  # type: ignore[arg-type]


def left_over(desk: Path) -> list[Path]:
    return list(desk.rglob(".dde-*"))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
@pytest.mark.parametrize("command", COMMANDS)
def test_nothing_is_left_over(desk: Path, command: str, number: int) -> None:
    # Of a batch that waits for the frame under way, no more than the first Ctrl-C.
    signals = [number] * (2 if "batch" in command and number == signal.SIGINT else 1)
    process = ended_while_writing(desk, command, COMMANDS[command], *signals)
    assert process.returncode == -number
    assert left_over(desk) == []


@pytest.mark.parametrize(
    "signals",
    [("SIGHUP",), ("SIGQUIT",), ("SIGXCPU",), ("SIGTERM", "SIGHUP"), 4 * ("SIGINT",)],
)
def test_whatever_the_signal(desk: Path, signals: tuple[str, ...]) -> None:
    numbers = [getattr(signal, name) for name in signals]
    command = "compare a.png b.png --report found.json"
    process = ended_while_writing(desk, command, "found.json", *numbers)
    assert -process.returncode in numbers
    assert left_over(desk) == []


@pytest.mark.parametrize("hook", [WHILE_IT_STARTS, WHILE_IT_ENDS], ids=["starts", "ends"])
@pytest.mark.parametrize("module", ["dde", "dde_command"])
def test_ctrl_c_while_python_starts_and_ends(desk: Path, module: str, hook: str) -> None:
    process = ended_while_waiting(
        desk, hook, "compare a.png b.png", signal.SIGINT, module=module, stdout=subprocess.DEVNULL
    )
    assert process.returncode == -signal.SIGINT


def test_ctrl_c_in_quick_succession(desk: Path) -> None:
    """Whatever it interrupts, from where the command begins to import."""
    (desk / "hook").mkdir()
    hook = WAITING.format(seconds=0) + WHILE_IT_STARTS
    (desk / "hook" / "sitecustomize.py").write_text(hook)
    command = "-m dde_command compare a.png b.png --report found.json".split()
    for attempt in range(20):
        with subprocess.Popen(
            [sys.executable, *command],
            env=os.environ | {"PYTHONPATH": str(desk / "hook")},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
        ) as process:
            until((desk / "waiting").exists)
            time.sleep(0.02 * attempt)
            while process.poll() is None:
                process.send_signal(signal.SIGINT)
                time.sleep(0.001)
            assert process.stderr and process.stderr.read() == b""
        assert process.returncode in (0, -signal.SIGINT)
        assert left_over(desk) == []
        (desk / "waiting").unlink()


@pytest.mark.skipif(not shutil.which("bash"), reason="needs bash")
def test_ctrl_c_ends_the_loop_of_a_shell(desk: Path) -> None:
    (desk / "hook").mkdir()
    hook = WAITING.format(seconds=60) + HOOK.format(name="found.json")
    (desk / "hook" / "sitecustomize.py").write_text(hook)
    command = f"{sys.executable} -m dde_command compare a.png b.png --report found.json"
    with subprocess.Popen(
        ["bash", "-c", f"for i in 1 2 3; do {command}; echo $?; done"],
        env=os.environ | {"PYTHONPATH": str(desk / "hook")},
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as shell:
        until((desk / "waiting").exists)
        os.killpg(shell.pid, signal.SIGINT)
        output, _ = shell.communicate(timeout=120)
    assert (shell.returncode, output) == (-signal.SIGINT, b"")


def test_what_is_ignored_ends_nothing(desk: Path) -> None:
    """As `nohup` has it."""
    process = ended_while_writing(
        desk, "compare a.png b.png --report found.json", "found.json", signal.SIGHUP,
        seconds=2, preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_IGN),
    )  # fmt: skip
    assert process.returncode == 0
    assert (desk / "found.json").exists()


def test_a_program_that_uses_dde_keeps_its_signals(
    desk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def handler(number: int, frame: object) -> None:
        raise AssertionError

    before = signal.signal(signal.SIGTERM, handler)
    try:
        with monkeypatch.context() as patched:
            patched.setattr(signal, "signal", handler)
            dde.inspect("a.png", "b.png").save("found.json")
            dde.learn_reference(["a.png", "b.png"]).save("learned.npz")
            assert len(list(inspect_frames([Frame("a", Path("a.png"), Path("b.png"))], "out"))) == 1
        assert run("compare", "a.png", "b.png", "--report", "found.json").status == 0
        assert signal.getsignal(signal.SIGTERM) is handler
    finally:
        signal.signal(signal.SIGTERM, before)
    assert run("compare", "a.png", "b.png", "--report", "found.json").status == 0
    assert signal.getsignal(signal.SIGTERM) is before


def test_system_exit_waits_for_no_frame(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither between two results."""
    (desk / "hook").mkdir()
    hook = WAITING.format(seconds=30) + HOOK.format(name="b.json")
    (desk / "hook" / "sitecustomize.py").write_text(hook)
    monkeypatch.setenv("PYTHONPATH", str(desk / "hook"))
    frames = [Frame(name, Path("a.png"), Path("b.png")) for name in ("a", "b")]
    results = inspect_frames(frames, "out", workers=2)
    assert next(results).frame.name == "a"
    until((desk / "waiting").exists)
    with pytest.raises(SystemExit):
        results.throw(SystemExit(3))
    assert [path.name for path in desk.glob("out/frames/*")] == ["a.json"]
    assert left_over(desk) == []


def test_the_command_within_a_thread(desk: Path) -> None:
    """Python handles signals in the first one alone."""
    found = []
    command = ("compare", "a.png", "b.png", "--report", "found.json")
    thread = threading.Thread(target=lambda: found.append(run(*command).status))
    thread.start()
    thread.join()
    assert found == [0]
