"""The weights of the networks that ship, for the peers that run them too."""

from importlib.resources import files
from pathlib import Path

import numpy as np

from dde.metrics.model_files import StoredModel, read_model

SIAMESE_PAIR = 25_024  # multiplications and additions of a pair, by the shapes of the layers


def _shipped(name: str) -> StoredModel:
    return read_model(Path(str(files("dde") / "weights" / f"{name}.safetensors")))


SIAMESE, DEEP = _shipped("siamese"), _shipped("deep")
MU, SIGMA = SIAMESE.constants
SMALL, LARGE, LAB_UNIT = DEEP.constants


def layer(model: StoredModel, name: str) -> tuple[np.ndarray, np.ndarray | None]:
    """The weights (outputs, inputs) of a layer, and its bias where it has one."""
    return model.tensors[f"{name}.weight"], model.tensors.get(f"{name}.bias")
