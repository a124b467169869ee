"""Deprecated: the names of the whites are in `dde.spaces.whites`."""

import warnings

from dde.spaces.whites import CHROMATICITIES, WHITES, reference_white

__all__ = ["CHROMATICITIES", "WHITES", "reference_white"]

warnings.warn("dde.whites is dde.spaces.whites now", DeprecationWarning, stacklevel=2)
