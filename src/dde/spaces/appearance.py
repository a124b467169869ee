"""CIECAM02 and CAM16: how colours appear under the conditions in which they are seen."""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.spaces.adaptation import CONE_RESPONSES
from dde.spaces.space import Space, Step, linear, way_between
from dde.spaces.whites import reference_white
from dde.wording import must_be_one_of

# CIE 159:2004, table 1, and C. Li et al. (2017), table A1: F, c, N_c.
SURROUNDS = {"average": (1.0, 0.69, 1.0), "dim": (0.9, 0.59, 0.9), "dark": (0.8, 0.525, 0.8)}

# CIE 159:2004: Hunt, Pointer and Estévez, for CIECAM02 alone.
_HPE = np.array([[0.38971, 0.68898, -0.07868], [-0.22981, 1.18340, 0.04641], [0.0, 0.0, 1.0]])

# M. R. Luo, G. Cui, C. Li (2006), table 2: K_L, c1, c2. For CAM16 the same, C. Li et al. (2017).
UNIFORM = {"LCD": (0.77, 0.007, 0.0053), "SCD": (1.24, 0.007, 0.0363), "UCS": (1.0, 0.007, 0.0228)}


@dataclass(frozen=True)
class ViewingConditions:
    """
    Under what conditions colours are seen, for CAM16 and CIECAM02.

    Those that are not given are the ones of sRGB: a display of 80 cd/m² in an office of 64 lx.

    Parameters
    ----------
    white : str or tuple of floats
        The adopted white, by name or as XYZ with Y = 1.
    L_A : float
        Luminance of the adapting field, cd/m².
    Y_b : float
        Luminance factor of the background, in percent of the white.
    surround : {"average", "dim", "dark"}
        What is around.
    discounting : bool
        Whether the eye is fully adapted to the white, as to that of a lamp on a surface.

    Raises
    ------
    ValueError
        If a number is not positive, or the white or the surround unknown.
    """

    white: str | tuple[float, ...] = "D65"
    L_A: float = 64 / np.pi * 0.2
    Y_b: float = 20.0
    surround: str = "average"
    discounting: bool = False

    def __post_init__(self) -> None:
        if abs(reference_white(self.white)[1] - 1) > 0.01:
            raise ValueError(f"white must be XYZ with Y = 1, not {self.white}")
        if self.surround not in SURROUNDS:
            raise ValueError(f"surround {must_be_one_of(self.surround, SURROUNDS)}")
        for name in ("L_A", "Y_b"):
            number = getattr(self, name)
            if not (np.isfinite(number) and number > 0):
                raise ValueError(f"{name} must be a positive, finite number, not {number}")


class _Model(NamedTuple):
    """A model under viewing conditions: XYZ to adapted cones, and the parameters of the kernel."""

    to_cones: np.ndarray
    parameters: tuple[float, ...]
    A_w: float
    c: float


def _model(name: str, viewing: ViewingConditions) -> _Model:
    """Steps 0 and 1 of the models: what depends on the viewing conditions alone."""
    F, c, N_c = SURROUNDS[viewing.surround]
    white, L_A = reference_white(viewing.white), viewing.L_A
    cat = CONE_RESPONSES["CAT16" if name == "CAM16" else "CAT02"]
    D = 1.0 if viewing.discounting else F * (1 - np.exp((-L_A - 42) / 92) / 3.6)
    D = np.clip(D, 0, 1)
    adapted = (D * white[1] / (cat @ white) + 1 - D)[:, None] * cat
    to_cones = adapted if name == "CAM16" else _HPE @ np.linalg.solve(cat, adapted)

    k = 1 / (5 * L_A + 1)
    F_L = 0.2 * k**4 * 5 * L_A + 0.1 * (1 - k**4) ** 2 * np.cbrt(5 * L_A)
    n = viewing.Y_b / (100 * white[1])
    N_bb = N_cb = 0.725 * n**-0.2
    z = 1.48 + np.sqrt(n)
    x = (F_L * (to_cones @ white)) ** 0.42
    A_w = N_bb * ([2, 1, 0.05] @ (400 * x / (x + 27.13)))
    parameters = (
        *(F_L, c * z, A_w, N_bb, 50000 / 13 * N_c * N_cb),
        *((1.64 - 0.29**n) ** 0.73, F_L**0.25),
    )
    return _Model(to_cones, tuple(map(float, parameters)), float(A_w), c)


def appearance_space(
    model: str = "CAM16", form: str = "UCS", viewing: ViewingConditions | None = None
) -> Space:
    """
    CAM16 or CIECAM02 as a space, under viewing conditions.

    Parameters
    ----------
    model : {"CAM16", "CAM02"}
        Which model.
    form : {"UCS", "SCD", "LCD", "JMh"}
        Its uniform space, that for small or for large differences: J', a', b'; or lightness J,
        colourfulness M and hue h in degrees.
    viewing : ViewingConditions, optional
        The conditions; those of sRGB where none are given.

    Raises
    ------
    ValueError
        If the model or the form is unknown.

    References
    ----------
    CIE 159:2004; C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color
    Research and Application 42 (2017) 703-718; M. R. Luo, G. Cui, C. Li, "Uniform colour spaces
    based on CIECAM02 colour appearance model", Color Research and Application 31 (2006) 320-330.

    Examples
    --------
    >>> import dde
    >>> dim = appearance_space("CAM16", "JMh", ViewingConditions(surround="dim"))
    >>> dde.convert([0.2, 0.3, 0.1], "XYZ", dim).round(3).tolist()
    [55.353, 38.159, 137.82]
    """
    if model not in ("CAM16", "CAM02"):
        raise ValueError(f"model {must_be_one_of(model, ('CAM16', 'CAM02'))}")
    if form not in (*UNIFORM, "JMh"):
        raise ValueError(f"form {must_be_one_of(form, (*UNIFORM, 'JMh'))}")
    viewing = viewing or ViewingConditions()
    to_cones, parameters, _, _ = _model(model, viewing)
    cam = Space.xyz(viewing.white).derived(
        model,
        [Step("cam_to_cones", parameters), linear(np.linalg.inv(to_cones))],
        [linear(to_cones), Step("cones_to_cam", parameters)],
    )
    if form == "JMh":
        return cam.derived(f"{model} JMh", [Step("cartesian")], [Step("polar")])
    _, c1, c2 = UNIFORM[form]
    return cam.derived(
        f"{model}-{form}", [Step("ucs_to_cam", (c1, c2))], [Step("cam_to_ucs", (c1, c2))]
    )


def hct_space() -> Space:
    """HCT, under the conditions of Material Color Utilities: hue, chroma, tone."""
    grey = float(((50 + 16) / 116) ** 3)  # Y of L* = 50
    to_cones, parameters, _, _ = _model(
        "CAM16", ViewingConditions(L_A=200 / np.pi * grey, Y_b=100 * grey)
    )

    def step(kernel: str, matrix: np.ndarray) -> Step:
        return Step(kernel, (*parameters, *np.ravel(matrix).tolist()))

    back = step("hct_to_xyz", np.linalg.inv(to_cones))
    return Space.xyz().derived("HCT", [back], [step("xyz_to_hct", to_cones)])


class Appearance(NamedTuple):
    """The correlates of a colour's appearance, each of the shape of the colours without their last
    axis: lightness J, chroma C, hue h in degrees, brightness Q, colourfulness M, saturation s."""

    J: np.ndarray
    C: np.ndarray
    h: np.ndarray
    Q: np.ndarray
    M: np.ndarray
    s: np.ndarray


def cam16(xyz: ArrayLike, viewing: ViewingConditions | None = None) -> Any:
    """
    The appearance of colours by CAM16.

    Parameters
    ----------
    xyz : array_like, shape (..., 3)
        CIE XYZ with Y = 1 for the white of the viewing conditions, float32 or float64.
    viewing : ViewingConditions, optional
        The conditions; those of sRGB where none are given.

    Returns
    -------
    Appearance
        J, C, h, Q, M and s, each of shape (...), of the type of xyz.

    Raises
    ------
    TypeError
        If xyz is not of floating-point type.
    ValueError
        If the last axis of xyz is not 3.

    References
    ----------
    C. Li et al., "Comprehensive color solutions: CAM16, CAT16, and CAM16-UCS", Color Research and
    Application 42 (2017) 703-718, appendix A.

    Examples
    --------
    >>> import dde
    >>> viewing = dde.ViewingConditions(white=(0.9505, 1.0, 1.0888), L_A=318.31, Y_b=20)
    >>> seen = dde.cam16([0.1901, 0.2, 0.2178], viewing)
    >>> [float(round(correlate, 4)) for correlate in (seen.J, seen.C, seen.h, seen.Q)]
    [41.7312, 0.1034, 217.068, 195.3717]
    """
    viewing = viewing or ViewingConditions()
    model = _model("CAM16", viewing)
    space = appearance_space("CAM16", "JMh", viewing)
    way = way_between(Space.xyz(viewing.white), space)
    J, M, h = np.moveaxis(_core.convert(way, xyz, "xyz", None), -1, 0)
    M_per_C = model.parameters[-1]
    Q = 4 / model.c * np.sqrt(J / 100) * ((model.A_w + 4) * M_per_C)
    with np.errstate(invalid="ignore", divide="ignore"):
        s = np.where(Q > 0, 100 * np.sqrt(M / Q), 0 * Q)
    return Appearance(J, M / M_per_C, h, Q, M, s.astype(J.dtype))
