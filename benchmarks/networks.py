"""The weights of the Siamese network that ships, for the peers that run it too."""

from importlib.resources import files
from pathlib import Path

import numpy as np

from dde.model_files import read_model

PAIR = 25_024  # multiplications and additions of a pair, by the shapes of the layers

_stored = read_model(Path(str(files("dde") / "weights" / "siamese.safetensors")))
MU, SIGMA = _stored.constants


def layer(name: str) -> tuple[np.ndarray, np.ndarray]:
    """The weights (outputs, inputs) and the bias of a layer."""
    return _stored.tensors[f"{name}.weight"], _stored.tensors[f"{name}.bias"]
