"""Ways to split the pairs into what a model is fitted to and what it is measured on."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import KDTree

from dde_training.data import Pairs
from dde_training.errors import UserError

ProtocolName = Literal["in-sample", "pairs", "colours", "centres", "datasets"]

FOLDS = 5
NEARBY = 3.0  # CIELAB units between the mean colours of two pairs


@dataclass(frozen=True)
class Protocol:
    """A rule that says which pairs must be on the same side of every split."""

    description: str
    groups: Callable[[Pairs], np.ndarray]
    # What the bootstrap draws. One datasets group is a whole set, and six draws are no bootstrap.
    units: Callable[[Pairs], np.ndarray]


@dataclass(frozen=True)
class Split:
    """The pairs shared out over the folds of a protocol."""

    fold: np.ndarray  # (N,) the fold in which each pair is held out
    groups: np.ndarray  # (N,) pairs of one group are in one fold
    units: np.ndarray  # (N,) pairs of one unit are drawn together by the bootstrap
    held_out: bool  # False where a model sees the pairs that it is measured on

    @property
    def count(self) -> int:
        """The number of folds."""
        return int(self.fold.max()) + 1

    def __iter__(self) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yield the masks of the training pairs and of the test pairs, fold by fold."""
        for fold in range(self.count):
            test = self.fold == fold
            yield (~test if self.held_out else test), test


def single_pairs(pairs: Pairs) -> np.ndarray:
    """Each pair is a group of its own."""
    return np.arange(len(pairs))


def by_set(pairs: Pairs) -> np.ndarray:
    """Pairs of one set are a group."""
    return _numbered(pairs.sets)


def by_colour(pairs: Pairs) -> np.ndarray:
    """
    Group the pairs that are linked by shared colours within their set.

    Returns
    -------
    numpy.ndarray
        Shape (N,), int64: the group of each pair, counted from 0.
    """
    colours = np.concatenate([pairs.xyz, np.repeat(pairs.sets, 2).reshape(-1, 2, 1)], axis=2)
    ids = np.unique(colours.reshape(-1, 4), axis=0, return_inverse=True)[1].reshape(-1, 2)
    return _numbered(_components(ids, ids.max() + 1)[ids[:, 0]])


def by_centre(pairs: Pairs) -> np.ndarray:
    """
    Group as `by_colour`, then merge groups with pairs whose mean Lab lie within `NEARBY` units.

    Merging goes on from group to group (single linkage) and across the sets, so no region of
    colour is in two groups.

    Returns
    -------
    numpy.ndarray
        Shape (N,), int64: the group of each pair, counted from 0.
    """
    groups = by_colour(pairs)
    near = KDTree(pairs.lab.mean(axis=1)).query_pairs(NEARBY, output_type="ndarray")
    return _numbered(_components(groups[near], groups.max() + 1)[groups])


def _components(links: np.ndarray, size: int) -> np.ndarray:
    """The connected component of each of `size` nodes, links of shape (M, 2)."""
    graph = coo_array((np.ones(len(links)), (links[:, 0], links[:, 1])), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1])


def _numbered(labels: np.ndarray) -> np.ndarray:
    """Labels counted from 0 without gaps."""
    return np.unique(labels, return_inverse=True)[1]


PROTOCOLS: dict[ProtocolName, Protocol] = {
    "in-sample": Protocol(
        "measured on the pairs it was fitted to: no evidence of what it does on others",
        single_pairs,
        single_pairs,
    ),
    "pairs": Protocol(
        "random pairs, 5 folds: leaks, since the colours of a tested pair are in other pairs",
        single_pairs,
        single_pairs,
    ),
    "colours": Protocol(
        "5 folds, pairs that share a colour within a set stay together",
        by_colour,
        by_colour,
    ),
    "centres": Protocol(
        f"as colours, merged across sets where mean Lab lie within {NEARBY:g} units: "
        "no colour region is both seen and tested",
        by_centre,
        by_centre,
    ),
    "datasets": Protocol(
        "leave one set out",
        by_set,
        by_colour,
    ),
}


def split(pairs: Pairs, protocol: ProtocolName, seed: int) -> Split:
    """
    Share the pairs out over the folds of a protocol.

    Parameters
    ----------
    pairs : Pairs
    protocol : str
        A key of `PROTOCOLS`.
    seed : int
        Decides which groups come into one fold. `in-sample` and `datasets` have nothing to decide.

    Returns
    -------
    Split

    Raises
    ------
    UserError
        If the data cannot be split so.
    """
    rule = PROTOCOLS[protocol]
    groups, units = rule.groups(pairs), rule.units(pairs)
    if protocol == "in-sample":
        return Split(np.zeros(len(pairs), dtype=np.int64), groups, units, held_out=False)
    count = groups.max() + 1
    if protocol == "datasets":
        if count < 2:
            raise UserError("the protocol datasets leaves one set out and needs at least two sets")
        return Split(groups, groups, units, held_out=True)
    if count < FOLDS:
        raise UserError(f"the protocol {protocol} needs {FOLDS} groups; these data have {count}")
    return Split(balanced_folds(groups, FOLDS, seed), groups, units, held_out=True)


def balanced_folds(groups: np.ndarray, count: int, seed: int) -> np.ndarray:
    """
    Deal whole groups to folds of about the same number of pairs.

    The largest group that is left goes to the smallest fold; the seed decides between equals.

    Parameters
    ----------
    groups : numpy.ndarray
        Shape (N,), int: the group of each pair, counted from 0.
    count : int
        The number of folds.
    seed : int

    Returns
    -------
    numpy.ndarray
        Shape (N,), int64: the fold of each pair.

    Examples
    --------
    >>> balanced_folds(np.array([0, 0, 0, 1, 2, 2]), 2, seed=0).tolist()
    [0, 0, 0, 1, 1, 1]
    """
    random = np.random.default_rng(seed)
    sizes = np.bincount(groups)
    order = random.permutation(len(sizes))
    order = order[np.argsort(-sizes[order], kind="stable")]
    filled = np.zeros(count, dtype=np.int64)
    fold = np.empty(len(sizes), dtype=np.int64)
    for group in order:
        fold[group] = np.argmin(filled)
        filled[fold[group]] += sizes[group]
    return np.asarray(fold[groups])


def inner_split(groups: np.ndarray, seed: int, parts: int = 10) -> np.ndarray:
    """
    Set aside about one of `parts` of the training pairs, in whole groups, to watch a fit by.

    Returns
    -------
    numpy.ndarray
        Shape (N,), bool: True for the pairs that are set aside.

    Raises
    ------
    UserError
        If there is only one group, so that nothing could be set aside.
    """
    groups = _numbered(groups)
    if groups.max() < 1:
        raise UserError("an inner split needs at least two groups of pairs; early stopping has one")
    return np.asarray(balanced_folds(groups, min(parts, groups.max() + 1), seed) == 0)
