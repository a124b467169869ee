"""Tables of pairs: CSV as spreadsheets write it."""

import codecs
import csv
from pathlib import Path

from dde.errors import TableFileError
from dde.host import pass_on
from dde.reading import MEGABYTE, read_whole

COLUMNS = ("reference", "sample")
SEPARATORS = (",", ";", "\t")
LARGEST_TABLE = 256 * MEGABYTE


def read_pairs(table: Path, name: str) -> list[tuple[str, str]]:
    """
    The paths of each pair, as the table has them.

    Raises
    ------
    TableFileError
        If it cannot be read as such a table; the message begins with its name and path.
    """
    try:
        return _pairs(_decoded(read_whole(table, LARGEST_TABLE)))
    except OSError as error:
        pass_on(error)
        raise TableFileError(f"{name} {table} cannot be read ({error.strerror})") from None
    except (ValueError, csv.Error) as error:
        raise TableFileError(
            f"{name} {table} cannot be read as a CSV file of pairs: {error}"
        ) from None


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding = "utf-16"  # Excel's "Unicode text"
    else:
        encoding = "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("it is not in UTF-8; save it as CSV in UTF-8") from None
    if "\0" in text:
        raise ValueError("it holds a NUL character, which no text and no path has")
    return text


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = text.splitlines(keepends=True)
    separator = _separator(lines[0] if lines else "")
    reader = csv.reader(lines, delimiter=separator, skipinitialspace=True)
    header = [title.strip().lower() for title in next(reader)]
    for column in COLUMNS:
        if header.count(column) > 1:
            raise ValueError(f"it has several columns called {column}")
    places = [header.index(column) for column in COLUMNS]
    pairs = []
    for row in reader:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) > len(header):
            raise ValueError(
                f"line {reader.line_num} has {len(row)} cells, and there are {len(header)} "
                "columns; a path that holds a separator must be in quotes"
            )
        pair = tuple(row[place].strip() if place < len(row) else "" for place in places)
        if not all(pair):
            raise ValueError(f"line {reader.line_num} must give a reference and a sample")
        pairs.append((pair[0], pair[1]))
    if not pairs:
        raise ValueError("it must have at least one pair")
    return pairs


def _separator(line: str) -> str:
    """
    What separates the columns of the table that begins with this line.

    Examples
    --------
    >>> _separator("Sample; reference ;note")
    ';'
    """
    for separator in SEPARATORS:
        titles = next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        if {title.strip().lower() for title in titles} >= set(COLUMNS):
            return separator
    raise ValueError(
        "its first line must name the columns reference and sample, separated by commas, "
        "semicolons or tabs"
    )
