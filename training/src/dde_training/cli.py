"""The command `dde-train`."""

import shutil
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import torch
import typer
from rich.console import Console

from dde_training import pipeline, tables
from dde_training.baselines import BASELINES
from dde_training.configuration import parse_settings
from dde_training.corrections import read_corrections
from dde_training.data import ColourSet, White, read_sets
from dde_training.errors import UserError
from dde_training.export import WRITERS, FormatName, with_evaluations
from dde_training.files import write_json
from dde_training.models import find_model, models
from dde_training.photographs.command import app as photographs
from dde_training.protocols import PROTOCOLS, ProtocolName
from dde_training.report import write_report
from dde_training.results import FILE, Evaluation, read_evaluation, write_evaluation
from dde_training.run import Run, find_device
from dde_training.terminal import Device, Output, Seed, console, progress_bar
from dde_training.unseen import FILE as UNSEEN
from dde_training.unseen import Unseen
from dde_training.weights import FILE as WEIGHTS
from dde_training.weights import read_model, write_model

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help=f"One of: {', '.join(sorted(models()))}.")
]
Method = Annotated[
    str,
    typer.Argument(metavar="MODEL", help=f"One of: {', '.join([*sorted(models()), *BASELINES])}."),
]
Data = Annotated[Path, typer.Option(help="A JSON set, or a folder of them.", metavar="DIR")]
CorrectionsOption = Annotated[
    Path | None,
    typer.Option(
        "--corrections",
        metavar="FILE",
        help="JSON with right values for colours that are wrong in the data, by file hash.",
    ),
]
WhiteOption = Annotated[
    White,
    typer.Option(help="Lab relative to each set's own white, or of colours adapted to D65."),
]
Settings = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="NAME=NUMBER",
        help="Change the configuration. patience=5 sets a tenth of the training pairs aside, "
        "stops after 5 epochs without a better loss on them and keeps the best epoch.",
    ),
]

app = typer.Typer(
    name="dde-train",
    help="Train colour-difference models, and measure them on colours they have not seen.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(photographs)


def _sets(data: Path, corrections: Path | None) -> list[ColourSet]:
    return read_sets(data, read_corrections(corrections) if corrections else None)


@app.command()
def data(
    folder: Annotated[Path, typer.Argument(metavar="DIR")], corrections: CorrectionsOption = None
) -> None:
    """Check visual-difference data and print what is there."""
    console().print(tables.data_table(_sets(folder, corrections)))


@app.command()
def fit(
    model: Model,
    data: Data,
    output: Output,
    corrections: CorrectionsOption = None,
    seed: Seed = 0,
    device: Device = "auto",
    white: WhiteOption = "own",
    settings: Settings = None,
) -> None:
    """Train MODEL on all pairs and write DIR/model.safetensors; resumes an interrupted run."""
    kind = find_model(model)
    config = parse_settings(kind.config_type, settings or [])
    sets = _sets(data, corrections)
    checkpoint = output / "checkpoint.pt"
    with progress_bar() as start:
        run = Run(seed, find_device(device), checkpoint, start(f"fit {model}"))
        fitted, provenance = pipeline.fit(kind, sets, config, run, white)
    write_model(output / WEIGHTS, fitted, provenance)
    checkpoint.unlink(missing_ok=True)
    console().print(f"{output / WEIGHTS}: fitted to {provenance['training']['pairs']} pairs")


@app.command()
def evaluate(
    model: Method,
    data: Data,
    output: Output,
    protocol: Annotated[ProtocolName | None, typer.Option(help="How pairs are held out.")] = None,
    pairs: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            help="Instead of a protocol: sets that no fit has seen, in the form of --data.",
        ),
    ] = None,
    steps: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help="Instead of a protocol: Munsell's renotation (columns h V C x y Y), whose steps "
            "are meant to be equal.",
        ),
    ] = None,
    corrections: CorrectionsOption = None,
    seed: Seed = 0,
    device: Device = "auto",
    white: WhiteOption = "own",
    settings: Settings = None,
) -> None:
    """
    Measure MODEL (or a formula) beside every formula on held-out pairs; resumes likewise.

    With --pairs or --steps, MODEL is fitted to all of --data, or is a weight file that was.
    """
    if bool(protocol) == bool(pairs or steps):
        raise UserError("evaluate wants either --protocol, or --pairs or --steps")
    stored = not protocol and Path(model).exists()
    learned = None if stored else pipeline.find_method(model)[1]
    if settings and not learned:
        raise UserError(f"{model} is not fitted here and has nothing to --set")
    config = parse_settings(learned.config_type, settings or []) if learned else None
    sets = _sets(data, corrections)
    checkpoints = output / "checkpoints"
    with progress_bar() as start:
        run = Run(seed, find_device(device), checkpoints)
        if protocol:
            found = pipeline.evaluate(model, sets, protocol, config, run, white, start)
            write_evaluation(found, output)
            _print_evaluation(found)
        else:
            run = replace(run, checkpoint=checkpoints / "fit.pt", progress=start(f"fit {model}"))
            new = read_sets(pairs) if pairs else None
            unseen = pipeline.unseen(model, sets, config, run, white, new, steps)
            write_json(output / UNSEEN, unseen.document())
            _print_unseen(unseen)
    shutil.rmtree(checkpoints, ignore_errors=True)


def _print_unseen(found: Unseen) -> None:
    if found.pairs:
        console().print(tables.unseen_pairs_table(found.pairs))
    if found.steps:
        console().print(tables.steps_table(found.steps))


def _print_evaluation(evaluation: Evaluation) -> None:
    out = console()
    out.print(f"{evaluation.protocol}: {PROTOCOLS[evaluation.protocol].description}.")
    out.print(tables.pooled_table(evaluation), tables.sets_table(evaluation))
    out.print(tables.note(evaluation))


@app.command()
def export(
    model: Annotated[Path, typer.Argument(metavar="MODEL", help="A fit's folder or weight file.")],
    output: Annotated[Path, typer.Option(help="A file, or a folder for npy.", metavar="PATH")],
    format: Annotated[FormatName, typer.Option()] = "safetensors",
    evaluation: Annotated[
        list[Path] | None,
        typer.Option(metavar="DIR", help="An evaluation whose figures go along; may be repeated."),
    ] = None,
) -> None:
    """Write a fitted model for other programs, with its held-out figures."""
    fitted, provenance = read_model(model)
    evaluations = [read_evaluation(path) for path in evaluation or []]
    WRITERS[format](output, fitted, with_evaluations(provenance, fitted, evaluations))
    console().print(f"{output}: {fitted.name} as {format}")


@app.command()
def report(
    result: Annotated[Path, typer.Argument(metavar="RESULT", help="An evaluation's folder.")],
    output: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Where the page goes; RESULT by default.")
    ] = None,
) -> None:
    """Draw an evaluation as plots and as one self-contained page, index.html."""
    folder = output or (result if result.is_dir() else result.parent)
    write_report(read_evaluation(result), folder)
    console().print(f"{folder / 'index.html'}: the page of {result / FILE}")


def main() -> None:
    """Run the command; say what is wrong in one sentence and leave with 2."""
    # Networks this small gain nothing from more threads, and a result must not depend on how
    # many cores a machine has.
    torch.set_num_threads(1)
    try:
        app()
    except (UserError, OSError) as error:
        Console(stderr=True, soft_wrap=True, highlight=False).print(
            f"dde-train: {error}", markup=False
        )
        raise SystemExit(2) from None
