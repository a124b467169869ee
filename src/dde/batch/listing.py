"""Which frames a batch consists of."""

import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from dde.batch.frames import Frame
from dde.batch.pairs import read_pairs
from dde.reading import path_of

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp", ".npy")
IN_ZARR_ARRAYS = ("zarr.json", ".zarray")  # of version 3, and of version 2
LONGEST_NAME = 200  # bytes of the name of a record, which file systems limit to 255


def frames_in_folder(
    reference: str | Path, folder: str | Path, name: str = "folder"
) -> tuple[list[Frame], dict[str, int]]:
    """
    Every image in a folder, against one reference.

    Parameters
    ----------
    reference, folder : str or path
    name : str, optional
        What the caller calls the folder, for error messages.

    Returns
    -------
    frames : list of Frame
        In the order of their names: all files whose suffix is one of `SUFFIXES`, in any case, and
        zarr arrays; none whose name begins with a dot.
    skipped : dict of str to int
        How many others are there, by suffix; ``"folder"`` for folders.

    Raises
    ------
    OSError
        If the folder cannot be read.
    ValueError
        If it holds no image.

    Examples
    --------
    >>> frames, skipped = frames_in_folder("examples/reference.jpg", "examples")
    >>> [frame.name for frame in frames], sorted(skipped), skipped[".md"]
    (['reference.jpg', 'sample.jpg'], ['.md', '.py', 'folder'], 1)
    """
    reference, folder = path_of(reference, "reference"), path_of(folder, name)
    taken: list[Path] = []
    skipped: Counter[str] = Counter()
    for path in sorted(folder.iterdir()):
        if path.name.startswith("."):
            continue
        if path.is_dir():
            is_image, kind = any((path / file).is_file() for file in IN_ZARR_ARRAYS), "folder"
        else:
            kind = path.suffix.lower()
            is_image = kind in SUFFIXES and path.is_file()
        if is_image:
            taken.append(path)
        else:
            skipped[kind] += 1
    if not taken:
        raise ValueError(
            f"{name} {folder} holds no image; zarr arrays and files that end in "
            f"{', '.join(SUFFIXES)} are taken"
        )
    return _named((reference, path) for path in taken), dict(skipped)


def frames_of_pairs(table: str | Path, name: str = "table") -> list[Frame]:
    """
    The pairs of a table.

    Parameters
    ----------
    table : str or path
        A CSV file with the columns ``reference`` and ``sample``, separated by commas, semicolons
        or tabs; its paths are relative to its folder.
    name : str, optional
        What the caller's argument is called, for error messages.

    Returns
    -------
    list of Frame

    Raises
    ------
    TableFileError
        If it cannot be read as one; the message names it.
    """
    table = path_of(table, name)
    return _named(
        (table.parent / pair[0], table.parent / pair[1]) for pair in read_pairs(table, name)
    )


def _named(pairs: Iterable[tuple[Path, Path]]) -> list[Frame]:
    """
    Frames whose names differ, also where a file system does not tell A from a.

    Examples
    --------
    >>> here = Path()
    >>> samples = [Path("a/1.png"), Path("b/1.PNG"), Path("1.png-2")]
    >>> [frame.name for frame in _named((here, sample) for sample in samples)]
    ['1.png', '1.PNG-2', '1.png-2-2']
    """
    encoding = sys.getfilesystemencoding()
    frames: list[Frame] = []
    taken: set[str] = set()
    seen: Counter[str] = Counter()
    for reference, sample in pairs:
        # As file systems have it here; "." has no name.
        written = (sample.name or ".").encode(encoding, "backslashreplace")
        plain = written[:LONGEST_NAME].decode(encoding, "replace")
        name = plain
        while _key(name) in taken:
            seen[_key(plain)] += 1
            name = f"{plain}-{seen[_key(plain)] + 1}"
        taken.add(_key(name))
        frames.append(Frame(name, reference, sample))
    return frames


def _key(name: str) -> str:
    """What two names have in common that some file system takes for one."""
    return unicodedata.normalize("NFC", name).casefold()


def check_names(frames: Iterable[Frame]) -> None:
    """Refuses names that cannot be those of different records."""
    taken: set[str] = set()
    for frame in frames:
        if not isinstance(frame.name, str) or set(frame.name) & {"/", "\0"} or not frame.name:
            raise ValueError(f"a frame's name must be the name of a file, not {frame.name!r}")
        if _key(frame.name) in taken:
            raise ValueError(f"there are several frames of the name {frame.name!r}")
        taken.add(_key(frame.name))
