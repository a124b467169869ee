"""The teacher: it sees CAM16 beside Lab, learns from people's scores, and formulas hold it."""

import numpy as np
import torch
from torch import Generator, Tensor, nn

from dde_training.data import Pairs
from dde_training.deep.network import (
    LAB_UNIT,
    bent_part,
    compress,
    disagreement,
    draw,
    linear_part,
    log,
    pair_distance,
)
from dde_training.deep.prior import FreeCiede2000, FreeCmc, cam16, cam16_of_lab, gamut_pairs

CAM16_UNIT = 12.0
MEAN_POWER, SPREAD = 0.1, 0.005  # penalties on what the sets have of their own
PRIOR_STEPS = (0.7, 10.0)  # Lab units


def teacher_input(lab: np.ndarray, appearance: np.ndarray) -> Tensor:
    """CAM16-SCD / 12 and Lab / 30 side by side, shape (..., 6)."""
    both = np.concatenate([appearance / CAM16_UNIT, lab / LAB_UNIT], axis=-1)
    return torch.as_tensor(both, dtype=torch.float32)


def input_of_pairs(pairs: Pairs) -> Tensor:
    """The teacher's input for both colours of each pair, under its own white: (N, 2, 6)."""
    appearance = np.empty_like(pairs.lab)
    for white in np.unique(pairs.white, axis=0):
        same = (pairs.white == white).all(axis=1)
        appearance[same] = cam16(pairs.xyz[same] / 100, white / 100)
    return teacher_input(pairs.lab, appearance)


def input_of_lab(lab: np.ndarray) -> Tensor:
    """The teacher's input for Lab under D65."""
    return teacher_input(lab, cam16_of_lab(lab))


class Teacher(nn.Module):
    """An embedding of CAM16 and Lab."""

    def __init__(self, hidden: int, outputs: int, gain: float) -> None:
        super().__init__()
        self.linear = linear_part(6, outputs)
        self.layers = bent_part(hidden, outputs, nn.Softplus)
        self.log_gain = nn.Parameter(torch.tensor(float(np.log(gain))))

    def forward(self, inputs: Tensor) -> Tensor:
        embedded: Tensor = self.linear(inputs) + self.layers(inputs[..., 3:])
        return torch.exp(self.log_gain) * embedded


class Scores(nn.Module):
    """
    Training pairs, and how far a network's differences are from people's scores.

    Each set was scored in its own way: it has a scale and a power of its own beside the network,
    which small penalties hold together, and which are no part of what the network says.
    """

    def __init__(self, pairs: Pairs) -> None:
        super().__init__()
        # Many pairs share a colour: each is embedded once.
        colours, places = torch.unique(
            input_of_pairs(pairs).reshape(-1, 6), dim=0, return_inverse=True
        )
        self.colours = nn.Buffer(colours, persistent=False)
        self.places = nn.Buffer(places.reshape(-1, 2), persistent=False)
        self.dv = nn.Buffer(torch.as_tensor(pairs.dv, dtype=torch.float32), persistent=False)
        self.sets = nn.Buffer(torch.as_tensor(pairs.sets), persistent=False)
        self.numbers = np.unique(pairs.sets).tolist()
        self.log_scales = nn.Parameter(torch.zeros(max(self.numbers) + 1))
        self.log_powers = nn.Parameter(torch.zeros(max(self.numbers) + 1))

    def forward(self, teacher: nn.Module, share_of_sets: float) -> Tensor:
        """Give STRESS² pooled, mixed with its mean over the sets."""
        own = log(compress(pair_distance(teacher(self.colours)[self.places])))
        powers, scales = torch.exp(self.log_powers), self.log_scales
        computed = torch.exp(scales[self.sets] + powers[self.sets] * own)
        pooled = disagreement(computed, self.dv)
        parts = [self.sets == number for number in self.numbers]
        each = [disagreement(computed[part], self.dv[part]) for part in parts]
        loss = (1 - share_of_sets) * pooled + share_of_sets * torch.stack(each).mean()
        return loss + self.strangeness()

    def strangeness(self) -> Tensor:
        """How far the sets are from each other, and their mean power from 1."""
        powers, scales = self.log_powers[self.numbers], self.log_scales[self.numbers]
        spread = torch.mean(powers**2) + torch.var(scales, correction=0)
        return MEAN_POWER * torch.mean(powers) ** 2 + SPREAD * spread


class Prior(nn.Module):
    """Random pairs over the gamuts, and how far a network's distances are from the formulas."""

    def __init__(self, count: int, ciede2000: float, cmc: float, random: np.random.Generator):
        super().__init__()
        pairs = gamut_pairs(count, PRIOR_STEPS, random)
        self.inputs = nn.Buffer(input_of_lab(pairs), persistent=False)
        formulas = (ciede2000, FreeCiede2000), (cmc, FreeCmc)
        self.formulas = nn.ModuleList(formula(pairs) for weight, formula in formulas if weight)
        self.weights = [weight for weight, _ in formulas if weight]

    def forward(self, teacher: nn.Module, count: int, generator: Generator) -> Tensor:
        """Give the variance of log(distance / formula) over pairs drawn anew."""
        chosen = draw(self.inputs, count, generator)
        log_distance = log(pair_distance(teacher(self.inputs[chosen])))
        total = torch.zeros((), device=chosen.device)
        for weight, formula in zip(self.weights, self.formulas, strict=True):
            total = total + weight * torch.var(log_distance - formula(chosen))
        return total
