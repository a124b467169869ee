"""The result of an evaluation: results.json with every held-out prediction, and CSV."""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from dde_training.data import Pairs
from dde_training.errors import UserError
from dde_training.evaluation import Figures, Means
from dde_training.files import read_json_object, write_json, write_text
from dde_training.protocols import PROTOCOLS, ProtocolName, Split
from dde_training.statistics import Agreement, Difference, Estimate, FTest

FORMAT = 1
FILE = "results.json"
PACKAGES = ("dde-training", "deepdeltae", "torch", "numpy")


@dataclass(frozen=True)
class Evaluation:
    """Everything that an evaluation says."""

    model: str
    protocol: ProtocolName
    seed: int
    white: str
    device: str
    config: dict[str, Any] | None  # None for a formula, which has nothing to configure
    manifest: list[dict[str, Any]]
    pairs: Pairs
    split: Split
    predictions: dict[str, np.ndarray]
    figures: dict[str, Figures]


def versions() -> dict[str, str]:
    """The versions of the packages that decide a result."""
    return {package: version(package) for package in PACKAGES}


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write ``results.json``, ``figures.csv`` and ``predictions.csv`` into a folder."""
    write_text(folder / "figures.csv", csv_of(_figure_rows(evaluation)))
    write_text(folder / "predictions.csv", csv_of(_prediction_rows(evaluation)))
    write_json(folder / FILE, _document(evaluation))


def _document(evaluation: Evaluation) -> dict[str, Any]:
    pairs, split = evaluation.pairs, evaluation.split
    sizes = np.bincount(split.groups)
    return {
        "format": FORMAT,
        "model": evaluation.model,
        "protocol": evaluation.protocol,
        "protocol_description": PROTOCOLS[evaluation.protocol].description,
        "held_out": split.held_out,
        "seed": evaluation.seed,
        "white": evaluation.white,
        "device": evaluation.device,
        "config": evaluation.config,
        "versions": versions(),
        "manifest": evaluation.manifest,
        "groups": {"count": len(sizes), "largest": int(sizes.max())},
        "bootstrap_units": int(split.units.max()) + 1,
        "figures": {name: asdict(figures) for name, figures in evaluation.figures.items()},
        "pairs": {
            "set": pairs.sets.tolist(),
            "index": pairs.index.tolist(),
            "fold": split.fold.tolist(),
            "group": split.groups.tolist(),
            "unit": split.units.tolist(),
            "dv": pairs.dv.tolist(),
            "xyz": pairs.xyz.tolist(),
            "white": pairs.white.tolist(),
            "lab": pairs.lab.tolist(),
        },
        "predictions": {name: values.tolist() for name, values in evaluation.predictions.items()},
    }


def read_evaluation(path: Path) -> Evaluation:
    """
    Read ``results.json``, or the one in a folder.

    Raises
    ------
    UserError
        If the file is not there or is no result of this version.
    """
    file = path / FILE if path.is_dir() else path
    document = read_json_object(file)
    if document.get("format") != FORMAT:
        raise UserError(f"{file}: is no result of dde-train in format {FORMAT}")
    try:
        return _evaluation(document)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file}: the result is damaged ({error!r})") from error


def _evaluation(document: dict[str, Any]) -> Evaluation:
    columns = {name: np.array(values) for name, values in document["pairs"].items()}
    arrays = {name: columns[name] for name in ("xyz", "white", "lab", "dv", "index")}
    names = tuple(entry["name"] for entry in document["manifest"])
    taken = ("model", "protocol", "seed", "white", "device", "config", "manifest")
    return Evaluation(
        **{name: document[name] for name in taken},
        pairs=Pairs(**arrays, sets=columns["set"], names=names),
        split=Split(columns["fold"], columns["group"], columns["unit"], document["held_out"]),
        predictions={name: np.array(v) for name, v in document["predictions"].items()},
        figures={name: _figures(values) for name, values in document["figures"].items()},
    )


def _figures(values: dict[str, Any]) -> Figures:
    return Figures(
        pooled=agreement_from(values["pooled"]),
        sets={name: agreement_from(one) for name, one in values["sets"].items()},
        means=Means(**values["means"]),
        f_test=None if values["f_test"] is None else FTest(**values["f_test"]),
        gain=Difference(**{name: Estimate(**one) for name, one in values["gain"].items()}),
    )


def agreement_from(values: dict[str, Any]) -> Agreement:
    """An agreement as a result file holds it."""
    estimates = {name: Estimate(**values[name]) for name in ("pearson", "spearman", "stress")}
    return Agreement(values["count"], **estimates)


def csv_of(rows: Iterator[Sequence[Any]]) -> str:
    """Rows as a CSV file."""
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue()


def _figure_rows(evaluation: Evaluation) -> Iterator[Sequence[Any]]:
    names = ("pearson", "spearman", "stress")
    columns = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    gains = [f"{name}_gain{end}" for name in ("pearson", "stress") for end in ("", "_low", "_high")]
    yield ["method", "set", "pairs", *columns, "f_ratio", "f_p", *gains]
    for method, figures in evaluation.figures.items():
        for name, one in {"all": figures.pooled, **figures.sets}.items():
            values = [x for e in one.figures for x in (e.value, e.low, e.high)]
            test = figures.f_test if name == "all" else None
            gain = (figures.gain.pearson, figures.gain.stress) if name == "all" else ()
            gained: list[Any] = [x for e in gain for x in (e.value, e.low, e.high)]
            gained = gained or [""] * len(gains)
            yield [
                method,
                name,
                one.count,
                *values,
                *(asdict(test).values() if test else ("", "")),
                *gained,
            ]


def _prediction_rows(evaluation: Evaluation) -> Iterator[Sequence[Any]]:
    pairs, split, predictions = evaluation.pairs, evaluation.split, evaluation.predictions
    yield ["set", "index", "fold", "group", "L1", "a1", "b1", "L2", "a2", "b2", "dv", *predictions]
    lab = pairs.lab.reshape(-1, 6)
    columns = [pairs.index, split.fold, split.groups, *lab.T, pairs.dv, *predictions.values()]
    for number, values in zip(
        pairs.sets, zip(*(column.tolist() for column in columns), strict=True), strict=True
    ):
        yield [pairs.names[number], *values]
