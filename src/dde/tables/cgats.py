"""CGATS text files (ANSI CGATS.17), as chart software and instruments export them."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

# A text in quotes, in which a quote is doubled; a comment; any other word; ends of lines; tabs. No
# character is looked at twice, whatever stands there: a text whose end is missing goes to the end
# of its line.
TOKEN = re.compile(r'"(?:[^"\r\n]++|"")*+"?|#[^\r\n]*+|[^\s"#]++|[\r\n]++|\t')
TITLES = ("TABLE_NAME", "TABLE_DESCRIPTOR", "DESCRIPTOR")
BEGINNINGS = ("BEGIN_DATA_FORMAT", "BEGIN_DATA")


@dataclass(frozen=True)
class RawTable:
    """
    A table as it stands in a file.

    Attributes
    ----------
    columns : dict
        Of each field, in capitals, what stands in it: texts, or numbers where a file has some.
    keywords : dict
        What is said of the table, by keyword in capitals; of several of one name, all of them,
        with semicolons between.
    """

    columns: dict[str, Sequence[str | float]]
    keywords: dict[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """What the table is called; nothing where it is not."""
        return next((self.keywords[key] for key in TITLES if self.keywords.get(key)), "")

    @property
    def count(self) -> int:
        """How many rows it has."""
        return len(next(iter(self.columns.values())))


def tables_of(content: bytes) -> list[RawTable]:
    """
    The tables of a file. One that does not say what its fields are has those of the one before it.

    Raises
    ------
    ValueError
        If there is none, or one is damaged.

    Examples
    --------
    >>> table, = tables_of(
    ...     b'CGATS.17\\nDESCRIPTOR "a proof" # of today\\n'
    ...     b"BEGIN_DATA_FORMAT\\nSAMPLE_ID LAB_L\\nEND_DATA_FORMAT\\n"
    ...     b"BEGIN_DATA\\nA1 95\\nA2 16\\nEND_DATA"
    ... )
    >>> table.title, table.columns
    ('a proof', {'SAMPLE_ID': ['A1', 'A2'], 'LAB_L': ['95', '16']})
    """
    text = content.decode(errors="replace")
    tokens = (found[0] for found in TOKEN.finditer(text) if not found[0].startswith("#"))
    tables: list[RawTable] = []
    fields: list[str] = []
    while True:
        keywords, beginning = _header(tokens)
        if beginning == "BEGIN_DATA_FORMAT":
            fields = [name.upper() for name in _up_to("END_DATA_FORMAT", tokens)]
            further, beginning = _header(tokens)
            keywords |= further
        if beginning != "BEGIN_DATA":
            break
        tables.append(_table(keywords, fields, _up_to("END_DATA", tokens, len(fields))))
    if not tables or beginning:
        missing = "BEGIN_DATA" if fields else "BEGIN_DATA_FORMAT"
        raise ValueError(f"there is no {missing} where there must be one")
    return tables


def _header(tokens: Iterator[str]) -> tuple[dict[str, str], str]:
    """The keywords of a table with what they say, a line each, and with what its data begin; with
    nothing where the file ends."""
    found: dict[str, str] = {}
    line: list[str] = []
    for token in tokens:
        ended = token in BEGINNINGS
        if token == "\t":
            continue
        if not ended and token[0] not in "\r\n":
            line.append(_unquoted(token))
            continue
        if line:
            key, said = line[0].upper(), " ".join(line[1:])
            found[key] = f"{found[key]}; {said}" if key in found else said
            line = []
        if ended:
            return found, token
    return found, ""


def _up_to(keyword: str, tokens: Iterator[str], fields: int = 0) -> list[str]:
    """
    The words before a keyword, which is taken as well.

    A line that has a cell for each field between its tabs says itself what belongs together:
    programs write names with blanks so, without quotes.

    Examples
    --------
    >>> _up_to("END_DATA", iter(['"light grey"', "2", "\\n", "END_DATA", "3"]))
    ['light grey', '2']
    >>> _up_to("END_DATA", iter(["light", "grey", "\\t", "2", "\\n", "END_DATA"]), 2)
    ['light grey', '2']
    """
    found: list[str] = []
    cells: list[list[str]] = [[]]
    for token in tokens:
        if token == "\t":
            cells.append([])
        elif token == keyword or token[0] in "\r\n":
            written = [cell for cell in cells if cell]
            whole = 1 < fields == len(written)
            found += [" ".join(cell) for cell in written] if whole else chain(*written)
            cells = [[]]
            if token == keyword:
                return found
        else:
            cells[-1].append(_unquoted(token))
    raise ValueError(f"there is no {keyword} where there must be one")


def _unquoted(token: str) -> str:
    if not token.startswith('"'):
        return token
    return token[1:].removesuffix('"').replace('""', '"')


def _table(keywords: dict[str, str], fields: list[str], values: list[str]) -> RawTable:
    """Refuses one that says itself that it has another number of rows: it may be cut short."""
    if not fields or not values or len(values) % len(fields):
        raise ValueError(
            f"it has {len(values)} values for {len(fields)} fields; there must be whole rows"
        )
    count = len(values) // len(fields)
    number = keywords.get("NUMBER_OF_SETS", str(count))
    if number != str(count):
        raise ValueError(f"NUMBER_OF_SETS is {number[:40]}, and it has {count} rows")
    columns = {name: values[place :: len(fields)] for place, name in enumerate(fields)}
    return RawTable(dict(columns), keywords)
