"""What several tests share. Each file states and tests one promise."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings

# No test asserts a time, the first call of a function included. What Hypothesis searches in full
# with the best instruction set, it samples with the others.
settings.register_profile("dde", deadline=None, max_examples=300)
settings.register_profile("dde with DDE_ISA", deadline=None, max_examples=60)
settings.load_profile("dde with DDE_ISA" if os.environ.get("DDE_ISA") else "dde")

# What a shell starts in the background ignores Ctrl-C and SIGQUIT, and what nohup starts the end of
# the terminal; so would what tests start and end by these signals.
USUAL = {"SIGINT": signal.default_int_handler, "SIGQUIT": signal.SIG_DFL, "SIGHUP": signal.SIG_DFL}
for name, usual in USUAL.items():
    number = getattr(signal, name, None)  # Windows has no SIGHUP
    if number is not None and signal.getsignal(number) is signal.SIG_IGN:
        signal.signal(number, usual)

FreshPython = Callable[..., str]


@pytest.fixture(params=[np.float32, np.float64], ids=["float32", "float64"])
def real(request: pytest.FixtureRequest) -> type[np.floating]:
    """Each of the two precisions."""
    return request.param


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(20250101)


@pytest.fixture
def fresh_python(tmp_path: Path) -> FreshPython:
    """
    Runs a program in a Python process of its own, and returns what it prints.

    A program that fails, or hangs, fails the test.
    """

    def run(program: str, *, timeout: float = 60, **environment: str) -> str:
        file = tmp_path / "program.py"
        file.write_text(program)
        try:
            done = subprocess.run(
                [sys.executable, file],
                env=os.environ | environment,
                capture_output=True,
                text=True,
                timeout=timeout,
            )
        except subprocess.TimeoutExpired as hang:
            pytest.fail(f"hung for {timeout} s; it had printed {hang.stdout!r}, {hang.stderr!r}")
        if done.returncode != 0:
            pytest.fail(f"exit status {done.returncode}:\n{done.stdout}{done.stderr}")
        return done.stdout.strip()

    return run
