"""
Levenberg-Marquardt: the least sum of squares, for networks of a few hundred weights.

References
----------
K. Madsen, H. B. Nielsen and O. Tingleff, "Methods for non-linear least squares problems", 2nd
edition (Technical University of Denmark, 2004), chapter 3.2.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Generator, Tensor, nn
from torch.func import functional_call, grad_and_value, vmap

from dde_training.run import Stateful

STEPS_AN_EPOCH = 10  # a fit leaves a checkpoint as often
TRIES = 8  # of one step, each shorter
LONGER, SHORTER = 0.25, 4.0  # factors of the damping
LEAST_DAMPING = 1e-7
FLAT = 1e-8  # curvature, beside weights and losses of about 1


class Term(nn.Module, ABC):
    """
    Residuals that are made of one quantity of each of some pairs of colours.

    Parameters
    ----------
    pairs : torch.Tensor
        Shape (N, 2, 3), float64.
    """

    def __init__(self, pairs: Tensor) -> None:
        super().__init__()
        self.pairs = nn.Buffer(pairs, persistent=False)

    def quantity(self, network: nn.Module) -> Callable[[dict[str, Tensor], Tensor], Tensor]:
        """What is asked of one pair, (2, 3), as a function of the weights: its difference."""
        return lambda weights, pair: functional_call(network, weights, (pair[0], pair[1]))

    @abstractmethod
    def residuals(self, values: Tensor) -> Tensor:
        """From the quantities, shape (N,), to residuals, (M,)."""

    @abstractmethod
    def slopes(self, values: Tensor, slopes: Tensor) -> Tensor:
        """From the derivatives of the quantities by the weights, (N, P), to those of residuals."""


class Damping:
    """How far a step holds to steepest descent: what a fit has in mind beside its weights."""

    value = 1e-2

    def state_dict(self) -> dict[str, Any]:
        return {"value": self.value}

    def load_state_dict(self, state: dict[str, Any]) -> None:
        self.value = state["value"]


@dataclass
class LeastSquares:
    """
    The stage of a fit in which a network, in float64, takes steps of Levenberg and Marquardt.

    Parameters
    ----------
    module : torch.nn.Module
    terms : callable
        Gives what the network is fitted to, once it is asked for.
    epochs : int
        Of `STEPS_AN_EPOCH` steps.
    ridge : float
        Times the sum of the squares of all weights, beside the residuals.
    """

    module: nn.Module
    terms: Callable[[], Sequence[Term]]
    epochs: int
    ridge: float
    damping: Damping = field(default_factory=Damping)
    _terms: Sequence[Term] | None = None

    def parts(self, name: str) -> dict[str, Stateful]:
        """All that changes while the stage runs."""
        return {f"{name} network": self.module, f"{name} damping": self.damping}

    def one_epoch(self, _: Generator) -> None:
        """Take the steps of one epoch, or as many as make it better."""
        if self._terms is None:
            self._terms = self.terms()
        for _step in range(STEPS_AN_EPOCH):
            if not self._step(self._terms):
                return

    def _step(self, terms: Sequence[Term]) -> bool:
        """Take one step; False where there is none that makes it better."""
        weights: dict[str, Tensor] = dict(self.module.named_parameters())
        start = nn.utils.parameters_to_vector(weights.values()).detach()
        curvature = self.ridge * torch.eye(len(start), dtype=start.dtype, device=start.device)
        downhill = -self.ridge * start
        cost = self.ridge * (start @ start)
        for term in terms:
            values, slopes = by_weights(term.quantity(self.module), weights, term.pairs)
            residuals, slopes = term.residuals(values), term.slopes(values, slopes)
            curvature += _square(slopes)
            downhill -= slopes.T @ residuals
            cost = cost + residuals @ residuals
        scaled = torch.diag(curvature.diagonal().clamp_min(FLAT))
        curvature.diagonal().add_(FLAT)
        for _try in range(TRIES):
            damped = curvature + self.damping.value * scaled
            reached = start + torch.linalg.solve(damped, downhill)
            nn.utils.vector_to_parameters(reached, self.module.parameters())
            if self._cost(terms) < cost:
                self.damping.value = max(self.damping.value * LONGER, LEAST_DAMPING)
                return True
            self.damping.value *= SHORTER
        nn.utils.vector_to_parameters(start, self.module.parameters())
        return False

    @torch.no_grad()
    def _cost(self, terms: Sequence[Term]) -> Tensor:
        weights: dict[str, Tensor] = dict(self.module.named_parameters())
        vector = nn.utils.parameters_to_vector(weights.values())
        cost = self.ridge * (vector @ vector)
        for term in terms:
            ask = vmap(term.quantity(self.module), in_dims=(None, 0))
            residuals = term.residuals(ask(weights, term.pairs))
            cost = cost + residuals @ residuals
        return cost


def by_weights(
    quantity: Callable[[dict[str, Tensor], Tensor], Tensor],
    weights: dict[str, Tensor],
    pairs: Tensor,
) -> tuple[Tensor, Tensor]:
    """The quantities of pairs, (N,), and their derivatives by all weights, (N, P)."""
    fixed = {name: weight.detach() for name, weight in weights.items()}
    slopes, values = vmap(grad_and_value(quantity), in_dims=(None, 0))(fixed, pairs)
    return values, torch.cat([slopes[name].flatten(1) for name in weights], dim=1)


def _square(slopes: Tensor) -> Tensor:
    """JᵀJ; in float32, which only shapes the step and takes a third of the time."""
    single = slopes.float()
    return (single.T @ single).to(slopes)
