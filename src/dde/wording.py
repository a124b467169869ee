"""How error messages speak of what they refuse."""

from collections.abc import Iterable


def must_be_one_of(value: object, accepted: Iterable[str]) -> str:
    """The end of such a sentence: "must be one of A, B; not 'C'", on one line whatever it is."""
    found = repr(value) if isinstance(value, str) else type(value).__name__
    return f"must be one of {', '.join(accepted)}; not {found}"
