"""The promise: defects are the connected patches of the whole map, however it is cut in strips."""

import pickle
from dataclasses import replace
from functools import reduce
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import ndimage

import dde
from dde.inspection import Defect, DefectSearch
from dde.inspection.defects import MOST_LISTED, Patches, search_of
from dde.inspection.inspecting import PIXELS_AT_ONCE

NAMES = ("left", "right", "elsewhere")
SEARCH = DefectSearch(above=1)


@pytest.mark.parametrize("types", [("f4", "f4"), ("f4", "f8"), ("f8", "f4"), ("f8", "f8")])
@pytest.mark.parametrize("far", [1e20, 1e38])
def test_what_is_not_finite_is_no_defect(types: tuple[str, str], far: float, tmp_path) -> None:
    reference, sample = (np.full((4, 4, 3), 50, kind) for kind in types)
    sample[1, 1, 1] = far
    sample[1, 2, 0] = 60
    found = dde.inspect(reference, sample, space="Lab", metric="CIE76", defects=1)
    assert found.overall.not_finite == 1
    assert [(defect.area, defect.peak) for defect in found.defects] == [(1, 10)]
    for suffix in ("json", "csv", "xml", "html"):
        found.save(tmp_path / f"report.{suffix}")
        assert ">inf" not in (tmp_path / f"report.{suffix}").read_text().lower()


@pytest.mark.filterwarnings("error")
def test_no_difference_is_above_what_float32_reaches() -> None:
    image = np.zeros((4, 5, 3), "u1")
    assert dde.inspect(image, image + np.uint8(9), defects=1e39).defects == ()


@pytest.mark.parametrize("given", [10**400, {"above": 10**400}])
def test_above_is_finite(given) -> None:
    with pytest.raises(ValueError, match=r"^defects: above must be a difference of at least 0"):
        search_of(given)


def regions_like(differences: np.ndarray) -> np.ndarray:
    labels = np.full(differences.shape, 3, np.uint8)
    middle = differences.shape[1] // 2
    labels[:, :middle] = 1
    labels[:, middle : middle + 2] = 2
    return labels


def of_the_whole_map(differences: np.ndarray, search: DefectSearch) -> list[Defect]:
    """By scipy.ndimage on the whole map, a defect at a time."""
    numbers, count = ndimage.label(differences > search.above, np.ones((3, 3)))
    regions = regions_like(differences)
    defects = []
    for number in range(1, count + 1):
        here = numbers == number
        y, x = np.nonzero(here)
        values = np.where(here, differences, -1)
        peak = np.unravel_index(values.argmax(), values.shape)
        defects.append(
            Defect(
                region=NAMES[regions[peak] - 1],
                area=len(x),
                x=x.min(),
                y=y.min(),
                width=np.ptp(x) + 1,
                height=np.ptp(y) + 1,
                mean=differences[here].astype(float).mean(),
                peak=differences[here].max(),
            )
        )
    return [defect for defect in defects if defect.area >= search.smallest_area]


def of_strips(
    differences: np.ndarray, search: DefectSearch, edges: list[int], from_below: bool = False
) -> tuple[int, tuple[Defect, ...]]:
    labels = regions_like(differences)
    strips = [
        pickle.loads(
            pickle.dumps(Patches.of(differences[start:stop], labels[start:stop], start, search))
        )
        for start, stop in pairwise(edges)
    ]
    if from_below:
        return reduce(lambda below, strip: strip.join(below), strips[::-1]).found(NAMES)
    return reduce(Patches.join, strips).found(NAMES)


def assert_same(found: tuple[int, tuple[Defect, ...]], expected: list[Defect]) -> None:
    """Whole numbers exactly, in order of area; means to rounding."""
    count, defects = found
    assert count == len(expected)
    areas = [defect.area for defect in defects]
    assert areas == sorted(areas, reverse=True)

    def exact(defects: list[Defect]) -> list[Defect]:
        return sorted((replace(d, mean=round(d.mean, 9)) for d in defects), key=repr)

    assert exact(list(defects)) == exact(expected)


def random_map(seed: int, density: float, shape: tuple[int, int] = (30, 23)) -> np.ndarray:
    rng = np.random.default_rng(seed)
    values = rng.uniform(1, 9, shape).round(0)  # equal peaks are common
    differences = np.where(rng.random(shape) < density, values, 0.5).astype(np.float32)
    differences[rng.random(shape) < 0.05] = np.nan
    return differences


@given(
    seed=st.integers(0, 2**32 - 1),
    density=st.sampled_from([0.02, 0.2, 0.35, 0.5, 0.9]),
    cuts=st.sets(st.integers(1, 29), max_size=29),
    smallest=st.sampled_from([1, 2, 5]),
    from_below=st.booleans(),
)
def test_strips_make_the_whole(
    seed: int, density: float, cuts: set[int], smallest: int, from_below: bool
) -> None:
    differences = random_map(seed, density)
    search = replace(SEARCH, smallest_area=smallest)
    edges = [0, *sorted(cuts), 30]
    found = of_strips(differences, search, edges, from_below)
    assert_same(found, of_the_whole_map(differences, search))


SNAKE = np.array(
    [
        [9, 0, 9, 0, 9],
        [9, 0, 9, 0, 9],
        [9, 0, 9, 0, 9],
        [0, 9, 0, 9, 0],
        [0, 0, 0, 0, 0],
        [0, 0, 9, 0, 0],
    ],
    np.float32,
)


def test_a_patch_that_meets_only_further_down_is_one() -> None:
    for edges in ([0, 6], [0, 1, 2, 3, 4, 5, 6], [0, 3, 6]):
        count, (largest, dot) = of_strips(SNAKE, SEARCH, edges)
        assert count == 2
        assert (largest.area, largest.width, largest.height) == (11, 5, 4)
        assert (dot.area, dot.x, dot.y) == (1, 2, 5)


def test_memory_is_bounded_by_the_width() -> None:
    strip = np.zeros((8, 40), np.float32)
    strip[1:7:2, ::2] = 5  # 60 dots, none of which touches an edge
    patches = reduce(
        Patches.join, (Patches.of(strip, None, 8 * number, SEARCH) for number in range(100))
    )
    assert patches.found(("image",))[0] == 6000
    assert len(patches.found(("image",))[1]) == MOST_LISTED
    assert len(patches._open) == 0
    assert len(patches._largest) == MOST_LISTED


def test_the_largest_are_listed() -> None:
    strip = np.zeros((3, 3 * MOST_LISTED), np.float32)
    strip[1, ::2] = 5
    strip[1, 2500:2600] = 5
    count, defects = Patches.of(strip, None, 0, SEARCH).found(("image",))
    assert count == 1500 - 51 + 1  # the dot at 2600 touches the run
    assert (defects[0].area, defects[0].x) == (101, 2500)
    assert len(defects) == MOST_LISTED


def test_an_inspection_finds_defects_across_its_strips() -> None:
    width = 2048
    rows = PIXELS_AT_ONCE // width
    reference = np.full((2 * rows + 10, width, 3), 100, np.uint8)
    sample = reference.copy()
    sample[rows - 3 : rows + 5, 50:60] = 130
    sample[2 * rows - 1 : 2 * rows + 1, 70:72] = 150
    search = {"above": 5, "rules": "count <= 1 and area <= 80"}
    found = dde.inspect(reference, sample, defects=search)
    assert found.defect_count == 2
    boxes = [(d.area, d.x, d.y, d.width, d.height) for d in found.defects]
    assert boxes == [(80, 50, rows - 3, 10, 8), (4, 70, 2 * rows - 1, 2, 2)]
    assert [j.passed for j in found.defect_judgements] == [False, True]
    assert found.reasons == ("defects: count is 2, above 1",)
    assert found.passed is False
    difference = dde.delta_e_map(reference[:1, :1], sample[rows : rows + 1, 50:51])[0, 0]
    assert found.defects[0].peak == difference


def test_masked_pixels_are_in_no_defect() -> None:
    reference = np.full((10, 10, 3), 100, np.uint8)
    sample = reference.copy()
    sample[4, 2:7] = 200
    mask = np.ones((10, 10), bool)
    mask[:, 4] = False
    found = dde.inspect(reference, sample, mask=mask, defects=5)
    assert [(d.area, d.x) for d in found.defects] == [(2, 2), (2, 5)]


def test_no_defects() -> None:
    image = np.zeros((4, 4, 3), np.uint8)
    found = dde.inspect(image, image, defects={"above": 1, "rules": "area <= 0"})
    assert (found.passed, found.defect_count, found.defects) == (True, 0, ())
    assert dde.inspect(image, image).defect_count is None


def test_a_search_is_checked() -> None:
    with pytest.raises(ValueError, match=r"^defects must have above, and may have"):
        search_of({"smallest_area": 3})
    with pytest.raises(ValueError, match=r"^defects must have above, and may have"):
        search_of({"above": 3, "area": 3})
    with pytest.raises(ValueError, match=r"^defects: above must be a difference of at least 0"):
        search_of(float("nan"))
    with pytest.raises(TypeError, match=r"^defects: above must be a number, not str"):
        search_of("6")
    with pytest.raises(
        TypeError, match=r"^defects: smallest_area must be a whole number, not float"
    ):
        search_of({"above": 6, "smallest_area": 1.5})
