"""The result of an evaluation on photographs: results.json, figures.csv and predictions.csv."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dde_training.errors import UserError
from dde_training.files import read_json_object, write_json, write_text
from dde_training.photographs.data import Photographs
from dde_training.results import agreement_from, csv_of, versions
from dde_training.statistics import Agreement

FORMAT = 1
KIND = "photographs"
FILE = "results.json"
COLUMNS: dict[str, Any] = {
    "names": str,
    "score": float,
    "scene": np.int64,
    "aligned": bool,
    "part": str,
}


@dataclass(frozen=True)
class Evaluation:
    """Everything that an evaluation on photographs says; its pairs are those that were measured."""

    model: str
    protocol: str
    seed: int
    device: str
    config: dict[str, Any] | None  # None where nothing was fitted
    pairs: Photographs
    fold: np.ndarray  # (N,) the fold in which each pair was held out
    predictions: dict[str, np.ndarray]
    figures: dict[str, dict[str, Agreement]]


def write_evaluation(evaluation: Evaluation, folder: Path) -> None:
    """Write ``results.json``, ``figures.csv`` and ``predictions.csv`` into a folder."""
    write_text(folder / "figures.csv", csv_of(_figure_rows(evaluation)))
    write_text(folder / "predictions.csv", csv_of(_prediction_rows(evaluation)))
    write_json(folder / FILE, _document(evaluation))


def _document(evaluation: Evaluation) -> dict[str, Any]:
    pairs = evaluation.pairs
    taken = ("model", "protocol", "seed", "device", "config")
    return {
        "format": FORMAT,
        "kind": KIND,
        **{name: getattr(evaluation, name) for name in taken},
        "versions": versions(),
        "manifest": pairs.manifest,
        "pictures": str(pairs.folder),
        "pairs": {name: getattr(pairs, name).tolist() for name in COLUMNS},
        "fold": evaluation.fold.tolist(),
        "predictions": {name: found.tolist() for name, found in evaluation.predictions.items()},
        "figures": {
            method: {group: asdict(one) for group, one in groups.items()}
            for method, groups in evaluation.figures.items()
        },
    }


def read_evaluation(path: Path) -> Evaluation:
    """
    Read ``results.json``, or the one in a folder.

    Raises
    ------
    UserError
        If the file is not there or is no result on photographs of this version.
    """
    file = path / FILE if path.is_dir() else path
    document = read_json_object(file)
    if document.get("format") != FORMAT or document.get("kind") != KIND:
        raise UserError(f"{file}: is no result of dde-train photographs in format {FORMAT}")
    try:
        return _evaluation(document)
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(f"{file}: the result is damaged ({error!r})") from error


def _evaluation(document: dict[str, Any]) -> Evaluation:
    columns = {name: np.array(document["pairs"][name], kind) for name, kind in COLUMNS.items()}
    folder, manifest = Path(document["pictures"]), document["manifest"]
    taken = ("model", "protocol", "seed", "device", "config")
    return Evaluation(
        **{name: document[name] for name in taken},
        pairs=Photographs(folder=folder, manifest=manifest, **columns),
        fold=np.array(document["fold"]),
        predictions={name: np.array(values) for name, values in document["predictions"].items()},
        figures={
            method: {group: agreement_from(one) for group, one in groups.items()}
            for method, groups in document["figures"].items()
        },
    )


def _figure_rows(evaluation: Evaluation) -> Iterator[Sequence[Any]]:
    names = ("plcc", "srcc", "stress")
    columns = [f"{name}{end}" for name in names for end in ("", "_low", "_high")]
    yield ["method", "group", "pairs", *columns]
    for method, groups in evaluation.figures.items():
        for group, one in groups.items():
            values = [x for e in one.figures for x in (e.value, e.low, e.high)]
            yield [method, group, one.count, *values]


def _prediction_rows(evaluation: Evaluation) -> Iterator[Sequence[Any]]:
    pairs, predictions = evaluation.pairs, evaluation.predictions
    yield ["reference", "sample", "scene", "aligned", "fold", "score", *predictions]
    columns = [*pairs.names.T, pairs.scene, pairs.aligned, evaluation.fold, pairs.score]
    yield from zip(*(column.tolist() for column in (*columns, *predictions.values())), strict=True)
