"""MS-SWD as its paper's authors compute it, in torch on the CPU, with given directions."""

import numpy as np
import torch
from torch.nn.functional import conv2d, interpolate, pad

TO_XYZ = torch.tensor(
    [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
)
SMOOTHING = torch.tensor([1.0, 4, 6, 4, 1])


def _small(image: np.ndarray) -> torch.Tensor:
    values = torch.from_numpy(image).permute(2, 0, 1)[None].float() / 255
    shorter = min(image.shape[:2])
    size = [side * 256 // shorter for side in image.shape[:2]]
    return interpolate(values, size=size, mode="bilinear", antialias=True, align_corners=False)


def _halved(image: torch.Tensor) -> torch.Tensor:
    kernel = (SMOOTHING[:, None] * SMOOTHING / 256).expand(3, 1, 5, 5)
    return conv2d(pad(image, (2, 2, 2, 2), mode="reflect"), kernel, groups=3, stride=2)


def _lab(rgb: torch.Tensor) -> torch.Tensor:
    light = torch.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    white = TO_XYZ.sum(dim=1)
    xyz = torch.einsum("ij,njhw->nihw", TO_XYZ / white[:, None], light)
    f = torch.where(xyz > 0.008856, xyz.clamp(min=1e-8) ** (1 / 3), 7.787 * xyz + 16 / 116)
    x, y, z = f.unbind(dim=1)
    return torch.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], dim=1)


@torch.inference_mode()
def sliced_wasserstein(reference: np.ndarray, sample: np.ndarray, directions: np.ndarray) -> float:
    weights = torch.from_numpy(directions).permute(0, 3, 1, 2).contiguous()
    pair = [_small(reference), _small(sample)]
    distances = []
    for scale in range(5):
        if scale:
            pair = [_halved(image) for image in pair]
        one, other = (
            conv2d(pad(_lab(image), (5, 5, 5, 5), mode="reflect"), weights).flatten(2).sort().values
            for image in pair
        )
        distances.append((one - other).abs().mean().item())
    return sum(distances) / 5
