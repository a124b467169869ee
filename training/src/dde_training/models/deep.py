"""
A learned difference that is a metric: a smooth embedding of Lab, and the distance in it.

Two teachers are fitted first: a network that sees CAM16 beside Lab, and a Gaussian process. The
network that ships sees Lab alone and learns what they say together, all over the gamut.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

import dde
import numpy as np
import torch
from torch import Generator, Tensor, nn

from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.deep.course import Stage, train
from dde_training.deep.network import (
    LAB_UNIT,
    bent_part,
    compress,
    distance,
    draw,
    linear_part,
    log,
    pair_distance,
)
from dde_training.deep.prior import gamut_pairs
from dde_training.deep.process import Ratio
from dde_training.deep.teacher import Prior, Scores, Teacher, input_of_lab, input_of_pairs
from dde_training.errors import UserError
from dde_training.models.base import Model
from dde_training.run import Run, fingerprint
from dde_training.statistics import scale

STUDENT_STEPS = (0.5, 30.0)  # Lab units


@dataclass(frozen=True)
class DeepConfig(Config):
    """Sizes and the recipe. An epoch is 50 steps, each on all training pairs."""

    hidden: int = 20
    outputs: int = 6
    gain: float = 1.0  # of the teacher's distances at the start
    # The network that teaches.
    teacher_hidden: int = 24
    teacher_epochs: int = 12
    teacher_rate: float = 5e-3
    share_of_sets: float = 0.5  # of the loss, the mean over the sets; the rest is pooled
    prior_ciede2000: float = 2.0
    prior_cmc: float = 0.0
    prior_pairs: int = 4000
    prior_batch: int = 1000
    # The student.
    share_of_process: float = 0.35  # of what it is taught, in logarithms; the rest is the network's
    student_epochs: int = 48
    student_rate: float = 1e-2
    student_pairs: int = 8000
    student_batch: int = 700
    student_scored: int = 1500  # training pairs a step
    weight_decay: float = 0.01


class Deep(Model):
    """
    ΔE = a·g(‖f(x) − f(y)‖) with f(Lab) = A·u + MLP(u), u = Lab / 30, and g(r) = √(1 + 2r) − 1.

    Whatever the weights are, it is 0 for equal colours and symmetric, and the triangle inequality
    holds: g is concave, increasing and 0 at 0.

    Parameters
    ----------
    config : DeepConfig
    scale : float
        a, which puts ΔE on the scale of CIEDE2000.
    visual : float
        ΔV ≈ visual·ΔE, on the training pairs.
    """

    name: ClassVar[str] = "deep"
    config_type: ClassVar[type[Config]] = DeepConfig

    def __init__(self, config: DeepConfig, *, scale: float, visual: float) -> None:
        super().__init__(config, scale=scale, visual=visual)
        self.linear = linear_part(3, config.outputs)
        self.layers = bent_part(config.hidden, config.outputs)

    def embed(self, lab: Tensor) -> Tensor:
        """Embed CIELAB colours: f, shape (..., k)."""
        u = lab / LAB_UNIT
        embedded: Tensor = self.linear(u) + self.layers(u)
        return embedded

    def forward(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        """The difference of two colours, shape (N,), from CIELAB of shape (N, 3)."""
        return self.constants["scale"] * compress(distance(self.embed(lab1), self.embed(lab2)))

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
            model = cls(config, scale=1.0, visual=1.0)
            teacher = Teacher(config.teacher_hidden, config.outputs, config.gain)
        train(
            _stages(model, teacher, pairs, config, run),
            fingerprint(pairs, groups, config, run.seed),
            run,
        )
        model.put_to_scale(pairs)
        return model.eval()

    def put_to_scale(self, pairs: Pairs) -> None:
        """Give the median ΔE of the pairs the value that it has with CIEDE2000."""
        self.constants = {"scale": 1.0, "visual": 1.0}
        delta_e = self.predict(pairs)
        reference = np.asarray(dde.ciede2000(pairs.lab[:, 0], pairs.lab[:, 1]))
        factor = float(np.median(reference) / np.median(delta_e))
        self.constants = {"scale": factor, "visual": 1 / scale(factor * delta_e, pairs.dv)}


def _stages(
    model: Deep, teacher: Teacher, pairs: Pairs, config: DeepConfig, run: Run
) -> list[Stage]:
    """The network that teaches, and then the student of it and of the Gaussian process."""
    random = np.random.default_rng(run.seed)
    prior = Prior(config.prior_pairs, config.prior_ciede2000, config.prior_cmc, random)
    lesson = _Lesson(teacher, Scores(pairs), prior, config).to(run.device)
    student = _Student(model, teacher, pairs, config, random).to(run.device)
    return [
        Stage(lesson, config.teacher_epochs, config.teacher_rate, config.weight_decay),
        Stage(student, config.student_epochs, config.student_rate, config.weight_decay),
    ]


class _Lesson(nn.Module):
    """A teacher with what it is fitted to."""

    def __init__(self, teacher: Teacher, scores: Scores, prior: Prior, config: DeepConfig) -> None:
        super().__init__()
        self.teacher, self.scores, self.prior, self.config = teacher, scores, prior, config

    def forward(self, generator: Generator) -> Tensor:
        """Give the loss of one step."""
        scored: Tensor = self.scores(self.teacher, self.config.share_of_sets)
        held: Tensor = self.prior(self.teacher, self.config.prior_batch, generator)
        return scored + held


class _Student(nn.Module):
    """The network that ships, with what it is taught of pairs over the gamuts and of others."""

    def __init__(
        self,
        model: Deep,
        teacher: Teacher,
        pairs: Pairs,
        config: DeepConfig,
        random: np.random.Generator,
    ) -> None:
        super().__init__()
        self.model, self.config = model, config
        process = Ratio(pairs) if config.share_of_process else None
        gamut = gamut_pairs(config.student_pairs, STUDENT_STEPS, random)
        self.gamut = _Taught(gamut, input_of_lab(gamut), teacher, process, config)
        self.scored = _Taught(pairs.lab, input_of_pairs(pairs), teacher, process, config)

    def forward(self, generator: Generator) -> Tensor:
        """
        Give the loss of one step: the variance of log(student / teachers).

        The variance, for a difference between the mean logarithms is but a factor.
        """
        errors = [
            self._errors(self.gamut, self.config.student_batch, generator),
            self._errors(self.scored, self.config.student_scored, generator),
        ]
        return torch.var(torch.cat(errors))

    def _errors(self, taught: "_Taught", count: int, generator: Generator) -> Tensor:
        chosen = draw(taught.lab, count, generator)
        own = compress(pair_distance(self.model.embed(taught.lab[chosen])))
        return log(own) - taught.said()[chosen]


class _Taught(nn.Module):
    """Pairs, and the weighted mean of the logarithms that the two teachers give them."""

    def __init__(
        self,
        lab: np.ndarray,
        inputs: Tensor,
        teacher: Teacher,
        process: Ratio | None,
        config: DeepConfig,
    ) -> None:
        super().__init__()
        self.lab = nn.Buffer(torch.as_tensor(lab, dtype=torch.float32), persistent=False)
        self.inputs = nn.Buffer(inputs, persistent=False)
        fixed = torch.zeros(len(lab))
        if process:
            fixed += torch.as_tensor(config.share_of_process * process.log_difference(lab))
        self.fixed = nn.Buffer(fixed, persistent=False)
        self._share = 1 - config.share_of_process
        self._teacher = [teacher]  # in a list: no part of this module, not to be trained any more
        self._said: Tensor | None = None

    @torch.no_grad()
    def said(self) -> Tensor:
        """Asked for when the network that teaches is trained; the answer is kept."""
        if self._said is None:
            (teacher,) = self._teacher
            answer = log(compress(pair_distance(teacher(self.inputs))))
            self._said = self._share * answer + self.fixed
        return self._said
