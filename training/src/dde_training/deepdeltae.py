"""
The files of the DeepDeltaE project, and the mis-scaled Lab behind its published figures.

The project (https://github.com/Auspiow/DeepDeltaE) published R = 0.9253 for its network and 0.7754
for CIEDE2000. It passed XYZ on 0 to 100 to a function that wants 0 to 1 and took every white for
D65, so its L* reach 480; and its network was measured on the pairs that it was trained on.
"""

import json
import os
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

import dde
import numpy as np
import scipy.stats
import torch

from dde_training.data import ColourSet, Pairs, combine
from dde_training.errors import UserError
from dde_training.files import read_json_object
from dde_training.models.siamese import Siamese, SiameseConfig
from dde_training.statistics import stress
from dde_training.weights import tensors

# What the project calls the weights and biases of a layer, and where it keeps μ and σ: in
# norm_constants.json beside W and B, in NORM_MEAN.npy and NORM_STD.npy beside weight and bias.
Spelling = Literal["W", "weight"]
ENDINGS: dict[Spelling, dict[str, str]] = {
    "W": {"weight": "W", "bias": "B"},
    "weight": {"weight": "weight", "bias": "bias"},
}
LAYERS = ("encoder.0", "encoder.2", "head.0", "head.2")


def _file_name(layer: str, part: str, spelling: Spelling) -> str:
    return f"{layer.replace('.', '_')}_{ENDINGS[spelling][part]}.npy"


def write_npy(folder: Path, model: Siamese, spelling: Spelling) -> None:
    """
    Write a Siamese model as the DeepDeltaE project does: a ``.npy`` file for each tensor.

    Parameters
    ----------
    folder : pathlib.Path
        Must not be there yet, or be empty; it appears with all its files at once.
    model : Siamese
    spelling : {"W", "weight"}
        ``encoder_0_W.npy``, ``encoder_0_B.npy`` … ``norm_constants.json``, or
        ``encoder_0_weight.npy``, ``encoder_0_bias.npy`` … ``NORM_MEAN.npy``, ``NORM_STD.npy``.

    Raises
    ------
    UserError
        If the folder holds something.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UserError(f"{folder}: must be a new or empty folder")
    folder.parent.mkdir(parents=True, exist_ok=True)
    mean, std = model.constants["target_mean"], model.constants["target_std"]
    with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as name:
        beside = Path(name, folder.name)
        beside.mkdir()
        for tensor, values in tensors(model).items():
            layer, part = tensor.rsplit(".", 1)
            np.save(beside / _file_name(layer, part, spelling), values)
        if spelling == "W":
            constants = {"y_mean": mean, "y_std": std}
            (beside / "norm_constants.json").write_text(json.dumps(constants, indent=2) + "\n")
        else:
            np.save(beside / "NORM_MEAN.npy", np.float64(mean))
            np.save(beside / "NORM_STD.npy", np.float64(std))
        os.replace(beside, folder)


def read_npy(folder: Path) -> Siamese:
    """
    Read a Siamese model from ``.npy`` files in either spelling; see `write_npy`.

    Raises
    ------
    UserError
        If a file is missing, holds no plain array or has another shape.
    """
    spelling: Spelling = "W" if (folder / "encoder_0_W.npy").exists() else "weight"
    if spelling == "W":
        constants = read_json_object(folder / "norm_constants.json")
        mean, std = constants.get("y_mean"), constants.get("y_std")
    else:
        mean, std = (_load(folder / f"NORM_{name}.npy").item() for name in ("MEAN", "STD"))
    if not isinstance(mean, float) or not isinstance(std, float):
        raise UserError(f"{folder}: the mean and spread of the target must be numbers")
    model = Siamese(SiameseConfig(), target_mean=mean, target_std=std)
    arrays = {
        f"{layer}.{part}": _load(folder / _file_name(layer, part, spelling))
        for layer in LAYERS
        for part in ("weight", "bias")
    }
    try:
        model.load_state_dict({name: torch.from_numpy(array) for name, array in arrays.items()})
    except RuntimeError as error:
        raise UserError(f"{folder}: {error}") from None
    return model.eval()


def _load(file: Path) -> np.ndarray:
    try:
        return np.asarray(np.load(file, allow_pickle=False))
    except OSError as error:
        raise UserError(f"{file}: {error.strerror}") from None
    except ValueError as error:
        raise UserError(f"{file}: {error}") from None


def mis_scaled(pairs: Pairs) -> Pairs:
    """
    The pairs with the Lab that the DeepDeltaE project gave its network.

    XYZ on 0 to 100 is taken for 0 to 1, and every white for D65, 2° observer.
    """
    lab = np.asarray(dde.xyz_to_lab(pairs.xyz, "D65"))
    return replace(pairs, lab=lab)


@dataclass(frozen=True)
class Claim:
    """R and STRESS of the network and of CIEDE2000 on one kind of Lab."""

    lab: str
    network: tuple[float, float]
    ciede2000: tuple[float, float]


def claims(model: Siamese, sets: list[ColourSet]) -> list[Claim]:
    """
    The project's figures as it got them, and with correct Lab.

    Parameters
    ----------
    model : Siamese
        The project's weights, from `read_npy`.
    sets : list of ColourSet

    Returns
    -------
    list of Claim
        For the mis-scaled Lab, and for correct Lab: relative to each set's own white, relative to
        D65 as the project took every white to be, and adapted to D65.
    """
    own = combine(sets)
    kinds = {
        "mis-scaled": mis_scaled(own),
        "own white": own,
        "taken for D65": replace(own, lab=np.asarray(dde.xyz_to_lab(own.xyz / 100, "D65"))),
        "adapted to D65": combine(sets, "D65"),
    }
    found = []
    for name, pairs in kinds.items():
        ciede2000 = np.asarray(dde.ciede2000(pairs.lab[:, 0], pairs.lab[:, 1]))
        both = (
            (float(scipy.stats.pearsonr(values, pairs.dv).statistic), stress(values, pairs.dv))
            for values in (model.predict(pairs), ciede2000)
        )
        found.append(Claim(name, *both))
    return found
