"""The conversions in torch's own operations: for the devices that dde has no kernels for.

Where a root has no derivative, at 0, it is taken as 0, and that of sRGB outside [0, 1] as well.
"""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

DELTA = 6 / 29


def _matrix(parameters: Sequence[float], colours: Tensor) -> Tensor:
    return colours.new_tensor(parameters).reshape(3, 3)


def _times(matrix: Tensor, colours: Tensor) -> Tensor:
    return (colours.unsqueeze(-2) * matrix).sum(-1)


def _power(x: Tensor, exponent: float, above: float) -> Tensor:
    """x to a power where x > above, else the number of `above`: no branch gives NaN."""
    return torch.where(x > above, x, above) ** exponent


def _f(t: Tensor) -> Tensor:
    line = t / (3 * DELTA**2) + 4 / 29
    return torch.where(t > DELTA**3, _power(t, 1 / 3, DELTA**3), line)


def _f_inverse(f: Tensor) -> Tensor:
    return torch.where(f > DELTA, f**3, 3 * DELTA**2 * (f - 4 / 29))


def _relative_xyz_to_lab(xyz: Tensor) -> Tensor:
    fx, fy, fz = _f(xyz).unbind(-1)
    return torch.stack([116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)], -1)


def linear(colours: Tensor, parameters: Sequence[float]) -> Tensor:
    return _times(_matrix(parameters, colours), colours)


def xyz_to_lab(xyz: Tensor, parameters: Sequence[float]) -> Tensor:
    return _relative_xyz_to_lab(xyz / xyz.new_tensor(parameters))


def lab_to_xyz(lab: Tensor, parameters: Sequence[float]) -> Tensor:
    L, a, b = lab.unbind(-1)
    fy = (L + 16) / 116
    relative = _f_inverse(torch.stack([fy + a / 500, fy, fy - b / 200], -1))
    return relative * lab.new_tensor(parameters)


def _decoded(rgb: Tensor) -> Tensor:
    rgb = rgb.clamp(0, 1)
    high = ((_power(rgb, 1, 0.04045) + 0.055) / 1.055) ** 2.4
    return torch.where(rgb > 0.04045, high, rgb / 12.92)


def srgb_to_xyz(rgb: Tensor, parameters: Sequence[float]) -> Tensor:
    return linear(_decoded(rgb), parameters)


def srgb_to_lab(rgb: Tensor, parameters: Sequence[float]) -> Tensor:
    return _relative_xyz_to_lab(linear(_decoded(rgb), parameters))


def xyz_to_srgb(xyz: Tensor, parameters: Sequence[float]) -> Tensor:
    light = linear(xyz, parameters)
    high = 1.055 * _power(light, 1 / 2.4, 0.0031308) - 0.055
    return torch.where(light > 0.0031308, high, 12.92 * light)


def xyz_to_oklab(xyz: Tensor, parameters: Sequence[float]) -> Tensor:
    lms = linear(xyz, parameters[:9])
    size = lms.abs()
    nonzero = size > torch.finfo(lms.dtype).tiny
    roots = torch.where(nonzero, torch.where(nonzero, size, 1) ** (1 / 3), 0)
    return linear(torch.sign(lms) * roots, parameters[9:])


def oklab_to_xyz(lab: Tensor, parameters: Sequence[float]) -> Tensor:
    return linear(linear(lab, parameters[:9]) ** 3, parameters[9:])


CONVERSIONS: dict[str, Callable[[Tensor, Sequence[float]], Tensor]] = {
    "xyz_to_lab": xyz_to_lab,
    "lab_to_xyz": lab_to_xyz,
    "srgb_to_xyz": srgb_to_xyz,
    "srgb_to_lab": srgb_to_lab,
    "xyz_to_srgb": xyz_to_srgb,
    "xyz_to_oklab": xyz_to_oklab,
    "oklab_to_xyz": oklab_to_xyz,
}


def convert(colours: Tensor, conversion: str, parameters: Sequence[float], clip: bool) -> Tensor:
    """A conversion. What is not finite gives NaN, and sRGB outside [0, 1] as well unless `clip`."""
    converted = CONVERSIONS[conversion](colours, parameters)
    nan = 0 * colours.detach().sum(-1, keepdim=True)
    if conversion.startswith("srgb_") and not clip:
        outside = ((colours < -1e-5) | (colours > 1 + 1e-5)).any(-1, keepdim=True)
        nan = torch.where(outside, torch.nan, nan)
    return converted + nan
