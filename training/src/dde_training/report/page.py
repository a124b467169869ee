"""The page: figures, plots, and every pair as two swatches."""

from dataclasses import asdict
from typing import Any

import dde
import numpy as np

from dde_training import tables
from dde_training.baselines import REFERENCE
from dde_training.data import Pairs
from dde_training.evaluation import RIVAL
from dde_training.protocols import PROTOCOLS
from dde_training.report.shown import COLOURS, as_dv, label, shown_methods
from dde_training.report.templates import SVG, data_url, template
from dde_training.results import Evaluation, versions

CAPTIONS = {
    "scatter": "Predicted against human visual difference; on the line they agree.",
    "errors": "How the errors spread; the outermost bins hold all that lies beyond them.",
    "agreement": "Every method over all pairs, with 95 % bootstrap intervals.",
    "sets": "Set by set. A set whose visual differences are all equal has no R.",
}


def render(evaluation: Evaluation, plots: dict[str, str]) -> str:
    """
    Render the page.

    Parameters
    ----------
    evaluation : Evaluation
    plots : dict of str to str
        SVG by name, from `dde_training.report.plots.draw`.

    Returns
    -------
    str
        HTML that asks for nothing outside itself.
    """
    methods = shown_methods(evaluation)
    rgb, outside = swatches(evaluation.pairs)
    return template("index.html.jinja").render(
        evaluation=evaluation,
        description=PROTOCOLS[evaluation.protocol].description,
        methods=[
            {"name": name, "label": label(name), "colour": colour}
            for name, colour in zip(methods, COLOURS, strict=False)
        ],
        cards=[_card(evaluation, name) for name in methods],
        nearer=_nearer(evaluation),
        outside=int(outside.any(axis=1).sum()),
        figures=_figure_rows(evaluation),
        note=tables.note(evaluation),
        plots=[
            {"name": name, "caption": CAPTIONS[name], "source": data_url(SVG, image.encode())}
            for name, image in plots.items()
        ],
        versions=versions(),
        rows=_rows(evaluation, methods, rgb, outside),
        estimate=tables.estimate,
        number=tables.number,
        f_ratio=tables.f_ratio,
    )


def swatches(pairs: Pairs) -> tuple[np.ndarray, np.ndarray]:
    """
    The colours of pairs on an sRGB screen: adapted from their own white to D65.

    Returns
    -------
    rgb : numpy.ndarray
        Shape (N, 2, 3), uint8; a colour outside sRGB is clipped to it.
    outside : numpy.ndarray
        Shape (N, 2), bool: True where a colour had to be clipped.
    """
    rgb = np.empty(pairs.xyz.shape)
    for white in np.unique(pairs.white, axis=0):
        same = (pairs.white == white).all(axis=1)
        rgb[same] = dde.xyz_to_srgb(dde.adapt(pairs.xyz[same] / 100, white / 100, "D65"))
    # What rounds to the ends of the 8-bit scale is inside.
    outside = np.any((rgb < -0.5 / 255) | (rgb > 1 + 0.5 / 255), axis=2)
    return np.rint(np.clip(rgb, 0, 1) * 255).astype(np.uint8), outside


def _card(evaluation: Evaluation, method: str) -> dict[str, Any]:
    pooled = evaluation.figures[method].pooled
    return {"method": method, "r": pooled.pearson, "stress": pooled.stress}


def _nearer(evaluation: Evaluation) -> str | None:
    """On what share of the pairs the model is nearer to people than CIEDE2000 with its power."""
    if evaluation.model in (RIVAL, REFERENCE):
        return None
    dv = evaluation.pairs.dv
    error, other = (np.abs(as_dv(evaluation, method) - dv) for method in (evaluation.model, RIVAL))
    return (
        f"{evaluation.model} is nearer to the human score than {RIVAL} "
        f"on {np.mean(error < other):.0%} of the pairs"
    )


def _figure_rows(evaluation: Evaluation) -> list[dict[str, Any]]:
    return [
        {
            "method": name,
            "chosen": name == evaluation.model,
            "pooled": figures.pooled,
            "sets": [figures.sets[set_name] for set_name in evaluation.pairs.names],
            "means": asdict(figures.means),
            "f_test": figures.f_test,
            "gain": figures.gain.stress,
        }
        for name, figures in evaluation.figures.items()
    ]


def _rows(
    evaluation: Evaluation, methods: list[str], rgb: np.ndarray, outside: np.ndarray
) -> list[list[Any]]:
    """A row for each pair: set, index, fold, both colours, outside flags, human, predictions."""
    pairs = evaluation.pairs
    hexes = [[bytes(colour).hex() for colour in pair] for pair in rgb]
    columns = np.stack([pairs.dv, *(as_dv(evaluation, method) for method in methods)], axis=1)
    return [
        [int(number), int(index), int(fold), *colours, *flags, *values]
        for number, index, fold, colours, flags, values in zip(
            pairs.sets,
            pairs.index,
            evaluation.split.fold,
            hexes,
            outside.astype(int).tolist(),
            columns.round(4).tolist(),
            strict=True,
        )
    ]
