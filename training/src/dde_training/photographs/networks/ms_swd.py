"""
Learned MS-SWD: the distance between the distributions of learned projections.

References
----------
J. He, Z. Wang, L. Wang, T.-I. Liu, Y. Fang, Q. Sun and K. Ma, "Multiscale sliced Wasserstein
distances as perceptual color difference measures", European Conference on Computer Vision (2024).
"""

from dataclasses import dataclass
from typing import ClassVar

import dde.torch
import torch
from torch import Tensor, nn
from torch.nn import functional

from dde_training.photographs.networks.base import Distance, Recipe


@dataclass(frozen=True)
class MSSWDRecipe(Recipe):
    """Sizes as published. The paper's other settings are not known here; these are our own."""

    learning_rate: float = 1e-4
    resize: int = 256
    crop: int = 248
    side: int = 248
    test_side: int = 256


class MSSWD(Distance):
    """
    The mean distance (W₁) of 64 learned features of two pictures, wherever they lie in them.

    It is 0 for equal pictures and symmetric, and the triangle inequality holds; pictures of equal
    distributions of features have no difference.

    Parameters
    ----------
    side : int
        Pictures of a longer shorter side are resized to it.
    """

    name: ClassVar[str] = "ms-swd"
    presets: ClassVar[dict[str, Recipe]] = {
        "paper": MSSWDRecipe(),
        "small": MSSWDRecipe(
            epochs=8,
            batch=8,
            learning_rate=1e-3,
            halving=4,
            average=0.99,
            resize=64,
            rotation=1.0,
            crop=60,
            side=48,
            test_side=64,
        ),
    }

    def __init__(self, *, side: int) -> None:
        super().__init__(side=side)
        self.layers = nn.Sequential(
            nn.Conv2d(3, 128, 11, padding=5, padding_mode="reflect", bias=False),
            nn.LeakyReLU(),
            nn.Conv2d(128, 64, 1, bias=False),
        )

    @classmethod
    def of(cls, recipe: Recipe) -> "MSSWD":
        """The network of a recipe."""
        return cls(side=recipe.test_side)

    def embed(self, pictures: Tensor) -> Tensor:
        """The features of pictures (N, 3, H, W), each in its order: (N, 64, H·W)."""
        features: Tensor = self.layers(dde.torch.srgb_to_lab(pictures, dim=1))
        return torch.sort(features.flatten(2), dim=2).values

    def forward(self, reference: Tensor, sample: Tensor) -> Tensor:
        """The differences of pictures (N, 3, H, W), shape (N,)."""
        return torch.abs(self.embed(reference) - self.embed(sample)).mean(dim=(1, 2))

    def loss(self, reference: Tensor, sample: Tensor, score: Tensor) -> Tensor:
        """The mean squared error."""
        return functional.mse_loss(self(reference, sample), score)
