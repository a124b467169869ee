"""What colour differences are made of."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dde import _core


class Components(NamedTuple):
    """
    A colour difference with what it is made of, each over the weight that its formula gives it:
    delta_e² = delta_L² + delta_C² + delta_H² + rotation.

    Attributes
    ----------
    delta_e : numpy.ndarray
        The difference, to the last bit as without components.
    delta_L, delta_C, delta_H : numpy.ndarray
        Of lightness, chroma and hue, from lab1 to lab2: positive where lab2 is lighter, more
        chromatic, or of a larger hue angle. Of CIEDE2000: ΔL' / (kL S_L), ΔC' / (kC S_C) and
        ΔH' / (kH S_H); of CIE94 and CMC likewise; of CIE76 ΔL*, ΔC*ab and ΔH*ab.
    rotation : numpy.ndarray or float
        R_T delta_C delta_H of CIEDE2000, which turns the ellipses of blue; 0.0 of the others.

    Notes
    -----
    float64 is right to 1e-9 (rotation, which is a square, to 1e-9 of delta_e² where that is more);
    float32 to 5e-5, or 1e-5 of delta_e (or its square) where that is more.

    Examples
    --------
    >>> import dde
    >>> parts = dde.cie76([50.0, 3.0, 0.0], [54.0, 0.0, 3.0], components=True)
    >>> [round(float(part), 4) for part in parts]
    [5.831, 4.0, 0.0, 4.2426, 0.0]
    """

    delta_e: Any
    delta_L: Any
    delta_C: Any
    delta_H: Any
    rotation: Any = 0.0


def difference(
    kernel: _core.FormulaKernel,
    lab1: ArrayLike,
    lab2: ArrayLike,
    out: np.ndarray | None,
    components: bool,
    way: _core.Way | None = None,
) -> Any:
    """The difference, or its components where they are asked for."""
    if not components:
        return _core.difference(kernel, lab1, lab2, out, way)
    if out is not None:
        raise ValueError("out must not be given with components, which are several arrays")
    return Components(*_core.difference(_core.ComponentsKernel(kernel), lab1, lab2, None, way))
