"""From two images to a verdict."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import reduce
from os import PathLike
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde.images.opening import open_image, refuse_masked
from dde.images.source import Source, in_order, rows_of
from dde.inspection.defects import search_of
from dde.inspection.findings import Findings, Plan
from dde.inspection.job import Job
from dde.inspection.pictures import PictureTaker
from dde.inspection.record import record_of
from dde.inspection.regions import RegionMap, regions_of
from dde.inspection.result import Inspection
from dde.learned import Reference, load_reference
from dde.metrics.table import Metric
from dde.pictures.viewing import Viewing
from dde.registration.alignment import Alignment, alignment_of
from dde.spaces.space import Space
from dde.variation import Variation, variation_of

PIXELS_AT_ONCE = 1 << 22  # what strips of rows are made of, as far as the width allows


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
    align: str | Alignment | None = None,
    variation: Variation | Mapping[str, float] | None = None,
    keep_map: bool = False,
    keep_pictures: bool = False,
    **factors: float,
) -> Inspection:
    """
    Compare a sample with its reference, and judge it.

    The images are read some rows at a time, and the differences are counted as they come: an image
    of any size needs little memory, unless the map is kept.

    Parameters
    ----------
    reference, sample : array_like, path, PIL.Image.Image or zarr.Array
        Two images of one size; see `dde.open_image`. What is fully transparent in
        either of them is not counted.
    metric : str or callable, optional
        As for `dde.delta_e`; ``"CIEDE2000"`` by default.
    tolerances : str, float, sequence of these, or mapping of str to these, optional
        Rules such as ``"p95 <= 2"``, which every region and what none covers must keep; or by the
        name of the region, where ``"elsewhere"`` is what no region covers, and ``"image"`` all of
        an image without regions. They take the place of those of the job: rules without a name of
        all of them, rules by name of those of that region. A number T stands for ``"max <= T"``. A
        rule may limit ``mean``, ``sd``, ``max``, ``median``, any percentile (``p95``, ``p99.9``),
        ``share > T`` (in %), ``dL``, ``dC`` and ``dH`` (the mean ΔL*, ΔC*, ΔH*, with its sign),
        ``|dL|``, ``|dC|`` and ``|dH|`` (without), from above (``<=``) or from below (``>=``); and
        ``not_finite``, the pixels without a finite difference, of which there may be none unless a
        rule says otherwise.
    warnings : as tolerances, optional
        Rules that warn if they are broken, and do not change the verdict.
    regions : mapping of str to shape, or sequence of Region, optional
        Where tolerances differ. A shape is a box (x, y, width, height), a polygon
        [(x, y), ...], or a bool mask (H, W). Later ones lie on top.
    mask : array of bool, shape (H, W), optional
        False for pixels that are not counted.
    defects : float, mapping or DefectSearch, optional
        Look for connected patches of pixels above this difference (8-connected; needs scipy). A
        mapping has ``above``, and perhaps ``smallest_area``, and ``rules`` and ``warnings`` about
        ``count`` and ``area`` (of the largest).
    job : path or Job, optional
        A job file (TOML or JSON), which says all of this; what is given here as well, counts.
    space : Space or str, optional
        What images hold that do not say so themselves: arrays, by default sRGB, and files of
        floating-point samples. A name, such as ``"Display P3"``, or a `Space`, such as a camera.
    order : {"RGB", "BGR"}, optional
        The order of the channels of sRGB arrays; OpenCV's is BGR. Files have an order of their own.
    white : str or array_like, optional
        The white under which colours are compared, and which XYZ and Lab are relative to; D65 by
        default. sRGB images are adapted to it.
    viewing, shift, edges : optional
        From where the images are seen, how far a thing may be displaced, and how much of the
        reference's gradient is forgiven: see `dde.delta_e_map`. The map is what is left.
    align : str or Alignment, optional
        Lay the sample on the reference first, by a motion that `dde.register` knows:
        ``"translation"``, ``"euclidean"``, ``"affine"`` or ``"homography"``. What the sample does
        not cover then is not counted, the sizes may differ, and places are the reference's. Needs
        the extra ``align``.
    variation : mapping or Variation, optional
        How a frame is judged by a reference that `dde.learn_reference` made, which may be given as
        itself or as its file: ``limit``, ``factor``, and perhaps ``lighter`` and ``darker``, of
        `dde.Variation`. Differences are then shares of each pixel's limit, and 1 is at the limit.
    keep_map : bool, optional
        Keep the map of the differences.
    keep_pictures : bool, optional
        Keep small pictures, for a report.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Returns
    -------
    Inspection
        Verdict, reasons, warnings, notes, statistics by region, defects and a record.

    Raises
    ------
    TypeError
        If an argument is of a wrong type.
    RegistrationError
        If the sample cannot be laid on the reference: it is a ValueError too, that says why.
    ValueError
        If the images differ in size or cannot be read; if a region is empty, covered or not inside
        the image; if tolerances, a job file, a metric, an order or a white is none that is
        accepted; if no pixel is left to count, or none that a rule is about.
    MissingPackageError
        If a package of the extra ``cli`` is needed and missing: for files, and for defects.

    Notes
    -----
    Sums are in float64. Percentiles are from a histogram that ends at 256, to 1/256; those
    of 256 and more are given as the maximum. Rules about them are judged exactly, by how many
    pixels are above the limit. Differences are float32, and are compared with
    limits rounded to float32.

    Where a rule is broken or a defect is found, ``notes`` say whether the sample seems
    shifted, by up to 7 pixels: see ``dde.inspection.shift``.

    Examples
    --------
    >>> import dde, numpy as np
    >>> reference = np.full((40, 60, 3), 128, dtype=np.uint8)
    >>> sample = reference.copy()
    >>> sample[5:8, 10:14] = 150
    >>> found = dde.inspect(reference, sample, tolerances="p95 <= 2 and max <= 6")
    >>> found.passed, found.reasons
    (False, ('image: max is 7.71, above 6',))
    >>> found.overall.maximum_x, found.overall.maximum_y
    (10, 5)
    """
    seen: dict[str, Any] = {
        "viewing": viewing,
        "shift": shift,
        "edges": edges,
        "alignment": alignment_of(align),
    }
    seen["variation"] = variation_of(variation)
    if isinstance(sample, Reference):
        raise TypeError("sample must be an image; a learned reference is given as the reference")
    learned = learned_reference(reference)
    if learned:
        reference = learned.source()
    job = job_of(job, metric, factors, tolerances, warnings, regions, defects, white, space, seen)
    sources = in_order(
        (_source(reference, "reference", job), _source(sample, "sample", job)), order
    )
    if job.alignment:
        from dde.registration.registering import aligned  # takes long to import

        sources = sources[0], aligned(sources[1], sources[0], job.alignment)
    plan = with_spread(plan_of(job, sources, mask), learned)
    return _inspected(plan, sources, mask, keep_map, keep_pictures)


def _inspected(
    plan: Plan, sources: tuple[Source, Source], mask: Any, keep_map: bool, keep_pictures: bool
) -> Inspection:
    """What is found strip by strip."""
    job, shape = plan.job, plan.shape
    findings = Findings(plan)
    pictures = PictureTaker(shape) if keep_pictures else None
    map = np.empty(shape, dtype=np.float32) if keep_map else None
    margin, needs_map = plan.comparison.margin, plan.needs_map
    for start, stop in strips(shape):
        first, end = max(start - margin, 0), min(stop + margin, shape[0])
        colours = sources[0].read(first, end), sources[1].read(first, end)
        out = map[start:stop] if map is not None else None
        if out is None and (job.defects or pictures or needs_map):
            out = np.empty((stop - start, shape[1]), dtype=np.float32)
        margins = start - first, end - stop
        with _naming_files(sources):
            shown = counted(sources, mask, start, stop)
            labels = findings.add(start, colours, shown, out, margins)
        if pictures and out is not None:
            own = slice(start - first, stop - first)
            pictures.add(start, colours[0][own], colours[1][own], out, labels)
    return findings.inspection(
        record_of(job, *sources, mask is not None),
        map,
        pictures.pictures(plan.spaces, job.white, plan.spread) if pictures else None,
    )


def learned_reference(reference: Any) -> Reference | None:
    """The learned reference that an argument is, or the file of one."""
    if isinstance(reference, Reference):
        return reference
    if isinstance(reference, (str, PathLike)) and str(reference).lower().endswith(".npz"):
        return load_reference(reference)
    return None


def with_spread(plan: Plan, learned: Reference | None) -> Plan:
    """The plan for a reference that perhaps knows how it varies."""
    job = with_variation(plan.job, learned)
    return replace(plan, job=job, spread=learned.spread) if learned else plan


def with_variation(job: Job, learned: Reference | None) -> Job:
    """
    The job for a reference that perhaps knows how it varies.

    Raises
    ------
    ValueError
        If it says how a frame varies and the reference does not know, or knows it under a white
        that is not the job's; if the metric is on another scale than its limits.
    """
    if learned is None:
        if job.variation:
            raise ValueError("variation needs a reference that dde.learn_reference made")
        return job
    learned.check(job.white, job.adaptation)
    return replace(job, variation=job.variation or Variation())


def opened(reference: Any, job: Job) -> Source | Reference:
    """A reference that many samples are compared with, read once."""
    return learned_reference(reference) or _source(reference, "reference", job)


def _source(image: Any, name: str, job: Job) -> Source:
    if isinstance(image, Source):
        return image
    return open_image(image, name=name, space=job.space, white=job.white)


@contextmanager
def _naming_files(sources: tuple[Source, Source]) -> Iterator[None]:
    """What is wrong with the colours of an image is said of its file, where it is from one."""
    try:
        yield
    except ValueError as error:
        sentence = str(error)
        for name, source in zip(("reference", "sample"), sources, strict=True):
            if "path" in source.provenance and sentence.startswith(f"{name} is "):
                sentence = f"{name} {source.provenance['path']}{sentence.removeprefix(name)}"
                raise ValueError(sentence) from None
        raise


def job_given(given: Job | str | PathLike[str] | None) -> Job:
    """A job, of its file where it is one."""
    if given is None:
        return Job()
    if isinstance(given, Job):
        return given
    if not isinstance(given, (str, PathLike)):
        raise TypeError(f"job must be a Job or the path of a job file, not {type(given).__name__}")
    from dde.inspection.job_file import read_job  # needs the packages of the extra "cli"

    return read_job(given)


def job_of(
    given: Job | str | PathLike[str] | None,
    metric: Metric | None,
    factors: dict[str, float],
    tolerances: Any,
    warnings: Any,
    regions: Any,
    defects: Any,
    white: Any,
    space: Space | str | None,
    seen: Mapping[str, Any] | None = None,
) -> Job:
    """The job as given, with what is given beside it put in its place."""
    job = job_given(given)
    if metric is not None:
        job = replace(job, metric=metric, factors=factors)
    elif factors:
        job = replace(job, factors=factors)
    if regions is not None:
        job = replace(job, regions=regions_of(regions))
    if defects is not None:
        job = replace(job, defects=search_of(defects))
    if white is not None:
        job = replace(job, white=white)
    if space is not None:
        job = replace(job, space=space)
    job = replace(job, **{key: value for key, value in (seen or {}).items() if value is not None})
    if tolerances is not None:
        job = job.with_tolerances(tolerances)
    return job if warnings is None else job.with_warnings(warnings)


def plan_of(job: Job, sources: tuple[Source, Source], mask: Any) -> Plan:
    """The plan of a job for these images, once they, the mask and the regions fit each other."""
    shape = _shape_of(*sources)
    _check_mask(mask, shape)
    spaces = sources[0].space, sources[1].space
    return Plan(job, RegionMap(job.regions, shape), shape, spaces)


def _shape_of(reference: Source, sample: Source) -> tuple[int, int]:
    if reference.shape != sample.shape:
        (height1, width1), (height2, width2) = reference.shape, sample.shape
        raise ValueError(
            f"reference and sample must be of one size; the reference is {width1} x {height1} "
            f"pixels, the sample {width2} x {height2}"
        )
    return reference.shape


def _check_mask(mask: Any, shape: tuple[int, int]) -> None:
    if mask is None:
        return
    refuse_masked(mask, "mask")
    if getattr(mask, "dtype", None) != np.bool_:
        raise TypeError("mask must be an array of bool, True for the pixels that are counted")
    if tuple(mask.shape) != shape:
        raise ValueError(
            f"mask must have the shape of the images, {shape}; its shape is {tuple(mask.shape)}"
        )


def strips(shape: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Strips of whole rows, which depend on nothing but the size of the image: so do the sums."""
    height, width = shape
    rows = max(1, PIXELS_AT_ONCE // width)
    return ((start, min(start + rows, height)) for start in range(0, height, rows))


def counted(sources: tuple[Source, Source], mask: Any, start: int, stop: int) -> np.ndarray | None:
    """What is counted of some rows: where all masks are True. None where there is no mask."""
    masks = [source.read_mask(start, stop) for source in sources if source.read_mask]
    if mask is not None:
        masks.append(rows_of(mask, start, stop))
    return reduce(np.logical_and, masks) if masks else None
