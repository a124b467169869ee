"""The signals that end the command while it writes."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager

# Those that end a program that does not handle them. Windows has SIGTERM, and of Ctrl-C SIGINT.
ENDING = [
    getattr(signal, name)
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGXCPU")
    if hasattr(signal, name)
]


@contextmanager
def cleaning_up(patient: bool = False) -> Iterator[list[int]]:
    """
    Lets a signal end the command only after what is unfinished is removed.

    Anywhere else nothing is to be removed, and a signal ends the command at once, even in the midst
    of a decoder, which Python would wait for. A signal that is ignored, or that the program around
    the command handles, such as Python itself, is left alone.

    `patient` leaves it to the caller what the first Ctrl-C ends; yielded is what was received.
    """
    in_first_thread = threading.current_thread() is threading.main_thread()
    handled = [
        number
        for number in ENDING
        if in_first_thread and signal.getsignal(number) is signal.SIG_DFL
    ]
    received: list[int] = []

    def end(number: int, frame: object) -> None:
        received.append(number)
        ending = 2 if patient and received[0] == signal.SIGINT else 1
        if len(received) == ending:  # another one must not end the removal
            raise SystemExit(128 + number)

    try:
        for number in handled:
            signal.signal(number, end)
        yield received
    finally:
        for number in handled:
            signal.signal(number, signal.SIG_DFL)
        for number in received:
            signal.raise_signal(number)
