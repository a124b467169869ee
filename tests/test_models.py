"""A model file is read or refused with the reason, and the network's kernel computes the network.

The reference is the network in a few lines of NumPy, in float64, on weights drawn here.
"""

import json
import os
import pickle
import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dde
from dde.inspection.tally import Tally
from dde.metrics.table import kernel_of

LAYERS = {"encoder.0": (64, 3), "encoder.2": (128, 64), "head.0": (64, 128), "head.2": (1, 64)}
MU, SIGMA = 0.8, 0.4
WHITE = np.array([95.047, 100.0, 108.883])

Tensors = dict[str, np.ndarray]


@pytest.fixture(scope="module")
def tensors() -> Tensors:
    rng = np.random.default_rng(7)
    drawn: Tensors = {}
    for name, shape in LAYERS.items():
        drawn[f"{name}.weight"] = rng.normal(0, shape[1] ** -0.5, shape).astype(np.float32)
        drawn[f"{name}.bias"] = rng.normal(0, 0.1, shape[0]).astype(np.float32)
    drawn["encoder.0.weight"] /= 30  # Lab is not of unit size
    return drawn


def metadata(**changes: Any) -> dict[str, str]:
    constants = {"target_mean": MU, "target_std": SIGMA}
    known = {"format": "dde", "format_version": "1", "architecture": "siamese"}
    return known | {"constants": json.dumps(constants)} | changes


def safetensors(tensors: Tensors, meta: dict[str, str]) -> bytes:
    header: dict[str, Any] = {"__metadata__": meta}
    data = b""
    for name, tensor in tensors.items():
        end = len(data) + tensor.nbytes
        kind = {"f": "F32", "i": "I32"}[tensor.dtype.kind]
        header[name] = {"dtype": kind, "shape": tensor.shape, "data_offsets": [len(data), end]}
        data += tensor.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + data


@pytest.fixture
def file(tmp_path: Path, tensors: Tensors) -> Path:
    path = tmp_path / "model.safetensors"
    path.write_bytes(safetensors(tensors, metadata()))
    return path


@pytest.fixture
def model(file: Path) -> dde.Model:
    return dde.load_model(file)


@pytest.fixture
def pairs(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    lab = rng.uniform([0, -80, -80], [100, 80, 80], (1001, 3))
    return lab, lab + rng.normal(0, 8, lab.shape)


def encoded(tensors: Tensors, lab: np.ndarray) -> np.ndarray:
    for layer in ("encoder.0", "encoder.2"):
        weight, bias = (tensors[f"{layer}.{part}"].astype(float) for part in ("weight", "bias"))
        lab = np.maximum(lab @ weight.T + bias, 0)
    return lab


def expected(tensors: Tensors, lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    distance = np.abs(encoded(tensors, lab1) - encoded(tensors, lab2))
    hidden = np.maximum(distance @ tensors["head.0.weight"].T + tensors["head.0.bias"], 0)
    y = (hidden @ tensors["head.2.weight"].T + tensors["head.2.bias"])[..., 0]
    return np.maximum(np.exp(y * SIGMA + MU) - 1, 0)


# ---- The kernel ---------------------------------------------------------------------------


def test_float64_is_the_network(model: dde.Model, tensors: Tensors, pairs: Any) -> None:
    np.testing.assert_allclose(model(*pairs), expected(tensors, *pairs), rtol=1e-12)


def test_float32_is_within_1e_4(model: dde.Model, tensors: Tensors, pairs: Any) -> None:
    single = [lab.astype(np.float32) for lab in pairs]
    result = model(*single)
    assert result.dtype == np.float32
    np.testing.assert_allclose(result, expected(tensors, *single), rtol=1e-4)


@pytest.mark.parametrize("size", [1, 2, 15, 16, 17, 47, 48, 49, 239, 240, 241, 1001])
def test_a_pair_counts_for_itself_alone(model: dde.Model, pairs: Any, size: int) -> None:
    lab1, lab2 = (lab[:size] for lab in pairs)
    np.testing.assert_array_equal(model(lab1, lab2), model(*pairs)[:size])


def test_one_colour_on_a_side_gives_the_same(
    model: dde.Model, real: type[np.floating], pairs: Any
) -> None:
    lab, other = pairs[0].astype(real), pairs[1][0].astype(real)
    repeated = np.broadcast_to(other, lab.shape).copy()
    np.testing.assert_array_equal(model(lab, other), model(lab, repeated))
    np.testing.assert_array_equal(model(other, lab), model(repeated, lab))
    np.testing.assert_array_equal(model(lab, other[None, None]), model(lab, repeated)[None])


def test_it_broadcasts_and_takes_out(model: dde.Model, pairs: Any) -> None:
    lab1, lab2 = pairs[0][:7], pairs[1][:5]
    every = model(lab1[:, None], lab2)
    assert every.shape == (7, 5)
    assert every[3, 2] == model(lab1[3], lab2[2])
    out = np.empty((7, 5))
    assert model(lab1[:, None], lab2, out=out) is out
    np.testing.assert_array_equal(out, every)


def test_nan_and_infinity_give_nan_for_their_pair_alone(model: dde.Model, pairs: Any) -> None:
    lab1, lab2 = (lab.copy() for lab in pairs)
    lab1[3, 0], lab2[500, 2] = np.nan, np.inf
    wrong = np.flatnonzero(np.isnan(model(lab1, lab2)))
    assert wrong.tolist() == [3, 500]


def test_embed_is_the_encoder(
    model: dde.Model, tensors: Tensors, real: type[np.floating], pairs: Any
) -> None:
    lab = pairs[0].astype(real).reshape(7, 143, 3)
    embedding = model.embed(lab)
    assert embedding.shape == (7, 143, 128)
    assert embedding.dtype == real
    tolerance = 1e-4 if real is np.float32 else 1e-12
    np.testing.assert_allclose(embedding, encoded(tensors, lab.astype(float)), atol=tolerance)
    assert model.embed(lab[:0]).shape == (0, 143, 128)


def test_legacy_input_is_xyz_on_0_to_100_taken_for_0_to_1(
    file: Path, tensors: Tensors, pairs: Any
) -> None:
    legacy = dde.load_model(file, legacy_input=True)
    mis_scaled = [dde.xyz_to_lab(dde.lab_to_xyz(lab, WHITE), WHITE / 100) for lab in pairs]
    np.testing.assert_allclose(legacy(*pairs), expected(tensors, *mis_scaled), rtol=1e-9)


# ---- The deep metric ----------------------------------------------------------------------

SMALL, LARGE, H, LAB_UNIT = 5, 3, 21, 25.0  # no even number of units


def hidden(name: str) -> dict[str, tuple[int, ...]]:
    return {
        f"{name}.0.weight": (H, 3),
        f"{name}.0.bias": (H,),
        f"{name}.2.weight": (H, H),
        f"{name}.2.bias": (H,),
    }


DEEP_LAYERS = {
    1: {"linear.weight": (LARGE, 3), **hidden("layers"), "layers.4.weight": (LARGE, H)},
    2: {
        **hidden("hidden"),
        "small.linear.weight": (SMALL, 3),
        "small.bent.weight": (SMALL, H),
        "large.linear.weight": (LARGE, 3),
        "large.bent.weight": (LARGE, H),
    },
}
# The first edition says neither that it is the first, nor its unit of Lab.
DEEP_METADATA = {
    1: metadata(architecture="deep", constants=json.dumps({"scale": 1.7})),
    2: metadata(
        architecture="deep",
        edition="2",
        constants=json.dumps({"small": 2.6, "large": 1.7, "lab_unit": LAB_UNIT, "visual": 0.5}),
    ),
}


@pytest.fixture(scope="module", params=[1, 2])
def edition(request: pytest.FixtureRequest) -> int:
    return int(request.param)


@pytest.fixture(scope="module")
def deep_tensors(edition: int) -> Tensors:
    rng = np.random.default_rng(8)
    return {
        name: rng.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)
        for name, shape in DEEP_LAYERS[edition].items()
    }


@pytest.fixture
def deep_file(tmp_path: Path, edition: int, deep_tensors: Tensors) -> Path:
    path = tmp_path / "deep.safetensors"
    path.write_bytes(safetensors(deep_tensors, DEEP_METADATA[edition]))
    return path


def coordinates(tensors: Tensors, edition: int, lab: np.ndarray) -> list[np.ndarray]:
    """The parts of the definition in kernels/networks/deep.h, in float64."""

    def squareplus(t: np.ndarray) -> np.ndarray:
        return (t + np.sqrt(t * t + 4)) / 2

    u, name = (lab / 30, "layers") if edition == 1 else (lab / LAB_UNIT, "hidden")
    units = u
    for layer in (f"{name}.0", f"{name}.2"):
        units = squareplus(units @ tensors[f"{layer}.weight"].T + tensors[f"{layer}.bias"])
    parts = {
        1: [("linear", "layers.4")],
        2: [(f"{p}.linear", f"{p}.bent") for p in ("small", "large")],
    }
    return [
        u @ tensors[f"{linear}.weight"].T + units @ tensors[f"{bent}.weight"].T
        for linear, bent in parts[edition]
    ]


def test_deep_is_its_definition(
    deep_file: Path, edition: int, deep_tensors: Tensors, real: type[np.floating], pairs: Any
) -> None:
    lab1, lab2 = (lab.astype(real) for lab in pairs)
    model = dde.load_model(deep_file)
    f1, f2 = (coordinates(deep_tensors, edition, lab.astype(float)) for lab in (lab1, lab2))
    r = [np.linalg.norm(one - other, axis=-1) for one, other in zip(f1, f2, strict=True)]
    if edition == 1:
        expected = 1.7 * (np.sqrt(1 + 2 * r[0]) - 1)
    else:
        small, large = np.minimum(r[0] / 2.6, 5 / 4), r[1] / 1.7
        expected = 2.6 * (small - (4 / 5) ** 4 * small**5 / 5) + 1.7 * (np.sqrt(1 + 2 * large) - 1)
    result = model(lab1, lab2)
    tolerance = 1e-4 if real is np.float32 else 1e-12
    np.testing.assert_allclose(result, expected, rtol=tolerance)
    np.testing.assert_allclose(model.embed(lab1), np.hstack(f1), atol=30 * tolerance)
    assert model.info["edition"] == edition
    whose = {
        1: {"large": slice(0, LARGE)},
        2: {"small": slice(0, SMALL), "large": slice(SMALL, SMALL + LARGE)},
    }
    assert model.parts == whose[edition]


def test_deep_is_zero_and_symmetric_to_the_last_bit(
    deep_file: Path, real: type[np.floating], pairs: Any
) -> None:
    lab1, lab2 = (lab.astype(real) for lab in pairs)
    model = dde.load_model(deep_file)
    assert np.all(model(lab1, lab1.copy()) == 0)
    assert np.all(model(lab1, lab1[7])[7] == 0)
    np.testing.assert_array_equal(model(lab1, lab2), model(lab2, lab1))


def test_deep_keeps_the_triangle_inequality(deep_file: Path, rng: np.random.Generator) -> None:
    model = dde.load_model(deep_file)
    x, y, z = rng.uniform([0, -100, -100], [100, 100, 100], (3, 100_000, 3))
    assert np.all(model(x, z) <= (model(x, y) + model(y, z)) * (1 + 1e-12))


def test_deep_has_no_legacy_input(deep_file: Path) -> None:
    with pytest.raises(ValueError, match="legacy_input"):
        dde.load_model(deep_file, legacy_input=True)


def test_deep_files_of_wrong_shape(tmp_path: Path, edition: int, deep_tensors: Tensors) -> None:
    first = next(name for name in DEEP_LAYERS[edition] if name.endswith("0.bias"))
    wide = deep_tensors | {first: np.zeros(H + 1, np.float32)}
    flat = deep_tensors | {first: np.zeros((), np.float32)}
    path = tmp_path / "wrong.safetensors"
    for tensors in (wide, flat, {first: deep_tensors[first]}, {}):
        path.write_bytes(safetensors(tensors, DEEP_METADATA[edition]))
        with pytest.raises(ValueError, match=r"layers|linear|hidden"):
            dde.load_model(path)


@pytest.mark.parametrize("unknown", ["3", "0", '"two"', "[2]", "true", "2.0"])
def test_editions_that_are_not_known(tmp_path: Path, tensors: Tensors, unknown: str) -> None:
    path = tmp_path / "later.safetensors"
    path.write_bytes(safetensors(tensors, metadata(architecture="deep", edition=unknown)))
    with pytest.raises(ValueError, match=r"edition .* of deep"):
        dde.load_model(path)


# ---- As a metric --------------------------------------------------------------------------


def test_it_is_a_metric_wherever_one_is_asked_for(model: dde.Model, pairs: Any) -> None:
    np.testing.assert_array_equal(dde.delta_e(*pairs, metric=model), model(*pairs))
    shipped = dde.load_model("siamese")
    np.testing.assert_array_equal(dde.delta_e(*pairs, metric="Siamese"), shipped(*pairs))


def test_maps(model: dde.Model, rng: np.random.Generator) -> None:
    image, other = rng.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    lab, other_lab = dde.srgb_to_lab(image), dde.srgb_to_lab(other)
    np.testing.assert_array_equal(dde.delta_e_map(image, other, model), model(lab, other_lab))
    against_one = dde.delta_e_map(image, other[0, 0], model)
    np.testing.assert_array_equal(against_one, model(lab, other_lab[0, 0]))


def test_it_has_no_factors(model: dde.Model, pairs: Any) -> None:
    with pytest.raises(TypeError, match="kL"):
        dde.delta_e(*pairs, metric=model, kL=2)
    with pytest.raises(TypeError, match="kL is no factor of the model"):
        dde.delta_e_map(np.zeros((1, 1, 3)), np.zeros((1, 1, 3)), model, kL=2)


def test_it_crosses_processes_and_never_changes(model: dde.Model, pairs: Any) -> None:
    copied = pickle.loads(pickle.dumps(model))
    np.testing.assert_array_equal(copied(*pairs), model(*pairs))
    with pytest.raises(AttributeError):
        model.info = {}  # type: ignore[misc]
    with pytest.raises(TypeError):
        model.info["architecture"] = "other"  # type: ignore[index]


@pytest.mark.parametrize("name", ["deep", "siamese"])
def test_a_model_that_ships_says_what_it_is(name: str) -> None:
    info = dde.load_model(name).info
    assert info["architecture"] == name
    assert sum(one["pairs"] for one in info["data"]) == 3813
    assert {one["protocol"] for one in info["evaluation"]} >= {"pairs", "centres", "datasets"}


# ---- Files --------------------------------------------------------------------------------


@pytest.mark.parametrize("spelling", ["W", "weight"])
def test_folders_of_the_deepdeltae_project(
    tmp_path: Path, tensors: Tensors, pairs: Any, spelling: str
) -> None:
    write_folder(tmp_path, tensors, spelling)
    np.testing.assert_allclose(
        dde.load_model(tmp_path)(*pairs), expected(tensors, *pairs), rtol=1e-12
    )


def write_folder(folder: Path, tensors: Tensors, spelling: str) -> None:
    endings = (
        {"weight": "W", "bias": "B"} if spelling == "W" else {"weight": "weight", "bias": "bias"}
    )
    for name, tensor in tensors.items():
        layer, part = name.rsplit(".", 1)
        np.save(folder / f"{layer.replace('.', '_')}_{endings[part]}.npy", tensor)
    if spelling == "W":
        (folder / "norm_constants.json").write_text(json.dumps({"y_mean": MU, "y_std": SIGMA}))
    else:
        np.save(folder / "NORM_MEAN.npy", np.float64(MU))
        np.save(folder / "NORM_STD.npy", np.array([SIGMA]))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"format_version": "2"}, "version 2"),
        ({"format": "other"}, "no model of dde"),
        ({"architecture": "deeper"}, "deeper"),
        ({"architecture": "[1]"}, r"\[1\]"),
        ({"constants": "[]"}, "lacks the constant target_mean"),
        ({"constants": '{"target_mean": 1}'}, "lacks the constant target_std"),
        ({"constants": '{"target_mean": NaN, "target_std": 1}'}, "target_mean must be"),
        ({"constants": '{"target_mean": "1", "target_std": 1}'}, "target_mean must be"),
        ({"constants": '{"target_mean": [[1], 2], "target_std": 1}'}, "target_mean must be"),
        ({"constants": '{"target_mean": 1e300, "target_std": 1}'}, "target_mean must be"),
        ({"constants": '{"target_mean": 1, "target_std": -1}'}, "target_std must be from 1e-06"),
        ({"constants": '{"target_mean": 1, "target_std": 0}'}, "target_std must be from 1e-06"),
        ({"constants": '{"target_mean": 1, "target_std": 1e-60}'}, "target_std must be from 1e-06"),
    ],
)
def test_metadata_that_are_refused(
    tmp_path: Path, tensors: Tensors, changes: dict[str, str], reason: str
) -> None:
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors(tensors, metadata(**changes)))
    with pytest.raises(ValueError, match=reason):
        dde.load_model(path)


@pytest.mark.parametrize(
    ("tensor", "reason"),
    [
        (np.zeros((64, 4), np.float32), r"shape \(64, 3\)"),
        (np.zeros((64, 3), np.int32), "damaged"),
        (np.full((64, 3), np.nan, np.float32), "not finite"),
        (None, "lacks the tensor encoder.0.weight"),
    ],
)
def test_tensors_that_are_refused(
    tmp_path: Path, tensors: Tensors, tensor: np.ndarray | None, reason: str
) -> None:
    changed = {name: value for name, value in tensors.items() if name != "encoder.0.weight"}
    if tensor is not None:
        changed["encoder.0.weight"] = tensor
    path = tmp_path / "m.safetensors"
    path.write_bytes(safetensors(changed, metadata()))
    with pytest.raises(ValueError, match=reason) as caught:
        dde.load_model(path)
    assert str(path) in str(caught.value)


@given(cut=st.integers(0, 70_000))
def test_a_file_cut_short_is_refused(tmp_path_factory: Any, tensors: Tensors, cut: int) -> None:
    path = tmp_path_factory.mktemp("cut") / "m.safetensors"
    whole = safetensors(tensors, metadata())
    path.write_bytes(whole[: min(cut, len(whole) - 1)])
    with pytest.raises(ValueError, match=re.escape(str(path))):
        dde.load_model(path)


@given(where=st.integers(0, 1500), value=st.integers(0, 255))
def test_a_damaged_header_never_crashes(
    tmp_path_factory: Any, tensors: Tensors, where: int, value: int
) -> None:
    content = bytearray(safetensors(tensors, metadata()))
    content[where] = value
    path = tmp_path_factory.mktemp("damaged") / "m.safetensors"
    path.write_bytes(content)
    use_if_accepted(path)


@given(data=st.data())
def test_a_damaged_deep_file_never_crashes(
    tmp_path_factory: Any, deep_tensors: Tensors, data: Any
) -> None:
    """Numbers and constants are drawn, and the header damaged."""
    path = tmp_path_factory.mktemp("damaged") / "m.safetensors"
    scale = data.draw(st.floats() | st.just(1.0))
    meta = metadata(architecture="deep", constants=json.dumps({"scale": scale}))
    size = st.floats(width=32, allow_nan=False, allow_infinity=False)
    content = bytearray(
        safetensors({name: tensor * data.draw(size) for name, tensor in deep_tensors.items()}, meta)
    )
    for where, value in data.draw(
        st.lists(st.tuples(st.integers(0, 600), st.integers(0, 255)), max_size=2)
    ):
        content[where] = value
    path.write_bytes(content)
    with np.errstate(over="ignore"):
        use_if_accepted(path)


def use_if_accepted(path: Path) -> None:
    """A file is refused by its name, or its model is called and inspects."""
    try:
        model = dde.load_model(path)
    except dde.ModelFileError as error:
        assert str(path) in str(error)
        return
    lab = np.random.default_rng(2).uniform([0, -128, -128], [100, 128, 128], (2, 6, 7, 3))
    for real in (np.float32, np.float64):
        differences = model(*lab.astype(real))
        assert not np.any(differences < 0)
    tally = Tally(1, [1.0], 7)
    tally.add(kernel_of(model, {}), *lab.astype(np.float32))
    found = tally.statistics(0)
    assert found.count + found.not_finite == 6 * 7 == tally.pixels(0)
    assert tally.histogram.sum() == found.count


def test_a_pickle_is_never_read(tmp_path: Path, tensors: Tensors) -> None:
    class Trap:
        def __reduce__(self) -> tuple[Any, ...]:
            return os.mkdir, (str(tmp_path / "sprung"),)

    write_folder(tmp_path, tensors, "W")
    np.save(tmp_path / "head_2_B.npy", np.array([Trap()]), allow_pickle=True)
    with pytest.raises(ValueError, match="head_2_B"):
        dde.load_model(tmp_path)
    (tmp_path / "model.pth").write_bytes(pickle.dumps(Trap()))
    with pytest.raises(ValueError, match=r"model\.pth"):
        dde.load_model(tmp_path / "model.pth")
    assert not (tmp_path / "sprung").exists()


NPY_HEADERS = [
    b"{'descr': '<f4', 'fortran_order': False, 'shape': ((),), }",
    b"{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
    b"{'descr': [('a', 0, 1)], 'fortran_order': False, 'shape': (1,), }",
    b"{'descr': '<f4', 'fortran_order': 'no', 'shape': (1,), }",
    b"('''",
    b"\xff\xfe",
    b"(" * 50,
    b"",
]


@pytest.mark.parametrize("header", NPY_HEADERS)
@pytest.mark.parametrize("version", [1, 2, 3, 9])
def test_a_damaged_npy_header_is_refused_with_its_path(
    tmp_path: Path, tensors: Tensors, header: bytes, version: int
) -> None:
    write_folder(tmp_path, tensors, "weight")
    length = len(header).to_bytes(2 if version == 1 else 4, "little")
    file = tmp_path / "head_0_weight.npy"
    file.write_bytes(b"\x93NUMPY" + bytes([version, 0]) + length + header + b"\0" * 64)
    with pytest.raises(dde.ModelFileError, match="head_0_weight"):
        dde.load_model(tmp_path)


def test_a_tensor_of_no_dimension_is_refused(
    tmp_path: Path, edition: int, deep_tensors: Tensors
) -> None:
    path = tmp_path / "scalar.safetensors"
    for name in deep_tensors:
        scalar = deep_tensors | {name: np.array(1, np.float32)}
        path.write_bytes(safetensors(scalar, DEEP_METADATA[edition]))
        with pytest.raises(dde.ModelFileError, match="scalar"):
            dde.load_model(path)


@pytest.mark.parametrize("value", [-5, 0, -0.0, 1e-7, 1e7, 1e38])
def test_a_size_of_no_sense_is_refused(
    tmp_path: Path, edition: int, deep_tensors: Tensors, value: float
) -> None:
    path = tmp_path / "size.safetensors"
    constants = json.loads(DEEP_METADATA[edition]["constants"])
    constants.pop("visual", None)  # which is for the training package
    for name in constants:
        wrong = DEEP_METADATA[edition] | {"constants": json.dumps(constants | {name: value})}
        path.write_bytes(safetensors(deep_tensors, wrong))
        with pytest.raises(dde.ModelFileError, match=f"{name} must be from 1e-06 to 1e"):
            dde.load_model(path)


@pytest.mark.parametrize("levels", [30, 490, 100_000])
def test_deeply_nested_metadata_are_refused(
    tmp_path: Path, edition: int, deep_tensors: Tensors, levels: int
) -> None:
    path = tmp_path / "nested.safetensors"
    nested = DEEP_METADATA[edition] | {"training": "[" * levels + "]" * levels}
    path.write_bytes(safetensors(deep_tensors, nested))
    if levels < 10_000:  # what JSON itself refuses is plain text
        with pytest.raises(dde.ModelFileError, match="nested more than 20 deep"):
            dde.load_model(path)
    else:
        with pytest.raises(dde.ModelFileError):
            dde.load_model(path)


def test_a_model_cannot_be_taken_apart() -> None:
    model = dde.load_model("deep")
    for name in ("kernel", "info", "legacy_input"):
        with pytest.raises(AttributeError, match="never changes"):
            delattr(model, name)
    assert dde.load_model("deep")([50.0, 0, 0], [50.0, 0, 0]) == 0


@pytest.mark.parametrize("name", ["deep", "siamese"])
def test_what_ships_has_no_legacy_input(name: str) -> None:
    with pytest.raises(ValueError, match=f"legacy_input is for files .* not for {name}"):
        dde.load_model(name, legacy_input=True)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no FIFOs here")
def test_only_regular_files_are_read(tmp_path: Path, tensors: Tensors) -> None:
    os.mkfifo(tmp_path / "fifo")
    with pytest.raises(dde.ModelFileError, match="no regular file"):
        dde.load_model(tmp_path / "fifo")
    write_folder(tmp_path, tensors, "weight")
    (tmp_path / "head_0_weight.npy").unlink()
    os.mkfifo(tmp_path / "head_0_weight.npy")
    with pytest.raises(dde.ModelFileError, match=r"head_0_weight\.npy .*a pipe, not a regular"):
        dde.load_model(tmp_path)


@pytest.mark.parametrize("side", ["64L", "64L "])
def test_a_header_of_python_2_is_read(tmp_path: Path, tensors: Tensors, side: str) -> None:
    write_folder(tmp_path, tensors, "weight")
    expected = dde.load_model(tmp_path)
    file = tmp_path / "head_0_bias.npy"
    header = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({side},), }}".encode()
    start = b"\x93NUMPY\x01\0" + len(header).to_bytes(2, "little") + header
    file.write_bytes(start + np.load(file).tobytes())
    with pytest.warns(UserWarning, match="created on Python 2"):
        found = dde.load_model(tmp_path)
    np.testing.assert_array_equal(found.embed(np.ones(3)), expected.embed(np.ones(3)))


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    with open(tmp_path / "large", "wb") as file:
        file.truncate(1 << 40)
    with pytest.raises(dde.ModelFileError, match=r"large .* larger than 64 MB"):
        dde.load_model(tmp_path / "large")


@pytest.mark.parametrize("name", ["siamese", "deep"])
def test_no_difference_is_negative(name: str, real: type[np.floating]) -> None:
    lab = np.random.default_rng(1).uniform([0, -128, -128], [100, 128, 128], (2, 100, 100, 3))
    first, second = lab.astype(real)
    differences = dde.load_model(name)(first, second)
    assert np.all(differences >= 0)
    tally = Tally(1, [], 100)
    tally.add(kernel_of(name, {}), first, second)
    assert tally.histogram.sum() == 100 * 100


def test_a_folder_that_lacks_a_file_names_it(tmp_path: Path, tensors: Tensors) -> None:
    write_folder(tmp_path, tensors, "weight")
    (tmp_path / "NORM_STD.npy").unlink()
    with pytest.raises(ValueError, match=r"NORM_STD\.npy"):
        dde.load_model(tmp_path)


def test_what_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="nothing"):
        dde.load_model(tmp_path / "nothing")


def test_equal_models_are_of_equal_numbers(tmp_path: Path) -> None:
    shipped = Path(dde.__file__).parent / "weights" / "siamese.safetensors"
    model, legacy = dde.load_model(shipped), dde.load_model(shipped, legacy_input=True)
    assert model == dde.load_model("siamese") == pickle.loads(pickle.dumps(model))
    assert len({model, dde.load_model("siamese"), legacy, dde.load_model("deep")}) == 3
    assert model != legacy and model != "siamese"


def test_a_model_is_of_a_name_or_a_path() -> None:
    with pytest.raises(TypeError, match=r"^name_or_path must be a name or a path, not NoneType"):
        dde.load_model(None)
