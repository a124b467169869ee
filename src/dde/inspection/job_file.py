"""Job files: jobs in TOML or JSON."""

import hashlib
import tomllib
from os import PathLike
from pathlib import Path
from typing import Annotated

import msgspec

from dde.errors import JobFileError
from dde.inspection.defects import DefectSearch
from dde.inspection.job import Job
from dde.inspection.regions import Region, open_labels
from dde.inspection.rules import DEFECT_QUANTITIES, rules_of
from dde.metrics.table import metric_or_file, name_of
from dde.reading import read_whole

Rules = str | float | list[str | float]


class _Table(msgspec.Struct, forbid_unknown_fields=True):
    """A table of a job file; msgspec checks types, and refuses keys that are not here."""


class _Region(_Table):
    name: str
    box: tuple[int, int, int, int] | None = None
    polygon: Annotated[list[tuple[float, float]], msgspec.Meta(min_length=3)] | None = None
    labels: str | None = None
    value: int = 1
    ignore: bool = False
    rules: Rules = msgspec.field(default_factory=list)


class _Defects(_Table):
    above: float
    smallest_area: int = 1
    rules: Rules = msgspec.field(default_factory=list)


class _Colour(_Table):
    white: str | tuple[float, float, float] = "D65"
    adaptation: str = "Bradford"
    space: str | None = None


class _JobFile(_Table):
    metric: str = "CIEDE2000"
    factors: dict[str, float] = msgspec.field(default_factory=dict)
    rules: Rules = msgspec.field(default_factory=list)
    regions: list[_Region] = msgspec.field(default_factory=list)
    defects: _Defects | None = None
    colour: _Colour = msgspec.field(default_factory=_Colour)


def read_job(path: str | PathLike[str]) -> Job:
    """
    The job that a file describes.

    Parameters
    ----------
    path : str or path
        A TOML file, or a JSON file of the same keys, whose name ends in ``.json``. Files that it
        names (label images, a model) are looked for beside it.

    Raises
    ------
    JobFileError
        If it cannot be read, has a key that is unknown or a value that is not accepted.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder) / "job.toml"
    ...     _ = path.write_text('''
    ...         rules = ["mean <= 1"]
    ...         [[regions]]
    ...         name = "logo"
    ...         box = [120, 80, 300, 200]
    ...         rules = ["p95 <= 2", "max <= 6"]
    ...     ''')
    ...     job = read_job(path)
    >>> [str(rule) for rule in job.regions[0].rules]
    ['p95 <= 2', 'max <= 6']
    """
    path = Path(path)
    try:
        content = read_whole(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise JobFileError(f"{path} cannot be read: {reason}") from error
    try:
        return _job(_parsed(path, content), path, hashlib.sha256(content).hexdigest())
    except msgspec.ValidationError as error:
        raise JobFileError(f"{path}: {_in_words(error)}") from error
    except RecursionError as error:
        raise JobFileError(f"{path}: it is nested too deeply") from error
    except (ValueError, TypeError, OSError) as error:
        raise JobFileError(f"{path}: {error}") from error


def _parsed(path: Path, content: bytes) -> _JobFile:
    if path.suffix == ".json":
        return msgspec.json.decode(content, type=_JobFile)
    return msgspec.convert(tomllib.loads(content.decode()), _JobFile)


def _in_words(error: msgspec.ValidationError) -> str:
    """Such as "Expected `int`, got `str` - at `regions[0].box[3]`"."""
    return str(error).replace("`$.", "`").replace("Object", "Table").replace("object", "table")


def _job(file: _JobFile, path: Path, digest: str) -> Job:
    defects = None
    if file.defects:
        rules = rules_of(file.defects.rules, "defects.rules", DEFECT_QUANTITIES)
        defects = DefectSearch(file.defects.above, file.defects.smallest_area, rules)
    named = [table.labels for table in file.regions if table.labels is not None]
    if not name_of(file.metric):
        named.append(file.metric)
    return Job(
        metric=metric_or_file(file.metric, path.parent),
        factors=file.factors,
        rules=rules_of(file.rules, "rules"),
        regions=tuple(_region(table, path.parent) for table in file.regions),
        defects=defects,
        white=file.colour.white,
        adaptation=file.colour.adaptation,
        space=file.colour.space,
        file={"path": str(path), "sha256": digest},
        files=(str(path), *(str(path.parent / name) for name in named)),
    )


def _region(table: _Region, folder: Path) -> Region:
    labels = file = None
    if table.labels is not None:
        path = folder / table.labels
        labels = open_labels(path)
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        file = {"path": str(path), "sha256": digest}
    return Region(
        name=table.name,
        box=table.box,
        polygon=table.polygon,
        labels=labels,
        value=table.value,
        ignore=table.ignore,
        rules=rules_of(table.rules, f"rules of region {table.name!r}"),
        file=file,
    )
