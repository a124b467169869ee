"""The kernels as operators of torch, forward and back, for tensors on the CPU.

They are registered with torch.library: torch.compile sees one operator each, of a known shape, and
torch.func.vmap one of a larger batch. `functions.py` joins the ways forward and back. Colours are
along the last axis here; how they lie in memory is free. An operator uses at most as many threads
as torch does.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import torch
from torch import Tensor

from dde import _core
from dde.metrics.formulas import FORMULAS
from dde.threads import get_num_threads, num_threads
from dde.torch import network

_FACTORS = {formula.kernel: tuple(formula.factors) for formula in FORMULAS.values()}


def _threads() -> Any:
    return num_threads(min(get_num_threads(), torch.get_num_threads()))


@cache
def _kernel(formula: str, factors: tuple[float, ...]) -> _core.FormulaKernel:
    named = zip(_FACTORS[formula], factors, strict=True)
    return _core.FormulaKernel(formula, **dict(named))


def _like_dense(colours: Tensor, shape: torch.Size) -> Tensor:
    """An empty tensor of this shape, which lies in memory as the colours do where it can."""
    return torch.empty_like(colours if colours.shape == shape else colours.expand(shape))


# ---- Differences by a formula -------------------------------------------------------------


@torch.library.custom_op("dde::difference", mutates_args=(), device_types="cpu")
def difference(lab1: Tensor, lab2: Tensor, formula: str, factors: list[float]) -> Tensor:
    shape = torch.broadcast_shapes(lab1.shape, lab2.shape)[:-1]
    found = torch.empty(shape, dtype=lab1.dtype)
    with _threads():
        kernel = _kernel(formula, tuple(factors))
        _core.difference(kernel, lab1.numpy(), lab2.numpy(), found.numpy())
    return found


@difference.register_fake
def _(lab1: Tensor, lab2: Tensor, formula: str, factors: list[float]) -> Tensor:
    return lab1.new_empty(torch.broadcast_shapes(lab1.shape, lab2.shape)[:-1])


@torch.library.custom_op("dde::difference_gradient", mutates_args=(), device_types="cpu")
def difference_gradient(
    upstream: Tensor,
    lab1: Tensor,
    lab2: Tensor,
    formula: str,
    factors: list[float],
    wanted: list[bool],
) -> list[Tensor]:
    """The derivatives by lab1, lab2, or both, of the shape to which they broadcast."""
    return _gradients(_kernel(formula, tuple(factors)), upstream, lab1, lab2, wanted)


@difference_gradient.register_fake
def _(
    upstream: Tensor,
    lab1: Tensor,
    lab2: Tensor,
    formula: str,
    factors: list[float],
    wanted: list[bool],
) -> list[Tensor]:
    return _empty_gradients(upstream, lab1, lab2, wanted)


def _empty_gradients(
    upstream: Tensor, lab1: Tensor, lab2: Tensor, wanted: list[bool]
) -> list[Tensor]:
    shape = torch.Size((*upstream.shape, 3))
    pair = zip((lab1, lab2), wanted, strict=True)
    return [_like_dense(lab, shape) for lab, want in pair if want]


def _gradients(
    kernel: _core.DifferenceKernel,
    upstream: Tensor,
    lab1: Tensor,
    lab2: Tensor,
    wanted: list[bool],
) -> list[Tensor]:
    gradients = _empty_gradients(upstream, lab1, lab2, wanted)
    arrays = iter(gradient.numpy() for gradient in gradients)
    filled = (next(arrays) if want else None for want in wanted)
    with _threads():
        _core.difference_gradient(kernel, lab1.numpy(), lab2.numpy(), upstream.numpy(), *filled)
    return gradients


# ---- Conversions --------------------------------------------------------------------------


@torch.library.custom_op("dde::convert", mutates_args=(), device_types="cpu")
def convert(colours: Tensor, conversion: str, parameters: list[float], clip: bool) -> Tensor:
    converted = torch.empty_like(colours)
    way = _way(conversion, tuple(parameters))
    name = "rgb" if way.coded else "colours"
    with _threads():
        _core.convert(way, colours.numpy(), name, converted.numpy(), clip)
    return converted


@cache
def _way(conversion: str, parameters: tuple[float, ...]) -> _core.Way:
    """The steps of a conversion, of which one takes its parameters."""
    if conversion == "srgb_to_xyz":
        return _core.Way([("srgb_decode", ()), ("linear", parameters)], coded=True)
    if conversion == "srgb_to_lab":
        return _core.Way([("srgb_decode", ()), ("linear_to_lab", parameters)], coded=True)
    return _core.Way([(conversion, parameters)])


@convert.register_fake
def _(colours: Tensor, conversion: str, parameters: list[float], clip: bool) -> Tensor:
    return torch.empty_like(colours)


@torch.library.custom_op("dde::conversion_gradient", mutates_args=(), device_types="cpu")
def conversion_gradient(
    upstream: Tensor, colours: Tensor, conversion: str, parameters: list[float]
) -> Tensor:
    gradient = torch.empty_like(colours)
    with _threads():
        _core.conversion_gradient(
            conversion,
            colours.numpy(),
            np.array(parameters),
            upstream.numpy(),
            gradient.numpy(),
        )
    return gradient


@conversion_gradient.register_fake
def _(upstream: Tensor, colours: Tensor, conversion: str, parameters: list[float]) -> Tensor:
    return torch.empty_like(colours)


# ---- The learned difference ---------------------------------------------------------------


@torch.library.custom_op("dde::deep", mutates_args=(), device_types="cpu")
def deep(lab1: Tensor, lab2: Tensor) -> Tensor:
    found = torch.empty(torch.broadcast_shapes(lab1.shape, lab2.shape)[:-1], dtype=lab1.dtype)
    with _threads():
        network.shipped()(lab1.numpy(), lab2.numpy(), out=found.numpy())
    return found


@deep.register_fake
def _(lab1: Tensor, lab2: Tensor) -> Tensor:
    return lab1.new_empty(torch.broadcast_shapes(lab1.shape, lab2.shape)[:-1])


@torch.library.custom_op("dde::deep_gradient", mutates_args=(), device_types="cpu")
def deep_gradient(upstream: Tensor, lab1: Tensor, lab2: Tensor, wanted: list[bool]) -> list[Tensor]:
    """As of `difference_gradient`."""
    return _gradients(network.shipped().kernel, upstream, lab1, lab2, wanted)


@deep_gradient.register_fake
def _(upstream: Tensor, lab1: Tensor, lab2: Tensor, wanted: list[bool]) -> list[Tensor]:
    return _empty_gradients(upstream, lab1, lab2, wanted)


# ---- torch.func.vmap: the batch is one more axis, the first ---------------------------------


def _with_batch_first(
    info: Any, tensors: tuple[Tensor, ...], in_dims: tuple[int | None, ...]
) -> list[Tensor]:
    """Each with the batch as its first axis, and all with equally many axes after it."""
    moved = [
        tensor.unsqueeze(0) if dim is None else tensor.movedim(dim, 0)
        for tensor, dim in zip(tensors, in_dims, strict=True)
    ]
    axes = max(tensor.ndim for tensor in moved)
    return [
        tensor.reshape(tensor.shape[0], *(1,) * (axes - tensor.ndim), *tensor.shape[1:])
        for tensor in moved
    ]


@difference.register_vmap
def _(info: Any, in_dims: Any, lab1: Tensor, lab2: Tensor, *others: Any) -> tuple[Tensor, int]:
    return difference(*_with_batch_first(info, (lab1, lab2), in_dims[:2]), *others), 0


@deep.register_vmap
def _(info: Any, in_dims: Any, lab1: Tensor, lab2: Tensor) -> tuple[Tensor, int]:
    return deep(*_with_batch_first(info, (lab1, lab2), in_dims[:2])), 0


def _vmapped_gradient(operator: Callable[..., list[Tensor]]) -> Callable[..., Any]:
    def batched(
        info: Any, in_dims: Any, upstream: Tensor, lab1: Tensor, lab2: Tensor, *others: Any
    ) -> tuple[list[Tensor], list[int]]:
        pair = (upstream.unsqueeze(-1), lab1, lab2)
        dims = [d if d is None or d >= 0 else d - 1 for d in in_dims[:1]] + list(in_dims[1:3])
        up, first, second = _with_batch_first(info, pair, tuple(dims))
        up = up.expand(info.batch_size, *up.shape[1:]).squeeze(-1)
        found = operator(up, first, second, *others)
        return found, [0] * len(found)

    return batched


difference_gradient.register_vmap(_vmapped_gradient(difference_gradient))
deep_gradient.register_vmap(_vmapped_gradient(deep_gradient))


@convert.register_vmap
def _(info: Any, in_dims: Any, colours: Tensor, *others: Any) -> tuple[Tensor, int]:
    return convert(colours.movedim(in_dims[0], 0), *others), 0


@conversion_gradient.register_vmap
def _(info: Any, in_dims: Any, upstream: Tensor, colours: Tensor, *others: Any) -> Any:
    pair = torch.broadcast_tensors(*_with_batch_first(info, (upstream, colours), in_dims[:2]))
    return conversion_gradient(*pair, *others), 0
