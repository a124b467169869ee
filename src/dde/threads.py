"""How many threads the kernels use."""

from collections.abc import Iterator
from contextlib import contextmanager

from dde import _core


def _checked(n: int) -> int:
    if isinstance(n, bool) or not isinstance(n, int):
        raise TypeError(f"n must be a whole number of threads, not {n!r}")
    if n < 1:
        raise ValueError(f"n must be at least 1 thread, not {n}")
    return n


def get_num_threads() -> int:
    return _core.get_threads()


def set_num_threads(n: int | None) -> None:
    _core.set_process_threads(None if n is None else _checked(n))


@contextmanager
def num_threads(n: int) -> Iterator[None]:
    token = _core.context_threads.set(_checked(n))
    try:
        yield
    finally:
        _core.context_threads.reset(token)
