"""What every model is: a torch module from two Lab colours to a difference, and how to fit it."""

from abc import ABC, abstractmethod
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.run import Run


class Model(nn.Module, ABC):
    """
    A trainable colour difference.

    Its weights are its parameters (``state_dict``); what else it needs are `constants`. With
    these two and its configuration it is written to a file and made again from it.
    """

    name: ClassVar[str]
    edition: ClassVar[int] = 1  # of what the weights mean: another one, other tensors or constants
    config_type: ClassVar[type[Config]]

    def __init__(self, config: Config, **constants: float) -> None:
        super().__init__()
        self.config = config
        self.constants = constants

    @classmethod
    @abstractmethod
    def fit(cls, pairs: Pairs, groups: np.ndarray, config: Any, run: Run) -> Self:
        """
        Train a model.

        Parameters
        ----------
        pairs : Pairs
            The training pairs. Everything that is fitted or normalised comes from these alone.
        groups : numpy.ndarray
            Shape (N,), int: pairs of one group must not be parted by an inner split.
        config : Config
            Of this model's own class.
        run : Run
            Device, seed, checkpoint and progress.

        Returns
        -------
        Model
        """

    @abstractmethod
    def forward(self, lab1: Tensor, lab2: Tensor) -> Tensor:
        """The difference of two colours, shape (N,), from CIELAB of shape (N, 3)."""

    @torch.inference_mode()
    def predict(self, pairs: Pairs) -> np.ndarray:
        """
        The differences of pairs on the scale of the visual differences.

        Returns
        -------
        numpy.ndarray
            Shape (N,), float64.
        """
        device = next(self.parameters()).device
        lab = torch.as_tensor(pairs.lab, dtype=torch.float32, device=device)
        return np.asarray(self(lab[:, 0], lab[:, 1]).double().cpu().numpy())
