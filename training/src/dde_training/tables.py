"""Tables for the terminal."""

from collections.abc import Sequence

import numpy as np
from rich.table import Table

from dde_training.baselines import POWER, REFERENCE
from dde_training.data import ColourSet
from dde_training.evaluation import RIVAL
from dde_training.results import Evaluation
from dde_training.statistics import Agreement, Estimate, FTest
from dde_training.unseen import Steps

NONE = "–"


def number(value: float | None, digits: int) -> str:
    """A figure, or a dash where there is none."""
    return NONE if value is None else f"{value:.{digits}f}"


def estimate(figure: Estimate, digits: int) -> str:
    """A figure with its interval, as far as they exist."""
    if figure.low is None or figure.high is None:
        return number(figure.value, digits)
    return f"{figure.value:.{digits}f} [{figure.low:.{digits}f}, {figure.high:.{digits}f}]"


def f_ratio(test: FTest | None) -> str:
    """The squared STRESS ratio with the p of the F-test."""
    if test is None:
        return NONE
    p = "p < 0.0001" if test.p < 1e-4 else f"p = {test.p:.4f}"
    return f"{test.ratio:.2f} ({p})"


def data_table(sets: Sequence[ColourSet]) -> Table:
    """What is in the data: one row a set."""
    table = Table("Set", title="Visual-difference data")
    for heading in (
        "Colours",
        "corrected",
        "Pairs",
        "ΔV from",
        "median",
        "to",
        "White X",
        "Y",
        "Z",
    ):
        table.add_column(heading, justify="right")
    table.add_column("SHA-256")
    for one in sets:
        spread = np.quantile(one.dv, [0, 0.5, 1])
        table.add_row(
            one.name,
            str(len(one.xyz)),
            str(len(one.corrected["colours"])) if one.corrected else NONE,
            str(len(one.pairs)),
            *(f"{value:.2f}" for value in spread),
            *(f"{value:.2f}" for value in one.reference_white),
            one.sha256[:12],
        )
    table.add_section()
    colours, pairs = sum(len(one.xyz) for one in sets), sum(len(one.pairs) for one in sets)
    table.add_row("all", str(colours), "", str(pairs))
    return table


def pooled_table(evaluation: Evaluation) -> Table:
    """Each method over all pairs, with intervals and the F-test."""
    count = len(evaluation.pairs)
    table = Table("Method", title=f"All {count} pairs, protocol {evaluation.protocol}")
    for heading in ("R", "ρ", "STRESS", f"F against {REFERENCE}", "STRESS gain"):
        table.add_column(heading, justify="right")
    for name, figures in evaluation.figures.items():
        r, rho, stress = figures.pooled.figures
        cells = estimate(r, 3), estimate(rho, 3), estimate(stress, 1)
        style = "bold" if name == evaluation.model else None
        gain = estimate(figures.gain.stress, 2)
        table.add_row(name, *cells, f_ratio(figures.f_test), gain, style=style)
    return table


def sets_table(evaluation: Evaluation) -> Table:
    """R and STRESS of each method in each set, and their means over the sets that have them."""
    table = Table("Method", title="R / STRESS set by set")
    for heading in (*evaluation.pairs.names, "mean"):
        table.add_column(heading, justify="right")
    for name, figures in evaluation.figures.items():
        cells = [(one.pearson.value, one.stress.value) for one in figures.sets.values()]
        cells.append((figures.means.pearson, figures.means.stress))
        style = "bold" if name == evaluation.model else None
        table.add_row(name, *(f"{number(r, 3)} / {number(s, 1)}" for r, s in cells), style=style)
    return table


def unseen_pairs_table(figures: dict[str, dict[str, Agreement]]) -> Table:
    """R, ρ and STRESS of each method on each set that no fit has seen."""
    parts = list(next(iter(figures.values())))
    table = Table("Method", title="R / ρ / STRESS on sets that no fit has seen")
    for part in parts:
        table.add_column(part, justify="right")
    for name, sets in figures.items():
        cells = [
            f"{estimate(r, 3)} / {number(rho.value, 3)} / {estimate(stress, 1)}"
            for r, rho, stress in (sets[part].figures for part in parts)
        ]
        table.add_row(name, *cells)
    return table


def steps_table(figures: dict[str, dict[str, Steps]]) -> Table:
    """How equal steps come out in each method."""
    kinds = list(next(iter(figures.values())))
    table = Table("Method", title="Equal steps")
    table.add_column(f"mean {' : '.join(kinds)}", justify="right")
    for kind in kinds:
        table.add_column(f"{kind}: variation (within, between)", justify="right")
    for name, found in figures.items():
        sizes = " : ".join(f"{found[kind].size:.2f}" for kind in kinds)
        cells = (
            f"{one.variation:.1%} ({one.within:.1%}, {one.between:.1%})" for one in found.values()
        )
        table.add_row(name, sizes, *cells)
    return table


def note(evaluation: Evaluation) -> str:
    """How the intervals and the power of the formulas are to be read."""
    units = int(evaluation.split.units.max()) + 1
    drawn = "pairs" if units == len(evaluation.pairs) else f"{units} groups of pairs, drawn whole"
    fitted = "training folds" if evaluation.split.held_out else "same pairs"
    return (
        f"In brackets: 95 % bootstrap interval over {drawn}. "
        f"'{POWER.strip()}': ΔE to a power fitted on the {fitted}. "
        f"F: squared STRESS ratio, below 1 where the method agrees better than {REFERENCE}. "
        f"Gain: STRESS minus that of {RIVAL}, on the same resamples. "
        f"{NONE}: no figure, since all ΔV of the set are equal."
    )
