"""Arrays of any shape, strides and type, and results that overlap what they are made of.

Whatever comes, it is refused in a sentence, or the answer is that of plain copies. DDE_FUZZ in the
environment says how many examples are tried of each.
"""

import os
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import dde

EXAMPLES = int(os.environ.get("DDE_FUZZ", "60"))
bounded = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
TYPES = ["f4", "f8", ">f4", ">f8", "f2", "i4", "u1", "u2", "?", "c8", "O", "M8[s]"]
LAST = (3, 3, 3, 2, 4)  # the length of the last axis: three channels, or not
ACCEPTED = {"f2", "f4", "f8", ">f4", ">f8"}
FUNCTIONS: dict[str, Callable[..., np.ndarray]] = {
    "ciede2000": dde.ciede2000,
    "cie94": dde.cie94,
    "deep_delta_e": dde.deep_delta_e,
}
CONVERSIONS: dict[str, Callable[..., np.ndarray]] = {
    "lab_to_xyz": dde.lab_to_xyz,
    "xyz_to_srgb": dde.xyz_to_srgb,
    "srgb_to_lab": dde.srgb_to_lab,
}


@st.composite
def colours(draw: st.DrawFn, types: list[str] = TYPES, last: tuple[int, ...] = LAST) -> Any:
    """Views of every kind: cropped, skipping, reversed, turned, repeated, out of alignment."""
    sides = draw(st.lists(st.sampled_from([0, 1, 2, 3, 5, 17, 241]), min_size=0, max_size=3))
    kind = np.dtype(draw(st.sampled_from(types)))
    shape = [*sides, draw(st.sampled_from(last))]
    steps = [draw(st.sampled_from([1, 1, 2, -1, -3])) for _ in shape]
    spare = st.integers(0, 2)
    room = [side * abs(step) + draw(spare) for side, step in zip(shape, steps, strict=True)]
    values = np.random.default_rng(draw(st.integers(0, 99))).uniform(0, 1, room)
    if kind.itemsize > 1 and kind.kind != "O" and draw(st.booleans()):  # out of alignment
        held = np.zeros(int(np.prod(room)) * kind.itemsize + 1, np.uint8)[1:]
        array = np.ndarray(room, kind, held)
        array[...] = values.astype(kind)
    else:
        array = values.astype(kind)
    array = array[tuple(slice(None, None, step) for step in steps)]
    array = array[tuple(slice(side) for side in shape)]
    if array.ndim > 2 and draw(st.booleans()):
        array = array.swapaxes(0, 1)
    if array.ndim > 1 and len(array) == 1 and draw(st.booleans()):
        array = np.broadcast_to(array, (4, *array.shape[1:]))
    return array


def plain(array: np.ndarray) -> np.ndarray:
    return np.array(array, array.dtype.newbyteorder("="), order="C")


def answer(call: Callable[[], np.ndarray]) -> np.ndarray | None:
    """What is answered; None where the arrays are refused, in one line that says which."""
    try:
        return call()
    except (TypeError, ValueError) as error:
        assert "\n" not in str(error)
        assert str(error)
        return None


@bounded
@given(name=st.sampled_from(list(FUNCTIONS)), lab1=colours(), lab2=colours())
def test_differences_of_any_two_arrays(name: str, lab1: Any, lab2: Any) -> None:
    function = FUNCTIONS[name]
    found = answer(lambda: function(lab1, lab2))
    expected = answer(lambda: function(plain(lab1), plain(lab2)))
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found.shape == np.broadcast_shapes(lab1.shape[:-1], lab2.shape[:-1])
        np.testing.assert_array_equal(found, expected)


@bounded
@given(name=st.sampled_from(list(CONVERSIONS)), array=colours())
def test_conversions_of_any_array(name: str, array: Any) -> None:
    function = CONVERSIONS[name]
    found, expected = answer(lambda: function(array)), answer(lambda: function(plain(array)))
    assert (found is None) == (expected is None)
    if found is not None and expected is not None:
        assert found.shape == array.shape
        np.testing.assert_array_equal(found, expected)


@bounded
@given(array=colours(types=["f4", "f8"], last=(3,)), out=colours(types=["f4", "f8", "u1"]))
def test_results_into_any_array(array: Any, out: Any) -> None:
    """Into one that does not fit, or cannot be written to, nothing is written."""
    kept = out.copy()
    found = answer(lambda: dde.lab_to_xyz(array, out=out))
    if found is None:
        np.testing.assert_array_equal(out, kept)
    else:
        assert found is out
        np.testing.assert_array_equal(out, dde.lab_to_xyz(plain(array)))


@bounded
@given(
    start=st.integers(0, 40),
    step=st.sampled_from([1, 2, -1]),
    count=st.integers(0, 700),
    kind=st.sampled_from(["f4", "f8"]),
)
def test_results_that_overlap_what_they_are_made_of(
    start: int, step: int, count: int, kind: str
) -> None:
    """As if the arrays had been copied first, or refused."""
    held = np.random.default_rng(count).uniform(1, 90, (1500, 3)).astype(kind)
    array = held[:count]
    out = held[start : start + 2 * count][::step][:count]
    if out.shape != array.shape:
        return
    expected = dde.lab_to_xyz(array.copy())
    kept = held.copy()
    if answer(lambda: dde.lab_to_xyz(array, out=out)) is None:
        np.testing.assert_array_equal(held, kept)
    else:
        np.testing.assert_array_equal(out, expected)


@bounded
@given(start=st.integers(0, 9), column=st.integers(0, 2), count=st.integers(1, 700))
def test_differences_into_a_column_of_the_colours(start: int, column: int, count: int) -> None:
    held = np.random.default_rng(count).uniform(1, 90, (2, 800, 3)).astype("f4")
    lab1, lab2 = held[0, :count], held[1, :count]
    out = held[0, start : start + count, column]
    expected = dde.ciede2000(lab1.copy(), lab2.copy())
    if answer(lambda: dde.ciede2000(lab1, lab2, out=out)) is not None:
        np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("kind", TYPES)
def test_the_types_that_are_accepted(kind: str) -> None:
    found = answer(lambda: dde.ciede2000(np.zeros((2, 3), kind), np.zeros((2, 3), "f4")))
    assert (found is not None) == (kind in ACCEPTED)
