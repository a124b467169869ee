"""Random colours of all that can be seen, and grids of what displays show, as CIELAB under D65."""

import numpy as np
from reference import colour

import dde

DISPLAYS = ("sRGB", "Display P3", "ITU-R BT.2020")


def _optimal_colours() -> np.ndarray:
    """
    XYZ of the surfaces of highest chroma: MacAdam's limits, for D65 and the 2° observer.

    Their reflectance is 1 on one band of wavelengths, which may run over the ends of the spectrum,
    and 0 elsewhere, or the reverse. The last is the perfect white.
    """
    shape = colour.SpectralShape(380, 780, 5)
    observer = colour.MSDS_CMFS["CIE 1931 2 Degree Standard Observer"].copy().align(shape).values
    weights = observer * colour.SDS_ILLUMINANTS["D65"].copy().align(shape).values[:, None]
    weights /= weights[:, 1].sum()
    count = len(weights)
    up_to = np.concatenate([np.zeros((1, 3)), np.cumsum(np.tile(weights, (2, 1)), axis=0)])
    first, width = (axis.ravel() for axis in np.indices((count, count + 1)))
    return up_to[first + width] - up_to[first]


LIMITS = _optimal_colours()
WHITE = LIMITS[-1]


def visible_colours(count: int, rng: np.random.Generator) -> np.ndarray:
    """
    Random colours of surfaces, out to the most vivid that there can be, shape (count, 3).

    Each lies on the straight line in XYZ from a random grey to a random optimal colour. What a
    surface can look like is a convex solid with the greys inside: so these colours are all within
    it, and reach all of it.
    """
    grey = rng.random((count, 1)) ** 3 * WHITE
    limit = LIMITS[rng.integers(len(LIMITS), size=count)]
    return dde.xyz_to_lab(grey + rng.random((count, 1)) * (limit - grey), WHITE)


def display_colours(name: str, steps: int = 33) -> np.ndarray:
    """A grid of all that a display shows, even in its 8-bit values, shape (steps**3, 3)."""
    to_xyz = colour.RGB_COLOURSPACES[name].matrix_RGB_to_XYZ
    light = np.linspace(0, 1, steps) ** 2.2
    rgb = np.stack(np.meshgrid(light, light, light), axis=-1).reshape(-1, 3)
    return dde.xyz_to_lab(rgb @ to_xyz.T, to_xyz.sum(axis=1))
