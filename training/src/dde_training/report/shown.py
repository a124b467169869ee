"""The methods that the page and the plots set side by side, on the scale of people's scores."""

import numpy as np

from dde_training.baselines import BASELINES, POWER, REFERENCE
from dde_training.results import Evaluation
from dde_training.statistics import scale

COLOURS = ("#1f5fa8", "#8b8b8b", "#d07a1e")  # blue, grey and orange tell apart for everybody


def shown_methods(evaluation: Evaluation) -> list[str]:
    """The evaluated model, then CIEDE2000 as it is and with its power."""
    return list(dict.fromkeys([evaluation.model, REFERENCE, REFERENCE + POWER]))


def as_dv(evaluation: Evaluation, method: str) -> np.ndarray:
    """
    A method's predictions on the scale of the visual differences.

    A formula as it is has units of its own, and is divided by F, the scale that STRESS takes.

    Returns
    -------
    numpy.ndarray
        Shape (N,).
    """
    predicted = evaluation.predictions[method]
    return predicted / scale(predicted, evaluation.pairs.dv) if method in BASELINES else predicted


def label(method: str) -> str:
    """What a method is called where its values are on the scale of the visual differences."""
    return f"{method} ÷ F" if method in BASELINES else method
