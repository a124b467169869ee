"""The parts of the network: a smooth embedding of colours, and the distance in it."""

import torch
from torch import Tensor, nn

LAB_UNIT = 30.0  # what the network takes for 1 in CIELAB
TINY = 1e-4  # a difference that nobody sees
LAST_LAYER = 0.3  # the bent part starts small beside the linear part


class Squareplus(nn.Module):
    """
    σ(x) = (x + √(x² + 4)) / 2: smooth and increasing as softplus is, and only a square root.

    References
    ----------
    J. T. Barron, "Squareplus: a softplus-like algebraic rectifier" (2021), arXiv:2112.11687.
    """

    def forward(self, x: Tensor) -> Tensor:
        return (x + torch.sqrt(x * x + 4)) / 2


def linear_part(inputs: int, outputs: int) -> nn.Linear:
    """A linear map that starts by handing its first inputs on, and leaves out the rest."""
    layer = nn.Linear(inputs, outputs, bias=False)
    nn.init.eye_(layer.weight)
    layer.weight.data[:, 3:] = 0
    return layer


def bent_part(hidden: int, outputs: int, activation: type[nn.Module] = Squareplus) -> nn.Sequential:
    """Two hidden layers; the last has no bias, since it would drop out of every difference."""
    last = nn.Linear(hidden, outputs, bias=False)
    last.weight.data *= LAST_LAYER
    return nn.Sequential(
        nn.Linear(3, hidden), activation(), nn.Linear(hidden, hidden), activation(), last
    )


def distance(one: Tensor, other: Tensor) -> Tensor:
    """
    Euclidean distance along the last axis.

    Its gradient at equal points, where it has none, is taken as 0.
    """
    square = torch.sum((one - other) ** 2, dim=-1)
    apart = square > 0
    # The inner `where` keeps the infinite slope of the root out of the gradient.
    return torch.where(apart, torch.sqrt(torch.where(apart, square, 1)), 0)


def compress(r: Tensor) -> Tensor:
    """
    g(r) = √(1 + 2r) − 1, written so that nothing cancels where r is small.

    Concave with g(0) = 0, so that a metric stays one; with slope 1 at 0, so that the rounding
    noise of images is not blown up as by a power below 1.
    """
    return 2 * r / (torch.sqrt(1 + 2 * r) + 1)


def saturate(r: Tensor) -> Tensor:
    """
    g(r) = v − (4/5)⁴·v⁵/5 with v = min(r, 5/4), which is 1 from there on.

    Concave with g(0) = 0 and slope 1 at 0, as `compress` is.
    """
    v = r.clamp(max=1.25)
    return v - 0.08192 * v**5


def pair_distance(embedded: Tensor) -> Tensor:
    """The distances of pairs of points, from shape (..., 2, k)."""
    return distance(embedded[..., 0, :], embedded[..., 1, :])


def disagreement(computed: Tensor, visual: Tensor) -> Tensor:
    """1 − cos² of the angle between the two: (STRESS / 100)², which no factor changes."""
    cross = torch.sum(computed * visual)
    return 1 - cross * cross / (torch.sum(computed * computed) * torch.sum(visual * visual))


def draw(rows: Tensor, count: int, generator: torch.Generator) -> Tensor:
    """Indices of rows, with replacement; drawn on the CPU, so that all devices draw the same."""
    return torch.randint(len(rows), (count,), generator=generator).to(rows.device)


def log(x: Tensor) -> Tensor:
    """The natural logarithm, finite at 0, where equal colours are."""
    return torch.log(x.clamp_min(TINY))
