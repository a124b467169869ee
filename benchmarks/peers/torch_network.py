"""The networks in torch: the better of the whole array at once and blocks of 4096 pairs."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial
from time import perf_counter

import numpy as np
import torch
from networks import DEEP, LAB_UNIT, LARGE, MU, SIAMESE, SIGMA, SMALL, layer
from torch import Tensor, nn

from dde.metrics.model_files import StoredModel
from peers.torch_formula import tensor_ciede2000, tensor_ciede2000_gradient

__all__ = ["tensor_ciede2000", "tensor_ciede2000_gradient"]
NAME = "torch"
VERSION = torch.__version__
TYPES = ("float32",)
BLOCK = 4096

Forward = Callable[[Tensor, Tensor], Tensor]


@contextmanager
def threads(n: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(n)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _linear(model: StoredModel, name: str) -> nn.Linear:
    weight, bias = layer(model, name)
    linear = nn.Linear(weight.shape[1], weight.shape[0], bias=bias is not None)
    state = {"weight": weight} if bias is None else {"weight": weight, "bias": bias}
    linear.load_state_dict({key: torch.from_numpy(part.copy()) for key, part in state.items()})
    return linear


ENCODER = nn.Sequential(
    _linear(SIAMESE, "encoder.0"), nn.ReLU(), _linear(SIAMESE, "encoder.2"), nn.ReLU()
)
HEAD = nn.Sequential(_linear(SIAMESE, "head.0"), nn.ReLU(), _linear(SIAMESE, "head.2"))


def _siamese(lab1: Tensor, lab2: Tensor) -> Tensor:
    y = HEAD((ENCODER(lab1) - ENCODER(lab2)).abs())
    return (torch.exp(y[:, 0] * SIGMA + MU) - 1).clamp(min=0)


class Squareplus(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return (x + torch.sqrt(x * x + 4)) / 2


HIDDEN = nn.Sequential(
    _linear(DEEP, "hidden.0"), Squareplus(), _linear(DEEP, "hidden.2"), Squareplus()
)
PARTS = [
    (_linear(DEEP, f"{part}.linear"), _linear(DEEP, f"{part}.bent")) for part in ("small", "large")
]


def _embedded(lab: Tensor) -> list[Tensor]:
    u = lab / LAB_UNIT
    units = HIDDEN(u)
    return [linear(u) + bent(units) for linear, bent in PARTS]


def _deep(lab1: Tensor, lab2: Tensor) -> Tensor:
    parts = zip(_embedded(lab1), _embedded(lab2), strict=True)
    r1, r2 = (torch.linalg.vector_norm(one - other, dim=-1) for one, other in parts)
    v = (r1 / SMALL).clamp(max=1.25)
    return SMALL * (v - 0.08192 * v**5) + LARGE * (torch.sqrt(1 + 2 * r2 / LARGE) - 1)


@torch.inference_mode()
def _in_blocks(forward: Forward, lab1: np.ndarray, lab2: np.ndarray, block: int) -> np.ndarray:
    pairs = (torch.from_numpy(lab.reshape(-1, 3)).split(block) for lab in (lab1, lab2))
    found = torch.cat([forward(a, b) for a, b in zip(*pairs, strict=True)])
    return found.numpy().reshape(lab1.shape[:-1])


@cache
def _better_block(forward: Forward, pixels: int, threads: int) -> int:
    """Which of the two is faster here, for so many pairs and threads."""
    lab = np.random.default_rng(0).random((pixels, 3), np.float32)
    seconds = {}
    for block in (BLOCK, pixels) * 2:
        start = perf_counter()
        _in_blocks(forward, lab, lab, block)
        seconds[block] = min(perf_counter() - start, seconds.get(block, np.inf))
    return min(seconds, key=lambda block: seconds[block])


def _forward(forward: Forward, lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    block = _better_block(forward, lab1.size // 3, torch.get_num_threads())
    return _in_blocks(forward, lab1, lab2, block)


siamese = partial(_forward, _siamese)
deep = partial(_forward, _deep)
