"""What a batch leaves: a summary of all frames, an account, and the exit status."""

import csv
import io
from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from dde.batch.frames import RESUMED, UNREADABLE, Row
from dde.writing import replacing

SUMMARIES = ("summary.csv", "summary.parquet")


def write_summary(rows: Sequence[Row], folder: Path) -> list[Path]:
    """Writes a line for each frame as CSV, and as Parquet where pyarrow is installed."""
    columns = [key for key in dict.fromkeys(key for row in rows for key in row) if key != RESUMED]
    table = [{name: _unicode(row.get(name)) for name in columns} for row in rows]
    comma_separated, parquet = (folder / name for name in SUMMARIES)
    with replacing(comma_separated) as file:
        text = io.TextIOWrapper(file, "utf-8", newline="")
        writer = csv.DictWriter(text, columns)
        writer.writeheader()
        writer.writerows(table)
        text.flush()
        text.detach()
    if not find_spec("pyarrow"):
        return [comma_separated]
    import pyarrow
    from pyarrow.parquet import write_table

    with replacing(parquet) as file:
        write_table(pyarrow.Table.from_pylist(table), file)
    return [comma_separated, parquet]


def _unicode(value: object) -> object:
    """A value for a file in UTF-8, where the name of a file that is not Unicode has no bytes."""
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def account(rows: Sequence[Row], written: Sequence[Path]) -> str:
    """What is printed at the end: the counts, then the frames that failed or could not be read."""
    verdicts = Counter(row["verdict"] for row in rows)
    counts = {
        "frames": len(rows),
        "passed": verdicts["pass"],
        "failed": verdicts["fail"],
        "not judged": verdicts["not judged"],
        UNREADABLE: verdicts[UNREADABLE],
        RESUMED: sum(RESUMED in row for row in rows),
    }
    lines = [f"{name:16}{count:8}" for name, count in counts.items()]
    lines += [f"{'summary' if not place else '':18}{path}" for place, path in enumerate(written)]
    for verdict, title in (("fail", "failed"), (UNREADABLE, UNREADABLE)):
        listed = [row for row in rows if row["verdict"] == verdict]
        if listed:
            lines += ["", title, *(f"  {row['frame']}: {row['reasons']}" for row in listed)]
    return "\n".join(lines)


def exit_status(rows: Sequence[Row]) -> int:
    """2 where a file could not be read, else 1 where a frame failed, else 0."""
    verdicts = {row["verdict"] for row in rows}
    return 2 if UNREADABLE in verdicts else 1 if "fail" in verdicts else 0
