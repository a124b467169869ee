"""The learned difference in torch's own operations, with the weights that ship."""

from functools import cache
from typing import NamedTuple

import torch
from torch import Tensor

from dde.metrics.models import LAB_UNIT_OF_EDITION_1 as LAB_UNIT
from dde.metrics.models import Model, shipped_model
from dde.torch.plain import ratio, root


def shipped() -> Model:
    return shipped_model("deep")


@cache
def _weights(dtype: torch.dtype, device: torch.device) -> dict[str, Tensor]:
    tensors = shipped()._stored.tensors
    return {
        name: torch.from_numpy(tensor.copy()).to(device, dtype) for name, tensor in tensors.items()
    }


class _Course(NamedTuple):
    """A colour on its way: what both activations are given, and the embedding."""

    t1: Tensor
    t2: Tensor
    embedding: Tensor


def _squareplus(t: Tensor) -> Tensor:
    return (t + torch.sqrt(t * t + 4)) / 2


def _squareplus_slope(t: Tensor) -> Tensor:
    return (1 + t / torch.sqrt(t * t + 4)) / 2


def _course(lab: Tensor) -> _Course:
    w = _weights(lab.dtype, lab.device)
    u = lab / LAB_UNIT
    t1 = u @ w["layers.0.weight"].T + w["layers.0.bias"]
    t2 = _squareplus(t1) @ w["layers.2.weight"].T + w["layers.2.bias"]
    embedding = u @ w["linear.weight"].T + _squareplus(t2) @ w["layers.4.weight"].T
    return _Course(t1, t2, embedding)


def _scale() -> float:
    return shipped()._stored.constants[0]


def deep(lab1: Tensor, lab2: Tensor) -> Tensor:
    """src/kernels/networks/deep.h: a g(|f(x) - f(y)|), with the derivative 0 at equal colours."""
    apart = _course(lab1).embedding - _course(lab2).embedding
    r = root((apart * apart).sum(-1))
    return _scale() * (2 * r / (torch.sqrt(1 + 2 * r) + 1))


def _back(course: _Course, g: Tensor) -> Tensor:
    """From the derivatives by the embedding to those by Lab."""
    w = _weights(g.dtype, g.device)
    g_t2 = (g @ w["layers.4.weight"]) * _squareplus_slope(course.t2)
    g_t1 = (g_t2 @ w["layers.2.weight"]) * _squareplus_slope(course.t1)
    return (g_t1 @ w["layers.0.weight"] + g @ w["linear.weight"]) / LAB_UNIT


def deep_gradients(upstream: Tensor, lab1: Tensor, lab2: Tensor) -> tuple[Tensor, Tensor]:
    """`upstream` times the derivatives of `deep` by both, which are pairs already."""
    first, second = _course(lab1), _course(lab2)
    apart = first.embedding - second.embedding
    r = root((apart * apart).sum(-1))
    g = ratio(upstream * _scale() / torch.sqrt(1 + 2 * r), r).unsqueeze(-1) * apart
    return _back(first, g), _back(second, -g)
