"""Two tables of patches, compared patch by patch."""

from dataclasses import dataclass
from os import PathLike

import numpy as np

import dde
from dde.cgats import PatchTable, read_table
from dde.images.source import LAB, Source
from dde.inspection import Inspection
from dde.inspection.job import Job
from dde.inspection.rules import as_kernels_have, rules_of


@dataclass(frozen=True)
class ComparedPatches:
    """
    The patches of two tables, compared.

    Attributes
    ----------
    names : tuple of str
        In the order of the reference.
    differences : numpy.ndarray, shape (N, 4)
        ΔE, ΔL*, ΔC*ab and ΔH*ab of each, sample minus reference.
    limit : float or None
        The largest ΔE that the rules allow to a patch, in float32 as the differences are; None
        where no rule says so, or where regions have rules of their own.
    inspection : Inspection
        Of the patches as an image of one row.
    """

    names: tuple[str, ...]
    differences: np.ndarray
    limit: float | None
    inspection: Inspection


def compare_patches(
    reference: str | PathLike[str] | PatchTable,
    sample: str | PathLike[str] | PatchTable,
    *,
    job: Job | str | PathLike[str] | None = None,
) -> ComparedPatches:
    """
    Compare the patches of the same name, and judge them.

    Parameters
    ----------
    reference, sample : path or PatchTable
        Two tables of the same patches, in any order; a path names a CGATS file. Those of two files
        are paired by ``SAMPLE_NAME`` where that names each patch once in both, else by
        ``SAMPLE_ID`` likewise; by their rows only where neither file has these.
    job : path or Job, optional
        As for `dde.inspect`. A patch counts as a pixel of an image of one row, in the order of the
        reference.

    Returns
    -------
    ComparedPatches

    Raises
    ------
    OSError
        If a file cannot be opened.
    TableFileError
        If a file is no such table, or is damaged.
    ValueError
        If the tables do not have the same patches, or not named by the same column, or the job is
        none.

    Examples
    --------
    >>> lab = np.array([[50.0, 10, -20], [80, 0, 5]])
    >>> reference = PatchTable(("blue", "grey"), lab)
    >>> sample = PatchTable(("grey", "blue"), lab[::-1] + [1, 0, 0])
    >>> compared = compare_patches(reference, sample)
    >>> compared.names, compared.differences.round(2).tolist()
    (('blue', 'grey'), [[1.0, 1.0, 0.0, 0.0], [0.69, 1.0, 0.0, 0.0]])
    """
    first, second = _table(reference, "reference"), _table(sample, "sample")
    names, others = _named_alike(first, second)
    order = _matched(names, others)
    lab1, lab2 = first.lab, second.lab[order]
    inspection = dde.inspect(
        _source(first, lab1), _source(second, lab2), job=job, keep_map=True, keep_pictures=True
    )
    assert inspection.map is not None
    differences = np.column_stack([inspection.map[0], *_components(lab1, lab2)])
    return ComparedPatches(names, differences, _limit(inspection), inspection)


def _table(given: str | PathLike[str] | PatchTable, name: str) -> PatchTable:
    return given if isinstance(given, PatchTable) else read_table(given, name)


def _named_alike(first: PatchTable, second: PatchTable) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names by which the patches of two tables are paired: of two files, by one column."""
    if not (first.columns and second.columns):
        return first.names, second.names
    for title in first.columns:
        if title in second.columns:
            return first.columns[title], second.columns[title]
    columns = (" and ".join(table.columns) for table in (first, second))
    raise ValueError(
        "reference and sample must name each patch once in the same column; reference names them "
        "by {}, sample by {}".format(*columns)
    )


def _matched(names: tuple[str, ...], others: tuple[str, ...]) -> list[int]:
    """Where each name is among the others."""
    odd = sorted(set(names) ^ set(others))
    if odd:
        raise ValueError(
            "reference and sample must have the same patches; only one of them has "
            + ", ".join(odd[:5])
        )
    places = {name: place for place, name in enumerate(others)}
    return [places[name] for name in names]


def _source(table: PatchTable, lab: np.ndarray) -> Source:
    return Source(
        shape=(1, len(lab)),
        space=LAB,
        read=lambda start, stop: lab[None][start:stop],
        read_mask=None,
        provenance={"width": len(lab), "height": 1, **table.provenance},
    )


def _components(lab1: np.ndarray, lab2: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """
    ΔL*, ΔC*ab and ΔH*ab, sample minus reference: ISO/CIE 11664-4:2019.

    Examples
    --------
    >>> [round(float(part[0]), 2) for part in _components(*np.array([[[50, 3, 0]], [[51, 0, 4]]]))]
    [1.0, 1.0, 4.9]
    """
    c1, c2 = (np.hypot(lab[:, 1], lab[:, 2]) for lab in (lab1, lab2))
    (a1, b1), (a2, b2) = (lab[:, 1:].T for lab in (lab1, lab2))
    hue = np.sqrt(np.maximum(2 * (c1 * c2 - a1 * a2 - b1 * b2), 0))
    return lab2[:, 0] - lab1[:, 0], c2 - c1, np.copysign(hue, a1 * b2 - a2 * b1)


def _limit(inspection: Inspection) -> float | None:
    """What ``max <= T`` allows to each patch; other rules are about all of them, or only warn."""
    if len(inspection.regions) != 1:
        return None
    judged = (each for each in inspection.regions[0].judgements if not each.warns)
    rules = [rule for judgement in judged for rule in rules_of(judgement.rule, "rule")]
    limits = (rule.limit for rule in rules if rule.quantity == "max" and not rule.at_least)
    return min((float(as_kernels_have(limit)) for limit in limits), default=None)
