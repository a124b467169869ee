"""What is exported here, dde runs: the same numbers from torch, onnxruntime and the kernels."""

from pathlib import Path

import dde
import numpy as np
import onnxruntime
import pytest
import scipy.stats
import torch

from dde_training.data import ColourSet, combine, read_sets
from dde_training.export import WRITERS
from dde_training.models import Model
from dde_training.models.deep import Deep, DeepConfig
from dde_training.models.siamese import Siamese, SiameseConfig
from dde_training.pipeline import fit
from dde_training.run import Run
from dde_training.weights import Metadata

WHITE = np.array([95.047, 100.0, 108.883])


@pytest.fixture(scope="module")
def fitted(sets: list[ColourSet]) -> tuple[Model, Metadata]:
    return fit(Siamese, sets, SiameseConfig(epochs=3), Run(seed=5))


@pytest.fixture(scope="module")
def pairs() -> np.ndarray:
    """10⁵ pairs a few units apart, float32, shape (2, N, 3).

    Of pairs at opposite ends of Lab the network's exponential makes 10¹⁰ and more, where float32
    itself is not good to 1e-4.
    """
    random = np.random.default_rng(1)
    first = random.uniform([0, -100, -100], [100, 100, 100], (100_000, 3))
    return np.stack([first, first + random.normal(0, 3, first.shape)]).astype(np.float32)


@pytest.mark.parametrize("form", ["safetensors", "npy-W", "npy-weight"])
def test_the_kernels_agree_with_torch_and_onnx(
    fitted: tuple[Model, Metadata], pairs: np.ndarray, tmp_path: Path, form: str
) -> None:
    model, provenance = fitted
    WRITERS[form](tmp_path / "model", model, provenance)  # type: ignore[index]
    WRITERS["onnx"](tmp_path / "model.onnx", model, provenance)
    with torch.inference_mode():
        by_torch = model(*torch.from_numpy(pairs)).numpy()
    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    by_onnx = session.run(None, {"lab1": pairs[0], "lab2": pairs[1]})[0]
    by_kernels = dde.load_model(tmp_path / "model")(*pairs)
    np.testing.assert_allclose(by_kernels, by_torch, rtol=1e-4)
    np.testing.assert_allclose(by_onnx, by_torch, rtol=1e-4)


def test_the_kernels_agree_with_torch_on_deep(
    sets: list[ColourSet], pairs: np.ndarray, tmp_path: Path
) -> None:
    short = DeepConfig(teacher_epochs=1, student_epochs=1, prior_pairs=1000, gamut_pairs=1000)
    model, provenance = fit(Deep, sets, short, Run(seed=5))
    WRITERS["safetensors"](tmp_path / "model", model, provenance)
    with torch.inference_mode():
        by_torch = model(*torch.from_numpy(pairs)).numpy()
    by_kernels = dde.load_model(tmp_path / "model")(*pairs)
    # Of colours hardly apart, the embeddings cancel in float32.
    np.testing.assert_allclose(by_kernels, by_torch, rtol=1e-4, atol=2e-5)


def test_the_old_claim_by_the_kernels(real_dir: Path, deepdeltae_dir: Path) -> None:
    """R = 0.9253 with the project's weights, from ordinary CIELAB by way of legacy_input."""
    found = combine(read_sets(real_dir))
    model = dde.load_model(deepdeltae_dir, legacy_input=True)
    lab = dde.xyz_to_lab(found.xyz, WHITE)  # the project took every white for D65
    predicted = model(lab[:, 0], lab[:, 1])
    assert round(scipy.stats.pearsonr(predicted, found.dv).statistic, 4) == 0.9253
