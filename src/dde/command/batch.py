"""``dde batch``: thousands of frames, in worker processes, into records and a summary."""

import sys
from collections.abc import Callable, Generator, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

import click

import dde
from dde.batch import Frame, FrameResult, frames_in_folder, frames_of_pairs, inspect_frames
from dde.batch.inspecting import LEAST_MEMORY, SECONDS
from dde.batch.summary import SUMMARIES
from dde.command.account import account, exit_status
from dde.command.failures import PATH, NumberRange, reading, refuse_overwriting
from dde.command.judging import Judging, judging_options
from dde.command.signals import cleaning_up
from dde.errors import OutputError
from dde.inspection.inspecting import opened
from dde.inspection.job import Job
from dde.learned import Reference

GIGABYTE = 1e9


@click.command()
@click.argument("reference", metavar="REFERENCE | PAIRS", type=PATH)
@click.argument("folder", required=False, type=PATH)
@judging_options
@click.option(
    "--output",
    metavar="FOLDER",
    required=True,
    type=PATH,
    help="Where to put the records and the summary; it is made if it is not there.",
)
@click.option(
    "--workers",
    metavar="N",
    type=click.IntRange(min=1),
    help="How many processes work at once; by default, as many as dde uses threads.",
)
@click.option(
    "--reports", is_flag=True, help="Also write a page of HTML for each frame that fails."
)
@click.option(
    "--time-limit",
    metavar="SECONDS",
    type=NumberRange(min=0, min_open=True, max=1e6),
    default=SECONDS,
    show_default=True,
    help="How long a frame may take before it is given up.",
)
@click.option(
    "--memory-limit",
    metavar="GB",
    type=NumberRange(min=LEAST_MEMORY / GIGABYTE, max=1e6),
    help="How much memory a frame may take before it is given up (on Linux); by default, its "
    "share of what the machine has.",
)
def batch(
    judging: Judging,
    reference: Path,
    folder: Path | None,
    output: Path,
    workers: int | None,
    reports: bool,
    time_limit: float,
    memory_limit: float | None,
) -> int:
    """Compares every image of FOLDER with REFERENCE, or the pairs of a table.

    The table, PAIRS, is a CSV file with the columns reference and sample; its paths are relative
    to its folder. A reference may be a file of `dde learn`.

    \b
    The output folder gets
      frames/NAME.json  the record of each frame, as soon as it is finished
      frames/NAME.html  with --reports, the page of each frame that failed
      summary.csv       a line for each frame, at the end
      summary.parquet   the same, where pyarrow is installed

    A batch that was interrupted goes on where it was when the same command is given again: a
    frame is done again only if its images, the job or another option has changed. What cannot be
    read, or takes too long or too much memory, is listed at the end, and does not stop the batch.

    Ctrl-C ends the batch after the frames under way; a second one ends it at once.

    Exits with 0 if every frame passed, or there was no rule; with 1 if one failed; with 2 if one
    could not be read, or with one sentence on standard error if anything else is wrong.
    """
    skipped: dict[str, int] = {}
    with reading():
        job = judging.job()  # better refused now than in every frame
        if folder is None:
            frames = frames_of_pairs(reference, "PAIRS")
        else:
            frames, skipped = frames_in_folder(reference, folder, "FOLDER")
            _try(reference, job)
        refuse_overwriting([("--output", output / name) for name in SUMMARIES], [])
        with _writing_to(output):
            results = inspect_frames(
                frames,
                output,
                job=job,
                workers=workers,
                reports=reports,
                time_limit=time_limit,
                memory_limit=memory_limit and memory_limit * GIGABYTE,
                keep=[reference] if folder is None else [],
            )
    by_frame = _run(results, frames, output)
    in_order = [by_frame[frame.name] for frame in frames]
    print(account(in_order, skipped, output))
    return exit_status(in_order)


def _try(reference: Path, job: Job) -> None:
    """Compares the reference with itself."""
    first = opened(reference, job)
    dde.inspect(first, first.source() if isinstance(first, Reference) else first, job=job)


@contextmanager
def _writing_to(output: Path, done: Callable[[], str] = str) -> Iterator[None]:
    """Turns a failure to write into a sentence, which says what is done already."""
    try:
        yield
    except OutputError as error:
        raise click.ClickException(
            f"--output {output} cannot be written ({error}){done()}."
        ) from None


def _run(
    results: Generator[FrameResult, None, None], frames: Sequence[Frame], output: Path
) -> dict[str, FrameResult]:
    """What became of each frame, by its name; on a terminal, a bar shows progress."""
    found: dict[str, FrameResult] = {}
    bar = click.progressbar(
        length=len(frames), label="frames", file=sys.stderr, hidden=not sys.stderr.isatty()
    )

    def done() -> str:
        return (
            f"; {len(found)} of {len(frames)} frames are finished, and the same command goes on "
            "from there"
        )

    with (
        cleaning_up(patient=True) as received,
        _writing_to(output, done),
        bar,
        closing(results),
    ):
        try:
            for result in results:
                found[result.frame.name] = result
                bar.update(1)
                if received:
                    break  # which waits for the frames under way
        except SystemExit as ended:  # between two results, which the batch does not know of
            results.throw(ended)
    return found
