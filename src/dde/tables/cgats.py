"""CGATS text files (ANSI CGATS.17), as chart software and instruments export them."""

import re
from codecs import BOM_UTF16_BE, BOM_UTF16_LE
from collections import Counter, defaultdict
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
    text = _decoded(content)
    tokens = (found[0] for found in TOKEN.finditer(text) if not found[0].startswith("#"))
    tables: list[RawTable] = []
    fields: list[str] = []
    while True:
        keywords, beginning = _header(tokens)
        if beginning == "BEGIN_DATA_FORMAT":
            fields = [name.upper() for name in chain(*_up_to("END_DATA_FORMAT", tokens))]
            further, beginning = _header(tokens)
            keywords |= further
        if beginning != "BEGIN_DATA":
            break
        tables.append(_table(keywords, fields, _up_to("END_DATA", tokens, len(fields))))
    if not tables or beginning:
        missing = "BEGIN_DATA" if fields else "BEGIN_DATA_FORMAT"
        raise ValueError(f"there is no {missing} where there must be one")
    return tables


def _decoded(content: bytes) -> str:
    """Text of UTF-16 where it begins so, else of UTF-8, or of the older code of Western Europe."""
    if content[:2] in (BOM_UTF16_LE, BOM_UTF16_BE):
        return content.decode("utf-16")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _header(tokens: Iterator[str]) -> tuple[dict[str, str], str]:
    """The keywords of a table with what they say, a line each, and with what its data begin; with
    nothing where the file ends."""
    found: dict[str, list[str]] = defaultdict(list)
    line: list[str] = []
    ended, token = False, ""
    for token in tokens:
        ended = token in BEGINNINGS
        if token == "\t":
            continue
        if not ended and token[0] not in "\r\n":
            line.append(_unquoted(token))
            continue
        if line:
            found[line[0].upper()].append(" ".join(line[1:]))
            line = []
        if ended:
            break
    keywords = {key: "; ".join(said) for key, said in found.items()}
    return keywords, token if ended else ""


def _up_to(keyword: str, tokens: Iterator[str], fields: int = 0) -> list[list[str]]:
    """
    The lines before a keyword, which is taken as well, as words.

    A line that has a cell for each field between its tabs says itself what belongs together:
    programs write names with blanks so, without quotes, or no name.

    Examples
    --------
    >>> _up_to("END_DATA", iter(['"light grey"', "2", "\\n", "END_DATA", "3"]))
    [['light grey', '2']]
    >>> _up_to("END_DATA", iter(["light", "grey", "\\t", "2", "\\n", "END_DATA"]), 2)
    [['light grey', '2']]
    """
    lines: list[list[str]] = []
    cells: list[list[str]] = [[]]
    for token in tokens:
        if token == "\t":
            cells.append([])
        elif token == keyword or token[0] in "\r\n":
            lines.append(_line(cells, fields))
            cells = [[]]
            if token == keyword:
                return [line for line in lines if line]
        else:
            cells[-1].append(_unquoted(token))
    raise ValueError(f"there is no {keyword} where there must be one")


def _line(cells: list[list[str]], fields: int) -> list[str]:
    """What a line has for each field, by its tabs if these agree with the fields; or its words."""
    words = list(chain(*cells))
    written = [cell for cell in cells if cell]
    for each in (written, cells[:fields] if any(cells) and not any(cells[fields:]) else []):
        if 1 < fields == len(each) != len(words):
            return [" ".join(cell) for cell in each]
    return words


def _unquoted(token: str) -> str:
    if not token.startswith('"'):
        return token
    return token[1:].removesuffix('"').replace('""', '"')


def _table(keywords: dict[str, str], fields: list[str], lines: list[list[str]]) -> RawTable:
    """Refuses one that says itself that it has another number of rows: it may be cut short."""
    values = list(chain(*lines))
    if not fields or not values or len(values) % len(fields):
        raise ValueError(
            f"it has {len(values)} values for {len(fields)} fields; there must be whole rows"
        )
    if len(set(fields)) < len(fields):
        twice = next(name for name, times in Counter(fields).items() if times > 1)
        raise ValueError(f"the field {twice[:40]!r} is there twice")
    stated = keywords.get("NUMBER_OF_FIELDS", str(len(fields)))
    if stated != str(len(fields)):
        raise ValueError(f"NUMBER_OF_FIELDS is {stated[:40]}, and it has {len(fields)}")
    _refuse_broken_rows(lines, len(fields))
    count = len(values) // len(fields)
    number = keywords.get("NUMBER_OF_SETS", str(count))
    if number != str(count):
        raise ValueError(f"NUMBER_OF_SETS is {number[:40]}, and it has {count} rows")
    columns = {name: values[place :: len(fields)] for place, name in enumerate(fields)}
    return RawTable(dict(columns), keywords)


def _refuse_broken_rows(lines: list[list[str]], fields: int) -> None:
    """A row may go on in further lines, and a line hold several rows; but no row ends within a line
    that it did not begin, or values have moved to the fields beside their own."""
    end = 0
    for line in lines:
        start, end = end, end + len(line)
        whole = start % fields == 0 and end % fields == 0
        if not whole and start // fields != (end - 1) // fields:
            row = start // fields + 1
            raise ValueError(f"row {row} does not end where a line does; {fields} fields are given")
