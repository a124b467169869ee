"""The result of an inspection."""

from dataclasses import dataclass
from os import PathLike
from pathlib import Path
from typing import Any

import numpy as np

from dde.inspection.found import Defect, Judgement, Statistics
from dde.reading import sha256_of
from dde.report.document import DELTA_E, VERDICTS, Document, Pictures, Scale
from dde.writing import check_outputs


@dataclass(frozen=True, eq=False)
class RegionResult:
    """
    What was found in a region. As of any `dde.Inspection`, only the same object is equal.

    Attributes
    ----------
    name : str
        The region's name; ``"elsewhere"`` for what no region covers, ``"image"`` where there are no
        regions.
    statistics : Statistics
        Over the pixels of the region that are counted.
    judgements : tuple of Judgement
        One for each rule, in order; then one for each that only warns.
    histogram : numpy.ndarray of int64
        Bin i counts the differences in [i / 128, (i + 1) / 128); the last bin those of 256
        and more. Of FLIP, whose largest is 1, bins are 1 / 32768 wide.
    """

    name: str
    statistics: Statistics
    judgements: tuple[Judgement, ...]
    histogram: np.ndarray

    @property
    def passed(self) -> bool:
        """Whether all rules are kept but those that only warn."""
        return all(judgement.passed for judgement in self.judgements if not judgement.warns)

    def to_dict(self) -> dict[str, Any]:
        """The region as JSON has it, without the histogram."""
        return {
            "name": self.name,
            "passed": self.passed if any(not j.warns for j in self.judgements) else None,
            "statistics": self.statistics.to_dict(),
            "judgements": [judgement.to_dict() for judgement in self.judgements],
        }


@dataclass(frozen=True, eq=False)
class Inspection:
    """
    What `inspect` found, and how.

    Two inspections are two events, at two times: only the same object is equal. Whether they found
    the same, `overall` and `to_dict` tell.

    Attributes
    ----------
    passed : bool or None
        Whether every rule is kept; None where there was none to judge by.
    reasons : tuple of str
        A sentence for each rule that is broken: ``"logo: p95 is 2.31, above 2"``.
    warnings : tuple of str
        The same for each rule that only warns: the verdict does not depend on these.
    notes : tuple of str
        What may explain the differences, where a rule is broken or a defect is found: that the
        sample seems shifted by some pixels.
    overall : Statistics
        Over all pixels that are counted, in whichever region.
    regions : tuple of RegionResult
        In the order of the job; ``"elsewhere"`` last.
    defects : tuple of Defect
        The largest first; at most 1000 of them.
    defect_count : int or None
        How many there are; None where none were looked for.
    defect_judgements : tuple of Judgement
        One for each rule about defects; then one for each that only warns.
    map : numpy.ndarray or None
        The differences, shape (H, W), float32, NaN where not counted; None unless asked for.
    record : dict
        What was inspected, by what and when, for an audit; it can be written as JSON.
    pictures : Pictures or None
        Small pictures of images and map, for a page of HTML; None unless asked for.
    scale : Scale
        What the differences are told in: ΔE, FLIP from 0 to 1, or shares of the limit that each
        pixel of a learned reference has.
    """

    passed: bool | None
    reasons: tuple[str, ...]
    overall: Statistics
    regions: tuple[RegionResult, ...]
    defects: tuple[Defect, ...]
    defect_count: int | None
    defect_judgements: tuple[Judgement, ...]
    map: np.ndarray | None
    record: dict[str, Any]
    pictures: Pictures | None = None
    warnings: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    scale: Scale = DELTA_E

    @property
    def verdict(self) -> str:
        """``"pass"``, ``"fail"``, or ``"not judged"``."""
        return VERDICTS[self.passed]

    def to_dict(self) -> dict[str, Any]:
        """All but the map, the pictures and the histograms, as JSON has it: None for NaN."""
        return {
            "passed": self.passed,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "notes": list(self.notes),
            "scale": self.scale.to_dict(),
            "overall": self.overall.to_dict(),
            "regions": [region.to_dict() for region in self.regions],
            "defects": [defect.to_dict() for defect in self.defects],
            "defect_count": self.defect_count,
            "defect_judgements": [judgement.to_dict() for judgement in self.defect_judgements],
            "record": self.record,
        }

    def document(self) -> Document:
        """What reports are made of."""
        histograms = [region.histogram for region in self.regions]
        return Document(self.to_dict(), histograms, self.pictures)

    def save(self, path: str | PathLike[str]) -> None:
        """
        Write a report.

        Parameters
        ----------
        path : str or path
            The suffix says what is written: ``.json``, ``.csv``, ``.xml`` or ``.html``.

        Raises
        ------
        TypeError
            If `path` is no path.
        ValueError
            If it has another suffix, or is a file that was read: an image, the job, a label image,
            the model.
        OSError
            If the file cannot be written, or is no regular file; it is then as it was before.
        """
        from dde.report import check_suffix, write_report

        check_suffix(path)
        check_outputs([("path", Path(path))], self._files_read(Path(path)))
        write_report(self.document(), path)

    def _files_read(self, path: Path) -> list[Path]:
        """The files that the record names; and `path`, if it is the model, of which it knows the
        hash only."""
        regions = (region.get("labels") for region in self.record["regions"])
        read = [self.record["reference"], self.record["sample"], self.record["job"], *regions]
        paths = [Path(file["path"]) for file in read if isinstance(file, dict) and "path" in file]
        model = self.record["metric"].get("model_sha256")
        if model and path.is_file():
            paths += [path] if sha256_of(path) == model else []
        return paths

    def _repr_html_(self) -> str:
        import html  # takes long to import

        rows = [("all", self.overall), *((r.name, r.statistics) for r in self.regions)]
        figures = ("mean", "percentile_95", "maximum")
        header = "".join(f"<th>{title}</th>" for title in (self.scale.name, "mean", "p95", "max"))
        body = "".join(
            f"<tr><th>{html.escape(title)}</th>"
            + "".join(f"<td>{self.scale.format(getattr(s, name))}</td>" for name in figures)
            + "</tr>"
            for title, s in rows
        )
        sentences = (*self.reasons, *self.warnings, *self.notes)
        reasons = "".join(f"<li>{html.escape(sentence)}</li>" for sentence in sentences)
        return (
            f"<strong>{self.verdict}</strong><ul>{reasons}</ul>"
            f"<table><tr>{header}</tr>{body}</table>"
        )
