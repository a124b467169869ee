"""Measures how different two colours look, for millions of pixels at once."""

from typing import TYPE_CHECKING, Any

from dde.adaptation import adapt
from dde.config import show_config
from dde.conversions import (
    lab_to_xyz,
    oklab_to_xyz,
    srgb_to_lab,
    srgb_to_xyz,
    xyz_to_lab,
    xyz_to_oklab,
    xyz_to_srgb,
)
from dde.differences import cie76, cie94, ciede2000, cmc, hyab
from dde.images import delta_e_map
from dde.metrics import delta_e
from dde.model import Model, deep_delta_e, load_model
from dde.threads import get_num_threads, num_threads, set_num_threads
from dde.version import __version__

if TYPE_CHECKING:
    from dde.inspection import Inspection, inspect

__all__ = [
    "Inspection",
    "Model",
    "__version__",
    "adapt",
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "deep_delta_e",
    "delta_e",
    "delta_e_map",
    "get_num_threads",
    "hyab",
    "inspect",
    "lab_to_xyz",
    "load_model",
    "num_threads",
    "oklab_to_xyz",
    "set_num_threads",
    "show_config",
    "srgb_to_lab",
    "srgb_to_xyz",
    "xyz_to_lab",
    "xyz_to_oklab",
    "xyz_to_srgb",
]


def __getattr__(name: str) -> Any:
    """Imports what is for inspections when first asked for: that takes as long as the rest."""
    if name in ("Inspection", "inspect"):
        from dde import inspection

        return getattr(inspection, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
