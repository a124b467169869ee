"""What the commands share: options, the console and the bar that shows progress."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

Count = Callable[[int, int], None]  # takes what is done and what there is in all

Output = Annotated[Path, typer.Option(help="Where the result goes.", metavar="DIR")]
Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Decides the folds, the weights and the batches.")
]
Device = Annotated[
    Literal["auto", "cpu", "cuda"], typer.Option(help="auto takes CUDA where there is a device.")
]


def console() -> Console:
    """Where results are printed: wide enough for every table where there is no terminal."""
    return Console(width=None if sys.stdout.isatty() else 160)


@contextmanager
def progress_bar() -> Iterator[Callable[[str], Count]]:
    """Give a function that starts the bar again under a new title."""
    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn()
    with Progress(*columns, TimeRemainingColumn(), console=Console(stderr=True)) as progress:
        task = progress.add_task("", visible=False)

        def start(title: str) -> Count:
            progress.reset(task, description=title, visible=True)
            return lambda done, total: progress.update(task, completed=done, total=total)

        yield start
