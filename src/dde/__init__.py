"""Measures how different two colours look, for millions of pixels at once."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

import dde_command

try:
    dde_command.begin_if_started()
    from dde.extras import asking_for as _asking_for

    with _asking_for(None, "dde"):
        from numpy import ndarray as _ndarray  # noqa: F401

        from dde import _core as _core
except Exception as error:
    dde_command.end_if_started(error)
    raise

from dde import errors
from dde.config import show_config
from dde.errors import (
    CameraFileError,
    DdeError,
    ImageFileError,
    JobFileError,
    ModelFileError,
    RegistrationError,
    TableFileError,
)
from dde.metrics.components import Components
from dde.metrics.distances import huang_power
from dde.metrics.formulas import cie76, cie94, ciede2000, cmc, hyab, hych
from dde.metrics.models import Model, deep_delta_e, load_model
from dde.metrics.table import delta_e
from dde.spaces.adaptation import adapt
from dde.spaces.appearance import Appearance, ViewingConditions, cam16
from dde.spaces.conversions import (
    lab_to_xyz,
    oklab_to_xyz,
    srgb_to_lab,
    srgb_to_xyz,
    xyz_to_lab,
    xyz_to_oklab,
    xyz_to_srgb,
)
from dde.spaces.space import Curve, Space, convert
from dde.threads import get_num_threads, num_threads, set_num_threads
from dde.version import __version__

if TYPE_CHECKING:
    from dde.cameras.camera import Camera
    from dde.cameras.chart import flat_field, read_chart
    from dde.cameras.detecting import find_chart
    from dde.cameras.fitting import fit_camera
    from dde.images.map import delta_e_map
    from dde.images.opening import open_image
    from dde.images.sliced_wasserstein import SlicedWasserstein, sliced_wasserstein
    from dde.inspection import Inspection, inspect
    from dde.learned import Reference, load_reference
    from dde.learning import Learning, learn_reference
    from dde.pictures.flip_maps import flip_exposures, flip_map, flip_summary
    from dde.pictures.viewing import Viewing
    from dde.registration.alignment import Alignment
    from dde.registration.registering import Registration, register
    from dde.spectra.conversions import spectra_to_lab, spectra_to_xyz
    from dde.spectra.metamerism import metamerism_index
    from dde.variation import Variation

# Where the rest is, which is imported when it is first asked for: pictures, files, charts and
# spectra take longer to import than all colours do.
_LATER = {
    "Alignment": "dde.registration.alignment",
    "Camera": "dde.cameras.camera",
    "Inspection": "dde.inspection",
    "Learning": "dde.learning",
    "Reference": "dde.learned",
    "Registration": "dde.registration.registering",
    "SlicedWasserstein": "dde.images.sliced_wasserstein",
    "Variation": "dde.variation",
    "Viewing": "dde.pictures.viewing",
    "delta_e_map": "dde.images.map",
    "find_chart": "dde.cameras.detecting",
    "fit_camera": "dde.cameras.fitting",
    "flat_field": "dde.cameras.chart",
    "flip_exposures": "dde.pictures.flip_maps",
    "flip_map": "dde.pictures.flip_maps",
    "flip_summary": "dde.pictures.flip_maps",
    "inspect": "dde.inspection",
    "learn_reference": "dde.learning",
    "load_reference": "dde.learned",
    "metamerism_index": "dde.spectra.metamerism",
    "open_image": "dde.images.opening",
    "read_chart": "dde.cameras.chart",
    "register": "dde.registration.registering",
    "sliced_wasserstein": "dde.images.sliced_wasserstein",
    "spectra_to_lab": "dde.spectra.conversions",
    "spectra_to_xyz": "dde.spectra.conversions",
}

__all__ = [
    "Alignment",
    "Appearance",
    "Camera",
    "CameraFileError",
    "Components",
    "Curve",
    "DdeError",
    "ImageFileError",
    "Inspection",
    "JobFileError",
    "Learning",
    "Model",
    "ModelFileError",
    "Reference",
    "Registration",
    "RegistrationError",
    "SlicedWasserstein",
    "Space",
    "TableFileError",
    "Variation",
    "Viewing",
    "ViewingConditions",
    "__version__",
    "adapt",
    "cam16",
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "convert",
    "deep_delta_e",
    "delta_e",
    "delta_e_map",
    "errors",
    "find_chart",
    "fit_camera",
    "flat_field",
    "flip_exposures",
    "flip_map",
    "flip_summary",
    "get_num_threads",
    "huang_power",
    "hyab",
    "hych",
    "inspect",
    "lab_to_xyz",
    "learn_reference",
    "load_model",
    "load_reference",
    "metamerism_index",
    "num_threads",
    "oklab_to_xyz",
    "open_image",
    "read_chart",
    "register",
    "set_num_threads",
    "show_config",
    "sliced_wasserstein",
    "spectra_to_lab",
    "spectra_to_xyz",
    "srgb_to_lab",
    "srgb_to_xyz",
    "xyz_to_lab",
    "xyz_to_oklab",
    "xyz_to_srgb",
]


def __getattr__(name: str) -> Any:
    if name in _LATER:
        globals()[name] = found = getattr(import_module(_LATER[name]), name)
        return found
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
