"""What a viewer sees at a distance: S-CIELAB.

X. Zhang, B. A. Wandell, "A spatial extension of CIELAB for digital color image reproduction",
Society for Information Display Symposium Technical Digest 27 (1996) 731-734.
"""

import math
from dataclasses import dataclass
from numbers import Real

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.numbers import as_float
from dde.pictures.filters import Filter, bank_of, gaussian
from dde.spaces.space import Space, linear, way_between

# From XYZ to black-white, red-green and blue-yellow (A. B. Poirson, B. A. Wandell, 1993).
XYZ_TO_OPPONENT = (
    np.array(
        [
            [278.7336, 721.8031, -106.5520],
            [-448.7736, 289.8056, 77.1569],
            [85.9513, -589.9859, 501.1089],
        ]
    )
    / 1000
)

# Of each opponent channel: the spread of each Gaussian in degrees, and its weight.
LOBES = (
    ((0.0283, 0.921), (0.133, 0.105), (4.336, -0.108)),
    ((0.0392, 0.531), (0.494, 0.330)),
    ((0.0536, 0.488), (0.386, 0.371)),
)
MOST_PIXELS_PER_DEGREE = 2 * _core.most_radius


@dataclass(frozen=True)
class Viewing:
    """
    From where an image is seen.

    Parameters
    ----------
    distance : float
        From the eye to the image, in millimetres.
    pitch : float
        From one pixel to the next on what is seen, in millimetres: of a print or a screen, not of
        the camera's sensor.

    Raises
    ------
    TypeError
        If one of them is not a number.
    ValueError
        If one of them is not positive and finite.

    Examples
    --------
    >>> import dde
    >>> round(dde.Viewing(distance=700, pitch=0.25).pixels_per_degree, 2)
    48.87
    >>> round(dde.Viewing.from_dpi(300, distance=400).pixels_per_degree, 2)
    82.46
    """

    distance: float
    pitch: float

    def __post_init__(self) -> None:
        for name in ("distance", "pitch"):
            _check_positive(getattr(self, name), name, "millimetres")

    @classmethod
    def from_dpi(cls, dpi: float, *, distance: float) -> "Viewing":
        """
        From a resolution in pixels an inch.

        Raises
        ------
        TypeError, ValueError
            If one of them is not a positive, finite number.
        """
        _check_positive(dpi, "dpi", "pixels an inch")
        return cls(distance, 25.4 / dpi)

    @property
    def pixels_per_degree(self) -> float:
        """Pixels that a degree of the visual field covers, straight ahead."""
        return self.distance / self.pitch * math.pi / 180


def _check_positive(value: object, name: str, unit: str) -> None:
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number of {unit}, not {type(value).__name__}")
    if not 0 < as_float(value) < math.inf:
        raise ValueError(f"{name} must be a positive, finite number of {unit}, not {value}")


def pixels_per_degree_of(viewing: float | Viewing, name: str = "viewing") -> float:
    """
    The pixels a degree that an argument says.

    Raises
    ------
    TypeError
        If it is neither a number nor a `Viewing`.
    ValueError
        If it is not in the range that the filters have.
    """
    if isinstance(viewing, Viewing):
        found = viewing.pixels_per_degree
    elif isinstance(viewing, bool) or not isinstance(viewing, Real):
        raise TypeError(
            f"{name} must be a number of pixels a degree or a dde.Viewing, "
            f"not {type(viewing).__name__}"
        )
    else:
        found = as_float(viewing)
    if not 1 <= found <= MOST_PIXELS_PER_DEGREE:
        raise ValueError(
            f"{name} must be from 1 to {MOST_PIXELS_PER_DEGREE} pixels a degree, not {found:g}"
        )
    return found


def opponent_filters(pixels_per_degree: float) -> list[Filter]:
    """
    The filters of S-CIELAB: of each opponent channel a sum of Gaussians, whose weights sum to 1.

    Each is normalised within a window of one degree, which is why the widest is nearly flat.
    """
    radius = max(math.ceil(pixels_per_degree / 2) - 1, 0)  # less than half a degree away
    filters = []
    for channel, lobes in enumerate(LOBES):
        total = sum(weight for _, weight in lobes)
        for spread, weight in lobes:
            taps = gaussian(spread * pixels_per_degree, radius)
            filters.append(Filter(channel, channel, taps, taps * (weight / total)))
    return filters


def viewing_bank(
    pixels_per_degree: float, white: np.ndarray, compared: Space
) -> tuple[_core.FilterBank, np.ndarray]:
    """
    The bank of S-CIELAB, and the matrix from XYZ relative to the white to what it filters.

    Parameters
    ----------
    pixels_per_degree : float
        As from `pixels_per_degree_of`.
    white : numpy.ndarray, shape (3,)
        XYZ of the white under which colours are compared, in which uniform areas stay as they are.
    compared : Space
        What the metric compares colours in.
    """
    opponent = opponent_space(XYZ_TO_OPPONENT, white)
    bank = bank_of(
        opponent_filters(pixels_per_degree),
        reflected=True,
        finish=way_between(opponent, compared),
    )
    return bank, XYZ_TO_OPPONENT * white


def opponent_space(from_xyz: np.ndarray, white: ArrayLike) -> Space:
    """Channels that are linear in XYZ, under a white."""
    forth, back = linear(from_xyz), linear(np.linalg.inv(from_xyz))
    return Space.named("XYZ", white).derived("channels", [back], [forth])
