"""A trained model as one safetensors file, whose layout the README describes."""

import json
from pathlib import Path
from typing import Any, ClassVar, Protocol

import numpy as np
import torch
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from dde_training.configuration import make_config
from dde_training.errors import UserError
from dde_training.files import write_bytes
from dde_training.models import Model, find_model

FILE = "model.safetensors"
FORMAT = "dde"
FORMAT_VERSION = 1  # of every format

Metadata = dict[str, Any]


def tensors(model: Model) -> dict[str, np.ndarray]:
    """The weights of a model by name, float32, shapes as torch has them."""
    state = model.state_dict().items()
    return {name: value.cpu().numpy().astype(np.float32) for name, value in state}


class Described(Protocol):
    """What a weight file says of its model."""

    name: ClassVar[str]
    edition: ClassVar[int]

    @property
    def constants(self) -> Any: ...


def metadata_of(model: Described, provenance: Metadata, form: str = FORMAT) -> Metadata:
    """All that a weight file says beside its tensors: what the model is, and where it is from."""
    return {
        "format": form,
        "format_version": FORMAT_VERSION,
        "architecture": model.name,
        "edition": model.edition,
        "constants": model.constants,
        **provenance,
    }


def as_strings(metadata: Metadata) -> dict[str, str]:
    """Metadata as safetensors and ONNX hold it: text as it is, everything else as JSON."""
    return {
        key: value if isinstance(value, str) else json.dumps(value, sort_keys=True)
        for key, value in metadata.items()
    }


def write_model(file: Path, model: Model, provenance: Metadata) -> None:
    """
    Write a model as a safetensors file.

    Parameters
    ----------
    file : pathlib.Path
    model : Model
    provenance : dict
        The keys ``input``, ``training``, ``data``, ``data_sha256`` and ``evaluation``.
    """
    write_tensors(file, tensors(model), metadata_of(model, provenance))


def write_tensors(file: Path, arrays: dict[str, np.ndarray], metadata: Metadata) -> None:
    """Write a safetensors file whose metadata are strings; equal contents are equal files."""
    write_bytes(file, _ordered(save(arrays, as_strings(metadata))))


def _ordered(content: bytes) -> bytes:
    """A safetensors file with its metadata sorted, so that equal models are equal files."""
    start = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:start])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the tensors that follow stay aligned
    return len(text).to_bytes(8, "little") + text + content[start:]


def read_model(path: Path) -> tuple[Model, Metadata]:
    """
    Read a safetensors file, or the one that a fit left in a folder.

    Returns
    -------
    Model
    dict
        The provenance, as `write_model` took it.

    Raises
    ------
    UserError
        If the file is not there, is damaged, or is of a newer format.
    """
    file, strings, state = read_tensors(path, FORMAT)
    edition = strings.get("edition", "1")  # the first edition did not say
    kind = find_model(strings.get("architecture", ""))
    if edition != str(kind.edition):
        raise UserError(
            f"{file}: is edition {edition} of {kind.name}, and dde-train works on "
            f"edition {kind.edition}"
        )
    try:
        return _model(kind, strings, state)
    except (KeyError, RuntimeError, TypeError, ValueError) as error:
        raise UserError(f"{file}: the model is damaged: {error}") from error


def read_tensors(path: Path, form: str) -> tuple[Path, dict[str, str], dict[str, torch.Tensor]]:
    """
    Read a safetensors file, or the one in a folder: its path, its metadata and its tensors.

    Raises
    ------
    UserError
        If the file is not there, is damaged, or is not of this format and version.
    """
    file = path / FILE if path.is_dir() else path
    if not file.exists():
        raise UserError(f"{file}: there is no such file")
    try:
        with safe_open(file, framework="pt") as stored:
            strings = stored.metadata() or {}
            state = {name: stored.get_tensor(name) for name in stored.keys()}  # noqa: SIM118
    except SafetensorError as error:
        raise UserError(f"{file}: no safetensors file: {error}") from error
    for name, tensor in state.items():
        if not tensor.isfinite().all():
            raise UserError(f"{file}: is damaged: {name} is not finite")
    if strings.get("format") != form or strings.get("format_version") != str(FORMAT_VERSION):
        raise UserError(f"{file}: is no {form} model in format {FORMAT_VERSION}")
    return file, strings, state


def _model(
    kind: type[Model], strings: dict[str, str], state: dict[str, torch.Tensor]
) -> tuple[Model, Metadata]:
    keys = ("input", "training", "data", "evaluation")
    provenance = {key: json.loads(strings[key]) for key in keys}
    provenance["data_sha256"] = strings["data_sha256"]
    config = make_config(kind.config_type, provenance["training"]["config"])
    model = kind(config, **json.loads(strings["constants"]))
    model.load_state_dict(state)
    return model.eval(), provenance
