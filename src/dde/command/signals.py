"""The signals that end the command while it writes."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Those that end a program that does not handle them; Ctrl-C is Python's. Windows has SIGTERM alone.
ENDING = [
    getattr(signal, name)
    for name in ("SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU")
    if hasattr(signal, name)
]


@contextmanager
def cleaning_up() -> Iterator[None]:
    """
    Lets a signal end the command only after what is unfinished is removed, as Ctrl-C does.

    Anywhere else nothing is to be removed, and a signal ends the command at once, even in the midst
    of a decoder, which Python would wait for. A signal that is ignored, or that the program around
    the command handles, is left alone.
    """
    in_first_thread = threading.current_thread() is threading.main_thread()
    handled = [
        number
        for number in ENDING
        if in_first_thread and signal.getsignal(number) is signal.SIG_DFL
    ]
    received: list[int] = []

    def end(number: int, frame: object) -> None:
        if not received:  # a second one must not end the removal
            received.append(number)
            raise SystemExit(128 + number)

    try:
        for number in handled:
            signal.signal(number, end)
        yield
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)
        for number in received:
            signal.raise_signal(number)
