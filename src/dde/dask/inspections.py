"""Inspections of dask arrays: parts of them that are joined."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from os import PathLike
from typing import Any

import dask
import dask.array as da
import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.dask.chunks import block, dask_array, margins_of, with_margins
from dde.images.opening import open_image
from dde.images.source import Source, in_order
from dde.inspection.findings import Findings, Plan
from dde.inspection.inspecting import counted, job_of, plan_of, strips
from dde.inspection.job import Job
from dde.inspection.record import record_of
from dde.inspection.result import Inspection
from dde.metrics.table import Metric
from dde.pictures.viewing import Viewing
from dde.spaces.space import Space
from dde.threads import num_threads
from dde.version import __version__

JOINED_AT_ONCE = 8


def inspect(
    reference: Any,
    sample: Any,
    *,
    metric: Metric | None = None,
    tolerances: Any = None,
    warnings: Any = None,
    regions: Any = None,
    mask: Any = None,
    defects: Any = None,
    job: Job | str | PathLike[str] | None = None,
    space: Space | str | None = None,
    order: str = "RGB",
    white: str | ArrayLike | None = None,
    viewing: float | Viewing | None = None,
    shift: int | None = None,
    edges: float | None = None,
    **factors: float,
) -> Inspection:
    """
    Compare a sample with its reference, and judge it, as `dde.inspect` does.

    It is computed at once, in one pass over the images: each strip of rows is a task, and what the
    strips have found is joined in a tree. No machine holds more of the images than the strips that
    it is working on, and the chunks that these are cut from.

    Parameters
    ----------
    reference, sample : dask.array.Array, shape (H, W, 3)
        Two images of one size, in chunks of any size; also grey or with alpha, see
        `dde.open_image`. One may be another kind of array. Strips are rows of whole
        chunks of the reference, chunks of more than 4 million pixels cut into several; columns
        that lie in several chunks are brought together. So chunks of whole rows,
        ``(rows, -1, -1)``, are the fastest.
    metric, tolerances, warnings, regions, defects, job, space, order, white, **factors
        As for `dde.inspect`. Regions may be dask arrays.
    viewing, shift, edges
        As for `dde.inspect`. Each strip is given the rows above and below it that it sees.
    mask : array of bool, shape (H, W), optional
        False for pixels that are not counted; perhaps a dask array.

    Returns
    -------
    Inspection
        Neither map nor pictures are kept; `delta_e_map` makes a map.

    Raises
    ------
    TypeError, ValueError, ModuleNotFoundError
        As from `dde.inspect`.

    Notes
    -----
    Whole numbers (counts, the histogram and the percentiles from it), the largest difference and
    its place, and the areas and boxes of defects are those of `dde.inspect` to the last bit, means
    and standard deviations to 1e-12 of the quantities that are summed. They depend neither on the
    number of workers nor on which is done first: strips are joined in their order in the image.

    A task that was lost with its worker is done again by another, as dask does it.

    In the record, ``sha256_of_rows`` of each image is the SHA-256 of the SHA-256s of its rows,
    ``sha256(b"".join(sha256(row.tobytes()).digest() for row in image))`` with numbers in
    little-endian order: whoever has the image can verify it, in whatever chunks. ``machine`` is
    the one that asked; ``dask`` says what the workers had.

    Examples
    --------
    >>> import dask.array as da, dde.dask
    >>> reference = da.full((4000, 600, 3), 128, chunks=(1000, 300, 3), dtype="uint8")
    >>> sample = reference.copy()
    >>> sample[998:1003, 10:14] = 150
    >>> found = dde.dask.inspect(reference, sample, defects={"above": 2, "rules": "area <= 9"})
    >>> found.reasons
    ('defects: area is 20, above 9',)
    """
    pair = (dask_array(reference, "reference"), dask_array(sample, "sample"))
    seen = {"viewing": viewing, "shift": shift, "edges": edges}
    job = job_of(job, metric, factors, tolerances, warnings, regions, defects, white, space, seen)
    if job.alignment or job.variation:
        raise ValueError(
            "dask inspections are without alignment and variation, which dde.inspect has"
        )
    sources = _sources(pair, (job.space, job.space), order)
    parts = _parts(plan_of(job, sources, mask), pair, mask, order)
    found: _Part = _tree(parts).compute()
    hashed = map(_hashed, sources, found.hashes_of_rows)
    record = record_of(job, next(hashed), next(hashed), mask is not None)
    workers = [{"dde": dde, "instruction_set": isa} for dde, isa in sorted(found.workers)]
    record["dask"] = {"version": dask.__version__, "strips": len(parts), "workers": workers}
    return found.findings.inspection(record, None, None)


def _sources(
    pair: tuple[Any, Any], spaces: tuple[Space | str | None, Space | str | None], order: str
) -> tuple[Source, Source]:
    reference, sample = (
        open_image(image, name=name, space=space)
        for image, name, space in zip(pair, ("reference", "sample"), spaces, strict=True)
    )
    return in_order((reference, sample), order)


@dataclass(frozen=True)
class _Rows:
    """Some rows of an image, under the numbers that they have there."""

    first: int
    rows: np.ndarray

    @property
    def shape(self) -> tuple[int, ...]:
        return (self.first + len(self.rows), *self.rows.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.rows.dtype

    def __getitem__(self, wanted: slice) -> np.ndarray:
        return self.rows[wanted.start - self.first : wanted.stop - self.first]


@dataclass(frozen=True)
class _Part:
    """What came of a strip of rows, or of several neighbouring ones."""

    findings: Findings
    hashes_of_rows: tuple[bytes, bytes]  # of the reference and the sample, 32 bytes for each row
    workers: frozenset[tuple[str, str]]


def _parts(plan: Plan, pair: tuple[da.Array, da.Array], mask: Any, order: str) -> list[Any]:
    """The parts of the strips in order, delayed."""
    width = plan.shape[1]
    rows = [stop - start for chunk in pair[0].chunks[0] for start, stop in strips((chunk, width))]
    label_images = [r.labels for r in plan.regions.regions if r.labels is not None]
    arrays = [*pair, *([] if mask is None else [mask]), *label_images]
    blocks = []
    margin = plan.comparison.margin
    for number, array in enumerate(map(da.asarray, arrays)):
        chunks = (tuple(rows), *((side,) for side in array.shape[1:]))
        whole = array.rechunk(chunks, method="tasks")
        blocks += [with_margins(whole, rows, margin if number < 2 else 0, 0), range(array.ndim)]
    # A plan is sent to each worker once, so without the label images.
    regions = plan.regions.with_images(_Rows(0, np.empty((0, width))) for _ in label_images)
    light = replace(plan, regions=regions, job=replace(plan.job, regions=regions.regions))
    parts = da.blockwise(
        _part,
        [0],
        da.from_array(np.cumsum([0, *rows[:-1]]), chunks=1),
        [0],
        margins_of(rows, margin),
        [0],
        *blocks,
        plan=dask.delayed(light, traverse=False),
        masked=mask is not None,
        order=order,
        dtype=object,
        meta=np.empty(0, dtype=object),
        align_arrays=False,
    )
    return list(parts.to_delayed())


def _part(
    first_row: Any,
    margins: Any,
    reference: Any,
    sample: Any,
    *others: Any,
    plan: Plan,
    masked: bool,
    order: str,
) -> _Part:
    """The part of a strip, given with its margins; `others` are its rows of the mask, if masked,
    and of label images."""
    start = int(first_row[0])
    above, rows = margins[0]
    own = slice(above, above + rows)
    pair = block(reference), block(sample)
    more = [block(other) for other in others]
    below = len(pair[0]) - own.stop
    mask = np.pad(more.pop(0), ((above, below), (0, 0))) if masked else None
    sources = _sources(pair, plan.spaces, order)
    regions = plan.regions.with_images(_Rows(start, labels) for labels in more)
    findings = Findings(replace(plan, regions=regions))
    needs_map = plan.job.defects or plan.needs_map
    out = np.empty((rows, plan.shape[1]), dtype=np.float32) if needs_map else None
    colours = sources[0].read(0, len(pair[0])), sources[1].read(0, len(pair[1]))
    with num_threads(1):
        shown = counted(sources, mask, own.start, own.stop)
        findings.add(start, colours, shown, out, (above, below))
    findings.plan = plan  # which is smaller to send
    worker = (__version__, _core.instruction_set)
    hashes = _hashes(pair[0][own]), _hashes(pair[1][own])
    return _Part(findings, hashes, frozenset([worker]))


def _tree(parts: Sequence[Any]) -> Any:
    """The part of the whole image, delayed."""
    while len(parts) > 1:
        parts = [
            dask.delayed(_joined)(parts[n : n + JOINED_AT_ONCE])
            for n in range(0, len(parts), JOINED_AT_ONCE)
        ]
    return parts[0]


def _joined(parts: list[_Part]) -> _Part:
    """Neighbouring parts as one. They themselves stay as they are: dask may need them again."""
    findings = Findings(parts[0].findings.plan)
    for part in parts:
        findings.join(part.findings)
    references, samples = zip(*(part.hashes_of_rows for part in parts), strict=True)
    hashes = b"".join(references), b"".join(samples)
    return _Part(findings, hashes, frozenset.union(*(part.workers for part in parts)))


def _hashes(rows: np.ndarray) -> bytes:
    little = np.ascontiguousarray(rows, dtype=rows.dtype.newbyteorder("<"))
    return b"".join(hashlib.sha256(row.data).digest() for row in little.reshape(len(rows), -1))


def _hashed(source: Source, hashes: bytes) -> Source:
    """The source with what its record says of a dask array."""
    digest = hashlib.sha256(hashes).hexdigest()
    more = {"format": "dask array", "sha256_of_rows": digest}
    return replace(source, provenance={**source.provenance, **more})
