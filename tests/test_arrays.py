"""How an array lies in memory, or is broadcast, changes no bit of the answer.

A view gives what its contiguous copy gives; every colour of a broadcast pair gives what it gives
alone; `out` holds what would have been returned, and nothing beside it is touched.
"""

from collections.abc import Callable
from functools import partial, reduce

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, mutually_broadcastable_shapes

import dde

Layout = Callable[[np.ndarray], np.ndarray]
Shape = tuple[int, ...]

CONVERSIONS = {
    "xyz_to_lab": dde.xyz_to_lab,
    "lab_to_xyz": dde.lab_to_xyz,
    "xyz_to_srgb": dde.xyz_to_srgb,
    "xyz_to_oklab": dde.xyz_to_oklab,
    "oklab_to_xyz": dde.oklab_to_xyz,
    "adapt": partial(dde.adapt, source_white="D65", target_white="A"),
}
FROM_SRGB = {"srgb_to_xyz": dde.srgb_to_xyz, "srgb_to_lab": dde.srgb_to_lab}
DIFFERENCES = {
    "cie76": dde.cie76,
    "cie94": dde.cie94,
    "cmc": dde.cmc,
    "ciede2000": dde.ciede2000,
    "hyab": dde.hyab,
    "deep_delta_e": dde.deep_delta_e,
}
SRGB_TYPES = [np.uint8, np.uint16, np.float32, np.float64]


# ---- Layouts: the same values, lying otherwise in memory ----------------------------------


def planar(array: np.ndarray) -> np.ndarray:
    return np.moveaxis(np.ascontiguousarray(np.moveaxis(array, -1, 0)), 0, -1)


def transposed(array: np.ndarray) -> np.ndarray:
    return array.T.copy().T


def turned_about(array: np.ndarray) -> np.ndarray:
    """Every axis runs backwards in memory, the coordinates too."""
    backwards = (slice(None, None, -1),) * array.ndim
    return array[backwards].copy()[backwards]


def backwards_coordinates(array: np.ndarray) -> np.ndarray:
    return array[..., ::-1].copy()[..., ::-1]


def every_other(array: np.ndarray) -> np.ndarray:
    wide = np.full([2 * n for n in array.shape], 77, array.dtype)
    view = wide[(slice(None, None, 2),) * array.ndim]
    view[...] = array
    return view


def cropped(array: np.ndarray) -> np.ndarray:
    frame = np.full([n + 3 for n in array.shape], 77, array.dtype)
    view = frame[tuple(slice(1, 1 + n) for n in array.shape)]
    view[...] = array
    return view


def four_channels(array: np.ndarray) -> np.ndarray:
    """The first three of RGBA."""
    return np.concatenate([array, np.full_like(array[..., :1], 77)], axis=-1)[..., :3]


def read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


def byte_swapped(array: np.ndarray) -> np.ndarray:
    return array.astype(array.dtype.newbyteorder())


def unaligned(array: np.ndarray) -> np.ndarray:
    file = b"\x00" + array.tobytes()
    return np.frombuffer(file, array.dtype, offset=1, count=array.size).reshape(array.shape)


LAYOUTS: list[Layout] = [
    planar,
    transposed,
    turned_about,
    backwards_coordinates,
    every_other,
    cropped,
    four_channels,
    read_only,
    byte_swapped,
    unaligned,
]
each_layout = pytest.mark.parametrize("layout", LAYOUTS, ids=lambda layout: layout.__name__)
some_layouts = st.lists(st.sampled_from(LAYOUTS), max_size=3).map(
    lambda layouts: lambda array: reduce(lambda view, layout: layout(view), layouts, array)
)

# From single colours to several tiles, and no colour at all.
some_shapes = st.one_of(
    array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=9),
    array_shapes(min_dims=1, max_dims=1, min_side=200, max_side=1100),
    array_shapes(min_dims=2, max_dims=2, min_side=10, max_side=40),
)
some_seeds = st.integers(0, 2**32 - 1)
reals = st.sampled_from([np.float32, np.float64])


def colours(shape: Shape, dtype: type, seed: int) -> np.ndarray:
    """Colours that are valid as any input: 0 to 1, or all of an unsigned type."""
    rng = np.random.default_rng(seed)
    if np.dtype(dtype).kind == "u":
        return rng.integers(0, np.iinfo(dtype).max, (*shape, 3), dtype=dtype, endpoint=True)
    return rng.uniform(size=(*shape, 3)).astype(dtype)


def lab_colours(shape: Shape, dtype: type, seed: int) -> np.ndarray:
    return ((colours(shape, np.float64, seed) - [0, 0.5, 0.5]) * [100, 160, 160]).astype(dtype)


def assert_same(actual: np.ndarray, expected: np.ndarray) -> None:
    """The same type, shape and bits."""
    assert type(actual) is type(expected)
    assert actual.dtype == expected.dtype
    np.testing.assert_array_equal(actual, expected, strict=True)
    assert actual.tobytes() == expected.tobytes()


# ---- Views --------------------------------------------------------------------------------


def test_the_layouts_keep_the_values() -> None:
    array = colours((4, 5), np.float32, 1)
    for layout in LAYOUTS:
        np.testing.assert_array_equal(layout(array), array)
        assert layout(array).dtype.kind == "f"
    assert not unaligned(array).flags.aligned
    assert not byte_swapped(array).dtype.isnative
    assert not any(layout(array).flags.c_contiguous for layout in LAYOUTS[:7])


@pytest.mark.parametrize("conversion", CONVERSIONS.values(), ids=CONVERSIONS)
@given(shape=some_shapes, dtype=reals, layout=some_layouts, seed=some_seeds)
def test_conversion_of_a_view(
    conversion: Callable, shape: Shape, dtype: type, layout: Layout, seed: int
) -> None:
    array = colours(shape, dtype, seed)
    assert_same(conversion(layout(array)), conversion(array))


@pytest.mark.parametrize("conversion", FROM_SRGB.values(), ids=FROM_SRGB)
@given(shape=some_shapes, dtype=st.sampled_from(SRGB_TYPES), layout=some_layouts, seed=some_seeds)
def test_conversion_of_a_view_of_srgb(
    conversion: Callable, shape: Shape, dtype: type, layout: Layout, seed: int
) -> None:
    array = colours(shape, dtype, seed)
    assert_same(conversion(layout(array)), conversion(array))


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
@given(
    shape=some_shapes,
    dtypes=st.tuples(reals, reals),
    layouts=st.tuples(some_layouts, some_layouts),
    seed=some_seeds,
)
def test_difference_of_views(
    difference: Callable,
    shape: Shape,
    dtypes: tuple[type, type],
    layouts: tuple[Layout, Layout],
    seed: int,
) -> None:
    lab1, lab2 = (lab_colours(shape, dtype, seed + i) for i, dtype in enumerate(dtypes))
    assert_same(difference(layouts[0](lab1), layouts[1](lab2)), difference(lab1, lab2))


@given(
    shape=some_shapes.filter(lambda shape: len(shape) == 2),
    dtypes=st.tuples(st.sampled_from(SRGB_TYPES), st.sampled_from(SRGB_TYPES)),
    layouts=st.tuples(some_layouts, some_layouts),
    seed=some_seeds,
)
def test_map_of_views(
    shape: Shape, dtypes: tuple[type, type], layouts: tuple[Layout, Layout], seed: int
) -> None:
    reference, sample = (colours(shape, dtype, seed + i) for i, dtype in enumerate(dtypes))
    assert_same(
        dde.delta_e_map(layouts[0](reference), layouts[1](sample)),
        dde.delta_e_map(reference, sample),
    )


def test_any_number_of_packed_bytes() -> None:
    """They are loaded by the vector, the last of them once more with those before."""
    rgb = np.random.default_rng(48).integers(0, 256, (500, 3), np.uint8)
    one_by_one = dde.srgb_to_lab(planar(rgb))
    for count in range(1, 300):
        for first in (0, 1, 200):
            packed = rgb[first : first + count].copy()
            assert np.array_equal(dde.srgb_to_lab(packed), one_by_one[first : first + count])


@each_layout
def test_view_of_an_image_that_many_threads_share(layout: Layout) -> None:
    shape = (211, 307)
    lab1, lab2 = lab_colours(shape, np.float32, 1), lab_colours(shape, np.float32, 2)
    rgb1, rgb2 = colours(shape, np.uint8, 1), colours(shape, np.uint8, 2)
    with dde.num_threads(3):
        assert_same(dde.ciede2000(layout(lab1), layout(lab2)), dde.ciede2000(lab1, lab2))
        assert_same(dde.xyz_to_lab(layout(lab1)), dde.xyz_to_lab(lab1))
        assert_same(dde.delta_e_map(layout(rgb1), layout(rgb2)), dde.delta_e_map(rgb1, rgb2))


@given(shape=some_shapes, layout=some_layouts, seed=some_seeds)
def test_float16_is_taken_as_float32(shape: Shape, layout: Layout, seed: int) -> None:
    half = colours(shape, np.float16, seed)
    single = half.astype(np.float32)
    assert_same(dde.xyz_to_lab(layout(half)), dde.xyz_to_lab(single))
    assert_same(dde.srgb_to_lab(layout(half)), dde.srgb_to_lab(single))
    assert_same(dde.hyab(layout(half), half), dde.hyab(single, single))


@pytest.mark.parametrize("shape", [(0, 3), (0, 5, 3), (5, 0, 3), (2, 0, 4, 3)])
def test_no_colour_gives_no_answer(shape: Shape) -> None:
    nothing = np.empty(shape, np.float32)
    assert dde.xyz_to_lab(nothing).shape == shape
    assert dde.ciede2000(nothing, nothing).shape == shape[:-1]
    assert dde.ciede2000(nothing, np.zeros(3, np.float32)).shape == shape[:-1]


def test_a_repeated_axis() -> None:
    row = lab_colours((5,), np.float32, 1)
    repeated = np.broadcast_to(row, (300, 5, 3))
    assert_same(dde.ciede2000(repeated, row[::-1]), dde.ciede2000(repeated.copy(), row[::-1]))
    grey = np.broadcast_to(np.linspace(0, 1, 50)[:, None], (50, 3))
    assert_same(dde.srgb_to_lab(grey), dde.srgb_to_lab(grey.copy()))


@pytest.mark.parametrize("to_sequence", [list, tuple, np.ndarray.tolist])
def test_sequences_are_float64_arrays(to_sequence: Callable) -> None:
    lab1, lab2 = lab_colours((4,), np.float64, 1), lab_colours((4,), np.float64, 2)
    assert_same(dde.ciede2000(to_sequence(lab1), to_sequence(lab2)), dde.ciede2000(lab1, lab2))
    assert_same(dde.lab_to_xyz(to_sequence(lab1)), dde.lab_to_xyz(lab1))


# ---- Broadcasting -------------------------------------------------------------------------


@given(
    shapes=mutually_broadcastable_shapes(num_shapes=2, max_dims=5, min_side=0, max_side=6),
    dtypes=st.tuples(reals, reals),
    layouts=st.tuples(some_layouts, some_layouts),
    seed=some_seeds,
)
def test_broadcasting_is_that_of_numpy(shapes, dtypes, layouts, seed: int) -> None:
    lab1, lab2 = (
        lab_colours(shape, dtype, seed + i)
        for i, (shape, dtype) in enumerate(zip(shapes.input_shapes, dtypes, strict=True))
    )
    full1, full2 = (array.copy() for array in np.broadcast_arrays(lab1, lab2))
    expected = dde.ciede2000(full1, full2)
    assert expected.shape == shapes.result_shape
    assert_same(dde.ciede2000(layouts[0](lab1), layouts[1](lab2)), expected)


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
@pytest.mark.parametrize(
    ("shape1", "shape2"),
    [
        ((17, 19), (17, 19)),
        ((17, 19), ()),
        ((), (17, 19)),
        ((23, 1), (31,)),
        ((17, 1), (1, 19)),
        ((1, 1), (17, 19)),
        ((2, 1, 3, 1, 2), (1, 4, 1, 5, 2)),
        ((2,) * 7, (1, 2) * 3 + (2,)),
    ],
)
def test_every_pair_gives_what_it_gives_alone(
    difference: Callable, shape1: Shape, shape2: Shape, real: type[np.floating]
) -> None:
    lab1, lab2 = lab_colours(shape1, real, 1), lab_colours(shape2, real, 2)
    together = difference(lab1, lab2)
    assert together.dtype == real
    full1, full2 = np.broadcast_arrays(lab1, lab2)
    assert together.shape == full1.shape[:-1]
    for index in np.ndindex(together.shape):
        assert together[index] == difference(full1[index], full2[index])


@pytest.mark.parametrize("conversion", (CONVERSIONS | FROM_SRGB).values())
def test_every_colour_gives_what_it_gives_alone(
    conversion: Callable, real: type[np.floating]
) -> None:
    array = colours((3, 200), real, 1)
    together = conversion(array)
    for index in np.ndindex(3, 200):
        assert_same(together[index], conversion(array[index]))


def test_all_pairs() -> None:
    lab = lab_colours((300,), np.float32, 1)
    table = dde.ciede2000(lab[:, None], lab)
    assert table.shape == (300, 300)
    assert_same(table, table.T)
    assert_same(table.diagonal().copy(), np.zeros(300, np.float32))


def test_as_many_axes_as_numpy_allows() -> None:
    lab = lab_colours((2, 3), np.float32, 1)
    many = lab.reshape((1,) * 61 + lab.shape)
    assert many.ndim == 64
    assert_same(dde.lab_to_xyz(many), dde.lab_to_xyz(lab).reshape(many.shape))
    assert_same(dde.cie76(many, lab[::-1]), dde.cie76(lab, lab[::-1]).reshape(many.shape[:-1]))


# ---- Types of the result ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("type1", "type2", "expected"),
    [
        (np.float32, np.float32, np.float32),
        (np.float32, np.float64, np.float64),
        (np.float64, np.float32, np.float64),
        (np.float64, np.float64, np.float64),
        (np.float16, np.float32, np.float32),
        (np.float16, np.float64, np.float64),
        (np.float16, np.float16, np.float32),
    ],
)
@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
def test_mixed_precisions_give_the_higher(
    difference: Callable, type1: type, type2: type, expected: type
) -> None:
    lab1, lab2 = lab_colours((40,), type1, 1), lab_colours((40,), type2, 2)
    same = difference(lab1.astype(expected), lab2.astype(expected))
    assert same.dtype == expected
    assert_same(difference(lab1, lab2), same)


@pytest.mark.parametrize("difference", DIFFERENCES.values(), ids=DIFFERENCES)
def test_a_single_pair_gives_a_scalar(difference: Callable, real: type[np.floating]) -> None:
    lab1, lab2 = lab_colours((), real, 1), lab_colours((), real, 2)
    assert type(difference(lab1, lab2)) is real
    assert type(difference(lab1[None], lab2)) is np.ndarray
    assert type(difference(lab1.tolist(), lab2.tolist())) is np.float64


@pytest.mark.parametrize("conversion", CONVERSIONS.values(), ids=CONVERSIONS)
def test_a_single_colour_gives_an_array(conversion: Callable, real: type[np.floating]) -> None:
    converted = conversion(colours((), real, 1))
    assert type(converted) is np.ndarray
    assert converted.shape == (3,)
    assert converted.dtype == real


@pytest.mark.parametrize("conversion", FROM_SRGB.values(), ids=FROM_SRGB)
def test_srgb_gives_float32_but_for_float64(conversion: Callable) -> None:
    for dtype in SRGB_TYPES:
        expected = np.float64 if dtype is np.float64 else np.float32
        assert conversion(colours((4,), dtype, 1)).dtype == expected


# ---- out ----------------------------------------------------------------------------------

WRITEABLE_LAYOUTS = [
    layout for layout in LAYOUTS if layout not in (read_only, byte_swapped, unaligned)
]
each_writeable_layout = pytest.mark.parametrize(
    "layout", WRITEABLE_LAYOUTS, ids=lambda layout: layout.__name__
)


def owner(view: np.ndarray) -> np.ndarray:
    while isinstance(view.base, np.ndarray):
        view = view.base
    return view


def assert_written_within(out: np.ndarray, expected: np.ndarray, before: np.ndarray) -> None:
    """`out` holds what is expected, and what owns its memory is as it was `before` elsewhere."""
    np.testing.assert_array_equal(out, expected)
    out[...] = 77
    np.testing.assert_array_equal(owner(out), before)


@each_writeable_layout
@pytest.mark.parametrize("shape", [(5, 7), (40, 30), (130, 170)])
def test_out_of_a_conversion(layout: Layout, shape: Shape, real: type[np.floating]) -> None:
    array = colours(shape, real, 1)
    out = layout(np.full_like(array, 77))
    before = owner(out).copy()
    assert dde.xyz_to_lab(array, out=out) is out
    assert_written_within(out, dde.xyz_to_lab(array), before)


@each_writeable_layout
@pytest.mark.parametrize("shape", [(5, 7), (40, 30), (130, 170)])
def test_out_of_a_difference(layout: Layout, shape: Shape, real: type[np.floating]) -> None:
    lab1, lab2 = lab_colours(shape, real, 1), lab_colours(shape, real, 2)
    out = layout(np.full((*shape, 3), 77, real))[..., 1]
    before = owner(out).copy()
    assert dde.ciede2000(lab1, lab2, out=out) is out
    assert_written_within(out, dde.ciede2000(lab1, lab2), before)


def test_unaligned_out(real: type[np.floating]) -> None:
    array = colours((40,), real, 1)
    memory = bytearray(array.nbytes + 2)
    out = np.frombuffer(memory, real, offset=1, count=array.size).reshape(array.shape)
    assert not out.flags.aligned
    assert dde.xyz_to_lab(array, out=out) is out
    np.testing.assert_array_equal(out, dde.xyz_to_lab(array))
    assert memory[0] == memory[-1] == 0


@pytest.mark.parametrize("conversion", CONVERSIONS.values(), ids=CONVERSIONS)
def test_in_place(conversion: Callable, real: type[np.floating]) -> None:
    array = colours((130, 170), real, 1)
    expected = conversion(array)
    assert conversion(array, out=array) is array
    np.testing.assert_array_equal(array, expected)


@given(
    shift=st.integers(-300, 300),
    backwards=st.booleans(),
    count=st.integers(1, 900),
    dtype=reals,
)
def test_out_that_overlaps_an_input(shift: int, backwards: bool, count: int, dtype: type) -> None:
    shared = colours((count + 600,), dtype, 1)
    array, out = shared[300 : 300 + count], shared[300 + shift : 300 + shift + count]
    if backwards:
        out = out[::-1]
    expected = dde.xyz_to_lab(array.copy())
    dde.xyz_to_lab(array, out=out)
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("coordinate", range(3))
def test_difference_written_over_an_input(coordinate: int, real: type[np.floating]) -> None:
    lab1, lab2 = lab_colours((700,), real, 1), lab_colours((700,), real, 2)
    expected = dde.ciede2000(lab1, lab2)
    dde.ciede2000(lab1, lab2, out=lab2[:, coordinate])
    np.testing.assert_array_equal(lab2[:, coordinate], expected)


def test_out_of_a_single_pair(real: type[np.floating]) -> None:
    lab1, lab2 = lab_colours((), real, 1), lab_colours((), real, 2)
    out = np.empty((), real)
    assert dde.ciede2000(lab1, lab2, out=out) is out
    assert out == dde.ciede2000(lab1, lab2)


def test_out_may_be_a_subclass() -> None:
    class Map(np.ndarray):
        pass

    lab1, lab2 = lab_colours((9,), np.float32, 1), lab_colours((9,), np.float32, 2)
    out = np.empty(9, np.float32).view(Map)
    assert dde.ciede2000(lab1, lab2, out=out) is out
    np.testing.assert_array_equal(np.asarray(out), dde.ciede2000(lab1, lab2))


def test_inputs_are_left_as_they_are() -> None:
    lab1, lab2 = lab_colours((9, 9), np.float32, 1), lab_colours((9, 9), np.float32, 2)
    before = lab1.copy(), lab2.copy()
    dde.ciede2000(lab1, lab2)
    dde.lab_to_xyz(lab1)
    np.testing.assert_array_equal((lab1, lab2), before)


@pytest.mark.parametrize("strides", [(4, 4), (0, 4), (4, 0), (236, 4), (-4, 4), (12, 8)])
def test_out_that_overlaps_itself_is_refused(strides: tuple[int, int]) -> None:
    memory = np.zeros(20_000, np.float32)
    out = np.lib.stride_tricks.as_strided(memory[5000:], (50, 60), strides)
    image = np.zeros((50, 60, 3), np.uint8)
    lab = np.zeros((50, 60, 3), np.float32)
    for call in (
        lambda: dde.delta_e_map(image, image + 9, out=out),
        lambda: dde.delta_e_map(image, image + 9, shift=1, out=out),
        lambda: dde.flip_map(image, image + 9, out=out),
        lambda: dde.ciede2000(lab, lab + 9, out=out),
    ):
        with pytest.raises(ValueError, match="out must not overlap itself; its strides are"):
            call()
    assert not memory.any()


@pytest.mark.parametrize("strides", [(240, 4), (-240, 4), (4, 200), (8, 400), (400, -4), (1000, 8)])
def test_out_of_any_strides_that_do_not_overlap_is_accepted(strides: tuple[int, int]) -> None:
    memory = np.zeros(40_000, np.float32)
    out = np.lib.stride_tricks.as_strided(memory[20_000:], (50, 60), strides)
    rng = np.random.default_rng(3)
    one, other = rng.integers(0, 255, (2, 50, 60, 3), dtype=np.uint8)
    assert dde.delta_e_map(one, other, out=out) is out
    np.testing.assert_array_equal(out, dde.delta_e_map(one, other))
