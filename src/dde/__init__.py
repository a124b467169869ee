"""Measures how different two colours look, for millions of pixels at once."""

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
from dde.model import Model, load_model
from dde.threads import get_num_threads, num_threads, set_num_threads
from dde.version import __version__

__all__ = [
    "Model",
    "__version__",
    "adapt",
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "delta_e",
    "delta_e_map",
    "get_num_threads",
    "hyab",
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
