"""What the tests of dde.torch share: functions by their names, tensors for them, gradients."""

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from colour_pairs import pairs

torch = pytest.importorskip("torch")

Tensor = torch.Tensor

FORMULAS: dict[str, dict[str, float]] = {
    "cie76": {},
    "cie94": {"kL": 2, "K1": 0.048, "K2": 0.014},
    "cmc": {"l": 1.5, "c": 0.8},
    "ciede2000": {"kL": 2, "kC": 0.9, "kH": 1.1},
    "hyab": {},
}
DIFFERENCES = (*FORMULAS, "deep")
# With a range of its colours that is far from all corners.
CONVERSIONS: dict[str, tuple[list[float], list[float]]] = {
    "xyz_to_lab": ([0, 0, 0], [1, 1, 1]),
    "lab_to_xyz": ([0, -60, -60], [100, 60, 60]),
    "srgb_to_xyz": ([0, 0, 0], [1, 1, 1]),
    "srgb_to_lab": ([0, 0, 0], [1, 1, 1]),
    "xyz_to_srgb": ([-0.2, 0, 0], [1, 1, 1]),
    "xyz_to_oklab": ([0, 0, 0], [1, 1, 1]),
    "oklab_to_xyz": ([0, -0.3, -0.3], [1, 0.3, 0.3]),
}


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def lab_pairs(
    kind: str = "random", count: int = 200, dtype: Any = torch.float64
) -> tuple[Tensor, Tensor]:
    first, second = pairs(kind, count)
    return torch.tensor(first, dtype=dtype), torch.tensor(second, dtype=dtype)


def colours_for(conversion: str, count: int = 300, dtype: Any = torch.float64) -> Tensor:
    low, high = CONVERSIONS[conversion]
    return torch.tensor(np.random.default_rng(7).uniform(low, high, (count, 3)), dtype=dtype)


def gradients(f: Callable[..., Tensor], *tensors: Tensor) -> tuple[Tensor, ...]:
    leaves = [tensor.clone().requires_grad_() for tensor in tensors]
    return torch.autograd.grad(f(*leaves).sum(), leaves)
