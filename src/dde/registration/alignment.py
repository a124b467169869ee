"""How a sample is to be laid on its reference: what may have happened to it, and how far."""

import math
from dataclasses import dataclass
from numbers import Real

from dde.wording import named

MOTIONS = ("translation", "euclidean", "affine", "homography")
LEAST_CORRELATION = 0.8


@dataclass(frozen=True)
class Alignment:
    """
    How a sample is laid on its reference, and when that has failed.

    Parameters
    ----------
    motion : {"translation", "euclidean", "affine", "homography"}
        What may have happened to it.
    largest : float, optional
        How many pixels a corner of the image may have moved; more is a failure. A pattern that
        repeats itself only further away leaves no doubt.
    least_correlation : float, optional
        How well both must correlate afterwards, from 0 to 1; less is a failure.

    Raises
    ------
    TypeError
        If what must be a number is none.
    ValueError
        If the motion is none of these, or a number out of range.
    """

    motion: str = "affine"
    largest: float | None = None
    least_correlation: float = LEAST_CORRELATION

    def __post_init__(self) -> None:
        object.__setattr__(self, "motion", named(self.motion, MOTIONS, "motion"))
        for name in ("largest", "least_correlation"):
            value = getattr(self, name)
            no_number = isinstance(value, bool) or not isinstance(value, Real)
            if no_number and not (name == "largest" and value is None):
                raise TypeError(f"{name} must be a number, not {type(value).__name__}")
        if self.largest is not None and not 0 < self.largest < math.inf:
            raise ValueError(f"largest must be a positive number of pixels, not {self.largest}")
        if not 0 < self.least_correlation <= 1:
            raise ValueError(
                f"least_correlation must be above 0 and at most 1, not {self.least_correlation}"
            )


def alignment_of(given: str | Alignment | None) -> Alignment | None:
    """What `dde.inspect` was given as `align`."""
    if given is None or isinstance(given, Alignment):
        return given
    if isinstance(given, str):
        return Alignment(given)
    raise TypeError(f"align must be a motion or an Alignment, not {type(given).__name__}")
