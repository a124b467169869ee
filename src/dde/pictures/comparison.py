"""A comparison as the kernels take it: by which metric, seen from where, with what tolerance."""

import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.metrics.table import Metric, kernel_of, name_of, space_of
from dde.numbers import as_float
from dde.pictures.flip import (
    PIXELS_PER_DEGREE,
    RGB_TO_RELATIVE_XYZ,
    flip_bank,
    flip_kernel,
)
from dde.pictures.viewing import (
    Viewing,
    opponent_space,
    pixels_per_degree_of,
    viewing_bank,
)
from dde.spaces.space import Space, linear, way_between
from dde.spaces.whites import reference_white

LAB = Space.named("Lab")


@dataclass(frozen=True)
class Comparison:
    """
    A comparison of two images, in which a pixel may see its neighbourhood.

    Attributes
    ----------
    kernel : object
        What compares two colours, or two neighbourhoods.
    bank : object or None
        The filters that both images pass; None where pixels are compared as they are.
    channels : numpy.ndarray of shape (3, 3) or None
        From XYZ relative to the white to what the filters take; None for Lab.
    rgb : numpy.ndarray of shape (3, 3) or None
        From linear sRGB to XYZ relative to the white, where the metric has a matrix of its own.
    shift : int
        How far away, in pixels, a neighbour may be that a pixel is compared with as well.
    edges : float
        How many pixels' worth of the reference's own gradient is no difference.
    scale : float
        The largest difference that the metric knows, 1 for FLIP; infinite for a ΔE.
    space : Space
        What the metric compares colours in.
    """

    kernel: _core.DifferenceKernel
    bank: _core.FilterBank | None = None
    channels: np.ndarray | None = None
    rgb: np.ndarray | None = None
    shift: int = 0
    edges: float = 0.0
    scale: float = math.inf
    space: Space = LAB

    @property
    def of_pixels(self) -> bool:
        """Whether every pixel is compared by itself alone."""
        return self.bank is None and not self.shift and not self.edges

    @property
    def margin(self) -> int:
        """How many rows and columns around a pixel its difference depends on."""
        return _core.margin_of(self._bank, self.shift, self.edges)

    @property
    def _bank(self) -> _core.FilterBank:
        return self.bank or _core.FilterBank()

    def way(
        self, source: Space, white: str | ArrayLike = "D65", adaptation: str = "Bradford"
    ) -> _core.Way:
        """From colours to what the kernel compares, or to what is filtered first; under a white."""
        if self.channels is None:
            return way_between(source, under(self.space, white), source.coded, adaptation)
        if self.rgb is not None and source == Space.named("sRGB"):
            step = linear(self.channels @ self.rgb)
            return _core.Way([("srgb_decode", ()), step], coded=True)
        channels = opponent_space(self.channels / reference_white(white), white)
        return way_between(source, channels, source.coded, adaptation)

    def map(
        self,
        reference: Any,
        sample: Any,
        ways: tuple[_core.Way, _core.Way],
        *,
        reverse: bool = False,
        clip: bool = False,
        out: np.ndarray | None = None,
        rows: tuple[int, int, int, int] | None = None,
    ) -> np.ndarray:
        """
        The map of the differences.

        Parameters
        ----------
        reference, sample : array_like, shape (H, W, 3)
            Two images, or strips of whole rows of them.
        ways : tuple
            Of each, as from `way`.
        reverse : bool, optional
            Take the channels last to first.
        clip : bool, optional
            Clip floats outside [0, 1] instead of refusing them.
        out : numpy.ndarray of float32, optional
            Where to put the map.
        rows : tuple of int, optional
            Of strips: the row of the image that they begin with, the height of the image, the first
            row that is wanted, and the end of those. The strips hold `margin` rows more above and
            below, as far as the image has them.
        """
        return _core.map_of_pictures(
            self.kernel,
            self._bank,
            reference,
            sample,
            ways,
            self.shift,
            self.edges,
            reverse,
            clip,
            out,
            rows,
        )


def comparison_of(
    metric: Metric,
    factors: dict[str, float],
    *,
    viewing: float | Viewing | None = None,
    shift: int = 0,
    edges: float = 0.0,
    white: Any = "D65",
) -> Comparison:
    """
    A metric with its factors, and what it sees around a pixel, as the kernels take it.

    Raises
    ------
    TypeError, ValueError
        If an argument is not as `dde.delta_e_map` wants it.
    """
    _check_tolerance(shift, edges)
    if name_of(metric) == "FLIP":
        if shift or edges:
            raise ValueError("shift and edges must be 0 with FLIP, which has no pairs of colours")
        if factors:
            raise TypeError(f"{next(iter(factors))} is no factor of FLIP; it has: none")
        seen = PIXELS_PER_DEGREE if viewing is None else pixels_per_degree_of(viewing)
        bank, channels = flip_bank(seen)
        return Comparison(flip_kernel(), bank, channels, RGB_TO_RELATIVE_XYZ, scale=1.0)
    kernel = kernel_of(metric, factors)
    space = space_of(metric)
    if viewing is None:
        return Comparison(kernel, shift=int(shift), edges=float(edges), space=space)
    bank, channels = viewing_bank(
        pixels_per_degree_of(viewing), reference_white(white), under(space, white)
    )
    return Comparison(kernel, bank, channels, shift=int(shift), edges=float(edges), space=space)


def under(space: Space, white: str | ArrayLike) -> Space:
    """What a metric of this space compares under a white: a formula of CIELAB takes Lab of any."""
    return Space.named("Lab", white) if space == LAB else space


def _check_tolerance(shift: object, edges: object) -> None:
    if isinstance(shift, bool) or not isinstance(shift, Integral):
        raise TypeError(f"shift must be a whole number of pixels, not {type(shift).__name__}")
    if not 0 <= int(shift) <= _core.most_shift:
        raise ValueError(f"shift must be from 0 to {_core.most_shift} pixels, not {shift}")
    if isinstance(edges, bool) or not isinstance(edges, Real):
        raise TypeError(f"edges must be a number of pixels, not {type(edges).__name__}")
    if not 0 <= as_float(edges) < math.inf:
        raise ValueError(f"edges must be a finite number of pixels, at least 0, not {edges}")
