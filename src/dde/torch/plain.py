"""The formulas in torch's own operations: for the devices that dde has no kernels for.

They are written as the kernels are (src/kernels/differences), without an angle, and so that no
gradient is NaN: every root and quotient has the derivative 0 where it has none.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import torch
from torch import Tensor


class Lab(NamedTuple):
    """The coordinates of colours, each a tensor."""

    L: Tensor
    a: Tensor
    b: Tensor


def lab_of(colours: Tensor) -> Lab:
    return Lab(*colours.unbind(-1))


def root(x: Tensor) -> Tensor:
    """The square root, with the derivative 0 at 0."""
    positive = x > 0
    return torch.where(positive, torch.where(positive, x, 1).sqrt(), 0 * x)


def ratio(x: Tensor, y: Tensor) -> Tensor:
    """x / y, and 0 where y is 0."""
    nonzero = y != 0
    return torch.where(nonzero, x / torch.where(nonzero, y, 1), 0)


def length(a: Tensor, b: Tensor) -> Tensor:
    return root(a * a + b * b)


def cross_product(x: Lab, y: Lab) -> Tensor:
    """x.a y.b - y.a x.b; of near colours no digits are lost, of opposite ones it is 0."""
    near = x.a * y.a + x.b * y.b >= 0
    return torch.where(near, x.a * (y.b - x.b) - x.b * (y.a - x.a), x.a * y.b - x.b * y.a)


def hue_difference(C1: Tensor, C2: Tensor, dot: Tensor, cross: Tensor, turn: Tensor) -> Tensor:
    """ΔH, of the sign of `turn`, which is that of `cross`."""
    near = dot >= 0
    half = root(torch.where(near, (C1 * C2 + dot) / 2, 1))
    far = root(torch.where(near, 1, 2 * (C1 * C2 - dot)))
    return torch.where(near, ratio(cross, half), turn * far)


def squared_hue_difference(C1: Tensor, C2: Tensor, dot: Tensor, dH: Tensor) -> Tensor:
    """ΔH², which has a derivative at neutral colours, where ΔH has none."""
    return torch.where((C1 == 0) | (C2 == 0), 2 * (C1 * C2 - dot), dH * dH)


def cie76(x: Lab, y: Lab) -> Tensor:
    return root((y.L - x.L) ** 2 + (y.a - x.a) ** 2 + (y.b - x.b) ** 2)


def hyab(x: Lab, y: Lab) -> Tensor:
    return (y.L - x.L).abs() + length(y.a - x.a, y.b - x.b)


def _weighted(x: Lab, y: Lab, S_L: Tensor | float, S_C: Tensor, S_H: Tensor) -> Tensor:
    C1, C2 = length(x.a, x.b), length(y.a, y.b)
    dot, cross = x.a * y.a + x.b * y.b, cross_product(x, y)
    dH = hue_difference(C1, C2, dot, cross, shorter_turn(cross, x))
    dH_squared = squared_hue_difference(C1, C2, dot, dH)
    return root(((x.L - y.L) / S_L) ** 2 + ((C1 - C2) / S_C) ** 2 + dH_squared / S_H**2)


def cie94(x: Lab, y: Lab, kL: float, K1: float, K2: float) -> Tensor:
    C1 = length(x.a, x.b)
    return _weighted(x, y, kL, 1 + K1 * C1, 1 + K2 * C1)


def cmc(x: Lab, y: Lab, l: float, c: float) -> Tensor:  # noqa: E741
    C1 = length(x.a, x.b)
    u, v = ratio(x.a, C1), ratio(x.b, C1)
    left_of_345 = v * 0.9659258262890683 + u * 0.25881904510252074
    right_of_164 = u * 0.27563735581699916 + v * 0.9612616959383189
    cos_h_168 = -u * 0.9781476007338057 - v * 0.20791169081775934
    cos_h_35 = u * 0.8191520442889918 - v * 0.573576436351046
    T = torch.where(
        (left_of_345 > 0) & (right_of_164 > 0),
        0.36 + 0.4 * cos_h_35.abs(),
        0.56 + 0.2 * cos_h_168.abs(),
    )
    F = C1 * C1 / torch.sqrt(C1**4 + 1900)
    S_L = torch.where(x.L < 16, 0.511, 0.040975 * x.L / (1 + 0.01765 * x.L.clamp(min=0)))
    S_C = 0.0638 * C1 / (1 + 0.0131 * C1) + 0.638
    return _weighted(x, y, l * S_L, c * S_C, S_C * (F * T + 1 - F))


def high_chroma(C: Tensor) -> Tensor:
    """sqrt(C^7 / (C^7 + 25^7))"""
    x7 = (C * 0.04) ** 7
    return root(x7) / torch.sqrt(x7 + 1)


def ciede2000(x: Lab, y: Lab, kL: float, kC: float, kH: float) -> Tensor:
    G = 0.5 - 0.5 * high_chroma((length(x.a, x.b) + length(y.a, y.b)) / 2)
    cross = (1 + G) * cross_product(x, y)
    x, y = Lab(x.L, (1 + G) * x.a, x.b), Lab(y.L, (1 + G) * y.a, y.b)
    C1, C2 = length(x.a, x.b), length(y.a, y.b)
    dot = x.a * y.a + x.b * y.b
    turn = shorter_turn(cross, x)
    dH = hue_difference(C1, C2, dot, cross, turn)
    dH_squared = squared_hue_difference(C1, C2, dot, dH)
    u, v = _mean_hue(x, y, C1, C2, dot, turn, (cross == 0) & (dot < 0))

    L50 = ((x.L + y.L) / 2 - 50) ** 2
    C_mean = (C1 + C2) / 2
    per_L = 1 / (kL * (1 + 0.015 * L50 / torch.sqrt(20 + L50)))
    per_C = 1 / (kC * (1 + 0.045 * C_mean))
    per_H = 1 / (kH * (1 + 0.015 * C_mean * _hue_weight(u, v)))
    c, h = (C2 - C1) * per_C, dH * per_H
    rotation = -torch.sin(_two_dtheta(u, v)) * 2 * high_chroma(C_mean)
    S = ((y.L - x.L) * per_L) ** 2 + c * c + dH_squared * per_H**2 + rotation * c * h
    return root(S)


def shorter_turn(cross: Tensor, x: Lab) -> Tensor:
    from_smaller_hue = torch.where((x.b > 0) | ((x.b == 0) & (x.a > 0)), 1.0, -1.0)
    return torch.where(cross == 0, from_smaller_hue.to(cross.dtype), torch.sign(cross))


def _mean_hue(
    x: Lab, y: Lab, C1: Tensor, C2: Tensor, dot: Tensor, turn: Tensor, opposite: Tensor
) -> tuple[Tensor, Tensor]:
    """The cosine and sine of the mean hue; no derivative where the two hues are opposite."""
    w1, w2 = torch.where(C2 > 0, C2, 1), torch.where(C1 > 0, C1, 1)
    u1, v1, u2, v2 = w1 * x.a, w1 * x.b, w2 * y.a, w2 * y.b
    u = torch.where(dot < 0, turn * (v2 - v1), u1 + u2)
    v = torch.where(dot < 0, turn * (u1 - u2), v1 + v2)
    size = length(u, v)
    u, v = ratio(u, size), ratio(v, size)
    return torch.where(opposite, u.detach(), u), torch.where(opposite, v.detach(), v)


def _hue_weight(c1: Tensor, s1: Tensor) -> Tensor:
    c2, s2 = c1 * c1 - s1 * s1, 2 * c1 * s1
    c3, s3 = c1 * c2 - s1 * s2, s1 * c2 + c1 * s2
    c4, s4 = c2 * c2 - s2 * s2, 2 * c2 * s2
    return (
        1
        - 0.17 * (c1 * 0.8660254037844386 + s1 * 0.5)
        + 0.24 * c2
        + 0.32 * (c3 * 0.9945218953682733 - s3 * 0.10452846326765347)
        - 0.20 * (c4 * 0.4539904997395468 + s4 * 0.8910065241883679)
    )


def _two_dtheta(c1: Tensor, s1: Tensor) -> Tensor:
    """60 exp(-((h - 275) / 25)²) degrees, in radians; 0 where the paper's h is in [0, 90]."""
    cosine = c1 * 0.08715574274765817 - s1 * 0.9961946980917455
    sine = s1 * 0.08715574274765817 + c1 * 0.9961946980917455
    near = cosine > 0
    small = sine / torch.sqrt(2 * (1 + cosine.clamp(min=0)))
    half_sine = torch.where(near, small, root((1 - cosine) / 2)).clamp(-0.999, 0.999)
    angle = 2 * torch.asin(half_sine)
    bump = torch.exp(-5.25249016001879 * angle * angle)
    return 1.0471975511965976 * torch.where((c1 >= 0) & (s1 >= 0), 0, bump)


FORMULAS: dict[str, Callable[..., Tensor]] = {
    "cie76": cie76,
    "cie94": cie94,
    "cmc": cmc,
    "ciede2000": ciede2000,
    "hyab": hyab,
}


def difference(lab1: Tensor, lab2: Tensor, formula: str, factors: Sequence[float]) -> Tensor:
    """The differences by a formula; a colour that is not finite gives NaN, for its pair only."""
    x, y = lab_of(lab1), lab_of(lab2)
    found = FORMULAS[formula](x, y, *factors)
    return found + 0 * (x.L + x.a + x.b + y.L + y.a + y.b).detach()
