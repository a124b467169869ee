"""A fitted network as one safetensors file, and for other programs as ONNX."""

import json
from pathlib import Path
from typing import Any, Literal

import torch

from dde_training.errors import UserError
from dde_training.export import write_graph
from dde_training.photographs.networks import Distance, find_network
from dde_training.weights import Metadata, metadata_of, read_tensors, write_tensors

FORMAT = "dde-photographs"
FormatName = Literal["safetensors", "onnx"]


def write_network(file: Path, model: Distance, provenance: Metadata) -> None:
    """
    Write a network as a safetensors file.

    Parameters
    ----------
    file : pathlib.Path
    model : Distance
    provenance : dict
        From `dde_training.photographs.pipeline.fit`.
    """
    arrays = {name: values.float().cpu().numpy() for name, values in model.state_dict().items()}
    write_tensors(file, arrays, metadata_of(model, provenance, FORMAT))


def read_network(path: Path) -> tuple[Distance, Metadata]:
    """
    Read a network, ready to measure; of the recipe that it was fitted with nothing is needed.

    Parameters
    ----------
    path : pathlib.Path
        A safetensors file, or the folder in which a fit left one.

    Returns
    -------
    Distance
    dict
        The provenance, as `write_network` took it.

    Raises
    ------
    UserError
        If the file is not there, is damaged, or is no network of photographs.
    """
    file, strings, state = read_tensors(path, FORMAT)
    kind = find_network(strings.get("architecture", ""))
    if strings.get("edition") != str(kind.edition):
        raise UserError(
            f"{file}: is edition {strings.get('edition')} of {kind.name}, and dde-train works on "
            f"edition {kind.edition}"
        )
    try:
        constants: dict[str, Any] = json.loads(strings["constants"])
        model = kind(**constants)
        model.load_state_dict(state)
        provenance = {key: json.loads(strings[key]) for key in ("input", "training", "data")}
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(f"{file}: the network is damaged: {error}") from error
    return model.eval(), provenance


def write_onnx(file: Path, model: Distance, provenance: Metadata) -> None:
    """
    Write an ONNX graph of the distance.

    The inputs ``reference`` and ``sample`` are sRGB in [0, 1], (N, 3, side, side) with the side of
    the constants; the output ``difference`` has shape (N,).
    """
    side = model.constants["side"]
    # Two tensors of two pictures: one given twice would be taken for one input, and one of a
    # single picture for a constant.
    example = torch.zeros(2, 3, side, side), torch.ones(2, 3, side, side)
    write_graph(
        file,
        model,
        example,
        ["reference", "sample"],
        "difference",
        metadata_of(model, provenance, FORMAT),
    )


WRITERS = {"safetensors": write_network, "onnx": write_onnx}
