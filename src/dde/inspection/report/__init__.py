"""An inspection as a file: JSON, CSV and XML for programs, a page of HTML for people."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

from dde.files.writing import replacing
from dde.inspection.report.data import as_csv, as_json, as_xml

if TYPE_CHECKING:
    from dde.inspection.result import Inspection


def _as_html(inspection: "Inspection") -> str:
    from dde.inspection.report.page import as_html  # needs the packages of the extra "cli"

    return as_html(inspection)


WRITERS = {".json": as_json, ".csv": as_csv, ".xml": as_xml, ".html": _as_html}


def write_report(inspection: "Inspection", path: str | os.PathLike[str]) -> None:
    """
    Writes a report, which appears whole or not at all.

    Parameters
    ----------
    inspection : Inspection
        The page shows pictures if they were kept: ``dde.inspect(..., keep_pictures=True)``.
    path : str or path
        The suffix says what is written. ``.json`` and ``.xml`` hold all that was found, ``.csv`` a
        line for each region, and ``.html`` is one page that needs nothing beside it.

    Raises
    ------
    ValueError
        If it has another suffix.
    OSError
        If the file cannot be written; it is then as it was before.
    """
    check_suffix(path)
    text = WRITERS[Path(path).suffix.lower()](inspection)
    with replacing(Path(path)) as file:
        file.write(text.encode())


def check_suffix(path: str | os.PathLike[str]) -> None:
    """
    Refuses a path that `write_report` would refuse.

    Examples
    --------
    >>> check_suffix("report.pdf")
    Traceback (most recent call last):
    ValueError: report.pdf must end in one of .json, .csv, .xml, .html
    """
    if Path(path).suffix.lower() not in WRITERS:
        raise ValueError(f"{os.fspath(path)} must end in one of {', '.join(WRITERS)}")
