"""The command ``dde``, run within the process of the tests; and what waits for one that is not."""

import contextlib
import io
import re
import time
from collections.abc import Callable
from typing import NamedTuple

from dde.command import main


class Result(NamedTuple):
    status: int
    output: str
    error: str


def run(*arguments: object) -> Result:
    """Runs the command and keeps what it prints."""
    output, error = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(output), contextlib.redirect_stderr(error):
        status = main([str(argument) for argument in arguments])
    return Result(status, output.getvalue(), error.getvalue())


def compare(*arguments: object) -> Result:
    """Runs ``dde compare``."""
    return run("compare", *arguments)


def assert_refused(result: Result, *words: str) -> None:
    """It ended with one sentence, which has these words, and printed nothing else."""
    assert result.status == 2
    assert result.output == ""
    assert re.fullmatch(r"dde: [^\n]+\n", result.error), result.error
    for word in words:
        assert word in result.error


def until(happened: Callable[[], object]) -> None:
    """Waits for what another process does; in vain, it fails."""
    end = time.monotonic() + 120
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)
