"""What a report is made of: a document that holds nothing of the objects that it came from, so that
a stored result can be shown as a fresh one is."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dde import _core

USUAL_THRESHOLDS = (1, 2, 5)  # of a ΔE
ELSEWHERE = "elsewhere"  # the region of all that no other covers
VERDICTS = {True: "pass", False: "fail", None: "not judged"}


@dataclass(frozen=True)
class Scale:
    """
    What differences are told in.

    Attributes
    ----------
    name : str
        For axes and legends.
    largest : float or None
        The largest difference that there can be; None where there is none, as of a ΔE.

    Examples
    --------
    >>> Scale().format(1.23456), Scale("FLIP", 1.0).format(0.0123456)
    ('1.23', '0.0123')
    """

    name: str = "ΔE"
    largest: float | None = None

    @property
    def unit(self) -> float:
        """What is to this scale as 1 is to a ΔE: a small difference."""
        return 1.0 if self.largest is None else self.largest / 10

    @property
    def thresholds(self) -> tuple[float, ...]:
        """Shares above these differences are known, whatever the rules."""
        return tuple(float(f"{number * self.unit:.12g}") for number in USUAL_THRESHOLDS)

    @property
    def bins_per_unit(self) -> float:
        """Of a histogram, whose bins end at the largest difference, or at 256."""
        return _core.bins_per_unit * self.binned

    @property
    def binned(self) -> float:
        """What a difference is multiplied by for a histogram of a ΔE."""
        return 1.0 if self.largest is None else _core.bins // _core.bins_per_unit / self.largest

    @property
    def end_of_percentiles(self) -> float:
        """Where they are known no more, and given as the largest difference."""
        return _core.bins // _core.bins_per_unit if self.largest is None else np.inf

    def format(self, difference: float) -> str:
        """A difference with as many decimals as are told apart."""
        return f"{difference:.{self.decimals}f}"

    @property
    def decimals(self) -> int:
        return 2 if self.largest is None else 4

    def to_dict(self) -> dict[str, Any]:
        """The scale as JSON has it."""
        return asdict(self)


DELTA_E = Scale()


@dataclass(frozen=True, eq=False)
class Pictures:
    """
    The images and the map, at most 1500 dots a side: a dot stands for a square block of pixels.

    Attributes
    ----------
    shape : tuple of int
        Height and width of the images themselves, in pixels.
    block : int
        Pixels that a dot stands for, along each side.
    reference, sample : numpy.ndarray of uint8, shape (h, w, 3)
        sRGB; a dot is the mean of its pixels.
    map : numpy.ndarray of float32, shape (h, w)
        The differences; a dot is the largest of its pixels', so that the smallest defect of the
        largest image is seen. NaN where no pixel has one.
    labels : numpy.ndarray of uint8, shape (h, w), or None
        The region of the first pixel of each dot: 0 where it is not counted, n in region n - 1.
        None where everything is one region.
    spread : numpy.ndarray of float32, shape (h, w), or None
        Of a learned reference, how far good samples stray, in units of CIE76: of a dot the largest
        of its pixels'. NaN where no pixel is counted.
    """

    shape: tuple[int, int]
    block: int
    reference: np.ndarray
    sample: np.ndarray
    map: np.ndarray
    labels: np.ndarray | None
    spread: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Document:
    """
    What a report is made of.

    Attributes
    ----------
    found : dict
        All that was found, as `dde.Inspection.to_dict` gives it, or as it was read from JSON.
    histograms : sequence of numpy.ndarray of int64
        Of each region in ``found["regions"]``, as in `dde.inspection.RegionResult`; empty where
        they were not kept.
    pictures : Pictures or None
        None where none were kept.
    """

    found: dict[str, Any]
    histograms: Sequence[np.ndarray] = ()
    pictures: Pictures | None = None

    @property
    def scale(self) -> Scale:
        """What the differences are told in; what an older dde stored is of a ΔE."""
        return Scale(**self.found.get("scale", {}))

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"``, or ``"not judged"``."""
        return VERDICTS[self.found["passed"]]
