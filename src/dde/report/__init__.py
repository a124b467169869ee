"""What an inspection found as a file: JSON, CSV and XML for programs, a page of HTML for people."""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path

from dde.extras import asking_for
from dde.host import pass_on
from dde.report.document import Document
from dde.wording import in_a_line
from dde.writing import replacing


def need_pages() -> None:
    """Raise a `MissingPackageError` where what draws pages is not there."""
    with asking_for("cli", "a report in HTML"):
        import dde.report.page  # noqa: F401


def _as_html(document: Document) -> str:
    need_pages()
    from dde.report.page import as_html

    return as_html(document)


def _as_data(suffix: str, document: Document) -> str:
    from dde.report import data  # takes long to import

    return {".json": data.as_json, ".csv": data.as_csv, ".xml": data.as_xml}[suffix](document)


WRITERS: dict[str, Callable[[Document], str]] = {
    ".json": partial(_as_data, ".json"),
    ".csv": partial(_as_data, ".csv"),
    ".xml": partial(_as_data, ".xml"),
    ".html": _as_html,
}


def write_report(document: Document, path: str | os.PathLike[str]) -> None:
    """
    Writes a report, which appears whole or not at all.

    Parameters
    ----------
    document : Document
        As `dde.Inspection.document` gives it, or made of a record that was written earlier. The
        page shows pictures if they were kept: ``dde.inspect(..., keep_pictures=True)``.
    path : str or path
        The suffix says what is written. ``.json`` and ``.xml`` hold all that was found, ``.csv`` a
        line for each region, and ``.html`` is one page that needs nothing beside it.

    Raises
    ------
    TypeError
        If `path` is no path.
    ValueError
        If it has another suffix, or the document is not what an inspection found.
    OSError
        If the file cannot be written, or is no regular file; it is then as it was before.
    """
    check_suffix(path)
    try:
        text = WRITERS[Path(path).suffix.lower()](document)
    except (MemoryError, ModuleNotFoundError):
        raise
    except Exception as error:  # others may have changed what is stored in any way
        pass_on(error)
        raise ValueError(
            "document does not hold what an inspection found, as to_dict gives it "
            f"({type(error).__name__}: {in_a_line(error)})"
        ) from error
    with replacing(path) as file:
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
    if not isinstance(path, (str, os.PathLike)):
        raise TypeError(f"path must be that of a file, not {type(path).__name__}")
    if Path(path).suffix.lower() not in WRITERS or os.fspath(path).endswith(os.sep):
        raise ValueError(f"{os.fspath(path)} must end in one of {', '.join(WRITERS)}")
