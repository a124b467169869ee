"""The promise: a map that sees neighbourhoods is the same to the last bit however the images are
cut, whatever their size, strides and threads; and in bounded memory."""

import tracemalloc
from typing import Any

import numpy as np
import pytest
from spatial import photographs

import dde
from dde import _core
from dde.pictures.comparison import comparison_of

KINDS: list[dict[str, Any]] = [
    {"viewing": 20},
    {"viewing": 45, "shift": 2},
    {"shift": 1},
    {"shift": 4, "edges": 0.5},
    {"edges": 0.25},
    {"metric": "FLIP"},
    {"metric": "deep", "shift": 1, "viewing": 15},
    {"metric": "CAM16-UCS", "viewing": 12},
]


def pair(height: int, width: int, seed: int = 5) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.random((height, width, 3)), rng.random((height, width, 3))


def comparison(kind: dict[str, Any]) -> Any:
    return comparison_of(
        kind.get("metric", "CIEDE2000"),
        {},
        **{key: value for key, value in kind.items() if key != "metric"},
    )


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("rows", [1, 7, 64])
def test_strips_of_any_height_give_the_same_bits(kind: dict[str, Any], rows: int) -> None:
    reference, sample = pair(150, 530)
    sample[60, 200] = np.nan
    whole = dde.delta_e_map(reference, sample, **kind)
    compared = comparison(kind)
    margin, height = compared.margin, len(reference)
    ways = 2 * (compared.way(dde.Space.named("sRGB")),)
    parts = []
    for start in range(0, height, rows):
        stop = min(start + rows, height)
        first, end = max(start - margin, 0), min(stop + margin, height)
        parts.append(
            compared.map(
                reference[first:end], sample[first:end], ways, rows=(first, height, start, stop)
            )
        )
    assert np.array_equal(np.concatenate(parts), whole, equal_nan=True)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_threads_do_not_change_a_bit(kind: dict[str, Any]) -> None:
    reference, sample = pair(700, 900)
    with dde.num_threads(1):
        alone = dde.delta_e_map(reference, sample, **kind)
    for threads in (2, 5):
        with dde.num_threads(threads):
            assert np.array_equal(dde.delta_e_map(reference, sample, **kind), alone)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_views_give_what_copies_give(kind: dict[str, Any]) -> None:
    reference, sample = (np.uint8(255 * image) for image in pair(80, 300))
    expected = dde.delta_e_map(reference, sample, **kind)
    planar = np.ascontiguousarray(sample.transpose(2, 0, 1)).transpose(1, 2, 0)
    wide = np.zeros((80, 600, 3), np.uint8)
    wide[:, ::2] = reference
    out = np.zeros((300, 80), np.float32).T
    assert np.array_equal(dde.delta_e_map(wide[:, ::2], planar, **kind), expected)
    assert dde.delta_e_map(reference, sample, out=out, **kind) is out
    assert np.array_equal(out, expected)
    bgr = dde.delta_e_map(reference[..., ::-1], sample[..., ::-1], order="BGR", **kind)
    assert np.array_equal(bgr, expected)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("shape", [(1, 1), (1, 600), (600, 1), (2, 3), (5, 241), (0, 4), (4, 0)])
def test_every_size_has_a_map(kind: dict[str, Any], shape: tuple[int, int]) -> None:
    reference, sample = pair(*shape)
    found = dde.delta_e_map(reference, sample, **kind)
    assert found.shape == shape
    assert np.isfinite(found).all()
    assert not dde.delta_e_map(reference, reference, **kind).any()


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_single_colour_stands_for_an_image_of_it(kind: dict[str, Any]) -> None:
    _, sample = PAIRS["blur"]
    colour = np.uint8([120, 80, 60])
    image = np.broadcast_to(colour, sample.shape)
    expected = dde.delta_e_map(image, sample, **kind)
    assert np.array_equal(dde.delta_e_map(colour, sample, **kind), expected)


PAIRS = photographs()


def test_symmetric_differences_stay_symmetric() -> None:
    reference, sample = PAIRS["noise"]
    for kind in ({"viewing": 30}, {"shift": 2}, {"metric": "FLIP"}):
        forth = dde.delta_e_map(reference, sample, **kind)
        assert np.array_equal(forth, dde.delta_e_map(sample, reference, **kind))


@pytest.mark.parametrize("kind", [{"viewing": 40}, {"shift": 1}, {"metric": "FLIP"}], ids=str)
def test_memory_is_bounded_by_rows(kind: dict[str, Any]) -> None:
    """The most beyond the images and the map is the same for ten times the height."""
    held = []
    for height in (300, 3000):
        image = np.zeros((height, 500, 3), np.uint8)
        out = np.empty(image.shape[:2], np.float32)
        tracemalloc.start()
        dde.delta_e_map(image, image, out=out, **kind)
        held.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert held[1] < 1.1 * held[0] + 10_000
    assert held[1] < 2_000_000 * dde.get_num_threads()


def test_floats_outside_are_refused_or_clipped() -> None:
    reference, sample = pair(20, 30)
    sample[3, 4, 0] = 1.5
    for kind in KINDS:
        with pytest.raises(ValueError, match="sample is RGB of type float"):
            dde.delta_e_map(reference, sample, **kind)
        clipped = dde.delta_e_map(reference, sample, clip=True, **kind)
        expected = dde.delta_e_map(reference, sample.clip(0, 1), **kind)
        assert np.array_equal(clipped, expected)


def test_the_door_refuses_what_would_read_beyond_the_arrays() -> None:
    reference, sample = pair(20, 30)
    compared = comparison_of("CIE76", {}, viewing=20)
    ways = 2 * (compared.way(dde.Space.named("sRGB")),)
    for rows in ((0, 40, 0, 20), (5, 40, 10, 15), (0, 20, 5, 21), (0, 10, 0, 10), (-1, 20, 0, 5)):
        with pytest.raises(ValueError, match="do not hold those that are wanted"):
            compared.map(reference, sample, ways, rows=rows)
    taps = np.ones(5, np.float32)
    for lines, sums in (
        ([(3, taps)], [(0, 0, taps)]),
        ([(0, taps)], [(1, 0, taps)]),
        ([(0, taps)], [(0, 7, taps)]),
        ([(0, np.ones(4))], [(0, 0, taps)]),
        ([(0, np.ones(2001))], [(0, 0, taps)]),
        ([(0, taps)] * 9, [(0, 0, taps)]),
        ([], [(0, 0, taps)]),
    ):
        with pytest.raises(ValueError):
            _core.FilterBank(lines, sums)
    kernel, bank = _core.FormulaKernel("cie76"), _core.FilterBank()
    for given in ((), (None, None), (None, ways[0]), (1, 2), ways[:1]):
        with pytest.raises((TypeError, ValueError)):
            _core.map_of_pictures(kernel, bank, reference, sample, given, 0, 0, False, False, None)
    for call in ((None, bank), (kernel, None)):
        with pytest.raises(TypeError):
            _core.map_of_pictures(*call, reference, sample, ways, 0, 0, False, False, None)
