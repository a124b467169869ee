"""How error messages speak of what they refuse."""

from collections.abc import Iterable


def must_be_one_of(value: object, accepted: Iterable[str]) -> str:
    """The end of such a sentence: "must be one of A, B; not 'C'", on one line whatever it is."""
    found = repr(value) if isinstance(value, str) else type(value).__name__
    return f"must be one of {', '.join(accepted)}; not {found}"


def one_of(value: object, accepted: Iterable[str], name: str) -> str:
    """
    That of the accepted names which an argument gives, in any case of letters.

    Raises
    ------
    ValueError
        If there is none; `name` is what the argument is called.

    Examples
    --------
    >>> one_of("srgb", ("sRGB", "XYZ"), "space")
    'sRGB'
    """
    accepted = tuple(accepted)
    for known in accepted:
        if isinstance(value, str) and value.casefold() == known.casefold():
            return known
    raise ValueError(f"{name} {must_be_one_of(value, accepted)}")
