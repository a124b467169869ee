"""What formulas say of pairs all over a gamut: it holds a network where there are no scores."""

from dataclasses import dataclass
from typing import Any

import dde
import numpy as np
import torch
from torch import Tensor, nn

from dde_training.baselines import CAM16_VIEWING
from dde_training.deep.network import log

WHITE = np.asarray(dde.lab_to_xyz([100.0, 0.0, 0.0], "D65"))
GAMUTS = ("sRGB", "Display P3", "ITU-R BT.2020")
_NOT_COUNTED = 1e6  # a factor so large that its part of a difference vanishes


@dataclass(frozen=True)
class Gamut:
    """The colours of a display."""

    to_xyz: np.ndarray  # (3, 3), linear RGB to XYZ with Y = 1 for white

    @classmethod
    def named(cls, name: str) -> "Gamut":
        """One of `GAMUTS`."""
        import colour

        return cls(np.asarray(colour.RGB_COLOURSPACES[name].matrix_RGB_to_XYZ))

    def colours(self, count: int, random: np.random.Generator) -> np.ndarray:
        """Lab of colours that are uniform in RGB with a gamma of 2.2, shape (count, 3)."""
        linear = random.uniform(0, 1, (count, 3)) ** 2.2
        return np.asarray(dde.xyz_to_lab(linear @ self.to_xyz.T, WHITE))

    def holds(self, lab: np.ndarray) -> np.ndarray:
        """Whether the display shows each colour."""
        linear = np.asarray(dde.lab_to_xyz(lab, WHITE)) @ np.linalg.inv(self.to_xyz).T
        return np.asarray(((linear >= 0) & (linear <= 1)).all(axis=-1))

    def pairs(
        self, count: int, steps: tuple[float, float], random: np.random.Generator
    ) -> np.ndarray:
        """
        Random pairs with steps in all directions of Lab, log-uniform in length.

        Returns
        -------
        numpy.ndarray
            Shape (count, 2, 3), both colours within the gamut.
        """
        found = np.empty((0, 2, 3))
        while len(found) < count:
            first = self.colours(2 * count, random)
            step = _random_steps(len(first), steps, random)
            inside = self.holds(first + step)
            found = np.concatenate([found, np.stack([first, first + step], axis=1)[inside]])
        return found[:count]


def gamut_pairs(count: int, steps: tuple[float, float], random: np.random.Generator) -> np.ndarray:
    """Random pairs over all of `GAMUTS`, shape (about count, 2, 3); see `Gamut.pairs`."""
    share = count // len(GAMUTS)
    return np.concatenate([Gamut.named(name).pairs(share, steps, random) for name in GAMUTS])


def visible_pairs(
    count: int, steps: tuple[float, float], random: np.random.Generator
) -> np.ndarray:
    """
    Random pairs of colours that surfaces can have, out to the most vivid (MacAdam's limits).

    Returns
    -------
    numpy.ndarray
        Lab under D65, shape (count, 2, 3), with steps as in `Gamut.pairs`.
    """
    limits = optimal_colours()
    found = np.empty((0, 2, 3))
    while len(found) < count:
        # On the line in XYZ from a grey to an optimal colour: within the solid, and all over it.
        grey = random.random((2 * count, 1)) ** 3 * limits[-1]
        limit = limits[random.integers(len(limits), size=2 * count)]
        first = np.asarray(
            dde.xyz_to_lab(grey + random.random((2 * count, 1)) * (limit - grey), limits[-1])
        )
        other = first + _random_steps(len(first), steps, random)
        real = (np.asarray(dde.lab_to_xyz(other, WHITE)) > 0).all(axis=1) & (other[:, 0] < 100)
        found = np.concatenate([found, np.stack([first, other], axis=1)[real]])
    return found[:count]


def optimal_colours() -> np.ndarray:
    """
    XYZ of surfaces that reflect all of one band of wavelengths, or all but one, under D65.

    The last is the perfect white, with Y = 1 (D. L. MacAdam, "Maximum visual efficiency of colored
    materials", J. Opt. Soc. Am. 25, 361-367 (1935)).
    """
    import colour

    shape = colour.SpectralShape(380, 780, 5)
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape)
    light = colour.SDS_ILLUMINANTS["D65"].copy().align(shape)
    weights = observer.values * light.values[:, None]
    weights /= weights[:, 1].sum()
    # A band may run over the end of the spectrum to its start.
    up_to = np.concatenate([np.zeros((1, 3)), np.cumsum(np.tile(weights, (2, 1)), axis=0)])
    first, width = (axis.ravel() for axis in np.indices((len(weights), len(weights) + 1)))
    return np.asarray(up_to[first + width] - up_to[first])


def _random_steps(
    count: int, lengths: tuple[float, float], random: np.random.Generator
) -> np.ndarray:
    """Steps in all directions of Lab, log-uniform in length, shape (count, 3)."""
    step = random.normal(size=(count, 3))
    length = np.exp(random.uniform(np.log(lengths[0]), np.log(lengths[1]), count))
    return np.asarray(step * (length / np.linalg.norm(step, axis=1))[:, None])


def log_cam16_lcd(pairs: np.ndarray) -> np.ndarray:
    """
    The logarithm of the distance in CAM16-LCD of pairs of Lab under D65, shape (N,).

    NaN where CAM16 has no lightness: for some dark and most vivid colours.
    """
    import colour

    xyz = np.asarray(dde.lab_to_xyz(pairs, WHITE))
    with np.errstate(invalid="ignore"):
        seen = np.asarray(colour.XYZ_to_CAM16LCD(xyz, XYZ_w=WHITE, **CAM16_VIEWING))
    return np.asarray(np.log(np.linalg.norm(seen[:, 0] - seen[:, 1], axis=1)))


def cam16(xyz: np.ndarray, white: np.ndarray) -> np.ndarray:
    """CAM16-SCD coordinates J', a', b' of XYZ with Y = 1 for white, shape (..., 3)."""
    # Imported here: colour-science takes a second.
    import colour

    return np.asarray(colour.XYZ_to_CAM16SCD(xyz, XYZ_w=white, **CAM16_VIEWING))


def cam16_of_lab(lab: np.ndarray) -> np.ndarray:
    """CAM16-SCD of Lab under D65."""
    return cam16(np.asarray(dde.lab_to_xyz(lab, WHITE)), WHITE)


class FreeCiede2000(nn.Module):
    """
    log CIEDE2000 of fixed pairs, with weights of lightness and chroma that can be learned.

    ΔE² = (ΔL/kL)² + (ΔC/kC)² + ΔH² + R·ΔC/kC·ΔH, of which each pair's four terms are computed
    once. A free kH would only scale the sum.
    """

    def __init__(self, pairs: np.ndarray) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(2))  # −log kL and −log kC
        lightness = _square(dde.ciede2000, pairs, kC=_NOT_COUNTED, kH=_NOT_COUNTED)
        chroma = _square(dde.ciede2000, pairs, kL=_NOT_COUNTED, kH=_NOT_COUNTED)
        hue = _square(dde.ciede2000, pairs, kL=_NOT_COUNTED, kC=_NOT_COUNTED)
        rotation = _square(dde.ciede2000, pairs) - lightness - chroma - hue
        terms = np.stack([lightness, chroma, hue, rotation], axis=1)
        self.terms = nn.Buffer(torch.as_tensor(terms, dtype=torch.float32), persistent=False)

    def forward(self, chosen: Tensor) -> Tensor:
        """Give the logarithms of the chosen pairs."""
        lightness, chroma = torch.exp(self.weights)
        factors = torch.stack([lightness**2, chroma**2, torch.ones_like(chroma), chroma])
        return log(self.terms[chosen] @ factors) / 2


class FreeCmc(nn.Module):
    """log CMC of fixed pairs, mean of both orders, with l and c that can be learned."""

    def __init__(self, pairs: np.ndarray) -> None:
        super().__init__()
        self.weights = nn.Parameter(torch.zeros(2))  # −log l and −log c
        orders = [self._terms(order) for order in (pairs, pairs[:, ::-1])]
        self.terms = nn.Buffer(
            torch.as_tensor(np.stack(orders, axis=1), dtype=torch.float32), persistent=False
        )

    @staticmethod
    def _terms(pairs: np.ndarray) -> np.ndarray:
        hue = _square(dde.cmc, pairs, l=_NOT_COUNTED, c=_NOT_COUNTED)
        lightness = _square(dde.cmc, pairs, l=1, c=_NOT_COUNTED) - hue
        chroma = _square(dde.cmc, pairs, l=_NOT_COUNTED, c=1) - hue
        return np.stack([lightness, chroma, hue], axis=1)

    def forward(self, chosen: Tensor) -> Tensor:
        """Give the logarithms of the chosen pairs."""
        lightness, chroma = torch.exp(2 * self.weights)
        factors = torch.stack([lightness, chroma, torch.ones_like(chroma)])
        return log(self.terms[chosen] @ factors).mean(dim=1) / 2


def _square(formula: Any, pairs: np.ndarray, **factors: float) -> np.ndarray:
    return np.asarray(formula(pairs[:, 0], pairs[:, 1], **factors)) ** 2
