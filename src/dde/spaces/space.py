"""What numbers mean: a colour space, as the steps that lead from it to another."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.spaces.adaptation import adaptation_matrix
from dde.spaces.whites import reference_white
from dde.wording import must_be_one_of


class Step(NamedTuple):
    """A conversion by its kernel's name, with the kernel's parameters: see kernels/kernels.h."""

    kernel: str
    parameters: tuple[float, ...] = ()


def linear(matrix: ArrayLike) -> Step:
    """The step that multiplies by a matrix, shape (3, 3)."""
    return Step("linear", tuple(np.ravel(matrix).tolist()))


class Curve(NamedTuple):
    """A transfer curve: from coded values to linear light, and back."""

    decode: Step
    encode: Step

    @classmethod
    def gamma(
        cls, gamma: float, *, offset: float = 0, slope: float = 1, threshold: float = 0
    ) -> "Curve":
        """
        A power law, straight below a coded value of `threshold`, and mirrored for negative ones.

        Examples
        --------
        >>> import dde
        >>> space = dde.Space.rgb("scanner", dde.Space.named("sRGB").primaries, curve=1.8)
        >>> float(dde.convert([0.5, 0.5, 0.5], space, "XYZ")[1].round(4))
        0.2872
        """
        for name, number in (("gamma", gamma), ("slope", slope)):
            if not (np.isfinite(number) and number > 0):
                raise ValueError(f"{name} must be a positive, finite number, not {number}")
        parameters = float(gamma), float(offset), float(slope), float(threshold)
        return cls(Step("toe_decode", parameters), Step("toe_encode", parameters))


@dataclass(frozen=True)
class Space:
    """
    A colour space: what the three numbers of a colour mean.

    `Space.named` gives one that dde knows, `Space.rgb` makes one of a curve and primaries. Wherever
    dde takes a space, it takes the name of one as well.

    Attributes
    ----------
    name : str
        What people call it.
    white : tuple of 3 floats
        XYZ of its white, Y = 1.
    base : Space or None
        The space that its steps lead to; None for XYZ.
    to_base, from_base : tuple of steps
        The steps there and back; `from_base` is None where there is no way back.
    coded : bool
        Whether it is made of codes, RGB from 0 to 1, which may also be uint8 or uint16.
    primaries : tuple of pairs of floats, or None
        x, y of red, green and blue, where it has some.

    Examples
    --------
    >>> import dde
    >>> dde.Space.named("ProPhoto RGB").white
    (0.9642956764295677, 1.0, 0.8251046025104602)
    """

    name: str
    white: tuple[float, ...]
    base: "Space | None" = None
    to_base: tuple[Step, ...] = ()
    from_base: tuple[Step, ...] | None = ()
    coded: bool = False
    primaries: tuple[tuple[float, ...], ...] | None = None

    @staticmethod
    def named(name: str, white: str | ArrayLike | None = None) -> "Space":
        """
        A space that dde knows, by its name in any case.

        Parameters
        ----------
        name : str
            One of ``dde.spaces.NAMES``.
        white : str or array_like, optional
            The reference white of XYZ, Lab, LCh, Luv and LChuv, by name or as XYZ with Y = 1; D65
            where none is given. The others have one of their own.

        Raises
        ------
        ValueError
            If the name or the white is unknown, or that space has a white of its own.

        Examples
        --------
        >>> import dde
        >>> lab = dde.Space.named("Lab", white="D50")
        >>> dde.convert([1.0, 1.0, 1.0], "ProPhoto RGB", lab).round(6).tolist()
        [100.0, 0.0, 0.0]
        """
        return _named(name, white, "name")

    @classmethod
    def xyz(cls, white: str | ArrayLike = "D65") -> "Space":
        """XYZ on the scale of this white: Y = 1 for one by name."""
        return cls("XYZ", tuple(reference_white(white).tolist()))

    @classmethod
    def rgb(
        cls,
        name: str,
        primaries: Sequence[Sequence[float]] | ArrayLike,
        *,
        white: str | ArrayLike = "D65",
        curve: Curve | float | None = None,
        matrix: ArrayLike | None = None,
    ) -> "Space":
        """
        An RGB space of a curve and a matrix.

        Parameters
        ----------
        name : str
            What to call it.
        primaries : array_like, shape (3, 2)
            x, y of red, green and blue.
        white : str or array_like, optional
            Its white, by name or as XYZ with Y = 1.
        curve : Curve or float, optional
            The transfer curve; a number is the exponent of a power law; None: linear light.
        matrix : array_like, shape (3, 3), optional
            From linear RGB to XYZ, where a standard prints another than follows from the primaries.

        Raises
        ------
        ValueError
            If the primaries are not three pairs that span the space, or the white is unknown.

        Examples
        --------
        >>> import dde
        >>> wide = [(0.7347, 0.2653), (0.1152, 0.8264), (0.1566, 0.0177)]
        >>> wide_gamut = dde.Space.rgb("Wide Gamut RGB", wide, white="D50", curve=563 / 256)
        >>> dde.convert([0.2, 0.5, 0.9], wide_gamut, "Lab").round(2).tolist()
        [50.56, 4.2, -67.91]
        """
        root = cls.xyz(white)
        xy = np.asarray(primaries, dtype=np.float64)
        if xy.shape != (3, 2) or not np.all(np.isfinite(xy)):
            raise ValueError(f"primaries must be three pairs x, y; their shape is {xy.shape}")
        if matrix is None:
            matrix = _matrix_of(xy, np.array(root.white))
        matrix = np.asarray(matrix, dtype=np.float64)
        light = cls(
            f"linear {name}" if curve is not None else name,
            root.white,
            root,
            (linear(matrix),),
            (linear(np.linalg.inv(matrix)),),
            coded=True,
            primaries=tuple(map(tuple, xy.tolist())),
        )
        if curve is None:
            return light
        if not isinstance(curve, Curve):
            curve = Curve.gamma(curve)
        return replace(
            light, name=name, base=light, to_base=(curve.decode,), from_base=(curve.encode,)
        )

    def derived(
        self, name: str, to_base: Sequence[Step], from_base: Sequence[Step] | None
    ) -> "Space":
        """A space on top of this one, by the steps from it to this one and back."""
        back = None if from_base is None else tuple(from_base)
        return Space(name, self.white, self, tuple(to_base), back)


def _matrix_of(xy: np.ndarray, white: np.ndarray) -> np.ndarray:
    """From linear RGB to XYZ: the primaries, each so bright that together they make the white."""
    x, y = xy.T
    directions = np.array([x, y, 1 - x - y])
    if abs(np.linalg.det(directions)) < 1e-6:
        raise ValueError("primaries must be three that do not lie on one line")
    brightness: np.ndarray = np.linalg.solve(directions, white)
    return np.asarray(directions * brightness)


def _bases(space: Space) -> list[Space]:
    """The space, its base, the base of that, and so on."""
    bases = [space]
    while bases[-1].base is not None:
        bases.append(bases[-1].base)
    return bases


def steps_between(source: Space, target: Space, adaptation: str = "Bradford") -> tuple[Step, ...]:
    """
    The steps from one space to another: up to the base that both have, and down from it.

    Where they have none, their XYZ differ in white, and the colours are adapted: see `dde.adapt`.

    Raises
    ------
    ValueError
        If no way leads to the target.
    """
    up, down = _bases(source), _bases(target)
    common = next((space for space in up if space in down), None)
    steps = [step for space in up[: _index(up, common)] for step in space.to_base]
    if common is None:
        steps.append(linear(adaptation_matrix(up[-1].white, down[-1].white, adaptation)))
    for space in reversed(down[: _index(down, common)]):
        if space.from_base is None:
            raise ValueError(f"colours cannot be converted to {space.name}; it only leads away")
        steps += space.from_base
    return _simplified(steps)


def _index(spaces: list[Space], common: Space | None) -> int:
    return len(spaces) if common is None else spaces.index(common)


def _simplified(steps: list[Step]) -> tuple[Step, ...]:
    """The same in fewer steps: neighbouring matrices become one, and enter what follows them."""
    simple: list[Step] = []
    for step in steps:
        last = simple[-1] if simple else None
        if last is not None and last.kernel == "linear":
            matrix = np.reshape(last.parameters, (3, 3))
            parameters = np.array(step.parameters)
            if step.kernel == "linear":
                simple[-1] = linear(parameters.reshape(3, 3) @ matrix)
                continue
            if step.kernel == "xyz_to_lab":
                relative = matrix / parameters[:, None]
                simple[-1] = Step("linear_to_lab", tuple(np.ravel(relative).tolist()))
                continue
            if step.kernel == "xyz_to_oklab":
                first = parameters[:9].reshape(3, 3) @ matrix
                simple[-1] = Step(step.kernel, (*np.ravel(first).tolist(), *step.parameters[9:]))
                continue
        simple.append(step)
    return tuple(simple)


@lru_cache(maxsize=256)
def way_between(
    source: Space, target: Space, coded: bool = False, adaptation: str = "Bradford"
) -> _core.Way:
    """The steps between two spaces as the kernels take them; `coded`: beginning with codes."""
    return _core.Way(steps_between(source, target, adaptation), coded)


class Named(NamedTuple):
    """How a space that dde knows by name is made of the XYZ of a white."""

    name: str
    make: Callable[[Space], Space]
    any_white: bool  # or of D65 alone, since it has a white of its own


# By its name in small letters. `dde.spaces.named` fills it.
KNOWN: dict[str, Named] = {}


def find_space(space: Space | str, argument: str = "space") -> Space:
    """
    The space itself, or the one of this name; `argument` is what the caller's argument is called.

    Raises
    ------
    ValueError
        If there is none.
    """
    return space if isinstance(space, Space) else _named(space, None, argument)


def _named(name: str, white: str | ArrayLike | None, argument: str) -> Space:
    known = KNOWN.get(name.lower()) if isinstance(name, str) else None
    if known is None:
        names = dict.fromkeys(other.name for other in KNOWN.values())
        raise ValueError(f"{argument} {must_be_one_of(name, names)}")
    if white is None:
        return _of_d65(known)
    if not known.any_white:
        accepted = ", ".join(other.name for other in KNOWN.values() if other.any_white)
        raise ValueError(f"white is for {accepted}; {known.name} has one of its own")
    return known.make(Space.xyz(white))


@cache
def _of_d65(known: Named) -> Space:
    return known.make(Space.xyz())


def of_white(space: Space, white: str | ArrayLike) -> Space:
    """The space; where it is one of XYZ, Lab and so on, named without a white, that of this one."""
    known = KNOWN.get(space.name.lower())
    without_one = known is not None and known.any_white and space == _of_d65(known)
    return Space.named(space.name, white) if without_one else space


def convert(
    colours: ArrayLike,
    source: Space | str,
    target: Space | str,
    *,
    out: np.ndarray | None = None,
) -> Any:
    """
    Colours of one space in another.

    Where the whites of the two differ, colours are adapted from one to the other by Bradford's
    transform; XYZ, Lab, LCh, Luv and LChuv mean those of D65 unless made with another white:
    ``dde.Space.named("Lab", white="D50")``.

    Parameters
    ----------
    colours : array_like, shape (..., 3)
        In `source`: float32 or float64; for RGB also uint8 (0 to 255) or uint16 (0 to 65535).
        Floats of RGB are from 0 to 1, and may go beyond: curves go on there. A colour with a NaN or
        an infinity gives NaN.
    source, target : Space or str
        From what to what: a name, such as ``"sRGB"``, ``"Display P3"``, ``"Lab"``, ``"Oklch"``,
        ``"CAM16-UCS"`` or another of ``dde.spaces.NAMES``, in any case; or the space itself.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type. It may be the input itself.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        The colours in `target`: float64 for float64, otherwise float32. RGB is not clipped.

    Raises
    ------
    TypeError
        If colours is of another type, or `out` is not of the type of the result.
    ValueError
        If the last axis of colours is not 3, a space is unknown, no way leads to the target, or
        `out` is of another shape.

    Notes
    -----
    float64 is right to 1e-9. What each space is, and by what source: ``dde.spaces.named``.

    Examples
    --------
    >>> import dde, numpy as np
    >>> dde.convert(np.uint8([200, 60, 0]), "Display P3", "Lab").round(2)
    array([47.43, 64.37, 78.86], dtype=float32)
    >>> dde.convert([60.0, 30.0, 45.0], "LCh", "sRGB").round(4).tolist()
    [0.7506, 0.5089, 0.4252]
    """
    way = way_between(
        find_space(source, "source"),
        find_space(target, "target"),
        _holds_codes(colours) and find_space(source, "source").coded,
    )
    return _core.convert(way, colours, "colours", out)


def _holds_codes(colours: ArrayLike) -> bool:
    """Whether an array holds integers."""
    return isinstance(colours, np.ndarray) and colours.dtype.kind == "u"
