"""An evaluation as plots and as one self-contained page."""

from pathlib import Path

from dde_training.files import write_text
from dde_training.report.page import render
from dde_training.report.plots import draw
from dde_training.results import Evaluation


def write_report(evaluation: Evaluation, folder: Path) -> None:
    """
    Write the plots as SVG files, and ``index.html``, which holds them and every pair.

    The page asks for nothing outside itself.

    Parameters
    ----------
    evaluation : Evaluation
    folder : pathlib.Path
    """
    plots = draw(evaluation)
    for name, image in plots.items():
        write_text(folder / f"{name}.svg", image)
    write_text(folder / "index.html", render(evaluation, plots))
