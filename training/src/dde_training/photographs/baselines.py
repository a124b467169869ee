"""What the networks are measured beside: formulas over pixels, and measures of pictures."""

from collections.abc import Callable
from typing import Any

import dde
import numpy as np
from skimage.metrics import structural_similarity

from dde_training.photographs.data import Photographs

# A degree of the visual field, where a photograph 1024 pixels high fills a screen of 30 cm that is
# seen from 60 cm.
PIXELS_PER_DEGREE = 1024 / 300 * 600 * np.tan(np.deg2rad(1))

Measure = Callable[[np.ndarray, np.ndarray], float]


def _formula(metric: str, summary: Callable[[np.ndarray], Any], **options: Any) -> Measure:
    def measure(reference: np.ndarray, sample: np.ndarray) -> float:
        return float(summary(dde.delta_e_map(reference, sample, metric, **options)))

    return measure


def _mean(values: np.ndarray) -> float:
    return float(values.mean(dtype=np.float64))


def _p95(values: np.ndarray) -> float:
    return float(np.percentile(values, 95))


def flip(reference: np.ndarray, sample: np.ndarray) -> float:
    """The mean of FLIP's map."""
    return _mean(dde.flip_map(reference, sample, pixels_per_degree=PIXELS_PER_DEGREE))


def ms_swd(reference: np.ndarray, sample: np.ndarray) -> float:
    """MS-SWD along random directions."""
    return float(dde.sliced_wasserstein(reference, sample))


def root_mean_square(reference: np.ndarray, sample: np.ndarray) -> float:
    """10^(−PSNR / 20): as PSNR, but a difference that is 0 for equal pictures."""
    error = (reference.astype(np.float64) - sample) / 255
    return float(np.sqrt(np.mean(error * error)))


def dissimilarity(reference: np.ndarray, sample: np.ndarray) -> float:
    """1 − SSIM, with the Gaussian window of the paper."""
    similarity = structural_similarity(  # type: ignore[no-untyped-call]
        reference,
        sample,
        data_range=255,
        channel_axis=2,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return 1 - float(similarity)


FORMULAS = ("CIE76", "CIEDE2000", "deep")
BASELINES: dict[str, Measure] = {
    **{f"{name} mean": _formula(name, _mean) for name in FORMULAS},
    **{f"{name} p95": _formula(name, _p95) for name in FORMULAS},
    **{f"{name} as seen": _formula(name, _mean, viewing=PIXELS_PER_DEGREE) for name in FORMULAS},
    "FLIP": flip,
    "MS-SWD": ms_swd,
    "PSNR": root_mean_square,
    "1 − SSIM": dissimilarity,
}


def predict_baselines(
    pairs: Photographs, progress: Callable[[int, int], None]
) -> dict[str, np.ndarray]:
    """
    Every baseline of every pair, in its own units.

    Returns
    -------
    dict of str to numpy.ndarray
        Shape (N,) each.
    """
    found = {name: np.empty(len(pairs)) for name in BASELINES}
    for place in range(len(pairs)):
        reference, sample = pairs.pictures(place)
        for name, measure in BASELINES.items():
            found[name][place] = measure(reference, sample)
        progress(place + 1, len(pairs))
    return found
