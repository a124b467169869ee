"""Held-out predictions of a model and of every baseline, and how well they agree with people."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from dde_training.baselines import BASELINES, POWER, REFERENCE, fit_power
from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.errors import UserError
from dde_training.models import Model
from dde_training.protocols import Split
from dde_training.run import Run
from dde_training.statistics import (
    Agreement,
    Difference,
    FTest,
    agreement,
    difference,
    f_test,
    resamples,
)

RIVAL = REFERENCE + POWER
FoldRun = Callable[[int], Run]


@dataclass(frozen=True)
class Means:
    """Means over the sets that have the figure; None where no set has it."""

    pearson: float | None
    spearman: float | None
    stress: float | None


@dataclass(frozen=True)
class Figures:
    """What was measured of one method: over all pairs, in each set, and against CIEDE2000."""

    pooled: Agreement
    sets: dict[str, Agreement]
    means: Means
    f_test: FTest | None
    gain: Difference  # over CIEDE2000 with its fitted power, on all pairs


def predict_held_out(
    model: type[Model], pairs: Pairs, split: Split, config: Config, fold_run: FoldRun
) -> np.ndarray:
    """
    Fit a model once for each fold, and predict the pairs that it was not fitted to.

    Parameters
    ----------
    model : type
    pairs : Pairs
    split : Split
    config : Config
        Of the model's own class.
    fold_run : callable
        Gives the `Run` of a fold's fit.

    Returns
    -------
    numpy.ndarray
        Shape (N,), float64.
    """
    predicted = np.empty(len(pairs))
    for fold, (training, test) in enumerate(split):
        fitted = model.fit(pairs[training], split.groups[training], config, fold_run(fold))
        predicted[test] = fitted.predict(pairs[test])
        if not np.all(np.isfinite(predicted[test])):
            raise UserError(f"fold {fold}: {model.name} predicts values that are not finite")
    return predicted


def predict_baselines(pairs: Pairs, split: Split) -> dict[str, np.ndarray]:
    """
    Every formula as it is, and with a power that is fitted on the training pairs of each fold.

    Returns
    -------
    dict of str to numpy.ndarray
        Shape (N,) each. A formula as it is gives its own units, with a power those of the visual
        differences.
    """
    predictions: dict[str, np.ndarray] = {}
    for name, formula in BASELINES.items():
        delta_e = formula(pairs)
        powered = np.empty(len(pairs))
        for training, test in split:
            powered[test] = fit_power(delta_e[training], pairs.dv[training])(delta_e[test])
        predictions |= {name: delta_e, name + POWER: powered}
    return predictions


def measure(
    predictions: dict[str, np.ndarray], pairs: Pairs, split: Split, seed: int
) -> dict[str, Figures]:
    """
    Measure predictions against the visual differences, pooled and set by set.

    Parameters
    ----------
    predictions : dict of str to numpy.ndarray
        Shape (N,) each; CIEDE2000 as it is and with its power are among them.
    pairs : Pairs
    split : Split
        Its units are what the bootstrap draws.
    seed : int
        Of the bootstrap.

    Returns
    -------
    dict of str to Figures
    """
    weights = resamples(split.units, seed)
    parts = {name: pairs.sets == number for number, name in enumerate(pairs.names)}

    def within(name: str, part: np.ndarray) -> Agreement:
        return agreement(predictions[name][part], pairs.dv[part], weights[:, part])

    everything = np.ones(len(pairs), dtype=bool)
    pooled = {name: within(name, everything) for name in predictions}
    reference = pooled[REFERENCE].stress.value
    figures = {}
    for name in predictions:
        per_set = {set_name: within(name, part) for set_name, part in parts.items()}
        test = f_test(pooled[name].stress.value, reference, len(pairs))
        gain = difference(predictions[name], predictions[RIVAL], pairs.dv, weights)
        figures[name] = Figures(pooled[name], per_set, _means(per_set), test, gain)
    return figures


def _means(per_set: dict[str, Agreement]) -> Means:
    columns = zip(*(one.figures for one in per_set.values()), strict=True)
    there = [[e.value for e in column if e.value is not None] for column in columns]
    return Means(*(sum(values) / len(values) if values else None for values in there))
