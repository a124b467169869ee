"""What the network that ships is fitted to: logarithms, equal steps, constant hues."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.func import functional_call

from dde_training.deep.least_squares import Term
from dde_training.deep.network import TINY, log


class Logarithms(Term):
    """
    Pairs whose differences are known but for a factor: log ΔE − known, less its weighted mean.

    Parameters
    ----------
    pairs : torch.Tensor
        Shape (N, 2, 3).
    known : torch.Tensor
        Logarithms, shape (N,).
    shares : torch.Tensor
        How much each pair counts, shape (N,), to the sum of the weight of the whole.
    """

    def __init__(self, pairs: Tensor, known: Tensor, shares: Tensor) -> None:
        super().__init__(pairs)
        self.known = nn.Buffer(known, persistent=False)
        self.mean = nn.Buffer(shares / shares.sum(), persistent=False)
        self.roots = nn.Buffer(torch.sqrt(shares), persistent=False)

    def residuals(self, values: Tensor) -> Tensor:
        errors = log(values) - self.known
        return self.roots * (errors - self.mean @ errors)

    def slopes(self, values: Tensor, slopes: Tensor) -> Tensor:
        of_log = slopes / values.clamp_min(TINY)[:, None]
        return self.roots[:, None] * (of_log - self.mean @ of_log)


@dataclass(frozen=True)
class Evenness:
    """What equal steps weigh, of value, chroma and hue, and their means beside that of chroma."""

    value: float
    chroma: float
    value_to_chroma: float
    hue_to_chroma: float


class EqualSteps(Term):
    """
    Steps that are meant to look alike: how much those of a kind vary, and how far their means are
    from that of chroma, in logarithms.

    Parameters
    ----------
    pairs : torch.Tensor
        Shape (N, 2, 3).
    sizes : torch.Tensor
        How large each is meant to be, shape (N,).
    kinds : torch.Tensor
        Indices into `dde_training.steps.KINDS`, shape (N,).
    weights : Evenness
    """

    def __init__(self, pairs: Tensor, sizes: Tensor, kinds: Tensor, weights: Evenness) -> None:
        super().__init__(pairs)
        self.sizes = nn.Buffer(sizes, persistent=False)
        value, chroma, hue = (torch.nonzero(kinds == kind).flatten() for kind in range(3))
        self._even = [(value, weights.value), (chroma, weights.chroma)]
        self._chroma = chroma
        self._alike = [(value, weights.value_to_chroma), (hue, weights.hue_to_chroma)]

    def residuals(self, values: Tensor) -> Tensor:
        steps = values / self.sizes
        even = [
            (weight / len(kind)) ** 0.5 * (steps[kind] / steps[kind].mean() - 1)
            for kind, weight in self._even
        ]
        chroma = torch.log(steps[self._chroma].mean())
        alike = [
            weight**0.5 * (torch.log(steps[kind].mean()) - chroma) for kind, weight in self._alike
        ]
        return torch.cat([*even, torch.stack(alike)])

    def slopes(self, values: Tensor, slopes: Tensor) -> Tensor:
        steps, of_steps = values / self.sizes, slopes / self.sizes[:, None]
        rows = []
        for kind, weight in self._even:
            mean, of_mean = steps[kind].mean(), of_steps[kind].mean(dim=0)
            relative = (of_steps[kind] - (steps[kind] / mean)[:, None] * of_mean) / mean
            rows.append((weight / len(kind)) ** 0.5 * relative)
        chroma = _of_log_mean(steps[self._chroma], of_steps[self._chroma])
        for kind, weight in self._alike:
            rows.append(weight**0.5 * (_of_log_mean(steps[kind], of_steps[kind]) - chroma)[None])
        return torch.cat(rows)


def _of_log_mean(values: Tensor, slopes: Tensor) -> Tensor:
    return slopes.mean(dim=0) / values.mean()


class ConstantHue(Term):
    """
    Colours of one hue, whose angle about the greys should be one.

    The angle is in the plane in which the embedding spreads most, once what a grey of the same L*
    has is taken off. The plane is found anew for each step.

    Parameters
    ----------
    colours : torch.Tensor
        Lab, shape (N, 3).
    lines : torch.Tensor
        The line that each is on, shape (N,), int, counted from 0.
    weight : float
    """

    def __init__(self, colours: Tensor, lines: Tensor, weight: float) -> None:
        greys = colours * torch.tensor([1.0, 0, 0], dtype=colours.dtype)
        super().__init__(torch.stack([colours, greys], dim=1))
        self.lines = nn.Buffer(lines, persistent=False)
        counts = torch.bincount(lines)
        member = nn.functional.one_hot(lines).to(colours.dtype)
        about_mean = torch.eye(len(lines), dtype=colours.dtype) - member / counts @ member.T
        scale = (weight / len(lines)) ** 0.5
        self.about_mean = nn.Buffer(scale * about_mean, persistent=False)

    def quantity(self, network: nn.Module) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
        embedding = _Embedding(network)
        with torch.no_grad():
            one, grey = embedding(self.pairs).unbind(dim=1)
            plane = torch.linalg.svd(one - grey, full_matrices=False)[2][:2]

        def angle(weights: dict[str, Tensor], pair: Tensor) -> Tensor:
            own = {f"network.{name}": weight for name, weight in weights.items()}
            one, grey = functional_call(embedding, own, (pair,))
            across, up = plane @ (one - grey)
            return torch.atan2(up, across)

        return angle

    def residuals(self, values: Tensor) -> Tensor:
        return self.about_mean @ self._unwound(values)

    def slopes(self, values: Tensor, slopes: Tensor) -> Tensor:
        return self.about_mean @ slopes

    def _unwound(self, angles: Tensor) -> Tensor:
        """The angles from the mean direction of each line, −π to π."""
        count = int(self.lines.max()) + 1
        ends = torch.stack([torch.cos(angles), torch.sin(angles)], dim=1)
        sums = torch.zeros(count, 2, dtype=ends.dtype, device=ends.device)
        sums = sums.index_add(0, self.lines, ends)
        apart = angles - torch.atan2(sums[:, 1], sums[:, 0])[self.lines]
        return torch.atan2(torch.sin(apart), torch.cos(apart))


class _Embedding(nn.Module):
    """The coordinates of a network, in units of ΔE, as a function of its weights."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, lab: Tensor) -> Tensor:
        embedded: Tensor = self.network.embed(lab)
        return embedded


def shares(count: int, weight: float, size: Tensor | None = None) -> Tensor:
    """`weight`, shared out over pairs evenly, or by their sizes."""
    sizes = torch.ones(count, dtype=torch.float64) if size is None else size
    return weight * sizes / sizes.sum()
