"""What this installation is made of."""

import platform

import numpy

from dde import _core
from dde.threads import get_num_threads


def config() -> dict[str, str]:
    from dde import __version__

    return {
        "dde": __version__,
        "instruction set": f"{_core.instruction_set} (available: "
        f"{', '.join(_core.instruction_sets)})",
        "OpenMP": "yes" if _core.openmp else "no (single-threaded)",
        "threads": str(get_num_threads()),
        "NumPy": numpy.__version__,
        "Python": f"{platform.python_version()} on {platform.machine()}",
    }


def show_config() -> None:
    for name, value in config().items():
        print(f"{name:16} {value}")
