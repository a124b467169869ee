"""How what is refused is said, and how the words of others are shown."""

from collections.abc import Iterable
from unicodedata import category


def must_be_one_of(value: object, accepted: Iterable[str]) -> str:
    """The end of such a sentence: "must be one of A, B; not 'C'", on one line whatever it is."""
    found = repr(value) if isinstance(value, str) else type(value).__name__
    return f"must be one of {', '.join(accepted)}; not {found}"


# Of Unicode: what terminals obey, hide or reorder others by, end lines at, and cannot write.
OBEYED = ("Cc", "Cf", "Zl", "Zp", "Cs")
JOINERS = "\u200c\u200d"  # of these the two that words and emoji need


def visible(text: str) -> str:
    """
    A text on one line, with escapes for what a terminal would obey or not show.

    Examples
    --------
    >>> print(visible("café\\x1b[2J\\nverdict  pass \\u202e"))
    café\\x1b[2J\\nverdict  pass \\u202e
    """
    if text.isprintable():
        return text
    return "".join(
        letter.encode("unicode_escape").decode()
        if category(letter) in OBEYED and letter not in JOINERS
        else letter
        for letter in text
    )


def refuse_controls(name: str) -> None:
    """Refuses the name of a thing in a picture that would tell a terminal to do something."""
    if any(category(letter) == "Cc" for letter in name):
        raise ValueError(f"the name {name[:40]!r} has a control character")


def in_a_line(error: BaseException, longest: int = 200) -> str:
    """
    What another's exception says, on one line that can be read: it may quote a damaged file.

    One that says nothing, or that is none of an error, has its name.

    Examples
    --------
    >>> in_a_line(ValueError("bad\\nheader \\x00" + 300 * "x"), 20)
    'bad header \\\\x00xx...'
    """
    line = visible(" ".join(str(error).split()))
    if not line or not isinstance(error, Exception):
        line = f"{type(error).__name__}: {line}".removesuffix(": ")
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
