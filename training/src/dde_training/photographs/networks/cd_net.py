"""
CD-Net: a small convolutional embedding, and a learned quadratic form of its differences.

References
----------
Z. Wang, K. Xu, Y. Yang, J. Dong, S. Gu, L. Xu, Y. Fang and K. Ma, "Measuring perceptual color
differences of smartphone photography", arXiv:2205.13489 (2022).
"""

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor, nn
from torch.nn import functional

from dde_training.photographs.networks.base import Distance, Recipe

ROOT_GUARD = 1e-8  # under the root while training, whose derivative at 0 would be infinite


@dataclass(frozen=True)
class CDNetRecipe(Recipe):
    """Sizes as published. The paper's other settings are not known here; these are our own."""

    learning_rate: float = 1e-3
    crop: int = 768
    together: bool = True


class CDNet(Distance):
    """
    The mean over the pixels of √(dᵀMd), d = |f(x) − f(y)| and M the symmetrised |12 × 12| matrix.

    It is 0 for equal pictures and symmetric, but no metric: M need not be positive definite, and
    f may give unequal pictures equal features.

    Parameters
    ----------
    side : int
        Pictures of a longer shorter side are resized to it.
    """

    name: ClassVar[str] = "cd-net"
    presets: ClassVar[dict[str, Recipe]] = {
        "paper": CDNetRecipe(),
        "small": CDNetRecipe(
            epochs=8,
            batch=8,
            learning_rate=3e-3,
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
        self.point = nn.Conv2d(3, 32, 1, bias=False)
        self.neighbourhood = nn.Conv2d(3, 32, 11, padding=5, dilation=3, bias=False)
        self.layers = nn.Sequential(
            nn.LeakyReLU(),
            nn.Conv2d(64, 32, 1, bias=False),
            nn.LeakyReLU(),
            nn.Conv2d(32, 16, 1, bias=False),
            nn.LeakyReLU(),
            nn.Conv2d(16, 12, 1, bias=False),
        )
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_uniform_(layer.weight)
        self.matrix = nn.Parameter(torch.rand(12, 12))

    @classmethod
    def of(cls, recipe: Recipe) -> "CDNet":
        """The network of a recipe."""
        return cls(side=recipe.test_side)

    def embed(self, pictures: Tensor) -> Tensor:
        """The features of pictures (N, 3, H, W): (N, 12, H, W)."""
        around = functional.interpolate(
            self.neighbourhood(pictures), pictures.shape[-2:], mode="bilinear", align_corners=True
        )
        features: Tensor = self.layers(torch.cat([self.point(pictures), around], dim=1))
        return features

    def forward(self, reference: Tensor, sample: Tensor) -> Tensor:
        """The differences of pictures (N, 3, H, W), shape (N,)."""
        return self._mean_difference(reference, sample, guard=0.0)

    def loss(self, reference: Tensor, sample: Tensor, score: Tensor) -> Tensor:
        """The mean squared error."""
        found = self._mean_difference(reference, sample, ROOT_GUARD)
        return functional.mse_loss(found, score)

    def _mean_difference(self, reference: Tensor, sample: Tensor, guard: float) -> Tensor:
        d = torch.abs(self.embed(reference) - self.embed(sample))
        positive = torch.abs(self.matrix)
        m = (positive + positive.T) / 2
        form = torch.einsum("nihw,ij,njhw->nhw", d, m, d)
        return torch.sqrt(guard + form).mean(dim=(1, 2))
