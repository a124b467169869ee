"""Two tables of patches, compared patch by patch."""

import math
from dataclasses import dataclass
from os import PathLike
from typing import Any

import numpy as np

import dde
from dde import _core
from dde.images.source import LAB, Source
from dde.inspection import Inspection
from dde.inspection.inspecting import job_given
from dde.inspection.job import Job
from dde.inspection.rules import as_kernels_have, rules_of
from dde.metrics.components import Components
from dde.metrics.formulas import cie76
from dde.metrics.table import FORMULAS, delta_e
from dde.report.document import Document
from dde.tables.reading import PatchTable, read_table

KEYS = ("delta_E", "delta_L", "delta_C", "delta_H")
WEIGHTED = ("weighted_L", "weighted_C", "weighted_H", "rotation")


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
    components : Components or None
        What ΔE is made of, weighted as its formula has it; None where it has none.
    lab : tuple of numpy.ndarray, shape (N, 3)
        The colours of reference and sample.
    limit : float or None
        The largest ΔE that the rules allow to a patch, in float32 as the differences are; None
        where no rule says so, or where regions have rules of their own.
    inspection : Inspection
        Of the patches as an image of one row.
    """

    names: tuple[str, ...]
    differences: np.ndarray
    components: Components | None
    lab: tuple[np.ndarray, np.ndarray]
    limit: float | None
    inspection: Inspection

    @property
    def passed(self) -> tuple[bool | None, ...]:
        """Of each patch, whether it keeps to the limit; None where there is none."""
        if self.limit is None:
            return (None,) * len(self.names)
        return tuple((self.differences[:, 0] <= self.limit).tolist())

    def to_dict(self) -> dict[str, Any]:
        """All that was found, as JSON has it: as of an inspection, and a list of the patches, in
        which `weighted` holds the components."""
        return {**self.inspection.to_dict(), "limit": self.limit, "patches": self._patches()}

    def document(self) -> Document:
        """What reports are made of."""
        return Document(self.to_dict(), self.inspection.document().histograms)

    def _patches(self) -> list[dict[str, Any]]:
        columns = {
            **dict(zip(KEYS, self.differences.T, strict=True)),
            **({} if self.components is None else self._weighted()),
        }
        colours = {"reference_lab": self.lab[0], "sample_lab": self.lab[1]}
        return [
            {
                "name": name,
                "passed": passed,
                **{title: _as_json(column[number]) for title, column in columns.items()},
                **{title: [_as_json(x) for x in lab[number]] for title, lab in colours.items()},
            }
            for number, (name, passed) in enumerate(zip(self.names, self.passed, strict=True))
        ]

    def _weighted(self) -> dict[str, np.ndarray]:
        assert self.components is not None
        columns = (np.broadcast_to(part, len(self.names)) for part in self.components[1:])
        return dict(zip(WEIGHTED, columns, strict=True))


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
        Two tables of the same patches, in any order; a path names a CGATS or CxF3 file. Those of
        two files are paired by ``SAMPLE_NAME`` where that names each patch once in both, else by
        ``SAMPLE_ID`` likewise; by their rows only where neither file has these.
    job : path or Job, optional
        As for `dde.inspect`, of what is about single colours: no viewing, tolerances of place,
        alignment, defects, or metric of images. A patch counts as a pixel of an image of one row,
        in the order of the reference.

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
    asked = _alone(job)
    first, second = _table(reference, "reference"), _table(sample, "sample")
    names, others = _named_alike(first, second)
    order = _matched(names, others)
    lab1, lab2 = first.lab, second.lab[order]
    inspection = dde.inspect(
        _source(first, lab1), _source(second, lab2), job=asked, keep_map=True, keep_pictures=True
    )
    assert inspection.map is not None
    differences = np.column_stack([inspection.map[0], *cie76(lab1, lab2, components=True)[1:4]])
    components = _components(inspection, lab1, lab2)
    limit = _limit(inspection)
    return ComparedPatches(names, differences, components, (lab1, lab2), limit, inspection)


def _alone(job: Job | str | PathLike[str] | None) -> Job:
    """Refuses what makes something of neighbours, which patches beside each other in a table are
    not."""
    asked = job_given(job)
    given = {
        "a viewing, a tolerance of place or a metric of images": not asked.comparison.of_pixels,
        "an alignment": asked.alignment is not None,
        "a search for defects": asked.defects is not None,
    }
    for what, there in given.items():
        if there:
            raise ValueError(f"job must be about single colours, and not have {what}")
    return asked


def _as_json(number: float) -> float | None:
    return float(number) if math.isfinite(number) else None


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


def _components(inspection: Inspection, lab1: np.ndarray, lab2: np.ndarray) -> Components | None:
    """Of the metric of the inspection, by its name; of models and some formulas there are none."""
    metric = inspection.record["metric"]
    formula = FORMULAS.get(metric["name"])
    if formula is None or not _core.FormulaKernel(formula.kernel, **formula.factors).has_components:
        return None
    found = delta_e(lab1, lab2, metric["name"], components=True, **metric["factors"])
    assert isinstance(found, Components)
    return found


def _limit(inspection: Inspection) -> float | None:
    """What ``max <= T`` allows to each patch; other rules are about all of them, or only warn."""
    if len(inspection.regions) != 1:
        return None
    judged = (each for each in inspection.regions[0].judgements if not each.warns)
    rules = [rule for judgement in judged for rule in rules_of(judgement.rule, "rule")]
    limits = (rule.limit for rule in rules if rule.quantity == "max" and not rule.at_least)
    return min((float(as_kernels_have(limit)) for limit in limits), default=None)
