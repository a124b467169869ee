"""The learned difference of tensors: the kernel and plain torch agree, for both editions."""

from typing import Any

import numpy as np
import pytest
from colour_pairs import KINDS

from dde import _core
from dde.metrics.model_files import StoredModel
from dde.metrics.models import Model, shipped_model

torch = pytest.importorskip("torch")
from tensors import gradients, lab_pairs, one_thread  # noqa: E402, F401

from dde.torch import network  # noqa: E402

Tensor = torch.Tensor


def stored(edition: int, hidden: int = 21, small: int = 5, large: int = 3) -> Model:
    """A model of random weights, of no round number of units."""
    name = "layers" if edition == 1 else "hidden"
    shapes = {
        f"{name}.0.weight": (hidden, 3),
        f"{name}.0.bias": (hidden,),
        f"{name}.2.weight": (hidden, hidden),
        f"{name}.2.bias": (hidden,),
    }
    if edition == 1:
        shapes |= {"linear.weight": (large, 3), "layers.4.weight": (large, hidden)}
        constants = [1.7]
    else:
        for part, units in (("small", small), ("large", large)):
            shapes |= {f"{part}.linear.weight": (units, 3), f"{part}.bent.weight": (units, hidden)}
        constants = [2.6, 1.7, 25.0]
    rng = np.random.default_rng(edition)
    tensors = {
        name: rng.normal(0, shape[-1] ** -0.5, shape).astype(np.float32)
        for name, shape in shapes.items()
    }
    return Model(StoredModel("deep", edition, tensors, constants, {}, f"{edition} {hidden}"))


MODELS = {
    "shipped": shipped_model("deep"),
    "edition 1": stored(1),
    "edition 2": stored(2),
    "of the most units": stored(2, *(_core.most_units // n for n in (1, 2, 2))),
}


def by_kernel(model: Model, upstream: Tensor, *labs: Tensor) -> list[np.ndarray]:
    found = [np.empty_like(lab.numpy()) for lab in labs]
    pair = (lab.numpy() for lab in labs)
    _core.difference_gradient(model.kernel, *pair, upstream.numpy(), *found)
    return found


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MODELS)
def test_the_kernel_and_plain_torch_agree(name: str, kind: str) -> None:
    """Its gradient is derived by hand, and that of plain torch by autograd."""
    model, (first, second) = MODELS[name], lab_pairs(kind, 500)
    if kind == "nearly equal":  # where rounding does not make them equal
        apart = (first - second).norm(dim=-1) > 1e-7
        first, second = first[apart], second[apart]
    differences = torch.from_numpy(model(first.numpy(), second.numpy()))
    plainly = network.deep(first, second, model)
    torch.testing.assert_close(differences, plainly, rtol=1e-9, atol=1e-11)
    upstream = torch.linspace(-2, 3, len(first), dtype=first.dtype)
    expected = gradients(lambda a, b: upstream * network.deep(a, b, model), first, second)
    scale = max(float(grad.abs().max()) for grad in expected)
    loose = 1e-4 if kind == "nearly equal" else 1e-9
    for found, wanted in zip(by_kernel(model, upstream, first, second), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=0, atol=loose * scale)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", MODELS)
def test_gradients_in_float32_are_finite_and_right(name: str, kind: str) -> None:
    """Right where rounding leaves of a pair the direction in which its colours are apart."""
    model, (first, second) = MODELS[name], lab_pairs(kind, 2000, torch.float32)
    apart = ((first - second).norm(dim=-1) > 1).numpy()
    found = by_kernel(model, torch.ones(len(first)), first, second)
    exact = by_kernel(
        model, torch.ones(len(first), dtype=torch.float64), first.double(), second.double()
    )
    for single, double in zip(found, exact, strict=True):
        assert np.isfinite(single).all()
        if kind == "equal":
            assert not single.any() and not double.any()
        atol = 1e-3 * np.abs(double).max()
        np.testing.assert_allclose(single[apart], double[apart], rtol=0, atol=atol)


def test_a_part_without_a_distance_has_no_gradient() -> None:
    """Colours that only the large part tells apart: what the small part gives is 0, and not NaN."""
    model = MODELS["edition 2"]
    of_large = model._stored.tensors | {
        name: np.zeros_like(model._stored.tensors[name])
        for name in ("small.linear.weight", "small.bent.weight")
    }
    flat = Model(model._stored._replace(tensors=of_large, sha256="flat"))
    first, second = lab_pairs("near", 50)
    expected = gradients(lambda a, b: network.deep(a, b, flat), first, second)
    for found, wanted in zip(by_kernel(flat, torch.ones(50).double(), first, second), expected,
                             strict=True):  # fmt: skip
        np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
def test_of_one_pair_is_what_it_is_of_many(dtype: Any) -> None:
    """Wherever a pair stands in a tile, to the last bit."""
    first, second = lab_pairs("random", 301, dtype)
    many = by_kernel(MODELS["shipped"], torch.ones(301, dtype=dtype), first, second)
    for place in (0, 1, 47, 48, 239, 240, 300):
        pair = first[place : place + 1], second[place : place + 1]
        for one, all_of_them in zip(
            by_kernel(MODELS["shipped"], torch.ones(1, dtype=dtype), *pair), many, strict=True
        ):
            np.testing.assert_array_equal(one[0], all_of_them[place])


def test_the_siamese_network_has_no_gradient() -> None:
    lab = torch.zeros(1, 3)
    with pytest.raises(ValueError, match="has no gradient"):
        by_kernel(shipped_model("siamese"), torch.ones(1), lab, lab)
