"""Indices of metamerism."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde.metrics.table import Metric, delta_e
from dde.spaces.conversions import xyz_to_lab
from dde.spectra.weights import weights_for
from dde.wording import must_be_one_of

CORRECTIONS = ("multiplicative", "additive", "spectral")


def metamerism_index(
    sample: ArrayLike,
    standard: ArrayLike,
    wavelengths: ArrayLike,
    test: str = "A",
    reference: str = "D65",
    *,
    observer: int = 10,
    correction: str = "multiplicative",
    metric: Metric = "CIE76",
    **factors: float,
) -> Any:
    """
    How different two samples look under a test illuminant that match under the reference.

    Where they do not match quite, the sample is corrected first, so that it does: its XYZ by the
    ratios (multiplicative) or the differences (additive) to the standard under the reference
    illuminant; or its spectrum, whose part that the eye sees under that illuminant is replaced by
    the standard's (spectral: Cohen and Kappauf's decomposition).

    Parameters
    ----------
    sample, standard : array_like, shape (..., N)
        Reflectances from 0 to 1, of shapes that broadcast.
    wavelengths : array_like, shape (N,)
        In nm, rising by 1, 5, 10 or 20.
    test, reference : str, optional
        The illuminants, as for `spectra_to_xyz`.
    observer : {2, 10}, optional
        The standard observer.
    correction : {"multiplicative", "additive", "spectral"}, optional
        How a remaining difference under the reference illuminant is taken away.
    metric : str or callable, optional
        The colour difference under the test illuminant, as for `delta_e`; the standard names CIE76.
    **factors : float
        The factors of the metric.

    Returns
    -------
    numpy.ndarray, shape (...)
        The index M_t, float64.

    Raises
    ------
    ValueError
        If the correction is unknown; as from `spectra_to_xyz`.

    References
    ----------
    ISO 18314-4:2024, Analytical colorimetry, Part 4: Metamerism index for pairs of samples for
    change of illuminant; J. B. Cohen, W. E. Kappauf, "Metameric color stimuli, fundamental
    metamers, and Wyszecki's metameric blacks", American Journal of Psychology 95 (1982) 537-564.

    Examples
    --------
    >>> import dde, numpy as np
    >>> wavelengths = np.arange(400, 701, 10)
    >>> standard = np.full(31, 0.4)
    >>> sample = standard + 0.1 * np.sin(wavelengths / 12)
    >>> float(dde.metamerism_index(sample, standard, wavelengths).round(3))
    1.137
    """
    if not isinstance(correction, str) or correction not in CORRECTIONS:
        raise ValueError(f"correction {must_be_one_of(correction, CORRECTIONS)}")
    # NumPy, and not the kernels: the correction needs the spectra, and pairs are few.
    first, second = (np.asarray(spectra, np.float64) for spectra in (sample, standard))
    seen, tested = (weights_for(wavelengths, name, observer) for name in (reference, test))
    for name, spectra in (("sample", first), ("standard", second)):
        if spectra.ndim == 0 or spectra.shape[-1] != len(seen):
            raise ValueError(
                f"{name} must have a last axis of {len(seen)}, one value a wavelength; "
                f"its shape is {spectra.shape}"
            )
    if correction == "spectral":
        fundamental = seen @ np.linalg.pinv(seen)  # R = A (AᵀA)⁻¹ Aᵀ
        corrected = (first + (second - first) @ fundamental) @ tested
    elif correction == "additive":
        corrected = first @ tested - (first - second) @ seen
    else:
        corrected = (first @ tested) * ((second @ seen) / (first @ seen))
    white = tested.sum(axis=0)
    lab1, lab2 = (xyz_to_lab(xyz, white) for xyz in (second @ tested, corrected))
    return delta_e(lab1, lab2, metric, space="Lab", components=False, out=None, **factors)
