"""From photographs to a fitted network and to an evaluation: what the commands do, for Python."""

from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np

from dde_training.errors import UserError
from dde_training.photographs.baselines import BASELINES, predict_baselines
from dde_training.photographs.data import PARTS, Photographs
from dde_training.photographs.fitting import fit as fit_network
from dde_training.photographs.fitting import predict
from dde_training.photographs.measures import measure
from dde_training.photographs.networks import NETWORKS, Distance, Recipe
from dde_training.photographs.protocols import ProtocolName, fitting, folds
from dde_training.photographs.results import Evaluation
from dde_training.photographs.weights import read_network
from dde_training.results import versions
from dde_training.run import Run
from dde_training.unseen import CONSTANT
from dde_training.weights import Metadata

Progress = Callable[[int, int], None]
AS_IT_IS = "as it is"
UNSEEN = ("test.csv", "pictures")  # entries of a manifest that no fit has seen, or not alone


def fit(
    network: type[Distance], pairs: Photographs, recipe: Recipe, run: Run
) -> tuple[Distance, Metadata]:
    """
    Fit a network, and keep its best epoch.

    Of an official split the test part is not touched.

    Parameters
    ----------
    network : type
        From `dde_training.photographs.networks.find_network`.
    pairs : Photographs
    recipe : Recipe
        Of the network's own class.
    run : Run

    Returns
    -------
    Distance
    dict
        The provenance that a weight file holds.

    Raises
    ------
    UserError
        If the weights are not finite in the end, or there is but one scene and no official split.
    """
    training, validation = fitting(pairs, run.seed)
    fitted = fit_network(network, pairs[training], pairs[validation], recipe, run)
    provenance = {
        "input": {"space": "sRGB", "scale": "0 to 1", "layout": "N, 3, H, W"},
        "training": {
            "config": asdict(recipe),
            "seed": run.seed,
            "device": run.device.type,
            "pairs": int(training.sum()),
            "validation_pairs": int(validation.sum()),
            "versions": versions(),
        },
        "data": [entry for entry in pairs.manifest if entry["name"] not in UNSEEN],
    }
    return fitted, provenance


def evaluate(
    method: str,
    pairs: Photographs,
    protocol: ProtocolName | None,
    recipe: Recipe | None,
    run: Run,
    progress: Callable[[str], Progress] | None = None,
) -> Evaluation:
    """
    Measure a network or a baseline, beside every baseline, on pairs that no fit has seen.

    Parameters
    ----------
    method : str
        The name of a network, which is then fitted by the protocol; or a weight file, or the name
        of a baseline, which are measured as they are.
    pairs : Photographs
    protocol : {"official", "scenes"}, optional
        For the name of a network.
    recipe : Recipe, optional
        For the name of a network.
    run : Run
        Its checkpoint, if any, is a folder here, and gets a file for each fold.
    progress : callable, optional
        Takes what is about to be done and gives the `Run.progress` of that.

    Returns
    -------
    Evaluation

    Raises
    ------
    UserError
        If there is no such method, the data cannot be shared out as the protocol wants, or a weight
        file was fitted to what is to be measured.
    """
    show = progress or (lambda _: run.progress)
    if method in NETWORKS:
        if protocol is None or recipe is None:
            raise UserError(f"{method} is to be fitted, which wants a protocol and a configuration")
        predicted, fold = _held_out(method, pairs, protocol, recipe, run, show)
        own, name = {method: predicted}, method
    else:
        if protocol is not None:
            raise UserError(f"{method} is not fitted here, and takes no protocol")
        fold = _measured_as_it_is(pairs)
        own, name = _as_it_is(method, pairs, fold >= 0, run)
    pairs, kept = pairs[fold >= 0], fold[fold >= 0]
    predictions = {
        **own,
        **predict_baselines(pairs, show("baselines")),
        CONSTANT: np.ones(len(pairs)),
    }
    return Evaluation(
        model=name,
        protocol=protocol or AS_IT_IS,
        seed=run.seed,
        device=run.device.type,
        config=asdict(recipe) if method in NETWORKS and recipe else None,
        pairs=pairs,
        fold=kept,
        predictions=predictions,
        figures=measure(predictions, pairs, run.seed),
    )


def _measured_as_it_is(pairs: Photographs) -> np.ndarray:
    """The fold 0 for what is measured without a fit, else −1: the test part, or all pairs."""
    measured = (pairs.part == "test") | (pairs.part == "")
    return np.where(measured & pairs.first_time(), 0, -1)


def _held_out(
    method: str,
    pairs: Photographs,
    protocol: ProtocolName,
    recipe: Recipe,
    run: Run,
    show: Callable[[str], Progress],
) -> tuple[np.ndarray, np.ndarray]:
    """Predictions of the pairs that are measured, and the fold of each pair, −1 for the others."""
    shares = folds(pairs, protocol, run.seed)
    fold, predicted = np.full(len(pairs), -1), np.full(len(pairs), np.nan)
    once = pairs.first_time()
    for number, share in enumerate(shares):
        file = run.checkpoint and run.checkpoint / f"fold-{number}.pt"
        shown = show(f"fold {number + 1} of {len(shares)}")
        own = replace(run, checkpoint=file, progress=shown)
        training, validation = pairs[share.training], pairs[share.validation]
        fitted = fit_network(NETWORKS[method], training, validation, recipe, own)
        test = share.test & once
        predicted[test], fold[test] = predict(fitted, pairs[test]), number
    return predicted[fold >= 0], fold


def _as_it_is(
    method: str, pairs: Photographs, measured: np.ndarray, run: Run
) -> tuple[dict[str, np.ndarray], str]:
    """Predictions of a weight file, and its name; none for a baseline, which is measured anyhow."""
    if method in BASELINES:
        return {}, method
    if not Path(method).exists():
        known = ", ".join([*NETWORKS, *BASELINES])
        raise UserError(f"the model must be a weight file or one of {known}; not {method!r}")
    model, provenance = read_network(Path(method))
    fitted_to = {entry["sha256"] for entry in provenance["data"]}
    for entry in pairs.manifest[PARTS.index("test") :] if pairs.split else pairs.manifest:
        if entry["sha256"] in fitted_to:
            name = entry["name"]
            raise UserError(f"{method}: was fitted to {name}, and cannot be measured on it")
    return {model.name: predict(model.to(run.device), pairs[measured])}, model.name
