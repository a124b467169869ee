"""
CD-Flow: the distance between two photographs in what a normalising flow makes of them.

References
----------
H. Chen, Z. Wang, Y. Yang, Q. Sun and K. Ma, "Learning a deep color difference metric for
photographic images", IEEE/CVF Conference on Computer Vision and Pattern Recognition (2023).
"""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.utils.checkpoint import checkpoint

from dde_training.photographs.networks.base import Distance, Recipe
from dde_training.photographs.networks.flow import Step, ZeroConvolution

ROOT_GUARD = 1e-8  # under the root while training, whose derivative at 0 would be infinite
LEVELS = 32  # of a sample of a picture, in the likelihood
SCORED = 10.0  # the weight of the scores beside the likelihood, and of all scales in the scores


@dataclass(frozen=True)
class CDFlowRecipe(Recipe):
    """The network and the recipe of the paper."""

    blocks: int = 6
    steps: int = 8
    hidden: int = 512
    epsilon: float = 1e-7  # of Adam
    mixed_precision: bool = True
    recompute: bool = True  # the activations of a step, on the way back: time for memory


class Latents:
    """
    What a flow makes of images.

    Attributes
    ----------
    z : list of Tensor
        One a block, the finest first: (N, 6, H/2, W/2), (N, 12, H/4, W/4) and so on.
    log_p : Tensor
        Shape (N,): their log-density.
    log_determinant : Tensor
        Shape (N,): of the flow.
    """

    def __init__(self, z: list[Tensor], log_p: Tensor, log_determinant: Tensor) -> None:
        self.z, self.log_p, self.log_determinant = z, log_p, log_determinant


class Block(nn.Module):
    """Squeeze 2×2 into channels, steps of flow, and all but the last: half of it goes on."""

    def __init__(self, channels: int, steps: int, hidden: int, last: bool) -> None:
        super().__init__()
        squeezed = 4 * channels
        self.last = last
        self.recompute = False
        self.steps = nn.ModuleList(Step(squeezed, hidden) for _ in range(steps))
        # Mean and log-deviation of z, told from the half that goes on; the last has ones instead.
        seen, told = (squeezed, squeezed) if last else (squeezed // 2, squeezed // 2)
        self.prior = ZeroConvolution(seen, 2 * told)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Give what goes on, z, its log-density and the log-determinant."""
        x = functional.pixel_unshuffle(x, 2)
        total = x.new_zeros(x.shape[0])
        for step in self.steps:
            if self.recompute and torch.is_grad_enabled():
                x, log_determinant = checkpoint(step, x, use_reentrant=False)
            else:
                x, log_determinant = step(x)
            total = total + log_determinant
        onward, z = (torch.ones_like(x), x) if self.last else x.chunk(2, dim=1)
        mean, log_deviation = self.prior(onward).chunk(2, dim=1)
        return onward, z, _log_density(z, mean, log_deviation), total

    @torch.no_grad()
    def initialise(self, x: Tensor) -> Tensor:
        """Set the ActNorms from a batch, and give what goes on of it."""
        x = functional.pixel_unshuffle(x, 2)
        for step in self.steps:
            assert isinstance(step, Step)
            step.initialise(x)
            x, _ = step(x)
        return x if self.last else x.chunk(2, dim=1)[0]

    def inverse(self, onward: Tensor | None, z: Tensor) -> Tensor:
        """Give the input of the block."""
        y = z if onward is None else torch.cat([onward, z], dim=1)
        for step in reversed(self.steps):
            assert isinstance(step, Step)
            y = step.inverse(y)
        return functional.pixel_shuffle(y, 2)


class CDFlow(Distance):
    """
    Root of the mean squared difference of all z of a multi-scale flow.

    The flow loses nothing, and the distance is Euclidean: it is 0 for equal pictures alone,
    symmetric, and the triangle inequality holds.

    Parameters
    ----------
    blocks, steps, hidden : int
        Blocks of the flow, steps in each, and channels inside of a coupling.
    side : int
        Pictures are resized to this shorter side and cut to its square; a multiple of 2^blocks.
    """

    name: ClassVar[str] = "cd-flow"
    presets: ClassVar[dict[str, Recipe]] = {
        "paper": CDFlowRecipe(),
        "small": CDFlowRecipe(
            epochs=10,
            batch=8,
            learning_rate=1e-3,
            halving=4,
            average=0.99,
            resize=32,
            rotation=1.0,
            crop=31,
            side=32,
            test_side=32,
            blocks=4,
            steps=2,
            hidden=32,
            mixed_precision=False,
            recompute=False,
        ),
    }
    whole = False

    def __init__(self, *, blocks: int, steps: int, hidden: int, side: int) -> None:
        super().__init__(blocks=blocks, steps=steps, hidden=hidden, side=side)
        channels = [3 * 2**block for block in range(blocks)]
        self.blocks = nn.ModuleList(
            Block(count, steps, hidden, last=count == channels[-1]) for count in channels
        )

    @classmethod
    def of(cls, recipe: Recipe) -> "CDFlow":
        """The network of a recipe."""
        assert isinstance(recipe, CDFlowRecipe)
        model = cls(
            blocks=recipe.blocks, steps=recipe.steps, hidden=recipe.hidden, side=recipe.test_side
        )
        for block in model.flow:
            block.recompute = recipe.recompute
            for step in block.steps:
                assert isinstance(step, Step)
                step.couple.mixed_precision = recipe.mixed_precision
        return model

    @property
    def flow(self) -> list[Block]:
        """The blocks, the finest first."""
        return [block for block in self.blocks if isinstance(block, Block)]

    def encode(self, pictures: Tensor) -> Latents:
        """
        What the flow makes of sRGB pictures in [0, 1], (N, 3, H, W).

        Returns
        -------
        Latents
        """
        onward, found = pictures, []
        log_p = log_determinant = pictures.new_zeros(pictures.shape[0])
        for block in self.flow:
            onward, z, density, determinant = block(onward)
            found.append(z)
            log_p, log_determinant = log_p + density, log_determinant + determinant
        return Latents(found, log_p, log_determinant)

    def inverse(self, z: list[Tensor]) -> Tensor:
        """The pictures of latents."""
        onward = None
        for block, of_block in zip(reversed(self.flow), reversed(z), strict=True):
            onward = block.inverse(onward, of_block)
        assert onward is not None
        return onward

    def initialise(self, pictures: Tensor) -> None:
        """Set the ActNorms so that the first batch comes out with mean 0 and deviation 1."""
        for block in self.flow:
            pictures = block.initialise(pictures)

    def forward(self, reference: Tensor, sample: Tensor) -> Tensor:
        """The distances of pictures (N, 3, H, W), shape (N,)."""
        return self.cumulative(reference, sample)[:, -1]

    def cumulative(self, reference: Tensor, sample: Tensor) -> Tensor:
        """
        The distances by the coarsest scale, by the two coarsest, and so on to all.

        Returns
        -------
        Tensor
            Shape (N, blocks).
        """
        return _cumulative(self.encode(reference).z, self.encode(sample).z, guard=0.0)

    def local_maps(self, reference: Tensor, sample: Tensor) -> Tensor:
        """
        Where two pictures differ, by scale.

        Returns
        -------
        Tensor
            Shape (N, blocks, H, W), the finest scale first: the root of the mean over the channels
            of the squared difference of z, each value over the square of pixels that it sees.
        """
        size = reference.shape[-2:]
        maps = [
            functional.interpolate((x - y).square().mean(dim=1, keepdim=True).sqrt(), size)
            for x, y in zip(self.encode(reference).z, self.encode(sample).z, strict=True)
        ]
        return torch.cat(maps, dim=1)

    def loss(self, reference: Tensor, sample: Tensor, score: Tensor) -> Tensor:
        """10·S + NLL(reference) + NLL(sample), with S = 10·MSE(all scales) + the other MSEs."""
        count = len(score)
        both = self.encode(torch.cat([reference, sample]))
        first, second = ([z[part] for z in both.z] for part in (slice(count), slice(count, None)))
        errors = (_cumulative(first, second, ROOT_GUARD) - score[:, None]).square().mean(dim=0)
        scored = SCORED * errors[-1] + errors[:-1].sum()
        likelihood = self.negative_log_likelihood(both, reference[0].numel())
        return SCORED * scored + 2 * likelihood.mean()

    @staticmethod
    def negative_log_likelihood(latents: Latents, samples: int) -> Tensor:
        """Bits a sample of pictures that have so many samples, shape (N,)."""
        log_likelihood = latents.log_p + latents.log_determinant - samples * math.log(LEVELS)
        return -log_likelihood / (samples * math.log(2))

    def optimiser(self, recipe: Recipe) -> torch.optim.Optimizer:
        """Adam, as the paper has it."""
        assert isinstance(recipe, CDFlowRecipe)
        return torch.optim.Adam(self.parameters(), recipe.learning_rate, eps=recipe.epsilon)


def _cumulative(first: list[Tensor], second: list[Tensor], guard: float) -> Tensor:
    """√(guard + mean squared difference) over {coarsest}, {coarsest, next} … : (N, blocks)."""
    pairs = list(zip(reversed(first), reversed(second), strict=True))
    squares = torch.stack([(x - y).square().sum(dim=(1, 2, 3)) for x, y in pairs], dim=1)
    counts = np.cumsum([x[0].numel() for x, _ in pairs]).tolist()
    means = torch.cumsum(squares, dim=1) / torch.tensor(counts).to(squares)
    return torch.sqrt(guard + means)


def _log_density(z: Tensor, mean: Tensor, log_deviation: Tensor) -> Tensor:
    """The logarithm of a Gaussian's density, summed over an image: (N,)."""
    standard = (z - mean) * torch.exp(-log_deviation)
    density = -0.5 * math.log(2 * math.pi) - log_deviation - 0.5 * standard.square()
    return density.sum(dim=(1, 2, 3))
