"""How well a metric does on data that no fit has seen: new sets of pairs, and equal steps."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from dde_training.baselines import BASELINES, POWER, Formula, fit_power
from dde_training.data import Pairs
from dde_training.protocols import PROTOCOLS
from dde_training.statistics import Agreement, agreement, resamples
from dde_training.steps import KINDS

CONSTANT = "a constant"

FORMAT = 1
FILE = "unseen.json"

Metric = Callable[[Pairs], np.ndarray]


@dataclass(frozen=True)
class Steps:
    """How equal the steps of one kind come out; variation is deviation / mean."""

    size: float  # the mean, as a multiple of that of the steps of chroma
    variation: float
    within: float  # the series, each divided by its own mean
    between: float  # the means of the series


@dataclass(frozen=True)
class Unseen:
    """What was measured, by method: on sets of pairs, and on equal steps."""

    model: str
    training: list[dict[str, Any]]  # the manifest of what it and the powers were fitted to
    measured: list[dict[str, Any]]  # that of the sets
    pairs: dict[str, dict[str, Agreement]]
    steps: dict[str, dict[str, Steps]]

    def document(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        return {"format": FORMAT, **asdict(self)}


def methods(name: str, metric: Metric, training: Pairs) -> dict[str, Metric]:
    """
    What a metric is measured beside: every formula as it is and with its power, and a constant.

    Parameters
    ----------
    name : str
        Of the metric; may be a formula's.
    metric : callable
        Takes `Pairs` and gives their differences.
    training : Pairs
        What the powers are fitted on, and never the data that are measured.

    Returns
    -------
    dict of str to callable
    """
    found = {name: metric}
    for formula, function in BASELINES.items():
        found[formula] = function
        found[formula + POWER] = _powered(function, training)
    # Where all differences are alike it has a low STRESS, and never an R.
    return {**found, CONSTANT: lambda pairs: np.ones(len(pairs))}


def _powered(formula: Formula, training: Pairs) -> Metric:
    law = fit_power(formula(training), training.dv)
    return lambda pairs: law(formula(pairs))


def measure_pairs(
    measured: dict[str, Metric], pairs: Pairs, seed: int = 0
) -> dict[str, dict[str, Agreement]]:
    """
    R, ρ and STRESS of each method on each set and on all pairs, with bootstrap intervals.

    The bootstrap draws pairs that share colours together, as that of the protocol ``colours``.

    Returns
    -------
    dict of str to dict of str to Agreement
        By method and by set; ``"all"`` where there are several.
    """
    weights = resamples(PROTOCOLS["colours"].units(pairs), seed)
    parts = {name: pairs.sets == number for number, name in enumerate(pairs.names)}
    if len(parts) > 1:
        parts["all"] = np.ones(len(pairs), dtype=bool)
    return {
        name: {
            part: agreement(predicted[chosen], pairs.dv[chosen], weights[:, chosen])
            for part, chosen in parts.items()
        }
        for name, predicted in ((name, metric(pairs)) for name, metric in measured.items())
    }


def measure_steps(metric: Metric, pairs: Pairs, series: np.ndarray) -> dict[str, Steps]:
    """
    How equal a metric makes equal steps.

    Parameters
    ----------
    metric : callable
    pairs, series
        As `dde_training.steps.read_steps` gives them.

    Returns
    -------
    dict of str to Steps
        By kind: value, chroma and hue.
    """
    size = metric(pairs) / pairs.dv
    chroma = float(size[pairs.sets == KINDS.index("chroma")].mean())
    return {
        kind: _steps(size[part], series[part], chroma)
        for kind, part in ((kind, pairs.sets == number) for number, kind in enumerate(KINDS))
        if part.any()
    }


def _steps(size: np.ndarray, series: np.ndarray, chroma: float) -> Steps:
    _, place = np.unique(series, return_inverse=True)
    counts = np.bincount(place)
    means = np.bincount(place, size) / counts
    return Steps(
        size=float(size.mean()) / chroma,
        variation=_variation(size),
        within=float((size / means[place]).std()),
        between=_variation(means),
    )


def _variation(values: Sequence[float] | np.ndarray) -> float:
    return float(np.std(values) / np.mean(values))
