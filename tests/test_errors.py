"""What cannot be right is refused in one sentence: the argument, what is wrong, what is accepted.

Whatever is passed, a function returns or raises ValueError or TypeError: it never crashes.
"""

import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import dde

LAB = np.full((4, 3), 50.0)
IMAGE = np.full((4, 5, 3), 128, np.uint8)
FLOAT_IMAGE = np.full((4, 5, 3), 0.5)
DIFFERENCES = [
    dde.cie76,
    dde.cie94,
    dde.cmc,
    dde.ciede2000,
    dde.hyab,
    dde.deep_delta_e,
    dde.delta_e,
]
CONVERSIONS = {
    dde.xyz_to_lab: "xyz",
    dde.lab_to_xyz: "lab",
    dde.xyz_to_srgb: "xyz",
    dde.xyz_to_oklab: "xyz",
    dde.oklab_to_xyz: "lab",
}
FROM_SRGB = [dde.srgb_to_xyz, dde.srgb_to_lab]


def refuses(
    error: type[Exception],
    words: tuple[str, ...],
    function: Callable,
    *arguments: Any,
    **named: Any,
) -> None:
    """The function raises this error, in one sentence that has these words."""
    with pytest.raises((ValueError, TypeError)) as caught:
        function(*arguments, **named)
    message = re.sub(r"\. Did you mean '\w+'\?$", "", str(caught.value))  # Python adds, from 3.13
    assert type(caught.value) is error, message
    for word in words:
        assert word in message
    assert "\n" not in message
    assert ". " not in message


def read_only(shape: tuple[int, ...]) -> np.ndarray:
    array = np.empty(shape)
    array.flags.writeable = False
    return array


def of_name(argument: object) -> str:
    return getattr(argument, "__name__", "")


def of_kind(argument: object) -> str:
    return argument or "empty" if isinstance(argument, str) else type(argument).__name__


# ---- Colours ------------------------------------------------------------------------------

NO_COLOURS = {
    "two coordinates": (np.zeros((4, 2)), "(4, 2)"),
    "four coordinates": (np.zeros((3, 4)), "(3, 4)"),
    "no axis": (np.float64(5), "()"),
    "no coordinate": (np.zeros((4, 0)), "(4, 0)"),
    "None": (None, "()"),
    "a string": ("red", "()"),
    "a dictionary": ({"L": 50}, "()"),
}


@pytest.mark.parametrize(("colours", "shape"), NO_COLOURS.values(), ids=NO_COLOURS)
def test_the_last_axis_must_be_3(colours: Any, shape: str) -> None:
    for conversion, name in CONVERSIONS.items():
        refuses(ValueError, (name, "last axis of 3", shape), conversion, colours)
    for conversion in FROM_SRGB:
        refuses(ValueError, ("rgb", "last axis of 3", shape), conversion, colours)
    for difference in DIFFERENCES:
        refuses(ValueError, ("lab1", "last axis of 3", shape), difference, colours, LAB)
        refuses(ValueError, ("lab2", "last axis of 3", shape), difference, LAB, colours)
    refuses(ValueError, ("sample", "last axis"), dde.delta_e_map, IMAGE, colours)


def test_ragged_lists() -> None:
    ragged = [[50.0, 0.0, 0.0], [50.0, 0.0]]
    refuses(ValueError, ("lab2", "array"), dde.ciede2000, LAB, ragged)
    refuses(ValueError, ("xyz", "array"), dde.xyz_to_lab, ragged)
    refuses(ValueError, ("rgb", "array"), dde.srgb_to_lab, ragged)


@pytest.mark.parametrize(
    "dtype",
    "i1 u1 u2 i4 i8 bool complex64 longdouble object U1 S1 datetime64[s] V4".split(),
)
def test_lab_and_xyz_must_be_float32_or_float64(dtype: str) -> None:
    colours = np.zeros((4, 3), dtype)
    accepted = "float32 or float64"
    for conversion, name in CONVERSIONS.items():
        refuses(TypeError, (name, accepted, str(colours.dtype)), conversion, colours)
    for difference in DIFFERENCES:
        refuses(TypeError, ("lab1", accepted), difference, colours, LAB)
        refuses(TypeError, ("lab2", accepted), difference, LAB, colours)
    refuses(TypeError, ("xyz", accepted), dde.adapt, colours, "D65", "A")


def test_a_list_of_whole_numbers_is_integer_lab() -> None:
    refuses(TypeError, ("lab1", "int64"), dde.cie76, [50, 0, 0], [50.0, 0.0, 0.0])


@pytest.mark.parametrize("dtype", "i1 i2 u4 i8 bool complex64 longdouble object".split())
def test_srgb_must_be_of_8_or_16_bits_or_float(dtype: str) -> None:
    image = np.zeros((4, 5, 3), dtype)
    accepted = ("uint8", "uint16", "float32", "float64", str(image.dtype))
    for conversion in FROM_SRGB:
        refuses(TypeError, ("rgb", *accepted), conversion, image)
    refuses(TypeError, ("reference", *accepted), dde.delta_e_map, image, IMAGE)
    refuses(TypeError, ("sample", *accepted), dde.delta_e_map, IMAGE, image)


@pytest.mark.parametrize("difference", DIFFERENCES, ids=of_name)
@pytest.mark.parametrize("shape", [(5, 3), (2, 3), (4, 2, 3), (0, 3)])
def test_shapes_that_do_not_broadcast(difference: Callable, shape: tuple[int, ...]) -> None:
    words = ("lab1", "lab2", "broadcast", "(4, 3)", str(shape))
    refuses(ValueError, words, difference, LAB, np.zeros(shape))
    refuses(ValueError, words, difference, np.zeros(shape), LAB)


# ---- sRGB outside [0, 1] ------------------------------------------------------------------

OUTSIDE = [-0.001, 1.001, -5, 255, np.inf, -np.inf]


@pytest.mark.parametrize("conversion", FROM_SRGB, ids=of_name)
@pytest.mark.parametrize("value", OUTSIDE)
def test_float_srgb_outside_0_to_1(
    conversion: Callable, value: float, real: type[np.floating]
) -> None:
    words = ("rgb", "[0, 1]", "clip=True")
    for coordinate in range(3):
        rgb = np.full((700, 3), 0.5, real)
        rgb[432, coordinate] = value
        refuses(ValueError, words, conversion, rgb)
        refuses(ValueError, words, conversion, rgb[:, ::-1])


@pytest.mark.parametrize("value", OUTSIDE)
def test_float_image_outside_0_to_1(value: float, real: type[np.floating]) -> None:
    good = np.full((40, 50, 3), 0.5, real)
    bad = good.copy()
    bad[-1, -1, -1] = value
    words = ("[0, 1]", "clip=True")
    refuses(ValueError, ("reference", *words), dde.delta_e_map, bad, good)
    refuses(ValueError, ("sample", *words), dde.delta_e_map, good, bad)
    refuses(ValueError, ("reference", *words), dde.delta_e_map, bad[-1, -1], good)
    refuses(ValueError, ("sample", *words), dde.delta_e_map, good, bad[-1, -1])


def test_one_value_outside_in_an_image_that_many_threads_share() -> None:
    rgb = np.full((300, 400, 3), 0.5, np.float32)
    rgb[123, 234, 1] = 1.5
    with dde.num_threads(3):
        refuses(ValueError, ("rgb", "[0, 1]"), dde.srgb_to_lab, rgb)


def test_rounding_beyond_0_to_1_is_accepted(real: type[np.floating]) -> None:
    rgb = np.array([[-1e-6, 0.5, 1 + 1e-6]], real)
    np.testing.assert_array_equal(dde.srgb_to_lab(rgb), dde.srgb_to_lab(np.clip(rgb, 0, 1)))


def test_clip_gives_what_the_clipped_image_gives(real: type[np.floating]) -> None:
    rng = np.random.default_rng(1)
    wild, tame = rng.uniform(-1, 2, (2, 40, 50, 3)).astype(real)
    clipped = np.clip(wild, 0, 1)
    tame = np.clip(tame, 0, 1)
    for conversion in FROM_SRGB:
        np.testing.assert_array_equal(conversion(wild, clip=True), conversion(clipped))
    for reference, sample, expected in [
        (wild, tame, dde.delta_e_map(clipped, tame)),
        (tame, wild, dde.delta_e_map(tame, clipped)),
        (wild[3, 4], tame, dde.delta_e_map(clipped[3, 4], tame)),
    ]:
        np.testing.assert_array_equal(dde.delta_e_map(reference, sample, clip=True), expected)


def test_nan_is_not_outside() -> None:
    assert np.all(np.isnan(dde.srgb_to_lab([np.nan, 0.5, 0.5])))
    assert np.all(np.isnan(dde.srgb_to_lab([np.nan, 0.5, 0.5], clip=True)))


@pytest.mark.parametrize("clip", [np.ones(3), "no"], ids=repr)
def test_clip_must_be_true_or_false(clip: Any) -> None:
    refuses(TypeError, ("clip", "True or False"), dde.srgb_to_lab, LAB / 100, clip=clip)
    refuses(TypeError, ("clip",), dde.delta_e_map, IMAGE, IMAGE, clip=clip)


# ---- Names --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "metric",
    ["CIE2000", "", "delta_e", None, 5, b"CIE76", [], {}, LAB, np.hypot, dde.delta_e, str],
    ids=of_kind,
)
def test_unknown_metric(metric: Any) -> None:
    words = ("metric", "CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB")
    refuses(ValueError, words, dde.delta_e, LAB, LAB, metric)
    refuses(ValueError, words, dde.delta_e_map, IMAGE, IMAGE, metric)


@pytest.mark.parametrize("white", ["D66", "d66", "D65/2", "", b"D65"])
def test_unknown_white(white: Any) -> None:
    refuses(ValueError, ("white", repr(white)), dde.xyz_to_lab, LAB, white)
    refuses(ValueError, ("white", repr(white)), dde.lab_to_xyz, LAB, white)
    refuses(ValueError, ("source_white",), dde.adapt, LAB, white, "D65")
    refuses(ValueError, ("target_white",), dde.adapt, LAB, "D65", white)


@pytest.mark.parametrize(
    "white",
    [
        [0.95, 1],
        [[0.95, 1, 1.09]],
        [0.95, 0, 1.09],
        [-0.95, 1, 1.09],
        [np.nan, 1, 1],
        [np.inf, 1, 1],
        [1j, 1, 1],
        np.array([1, 1, 1 + 1j]),
        [10**400, 1, 1],
        ["a", "b", "c"],
        [[1, 2], 3],
        None,
        1.0,
    ],
    ids=lambda white: repr(white)[:20],
)
def test_white_that_is_not_three_positive_numbers(white: Any) -> None:
    refuses(ValueError, ("white", "positive"), dde.xyz_to_lab, LAB, white)
    refuses(ValueError, ("target_white",), dde.adapt, LAB, "D65", white)


@pytest.mark.parametrize("method", ["CAT97", "brad", "", None, 2, [], LAB], ids=of_kind)
def test_unknown_method(method: Any) -> None:
    words = ("method", "Bradford", "CAT02", "CAT16")
    refuses(ValueError, words, dde.adapt, LAB, "D65", "A", method)


@pytest.mark.parametrize("order", ["grb", "GBR", "RGBA", "", None, 3, [], LAB], ids=of_kind)
def test_unknown_order(order: Any) -> None:
    words = ("order", "RGB", "BGR")
    refuses(ValueError, words, dde.delta_e_map, IMAGE, IMAGE, order=order)


# ---- Factors ------------------------------------------------------------------------------

FACTORS = [
    (dde.cie94, "kL"),
    (dde.cie94, "K1"),
    (dde.cie94, "K2"),
    (dde.cmc, "l"),
    (dde.cmc, "c"),
    (dde.ciede2000, "kL"),
    (dde.ciede2000, "kC"),
    (dde.ciede2000, "kH"),
]
each_factor = pytest.mark.parametrize(("difference", "factor"), FACTORS)


@each_factor
@pytest.mark.parametrize(
    "value", [-1, -1e-9, np.nan, np.inf, -np.inf, pytest.param(10**400, id="10^400")]
)
def test_factors_must_be_positive(difference: Callable, factor: str, value: Any) -> None:
    words = (factor, "positive")
    refuses(ValueError, words, difference, LAB, LAB, **{factor: value})
    refuses(ValueError, words, dde.delta_e, LAB, LAB, difference, **{factor: value})
    map_of = {"metric": difference, factor: value}
    refuses(ValueError, words, dde.delta_e_map, IMAGE, IMAGE, **map_of)


@each_factor
def test_only_the_weights_of_cie94_may_be_0(difference: Callable, factor: str) -> None:
    if factor in ("K1", "K2"):
        assert np.all(difference(LAB, LAB, **{factor: 0}) == 0)
    else:
        refuses(ValueError, (factor, "positive"), difference, LAB, LAB, **{factor: 0})


@each_factor
@pytest.mark.parametrize("value", ["1", "one", None, 1j, np.complex64(1), [1.0], np.ones(4)])
def test_factors_must_be_numbers(difference: Callable, factor: str, value: Any) -> None:
    refuses(TypeError, (factor, "number"), difference, LAB, LAB, **{factor: value})


@pytest.mark.parametrize("difference", DIFFERENCES, ids=of_name)
def test_unknown_factor(difference: Callable) -> None:
    refuses(TypeError, ("kX",), difference, LAB, LAB, kX=1)


def test_unknown_factor_of_a_metric_by_name() -> None:
    for metric, known in [("CMC", "l, c"), ("CIEDE2000", "kL, kC, kH"), ("CIE76", "none")]:
        words = ("kX", metric, known)
        refuses(TypeError, words, dde.delta_e, LAB, LAB, metric, kX=1)
        refuses(TypeError, words, dde.delta_e_map, IMAGE, IMAGE, metric, kX=1)


# ---- out ----------------------------------------------------------------------------------

WRONG_OUT = {
    "shape": (np.empty(5), ValueError, ["(4,)", "(5,)"]),
    "a shape that would broadcast": (np.empty((2, 4)), ValueError, ["(4,)", "(2, 4)"]),
    "float32": (np.empty(4, np.float32), TypeError, ["float64", "f4"]),
    "integer": (np.empty(4, np.int64), TypeError, ["float64", "i8"]),
    "object": (np.empty(4, object), TypeError, ["float64"]),
    "byte order": (np.empty(4, np.dtype(np.float64).newbyteorder()), TypeError, ["float64", "f8"]),
    "read-only": (read_only((4,)), ValueError, ["read-only"]),
    "a list": ([0.0] * 4, TypeError, ["NumPy array", "list"]),
    "a tuple of arrays": ((np.empty(4),), TypeError, ["NumPy array", "tuple"]),
}


@pytest.mark.parametrize(("out", "error", "words"), WRONG_OUT.values(), ids=WRONG_OUT)
def test_out_must_be_as_the_result(out: Any, error: type[Exception], words: list[str]) -> None:
    for difference in DIFFERENCES:
        refuses(error, ("out", *words), difference, LAB, LAB, out=out)


@pytest.mark.parametrize("conversion", [*CONVERSIONS, *FROM_SRGB], ids=of_name)
def test_out_of_a_conversion_must_be_as_the_result(conversion: Callable) -> None:
    colours = LAB / 100
    shapes = ("out", "(4, 3)", "(4,)")
    refuses(ValueError, shapes, conversion, colours, out=np.empty(4))
    refuses(TypeError, ("out", "float64"), conversion, colours, out=LAB.astype("f4"))
    refuses(ValueError, ("out", "read-only"), conversion, colours, out=read_only((4, 3)))
    refuses(TypeError, ("out", "NumPy array"), conversion, colours, out=[[0.0] * 3] * 4)


def test_out_of_a_map_must_be_as_the_result() -> None:
    for out, error, words in [
        (np.empty((5, 4), np.float32), ValueError, ("(4, 5)", "(5, 4)")),
        (np.empty((4, 5)), TypeError, ("float32", "f8")),
        (np.empty((4, 5), np.uint8), TypeError, ("float32", "u1")),
        ([], TypeError, ("NumPy array", "list")),
    ]:
        refuses(error, ("out", *words), dde.delta_e_map, IMAGE, IMAGE, out=out)


# ---- Images -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reference", "sample"),
    [
        (IMAGE, IMAGE[1:]),
        (IMAGE, IMAGE[:, :-1]),
        (IMAGE, IMAGE[:1]),
        (IMAGE, IMAGE[:, :1]),
        (IMAGE, IMAGE[0]),
        (IMAGE[0], IMAGE[0]),
        (IMAGE[0, 0], IMAGE[0, 0]),
        (IMAGE[None], IMAGE[None]),
        (IMAGE[0, 0], IMAGE[0]),
    ],
    ids=lambda image: str(image.shape),
)
def test_images_must_have_one_shape(reference: np.ndarray, sample: np.ndarray) -> None:
    words = ("reference", "sample", "(H, W, 3)", str(reference.shape), str(sample.shape))
    refuses(ValueError, words, dde.delta_e_map, reference, sample)
    refuses(ValueError, words, dde.delta_e_map, sample, reference)


# ---- Threads ------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def default_threads() -> Iterator[None]:
    yield
    dde.set_num_threads(None)


@pytest.mark.parametrize(
    ("n", "error"),
    [
        (0, ValueError),
        (-1, ValueError),
        (1.5, TypeError),
        (2.0, TypeError),
        ("2", TypeError),
        ([2], TypeError),
        (np.nan, TypeError),
    ],
)
def test_threads_must_be_a_positive_whole_number(n: Any, error: type[Exception]) -> None:
    refuses(error, ("n must be", repr(n)), dde.set_num_threads, n)
    refuses(error, ("n must be", repr(n)), dde.num_threads(n).__enter__)


@pytest.mark.parametrize("n", [2**31, 10**30])
def test_absurdly_many_threads(n: int) -> None:
    refuses(ValueError, ("n must be",), dde.set_num_threads, n)
    refuses(ValueError, ("n must be",), dde.num_threads(n).__enter__)


# ---- Anything -----------------------------------------------------------------------------

small_shapes = st.lists(st.integers(0, 3), max_size=4).map(tuple) | st.sampled_from(
    [(3,), (4, 3), (4, 5, 3), (1, 1, 3), (0, 3), (1,) * 63 + (3,)]
)
odd_types = st.sampled_from(
    "? b B h H i I q Q e f d g F D G O S2 U2 V3 >f4 >f8 >u2 M8[s] m8[s] f4,f4,f4".split()
)


@st.composite
def odd_arrays(draw: st.DrawFn) -> np.ndarray:
    array = np.zeros(draw(small_shapes), draw(odd_types))
    if array.dtype.kind == "f":
        array[...] = draw(st.floats(width=16))
    return array[..., ::-1] if array.ndim and draw(st.booleans()) else array


scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from([10**400, -(10**400), 2**31, 2**63, 2**64])
    | st.floats()
    | st.complex_numbers()
    | st.text(max_size=3)
    | st.binary(max_size=3)
    | st.sampled_from(["D65", "A/10", "CMC", "ciede2000", "BGR", "CAT16", dde.cmc, Ellipsis, int])
)
numbers = st.floats(0, 1)
colours = st.tuples(numbers, numbers, numbers).map(list)
odd_lists = st.recursive(scalars, lambda inner: st.lists(inner, max_size=4), max_leaves=9)
anything = st.one_of(odd_arrays(), odd_arrays(), colours, odd_lists, st.just({}), st.just({1.0}))
ARGUMENTS = {
    dde.cie76: [],
    dde.cie94: ["kL", "K1", "K2"],
    dde.cmc: ["l", "c"],
    dde.ciede2000: ["kL", "kC", "kH"],
    dde.hyab: [],
    dde.deep_delta_e: [],
    dde.delta_e: ["metric", "kL"],
    dde.delta_e_map: ["metric", "order", "clip", "kL"],
    dde.adapt: ["source_white", "target_white", "method"],
    dde.xyz_to_lab: ["white"],
    dde.lab_to_xyz: ["white"],
    dde.srgb_to_xyz: ["clip"],
    dde.srgb_to_lab: ["clip"],
    dde.xyz_to_srgb: [],
    dde.xyz_to_oklab: [],
    dde.oklab_to_xyz: [],
    dde.set_num_threads: [],
}


def is_named(message: str, function: Callable, named: dict[str, Any]) -> bool:
    """Whether a message says which of the arguments is wrong, or that there are too many."""
    names = {*inspect.signature(function).parameters, *named}
    return "positional argument" in message or any(
        re.search(rf"\b{name}\b", message) for name in names
    )


@pytest.mark.parametrize("function", ARGUMENTS, ids=of_name)
@given(data=st.data())
def test_anything_returns_or_raises_value_or_type_error(function: Callable, data: Any) -> None:
    positional = data.draw(st.lists(anything, min_size=1, max_size=2))
    names = st.sampled_from([*ARGUMENTS[function], "out"])
    named = data.draw(st.dictionaries(names, anything, max_size=3))
    try:
        function(*positional, **named)
    except (ValueError, TypeError) as error:
        assert is_named(str(error), function, named), error


@pytest.mark.parametrize("names", [("bradford", "d65", "rgb"), ("BRADFORD", "D65", "RGB")])
def test_names_are_taken_in_any_case(names: tuple[str, str, str]) -> None:
    method, white, order = names
    xyz = np.array([0.3, 0.4, 0.2])
    assert np.array_equal(dde.adapt(xyz, "a/10", white, method), dde.adapt(xyz, "A/10", "D65"))
    assert np.array_equal(dde.xyz_to_lab(xyz, white), dde.xyz_to_lab(xyz))
    image = np.zeros((2, 2, 3), np.uint8)
    assert dde.delta_e_map(image, image, "ciede2000", order=order).max() == 0
