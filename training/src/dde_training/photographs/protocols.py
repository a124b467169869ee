"""Which pairs a network is fitted to, which choose its best epoch, and which measure it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np

from dde_training.errors import UserError
from dde_training.photographs.data import Photographs
from dde_training.protocols import FOLDS, balanced_folds, inner_split

ProtocolName = Literal["official", "scenes"]

DESCRIPTIONS: dict[str, str] = {
    "official": "the split that came with the data: fitted to train, the epoch chosen on val, "
    "measured on test",
    "scenes": f"{FOLDS} folds, the pairs of a scene together; a tenth of the scenes of a fit "
    "choose its epoch",
    "as it is": "a network that was fitted before, or none; fitted to nothing here",
}


@dataclass(frozen=True)
class Fold:
    """Masks of the pairs, (N,) bool each; no scene is in two of them."""

    training: np.ndarray
    validation: np.ndarray
    test: np.ndarray


def folds(pairs: Photographs, protocol: ProtocolName, seed: int) -> list[Fold]:
    """
    Share the pairs out.

    Parameters
    ----------
    pairs : Photographs
    protocol : {"official", "scenes"}
    seed : int
        Decides which scenes come together.

    Returns
    -------
    list of Fold

    Raises
    ------
    UserError
        If the data cannot be shared out so.
    """
    return list(_official(pairs) if protocol == "official" else _by_scene(pairs, seed))


def _official(pairs: Photographs) -> Iterator[Fold]:
    if not pairs.split:
        raise UserError("the protocol official needs a folder with train.csv, val.csv and test.csv")
    yield Fold(*(pairs.part == part for part in ("train", "val", "test")))


def _by_scene(pairs: Photographs, seed: int) -> Iterator[Fold]:
    count = int(pairs.scene.max()) + 1
    if count < FOLDS:
        raise UserError(f"the protocol scenes needs {FOLDS} scenes; these data have {count}")
    fold = balanced_folds(pairs.scene, FOLDS, seed)
    for number in range(FOLDS):
        test = fold == number
        yield Fold(*_with_validation(pairs, ~test, seed), test)


def _with_validation(
    pairs: Photographs, chosen: np.ndarray, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """The pairs that are chosen as two masks, for the fit and for its best epoch."""
    validation = chosen.copy()
    validation[chosen] = inner_split(pairs.scene[chosen], seed)
    return chosen & ~validation, validation


def fitting(pairs: Photographs, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """
    The pairs of a fit that is to be kept, and those that choose its epoch, as two masks.

    Of an official split train and val, so that test stays unseen; else nine and one tenths of all.
    """
    if pairs.split:
        return pairs.part == "train", pairs.part == "val"
    return _with_validation(pairs, np.ones(len(pairs), dtype=bool), seed)
