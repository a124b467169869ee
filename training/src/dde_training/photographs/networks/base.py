"""What every learned difference of photographs is, and what a recipe says of its fit."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch import Tensor, nn

from dde_training.configuration import Config
from dde_training.photographs.pictures import as_tensor, resized_and_cut, resized_whole


@dataclass(frozen=True)
class Recipe(Config):
    """How a network is fitted; the defaults are CD-Flow's."""

    epochs: int = 50
    batch: int = 4
    learning_rate: float = 1e-5
    halving: int = 5  # epochs after which the rate is halved, again and again
    average: float = 0.999  # the decay of the average of weights that is judged and kept
    # What is seen of a picture in a fit, drawn anew each time: its shorter side is resized,
    # it is turned by up to so many degrees, a square is cut out and resized to the side.
    resize: int = 1024
    rotation: float = 3.0
    crop: int = 1000
    side: int = 768
    together: bool = False  # whether both pictures of a pair are cut and turned alike
    test_side: int = 1024  # the shorter side of what is measured


class Distance(nn.Module, ABC):
    """
    A learned difference of two photographs.

    Its weights are its parameters and buffers (``state_dict``); with `constants` it is made again
    from a file, whatever it was fitted with.
    """

    name: ClassVar[str]
    edition: ClassVar[int] = 1
    presets: ClassVar[dict[str, Recipe]]
    whole: ClassVar[bool] = True  # pictures are seen whole; False for the square in their middle

    def __init__(self, **constants: int) -> None:
        super().__init__()
        self.constants = constants

    @classmethod
    @abstractmethod
    def of(cls, recipe: Any) -> Self:
        """Make the network of a recipe, with random weights."""

    @abstractmethod
    def forward(self, reference: Tensor, sample: Tensor) -> Tensor:
        """Give the differences (N,) of sRGB pictures in [0, 1], (N, 3, H, W)."""

    @abstractmethod
    def loss(self, reference: Tensor, sample: Tensor, score: Tensor) -> Tensor:
        """What a fit makes small, of a batch."""

    def initialise(self, pictures: Tensor) -> None:
        """Set what is taken from the first batch."""
        return

    def optimiser(self, recipe: Any) -> torch.optim.Optimizer:
        """What changes the weights."""
        return torch.optim.Adam(self.parameters(), recipe.learning_rate)

    def see(self, picture: np.ndarray) -> Tensor:
        """
        What is measured of a picture: it or its middle, resized.

        Parameters
        ----------
        picture : numpy.ndarray
            Shape (H, W, 3), uint8: sRGB.

        Returns
        -------
        Tensor
            Shape (1, 3, h, w), float32 in [0, 1].
        """
        seen = resized_whole if self.whole else resized_and_cut
        return as_tensor(seen(picture, self.constants["side"]))[None]

    @torch.inference_mode()
    def difference(self, reference: np.ndarray, sample: np.ndarray) -> float:
        """
        The difference of two pictures.

        Parameters
        ----------
        reference, sample : numpy.ndarray
            Shape (H, W, 3), uint8: sRGB.

        Returns
        -------
        float
        """
        device = next(self.parameters()).device
        return float(self(self.see(reference).to(device), self.see(sample).to(device)))
