"""The program that uses dde, and interrupts it."""

import signal
import traceback
from functools import partial
from types import CodeType


def pass_on(error: BaseException) -> None:
    """
    Raises what a signal handler raised, if that is what an exception is or was caused by.

    It is how programs limit the time of what they call, and it is of any kind, `TimeoutError`
    perhaps. So whatever turns exceptions of others into sentences calls this first.

    Examples
    --------
    >>> def handler(number, frame):
    ...     raise TimeoutError("it takes too long")
    >>> before = signal.signal(signal.SIGINT, handler)
    >>> try:
    ...     signal.raise_signal(signal.SIGINT)
    ... except OSError as error:
    ...     pass_on(error)
    Traceback (most recent call last):
    TimeoutError: it takes too long
    >>> _ = signal.signal(signal.SIGINT, before)
    """
    handlers = {_code(signal.getsignal(number)) for number in signal.valid_signals()} - {None}
    cause: BaseException | None = error
    while cause:
        if any(frame.f_code in handlers for frame, _ in traceback.walk_tb(cause.__traceback__)):
            raise cause
        cause = cause.__cause__


def _code(handler: object) -> CodeType | None:
    """What a handler runs, if that is Python: a function, a method, or what acts as one."""
    while isinstance(handler, partial):
        handler = handler.func
    if not callable(handler):  # such as SIG_DFL
        return None
    called = handler if hasattr(handler, "__code__") else type(handler).__call__
    return getattr(called, "__code__", None)
