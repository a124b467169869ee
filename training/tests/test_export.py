"""Weight files: what they hold, that every format says the same, and what is refused."""

import json
import resource
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from safetensors import safe_open
from safetensors.numpy import load_file, save_file

from dde_training.data import ColourSet
from dde_training.deepdeltae import read_npy
from dde_training.errors import UserError
from dde_training.export import WRITERS, with_evaluations
from dde_training.files import write_bytes
from dde_training.models import Model
from dde_training.models.siamese import Siamese, SiameseConfig
from dde_training.pipeline import evaluate, fit
from dde_training.run import Run
from dde_training.weights import Metadata, read_model, write_model

CONFIG = SiameseConfig(epochs=3)
SHAPES = {
    "encoder.0.weight": (64, 3),
    "encoder.0.bias": (64,),
    "encoder.2.weight": (128, 64),
    "encoder.2.bias": (128,),
    "head.0.weight": (64, 128),
    "head.0.bias": (64,),
    "head.2.weight": (1, 64),
    "head.2.bias": (1,),
}
KEYS = {
    "format",
    "format_version",
    "architecture",
    "edition",
    "constants",
    "input",
    "training",
    "data",
    "data_sha256",
    "evaluation",
}


@pytest.fixture(scope="module")
def fitted(sets: list[ColourSet]) -> tuple[Model, Metadata]:
    return fit(Siamese, sets, CONFIG, Run(seed=4))


@pytest.fixture(scope="module")
def random_pairs() -> torch.Tensor:
    """10⁵ pairs of colours near each other and far apart, float32, shape (2, N, 3)."""
    random = np.random.default_rng(0)
    first = random.uniform([0, -100, -100], [100, 100, 100], (100_000, 3))
    step = random.normal(0, 1, first.shape) * random.lognormal(0.5, 1, (100_000, 1))
    return torch.tensor(np.stack([first, first + step]), dtype=torch.float32)


def run_torch(model: Model, lab: torch.Tensor) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(model(lab[0], lab[1]).numpy())


def test_the_safetensors_file_is_as_documented(
    fitted: tuple[Model, Metadata], tmp_path: Path
) -> None:
    file = tmp_path / "m.safetensors"
    write_model(file, *fitted)
    tensors = load_file(file)
    assert {name: values.shape for name, values in tensors.items()} == SHAPES
    assert all(values.dtype == np.float32 for values in tensors.values())
    with safe_open(file, framework="np") as stored:
        metadata = stored.metadata()
    assert set(metadata) == KEYS
    assert metadata["format"] == "dde"
    assert metadata["format_version"] == "1"
    assert metadata["architecture"] == "siamese"
    constants = json.loads(metadata["constants"])
    assert constants == fitted[0].constants
    assert set(constants) == {"target_mean", "target_std"}
    expected = {"space": "CIELAB", "scale": "L* 0 to 100", "white": "own"}
    assert json.loads(metadata["input"]) == expected
    training = json.loads(metadata["training"])
    assert (training["seed"], training["config"]["epochs"]) == (4, 3)
    assert json.loads(metadata["data"])[0]["name"] == "alpha"
    assert len(metadata["data_sha256"]) == 64
    assert json.loads(metadata["evaluation"]) == []


def test_equal_fits_are_equal_files(
    sets: list[ColourSet], fitted: tuple[Model, Metadata], tmp_path: Path
) -> None:
    write_model(tmp_path / "one", *fitted)
    write_model(tmp_path / "other", *fit(Siamese, sets, CONFIG, Run(seed=4)))
    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()


def test_a_model_is_read_back(
    fitted: tuple[Model, Metadata], random_pairs: torch.Tensor, tmp_path: Path
) -> None:
    write_model(tmp_path / "model.safetensors", *fitted)
    for path in (tmp_path, tmp_path / "model.safetensors"):
        model, provenance = read_model(path)
        assert provenance == fitted[1]
        assert model.config == CONFIG
        np.testing.assert_array_equal(
            run_torch(model, random_pairs), run_torch(fitted[0], random_pairs)
        )


def test_onnx_agrees_with_torch(
    fitted: tuple[Model, Metadata], random_pairs: torch.Tensor, tmp_path: Path
) -> None:
    file = tmp_path / "m.onnx"
    WRITERS["onnx"](file, *fitted)
    assert [path.name for path in tmp_path.iterdir()] == ["m.onnx"]
    graph = onnx.load(file)
    onnx.checker.check_model(graph, full_check=True)
    assert {entry.key for entry in graph.metadata_props} == KEYS
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    lab1, lab2 = random_pairs.numpy()
    (delta_e,) = session.run(["delta_e"], {"lab1": lab1, "lab2": lab2})
    np.testing.assert_allclose(delta_e, run_torch(fitted[0], random_pairs), rtol=1e-4)
    assert session.run(None, {"lab1": lab1[:1], "lab2": lab2[:1]})[0].shape == (1,)


@pytest.mark.parametrize("spelling", ["npy-W", "npy-weight"])
def test_both_npy_spellings_are_read_back(
    fitted: tuple[Model, Metadata], random_pairs: torch.Tensor, tmp_path: Path, spelling: str
) -> None:
    folder = tmp_path / "weights"
    WRITERS[spelling](folder, *fitted)  # type: ignore[index]
    names = {path.name for path in folder.iterdir()}
    if spelling == "npy-W":
        assert names >= {"encoder_0_W.npy", "head_2_B.npy", "norm_constants.json"}
        assert len(names) == 9
    else:
        assert names >= {"encoder_0_weight.npy", "head_2_bias.npy", "NORM_MEAN.npy", "NORM_STD.npy"}
        assert len(names) == 10
    np.testing.assert_array_equal(
        run_torch(read_npy(folder), random_pairs), run_torch(fitted[0], random_pairs)
    )
    with pytest.raises(UserError, match="must be a new or empty folder"):
        WRITERS[spelling](folder, *fitted)  # type: ignore[index]
    missing = folder / f"head_2_{spelling[4:]}.npy"
    missing.unlink()
    with pytest.raises(UserError, match=f"{missing}: No such file"):
        read_npy(folder)


def test_json_holds_every_weight(fitted: tuple[Model, Metadata], tmp_path: Path) -> None:
    WRITERS["json"](tmp_path / "m.json", *fitted)
    document = json.loads((tmp_path / "m.json").read_text())
    assert set(document) == KEYS | {"tensors"}
    assert document["constants"] == fitted[0].constants
    for name, values in fitted[0].state_dict().items():
        np.testing.assert_array_equal(np.float32(document["tensors"][name]), values.numpy())


def test_held_out_figures_go_along(
    sets: list[ColourSet], fitted: tuple[Model, Metadata], tmp_path: Path
) -> None:
    model, provenance = fitted
    found = evaluate("siamese", sets, "colours", CONFIG, Run(seed=1))
    write_model(tmp_path / "m", model, with_evaluations(provenance, model, [found]))
    (figures,) = read_model(tmp_path / "m")[1]["evaluation"]
    assert (figures["protocol"], figures["seed"]) == ("colours", 1)
    assert figures["stress"] == found.figures["siamese"].pooled.stress.value


@pytest.mark.parametrize(
    ("method", "config", "part", "said"),
    [
        ("CMC", None, 4, "colours is not of this model's model"),
        ("siamese", SiameseConfig(epochs=2), 4, "not of this model's config"),
        ("siamese", CONFIG, 3, "not of this model's data"),
    ],
)
def test_figures_of_another_model_are_refused(
    sets: list[ColourSet],
    fitted: tuple[Model, Metadata],
    method: str,
    config: SiameseConfig | None,
    part: int,
    said: str,
) -> None:
    found = evaluate(method, sets[:part], "colours", config, Run())
    with pytest.raises(UserError, match=said):
        with_evaluations(fitted[1], fitted[0], [found])


def test_damaged_weight_files_are_refused(fitted: tuple[Model, Metadata], tmp_path: Path) -> None:
    file = tmp_path / "m.safetensors"
    with pytest.raises(UserError, match="no such file"):
        read_model(file)
    write_model(file, *fitted)
    content = file.read_bytes()
    for cut in (0, 7, 100, len(content) - 1):
        file.write_bytes(content[:cut])
        with pytest.raises(UserError, match="no safetensors file"):
            read_model(file)
    tensors, metadata = load_file_with_metadata(content, file)
    for change, said in [
        ({"format_version": "2"}, "no dde model in format 1"),
        ({"format": "other"}, "no dde model in format 1"),
        ({"constants": "{}"}, "the model is damaged"),
        ({"architecture": "other"}, "the model must be one of"),
    ]:
        save_file(tensors, file, metadata | change)
        with pytest.raises(UserError, match=said):
            read_model(file)
    bias = np.full_like(tensors["head.2.bias"], np.nan)
    save_file({**tensors, "head.2.bias": bias}, file, metadata)
    with pytest.raises(UserError, match=r"is damaged: head\.2\.bias is not finite"):
        read_model(file)
    save_file({**tensors, "head.2.bias": np.zeros(2, np.float32)}, file, metadata)
    with pytest.raises(UserError, match="the model is damaged"):
        read_model(file)


def test_what_cannot_be_written_is_named(tmp_path: Path) -> None:
    """An older file stays, and nothing beside it."""
    file = tmp_path / "m.safetensors"
    write_bytes(file, b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, hard))
    try:
        with pytest.raises(OSError, match=r"File too large: .*m\.safetensors"):
            write_bytes(file, bytes(2 << 20))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"before"]


def load_file_with_metadata(
    content: bytes, file: Path
) -> tuple[dict[str, np.ndarray], dict[str, str]]:
    file.write_bytes(content)
    with safe_open(file, framework="np") as stored:
        return load_file(file), stored.metadata()


def test_a_file_is_whole_or_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "m"
    write_bytes(file, b"old")

    def fail(self: Path, target: Path) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="the disk is full"):
        write_bytes(file, b"new")
    assert file.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [file]
