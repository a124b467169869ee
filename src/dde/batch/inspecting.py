"""From thousands of frames to records and a summary."""

import math
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from os import PathLike
from pathlib import Path

from dde.batch.folder import RECORDS, check_folder, prepared
from dde.batch.frames import Frame, FrameResult, Settings
from dde.batch.listing import check_names
from dde.batch.pool import working
from dde.batch.summary import need_parquet, write_summary
from dde.errors import OutputError
from dde.host import pass_on
from dde.inspection.inspecting import job_given
from dde.inspection.job import Job
from dde.reading import path_of
from dde.report import need_pages
from dde.threads import get_num_threads

SECONDS = 600.0
LEAST_MEMORY = 1 << 29  # with less a worker cannot start


def inspect_frames(
    frames: Iterable[Frame],
    output: str | PathLike[str],
    *,
    job: Job | str | PathLike[str] | None = None,
    workers: int | None = None,
    reports: bool = False,
    time_limit: float = SECONDS,
    memory_limit: float | None = None,
    keep: Iterable[str | PathLike[str]] = (),
) -> Generator[FrameResult, None, None]:
    """
    Inspect many frames, in worker processes, and keep a record of each.

    Frames are inspected as the result is iterated over, and no further than that. A frame whose
    record is there already, of the same images by the same job, is not inspected again: so a batch
    that was interrupted goes on where it was. To close the iterator, or an interrupt, ends the
    batch after the frames under way; an interrupt meanwhile ends them too, and SystemExit does at
    once.

    Parameters
    ----------
    frames : iterable of Frame
        As from `frames_in_folder` and `frames_of_pairs`.
    output : str or path
        The folder that gets ``frames/NAME.json``, the record of each frame as soon as it is
        finished; ``frames/NAME.html``, a page of each that failed, if asked for; and at the end
        ``summary.csv``, a line for each frame, and where pyarrow is installed
        ``summary.parquet``. In CSV, texts that a spreadsheet would take for formulas begin with an
        apostrophe.
    job : path or Job, optional
        As for `dde.inspect`.
    workers : int, optional
        How many processes work at once; by default, as many as dde uses threads, which they share.
    reports : bool, optional
        Write pages.
    time_limit : float, optional
        Seconds that a frame may take.
    memory_limit : float, optional
        Bytes that a worker process may allocate, at least 2**29; by default its share of all that
        the machine has. Linux alone keeps to it.
    keep : iterable of path, optional
        Other files that must not be overwritten, such as the table that the frames are from.

    Yields
    ------
    FrameResult
        As the frames are finished. One that cannot be read, takes too long or needs too much memory
        is unreadable, and leaves no record.

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    ValueError
        If an argument is out of range, the job is none, names of frames are not unlike each other,
        or a file that is read would be overwritten.
    OutputError
        If the folder cannot be written to, or another batch is writing there.
    MissingPackageError
        If there are to be reports, and Jinja2 is not installed; if pyarrow is, and cannot be
        imported.
    """
    frames, output = list(frames), path_of(output, "output")
    if reports:
        need_pages()
    need_parquet()
    check_names(frames)
    workers = get_num_threads() if workers is None else workers
    if not isinstance(workers, int) or workers < 1:
        raise ValueError(f"workers must be a whole number of at least 1, not {workers!r}")
    memory = _memory(workers) if memory_limit is None else memory_limit
    if not (math.isfinite(memory) and memory >= LEAST_MEMORY):
        raise ValueError(f"memory_limit must be at least {LEAST_MEMORY} bytes, not {memory!r}")
    if not (math.isfinite(time_limit) and time_limit > 0):
        raise ValueError(f"time_limit must be a positive number of seconds, not {time_limit!r}")
    job = job_given(job)
    with _writing():
        check_folder(output, frames, [Path(path) for path in (*job.files, *keep)])
    settings = Settings(
        job=job,
        records=output / RECORDS,
        reports=reports,
        threads=max(1, get_num_threads() // workers),
        seconds=float(time_limit),
        memory=int(memory),
    )
    return _results(settings, frames, output, workers)


def _memory(workers: int) -> int:
    machine = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return max(LEAST_MEMORY, machine // workers)


def _results(
    settings: Settings, frames: Sequence[Frame], output: Path, workers: int
) -> Generator[FrameResult, None, None]:
    results: list[FrameResult | None] = [None] * len(frames)
    with ExitStack() as stack:
        with _writing():
            stack.enter_context(prepared(output))
        with working(settings, workers) as pool:
            for place, result in pool.results(frames):
                results[place] = result
                yield result
        with _writing():
            write_summary([result for result in results if result], output)


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OutputError:
        raise
    except OSError as error:
        pass_on(error)
        raise OutputError(error.strerror or str(error)) from error
