"""The page of an evaluation: figures, a plot, and every pair with its pictures side by side."""

import io
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from dde_training.files import write_text
from dde_training.photographs import tables
from dde_training.photographs.measures import mapped
from dde_training.photographs.pictures import read_picture
from dde_training.photographs.protocols import DESCRIPTIONS
from dde_training.photographs.results import Evaluation
from dde_training.report.plots import STYLE, svg
from dde_training.report.shown import COLOURS
from dde_training.report.templates import SVG, data_url, template
from dde_training.results import versions

RIVALS = ("CIEDE2000 mean", "CIEDE2000 as seen", "MS-SWD")  # the first two are shown
LONGEST = 160  # of a picture on the page
QUALITY = 88  # of its JPEG, without chroma subsampling


def write_page(evaluation: Evaluation, folder: Path) -> None:
    """
    Write ``scatter.svg``, and ``index.html``, which holds it and every picture, made smaller.

    The page asks for nothing outside itself. A picture takes about 10 kB of it.

    Parameters
    ----------
    evaluation : Evaluation
        The folder of its pairs has the pictures.
    folder : pathlib.Path

    Raises
    ------
    DataError
        If a picture is not there any more.
    """
    scatter = draw(evaluation)
    write_text(folder / "scatter.svg", scatter)
    write_text(folder / "index.html", render(evaluation, scatter))


def shown_methods(evaluation: Evaluation) -> list[str]:
    """The evaluated method, and two that it is shown beside."""
    others = [name for name in RIVALS if name != evaluation.model]
    return [evaluation.model, *others[:2]]


def as_score(evaluation: Evaluation, method: str) -> np.ndarray:
    """A method's predictions on the scale of the scores, by the logistic of PLCC: (N,)."""
    return mapped(evaluation.predictions[method], evaluation.pairs.score)


def render(evaluation: Evaluation, scatter: str) -> str:
    """
    Render the page.

    Parameters
    ----------
    evaluation : Evaluation
    scatter : str
        SVG, from `draw`.

    Returns
    -------
    str
        HTML.
    """
    methods = shown_methods(evaluation)
    names = np.unique(evaluation.pairs.names).tolist()
    folder = evaluation.pairs.folder
    groups = tables.groups(evaluation)
    return template("photographs.html.jinja").render(
        evaluation=evaluation,
        description=DESCRIPTIONS[evaluation.protocol],
        scenes=len(np.unique(evaluation.pairs.scene)),
        groups=groups,
        headings=tables.HEADINGS,
        figures={
            method: [cell for group in groups for cell in tables.cells(evaluation, method, group)]
            for method in evaluation.figures
        },
        note=tables.note(evaluation),
        scatter=data_url(SVG, scatter.encode()),
        methods=methods,
        names=names,
        pictures=[thumbnail(folder / name) for name in names],
        rows=_rows(evaluation, methods, names),
        versions=versions(),
    )


def thumbnail(path: Path) -> str:
    """A picture, made smaller, as an address that holds it."""
    image = Image.fromarray(read_picture(path))
    image.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    content = io.BytesIO()
    image.save(content, "JPEG", quality=QUALITY, subsampling=0)
    return data_url("image/jpeg", content.getvalue())


def _rows(evaluation: Evaluation, methods: list[str], names: list[str]) -> list[list[Any]]:
    """A row for each pair: its pictures, whether it is aligned, its fold, human, predictions."""
    pairs = evaluation.pairs
    place = {name: number for number, name in enumerate(names)}
    columns = [pairs.score, *(as_score(evaluation, method) for method in methods)]
    return [
        [place[first], place[second], int(aligned), int(fold), *values]
        for (first, second), aligned, fold, values in zip(
            pairs.names.tolist(),
            pairs.aligned,
            evaluation.fold,
            np.stack(columns, axis=1).round(4).tolist(),
            strict=True,
        )
    ]


def draw(evaluation: Evaluation) -> str:
    """Draw predictions against human scores, as SVG."""
    methods, pairs = shown_methods(evaluation), evaluation.pairs
    with mpl.rc_context(STYLE):
        figure = Figure(figsize=(4.1 * len(methods), 4.4))
        panels = figure.subplots(1, len(methods), sharex=True, sharey=True, squeeze=False)[0]
        for axes, method in zip(panels, methods, strict=True):
            predicted = as_score(evaluation, method)
            for mask, label, colour in (
                (pairs.aligned, "aligned", COLOURS[0]),
                (~pairs.aligned, "not aligned", COLOURS[2]),
            ):
                axes.scatter(
                    pairs.score[mask], predicted[mask], s=6, alpha=0.5, linewidths=0,
                    color=colour, label=label, rasterized=True,
                )  # fmt: skip
            ends = [0.0, float(pairs.score.max())]
            axes.plot(ends, ends, color="#444444", linewidth=0.8)
            axes.set(title=method, xlabel="human score")
        panels[0].set_ylabel("predicted, after the logistic")
        handles, names = panels[0].get_legend_handles_labels()
        figure.legend(handles, names, loc="outside lower center", ncols=2, markerscale=3)
        return svg(figure)
