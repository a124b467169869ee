"""Spectra to XYZ and Lab."""

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.spectra.weights import weights_for

_NO_STEPS = _core.Way(())


def spectra_to_xyz(
    spectra: ArrayLike,
    wavelengths: ArrayLike,
    illuminant: str = "D65",
    observer: int = 2,
    *,
    out: np.ndarray | None = None,
) -> Any:
    """
    Spectra of reflectance or transmittance to XYZ, by the practice of ASTM E308.

    Spectra every 10 or 20 nm are weighted by tables as E308 prints them, computed by ASTM E2022;
    those every 1 or 5 nm are summed. What a spectrum lacks of 360 to 780 nm is taken to be as its
    first and its last value.

    Parameters
    ----------
    spectra : array_like, shape (..., N)
        Reflectances from 0 to 1, float32 or float64, of any strides: a spectral image band by band
        is not copied. A spectrum with a NaN or an infinity gives NaN.
    wavelengths : array_like, shape (N,)
        In nm, rising by 1, 5, 10 or 20.
    illuminant : str, optional
        A, B, C, D50, D55, D60, D65, D75, E, FL1 to FL12, LED-B1 to LED-B5, LED-BH1, LED-RGB1,
        LED-V1, LED-V2, ID50 or ID65.
    observer : {2, 10}, optional
        The CIE 1931 (2°) or the CIE 1964 (10°) standard observer.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        XYZ with Y = 1 for a reflectance of 1, of the type of the spectra.

    Raises
    ------
    TypeError
        If the spectra are not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of the spectra is not as long as the wavelengths, the wavelengths are not
        1, 5, 10 or 20 nm apart, or the illuminant or the observer is unknown.

    Notes
    -----
    float64 is right to 1e-9.

    References
    ----------
    ASTM E308-18, Standard Practice for Computing the Colors of Objects by Using the CIE System;
    ASTM E2022-16; CIE 15:2018.

    Examples
    --------
    >>> import dde, numpy as np
    >>> wavelengths = np.arange(400, 701, 10)
    >>> reddish = np.linspace(0.05, 0.6, 31)
    >>> dde.spectra_to_xyz(reddish, wavelengths).round(4).tolist()
    [0.3381, 0.3374, 0.1654]
    >>> dde.spectra_to_xyz(reddish, wavelengths, "A", 10).round(4).tolist()
    [0.4476, 0.3608, 0.0551]
    """
    return _core.convert_spectra(
        spectra, weights_for(wavelengths, illuminant, observer), _NO_STEPS, out
    )


def spectra_to_lab(
    spectra: ArrayLike,
    wavelengths: ArrayLike,
    illuminant: str = "D65",
    observer: int = 2,
    *,
    out: np.ndarray | None = None,
) -> Any:
    """
    Spectra of reflectance or transmittance to CIELAB, in one pass.

    The reference white is the perfect diffuser under the illuminant: the XYZ that `spectra_to_xyz`
    gives of a reflectance of 1.

    Parameters
    ----------
    spectra, wavelengths, illuminant, observer, out
        As for `spectra_to_xyz`.

    Returns
    -------
    numpy.ndarray, shape (..., 3)
        CIELAB: L* from 0 to 100, a* and b*, of the type of the spectra.

    Raises
    ------
    TypeError, ValueError
        As from `spectra_to_xyz`.

    References
    ----------
    ASTM E308-18; CIE 15:2018, 8.2.1.

    Examples
    --------
    >>> import dde, numpy as np
    >>> reddish = np.linspace(0.05, 0.6, 31)
    >>> dde.spectra_to_lab(reddish, np.arange(400, 701, 10)).round(2).tolist()
    [64.76, 6.18, 32.51]
    """
    weights = weights_for(wavelengths, illuminant, observer)
    return _core.convert_spectra(spectra, weights, _to_lab(*weights.sum(axis=0).tolist()), out)


@lru_cache(maxsize=64)
def _to_lab(*white: float) -> _core.Way:
    return _core.Way([("xyz_to_lab", white)])
