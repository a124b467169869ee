"""The Siamese network of the DeepDeltaE project (https://github.com/Auspiow/DeepDeltaE)."""

from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.models.base import Model
from dde_training.protocols import inner_split
from dde_training.run import Run, Training, fingerprint


@dataclass(frozen=True)
class SiameseConfig(Config):
    """The recipe of the DeepDeltaE project."""

    epochs: int = 30
    batch: int = 256
    learning_rate: float = 1e-3
    weight_decay: float = 1e-5
    huber_delta: float = 1.0
    bins: int = 10


class Siamese(Model):
    """
    One encoder for both colours, and a head on the absolute difference of what it gives.

    The head's output y is the z-scored log(1 + ΔV), so ΔE = exp(y·σ + μ) − 1; 0 where
    that is negative, as no difference is.
    """

    name: ClassVar[str] = "siamese"
    config_type: ClassVar[type[Config]] = SiameseConfig

    def __init__(self, config: SiameseConfig, *, target_mean: float, target_std: float) -> None:
        super().__init__(config, target_mean=target_mean, target_std=target_std)
        self.encoder = nn.Sequential(nn.Linear(3, 64), nn.ReLU(), nn.Linear(64, 128), nn.ReLU())
        self.head = nn.Sequential(nn.Linear(128, 64), nn.ReLU(), nn.Linear(64, 1))

    def standardised(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        """The head's output y, which is what the loss sees."""
        distance = torch.abs(self.encoder(lab1) - self.encoder(lab2))
        y: Tensor = self.head(distance)
        return y.squeeze(-1)

    def forward(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        """The difference of two colours, shape (N,), from CIELAB of shape (N, 3)."""
        y = self.standardised(lab1, lab2)
        predicted = torch.exp(y * self.constants["target_std"] + self.constants["target_mean"]) - 1
        return predicted.clamp(min=0)

    @classmethod
    def fit(cls, pairs: Pairs, groups: np.ndarray, config: SiameseConfig, run: Run) -> Self:
        """Train as the DeepDeltaE project did; see `Model.fit`."""
        inner = inner_split(groups, run.seed) if config.patience else np.zeros(len(pairs), bool)
        target = np.log1p(pairs.dv[~inner])
        # Targets that are all equal have no spread to divide by.
        spread = float(target.std()) or 1.0
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(run.seed)
            model = cls(config, target_mean=float(target.mean()), target_std=spread)
        model.to(run.device)
        learner = _Learner(model, pairs[~inner], config, run)
        watched = _batch(model, pairs[inner], run.device)
        training = Training(
            {"model": model, "optimiser": learner.optimiser},
            learner.generator,
            fingerprint(pairs, groups, config, run.seed),
            run,
        )
        training.fit(
            learner.one_epoch, lambda: learner.loss(*watched).item(), config.epochs, config.patience
        )
        return model.eval()


class _Learner:
    """One epoch of training, on tensors that stay on the device."""

    def __init__(self, model: Siamese, pairs: Pairs, config: SiameseConfig, run: Run) -> None:
        self.model = model
        self.config = config
        self.huber = nn.HuberLoss(delta=config.huber_delta)
        self.lab, self.target = _batch(model, pairs, run.device)
        self.weights = torch.from_numpy(balanced_weights(pairs.dv, config.bins)).repeat(2)
        self.generator = torch.Generator().manual_seed(run.seed)
        self.optimiser = torch.optim.AdamW(
            model.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
        )

    def loss(self, lab: Tensor, target: Tensor) -> Tensor:
        loss: Tensor = self.huber(self.model.standardised(lab[:, 0], lab[:, 1]), target)
        return loss

    def one_epoch(self) -> None:
        # Sample i of the first half is pair i as it is, of the second half with its colours
        # swapped. Drawn on the CPU, so that every device sees the same batches.
        samples = len(self.weights)
        drawn = torch.multinomial(self.weights, samples, replacement=True, generator=self.generator)
        for batch in torch.split(drawn.to(self.lab.device), self.config.batch):
            pair, swapped = batch % len(self.target), batch >= len(self.target)
            lab = self.lab[pair]
            lab = torch.where(swapped[:, None, None], lab.flip(1), lab)
            self.optimiser.zero_grad()
            torch.autograd.backward(self.loss(lab, self.target[pair]))
            self.optimiser.step()


def _batch(model: Siamese, pairs: Pairs, device: torch.device) -> tuple[Tensor, Tensor]:
    """Lab of shape (N, 2, 3) and the standardised target of shape (N,), float32 on the device."""
    mean, std = model.constants["target_mean"], model.constants["target_std"]
    target = (np.log1p(pairs.dv) - mean) / std
    return (
        torch.as_tensor(pairs.lab, dtype=torch.float32, device=device),
        torch.as_tensor(target, dtype=torch.float32, device=device),
    )


def balanced_weights(dv: np.ndarray, bins: int) -> np.ndarray:
    """
    Weights that make every bin of visual difference as likely to be drawn as every other.

    The bins are equally wide, from 0 to the largest difference (at least 1).

    Parameters
    ----------
    dv : numpy.ndarray
        Shape (N,): visual differences.
    bins : int

    Returns
    -------
    numpy.ndarray
        Shape (N,), float64.

    Examples
    --------
    >>> balanced_weights(np.array([0.1, 0.2, 1.0]), 2).tolist()
    [0.5, 0.5, 1.0]
    """
    edges = np.linspace(0, max(dv.max(), 1.0), bins + 1)
    place = np.clip(np.digitize(dv, edges) - 1, 0, bins - 1)
    return np.asarray(1 / np.bincount(place)[place])
