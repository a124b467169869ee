"""
A smooth embedding of colours with two distances in it, a proper metric whatever its weights are.

A teacher that sees CAM16 beside Lab is fitted to people's scores; so is a Gaussian process. The
network that ships sees Lab alone. Of small differences it learns what the two say together, all
over the gamut; of large ones, what Munsell's steps and an appearance model say.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import dde
import numpy as np
import torch
from torch import Tensor, nn

from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.deep.course import Descent, train
from dde_training.deep.least_squares import LeastSquares, Term
from dde_training.deep.lessons import ConstantHue, EqualSteps, Evenness, Logarithms, shares
from dde_training.deep.network import (
    LAB_UNIT,
    Squareplus,
    compress,
    distance,
    log,
    pair_distance,
    saturate,
)
from dde_training.deep.prior import gamut_pairs, log_cam16_lcd, visible_pairs
from dde_training.deep.process import Ratio
from dde_training.deep.teacher import Prior, Scores, Teacher, input_of_lab, input_of_pairs
from dde_training.errors import UserError
from dde_training.models.base import Model
from dde_training.run import Run, fingerprint
from dde_training.statistics import scale
from dde_training.steps import WHITE, equal_steps, renotation

# Lab units
GAMUT_STEPS = (0.5, 30.0)
LARGE_STEPS = (10.0, 80.0)
VISIBLE_SMALL_STEPS, VISIBLE_LARGE_STEPS = (0.5, 5.0), (5.0, 60.0)
LEAST_CHROMA = 4.0  # of Munsell, for a hue that can be told
LARGEST_TAUGHT = 6.0  # CIEDE2000: of larger differences the teachers know nothing
START_SIZE = 4.0  # of the parts, ΔE of the teachers


@dataclass(frozen=True)
class DeepConfig(Config):
    """Sizes and the recipe. What a part of a loss weighs is 0 where the part is left out."""

    hidden: int = 12
    small: int = 3  # coordinates
    large: int = 3
    # The network that teaches. An epoch is 50 steps, each on all training pairs.
    teacher_hidden: int = 24
    teacher_outputs: int = 6
    teacher_epochs: int = 12
    teacher_rate: float = 5e-3
    share_of_sets: float = 0.5  # of the loss, the mean over the sets; the rest is pooled
    prior_ciede2000: float = 2.0
    prior_cmc: float = 0.0
    prior_pairs: int = 4000
    prior_batch: int = 1000
    weight_decay: float = 0.01
    # The student: small differences. An epoch is 10 steps of least squares.
    student_epochs: int = 9
    share_of_process: float = 0.4  # of what it is taught, in logarithms; the rest is the network's
    power: float = 1.02  # of what it is taught
    taught_gamut: float = 1.0
    taught_scored: float = 2.0
    scored_size: float = 0.6  # scored pairs count by this power of their difference
    gamut_pairs: int = 3000
    visible: float = 0.1  # CIEDE2000, for small differences out to MacAdam's limits
    visible_pairs: int = 1500
    ridge: float = 1e-5
    # The student: large differences.
    appearance: float = 0.4  # CAM16-LCD, to a power
    appearance_power: float = 0.62
    appearance_pairs: int = 2000
    visible_appearance: float = 0.2
    munsell_value: float = 0.2  # how much steps of value vary
    munsell_chroma: float = 0.1
    munsell_value_to_chroma: float = 0.04  # how far a step of value is from one of chroma
    munsell_hue_to_chroma: float = 0.2
    munsell_hues: float = 0.2  # how much the lines of constant hue bend
    munsell_steps: int = 1500


class Part(nn.Module):
    """Some coordinates of an embedding: linear in Lab, and in the units of the last layer."""

    def __init__(self, hidden: int, outputs: int) -> None:
        super().__init__()
        self.linear = nn.Linear(3, outputs, bias=False)
        self.bent = nn.Linear(hidden, outputs, bias=False)

    def forward(self, u: Tensor, units: Tensor) -> Tensor:
        coordinates: Tensor = self.linear(u) + self.bent(units)
        return coordinates


class Deep(Model):
    """
    ΔE = s·g₁(r₁/s) + l·g₂(r₂/l), the r Euclidean distances in two parts of an embedding.

    Of Lab, u = Lab / 30 and h = σ(W₂·σ(W₁·u + b₁) + b₂), each part has coordinates A·u + B·h, in
    units of ΔE. g₁ is `saturate`, so that the first part is for small differences, and g₂ is
    `compress`. Whatever the weights are, it is 0 for equal colours and symmetric, and the triangle
    inequality holds: both g are concave, increasing and 0 at 0, and so is the sum of two metrics.

    Parameters
    ----------
    config : DeepConfig
    small, large : float
        s and l.
    lab_unit : float
        Of u.
    visual : float
        ΔV ≈ visual·ΔE, on the training pairs.
    """

    name: ClassVar[str] = "deep"
    edition: ClassVar[int] = 2
    config_type: ClassVar[type[Config]] = DeepConfig

    def __init__(
        self,
        config: DeepConfig,
        *,
        small: float,
        large: float,
        lab_unit: float = LAB_UNIT,
        visual: float,
    ) -> None:
        super().__init__(config, small=small, large=large, lab_unit=lab_unit, visual=visual)
        hidden = config.hidden
        self.hidden = nn.Sequential(
            nn.Linear(3, hidden), Squareplus(), nn.Linear(hidden, hidden), Squareplus()
        )
        self.small = Part(hidden, config.small)
        self.large = Part(hidden, config.large)

    def coordinates(self, lab: Tensor) -> tuple[Tensor, Tensor]:
        """The two parts of the embedding of CIELAB colours, shapes (..., k₁) and (..., k₂)."""
        u = lab / self.constants["lab_unit"]
        units = self.hidden(u)
        return self.small(u, units), self.large(u, units)

    def embed(self, lab: Tensor) -> Tensor:
        """Embed CIELAB colours: both parts side by side, shape (..., k₁ + k₂)."""
        return torch.cat(self.coordinates(lab), dim=-1)

    def forward(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        """The difference of two colours, shape (N,), from CIELAB of shape (N, 3)."""
        parts = zip(self.coordinates(lab1), self.coordinates(lab2), strict=True)
        r1, r2 = (distance(one, other) for one, other in parts)
        small, large = self.constants["small"], self.constants["large"]
        return small * saturate(r1 / small) + large * compress(r2 / large)

    def predict(self, pairs: Pairs) -> np.ndarray:
        """The differences of pairs on the scale of the visual differences; see `Model.predict`."""
        return self.constants["visual"] * super().predict(pairs)

    @classmethod
    def fit(cls, pairs: Pairs, groups: np.ndarray, config: DeepConfig, run: Run) -> Self:
        """Train teacher and student; see `Model.fit`."""
        if config.patience:
            raise UserError("deep has no early stopping: its learning rate runs through a cycle")
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.seed)
            model = cls(config, small=1.0, large=1.0, visual=1.0)
            student = Student(model)
            teacher = Teacher(config.teacher_hidden, config.teacher_outputs, gain=1.0)
        random = np.random.default_rng(run.seed)
        prior = Prior(config.prior_pairs, config.prior_ciede2000, config.prior_cmc, random)
        lesson = _Lesson(teacher, Scores(pairs), prior, config).to(run.device)
        student = student.double().to(run.device)
        train(
            [
                Descent(lesson, config.teacher_epochs, config.teacher_rate, config.weight_decay),
                LeastSquares(
                    student,
                    lambda: _curriculum(teacher, pairs, config, random, run.device),
                    config.student_epochs,
                    config.ridge,
                ),
            ],
            fingerprint(pairs, groups, config, run.seed),
            run,
        )
        student.hand_over()
        model.float().put_to_scale(pairs)
        return model.eval()

    def put_to_scale(self, pairs: Pairs) -> None:
        """Give the median ΔE of the pairs the value that it has with CIEDE2000."""
        self.constants["visual"] = 1.0
        reference = np.asarray(dde.ciede2000(pairs.lab[:, 0], pairs.lab[:, 1]))
        factor = float(np.median(reference) / np.median(self.predict(pairs)))
        self.scale_by(factor, factor)
        self.constants["visual"] = 1 / scale(self.predict(pairs), pairs.dv)

    @torch.no_grad()
    def scale_by(self, small: float, large: float) -> None:
        """Multiply the ΔE of each part, at all differences."""
        for name, factor in (("small", small), ("large", large)):
            self.constants[name] *= factor
            for weights in getattr(self, name).parameters():
                weights *= factor


class Student(nn.Module):
    """The network that ships while it learns: how large its parts are is learned beside it."""

    def __init__(self, model: Deep) -> None:
        super().__init__()
        self.model = model
        self.log_sizes = nn.Parameter(torch.full((2,), float(np.log(START_SIZE))))
        first, last = (layer for layer in model.hidden if isinstance(layer, nn.Linear))
        narrow = last.in_features**-0.5
        for layer, weight, bias in ((first, 0.8, 0.8), (last, narrow, 0.5)):
            nn.init.normal_(layer.weight, std=weight)
            nn.init.normal_(layer.bias, std=bias)
        for part, gain in ((model.small, 2.0), (model.large, 1.0)):
            nn.init.eye_(part.linear.weight)
            part.linear.weight.data *= gain
            nn.init.normal_(part.bent.weight, std=0.3 * narrow)

    def embed(self, lab: Tensor) -> Tensor:
        """The coordinates in units of ΔE."""
        small, large = self.model.coordinates(lab)
        sizes = torch.exp(self.log_sizes)
        return torch.cat([sizes[0] * small, sizes[1] * large], dim=-1)

    def forward(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        parts = zip(self.model.coordinates(lab1), self.model.coordinates(lab2), strict=True)
        r1, r2 = (distance(one, other) for one, other in parts)
        sizes = torch.exp(self.log_sizes)
        return sizes[0] * saturate(r1) + sizes[1] * compress(r2)

    def hand_over(self) -> None:
        """Put the sizes into the model, whose coordinates then are in units of ΔE."""
        self.model.scale_by(*torch.exp(self.log_sizes).tolist())


class _Lesson(nn.Module):
    """A teacher with what it is fitted to."""

    def __init__(self, teacher: Teacher, scores: Scores, prior: Prior, config: DeepConfig) -> None:
        super().__init__()
        self.teacher, self.scores, self.prior, self.config = teacher, scores, prior, config

    def forward(self, generator: torch.Generator) -> Tensor:
        """Give the loss of one step."""
        scored: Tensor = self.scores(self.teacher, self.config.share_of_sets)
        held: Tensor = self.prior(self.teacher, self.config.prior_batch, generator)
        return scored + held


def _curriculum(
    teacher: Teacher,
    pairs: Pairs,
    config: DeepConfig,
    random: np.random.Generator,
    device: torch.device,
) -> list[Term]:
    """What the student learns: of small differences, and then of large ones."""
    terms: list[Term] = [_taught(teacher, pairs, config, random, device)]
    near = visible_pairs(config.visible_pairs, VISIBLE_SMALL_STEPS, random)
    far = visible_pairs(config.visible_pairs, VISIBLE_LARGE_STEPS, random)
    large = gamut_pairs(config.appearance_pairs, LARGE_STEPS, random)
    power = config.appearance_power
    for lab, known, weight in (
        (near, np.log(dde.ciede2000(near[:, 0], near[:, 1])), config.visible),
        (large, power * log_cam16_lcd(large), config.appearance),
        (far, power * log_cam16_lcd(far), config.visible_appearance),
    ):
        if weight:
            clear = np.isfinite(known)  # CAM16 has no value for the darkest of vivid colours
            lab, known = lab[clear], known[clear]
            terms.append(Logarithms(_double(lab), _double(known), shares(len(lab), weight)))
    terms += _munsell(config, random)
    return [term.to(device) for term in terms]


def _taught(
    teacher: Teacher,
    pairs: Pairs,
    config: DeepConfig,
    random: np.random.Generator,
    device: torch.device,
) -> Term:
    """What the teachers say of pairs all over the gamuts, and of those that people scored."""
    gamut = gamut_pairs(config.gamut_pairs, GAMUT_STEPS, random)
    gamut = gamut[np.asarray(dde.ciede2000(gamut[:, 0], gamut[:, 1])) < LARGEST_TAUGHT]
    process = Ratio(pairs) if config.share_of_process else None

    def said(lab: np.ndarray, inputs: Tensor) -> Tensor:
        with torch.no_grad():
            by_network = log(compress(pair_distance(teacher(inputs.to(device))))).double().cpu()
        if process is None:
            return config.power * by_network
        share, by_process = config.share_of_process, _double(process.log_difference(lab))
        return config.power * ((1 - share) * by_network + share * by_process)

    of_gamut = said(gamut, input_of_lab(gamut))
    of_scored = said(pairs.lab, input_of_pairs(pairs))
    return Logarithms(
        _double(np.concatenate([gamut, pairs.lab])),
        torch.cat([of_gamut, of_scored]),
        torch.cat(
            [
                shares(len(gamut), config.taught_gamut),
                shares(len(pairs), config.taught_scored, torch.exp(config.scored_size * of_scored)),
            ]
        ),
    )


def _munsell(config: DeepConfig, random: np.random.Generator) -> list[Term]:
    """Munsell's steps and his lines of constant hue."""
    weights = Evenness(
        config.munsell_value,
        config.munsell_chroma,
        config.munsell_value_to_chroma,
        config.munsell_hue_to_chroma,
    )
    notation, xyz = renotation()
    steps, _ = equal_steps(notation, xyz)
    terms: list[Term] = []
    if any(vars(weights).values()):
        some = random.permutation(len(steps))[: config.munsell_steps]
        terms.append(
            EqualSteps(
                _double(steps.lab[some]),
                _double(steps.dv[some]),
                torch.as_tensor(steps.sets[some]),
                weights,
            )
        )
    if config.munsell_hues:
        told = np.flatnonzero(notation[:, 2] >= LEAST_CHROMA)[::4]
        lines = np.unique(notation[told, 0], return_inverse=True)[1]
        lab = np.asarray(dde.xyz_to_lab(xyz[told], WHITE))
        terms.append(ConstantHue(_double(lab), torch.as_tensor(lines), config.munsell_hues))
    return terms


def _double(array: np.ndarray) -> Tensor:
    return torch.as_tensor(array, dtype=torch.float64)
