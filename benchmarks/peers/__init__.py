"""Us and the peers: one module each, and in it one function for each task that the peer has.

Besides its tasks a module has ``NAME``, ``VERSION``, ``threads(n)``, a context in which it uses
that many threads, and, where they are not the usual ones,

- ``TYPES``: the floating-point types that it computes in;
- ``TOLERANCE``: how far its results may lie from ours.
"""

from importlib import import_module
from types import ModuleType

MODULES = (
    "ours", "scikit_image", "colour_science", "libvips", "opencv", "kornia", "numba_loop",
    "torch_network", "numpy_network", "nvidia_flip", "yardstick",
)  # fmt: skip


def find_peers() -> tuple[list[ModuleType], list[str]]:
    """The modules of the peers that are installed, and the names of the others'."""
    found, missing = [], []
    for name in MODULES:
        try:
            found.append(import_module(f"peers.{name}"))
        except (ImportError, OSError):  # OSError: the package is there, the library is not
            missing.append(name)
    return found, missing


def has(peer: ModuleType, task: str, type_: str) -> bool:
    types = getattr(peer, "TYPES", ("float32", "float64"))
    return hasattr(peer, task) and (type_ == "uint8" or type_ in types)
