"""A fit in stages, each a fixed number of steps of one network under one loss."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Generator, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from dde_training.run import Run, Stateful, Training

STEPS_AN_EPOCH = 50  # a fit leaves a checkpoint as often


class Stage(Protocol):
    """A part of a fit: some epochs, and all that they change."""

    epochs: int

    def parts(self, name: str) -> dict[str, Stateful]: ...
    def one_epoch(self, generator: Generator) -> None: ...


@dataclass
class Descent:
    """The stage of a module that gives its own loss, of which samples are drawn."""

    module: nn.Module
    epochs: int
    learning_rate: float
    weight_decay: float

    def __post_init__(self) -> None:
        self.optimiser = AdamW(
            self.module.parameters(), lr=self.learning_rate, weight_decay=self.weight_decay
        )
        steps = max(self.epochs, 1) * STEPS_AN_EPOCH
        self.schedule = OneCycleLR(self.optimiser, self.learning_rate, total_steps=steps)

    def parts(self, name: str) -> dict[str, Stateful]:
        """All that changes while the stage runs."""
        return {
            f"{name} network": self.module,
            f"{name} optimiser": self.optimiser,
            f"{name} schedule": self.schedule,
        }

    def one_epoch(self, generator: Generator) -> None:
        """Take the steps of one epoch."""
        for _ in range(STEPS_AN_EPOCH):
            self.optimiser.zero_grad()
            torch.autograd.backward(self.module(generator))
            self.optimiser.step()
            self.schedule.step()


def train(stages: Sequence[Stage], identity: str, run: Run) -> None:
    """
    Train stage after stage; an interrupted run is taken up where it was.

    Parameters
    ----------
    stages : sequence of Stage
    identity : str
        From `dde_training.run.fingerprint`.
    run : Run
    """
    # Drawn on the CPU, so that every device sees the same samples.
    generator = Generator().manual_seed(run.seed)
    parts: dict[str, Stateful] = {}
    for number, stage in enumerate(stages):
        parts |= stage.parts(f"stage {number}")
    training = Training(parts, generator, identity, run)
    plan = [stage for stage in stages for _ in range(stage.epochs)]
    training.fit(
        lambda: plan[training.epoch].one_epoch(generator), lambda: 0.0, len(plan), patience=0
    )
