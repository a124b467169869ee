"""Where and how a fit runs, and the loop that can be interrupted and taken up again."""

import copy
import hashlib
import io
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import torch

from dde_training.configuration import Config
from dde_training.data import Pairs
from dde_training.errors import UserError
from dde_training.files import write_bytes

CPU = torch.device("cpu")


def _no_progress(done: int, total: int) -> None:
    pass


@dataclass(frozen=True)
class Run:
    """Where and how a fit runs."""

    seed: int = 0
    device: torch.device = CPU
    checkpoint: Path | None = None  # kept after every epoch, and resumed from where it is there
    progress: Callable[[int, int], None] = _no_progress  # epochs done, epochs in all


class Stateful(Protocol):
    """A module, an optimiser or a schedule."""

    def state_dict(self) -> Any: ...
    def load_state_dict(self, state: Any) -> Any: ...


def find_device(name: str) -> torch.device:
    """
    The torch device of ``auto``, ``cpu`` or ``cuda``.

    Raises
    ------
    UserError
        If CUDA is asked for and there is none.
    """
    available = torch.cuda.is_available()
    if name == "cuda" and not available:
        raise UserError("there is no CUDA device here; use --device cpu")
    return torch.device("cuda" if name == "cuda" or (name == "auto" and available) else "cpu")


def fingerprint(pairs: Pairs, groups: np.ndarray, config: Config, seed: int) -> str:
    """A hash of everything that decides a fit, so that a checkpoint is only resumed by its own."""
    digest = hashlib.sha256(f"{config!r} {seed}".encode())
    for array in (pairs.lab, pairs.dv, groups):
        digest.update(np.ascontiguousarray(array).tobytes())
    return digest.hexdigest()


class Training:
    """
    Epochs with a checkpoint after each, and a stop when the inner loss no longer falls.

    Parameters
    ----------
    parts : mapping of str to Stateful
        All that changes during a fit. ``"model"`` is the one that early stopping takes back to
        its best.
    generator : torch.Generator
        The source of all randomness of the epochs.
    identity : str
        From `fingerprint`.
    run : Run
    """

    def __init__(
        self, parts: Mapping[str, Stateful], generator: torch.Generator, identity: str, run: Run
    ) -> None:
        self.parts = parts
        self.generator = generator
        self.identity = identity
        self.run = run
        self.epoch = 0
        self.best_epoch = 0
        self.best_loss = math.inf
        self.best_model: Any = None
        self._resume()

    def fit(
        self,
        one_epoch: Callable[[], None],
        inner_loss: Callable[[], float],
        epochs: int,
        patience: int,
    ) -> None:
        """
        Run the epochs that are left.

        Parameters
        ----------
        one_epoch : callable
            Trains for one epoch.
        inner_loss : callable
            The loss on the inner split; only called where there is a patience.
        epochs : int
            The most epochs, counted from the start of the fit.
        patience : int
            Epochs without a better inner loss before the fit stops; 0 for all epochs.
        """
        while self.epoch < epochs and not self._patience_lost(patience):
            one_epoch()
            self.epoch += 1
            if patience:
                self._keep_best(inner_loss())
            self._save()
            self.run.progress(self.epoch, epochs)
        if self.best_model is not None:
            self.parts["model"].load_state_dict(self.best_model)
        self.run.progress(epochs, epochs)

    def _patience_lost(self, patience: int) -> bool:
        return patience > 0 and self.epoch - self.best_epoch >= patience

    def _keep_best(self, loss: float) -> None:
        if loss < self.best_loss:
            self.best_loss, self.best_epoch = loss, self.epoch
            self.best_model = copy.deepcopy(self.parts["model"].state_dict())

    def _save(self) -> None:
        if self.run.checkpoint is None:
            return
        buffer = io.BytesIO()
        state = {
            "identity": self.identity,
            "parts": {name: part.state_dict() for name, part in self.parts.items()},
            "generator": self.generator.get_state(),
            "epoch": self.epoch,
            "best": (self.best_epoch, self.best_loss, self.best_model),
        }
        torch.save(state, buffer)
        write_bytes(self.run.checkpoint, buffer.getvalue())

    def _resume(self) -> None:
        file = self.run.checkpoint
        if file is None or not file.exists():
            return
        try:
            state = torch.load(file, map_location="cpu", weights_only=True)
        except Exception as error:
            raise UserError(f"{file}: no checkpoint that can be read; delete it") from error
        if state.get("identity") != self.identity:
            raise UserError(
                f"{file}: the checkpoint is of a fit with other data, seed or configuration; "
                "delete it or give another --output"
            )
        for name, part in self.parts.items():
            part.load_state_dict(state["parts"][name])
        self.generator.set_state(state["generator"])
        self.epoch = state["epoch"]
        self.best_epoch, self.best_loss, self.best_model = state["best"]
