"""Which frames a batch consists of."""

import csv
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import click

from dde.batch.frames import Frame

SUFFIXES = (".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp", ".bmp")
LONGEST_NAME = 200  # bytes of the name of a record, which file systems limit to 255


def frames_in_folder(reference: Path, folder: Path) -> list[Frame]:
    """Every image file of a folder, in the order of their names, against one reference."""
    paths = sorted(
        path
        for path in folder.iterdir()
        if path.suffix.lower() in SUFFIXES and not path.name.startswith(".") and path.is_file()
    )
    if not paths:
        raise click.ClickException(
            f"FOLDER {folder} holds no image; files that end in {', '.join(SUFFIXES)} are taken."
        )
    return _named((reference, path) for path in paths)


def frames_of_pairs(table: Path) -> list[Frame]:
    """The pairs of a CSV file; its paths are relative to its folder."""
    try:
        with open(table, newline="", encoding="utf-8-sig") as file:
            reader = csv.DictReader(file)
            missing = {"reference", "sample"} - set(reader.fieldnames or ())
            rows = [(reader.line_num, row) for row in reader] if not missing else []
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise click.ClickException(
            f"PAIRS {table} cannot be read as a CSV file in UTF-8 ({error})."
        ) from None
    if missing or not rows:
        raise click.ClickException(
            f"PAIRS {table} must be a CSV file with the columns reference and sample, and at least "
            "one pair."
        )
    for line, row in rows:
        if not (row["reference"] and row["sample"]):
            raise click.ClickException(
                f"PAIRS {table}, line {line}, must give a reference and a sample."
            )
    folder = table.parent
    return _named((folder / row["reference"], folder / row["sample"]) for _, row in rows)


def _named(pairs: Iterable[tuple[Path, Path]]) -> list[Frame]:
    """
    Frames whose names differ, also where a file system does not tell A from a.

    Examples
    --------
    >>> here = Path()
    >>> [frame.name for frame in _named([(here, Path("a/1.png")), (here, Path("b/1.PNG"))])]
    ['1.png', '1.PNG-2']
    """
    frames: list[Frame] = []
    seen: Counter[str] = Counter()
    for reference, sample in pairs:
        name = sample.name.encode(errors="surrogateescape")[:LONGEST_NAME].decode(errors="replace")
        seen[name.casefold()] += 1
        number = seen[name.casefold()]
        frames.append(Frame(f"{name}-{number}" if number > 1 else name, reference, sample))
    return frames
