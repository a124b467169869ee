"""What this installation is made of."""

import platform

import numpy

from dde import _core
from dde.threads import get_num_threads
from dde.version import __version__


def show_config() -> None:
    """
    Print the version, the instruction set in use and those available, OpenMP and the threads.

    The instruction set is the best that this CPU has; the environment variable ``DDE_ISA``, read
    when dde is imported, names a lower one.

    Examples
    --------
    >>> import dde
    >>> dde.show_config()  # doctest: +ELLIPSIS
    dde              ...
    instruction set  ... (available: ...)
    OpenMP           ...
    threads          ...
    NumPy            ...
    Python           ...
    """
    rows = {
        "dde": __version__,
        "instruction set": (
            f"{_core.instruction_set} (available: {', '.join(_core.instruction_sets)})"
        ),
        "OpenMP": "yes" if _core.openmp else "no (single-threaded)",
        "threads": get_num_threads(),
        "NumPy": numpy.__version__,
        "Python": f"{platform.python_version()} on {platform.machine()}",
    }
    for name, value in rows.items():
        print(f"{name:16} {value}")
