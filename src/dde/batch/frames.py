"""One frame of a batch, in a worker process: inspected, and its record written at once."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import chain
from numbers import Real
from pathlib import Path
from typing import Any

import dde
from dde.errors import MissingPackageError, OutputError
from dde.images.source import Source
from dde.inspection.inspecting import opened, with_variation
from dde.inspection.job import Job
from dde.inspection.record import record_of
from dde.learned import Reference
from dde.reading import read_whole, sha256_of
from dde.report import write_report
from dde.report.data import as_json
from dde.report.document import VERDICTS
from dde.spaces.space import Space
from dde.writing import in_unicode, replacing

UNREADABLE = "unreadable"
MAY_DIFFER = ("sample", "time", "machine")  # in a record, when a batch goes on
FIGURES = (
    "count",
    "not_finite",
    "mean",
    "standard_deviation",
    "median",
    "percentile_90",
    "percentile_95",
    "percentile_99",
    "maximum",
    "maximum_x",
    "maximum_y",
    "mean_delta_L",
    "mean_delta_C",
    "mean_delta_H",
)


@dataclass(frozen=True)
class Frame:
    """
    A pair of files.

    Attributes
    ----------
    name : str
        Of its record, ``NAME.json``; no other frame of the batch has it.
    reference, sample : pathlib.Path
        Image files or zarr arrays; the reference perhaps a file of a learned one.
    """

    name: str
    reference: Path
    sample: Path


@dataclass(frozen=True)
class FrameResult:
    """
    What became of a frame.

    Attributes
    ----------
    frame : Frame
    verdict : {"pass", "fail", "not judged", "unreadable"}
    reasons : str
        Why it failed, or could not be read; empty otherwise.
    figures : mapping of str to float
        By the names of the columns of the summary, such as ``mean``, ``percentile_95`` and
        ``share_above_2.0``; empty where it could not be read.
    resumed : bool
        Whether an earlier run had inspected it.
    scale : str
        What the differences are told in, such as ``"ΔE"``.
    """

    frame: Frame
    verdict: str
    reasons: str
    figures: Mapping[str, float | None] = field(default_factory=dict)
    resumed: bool = False
    scale: str = ""

    def row(self) -> dict[str, Any]:
        """The line of the frame in the summary."""
        return {
            "frame": self.frame.name,
            "verdict": self.verdict,
            "reasons": self.reasons,
            "reference": str(self.frame.reference),
            "sample": str(self.frame.sample),
            "scale": self.scale,
            **self.figures,
        }


@dataclass(frozen=True)
class Settings:
    """What all frames of a batch share; it is sent to the worker processes."""

    job: Job
    records: Path
    reports: bool
    threads: int
    seconds: float
    memory: int

    def record_and_page(self, frame: Frame) -> tuple[Path, Path]:
        """Where the record of a frame is written, and its page."""
        return self.records / f"{frame.name}.json", self.records / f"{frame.name}.html"


def process(settings: Settings, frame: Frame) -> FrameResult:
    """
    What becomes of a frame; its record is on the disk when this returns.

    A frame whose record is there already, of the same images by the same settings, is not
    inspected again.

    Raises
    ------
    OutputError
        If the record cannot be written.
    """
    path, page = settings.record_and_page(frame)
    job = settings.job
    try:
        reference = _reference(frame.reference, job.space, job.white)
        before = _found_before(path, _record(job, reference), frame)
        if before and not (settings.reports and before.verdict == "fail" and not page.exists()):
            return before
        inspection = dde.inspect(reference, frame.sample, job=job, keep_pictures=settings.reports)
    except MemoryError:
        return unreadable(settings, frame, f"it needs more than {settings.memory / 1e9:.3g} GB")
    except (ValueError, OSError, MissingPackageError) as error:
        return unreadable(settings, frame, str(error))
    document = inspection.document()
    with _writing():
        if settings.reports and inspection.passed is False:
            write_report(document, page)
        else:
            page.unlink(missing_ok=True)
        with replacing(path) as file:
            file.write(as_json(document).encode())
    return _result(frame, document.found)


def unreadable(settings: Settings, frame: Frame, error: str) -> FrameResult:
    """What becomes of a frame that cannot be read; what an earlier run left of it is removed."""
    with _writing():
        for path in settings.record_and_page(frame):
            path.unlink(missing_ok=True)
    return FrameResult(frame, UNREADABLE, " ".join(error.splitlines()))


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise OutputError(error.strerror or str(error)) from None


def _found_before(path: Path, record: dict[str, Any], frame: Frame) -> FrameResult | None:
    """
    What an earlier run found, if the same sample would now be inspected in the same way.

    `record` is as from `_record`.
    """
    now = json.loads(json.dumps(in_unicode(record)))
    try:
        found: dict[str, Any] = json.loads(read_whole(path))
        then = found["record"]
        same = all(then[key] == now[key] for key in now if key not in MAY_DIFFER)
        digest = then["sample"]["sha256"]
        agrees = _agrees_with_itself(found)
        result = _result(frame, found, resumed=True)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None  # there is none, or it is not one of ours
    return result if same and agrees and digest == sha256_of(frame.sample) else None


def _agrees_with_itself(found: dict[str, Any]) -> bool:
    """Whether the verdicts of a record and its reasons are those of its judgements."""
    parts = [(region["passed"], region["judgements"]) for region in found["regions"]]
    judgements = [*chain(*(judged for _, judged in parts)), *found["defect_judgements"]]
    binding = [judgement for judgement in judgements if not judgement["warns"]]
    return (
        all(passed is _verdict(judged) for passed, judged in parts)
        and found["passed"] is _verdict(judgements)
        and len(found["reasons"]) == sum(not judgement["passed"] for judgement in binding)
        and all(judgement["passed"] is (judgement["reason"] is None) for judgement in judgements)
    )


def _verdict(judgements: Sequence[dict[str, Any]]) -> bool | None:
    """Whether all rules are kept but those that only warn; None where there are no others."""
    binding = [judgement["passed"] for judgement in judgements if not judgement["warns"]]
    return all(binding) if binding else None


@lru_cache(maxsize=1)  # of many frames it is the same
def _reference(
    path: Path, space: Space | str | None, white: str | tuple[float, ...]
) -> Source | Reference:
    return opened(path, Job(space=space, white=white))


def _record(job: Job, reference: Source | Reference) -> dict[str, Any]:
    """That of any inspection of today, but for its sample."""
    learned = reference if isinstance(reference, Reference) else None
    source = reference.source() if isinstance(reference, Reference) else reference
    return record_of(with_variation(job, learned), source, source, False)


def _result(frame: Frame, found: dict[str, Any], resumed: bool = False) -> FrameResult:
    statistics = found["overall"]
    figures = {
        **{name: statistics[name] for name in FIGURES},
        **{f"share_above_{t}": share for t, share in statistics["share_above"].items()},
        "defect_count": found["defect_count"],
    }
    for name, figure in figures.items():
        if not (figure is None or isinstance(figure, Real)):
            raise TypeError(f"{name} is no number")
    reasons = "; ".join(found["reasons"])
    scale = str(found["scale"]["name"])
    return FrameResult(frame, VERDICTS[found["passed"]], reasons, figures, resumed, scale)
