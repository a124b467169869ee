"""How error messages speak of what they refuse."""

from collections.abc import Iterable


def must_be_one_of(value: object, accepted: Iterable[str]) -> str:
    """The end of such a sentence: "must be one of A, B; not 'C'", on one line whatever it is."""
    found = repr(value) if isinstance(value, str) else type(value).__name__
    return f"must be one of {', '.join(accepted)}; not {found}"


def in_a_line(error: Exception, longest: int = 200) -> str:
    """
    What another's exception says, on one line that can be read: it may quote a damaged file.

    Examples
    --------
    >>> in_a_line(ValueError("bad\\nheader \\x00" + 300 * "x"), 20)
    'bad header ?xxxxx...'
    """
    line = " ".join(str(error).split())
    line = "".join(letter if letter.isprintable() else "?" for letter in line)
    return line if len(line) <= longest else f"{line[: longest - 3]}..."


def named(value: object, accepted: Iterable[str], argument: str, *more: str) -> str:
    """
    That of the accepted names that the value is in any case, as it is usually written.

    `more` is what else is accepted, though not here: for the message.

    Raises
    ------
    ValueError
        If it is none of them.

    Examples
    --------
    >>> named("bradford", ["Bradford", "CAT16"], "method")
    'Bradford'
    """
    names = list(accepted)
    if isinstance(value, str):
        for name in names:
            if name.lower() == value.lower():
                return name
    raise ValueError(f"{argument} {must_be_one_of(value, (*names, *more))}")
