"""The fit of a network to photographs: augmented batches, an average of weights, its best epoch."""

import hashlib
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
import torch
from scipy.stats import spearmanr
from torch import Tensor
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

from dde_training.errors import UserError
from dde_training.photographs.data import Photographs
from dde_training.photographs.networks import Distance, Recipe
from dde_training.photographs.pictures import Augmentation
from dde_training.run import Run, Stateful, Training

T = TypeVar("T")
R = TypeVar("R")

READERS = 4  # threads that read and cut pictures
AHEAD = 8  # batches that are made while others are learned

Batch = tuple[Tensor, Tensor, Tensor]  # reference, sample, score
Job = tuple[Tensor, Tensor]  # pairs (n,) and what is drawn of both their pictures (n, 2, 3)


def fit(
    network: type[Distance],
    training: Photographs,
    validation: Photographs,
    recipe: Recipe,
    run: Run,
) -> Distance:
    """
    Fit a network; a fit that was killed goes on from its checkpoint, after its last whole epoch.

    Parameters
    ----------
    network : type
        From `dde_training.photographs.networks.find_network`.
    training : Photographs
    validation : Photographs
        The epoch whose averaged weights rank these best (SRCC) is kept.
    recipe : Recipe
        Of the network's own class.
    run : Run
        Its progress is told in batches.

    Returns
    -------
    Distance

    Raises
    ------
    UserError
        If the weights are not finite in the end.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(run.seed)
        model = network.of(recipe).to(run.device)
    learner = _Learner(model, training, validation, recipe, run)
    state = Training(
        learner.parts, learner.generator, identity(training, validation, recipe, run.seed),
        replace(run, progress=learner.epoch_done),
    )  # fmt: skip
    learner.epoch = state.epoch
    if state.epoch == 0:
        learner.initialise()
    # The patience never ends a fit before its epochs, unless it is asked for.
    patience = recipe.patience or recipe.epochs + 1
    state.fit(learner.one_epoch, learner.disagreement, recipe.epochs, patience)
    fitted = learner.averaged
    if not all(torch.isfinite(weights).all() for weights in fitted.parameters()):
        raise UserError("the fit diverged: its weights are not finite; try a lower learning_rate")
    return fitted.eval()


def predict(model: Distance, pairs: Photographs) -> np.ndarray:
    """
    The differences that a network gives to pairs.

    Returns
    -------
    numpy.ndarray
        Shape (N,), float64.
    """
    with ThreadPoolExecutor(READERS) as pool:
        read = _ahead(pool, pairs.pictures, iter(range(len(pairs))))
        return np.array([model.difference(*pictures) for pictures in read])


def identity(training: Photographs, validation: Photographs, recipe: Recipe, seed: int) -> str:
    """A hash of everything that decides a fit, so that a checkpoint is only resumed by its own."""
    digest = hashlib.sha256(f"{recipe!r} {seed} {training.manifest[-1]['sha256']}".encode())
    for pairs in (training, validation):
        digest.update("\0".join(pairs.names.ravel().tolist()).encode())
        digest.update(np.ascontiguousarray(pairs.score).tobytes())
    return digest.hexdigest()


class _Learner:
    """One epoch of a fit, and what changes in it."""

    def __init__(
        self,
        model: Distance,
        training: Photographs,
        validation: Photographs,
        recipe: Recipe,
        run: Run,
    ) -> None:
        self.model, self.pairs, self.validation = model, training, validation
        self.recipe, self.run = recipe, run
        self.see = Augmentation(recipe.resize, recipe.rotation, recipe.crop, recipe.side)
        self.generator = torch.Generator().manual_seed(run.seed)
        self.optimiser = model.optimiser(recipe)
        self.schedule = torch.optim.lr_scheduler.StepLR(self.optimiser, recipe.halving, 0.5)
        averaging = get_ema_multi_avg_fn(recipe.average)  # type: ignore[no-untyped-call]
        self.average = AveragedModel(model, multi_avg_fn=averaging)
        self.epoch = 0

    @property
    def parts(self) -> dict[str, Stateful]:
        """All that a checkpoint keeps; ``"model"`` is what the best epoch is taken of."""
        return {
            "model": self.average,
            "network": self.model,
            "optimiser": self.optimiser,
            "schedule": self.schedule,
        }

    @property
    def averaged(self) -> Distance:
        """The network with the average of its weights."""
        assert isinstance(self.average.module, Distance)
        return self.average.module

    @property
    def batches(self) -> int:
        return -(-len(self.pairs) // self.recipe.batch)

    def epoch_done(self, done: int, total: int) -> None:
        self.epoch = done
        self.run.progress(done * self.batches, total * self.batches)

    def initialise(self) -> None:
        """Show the network the first batch of another shuffle than those that it learns."""
        generator = torch.Generator().manual_seed(self.run.seed)
        first = next(self._jobs(generator))
        reference, sample, _ = self._batch(first)
        self.model.initialise(torch.cat([reference, sample]).to(self.run.device))

    def one_epoch(self) -> None:
        """Learn each pair once."""
        self.model.train()
        with ThreadPoolExecutor(READERS) as pool:
            for done, batch in enumerate(_ahead(pool, self._batch, self._jobs(self.generator))):
                reference, sample, score = (part.to(self.run.device) for part in batch)
                self.optimiser.zero_grad()
                torch.autograd.backward(self.model.loss(reference, sample, score))
                self.optimiser.step()
                self.average.update_parameters(self.model)
                self.run.progress(
                    self.epoch * self.batches + done + 1, self.recipe.epochs * self.batches
                )
        self.schedule.step()

    def disagreement(self) -> float:
        """−SRCC of the averaged weights on the validation pairs."""
        self.average.eval()
        predicted = predict(self.averaged, self.validation)
        if not np.ptp(predicted) > 0 or not np.ptp(self.validation.score) > 0:
            return 0.0
        return -float(spearmanr(predicted, self.validation.score).statistic)

    def _jobs(self, generator: torch.Generator) -> Iterator[Job]:
        """What the batches of an epoch are made of, all drawn before the first is made."""
        order = torch.randperm(len(self.pairs), generator=generator)
        drawn = self.see.draw(2 * len(self.pairs), generator).view(-1, 2, 3)
        if self.recipe.together:
            drawn = drawn[:, :1].expand(-1, 2, 3)
        size = self.recipe.batch
        yield from zip(torch.split(order, size), torch.split(drawn, size), strict=True)

    def _batch(self, job: Job) -> Batch:
        chosen, drawn = job
        pictures = [self.pairs.pictures(int(pair)) for pair in chosen]
        reference, sample = (
            torch.stack([self.see(both[side], of_pair[side]) for both, of_pair in seen])
            for side, seen in ((side, list(zip(pictures, drawn, strict=True))) for side in (0, 1))
        )
        score = torch.as_tensor(self.pairs.score[chosen.numpy()], dtype=torch.float32)
        return reference, sample, score


def _ahead(pool: ThreadPoolExecutor, make: Callable[[T], R], jobs: Iterator[T]) -> Iterator[R]:
    """Make the jobs in their order, some of them before they are asked for."""
    pending: deque[Future[R]] = deque()
    for job in jobs:
        pending.append(pool.submit(make, job))
        if len(pending) > AHEAD:
            yield pending.popleft().result()
    while pending:
        yield pending.popleft().result()
