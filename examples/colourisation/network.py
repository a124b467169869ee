"""The network of R. Zhang, P. Isola and A. A. Efros, "Colorful image colorization", ECCV 2016."""

import torch
from torch import Tensor, nn

# Of each block: its width as a multiple of the first, convolutions, dilation, stride of the last.
BLOCKS = (
    (1, 2, 1, 2),
    (2, 2, 1, 2),
    (4, 3, 1, 2),
    (8, 3, 1, 1),
    (8, 3, 2, 1),
    (8, 3, 2, 1),
    (8, 3, 1, 1),
)
LIGHTNESS = 50.0  # L* is seen as (L* - 50) / 50


def block(before: int, after: int, count: int, dilation: int, stride: int) -> nn.Sequential:
    """3 x 3 convolutions with ReLU, and batch normalisation."""
    layers: list[nn.Module] = []
    for place in range(count):
        step = stride if place == count - 1 else 1
        layers += [nn.Conv2d(before, after, 3, step, dilation, dilation), nn.ReLU()]
        before = after
    return nn.Sequential(*layers, nn.BatchNorm2d(after))


class Colouriser(nn.Module):
    """
    From L* to the logarithmic odds of each bin of a*b*, at a quarter of the resolution.

    Parameters
    ----------
    width : int
        Channels of the first block; 64 in the paper.
    bins : int
        How many bins there are.
    """

    def __init__(self, width: int, bins: int) -> None:
        super().__init__()
        blocks, before = [], 1
        for factor, count, dilation, stride in BLOCKS:
            blocks.append(block(before, factor * width, count, dilation, stride))
            before = factor * width
        self.blocks = nn.Sequential(*blocks)
        self.eighth = nn.Sequential(
            nn.ConvTranspose2d(before, 4 * width, 4, 2, 1),
            nn.ReLU(),
            nn.Conv2d(4 * width, 4 * width, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(4 * width, 4 * width, 3, padding=1),
            nn.ReLU(),
        )
        self.odds = nn.Conv2d(4 * width, bins, 1)

    def forward(self, lightness: Tensor) -> Tensor:
        """From L* (N, 1, H, W) to (N, bins, H / 4, W / 4)."""
        found: Tensor = self.odds(self.eighth(self.blocks(lightness / LIGHTNESS - 1)))
        return found


def loss(odds: Tensor, encoded: Tensor, weights: Tensor) -> Tensor:
    """
    The cross entropy of soft-encoded colours, each pixel weighing what its likeliest bin does.

    Parameters
    ----------
    odds, encoded : Tensor, shape (N, bins, h, w)
    weights : Tensor, shape (bins,)
        As from `dde.colourisation.rebalancing_weights`.
    """
    entropy = -(encoded * torch.log_softmax(odds, dim=1)).sum(dim=1)
    return (weights[encoded.argmax(dim=1)] * entropy).mean()
