"""The commands of `dde-train photographs`."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from dde_training.configuration import changed
from dde_training.errors import UserError
from dde_training.photographs import pipeline
from dde_training.photographs.baselines import BASELINES
from dde_training.photographs.data import read_photographs
from dde_training.photographs.networks import NETWORKS, Recipe, find_network, find_preset
from dde_training.photographs.page import write_page
from dde_training.photographs.protocols import ProtocolName
from dde_training.photographs.results import FILE, read_evaluation, write_evaluation
from dde_training.photographs.tables import figures_table, note
from dde_training.photographs.weights import WRITERS, FormatName, read_network, write_network
from dde_training.run import Run, find_device
from dde_training.terminal import Device, Output, Seed, console, progress_bar
from dde_training.weights import FILE as WEIGHTS

Data = Annotated[
    Path,
    typer.Argument(
        metavar="DATA",
        help="A CSV of reference,sample,score; or a folder with train.csv, val.csv and test.csv.",
    ),
]
Pictures = Annotated[
    Path | None,
    typer.Option(metavar="DIR", help="The folder of the pictures; by default that of the CSV."),
]
Network = Annotated[
    str, typer.Option("--model", metavar="NAME", help=f"One of: {', '.join(NETWORKS)}.")
]
Method = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        help=f"One of: {', '.join(NETWORKS)}; or a weight file; or one of: {', '.join(BASELINES)}.",
    ),
]
Preset = Annotated[str, typer.Option("--config", metavar="NAME", help="paper, or small for a CPU.")]
Settings = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="NAME=VALUE", help="Change the configuration."),
]

app = typer.Typer(
    name="photographs",
    help="Learn differences of photographs from scores, and measure them beside every formula.",
    no_args_is_help=True,
)


@app.command()
def fit(
    data: Data,
    model: Network,
    output: Output,
    config: Preset = "paper",
    pictures: Pictures = None,
    seed: Seed = 0,
    device: Device = "auto",
    settings: Settings = None,
) -> None:
    """
    Train a network and write DIR/model.safetensors; resumes an interrupted run.

    Of an official split test is left alone; else a tenth of the scenes choose the best epoch.
    """
    network = find_network(model)
    recipe = changed(find_preset(network, config), settings or [])
    pairs = read_photographs(data, pictures)
    checkpoint = output / "checkpoint.pt"
    with progress_bar() as start:
        run = Run(seed, find_device(device), checkpoint, start(f"fit {model}"))
        fitted, provenance = pipeline.fit(network, pairs, recipe, run)
    write_network(output / WEIGHTS, fitted, provenance)
    checkpoint.unlink(missing_ok=True)
    console().print(f"{output / WEIGHTS}: fitted to {provenance['training']['pairs']} pairs")


@app.command()
def evaluate(
    data: Data,
    model: Method,
    output: Output,
    protocol: Annotated[
        ProtocolName | None, typer.Option(help="How a network that is to be fitted is measured.")
    ] = None,
    config: Preset = "paper",
    pictures: Pictures = None,
    seed: Seed = 0,
    device: Device = "auto",
    settings: Settings = None,
) -> None:
    """
    Measure MODEL beside every baseline on pairs that it has not seen; resumes likewise.

    The name of a network is fitted as --protocol says. A weight file is measured as it is, on test
    of an official split or else on all pairs.
    """
    recipe = _recipe(model, config, settings)
    pairs = read_photographs(data, pictures)
    checkpoints = output / "checkpoints"
    with progress_bar() as start:
        run = Run(seed, find_device(device), checkpoints)
        found = pipeline.evaluate(model, pairs, protocol, recipe, run, start)
    write_evaluation(found, output)
    shutil.rmtree(checkpoints, ignore_errors=True)
    out = console()
    out.print(figures_table(found))
    out.print(note(found))


def _recipe(model: str, config: str, settings: list[str] | None) -> Recipe | None:
    if model in NETWORKS:
        return changed(find_preset(NETWORKS[model], config), settings or [])
    if settings:
        raise UserError(f"{model} is not fitted here and has nothing to --set")
    return None


@app.command()
def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A fit's folder or weight file.")],
    output: Annotated[Path, typer.Option(help="The file.", metavar="FILE")],
    format: Annotated[FormatName, typer.Option()] = "safetensors",
) -> None:
    """Write a fitted network for other programs."""
    fitted, provenance = read_network(model)
    WRITERS[format](output, fitted, provenance)
    console().print(f"{output}: {fitted.name} as {format}")


@app.command()
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="An evaluation's folder.")],
    pictures: Annotated[
        Path | None,
        typer.Option(metavar="DIR", help="Where the pictures are now; by default where they were."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the page goes; RESULT by default.")
    ] = None,
) -> None:
    """Show an evaluation as one self-contained page with its pictures, index.html."""
    folder = output or (result if result.is_dir() else result.parent)
    evaluation = read_evaluation(result)
    if pictures:
        evaluation = replace(evaluation, pairs=replace(evaluation.pairs, folder=pictures))
    write_page(evaluation, folder)
    console().print(f"{folder / 'index.html'}: the page of {result / FILE}")
