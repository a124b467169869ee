"""Splits: which pairs are held out together, and that nothing leaks over."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from dde_training.data import Pairs, combine, read_sets
from dde_training.errors import UserError
from dde_training.protocols import (
    NEARBY,
    PROTOCOLS,
    ProtocolName,
    balanced_folds,
    by_centre,
    by_colour,
    inner_split,
    split,
)

GROUPED: list[ProtocolName] = ["colours", "centres"]


@pytest.fixture(scope="module")
def all_pairs(data_dir: Path) -> Pairs:
    return combine(read_sets(data_dir))


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_every_pair_is_held_out_once(all_pairs: Pairs, protocol: ProtocolName) -> None:
    shares = split(all_pairs, protocol, seed=3)
    tested = np.zeros(len(all_pairs), dtype=int)
    for training, test in shares:
        tested += test
        assert test.any()
        assert not (training & test).any() or protocol == "in-sample"
        assert (training | test).all()
    assert (tested == 1).all()


@pytest.mark.parametrize("protocol", ["pairs", *GROUPED])
def test_folds_are_whole_groups_balanced_in_pairs_and_dealt_by_the_seed(
    all_pairs: Pairs, protocol: ProtocolName
) -> None:
    shares = split(all_pairs, protocol, seed=3)
    assert shares.count == 5
    for group in range(shares.groups.max() + 1):
        assert len(set(shares.fold[shares.groups == group])) == 1
    sizes = np.bincount(shares.fold)
    largest = np.bincount(shares.groups).max()
    assert np.ptp(sizes) <= largest
    np.testing.assert_array_equal(shares.fold, split(all_pairs, protocol, seed=3).fold)
    assert (shares.fold != split(all_pairs, protocol, seed=4).fold).any()


def test_colours_never_straddle(all_pairs: Pairs) -> None:
    for training, test in split(all_pairs, "colours", seed=0):
        for number in range(len(all_pairs.names)):
            part = all_pairs.sets == number
            seen = {tuple(xyz) for xyz in all_pairs.xyz[part & training].reshape(-1, 3)}
            tested = {tuple(xyz) for xyz in all_pairs.xyz[part & test].reshape(-1, 3)}
            assert not seen & tested


def test_centres_keep_three_units_between_what_is_seen_and_tested(all_pairs: Pairs) -> None:
    centres = all_pairs.lab.mean(axis=1)
    for training, test in split(all_pairs, "centres", seed=0):
        for centre in centres[test]:
            distance = np.linalg.norm(centres[training] - centre, axis=1)
            assert distance.min() > NEARBY


def test_centres_are_unions_of_colours(all_pairs: Pairs) -> None:
    colours, centres = by_colour(all_pairs), by_centre(all_pairs)
    for group in range(colours.max() + 1):
        assert len(set(centres[colours == group])) == 1


def test_colours_are_equal_by_value_and_only_within_a_set(all_pairs: Pairs) -> None:
    some = all_pairs[np.array([0, 0, 0])]
    apart = replace(some, xyz=some.xyz + np.array([0, 1, 0])[:, None, None])
    assert by_colour(apart).tolist() == [0, 1, 0]
    assert by_colour(replace(some, sets=np.array([0, 0, 1]))).tolist() == [0, 0, 1]


def test_datasets_leave_one_set_out(all_pairs: Pairs) -> None:
    shares = split(all_pairs, "datasets", seed=0)
    np.testing.assert_array_equal(shares.fold, all_pairs.sets)


def test_in_sample_says_that_nothing_is_held_out(all_pairs: Pairs) -> None:
    assert not split(all_pairs, "in-sample", seed=0).held_out
    assert all(split(all_pairs, name, seed=0).held_out for name in PROTOCOLS if name != "in-sample")


def test_pairs_says_that_it_leaks() -> None:
    assert "leaks" in PROTOCOLS["pairs"].description


def test_too_little_data_is_said(pairs: Pairs) -> None:
    with pytest.raises(UserError, match="needs 5 groups; these data have 1"):
        split(pairs[np.arange(4)], "colours", seed=0)
    with pytest.raises(UserError, match="at least two sets"):
        split(pairs[pairs.sets == 1], "datasets", seed=0)


def test_the_real_groups(real_dir: Path) -> None:
    pairs = combine(read_sets(real_dir))
    assert by_colour(pairs).max() + 1 == 1027
    sizes = np.bincount(by_centre(pairs))
    assert (len(sizes), sizes.max()) == (222, 308)


def test_a_giant_group_fills_a_fold_alone() -> None:
    groups = np.repeat(np.arange(9), [80, 5, 5, 5, 5, 5, 5, 5, 5])
    fold = balanced_folds(groups, 5, seed=0)
    assert np.bincount(fold).tolist() == [80, 10, 10, 10, 10]


def test_the_inner_split_is_a_tenth_in_whole_groups() -> None:
    groups = np.repeat(np.arange(50), 4)
    inner = inner_split(groups, seed=1)
    assert inner.sum() == 20
    assert not set(groups[inner]) & set(groups[~inner])
    with pytest.raises(UserError, match="at least two groups"):
        inner_split(np.zeros(5, dtype=int), seed=0)
