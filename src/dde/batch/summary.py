"""The summary of a batch: a line for each frame."""

import csv
import io
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from dde.batch.frames import FrameResult
from dde.extras import asking_for
from dde.writing import harmless_cell, replacing

SUMMARIES = ("summary.csv", "summary.parquet")


def need_parquet() -> bool:
    """Whether pyarrow is there; raise a `MissingPackageError` where it is and does not work."""
    if not find_spec("pyarrow"):
        return False
    with asking_for("parquet", "summary.parquet"):
        from pyarrow import Table  # noqa: F401
        from pyarrow.parquet import write_table  # noqa: F401
    return True


def write_summary(results: Sequence[FrameResult], folder: Path) -> None:
    """Writes a line for each frame as CSV, and as Parquet where pyarrow is installed."""
    rows = [result.row() for result in results]
    columns = list(dict.fromkeys(key for row in rows for key in row))
    table = [{name: _unicode(row.get(name)) for name in columns} for row in rows]
    comma_separated, parquet = (folder / name for name in SUMMARIES)
    with replacing(comma_separated) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        for row in table:
            writer.writerow({name: harmless_cell(cell) for name, cell in row.items()})
        text.flush()
        text.detach()
    if need_parquet():
        from pyarrow import Table
        from pyarrow.parquet import write_table

        with replacing(parquet) as file:
            write_table(Table.from_pylist(table), file)


def _unicode(value: object) -> object:
    """A value for a file in UTF-8, where the name of a file that is not Unicode has no bytes."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value
