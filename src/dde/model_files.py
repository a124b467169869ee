"""Reads the files of trained models: safetensors, and the DeepDeltaE project's folders of .npy.

The safetensors format is a length, a JSON header and raw numbers, so that these few lines read it
and NumPy stays the only dependency. Nothing that can hold code (a pickle) is ever opened.
"""

import json
import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

FORMAT_VERSION = 1
# The layers of the Siamese network, as torch names them, and their shapes (outputs, inputs).
LAYERS = {"encoder.0": (64, 3), "encoder.2": (128, 64), "head.0": (64, 128), "head.2": (1, 64)}


class StoredModel(NamedTuple):
    """What a file says: weight and bias of each layer, μ and σ of the target, and its metadata."""

    layers: list[tuple[np.ndarray, np.ndarray]]
    mu: float
    sigma: float
    info: dict[str, Any]


def read_model(path: Path) -> StoredModel:
    """
    Read a safetensors file, or a folder of the DeepDeltaE project.

    Raises
    ------
    FileNotFoundError
        If there is nothing of that name.
    ValueError
        If it is damaged, of another layout or shape, not finite, or of a later version.
    """
    if not path.exists():
        raise FileNotFoundError(f"there is no model {path}")
    return _read_folder(path) if path.is_dir() else _read_safetensors(path)


def _read_safetensors(path: Path) -> StoredModel:
    content = path.read_bytes()
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        raise ValueError(f"{path} is no safetensors file, or is cut short")
    try:
        header = json.loads(content[8 : 8 + size])
        metadata = {key: _parsed(text) for key, text in header.pop("__metadata__").items()}
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise ValueError(f"{path} is no safetensors file of dde: its header is damaged") from None
    _check_version(path, metadata)
    data = memoryview(content)[8 + size :]
    tensors = {name: _tensor(path, name, entry, data) for name, entry in header.items()}
    constants = metadata.get("constants")
    if not isinstance(constants, dict):
        raise ValueError(f"{path} lacks the constants of its model")
    mu, sigma = constants.get("target_mean"), constants.get("target_std")
    return _checked(path, tensors, mu, sigma, metadata)


def _parsed(text: Any) -> Any:
    """Metadata are strings; whatever is not plain text is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _check_version(path: Path, metadata: dict[str, Any]) -> None:
    if metadata.get("format") != "dde":
        raise ValueError(f"{path} is no model of dde: its metadata do not say so")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        raise ValueError(
            f"{path} is in format version {version!r}; this dde reads version {FORMAT_VERSION}"
        )
    if metadata.get("architecture") != "siamese":
        raise ValueError(
            f"{path} holds a model of architecture {metadata.get('architecture')!r}; "
            f"this dde knows 'siamese'"
        )


def _tensor(path: Path, name: str, entry: Any, data: memoryview) -> np.ndarray:
    try:
        start, end = entry["data_offsets"]
        if entry["dtype"] != "F32" or not 0 <= start <= end <= len(data):
            raise ValueError
        return np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ValueError(f"{path} is damaged or cut short: tensor {name!r}") from None


def _read_folder(folder: Path) -> StoredModel:
    """The DeepDeltaE project's files, in either of the two spellings that it used."""
    older = (folder / "encoder_0_W.npy").exists()
    weight, bias = ("W", "B") if older else ("weight", "bias")
    tensors = {}
    for layer in LAYERS:
        stem = layer.replace(".", "_")
        tensors[f"{layer}.weight"] = _load_npy(folder / f"{stem}_{weight}.npy")
        tensors[f"{layer}.bias"] = _load_npy(folder / f"{stem}_{bias}.npy")
    if older:
        mu, sigma = _norm_constants(folder / "norm_constants.json")
    else:
        mu, sigma = (_load_npy(folder / f"NORM_{name}.npy") for name in ("MEAN", "STD"))
    return _checked(folder, tensors, mu, sigma, {"architecture": "siamese"})


def _load_npy(file: Path) -> np.ndarray:
    if not file.exists():
        raise ValueError(f"{file.parent} is no model folder: it lacks {file.name}")
    try:
        with file.open("rb") as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except (ValueError, OSError, EOFError, SyntaxError, MemoryError) as error:
        raise ValueError(f"{file} is no plain .npy file: {error}") from None


def _norm_constants(file: Path) -> tuple[Any, Any]:
    try:
        constants = json.loads(file.read_bytes())
        return constants["y_mean"], constants["y_std"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{file} must hold y_mean and y_std as JSON") from None


def _checked(
    path: Path, tensors: dict[str, np.ndarray], mu: Any, sigma: Any, info: dict[str, Any]
) -> StoredModel:
    layers = []
    for name, shape in LAYERS.items():
        weight = _checked_tensor(path, tensors, f"{name}.weight", shape)
        bias = _checked_tensor(path, tensors, f"{name}.bias", shape[:1])
        layers.append((weight, bias))
    return StoredModel(layers, _finite(path, "μ", mu), _finite(path, "σ", sigma), info)


def _finite(path: Path, name: str, value: Any) -> float:
    number = np.asarray(value)
    if number.size != 1 or number.dtype.kind not in "fiu" or not math.isfinite(number.item()):
        raise ValueError(f"{path}: {name} of the target must be a finite number")
    return float(number.item())


def _checked_tensor(
    path: Path, tensors: dict[str, np.ndarray], name: str, shape: tuple[int, ...]
) -> np.ndarray:
    if name not in tensors:
        raise ValueError(f"{path} lacks the tensor {name}")
    tensor = tensors[name]
    if tensor.shape != shape or tensor.dtype.kind != "f":
        raise ValueError(
            f"{path}: the tensor {name} must be floats of shape {shape}, "
            f"not {tensor.dtype} of {tensor.shape}"
        )
    if not np.isfinite(tensor).all():
        raise ValueError(f"{path}: the tensor {name} is not finite")
    return tensor
