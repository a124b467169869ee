"""The promise: `shift` and `edges` forgive displacement, and no lost or added thing."""

import numpy as np
import pytest
from spatial import photographs, tolerant

import dde

PAPER, INK = (240, 240, 235), (40, 40, 45)
PAIRS = photographs()


def page() -> np.ndarray:
    return np.full((40, 60, 3), PAPER, np.uint8)


@pytest.mark.parametrize("shift", [0, 1, 2, 4])
@pytest.mark.parametrize("edges", [0, 0.5])
def test_maps_are_those_of_all_shifts(shift: int, edges: float) -> None:
    reference, sample = (image[:60, :250] for image in PAIRS["palette"])
    lab = [
        dde.srgb_to_lab(image / np.float32(255)).astype(np.float32) for image in (reference, sample)
    ]
    found = dde.delta_e_map(reference, sample, shift=shift, edges=edges)
    assert np.abs(found - tolerant(*lab, shift, edges)).max() < 2e-3


def test_a_shifted_edge_is_forgiven() -> None:
    reference, sample = page(), page()
    reference[:, 30:] = sample[:, 32:] = INK
    assert not dde.delta_e_map(reference, sample, shift=2).any()


@pytest.mark.parametrize("shift", [1, 2, 4])
def test_a_speck_and_a_gap_are_seen(shift: int) -> None:
    """One pixel that was added, and one that was lost of a thin line."""
    plain = page()
    speck = page()
    speck[20, 30] = INK
    for reference, sample in ((plain, speck), (speck, plain)):
        found = dde.delta_e_map(reference, sample, shift=shift)
        expected = dde.delta_e_map(reference, sample)
        assert found[20, 30] == expected[20, 30] > 50
        assert np.count_nonzero(found) == 1


def test_a_wide_gap_in_a_line_is_seen_and_a_narrow_one_hidden() -> None:
    """What is not wider than twice the shift finds its like on both sides."""
    line = page()
    line[20] = INK
    for width, seen in ((2, 0), (3, 1), (8, 6)):
        gap = line.copy()
        gap[20, 30 : 30 + width] = PAPER
        found = dde.delta_e_map(line, gap, shift=1)
        assert np.count_nonzero(found > 50) == seen


def test_edges_forgive_a_share_of_the_gradient_and_no_speck() -> None:
    rng = np.random.default_rng(1)
    ramp = (10 + 4 * np.arange(60))[None, :, None]
    reference = np.uint8(np.broadcast_to(ramp, (40, 60, 3)))
    shifted = np.uint8(np.broadcast_to(ramp + 2, (40, 60, 3)))  # half a pixel
    plain = dde.delta_e_map(reference, shifted)
    assert dde.delta_e_map(reference, shifted, edges=0.75)[:, 1:-1].max() < plain.mean() / 4
    speck = page()
    speck[rng.integers(5, 35), rng.integers(5, 55)] = INK
    unforgiven = dde.delta_e_map(page(), speck, edges=2.0)
    assert np.array_equal(unforgiven, dde.delta_e_map(page(), speck))


def test_nan_is_a_difference_that_nobody_knows() -> None:
    reference, sample = page() / 255, page() / 255
    sample[10, 12] = np.nan
    reference[30, 40] = np.inf
    found = dde.delta_e_map(reference.clip(0, None), sample, shift=1, clip=True)
    assert np.flatnonzero(np.isnan(found)).tolist() == [10 * 60 + 12]
    found = dde.delta_e_map(sample, reference, shift=1, clip=True)
    assert np.isnan(found[10, 12])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"shift": -1}, ValueError, "shift must be from 0 to 4 pixels, not -1"),
        ({"shift": 5}, ValueError, "shift must be from 0 to 4 pixels, not 5"),
        ({"shift": 1.0}, TypeError, "shift must be a whole number of pixels, not float"),
        ({"shift": True}, TypeError, "shift must be a whole number of pixels, not bool"),
        ({"edges": -0.5}, ValueError, "edges must be a finite number of pixels"),
        ({"edges": float("nan")}, ValueError, "edges must be a finite number of pixels"),
        ({"edges": 10**400}, ValueError, "edges must be a finite number of pixels"),
        ({"edges": "1"}, TypeError, "edges must be a number of pixels, not str"),
        ({"metric": "FLIP", "shift": 1}, ValueError, "shift and edges must be 0 with FLIP"),
    ],
)
def test_bad_tolerances_are_named(arguments: dict, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        dde.delta_e_map(page(), page(), **arguments)
