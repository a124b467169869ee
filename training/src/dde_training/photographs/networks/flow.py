"""
The layers of a normalising flow: each is inverted exactly, and knows its log-determinant.

References
----------
D. P. Kingma and P. Dhariwal, "Glow: Generative flow with invertible 1×1 convolutions", Advances in
Neural Information Processing Systems 31 (2018).
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional

WIDENING = 3.0  # of a ZeroConvolution's learned logarithmic scale
OPEN = 2.0  # a coupling starts with the scale sigmoid(2), near 1
SPREAD = 0.05  # the deviation of a coupling's first weights


class Layer(nn.Module, ABC):
    """An invertible map of images (N, C, H, W)."""

    @abstractmethod
    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give y and log|det dy/dx|, of shape (N,) or the same for all images, of shape ()."""

    @abstractmethod
    def inverse(self, y: Tensor) -> Tensor:
        """Give the x of a y."""

    def initialise(self, x: Tensor) -> None:
        """Set what is taken from the first batch."""
        return


class ActNorm(Layer):
    """y = scale·(x + shift), a channel at a time; the first batch comes out with mean 0, sd 1."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.shift = nn.Parameter(torch.zeros(channels, 1, 1))
        self.scale = nn.Parameter(torch.ones(channels, 1, 1))

    @torch.no_grad()
    def initialise(self, x: Tensor) -> None:
        """Take mean and deviation from a batch."""
        deviation, mean = torch.std_mean(x, dim=(0, 2, 3), keepdim=True)
        self.shift.copy_(-mean[0])
        self.scale.copy_(1 / (deviation[0] + 1e-6))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give y and H·W·Σ log|scale|."""
        return self.scale * (x + self.shift), _area(x) * torch.log(torch.abs(self.scale)).sum()

    def inverse(self, y: Tensor) -> Tensor:
        """Give the x of a y."""
        return y / self.scale - self.shift


class Mixing(Layer):
    """The invertible 1×1 convolution W = P·L·(U + diag(s)); it starts as a random rotation."""

    permutation: Tensor
    sign: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        rotation = torch.linalg.qr(torch.randn(channels, channels))[0]
        permutation, lower, upper = torch.linalg.lu(rotation)
        s = torch.diagonal(upper)
        self.register_buffer("permutation", permutation)
        self.register_buffer("sign", torch.sign(s))
        self.lower = nn.Parameter(torch.tril(lower, -1))
        self.upper = nn.Parameter(torch.triu(upper, 1))
        self.log_s = nn.Parameter(torch.log(torch.abs(s)))

    def _triangles(self) -> tuple[Tensor, Tensor]:
        """L with ones on its diagonal, and U with s on its own."""
        one = torch.eye(len(self.log_s), dtype=self.log_s.dtype, device=self.log_s.device)
        diagonal = torch.diag(self.sign * torch.exp(self.log_s))
        return torch.tril(self.lower, -1) + one, torch.triu(self.upper, 1) + diagonal

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give W·x and H·W·Σ log|s|."""
        lower, upper = self._triangles()
        weight = self.permutation @ lower @ upper
        return functional.conv2d(x, weight[..., None, None]), _area(x) * self.log_s.sum()

    def inverse(self, y: Tensor) -> Tensor:
        """Give the x of a y, by substitution."""
        lower, upper = self._triangles()
        x: Tensor = self.permutation.T @ y.flatten(2)
        x = torch.linalg.solve_triangular(lower, x, upper=False, unitriangular=True)
        x = torch.linalg.solve_triangular(upper, x, upper=True)
        return torch.reshape(x, y.shape)


class ZeroConvolution(nn.Module):
    """A 3×3 convolution of an image framed by ones, times exp(3·scale); it starts as zero."""

    def __init__(self, channels: int, outputs: int) -> None:
        super().__init__()
        self.convolution = nn.Conv2d(channels, outputs, 3)
        nn.init.zeros_(self.convolution.weight)
        assert self.convolution.bias is not None
        nn.init.zeros_(self.convolution.bias)
        self.scale = nn.Parameter(torch.zeros(outputs, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Give images (N, outputs, H, W)."""
        found: Tensor = self.convolution(functional.pad(x, (1, 1, 1, 1), value=1.0))
        return found * torch.exp(WIDENING * self.scale)


class Coupling(Layer):
    """(a, b) -> (a, (b + t)·s), where a network sees a and gives t and s = sigmoid(log s + 2)."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.mixed_precision = False  # in a fit: the network in bfloat16, the flow itself never
        self.network = nn.Sequential(
            nn.Conv2d(channels // 2, hidden, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(hidden, hidden, 1),
            nn.ReLU(),
            ZeroConvolution(hidden, channels),
        )
        for layer in self.network:
            if isinstance(layer, nn.Conv2d):
                nn.init.normal_(layer.weight, 0, SPREAD)
                assert layer.bias is not None
                nn.init.zeros_(layer.bias)

    def _scale_and_shift(self, a: Tensor) -> tuple[Tensor, Tensor]:
        """Log s and t."""
        mixed = self.mixed_precision and self.training
        with torch.autocast(a.device.type, torch.bfloat16, enabled=mixed):
            found: Tensor = self.network(a)
        log_s, t = found.to(a.dtype).chunk(2, dim=1)
        return functional.logsigmoid(log_s + OPEN), t

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give y and Σ log s."""
        a, b = x.chunk(2, dim=1)
        log_s, t = self._scale_and_shift(a)
        return torch.cat([a, (b + t) * torch.exp(log_s)], dim=1), log_s.sum(dim=(1, 2, 3))

    def inverse(self, y: Tensor) -> Tensor:
        """Give the x of a y."""
        a, b = y.chunk(2, dim=1)
        log_s, t = self._scale_and_shift(a)
        return torch.cat([a, b * torch.exp(-log_s) - t], dim=1)


class Step(Layer):
    """A step of flow: `ActNorm`, `Mixing` and `Coupling`."""

    def __init__(self, channels: int, hidden: int) -> None:
        super().__init__()
        self.normalise = ActNorm(channels)
        self.mix = Mixing(channels)
        self.couple = Coupling(channels, hidden)

    @property
    def layers(self) -> tuple[Layer, Layer, Layer]:
        """The three, in their order."""
        return self.normalise, self.mix, self.couple

    def initialise(self, x: Tensor) -> None:
        """Set what is taken from the first batch."""
        self.normalise.initialise(x)

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Give y and the sum of the three log-determinants."""
        total = x.new_zeros(x.shape[0])
        for layer in self.layers:
            x, log_determinant = layer(x)
            total = total + log_determinant
        return x, total

    def inverse(self, y: Tensor) -> Tensor:
        """Give the x of a y."""
        for layer in reversed(self.layers):
            y = layer.inverse(y)
        return y


def _area(x: Tensor) -> int:
    return int(x.shape[2] * x.shape[3])
