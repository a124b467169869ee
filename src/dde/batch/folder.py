"""The folder that a batch writes to: one batch at a time, and nothing that is read."""

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import chain
from pathlib import Path

from dde.batch.frames import Frame
from dde.batch.summary import SUMMARIES
from dde.errors import OutputError
from dde.writing import check_outputs, remove_unfinished

RECORDS = "frames"


@contextmanager
def prepared(output: Path) -> Iterator[None]:
    """
    The folder, ready to be written to, for this batch alone.

    The lock is the system's, on the folder itself: it goes with the process, however that ends.
    """
    records = output / RECORDS
    records.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(output, os.O_RDONLY)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise OutputError("another batch is writing there") from None
        remove_unfinished(records)
        for name in SUMMARIES:  # of an earlier batch, perhaps by another job
            output.joinpath(name).unlink(missing_ok=True)
        try:
            yield
        finally:
            remove_unfinished(records)  # of a worker that was ended
    finally:
        os.close(descriptor)


def check_folder(output: Path, frames: Sequence[Frame], files: Sequence[Path]) -> None:
    """Refuses what is no folder, or one where something that is read would be overwritten."""
    if output.exists() and not output.is_dir():
        raise OutputError("it is no folder")
    records = output / RECORDS
    names = [*SUMMARIES, *chain(*((f"{f.name}.json", f"{f.name}.html") for f in frames))]
    folders = [output] * len(SUMMARIES) + [records] * (2 * len(frames))
    check_outputs(
        (("output", folder / name) for folder, name in zip(folders, names, strict=True)),
        chain(files, *((frame.reference, frame.sample) for frame in frames)),
    )
