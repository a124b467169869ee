"""Job files: jobs in TOML or JSON."""

import hashlib
import json
import tomllib
from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Annotated, Any

from dde.cameras.camera import Camera
from dde.errors import JobFileError
from dde.extras import asking_for
from dde.host import pass_on
from dde.images.labels import open_labels
from dde.inspection.defects import DefectSearch
from dde.inspection.job import Job
from dde.inspection.regions import Region
from dde.inspection.rules import rules_of
from dde.metrics.table import metric_or_file, name_of
from dde.pictures.viewing import Viewing
from dde.reading import MEGABYTE, path_of, read_whole, sha256_of
from dde.registration.alignment import LEAST_CORRELATION, Alignment
from dde.spaces.space import Space
from dde.variation import Variation

with asking_for("cli", "a job file"):
    from msgspec import Meta, Struct, ValidationError, convert, field
    from msgspec.json import decode
    from msgspec.structs import asdict

LARGEST = 16 * MEGABYTE  # of a job file

Rules = str | float | list[str | float]


class _Table(Struct, forbid_unknown_fields=True):
    """A table of a job file; msgspec checks types, and refuses keys that are not here."""


class _Region(_Table):
    name: str
    box: tuple[int, int, int, int] | None = None
    polygon: Annotated[list[tuple[float, float]], Meta(min_length=3)] | None = None
    labels: str | None = None
    value: int = 1
    ignore: bool = False
    rules: Rules | None = None
    warnings: Rules | None = None


class _Defects(_Table):
    above: float
    smallest_area: int = 1
    rules: Rules = field(default_factory=list)
    warnings: Rules = field(default_factory=list)


class _Colour(_Table):
    white: str | tuple[float, float, float] = "D65"
    adaptation: str = "Bradford"
    space: str | None = None


class _Camera(_Table):
    file: str


class _Viewing(_Table):
    pixels_per_degree: float | None = None
    distance: float | None = None
    pitch: float | None = None
    dpi: float | None = None


class _Tolerance(_Table):
    shift: int = 0
    edges: float = 0


class _Alignment(_Table):
    motion: str = "affine"
    largest: float | None = None
    least_correlation: float = LEAST_CORRELATION


class _Variation(_Table):
    limit: float = 3.0
    factor: float = 4.0
    lighter: float | None = None
    darker: float | None = None


class _JobFile(_Table):
    metric: str = "CIEDE2000"
    factors: dict[str, float] = field(default_factory=dict)
    rules: Rules = field(default_factory=list)
    warnings: Rules = field(default_factory=list)
    regions: list[_Region] = field(default_factory=list)
    defects: _Defects | None = None
    colour: _Colour = field(default_factory=_Colour)
    camera: _Camera | None = None
    viewing: _Viewing | None = None
    tolerance: _Tolerance = field(default_factory=_Tolerance)
    alignment: _Alignment | None = None
    variation: _Variation | None = None


def read_job(path: str | PathLike[str], *, root: str | PathLike[str] | None = None) -> Job:
    """
    The job that a file describes; ``docs/reference/jobs.md`` explains every key.

    Parameters
    ----------
    path : str or path
        A TOML file, or a JSON file of the same keys, whose name ends in ``.json``. Files that it
        names (label images, a model) are looked for beside it.
    root : str or path, optional
        A folder that all files that the job names must lie in, links followed: for jobs of somebody
        who may not read everything that this process may. By default they may lie anywhere.

    Raises
    ------
    JobFileError
        If it cannot be read, is no regular file or larger than 16 MB, has a key that is unknown or
        given twice or a value that is not accepted, or names a file outside `root`.

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
    path = path_of(path, "job")
    try:
        content = read_whole(path, LARGEST)
    except (OSError, ValueError) as error:
        pass_on(error)
        reason = getattr(error, "strerror", None) or error
        raise JobFileError(f"{path} cannot be read: {reason}") from error
    try:
        file = {"path": str(path), "sha256": hashlib.sha256(content).hexdigest()}
        return _job(_parsed(path, content), file, Folder(path.parent, root))
    except ValidationError as error:
        raise JobFileError(f"{path}: {_in_words(error)}") from error
    except RecursionError as error:
        raise JobFileError(f"{path}: it is nested too deeply") from error
    except OSError as error:
        pass_on(error)
        reason = f"{error.filename} cannot be read ({error.strerror})" if error.filename else error
        raise JobFileError(f"{path}: {reason}") from error
    except (ValueError, TypeError) as error:
        pass_on(error)
        raise JobFileError(f"{path}: {error}") from error


def _parsed(path: Path, content: bytes) -> _JobFile:
    if path.suffix == ".json":
        table = decode(content, type=_JobFile)
        json.loads(content, object_pairs_hook=_refuse_twice)  # msgspec takes the last one
        return table
    try:
        text = content.decode()
    except UnicodeDecodeError:
        raise ValueError("it is no text in UTF-8, as TOML is") from None
    return convert(tomllib.loads(text), _JobFile)


def _refuse_twice(pairs: list[tuple[str, Any]]) -> None:
    keys = set()
    for key, _ in pairs:
        if key in keys:
            raise ValueError(f"the key {key!r} is given twice")
        keys.add(key)


def _in_words(error: ValidationError) -> str:
    """Such as "Expected `int`, got `str` - at `regions[0].box[3]`"."""
    return str(error).replace("`$.", "`").replace("Object", "Table").replace("object", "table")


@dataclass(frozen=True)
class Folder:
    """The folder of a job file, and perhaps one that all files that it names must lie in."""

    path: Path
    root: str | PathLike[str] | None

    def file(self, name: str) -> Path:
        """The path of a file that the job names."""
        path = self.path / name
        if self.root is not None and not path.resolve().is_relative_to(Path(self.root).resolve()):
            raise ValueError(f"{name!r} does not lie in the folder that files may be named in")
        return path


def _job(table: _JobFile, file: dict[str, str], folder: Folder) -> Job:
    defects = None
    if table.defects:
        rules, warnings = (
            rules_of(given, f"defects.{name}", about_defects=True)
            for name, given in [
                ("rules", table.defects.rules),
                ("warnings", table.defects.warnings),
            ]
        )
        defects = DefectSearch(table.defects.above, table.defects.smallest_area, rules, warnings)
    named = [folder.file(region.labels) for region in table.regions if region.labels is not None]
    if not name_of(table.metric):
        named.append(folder.file(table.metric))
    if table.camera is not None:
        named.append(folder.file(table.camera.file))
    return Job(
        metric=metric_or_file(table.metric, folder.path),
        factors=table.factors,
        rules=rules_of(table.rules, "rules"),
        warnings=rules_of(table.warnings, "warnings"),
        regions=tuple(_region(region, folder) for region in table.regions),
        defects=defects,
        white=table.colour.white,
        adaptation=table.colour.adaptation,
        space=_space(table, folder),
        viewing=_viewing(table.viewing) if table.viewing else None,
        shift=table.tolerance.shift,
        edges=table.tolerance.edges,
        alignment=Alignment(**asdict(table.alignment)) if table.alignment else None,
        variation=Variation(**asdict(table.variation)) if table.variation else None,
        file=file,
        files=(file["path"], *map(str, named)),
    )


def _space(table: _JobFile, folder: Folder) -> Space | str | None:
    """That of the colours, or the camera that is named in its place."""
    if table.camera is None:
        return table.colour.space
    if table.colour.space is not None:
        raise ValueError("colour.space and camera exclude each other; give one of them")
    return Camera.load(folder.file(table.camera.file))


def _viewing(table: _Viewing) -> float | Viewing:
    given = {name for name, value in asdict(table).items() if value is not None}
    if table.pixels_per_degree is not None and given == {"pixels_per_degree"}:
        return table.pixels_per_degree
    if table.distance is not None and table.pitch is not None and given == {"distance", "pitch"}:
        return Viewing(table.distance, table.pitch)
    if table.distance is not None and table.dpi is not None and given == {"distance", "dpi"}:
        return Viewing.from_dpi(table.dpi, distance=table.distance)
    raise ValueError(
        "viewing must give pixels_per_degree, or distance (mm) with pitch (mm) or dpi; it gives "
        f"{', '.join(sorted(given)) or 'nothing'}"
    )


def _region(table: _Region, folder: Folder) -> Region:
    labels = file = None
    if table.labels is not None:
        path = folder.file(table.labels)
        labels = open_labels(path)
        file = {"path": str(path), "sha256": sha256_of(path)}
    rules, warnings = (
        None if given is None else rules_of(given, f"{kind} of region {table.name!r}")
        for kind, given in [("rules", table.rules), ("warnings", table.warnings)]
    )
    return Region(
        name=table.name,
        box=table.box,
        polygon=table.polygon,
        labels=labels,
        value=table.value,
        ignore=table.ignore,
        rules=rules,
        warnings=warnings,
        file=file,
    )
