"""Tables for the terminal."""

import numpy as np
from rich.table import Table

from dde_training.photographs.protocols import DESCRIPTIONS
from dde_training.photographs.results import Evaluation
from dde_training.tables import NONE, estimate
from dde_training.unseen import CONSTANT

HEADINGS = ("STRESS", "PLCC", "SRCC")


def cells(evaluation: Evaluation, method: str, group: str) -> list[str]:
    """STRESS, PLCC and SRCC of a method, with their intervals."""
    one = evaluation.figures[method].get(group)
    if one is None:
        return [NONE] * len(HEADINGS)
    plcc, srcc, stress = one.figures
    return [estimate(stress, 1), estimate(plcc, 3), estimate(srcc, 3)]


def groups(evaluation: Evaluation) -> dict[str, int]:
    """The groups of pairs, and how many pairs each has."""
    first = next(iter(evaluation.figures.values()))
    return {group: one.count for group, one in first.items()}


def figures_table(evaluation: Evaluation) -> Table:
    """Each method on all pairs, on the aligned ones and on the others."""
    table = Table("Method", "Pairs", title=f"Photographs, {evaluation.protocol}")
    for heading in HEADINGS:
        table.add_column(heading, justify="right")
    for group, count in groups(evaluation).items():
        for method in evaluation.figures:
            style = "bold" if method == evaluation.model else None
            table.add_row(
                method, f"{count} {group}", *cells(evaluation, method, group), style=style
            )
        table.add_section()
    return table


def note(evaluation: Evaluation) -> str:
    """How the figures are to be read."""
    count = len(np.unique(evaluation.pairs.scene))
    return (
        f"{evaluation.protocol}: {DESCRIPTIONS[evaluation.protocol]}. "
        f"In brackets: 95 % bootstrap interval over {count} scenes, drawn whole. "
        "PLCC: after a logistic fitted to these pairs. "
        f"'{CONSTANT}' says 1 for every pair: its STRESS is what agreeing in nothing costs."
    )
