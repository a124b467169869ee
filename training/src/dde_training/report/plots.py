"""Plots of an evaluation as SVG."""

import io
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from dde_training.report.shown import COLOURS, as_dv, label, shown_methods
from dde_training.results import Evaluation
from dde_training.statistics import Agreement, Estimate

STYLE: dict[Any, Any] = {
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.edgecolor": "#999999",
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlesize": 11,
    "axes.titleweight": "bold",
    "figure.constrained_layout.use": True,
    "font.size": 10,
    "grid.color": "#e6e6e6",
    "legend.frameon": False,
    "svg.hashsalt": "dde",  # equal results are equal files
}
OTHERS = "#b9c4cf"


def draw(evaluation: Evaluation) -> dict[str, str]:
    """
    Draw every plot of an evaluation.

    Returns
    -------
    dict of str to str
        SVG by name: ``scatter``, ``agreement``, ``errors`` and ``sets``.
    """
    plots = {"scatter": _scatter, "agreement": _agreement, "errors": _errors, "sets": _sets}
    with mpl.rc_context(STYLE):
        return {name: svg(plot(evaluation)) for name, plot in plots.items()}


def svg(figure: Figure) -> str:
    """A figure as SVG; call it under `STYLE`, so that equal figures are equal files."""
    text = io.StringIO()
    figure.savefig(text, format="svg", dpi=160, metadata={"Date": None})
    return text.getvalue()


def _scatter(evaluation: Evaluation) -> Figure:
    """Prediction against the human score, one panel a method, one colour a set."""
    methods = shown_methods(evaluation)
    figure = Figure(figsize=(4.1 * len(methods), 4.6))
    panels = figure.subplots(1, len(methods), sharex=True, sharey=True, squeeze=False)[0]
    for axes, method in zip(panels, methods, strict=True):
        _scatter_panel(axes, evaluation, method)
    panels[0].set_ylabel("predicted ΔV")
    handles, names = panels[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower center", ncols=len(names), markerscale=3)
    return figure


def _scatter_panel(axes: Axes, evaluation: Evaluation, method: str) -> None:
    pairs, predicted = evaluation.pairs, as_dv(evaluation, method)
    top = 1.15 * pairs.dv.max()
    palette = mpl.colormaps["tab10"]
    for number, name in enumerate(pairs.names):
        part = pairs.sets == number
        axes.scatter(
            pairs.dv[part],
            np.clip(predicted[part], 0, top),
            s=5,
            alpha=0.45,
            linewidths=0,
            color=palette(number % 10),
            label=name,
            rasterized=True,
        )
    axes.plot([0, top], [0, top], color="#444444", linewidth=0.8)
    beyond = int(np.sum((predicted > top) | (predicted < 0)))
    if beyond:
        axes.text(
            0.97,
            0.02,
            f"{beyond} at the edge lie beyond it",
            transform=axes.transAxes,
            ha="right",
            fontsize=8,
            color="#666666",
        )
    axes.set(title=label(method), xlabel="human ΔV", xlim=(0, top), ylim=(0, top * 1.01))


def _errors(evaluation: Evaluation) -> Figure:
    """How far the predictions are from the human scores."""
    figure = Figure(figsize=(6.4, 4.8))
    axes = figure.subplots()
    dv = evaluation.pairs.dv
    errors = {method: as_dv(evaluation, method) - dv for method in shown_methods(evaluation)}
    reach = float(np.quantile(np.abs(np.concatenate(list(errors.values()))), 0.985)) or 1.0
    edges = np.linspace(-reach, reach, 61).tolist()
    for (method, error), colour in zip(errors.items(), COLOURS, strict=False):
        mean = np.abs(error).mean()
        axes.hist(
            np.clip(error, -reach, reach),
            edges,
            histtype="step",
            linewidth=1.6,
            color=colour,
            label=f"{label(method)}: mean |error| {mean:.3f}",
        )
    axes.set(title="Error of the prediction", xlabel="predicted ΔV − human ΔV", ylabel="pairs")
    axes.set_xlim(-reach, reach)
    figure.legend(loc="outside lower center", fontsize=9)
    return figure


def _agreement(evaluation: Evaluation) -> Figure:
    """R and STRESS of every method with their intervals."""
    names = list(evaluation.figures)[::-1]
    colours = dict(zip(shown_methods(evaluation), COLOURS, strict=False))
    figure = Figure(figsize=(12.3, 0.7 + 0.27 * len(names)))
    left, right = figure.subplots(1, 2, sharey=True)
    pooled = [evaluation.figures[name].pooled for name in names]
    fills = [colours.get(name, OTHERS) for name in names]
    _bars(left, [one.pearson for one in pooled], fills, horizontal=True)
    _bars(right, [one.stress for one in pooled], fills, horizontal=True)
    left.set_yticks(range(len(names)), names)
    left.set(title="Pearson R (more is better)", xlim=(0, 1))
    right.set(title="STRESS (less is better)")
    for axes in (left, right):
        axes.grid(visible=False, axis="y")
    return figure


def _sets(evaluation: Evaluation) -> Figure:
    """R and STRESS set by set, for the methods that are set side by side."""
    figure = Figure(figsize=(6.4, 4.8))
    upper, lower = figure.subplots(2, 1, sharex=True)
    methods = shown_methods(evaluation)
    names = evaluation.pairs.names
    width = 0.8 / len(methods)
    for number, (method, colour) in enumerate(zip(methods, COLOURS, strict=False)):
        per_set: list[Agreement] = [evaluation.figures[method].sets[name] for name in names]
        shift = (number - (len(methods) - 1) / 2) * width
        fills = [colour] * len(names)
        _bars(upper, [one.pearson for one in per_set], fills, shift=shift, width=width)
        _bars(lower, [one.stress for one in per_set], fills, shift=shift, width=width)
        upper.bar(0, 0, color=colour, label=method)  # for the legend
    for place, name in enumerate(names):
        if evaluation.figures[methods[0]].sets[name].pearson.value is None:
            upper.text(place, 0.03, "–", ha="center", color="#666666")
    upper.set(title="Set by set", ylabel="R")
    lower.set(ylabel="STRESS")
    lower.set_xticks(range(len(names)), names)
    figure.legend(*upper.get_legend_handles_labels(), loc="outside lower center", ncols=3)
    return figure


def _bars(
    axes: Axes,
    estimates: list[Estimate],
    fills: list[str],
    *,
    horizontal: bool = False,
    shift: float = 0,
    width: float = 0.7,
) -> None:
    """Bars with their intervals; nothing where there is no figure."""
    for place, (one, fill) in enumerate(zip(estimates, fills, strict=True)):
        if one.value is None:
            continue
        centre = place + shift
        if horizontal:
            axes.barh(centre, one.value, width, color=fill)
        else:
            axes.bar(centre, one.value, width, color=fill)
        if one.low is not None and one.high is not None:
            # The interval need not hold the value: axes.errorbar would refuse that.
            ends, centres = [one.low, one.high], [centre, centre]
            axes.plot(*((ends, centres) if horizontal else (centres, ends)), color="#222222", lw=1)
