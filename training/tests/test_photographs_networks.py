"""The networks of photographs: published sizes, flows that invert, distances that are metrics."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from scipy.stats import norm
from skimage.data import astronaut
from torch import Tensor

from dde_training.errors import UserError
from dde_training.photographs.networks import NETWORKS, Distance, find_network, find_preset
from dde_training.photographs.networks.cd_flow import CDFlow, CDFlowRecipe
from dde_training.photographs.networks.cd_net import CDNet
from dde_training.photographs.networks.flow import ActNorm, Coupling, Layer, Mixing, Step
from dde_training.photographs.networks.ms_swd import MSSWD
from dde_training.photographs.weights import read_network, write_network, write_onnx

TRIPLES = 1000
PROVENANCE = {"input": {"space": "sRGB"}, "training": {"seed": 3}, "data": [{"name": "a.csv"}]}
LAYERS: dict[str, Callable[[int], Layer]] = {
    "actnorm": ActNorm,
    "mixing": Mixing,
    "coupling": lambda channels: Coupling(channels, 16),
    "step": lambda channels: Step(channels, 16),
}


def shaken(module: torch.nn.Module, by: float = 0.05) -> torch.nn.Module:
    """The module with weights that are not those of its start."""
    torch.manual_seed(1)
    with torch.no_grad():
        for weights in module.parameters():
            weights.add_(by * torch.randn_like(weights))
    return module


def small_flow(blocks: int = 3) -> CDFlow:
    torch.manual_seed(0)
    model = CDFlow(blocks=blocks, steps=2, hidden=16, side=16)
    model.initialise(torch.rand(8, 3, 16, 16))
    shaken(model, 0.02)
    return model.eval()


@pytest.fixture(params=LAYERS)
def layer(request: pytest.FixtureRequest) -> Layer:
    torch.manual_seed(0)
    made = shaken(LAYERS[request.param](12))
    assert isinstance(made, Layer)
    return made


def count(model: torch.nn.Module) -> int:
    return sum(weights.numel() for weights in model.parameters())


def test_the_sizes_are_those_that_were_published() -> None:
    with torch.device("meta"):
        models = {name: network.of(network.presets["paper"]) for name, network in NETWORKS.items()}
    assert count(models["cd-flow"]) == 60_488_496
    cd_net = models["cd-net"]
    assert isinstance(cd_net, CDNet)
    assert count(cd_net) - cd_net.matrix.numel() == 14_464
    assert cd_net.matrix.shape == (12, 12)
    assert count(models["ms-swd"]) == 54_656


def test_the_latents_have_the_published_shapes() -> None:
    model = CDFlow(blocks=6, steps=1, hidden=4, side=64)
    z = model.encode(torch.rand(1, 3, 64, 64)).z
    shapes = [(6, 32), (12, 16), (24, 8), (48, 4), (96, 2), (384, 1)]
    assert [tuple(one.shape[1:]) for one in z] == [(c, side, side) for c, side in shapes]


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 1e-4), (torch.float64, 1e-9)])
def test_each_layer_gives_its_input_back(layer: Layer, dtype: torch.dtype, error: float) -> None:
    layer.to(dtype)
    x = torch.randn(3, 12, 4, 6, dtype=dtype)
    with torch.no_grad():
        y, _ = layer(x)
        assert (layer.inverse(y) - x).abs().max() < error
    assert (y - x).abs().max() > 0.01


@pytest.mark.parametrize(("dtype", "error"), [(torch.float32, 1e-4), (torch.float64, 1e-9)])
def test_the_flow_gives_its_pictures_back(dtype: torch.dtype, error: float) -> None:
    model = small_flow().to(dtype)
    pictures = torch.rand(4, 3, 16, 24, dtype=dtype)
    with torch.no_grad():
        assert (model.inverse(model.encode(pictures).z) - pictures).abs().max() < error


def log_determinant(function: Callable[[Tensor], Tensor], x: Tensor) -> float:
    """By autograd, of a function of one image."""
    jacobian = torch.func.jacrev(lambda flat: function(flat).flatten())(x)
    return float(torch.linalg.slogdet(jacobian.reshape(x.numel(), x.numel()))[1].detach())


def test_each_layer_knows_its_determinant(layer: Layer) -> None:
    layer.double()
    x = torch.randn(1, 12, 2, 2, dtype=torch.float64)
    _, told = layer(x)
    assert told.item() == pytest.approx(log_determinant(lambda x: layer(x)[0], x), abs=1e-6)
    assert abs(told.item()) > 0.001


def test_the_flow_knows_its_determinant() -> None:
    model = small_flow(blocks=2).double()
    x = torch.rand(1, 3, 4, 4, dtype=torch.float64)

    def latents(x: Tensor) -> Tensor:
        return torch.cat([z.flatten() for z in model.encode(x).z])

    told = model.encode(x).log_determinant.item()
    assert told == pytest.approx(log_determinant(latents, x), abs=1e-6)


def test_the_density_of_latents_is_that_of_their_gaussians() -> None:
    model = small_flow(blocks=1).double()
    x = torch.rand(1, 3, 4, 4, dtype=torch.float64)
    latents = model.encode(x)
    (z,) = latents.z
    mean, log_deviation = model.flow[0].prior(torch.ones_like(z)).chunk(2, dim=1)
    gaussian = norm(mean.detach().numpy(), torch.exp(log_deviation).detach().numpy())
    expected = gaussian.logpdf(z.detach().numpy()).sum()
    assert latents.log_p.item() == pytest.approx(expected, abs=1e-9)
    bits = CDFlow.negative_log_likelihood(latents, 48).item()
    told = (latents.log_p + latents.log_determinant).item()
    assert bits == pytest.approx(np.log2(32) - told / (48 * np.log(2)), abs=1e-9)


def test_the_first_batch_sets_the_actnorms() -> None:
    layer = ActNorm(12)
    x = 3 + 2 * torch.randn(8, 12, 4, 4)
    layer.initialise(x)
    y, _ = layer(x)
    assert y.mean(dim=(0, 2, 3)).abs().max() < 1e-5
    assert (y.std(dim=(0, 2, 3)) - 1).abs().max() < 1e-4


def test_a_mixing_starts_as_a_rotation() -> None:
    layer = Mixing(24)
    _, told = layer(torch.zeros(1, 24, 4, 4))
    assert abs(told.item()) < 1e-4


@pytest.fixture(params=["cd-flow", "ms-swd"])
def metric(request: pytest.FixtureRequest) -> Distance:
    if request.param == "cd-flow":
        return small_flow().double()
    torch.manual_seed(0)
    return MSSWD(side=16).double().eval()


def test_distances_are_metrics(metric: Distance) -> None:
    torch.manual_seed(2)
    x, y, z = torch.rand(3, TRIPLES, 3, 8, 8, dtype=torch.float64)
    y[: TRIPLES // 2] = (x + 0.02 * torch.randn_like(x)).clamp(0, 1)[: TRIPLES // 2]
    with torch.inference_mode():
        first, second, across = metric(x, y), metric(y, z), metric(x, z)
        assert (metric(x, x) == 0).all()
        torch.testing.assert_close(metric(y, x), first, rtol=1e-12, atol=1e-12)
        assert (first > 0).all()
        assert (across <= (first + second) * (1 + 1e-12)).all()


def test_cd_net_is_zero_for_equal_pictures_and_symmetric() -> None:
    torch.manual_seed(0)
    model = CDNet(side=32).double().eval()
    x, y = torch.rand(2, 4, 3, 32, 32, dtype=torch.float64)
    with torch.inference_mode():
        assert (model(x, x) == 0).all()
        assert (model(x, y) > 0).all()
        torch.testing.assert_close(model(x, y), model(y, x))


def test_cd_net_is_no_metric(monkeypatch: pytest.MonkeyPatch) -> None:
    model = CDNet(side=32)
    monkeypatch.setattr(model, "embed", lambda features: features)
    with torch.no_grad():
        model.matrix.copy_(1 - torch.eye(12))
    x, y, z = torch.zeros(3, 1, 12, 1, 1)
    y[0, 0], z[0, :2] = 1, 1
    with torch.inference_mode():
        assert model(x, y) == 0  # of unequal features
        assert model(x, z) > model(x, y) + model(y, z)


def test_scales_add_up() -> None:
    model = small_flow().double()
    x, y = torch.rand(2, 2, 3, 16, 16, dtype=torch.float64)
    with torch.inference_mode():
        cumulative, maps = model.cumulative(x, y), model.local_maps(x, y)
        torch.testing.assert_close(cumulative[:, -1], model(x, y))
        squares = [maps[:, scale].square().mean(dim=(1, 2)) for scale in range(3)]
    torch.testing.assert_close(cumulative[:, 0], squares[2].sqrt())
    # Samples of each scale: 6·8², 12·4² and 48·2².
    share = torch.tensor([384, 192, 192]) / 768
    total = sum(s * square for s, square in zip(share, squares, strict=True))
    assert isinstance(total, Tensor)
    torch.testing.assert_close(cumulative[:, 2], total.sqrt())


def test_local_maps_show_where() -> None:
    model = small_flow()
    x = torch.rand(1, 3, 32, 32)
    y = x.clone()
    y[..., :8, :8] += 0.2
    with torch.inference_mode():
        maps = model.local_maps(x, y)
    assert maps.shape == (1, 3, 32, 32)
    assert maps[0, 0, 16:, 16:].max() == 0  # two couplings see 8 pixels to each side
    assert maps[0, 0, :4, :4].min() > 1e-3


def test_equal_pictures_have_finite_gradients() -> None:
    for name in NETWORKS:
        torch.manual_seed(0)
        model = small_flow() if name == "cd-flow" else find_network(name)(side=32)
        x = torch.rand(2, 3, 32, 32)
        model.loss(x, x.clone(), torch.ones(2)).backward()  # type: ignore[no-untyped-call]
        gradients = [weights.grad for weights in model.parameters()]
        assert all(g is not None and torch.isfinite(g).all() for g in gradients), name


def gradients(recipe: CDFlowRecipe) -> tuple[float, Tensor]:
    torch.manual_seed(0)
    model = CDFlow.of(recipe).train()
    shaken(model, 0.02)
    x, y = torch.rand(2, 2, 3, 16, 16)
    loss = model.loss(x, y, torch.ones(2))
    torch.autograd.backward(loss)
    return loss.item(), torch.cat(
        [w.grad.flatten() for w in model.parameters() if w.grad is not None]
    )


def test_what_saves_memory_changes_no_gradient() -> None:
    recipe = CDFlowRecipe(
        blocks=2, steps=2, hidden=16, test_side=16, mixed_precision=False, recompute=False
    )
    loss, found = gradients(recipe)
    again, recomputed = gradients(replace(recipe, recompute=True))
    assert again == loss
    torch.testing.assert_close(recomputed, found, rtol=1e-6, atol=1e-6)
    mixed, rough = gradients(replace(recipe, mixed_precision=True))
    assert mixed == pytest.approx(loss, rel=0.01)
    assert torch.cosine_similarity(rough, found, dim=0) > 0.99
    assert not torch.equal(rough, found)


def test_the_configuration_of_the_paper_learns_a_step() -> None:
    """At its full size, with activations that are computed again, on cuts of 64 × 64: of which two
    are too few to set 384 ActNorms from, so that these start as they are.
    """
    recipe = replace(CDFlowRecipe(), side=64, test_side=64, mixed_precision=False)
    assert recipe.recompute
    torch.manual_seed(0)
    model = CDFlow.of(recipe).train()
    picture = torch.from_numpy(astronaut()).movedim(2, 0) / 255  # type: ignore[no-untyped-call]
    pictures = torch.stack([picture[:, y : y + 64, 180:244] for y in (20, 90)])
    optimiser = model.optimiser(recipe)
    before = model.flow[0].prior.convolution.weight.detach().clone()
    loss = model.loss(pictures[:1], pictures[1:], torch.tensor([3.0]))
    torch.autograd.backward(loss)
    assert all(w.grad is not None and w.grad.isfinite().all() for w in model.parameters())
    optimiser.step()
    assert not torch.equal(model.flow[0].prior.convolution.weight, before)
    with torch.inference_mode():
        latents = model.eval().encode(pictures)
        assert [z.shape[1] for z in latents.z] == [6, 12, 24, 48, 96, 384]
        torch.testing.assert_close(model.inverse(latents.z), pictures, rtol=0, atol=1e-4)


@pytest.mark.parametrize("name", NETWORKS)
def test_a_file_is_read_without_a_recipe(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = small_flow() if name == "cd-flow" else find_network(name)(side=32).eval()
    file = tmp_path / "model.safetensors"
    write_network(file, model, PROVENANCE)
    read, provenance = read_network(tmp_path)
    assert provenance == PROVENANCE
    if name == "cd-flow":
        assert read.constants == {"blocks": 3, "steps": 2, "hidden": 16, "side": 16}
    assert not read.training
    random = np.random.default_rng(0)
    pictures = random.integers(0, 256, (2, 40, 36, 3), dtype=np.uint8)
    assert read.difference(*pictures) == model.difference(*pictures) > 0
    write_network(tmp_path / "again", read, provenance)
    assert (tmp_path / "again").read_bytes() == file.read_bytes()


def test_files_of_others_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"nothing")
    with pytest.raises(UserError, match="no safetensors file"):
        read_network(tmp_path / "a")
    with pytest.raises(UserError, match="there is no such file"):
        read_network(tmp_path)


@pytest.mark.parametrize("name", NETWORKS)
def test_onnx_gives_the_same_distances(name: str, tmp_path: Path) -> None:
    torch.manual_seed(0)
    model = small_flow() if name == "cd-flow" else find_network(name)(side=32).eval()
    side = model.constants["side"]
    file = tmp_path / "model.onnx"
    write_onnx(file, model, PROVENANCE)
    stored = {entry.key: entry.value for entry in onnx.load(file).metadata_props}
    assert stored["architecture"] == name
    assert {node.domain for node in onnx.load(file).graph.node} == {""}  # no operator of ours
    x, y = torch.rand(2, 3, 3, side, side)
    y[0] = x[0]
    session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"reference": x.numpy(), "sample": y.numpy()})
    with torch.inference_mode():
        np.testing.assert_allclose(found, model(x, y).numpy(), rtol=1e-4)
    assert found[0] == 0


def test_ms_swd_does_not_see_where_a_colour_is() -> None:
    torch.manual_seed(0)
    model = MSSWD(side=64)
    x = torch.rand(1, 3, 4, 4).repeat_interleave(8, 2).repeat_interleave(8, 3)
    with torch.inference_mode():
        moved = model(x, torch.roll(x, 1, dims=3))
        assert moved < 0.2 * model(x, (x * 0.8))


def test_names_that_are_not_there_are_told() -> None:
    with pytest.raises(UserError, match="must be one of cd-flow, cd-net, ms-swd; not 'x'"):
        find_network("x")
    with pytest.raises(UserError, match="must be one of paper, small; not 'large'"):
        find_preset(CDFlow, "large")
