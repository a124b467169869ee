"""Tables of patch values in CGATS text files (ANSI CGATS.17), as chart software exports them."""

import hashlib
import re
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dde.errors import TableFileError
from dde.spaces.conversions import xyz_to_lab

NAME_FIELDS = ("SAMPLE_NAME", "SAMPLE_ID")
LAB_FIELDS = ("LAB_L", "LAB_A", "LAB_B")
XYZ_FIELDS = ("XYZ_X", "XYZ_Y", "XYZ_Z")
XYZ_WHITE = "D50"  # that of graphic arts: ISO 13655
# A text in quotes, in which a quote is doubled; a comment; any other word.
TOKEN = re.compile(r'"(?:[^"\r\n]|"")*"|#[^\r\n]*|[^\s"#]+')
HEAD = 1 << 16  # bytes within which the table must begin


@dataclass(frozen=True)
class PatchTable:
    """
    The patches of a table.

    Attributes
    ----------
    names : tuple of str
        Unlike each other: those of ``SAMPLE_NAME``, else of ``SAMPLE_ID``, else numbers from 1.
    lab : numpy.ndarray of float64, shape (N, 3)
        CIELAB of each.
    provenance : dict
        What a record of the table says: path, hash, format, and of what the colours are.
    """

    names: tuple[str, ...]
    lab: np.ndarray
    provenance: dict[str, object]


def is_table(path: Path) -> bool:
    """Whether a file looks like such a table, whatever its name."""
    try:
        with open(path, "rb") as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return b"\0" not in head and b"BEGIN_DATA_FORMAT" in head


def read_table(path: Path, name: str = "table") -> PatchTable:
    """
    Reads the first table of a CGATS file: CIELAB, or XYZ on a scale to 100 under D50.

    Parameters
    ----------
    path : pathlib.Path
    name : str, optional
        What the caller's argument is called, for error messages.

    Raises
    ------
    OSError
        If the file cannot be opened.
    TableFileError
        If it holds no table of colours, or one that is damaged.
    """
    content = path.read_bytes()
    try:
        names, lab, origin = _parsed(content.decode(errors="replace"))
    except ValueError as error:
        raise TableFileError(f"{name} {path} cannot be read as a CGATS table: {error}") from None
    provenance = {
        "path": str(path),
        "sha256": hashlib.sha256(content).hexdigest(),
        "bytes": len(content),
        "format": "CGATS",
        "width": len(names),
        "height": 1,
        "type": "text",
        "space": "Lab",
        "made_of": origin,
    }
    return PatchTable(names, lab, provenance)


def _parsed(text: str) -> tuple[tuple[str, ...], np.ndarray, str]:
    tokens = [token for token in TOKEN.findall(text) if not token.startswith("#")]
    fields = [field.upper() for field in _between(tokens, "BEGIN_DATA_FORMAT", "END_DATA_FORMAT")]
    values = _between(tokens, "BEGIN_DATA", "END_DATA")
    if not fields or not values or len(values) % len(fields):
        raise ValueError(
            f"it has {len(values)} values for {len(fields)} fields; there must be whole rows"
        )
    columns = {field: values[place :: len(fields)] for place, field in enumerate(fields)}
    names = _names(columns, len(values) // len(fields))
    if columns.keys() >= set(LAB_FIELDS):
        return names, _numbers(columns, LAB_FIELDS), "Lab"
    if columns.keys() >= set(XYZ_FIELDS):
        lab = xyz_to_lab(_numbers(columns, XYZ_FIELDS) / 100, XYZ_WHITE)
        return names, lab, f"XYZ, {XYZ_WHITE}"
    raise ValueError(
        f"it has no colours; the fields {' '.join(LAB_FIELDS)} or {' '.join(XYZ_FIELDS)} are taken"
    )


def _between(tokens: list[str], begin: str, end: str) -> list[str]:
    """
    The tokens between two keywords.

    Examples
    --------
    >>> _between(["1", "BEGIN_DATA", '"light grey"', "2", "END_DATA"], "BEGIN_DATA", "END_DATA")
    ['light grey', '2']
    """
    if begin not in tokens or end not in tokens[tokens.index(begin) :]:
        raise ValueError(f"there is no {begin} with an {end} after it")
    start = tokens.index(begin) + 1
    found = tokens[start : tokens.index(end, start)]
    return [t[1:-1].replace('""', '"') if t.startswith('"') else t for t in found]


def _names(columns: dict[str, list[str]], count: int) -> tuple[str, ...]:
    for field in NAME_FIELDS:
        names = columns.get(field, [])
        if names and len(set(names)) == count:
            return tuple(names)
    return tuple(str(number) for number in range(1, count + 1))


def _numbers(columns: dict[str, list[str]], fields: tuple[str, ...]) -> np.ndarray:
    try:
        numbers = np.array([columns[field] for field in fields], dtype=np.float64).T
    except ValueError as error:
        raise ValueError(f"a colour is no number ({error})") from None
    if not np.isfinite(numbers).all():
        raise ValueError("a colour is not finite")
    return np.ascontiguousarray(numbers)
