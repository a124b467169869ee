"""Which files are tables of patch colours."""

from os import PathLike

from dde.host import pass_on
from dde.reading import open_regular

HEAD = 1 << 16  # bytes within which the table must begin
CXF = b"colorexchangeformat.com/CxF3"


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
    except OSError as error:
        pass_on(error)
        return False
    return b"\0" not in head and (b"BEGIN_DATA_FORMAT" in head or CXF in head)
