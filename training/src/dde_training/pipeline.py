"""From data to a fitted model and to an evaluation: what the commands do, for use in Python."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path

import torch

from dde_training.baselines import BASELINES
from dde_training.configuration import Config
from dde_training.data import ColourSet, White, combine, manifest, manifest_hash
from dde_training.errors import UserError
from dde_training.evaluation import measure, predict_baselines, predict_held_out
from dde_training.models import Model, models
from dde_training.protocols import ProtocolName, by_centre, split
from dde_training.results import Evaluation, versions
from dde_training.run import Run
from dde_training.steps import read_steps
from dde_training.unseen import CONSTANT, Metric, Unseen, measure_pairs, measure_steps, methods
from dde_training.weights import Metadata, read_model

Epochs = Callable[[int, int], None]


def fit(
    model: type[Model], sets: Sequence[ColourSet], config: Config, run: Run, white: White = "own"
) -> tuple[Model, Metadata]:
    """
    Train a model on all pairs.

    An inner split, where the configuration has a patience, keeps the groups of the protocol
    ``centres`` whole.

    Parameters
    ----------
    model : type
        From `dde_training.models.find_model`.
    sets : sequence of ColourSet
    config : Config
        Of the model's own class.
    run : Run
    white : {"own", "D65"}
        As `dde_training.data.combine` takes it.

    Returns
    -------
    Model
    dict
        The provenance that a weight file holds.

    Raises
    ------
    UserError
        If the weights are not finite in the end.
    """
    pairs = combine(sets, white)
    fitted = model.fit(pairs, by_centre(pairs), config, run)
    if not all(torch.isfinite(parameter).all() for parameter in fitted.parameters()):
        raise UserError("the fit diverged: its weights are not finite")
    entries = manifest(sets)
    provenance = {
        "input": {"space": "CIELAB", "scale": "L* 0 to 100", "white": white},
        "training": {
            "config": asdict(config),
            "seed": run.seed,
            "device": run.device.type,
            "pairs": len(pairs),
            "versions": versions(),
        },
        "data": entries,
        "data_sha256": manifest_hash(entries),
        "evaluation": [],
    }
    return fitted, provenance


def find_method(name: str) -> tuple[str, type[Model] | None]:
    """
    A model by its name, or a formula by its name in any case.

    Returns
    -------
    str
        The name as results have it.
    type or None
        The model class; None for a formula.

    Raises
    ------
    UserError
        If there is neither.
    """
    learned = models()
    if name in learned:
        return name, learned[name]
    formulas = {formula.lower(): formula for formula in BASELINES}
    if name.lower() in formulas:
        return formulas[name.lower()], None
    known = ", ".join([*sorted(learned), *BASELINES])
    raise UserError(f"the model must be one of {known}; not {name!r}")


def unseen(
    method: str,
    sets: Sequence[ColourSet],
    config: Config | None,
    run: Run,
    white: White = "own",
    pairs: Sequence[ColourSet] | None = None,
    steps: Path | None = None,
) -> Unseen:
    """
    Measure a model or a formula, beside every formula, on data that no fit has seen.

    Parameters
    ----------
    method : str
        As `find_method` takes it, and then fitted to all the sets; or the path of a weight file
        that was fitted to them.
    sets, config, run, white
        As `fit` takes them.
    pairs : sequence of ColourSet, optional
        What is measured.
    steps : pathlib.Path, optional
        As `dde_training.steps.read_steps` takes it.

    Returns
    -------
    Unseen

    Raises
    ------
    UserError
        If there is no such method, the file is of other data, or a set was trained on.
    """
    seen = {colour_set.sha256 for colour_set in sets}
    for colour_set in pairs or []:
        if colour_set.sha256 in seen:
            raise UserError(f"{colour_set.name} is among the data that is fitted to")
    name, metric = _fitted_metric(method, sets, config, run, white)
    measured = methods(name, metric, combine(sets, white))
    of_pairs = measure_pairs(measured, combine(pairs, white), run.seed) if pairs else {}
    of_steps = {}
    if steps:
        equal = read_steps(steps)
        # A constant makes all steps equal, and is no metric.
        fair = {name: one for name, one in measured.items() if name != CONSTANT}
        of_steps = {name: measure_steps(one, *equal) for name, one in fair.items()}
    return Unseen(name, manifest(sets), manifest(pairs or []), of_pairs, of_steps)


def _fitted_metric(
    method: str, sets: Sequence[ColourSet], config: Config | None, run: Run, white: White
) -> tuple[str, Metric]:
    if Path(method).exists():
        model, provenance = read_model(Path(method))
        if provenance["data_sha256"] != manifest_hash(manifest(sets)):
            raise UserError(f"{method}: was fitted to other data than these")
        if provenance["input"]["white"] != white:
            raise UserError(f"{method}: wants --white {provenance['input']['white']}")
        return model.name, model.predict
    name, learned = find_method(method)
    if learned is None or config is None:
        return name, BASELINES[name]
    model, _ = fit(learned, sets, config, run, white)
    return name, model.predict


def evaluate(
    method: str,
    sets: Sequence[ColourSet],
    protocol: ProtocolName,
    config: Config | None,
    run: Run,
    white: White = "own",
    progress: Callable[[str], Epochs] | None = None,
) -> Evaluation:
    """
    Measure a model or a formula, beside every formula, on pairs that are held out.

    Parameters
    ----------
    method : str
        As `find_method` takes it.
    sets : sequence of ColourSet
    protocol : str
        A key of `dde_training.protocols.PROTOCOLS`.
    config : Config or None
        Of the model's own class; None for a formula.
    run : Run
        Its checkpoint, if any, is a folder here, and gets a file for each fold.
    white : {"own", "D65"}
        As `dde_training.data.combine` takes it.
    progress : callable, optional
        Takes what is about to be fitted and gives the `Run.progress` of that fit.

    Returns
    -------
    Evaluation
    """
    name, learned = find_method(method)
    pairs = combine(sets, white)
    shares = split(pairs, protocol, run.seed)

    def fold_run(fold: int) -> Run:
        file = run.checkpoint and run.checkpoint / f"fold-{fold}.pt"
        shown = progress(f"fold {fold + 1} of {shares.count}") if progress else run.progress
        return replace(run, checkpoint=file, progress=shown)

    predictions = predict_baselines(pairs, shares)
    if learned and config:
        own = predict_held_out(learned, pairs, shares, config, fold_run)
        predictions = {name: own, **predictions}
    return Evaluation(
        model=name,
        protocol=protocol,
        seed=run.seed,
        white=white,
        device=run.device.type,
        config=asdict(config) if config else None,
        manifest=manifest(sets),
        pairs=pairs,
        split=shares,
        predictions=predictions,
        figures=measure(predictions, pairs, shares, run.seed),
    )
