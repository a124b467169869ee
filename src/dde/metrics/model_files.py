"""Reads the files of trained models: safetensors, and the DeepDeltaE project's folders of .npy.

The safetensors format is a length, a JSON header and raw numbers, so that these few lines read it
and NumPy stays the only dependency. Nothing that can hold code (a pickle) is ever opened.
"""

import hashlib
import json
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from dde import _core
from dde.errors import ModelFileError
from dde.host import pass_on
from dde.reading import open_regular, read_whole
from dde.wording import in_a_line

FORMAT_VERSION = 1
MOST_UNITS = _core.most_units  # of a layer, for the kernels
MOST_NESTED = 20  # lists and objects of the metadata, one in another

Shapes = dict[str, tuple[int, ...]]

# The tensors of the Siamese network, as torch names them and lays them out: (outputs, inputs).
SIAMESE: Shapes = {
    "encoder.0.weight": (64, 3),
    "encoder.0.bias": (64,),
    "encoder.2.weight": (128, 64),
    "encoder.2.bias": (128,),
    "head.0.weight": (64, 128),
    "head.0.bias": (64,),
    "head.2.weight": (1, 64),
    "head.2.bias": (1,),
}
CONSTANTS = {
    ("siamese", 1): ("target_mean", "target_std"),
    ("deep", 1): ("scale",),
    ("deep", 2): ("small", "large", "lab_unit"),
}
PARTS = ("small", "large")  # of the second edition of the deep metric
ARCHITECTURES = tuple(dict.fromkeys(architecture for architecture, _ in CONSTANTS))
POSITIVE = ("target_std", "scale", "small", "large", "lab_unit")
LEAST, MOST = 1e-6, 1e6  # of those, so that float32 has room for what is made of them


def _deep_shapes(tensors: dict[str, np.ndarray], edition: int) -> Shapes:
    """The tensors of the deep metric, for as many units as the file has."""

    def units(tensor: str, inputs: int = 1) -> int:
        return tensors[tensor].size // inputs if tensor in tensors else 0

    if edition == 1:
        hidden, outputs = units("layers.0.bias"), units("linear.weight", 3)
        return {
            **_hidden_shapes("layers", hidden),
            "linear.weight": (outputs, 3),
            "layers.4.weight": (outputs, hidden),
        }
    hidden = units("hidden.0.bias")
    shapes = _hidden_shapes("hidden", hidden)
    for part in PARTS:
        outputs = units(f"{part}.linear.weight", 3)
        shapes[f"{part}.linear.weight"] = (outputs, 3)
        shapes[f"{part}.bent.weight"] = (outputs, hidden)
    return shapes


def _hidden_shapes(name: str, units: int) -> Shapes:
    return {
        f"{name}.0.weight": (units, 3),
        f"{name}.0.bias": (units,),
        f"{name}.2.weight": (units, units),
        f"{name}.2.bias": (units,),
    }


class StoredModel(NamedTuple):
    """What a file says: the architecture and its edition, the tensors and constants, and all its
    metadata; and the SHA-256 of the file, or of the .npy files of a folder one after another, as
    SIAMESE has them."""

    architecture: str
    edition: int
    tensors: dict[str, np.ndarray]
    constants: list[float]
    info: dict[str, Any]
    sha256: str


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
    if path.is_dir():
        return _read_folder(path)
    if not path.is_file():
        raise ModelFileError(f"{path} is no regular file")
    return _read_safetensors(path)


def _read_safetensors(path: Path) -> StoredModel:
    try:
        content = read_whole(path)
    except ValueError as error:
        pass_on(error)
        raise ModelFileError(f"{path} is no model of dde: {error}") from None
    size = int.from_bytes(content[:8], "little")
    if len(content) < 8 or size > len(content) - 8:
        raise ModelFileError(f"{path} is no safetensors file, or is cut short")
    try:
        header = json.loads(content[8 : 8 + size])
        metadata = {key: _parsed(text) for key, text in header.pop("__metadata__").items()}
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise ModelFileError(
            f"{path} is no safetensors file of dde: its header is damaged"
        ) from None
    if _nested_beyond(metadata, MOST_NESTED):
        raise ModelFileError(f"{path}: its metadata are nested more than {MOST_NESTED} deep")
    _check_version(path, metadata)
    data = memoryview(content)[8 + size :]
    tensors = {name: _tensor(path, name, entry, data) for name, entry in header.items()}
    digest = hashlib.sha256(content).hexdigest()
    return _checked(path, tensors, metadata.get("constants"), metadata, digest)


def _parsed(text: Any) -> Any:
    """Metadata are strings; whatever is not plain text is JSON."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _nested_beyond(value: Any, levels: int) -> bool:
    """Whether there are more levels of lists and objects than so many."""
    if not isinstance(value, (dict, list)):
        return False
    items = value.values() if isinstance(value, dict) else value
    return levels == 0 or any(_nested_beyond(item, levels - 1) for item in items)


def _check_version(path: Path, metadata: dict[str, Any]) -> None:
    if metadata.get("format") != "dde":
        raise ModelFileError(f"{path} is no model of dde: its metadata do not say so")
    version = metadata.get("format_version")
    if version != FORMAT_VERSION:
        raise ModelFileError(
            f"{path} is in format version {version!r}; this dde reads version {FORMAT_VERSION}"
        )
    architecture, edition = metadata.get("architecture"), metadata.setdefault("edition", 1)
    if architecture not in ARCHITECTURES:
        raise ModelFileError(
            f"{path} holds a model of architecture {architecture!r}; "
            f"this dde knows {' and '.join(ARCHITECTURES)}"
        )
    if type(edition) is not int or (architecture, edition) not in CONSTANTS:
        raise ModelFileError(
            f"{path} holds edition {edition!r} of {architecture}, which this dde does not know"
        )


def _tensor(path: Path, name: str, entry: Any, data: memoryview) -> np.ndarray:
    try:
        start, end = entry["data_offsets"]
        if entry["dtype"] != "F32" or not 0 <= start <= end <= len(data):
            raise ValueError
        return np.frombuffer(data[start:end], dtype="<f4").reshape(entry["shape"])
    except (KeyError, TypeError, ValueError, OverflowError):
        raise ModelFileError(f"{path} is damaged or cut short: tensor {name!r}") from None


def _read_folder(folder: Path) -> StoredModel:
    """The DeepDeltaE project's files, in either of the two spellings that it used."""
    older = (folder / "encoder_0_W.npy").exists()
    spelling = {"weight": "W", "bias": "B"} if older else {"weight": "weight", "bias": "bias"}
    tensors = {}
    digest = hashlib.sha256()
    for name in SIAMESE:
        layer, part = name.rsplit(".", 1)
        file = folder / f"{layer.replace('.', '_')}_{spelling[part]}.npy"
        tensors[name] = _load_npy(file)
        digest.update(read_whole(file))
    if older:
        mu, sigma = _norm_constants(folder / "norm_constants.json")
    else:
        mu, sigma = (_load_npy(folder / f"NORM_{name}.npy") for name in ("MEAN", "STD"))
    constants = {"target_mean": mu, "target_std": sigma}
    return _checked(
        folder, tensors, constants, {"architecture": "siamese", "edition": 1}, digest.hexdigest()
    )


def _load_npy(file: Path) -> np.ndarray:
    if not file.exists():
        raise ModelFileError(f"{file.parent} is no model folder: it lacks {file.name}")
    try:
        with open_regular(file) as stream:
            return np.lib.format.read_array(stream, allow_pickle=False)
    except Exception as error:  # what NumPy evaluates the header with fails in many ways
        pass_on(error)
        raise ModelFileError(f"{file} is no plain .npy file: {in_a_line(error)}") from None


def _norm_constants(file: Path) -> tuple[Any, Any]:
    try:
        constants = json.loads(read_whole(file))
        return constants["y_mean"], constants["y_std"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        raise ModelFileError(f"{file} must hold y_mean and y_std as JSON") from None


def _checked(
    path: Path, tensors: dict[str, np.ndarray], constants: Any, info: dict[str, Any], digest: str
) -> StoredModel:
    architecture, edition = info["architecture"], info["edition"]
    shapes = SIAMESE if architecture == "siamese" else _deep_shapes(tensors, edition)
    for name, shape in shapes.items():
        _check_tensor(path, tensors, name, shape)
    numbers = [_constant(path, constants, name) for name in CONSTANTS[architecture, edition]]
    tensors = {name: tensors[name] for name in shapes}
    if edition == 2 and sum(len(tensors[f"{part}.linear.weight"]) for part in PARTS) > MOST_UNITS:
        raise ModelFileError(f"{path}: the two parts have more than {MOST_UNITS} units together")
    return StoredModel(architecture, edition, tensors, numbers, info, digest)


def _check_tensor(
    path: Path, tensors: dict[str, np.ndarray], name: str, shape: tuple[int, ...]
) -> None:
    if name not in tensors:
        raise ModelFileError(f"{path} lacks the tensor {name}")
    tensor = tensors[name]
    if tensor.shape != shape or tensor.dtype.kind != "f" or 0 in shape:
        raise ModelFileError(
            f"{path}: the tensor {name} must be floats of shape {shape}, "
            f"not {tensor.dtype} of {tensor.shape}"
        )
    if max(shape) > MOST_UNITS:
        raise ModelFileError(f"{path}: the tensor {name} has more than {MOST_UNITS} units")
    if not _finite_in_float32(tensor):
        raise ModelFileError(f"{path}: the tensor {name} is not finite")


def _finite_in_float32(numbers: np.ndarray) -> bool:
    """Whether they are finite in both precisions of the kernels."""
    return bool((np.abs(numbers) <= np.finfo(np.float32).max).all())


def _constant(path: Path, constants: Any, name: str) -> float:
    if not isinstance(constants, dict) or name not in constants:
        raise ModelFileError(f"{path} lacks the constant {name}")
    try:
        number = np.asarray(constants[name])
    except ValueError:  # lists of unequal lengths
        number = np.empty(0)
    if number.size != 1 or number.dtype.kind not in "fiu" or not _finite_in_float32(number):
        raise ModelFileError(f"{path}: the constant {name} must be a finite number")
    value = float(number.item())
    if name in POSITIVE and not LEAST <= value <= MOST:
        raise ModelFileError(
            f"{path}: the constant {name} must be from {LEAST:g} to {MOST:g}, not {value:g}"
        )
    return value
