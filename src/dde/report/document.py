"""What a report is made of: a document that holds nothing of the objects that it came from, so that
a stored result can be shown as a fresh one is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

ELSEWHERE = "elsewhere"  # the region of all that no other covers
VERDICTS = {True: "pass", False: "fail", None: "not judged"}


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
    """

    shape: tuple[int, int]
    block: int
    reference: np.ndarray
    sample: np.ndarray
    map: np.ndarray
    labels: np.ndarray | None


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
    def verdict(self) -> str:
        """``"pass"``, ``"fail"``, or ``"not judged"``."""
        return VERDICTS[self.found["passed"]]
