"""
Print evaluations as a Markdown table: R / STRESS of each method, one column a protocol.

    python docs/tables.py results/*

Each argument is the output folder of a `dde-train evaluate`. Runs of one protocol with several
seeds are shown as their mean, with the lowest and the highest in brackets where they differ. Then
one row a run, with the gain over CIEDE2000 with its power.
"""

import sys
from collections import defaultdict
from pathlib import Path
from statistics import mean

from dde_training.protocols import PROTOCOLS
from dde_training.results import Evaluation, read_evaluation
from dde_training.tables import estimate, number


def cell(values: list[float | None], digits: int) -> str:
    found = [value for value in values if value is not None]
    low, high = (f"{end(found):.{digits}f}" for end in (min, max))
    spread = "" if low == high else f" ({low}…{high})"
    return f"{mean(found):.{digits}f}{spread}"


def print_runs(evaluations: list[Evaluation]) -> None:
    """One row an evaluation, with the interval of the gain over CIEDE2000 with its power."""
    print("\n| protocol | seed | R | STRESS | mean over the sets | STRESS gain | R gain |")
    print("|---|---|---|---|---|---|---|")
    for one in evaluations:
        figures = one.figures[one.model]
        print(
            f"| `{one.protocol}` | {one.seed} | {figures.pooled.pearson.value:.4f} |",
            f"{figures.pooled.stress.value:.2f} | {number(figures.means.stress, 2)} |",
            f"{estimate(figures.gain.stress, 2)} | {estimate(figures.gain.pearson, 4)} |",
        )


def main(folders: list[str]) -> None:
    runs = defaultdict(list)
    evaluations = [read_evaluation(Path(folder)) for folder in folders]
    for evaluation in evaluations:
        for method, figures in evaluation.figures.items():
            runs[method, evaluation.protocol].append(figures)
    protocols = [name for name in PROTOCOLS if any(name == protocol for _, protocol in runs)]
    for title, digits, figure in (
        ("R", 3, lambda one: one.pooled.pearson.value),
        ("STRESS", 1, lambda one: one.pooled.stress.value),
        ("STRESS, mean over the sets", 1, lambda one: one.means.stress),
    ):
        print(f"\n| {title} |", *(f"`{name}` |" for name in protocols))
        print("|---|" + "---|" * len(protocols))
        for method in dict.fromkeys(method for method, _ in runs):
            shown = (
                cell([figure(one) for one in runs[method, name]], digits) for name in protocols
            )
            print(f"| {method} |", *(f"{text} |" for text in shown))
    print_runs(evaluations)


main(sys.argv[1:])
