"""How error messages speak of what they refuse."""

from collections.abc import Iterable


def must_be_one_of(value: object, accepted: Iterable[str]) -> str:
    """The end of such a sentence: "must be one of A, B; not 'C'", on one line whatever it is."""
    found = repr(value) if isinstance(value, str) else type(value).__name__
    return f"must be one of {', '.join(accepted)}; not {found}"


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
