"""``dde batch``: thousands of frames, in worker processes, into records and a summary."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

import dde
from dde.batch.frames import Batch, Frame, Row
from dde.batch.listing import frames_in_folder, frames_of_pairs
from dde.batch.outcome import SUMMARIES, account, exit_status, write_summary
from dde.batch.pool import process_all
from dde.command.failures import reading, writing
from dde.command.judging import Judging, judging_options
from dde.errors import OutputError
from dde.writing import remove_unfinished


@click.command()
@click.argument("reference", metavar="REFERENCE | PAIRS", type=click.Path(path_type=Path))
@click.argument("folder", required=False, type=click.Path(path_type=Path))
@judging_options
@click.option(
    "--output",
    metavar="FOLDER",
    required=True,
    type=click.Path(path_type=Path),
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
def batch(
    reference: Path,
    folder: Path | None,
    metric: str | None,
    tolerances: tuple[str, ...],
    preset: str | None,
    job: Path | None,
    output: Path,
    workers: int | None,
    reports: bool,
) -> int:
    """Compares every image of FOLDER with REFERENCE, or the pairs of a table.

    The table, PAIRS, is a CSV file with the columns reference and sample; its paths are relative
    to its folder.

    \b
    The output folder gets
      frames/NAME.json  the record of each frame, as soon as it is finished
      frames/NAME.html  with --reports, the page of each frame that failed
      summary.csv       a line for each frame, at the end
      summary.parquet   the same, where pyarrow is installed

    A batch that was interrupted goes on where it was when the same command is given again: a
    frame is done again only if its images, the job or another option has changed. What cannot be
    read is listed at the end, and does not stop the batch.

    Exits with 0 if every frame passed, or there was no rule; with 1 if one failed; with 2 if one
    could not be read, or with one sentence on standard error if anything else is wrong.
    """
    judging = Judging(metric, tolerances, preset, job)
    with reading():
        asked = judging.job()  # better refused now than in every frame
        if folder is None:
            frames = frames_of_pairs(reference)
        else:
            frames = frames_in_folder(reference, folder)
            dde.inspect(reference, reference, job=asked)
    records = output / "frames"
    with writing("--output", output):
        records.mkdir(parents=True, exist_ok=True)
        remove_unfinished(records)
        for name in SUMMARIES:  # of an earlier batch, perhaps by another job
            output.joinpath(name).unlink(missing_ok=True)
    everything = Batch(judging, records, reports)
    rows = _run(everything, frames, workers or dde.get_num_threads())
    with writing("--output", output):
        written = write_summary(rows, output)
    click.echo(account(rows, written))
    return exit_status(rows)


def _run(batch: Batch, frames: Sequence[Frame], workers: int) -> list[Row]:
    """The lines of the summary, in the order of the frames; on a terminal, a bar shows progress."""
    rows: list[Row | None] = [None] * len(frames)
    bar = click.progressbar(
        length=len(frames), label="frames", file=sys.stderr, hidden=not sys.stderr.isatty()
    )
    try:
        with bar:
            for place, row in process_all(batch, frames, workers):
                rows[place] = row
                bar.update(1)
    except OutputError as error:
        finished = sum(row is not None for row in rows)
        raise click.ClickException(
            f"--output {batch.records.parent} cannot be written ({error}); {finished} of "
            f"{len(frames)} frames are finished, and the same command goes on from there."
        ) from None
    return [row for row in rows if row is not None]
