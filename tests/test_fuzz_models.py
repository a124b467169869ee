"""Whatever is in a model file: it is refused by its name, or its model computes.

DDE_FUZZ in the environment says how many examples are tried of each.
"""

import copy
import io
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from test_fuzz_job import places
from test_models import (
    DEEP_LAYERS,
    DEEP_METADATA,
    LAYERS,
    Tensors,
    metadata,
    use_if_accepted,
    write_folder,
)

EXAMPLES = int(os.environ.get("DDE_FUZZ", "60"))
bounded = settings(
    derandomize=True,
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
RNG = np.random.default_rng(5)


def drawn(shapes: dict[str, tuple[int, ...]]) -> Tensors:
    return {name: RNG.normal(0, 0.1, shape).astype(np.float32) for name, shape in shapes.items()}


SIAMESE = drawn(
    {
        f"{layer}.{part}": shape if part == "weight" else shape[:1]
        for layer, shape in LAYERS.items()
        for part in ("weight", "bias")
    }
)
MODELS = {
    "siamese": (SIAMESE, metadata()),
    "deep": (drawn(DEEP_LAYERS[1]), DEEP_METADATA[1]),
    "deep, edition 2": (drawn(DEEP_LAYERS[2]), DEEP_METADATA[2]),
}

NUMBERS = (0, -0.0, 1, -1, 3, 64, 128, 2**31, 2**63, 10**400, 1e-46, 1e38, 1e39, 1e308)
WORDS = ("", "F32", "F16", "I64", "dde", "deep", "siamese", "1", "2", "NaN", "[1]", "\ud800")
LEAVES = st.sampled_from([*NUMBERS, *WORDS, float("inf"), float("nan"), None, True, [], {}])
KEYS = st.sampled_from(
    "dtype shape data_offsets format format_version architecture edition constants scale small "
    "large lab_unit target_mean target_std __metadata__ linear.weight hidden.0.bias".split()
)
THINGS = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3)
)
# What the numbers of a tensor may be, as the bits of a float32.
BITS = st.sampled_from([0, 0x80000000, 1, 0x7F7FFFFF, 0x7F800000, 0xFF800000, 0x7FC00000]) | (
    st.integers(0, 2**32 - 1)
)


def header_and_data(tensors: Tensors, meta: dict[str, str]) -> tuple[dict[str, Any], bytearray]:
    """As in a safetensors file; the constants are open to be changed, too."""
    header: dict[str, Any] = {"__metadata__": {**meta, "constants": json.loads(meta["constants"])}}
    data = bytearray()
    for name, tensor in tensors.items():
        end = len(data) + tensor.nbytes
        header[name] = {
            "dtype": "F32",
            "shape": list(tensor.shape),
            "data_offsets": [len(data), end],
        }
        data += tensor.tobytes()
    return header, data


def mutate(draw: st.DrawFn, header: dict[str, Any]) -> None:
    """Up to three things are taken out, put elsewhere, or replaced."""
    for _ in range(draw(st.integers(0, 3))):
        within = header.get("__metadata__") if draw(st.booleans()) else header
        holder, key = draw(st.sampled_from(places(within) or places(header)))
        other, other_key = draw(st.sampled_from(places(header)))
        change = draw(st.integers(0, 3))
        if change == 0:
            del holder[key]
        elif change == 1:
            holder[key] = draw(THINGS)
        elif change == 2:
            holder[key] = copy.deepcopy(other[other_key])
        else:
            holder[key], other[other_key] = other[other_key], holder[key]
        if not header:
            return


@st.composite
def safetensors_files(draw: st.DrawFn) -> bytes:
    """A model of which the header says something else, and some numbers are others."""
    header, data = header_and_data(*MODELS[draw(st.sampled_from(list(MODELS)))])
    mutate(draw, header)
    meta = header.get("__metadata__")
    if isinstance(meta, dict):  # its values are text
        texts = {key: v if isinstance(v, str) else json.dumps(v) for key, v in meta.items()}
        header["__metadata__"] = texts
    for place, bits in draw(
        st.lists(st.tuples(st.integers(0, len(data) // 4 - 1), BITS), max_size=4)
    ):
        data[4 * place : 4 * place + 4] = bits.to_bytes(4, "little")
    text = json.dumps(header).encode()
    size = draw(st.sampled_from([len(text)] * 8 + [0, len(text) - 1, len(text) + 1, 2**63]))
    cut = draw(st.sampled_from([None] * 8 + [-1]))
    return size.to_bytes(8, "little") + text + bytes(data[:cut])


@bounded
@given(content=safetensors_files())
def test_a_safetensors_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(content)
    with np.errstate(all="ignore"):
        use_if_accepted(path)


@bounded
@given(
    start=st.sampled_from([b"", b"\2\0\0\0\0\0\0\0{}", b"\xff" * 8, b"\x93NUMPY\1\0", b"\x80\x04"]),
    rest=st.binary(max_size=300),
)
def test_any_bytes(tmp_path: Path, start: bytes, rest: bytes) -> None:
    path = tmp_path / "model"
    path.write_bytes(start + rest)
    use_if_accepted(path)


@st.composite
def npy_files(draw: st.DrawFn, tensor: np.ndarray) -> bytes:
    """An array of another type, shape or order, or a file with bytes that are others."""
    kinds = ["f4", ">f4", "f8", "f2", "g", "i4", "?", "c8", "S4", "U4", "M8[s]", "f4,f4"]
    shapes = [tensor.shape, tensor.shape[::-1], (*tensor.shape, 1), (tensor.size,), (), (0, 3)]
    kind, shape = np.dtype(draw(st.sampled_from(kinds))), draw(st.sampled_from(shapes))
    array = np.zeros(shape, kind)
    if kind.kind in "fi" and shape != (0, 3):
        array[...] = np.resize(tensor * draw(st.sampled_from([1, 0, 1e30, -1])), shape)
    if draw(st.booleans()):
        array = np.asfortranarray(array)
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=False)
    content = bytearray(buffer.getvalue())
    changes = st.tuples(st.integers(0, min(140, len(content) - 1)), st.integers(0, 255))
    for place, value in draw(st.lists(changes, max_size=2)):
        content[place] = value
    return bytes(content[: draw(st.sampled_from([None, None, len(content) // 2]))])


@pytest.mark.parametrize("spelling", ["W", "weight"])
@bounded
@given(data=st.data())
@pytest.mark.filterwarnings("ignore:Reading `.npy`", "ignore::RuntimeWarning")
def test_a_folder_of_npy_files(tmp_path: Path, spelling: str, data: Any) -> None:
    write_folder(tmp_path, SIAMESE, spelling)
    files = sorted(tmp_path.iterdir())
    for file in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=2, unique=True)):
        if file.suffix == ".npy":
            file.write_bytes(data.draw(npy_files(np.load(file))))
        else:
            constants = {"y_mean": data.draw(THINGS), "y_std": data.draw(THINGS)}
            file.write_text(json.dumps(constants))
    with np.errstate(all="ignore"):
        use_if_accepted(tmp_path)
