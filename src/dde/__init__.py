"""Measures how different two colours look, for millions of pixels at once."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from dde import errors
from dde.config import show_config
from dde.errors import DdeError, ImageFileError, JobFileError, ModelFileError, TableFileError
from dde.images.map import delta_e_map
from dde.metrics.formulas import cie76, cie94, ciede2000, cmc, hyab
from dde.metrics.models import Model, deep_delta_e, load_model
from dde.metrics.table import delta_e
from dde.pictures.flip_maps import flip_exposures, flip_map, flip_summary
from dde.pictures.viewing import Viewing
from dde.spaces.adaptation import adapt
from dde.spaces.conversions import (
    lab_to_xyz,
    oklab_to_xyz,
    srgb_to_lab,
    srgb_to_xyz,
    xyz_to_lab,
    xyz_to_oklab,
    xyz_to_srgb,
)
from dde.threads import get_num_threads, num_threads, set_num_threads
from dde.version import __version__

if TYPE_CHECKING:
    from dde.images.opening import open_image
    from dde.inspection import Inspection, inspect

# Imported when first asked for, since that takes as long as all the rest.
_LATER = {
    "Inspection": "dde.inspection",
    "inspect": "dde.inspection",
    "open_image": "dde.images.opening",
}

__all__ = [
    "DdeError",
    "ImageFileError",
    "Inspection",
    "JobFileError",
    "Model",
    "ModelFileError",
    "TableFileError",
    "Viewing",
    "__version__",
    "adapt",
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "deep_delta_e",
    "delta_e",
    "delta_e_map",
    "errors",
    "flip_exposures",
    "flip_map",
    "flip_summary",
    "get_num_threads",
    "hyab",
    "inspect",
    "lab_to_xyz",
    "load_model",
    "num_threads",
    "oklab_to_xyz",
    "open_image",
    "set_num_threads",
    "show_config",
    "srgb_to_lab",
    "srgb_to_xyz",
    "xyz_to_lab",
    "xyz_to_oklab",
    "xyz_to_srgb",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        return getattr(import_module(_LATER[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
