"""How many threads the kernels use.

The default is OpenMP's own, so that ``OMP_NUM_THREADS``, CPU affinity and threadpoolctl are
honoured. Small arrays are worked off by the calling thread alone. A process that was forked
always uses one thread, because OpenMP's do not survive a fork. Where the system does not start so
many, a Python thread uses fewer from then on.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from operator import index

from dde import _core

MOST_THREADS = _core.most_threads


def _checked(n: int) -> int:
    try:
        n = index(n)
    except TypeError:
        raise TypeError(f"n must be a whole number of threads, not {n!r}") from None
    if not 1 <= n <= MOST_THREADS:
        raise ValueError(f"n must be from 1 to {MOST_THREADS} threads, not {n}")
    return n


def get_num_threads() -> int:
    """
    The number of threads that a call made here may use: from 1 to 1024.

    It is 1, whatever has been set, in a process that was forked and in a build without OpenMP
    (`dde.show_config` says whether this is one).

    Examples
    --------
    >>> import dde
    >>> with dde.num_threads(1):
    ...     dde.get_num_threads()
    1
    """
    return _core.get_threads()


def set_num_threads(n: int | None) -> None:
    """
    Set the number of threads for the whole process.

    Parameters
    ----------
    n : int or None
        From 1 to 1024; None for OpenMP's own default.

    Raises
    ------
    TypeError
        If n is not a whole number.
    ValueError
        If n is less than 1 or more than 1024.

    Examples
    --------
    >>> import dde
    >>> dde.set_num_threads(1)
    >>> dde.get_num_threads()
    1
    >>> dde.set_num_threads(None)
    """
    _core.set_process_threads(None if n is None else _checked(n))


@contextmanager
def num_threads(n: int) -> Iterator[None]:
    """
    Set the number of threads inside a ``with`` block, for the calling Python thread alone.

    Parameters
    ----------
    n : int
        From 1 to 1024.

    Raises
    ------
    TypeError
        If n is not a whole number.
    ValueError
        If n is less than 1 or more than 1024.

    Examples
    --------
    >>> import dde
    >>> with dde.num_threads(1):
    ...     dde.get_num_threads()
    1
    """
    token = _core.context_threads.set(_checked(n))
    try:
        yield
    finally:
        _core.context_threads.reset(token)
