"""The operators joined to functions with a gradient, for torch.func and torch.compile as well."""

from typing import Any

import torch
from torch import Tensor

from dde.torch import operators


def take(colours: Tensor) -> bool:
    """Whether the operators take these colours: on the CPU, unless what comes of them is written as
    ONNX, which has torch's own operations only."""
    return colours.device.type == "cpu" and not torch.onnx.is_in_onnx_export()


class _Gradient(torch.autograd.Function):
    """A gradient, of which there is none in its turn."""

    generate_vmap_rule = True

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Any) -> None:
        pass

    @staticmethod
    def backward(ctx: Any, *upstream: Tensor) -> Any:
        raise NotImplementedError("dde.torch has no second derivatives")


class _DifferenceGradient(_Gradient):
    """(upstream, lab1, lab2, formula, factors, wanted), the formula None for the learned one."""

    @staticmethod
    def forward(
        upstream: Tensor,
        lab1: Tensor,
        lab2: Tensor,
        formula: str | None,
        factors: tuple[float, ...],
        wanted: tuple[bool, bool],
    ) -> tuple[Tensor, ...]:
        if formula is None:
            return tuple(operators.deep_gradient(upstream, lab1, lab2, list(wanted)))
        others = formula, list(factors), list(wanted)
        return tuple(operators.difference_gradient(upstream, lab1, lab2, *others))


class Difference(torch.autograd.Function):
    """(lab1, lab2, formula, factors), the formula None for the learned difference."""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        lab1: Tensor, lab2: Tensor, formula: str | None, factors: tuple[float, ...]
    ) -> Tensor:
        if formula is None:
            return operators.deep(lab1, lab2)
        return operators.difference(lab1, lab2, formula, list(factors))

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        lab1, lab2, ctx.formula, ctx.factors = inputs
        ctx.save_for_backward(lab1, lab2)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        """By lab1 and lab2 as far as they are wanted, each summed to its own shape."""
        lab1, lab2 = ctx.saved_tensors
        wanted = (bool(ctx.needs_input_grad[0]), bool(ctx.needs_input_grad[1]))
        found = _DifferenceGradient.apply(upstream, lab1, lab2, ctx.formula, ctx.factors, wanted)
        by_lab1 = found[0].sum_to_size(lab1.shape) if wanted[0] else None
        by_lab2 = found[-1].sum_to_size(lab2.shape) if wanted[1] else None
        return by_lab1, by_lab2, None, None


class _ConversionGradient(_Gradient):
    """(upstream, colours, conversion, parameters)"""

    @staticmethod
    def forward(
        upstream: Tensor, colours: Tensor, conversion: str, parameters: tuple[float, ...]
    ) -> Tensor:
        return operators.conversion_gradient(upstream, colours, conversion, list(parameters))


class Conversion(torch.autograd.Function):
    """(colours, conversion, parameters, clip)"""

    generate_vmap_rule = True

    @staticmethod
    def forward(
        colours: Tensor, conversion: str, parameters: tuple[float, ...], clip: bool
    ) -> Tensor:
        return operators.convert(colours, conversion, list(parameters), clip)

    @staticmethod
    def setup_context(ctx: Any, inputs: tuple[Any, ...], output: Tensor) -> None:
        colours, ctx.conversion, ctx.parameters, _ = inputs
        ctx.save_for_backward(colours)

    @staticmethod
    def backward(ctx: Any, upstream: Tensor) -> tuple[Tensor | None, ...]:
        (colours,) = ctx.saved_tensors
        found = _ConversionGradient.apply(upstream, colours, ctx.conversion, ctx.parameters)
        return found, None, None, None
