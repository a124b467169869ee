"""What ``dde compare`` makes of two tables of patches: a line for each of them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

import dde
from dde.command.summary import found_as_dict, heading, statistics, verdict
from dde.images.source import Source
from dde.inspection import Inspection
from dde.inspection.job import Job
from dde.inspection.rules import rules_of
from dde.patches.cgats import PatchTable, read_table


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
        The largest ΔE that the rules allow to a patch.
    inspection : Inspection
        Of the patches as an image of one row.
    """

    names: tuple[str, ...]
    differences: np.ndarray
    limit: float | None
    inspection: Inspection

    def as_dict(self, given: dict[str, Any]) -> dict[str, Any]:
        """What is printed with ``--json``: as of images, then a list of the patches."""
        keys = ("name", "delta_E", "delta_L", "delta_C", "delta_H")
        rows = zip(self.names, *self.differences.T.tolist(), strict=True)
        patches = [dict(zip(keys, row, strict=True)) for row in rows]
        return {**given, **found_as_dict(self.inspection), "patches": patches}

    def as_text(self, given: dict[str, Any]) -> str:
        """The table that is printed for people."""
        found = self.inspection.overall
        place = f"at {self.names[found.maximum_x]}" if found.count else ""
        lines = [*heading(given), f"{'patches':16}  {len(self.names)}", "", *self._table(), ""]
        return "\n".join([*lines, *statistics(found, place), *verdict(self.inspection)])

    def _table(self) -> list[str]:
        width = max(16, *(len(name) + 2 for name in self.names))
        titles = "".join(f"{title:>8}" for title in ("ΔE", "ΔL*", "ΔC*", "ΔH*"))
        lines = [f"{'patch':{width}}{titles}"]
        for name, (difference, *signed) in zip(self.names, self.differences, strict=True):
            parts = "".join(f"{value:+8.2f}" for value in signed)
            lines.append(f"{name:{width}}{difference:8.2f}{parts}")
        if self.limit is not None:
            verdicts = ["pass" if row[0] <= self.limit else "fail" for row in self.differences]
            lines = [
                f"{line}   {last}" for line, last in zip(lines, ["verdict", *verdicts], strict=True)
            ]
        return lines


def compare_patches(reference: Path, sample: Path, job: Job) -> ComparedPatches:
    """
    Compares the patches of the same name.

    Raises
    ------
    ValueError
        If the tables do not have the same patches.
    """
    first, second = read_table(reference, "reference"), read_table(sample, "sample")
    order = _matched(first.names, second.names)
    lab1, lab2 = first.lab, second.lab[order]
    inspection = dde.inspect(
        _source(first, lab1), _source(second, lab2), job=job, keep_map=True, keep_pictures=True
    )
    assert inspection.map is not None
    differences = np.column_stack([inspection.map[0], *_components(lab1, lab2)])
    return ComparedPatches(first.names, differences, _limit(inspection), inspection)


def _matched(names: tuple[str, ...], others: tuple[str, ...]) -> list[int]:
    """Where each name is among the others."""
    odd = sorted(set(names) ^ set(others))
    if odd:
        raise ValueError(
            "reference and sample must have the same patches; only one of them has "
            + ", ".join(odd[:5])
        )
    return [others.index(name) for name in names]


def _source(table: PatchTable, lab: np.ndarray) -> Source:
    return Source(
        shape=(1, len(lab)),
        space="Lab",
        read=lambda start, stop: lab[None][start:stop],
        read_mask=None,
        provenance=table.provenance,
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
    """What a rule about the maximum allows to each patch; other rules are about all of them."""
    judged = (judgement for region in inspection.regions for judgement in region.judgements)
    rules = [rule for judgement in judged for rule in rules_of(judgement.rule, "rule")]
    return min((rule.limit for rule in rules if rule.quantity == "max"), default=None)
