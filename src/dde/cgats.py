"""Tables of patch values in CGATS text files (ANSI CGATS.17), as chart software exports them."""

import hashlib
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from os import PathLike

import numpy as np

from dde.errors import TableFileError
from dde.reading import MEGABYTE, open_regular, read_whole
from dde.spaces.conversions import xyz_to_lab

NAME_FIELDS = ("SAMPLE_NAME", "SAMPLE_ID")
LAB_FIELDS = ("LAB_L", "LAB_A", "LAB_B")
XYZ_FIELDS = ("XYZ_X", "XYZ_Y", "XYZ_Z")
XYZ_WHITE = "D50"  # that of graphic arts: ISO 13655
# A text in quotes, in which a quote is doubled; a comment; any other word. No character is looked
# at twice, whatever stands there: a text whose end is missing goes to the end of its line.
TOKEN = re.compile(r'"(?:[^"\r\n]++|"")*+"?|#[^\r\n]*+|[^\s"#]++')
HEAD = 1 << 16  # bytes within which the table must begin
LARGEST_TABLE = 32 * MEGABYTE


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
    columns : mapping of str to tuple of str
        Of a file: the columns in which every patch has a name of its own, the first of them that of
        `names`; ``"row"`` alone where there is none that names patches. Empty otherwise.

    Raises
    ------
    ValueError
        If names and colours are not as many, or two names are equal.

    Examples
    --------
    >>> PatchTable(("paper", "black"), np.array([[95.0, 0, -2], [16, 0, 0]])).names
    ('paper', 'black')
    """

    names: tuple[str, ...]
    lab: np.ndarray
    provenance: Mapping[str, object] = field(default_factory=lambda: {"format": "array"})
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if np.shape(self.lab) != (len(self.names), 3) or not self.names:
            raise ValueError(
                f"lab must have the shape (N, 3), one colour for each of the {len(self.names)} "
                f"names, of which there must be one; its shape is {np.shape(self.lab)}"
            )
        if len(set(self.names)) < len(self.names):
            raise ValueError("names must be unlike each other")


def is_table(path: str | PathLike[str]) -> bool:
    """
    Whether a file looks like such a table, whatever its name.

    Examples
    --------
    >>> is_table("examples/reference.jpg")
    False
    """
    try:
        with open_regular(path) as file:
            head = file.read(HEAD)
    except OSError:
        return False
    return b"\0" not in head and b"BEGIN_DATA_FORMAT" in head


def read_table(path: str | PathLike[str], name: str = "table") -> PatchTable:
    """
    Reads the table of a CGATS file: CIELAB, or XYZ on a scale to 100 under D50.

    Parameters
    ----------
    path : str or path
    name : str, optional
        What the caller's argument is called, for error messages.

    Raises
    ------
    OSError
        If the file cannot be opened.
    TableFileError
        If it does not begin with a table of colours, or holds several; or if that is damaged, or
        names patches only by columns in which a name is there twice.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder) / "patches.txt"
    ...     _ = path.write_text(
    ...         "CGATS.17 BEGIN_DATA_FORMAT SAMPLE_ID LAB_L LAB_A LAB_B END_DATA_FORMAT "
    ...         "BEGIN_DATA A1 95 0 -2 A2 16 0 0 END_DATA"
    ...     )
    ...     table = read_table(path)
    >>> table.names, table.lab.tolist()
    (('A1', 'A2'), [[95.0, 0.0, -2.0], [16.0, 0.0, 0.0]])
    """
    try:
        content = read_whole(path, LARGEST_TABLE)
        columns, lab, origin = _parsed(content.decode(errors="replace"))
    except ValueError as error:
        raise TableFileError(f"{name} {path} cannot be read as a CGATS table: {error}") from None
    names = next(iter(columns.values()))
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
    return PatchTable(names, lab, provenance, columns)


def _parsed(text: str) -> tuple[dict[str, tuple[str, ...]], np.ndarray, str]:
    tokens = (found[0] for found in TOKEN.finditer(text) if not found[0].startswith("#"))
    _up_to("BEGIN_DATA_FORMAT", tokens)
    fields = _fields(tokens)
    said = _up_to("BEGIN_DATA", tokens)
    values = _up_to("END_DATA", tokens)
    if not fields or not values or len(values) % len(fields):
        raise ValueError(
            f"it has {len(values)} values for {len(fields)} fields; there must be whole rows"
        )
    count = len(values) // len(fields)
    _check_count(said, count)
    columns = {field: values[place :: len(fields)] for place, field in enumerate(fields)}
    colours = _colours(fields)
    if colours is None:
        raise ValueError(
            f"it has no colours; the fields {' '.join(LAB_FIELDS)} or {' '.join(XYZ_FIELDS)} are "
            "taken"
        )
    _refuse_further_colours(tokens, fields)
    names, numbers = _names(columns, count), _numbers(columns, colours)
    if colours == LAB_FIELDS:
        return names, numbers, "Lab"
    return names, xyz_to_lab(numbers / 100, XYZ_WHITE), f"XYZ, {XYZ_WHITE}"


def _fields(tokens: Iterator[str]) -> list[str]:
    return [field.upper() for field in _up_to("END_DATA_FORMAT", tokens)]


def _colours(fields: list[str]) -> tuple[str, ...] | None:
    """Those of the fields that are colours; None if there are none."""
    return next((each for each in (LAB_FIELDS, XYZ_FIELDS) if set(each) <= set(fields)), None)


def _refuse_further_colours(tokens: Iterator[str], fields: list[str]) -> None:
    """A further table that does not say what its fields are has those of the table before it."""
    for token in tokens:
        if token == "BEGIN_DATA_FORMAT":
            fields = _fields(tokens)
        elif token == "BEGIN_DATA" and _colours(fields):
            raise ValueError("it holds several tables of colours; a file must hold one")


def _up_to(keyword: str, tokens: Iterator[str]) -> list[str]:
    """
    The tokens before a keyword, which is taken as well.

    Examples
    --------
    >>> _up_to("END_DATA", iter(['"light grey"', "2", "END_DATA", "3"]))
    ['light grey', '2']
    """
    found: list[str] = []
    for token in tokens:
        if token == keyword:
            return found
        if token.startswith('"'):
            token = token[1:].removesuffix('"').replace('""', '"')
        found.append(token)
    raise ValueError(f"there is no {keyword} where there must be one")


def _check_count(said: list[str], count: int) -> None:
    """Refuses a table that says itself that it has another number of rows: it may be cut short."""
    if "NUMBER_OF_SETS" not in said[:-1]:
        return
    number = said[said.index("NUMBER_OF_SETS") + 1]
    if number != str(count):
        raise ValueError(f"NUMBER_OF_SETS is {number[:40]}, and it has {count} rows")


def _names(columns: dict[str, list[str]], count: int) -> dict[str, tuple[str, ...]]:
    """The columns in which each patch has a name of its own; numbers where none names patches."""
    given = {title: tuple(columns[title]) for title in NAME_FIELDS if title in columns}
    if not given:
        return {"row": tuple(str(number) for number in range(1, count + 1))}
    found = {title: names for title, names in given.items() if len(set(names)) == count}
    if not found:
        title, names = next(iter(given.items()))
        name, _ = Counter(names).most_common(1)[0]
        raise ValueError(f"the patch {name[:40]!r} is there twice, by its {title}")
    return found


def _numbers(columns: dict[str, list[str]], fields: tuple[str, ...]) -> np.ndarray:
    try:
        numbers = np.array([columns[field] for field in fields], dtype=np.float64).T
    except ValueError as error:
        raise ValueError(f"a colour is no number ({error})") from None
    if not np.isfinite(numbers).all():
        raise ValueError("a colour is not finite")
    return np.ascontiguousarray(numbers)
