"""The functions of dde.torch inside torch's own: torch.library, torch.compile, torch.func."""

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch")
from tensors import (  # noqa: E402
    CONVERSIONS,
    DIFFERENCES,
    colours_for,
    gradients,
    lab_pairs,
    one_thread,  # noqa: F401
)

import dde.torch as dt  # noqa: E402
from dde.torch import operators  # noqa: E402

Tensor = torch.Tensor


def operator_calls() -> list[tuple[Any, tuple[Any, ...]]]:
    first, second = (lab.reshape(5, 4, 3).float() for lab in lab_pairs(count=20))
    up = torch.ones(5, 4)
    formula = ("ciede2000", [1.0, 1.0, 1.0])
    both = [True, True]
    return [
        (operators.difference, (first, second[0], *formula)),
        (operators.difference_gradient, (up, first, second, *formula, both)),
        (operators.convert, (first, "lab_to_xyz", [1.0] * 3, False)),
        (operators.conversion_gradient, (second, first, "lab_to_xyz", [1.0] * 3)),
        (operators.deep, (first, second)),
        (operators.deep_gradient, (up, first, second, both)),
    ]


@pytest.mark.parametrize("number", range(6))
def test_the_operators_are_registered_as_torch_wants(number: int) -> None:
    operator, arguments = operator_calls()[number]
    torch.library.opcheck(operator, arguments)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_compiled_without_a_break(name: str) -> None:
    def loss(a: Tensor, b: Tensor) -> Tensor:
        labs = (dt.srgb_to_lab(image, dim=1) for image in (a, b))
        return getattr(dt, name)(*labs, dim=1).mean()

    torch._dynamo.reset()
    a, b = torch.rand(2, 2, 3, 8, 8)
    compiled = torch.compile(loss, fullgraph=True, backend="aot_eager")
    torch.testing.assert_close(compiled(a, b), loss(a, b))
    for found, expected in zip(gradients(compiled, a, b), gradients(loss, a, b), strict=True):
        torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", DIFFERENCES)
def test_vmap(name: str) -> None:
    first, second = (lab.reshape(4, 5, 10, 3) for lab in lab_pairs())
    metric = getattr(dt, name)
    expected = metric(first, second)
    mapped = torch.func.vmap(metric, (1, 1), 1)(first, second)
    torch.testing.assert_close(mapped, expected)
    one_target = torch.func.vmap(metric, (0, None))(first, second[0, 0])
    torch.testing.assert_close(one_target, metric(first, second[0, 0]))
    per_sample = torch.func.vmap(torch.func.grad(lambda a, b: metric(a, b).sum()))(first, second)
    torch.testing.assert_close(per_sample, gradients(metric, first, second)[0])


@pytest.mark.parametrize("name", CONVERSIONS)
def test_vmap_of_conversions(name: str) -> None:
    colours = colours_for(name).reshape(10, 30, 3)
    convert = getattr(dt, name)
    torch.testing.assert_close(torch.func.vmap(convert, 1, 1)(colours), convert(colours))
    jacobian = torch.func.vmap(torch.func.jacrev(convert))(colours[0])
    torch.testing.assert_close(jacobian.sum(1), gradients(convert, colours[0])[0])


def functions() -> dict[str, tuple[Callable[[Tensor], Tensor], Tensor]]:
    """Each as a function of one tensor to one number, and a tensor for it."""
    first, second = lab_pairs(count=6)

    def difference(name: str) -> Callable[[Tensor], Tensor]:
        return lambda lab: getattr(dt, name)(lab, second).sum()

    def conversion(name: str) -> Callable[[Tensor], Tensor]:
        return lambda colours: getattr(dt, name)(colours).sum()

    return {
        **{name: (difference(name), first) for name in DIFFERENCES},
        **{name: (conversion(name), colours_for(name, 6)) for name in CONVERSIONS},
    }


@pytest.mark.parametrize("name", [*DIFFERENCES, *CONVERSIONS])
def test_second_derivatives_are_refused(name: str) -> None:
    """Nothing is given for one that is wrong, or None."""
    f, at = functions()[name]
    leaf = at.clone().requires_grad_()
    (gradient,) = torch.autograd.grad(f(leaf), leaf, create_graph=True)
    for ask in (
        lambda: torch.autograd.grad(gradient.sum(), leaf, allow_unused=True),
        lambda: torch.autograd.functional.hessian(f, at),
        lambda: torch.func.jacrev(torch.func.jacrev(f))(at),
        lambda: torch.func.grad(lambda t: torch.func.grad(f)(t).sum())(at),
    ):
        with pytest.raises(NotImplementedError, match="has no second derivatives"):
            ask()


@pytest.mark.parametrize("name", [*DIFFERENCES, *CONVERSIONS])
def test_forward_mode_is_refused(name: str) -> None:
    """By torch, in its words: torch.compile would not take a function that refuses it itself."""
    f, at = functions()[name]
    for ask in (
        lambda: torch.func.jvp(f, (at,), (at,)),
        lambda: torch.func.jacfwd(f)(at),
        lambda: torch.func.hessian(f)(at),
    ):
        with pytest.raises(NotImplementedError, match="forward mode AD"):
            ask()


@pytest.mark.parametrize("name", DIFFERENCES)
def test_jacobians_in_reverse(name: str) -> None:
    """Each difference depends on its own pair alone."""
    first, second = lab_pairs(count=6)
    metric = getattr(dt, name)
    jacobian = torch.func.jacrev(metric)(first, second)
    rows = torch.func.vmap(torch.func.jacrev(metric))(first, second)
    expected = gradients(metric, first, second)[0]
    torch.testing.assert_close(rows, expected)
    torch.testing.assert_close(jacobian, torch.diag_embed(expected.T).permute(1, 2, 0))


@pytest.mark.parametrize("name", [*DIFFERENCES, *CONVERSIONS])
def test_on_another_device_torch_knows_the_shape(name: str) -> None:
    """What does not lie on the CPU goes through torch's own operations; "meta" needs no device."""
    colours = torch.empty(2, 3, 4, 5, device="meta", requires_grad=True)
    if name in CONVERSIONS:
        found, shape = getattr(dt, name)(colours, dim=1), (2, 3, 4, 5)
    else:
        found, shape = getattr(dt, name)(colours, colours[:1], dim=1), (2, 4, 5)
    assert found.shape == shape and found.device.type == "meta" and found.dtype == torch.float32
    (gradient,) = torch.autograd.grad(found.sum(), colours)
    assert gradient.shape == colours.shape and gradient.device.type == "meta"


@pytest.mark.parametrize("name", [*DIFFERENCES, *CONVERSIONS])
def test_what_is_written_as_onnx_has_torchs_own_operations(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While an export looks on there is no operator of dde, and the numbers are the same."""
    colours = (colours_for(name, 4),) if name in CONVERSIONS else lab_pairs(count=4)
    expected = getattr(dt, name)(*colours)
    monkeypatch.setattr(torch.onnx, "is_in_onnx_export", lambda: True)
    traced = torch.export.export(Module(getattr(dt, name)), tuple(colours))
    assert not [node for node in traced.graph.nodes if str(node.target).startswith("dde")]
    torch.testing.assert_close(traced.module()(*colours), expected, rtol=1e-7, atol=1e-9)


class Module(torch.nn.Module):
    """A function as what torch.export takes."""

    def __init__(self, function: Callable[..., Tensor]) -> None:
        super().__init__()
        self.function = function

    def forward(self, *colours: Tensor) -> Tensor:
        return self.function(*colours)


def test_tensors_on_two_devices_are_refused() -> None:
    with pytest.raises(ValueError, match="on one device; they are on cpu and meta"):
        dt.ciede2000(torch.zeros(3), torch.zeros(3, device="meta"))
