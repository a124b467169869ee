"""The deep metric that ships is a metric, follows what people see, and is sane everywhere.

What holds for any weights (the definition, the kernel) is in test_models.py. Here are the promises
of these weights, over all colours that can be seen; no number of theirs is repeated.
"""

import json
import os
import pickle
from collections.abc import Callable
from pathlib import Path

import gamuts
import numpy as np
import pytest

import dde

MILLION, SOME = 10**6, 10**5
DATA = Path(os.environ.get("DDE_DATA", Path(__file__).parents[2] / "shared" / "data"))

Real = type[np.floating]


@pytest.fixture(scope="module")
def model() -> dde.Model:
    return dde.load_model("deep")


@pytest.fixture(scope="module")
def colours() -> np.ndarray:
    """Three million of all visible colours, shape (3, MILLION, 3)."""
    random = np.random.default_rng(1942)
    return gamuts.visible_colours(3 * MILLION, random).reshape(3, MILLION, 3)


def directions(count: int, rng: np.random.Generator) -> np.ndarray:
    step = rng.normal(size=(count, 3))
    return step / np.linalg.norm(step, axis=1, keepdims=True)


# ---- A metric -----------------------------------------------------------------------------

# In ΔE: how far rounding may make a way by a third colour look shorter.
ROUNDING = {np.float32: 1e-5, np.float64: 1e-12}


def test_equal_colours_are_exactly_0(model: dde.Model, colours: np.ndarray, real: Real) -> None:
    lab = colours[0].astype(real)
    assert np.all(model(lab, lab.copy()) == 0)
    assert np.all(model(lab[:1000], lab[:1000, None]).diagonal() == 0)
    assert model(lab[0], lab[0]) == 0


def test_different_colours_are_not_0(model: dde.Model, colours: np.ndarray, real: Real) -> None:
    lab1, lab2, _ = colours[:, :SOME].astype(real)
    assert np.all(model(lab1, lab2)[np.any(lab1 != lab2, axis=1)] > 0)


def test_it_is_symmetric_to_the_last_bit(model: dde.Model, colours: np.ndarray, real: Real) -> None:
    lab1, lab2, _ = colours.astype(real)
    np.testing.assert_array_equal(model(lab1, lab2), model(lab2, lab1))
    lab = lab1[:SOME]
    np.testing.assert_array_equal(model(lab, lab2[0]), model(lab2[0], lab))


Triples = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def anywhere(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return colours


def near(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return colours[0, :SOME] + rng.normal(0, 1, (3, SOME, 3))


def nearly_equal(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    return colours[0, :SOME] + rng.normal(0, 1e-4, (3, SOME, 3))


def on_a_line(colours: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The second is between the others, where a way by it is the least detour."""
    start, _, end = near(colours, rng)
    return np.stack([start, start + rng.random((len(start), 1)) * (end - start), end])


@pytest.mark.parametrize("triples", [anywhere, near, nearly_equal, on_a_line])
def test_a_way_by_a_third_colour_is_never_shorter(
    model: dde.Model, colours: np.ndarray, real: Real, triples: Triples, rng: np.random.Generator
) -> None:
    x, y, z = triples(colours, rng).astype(real)
    saved = model(x, z) - (model(x, y) + model(y, z))
    assert saved.max() <= ROUNDING[real]


# ---- Sane everywhere ----------------------------------------------------------------------


def test_it_grows_along_straight_rays(
    model: dde.Model, real: Real, rng: np.random.Generator
) -> None:
    """With each unit of Lab: all rays up to 20 units, nearly all up to 40."""
    count = 20_000
    start, ray = gamuts.visible_colours(count, rng), directions(count, rng)
    along = [model(start.astype(real), (start + n * ray).astype(real)) for n in range(41)]
    grows = np.diff(along, axis=0) > 0
    assert np.all(grows[:20])
    assert np.mean(np.all(grows, axis=0)) >= 0.999


def slopes(model: dde.Model, lab: np.ndarray) -> np.ndarray:
    """At least and at most so much ΔE a unit of Lab from each colour, over all directions.

    There ΔE = |J1 v| + |J2 v|, with the Jacobians of both parts of the embedding: no less than the
    least singular value of the two together, no more than the sum of the greatest of each.
    """
    h = 1e-3
    steps = h * np.eye(3)
    columns = [(model.embed(lab + step) - model.embed(lab - step)) / (2 * h) for step in steps]
    jacobian = np.stack(columns, axis=-1)
    least = np.linalg.svd(jacobian, compute_uv=False)[:, -1]
    most = sum(
        np.linalg.svd(jacobian[:, part], compute_uv=False)[:, 0] for part in model.parts.values()
    )
    return np.stack([least, most], axis=1)


@pytest.mark.parametrize("display", gamuts.DISPLAYS)
def test_it_neither_folds_nor_leaps(model: dde.Model, display: str) -> None:
    """Nowhere on a display are colours a unit of Lab apart, in any direction, nearly equal in ΔE
    (CIEDE2000, too, comes down to 0.1), or further apart than in Lab by much."""
    found = slopes(model, gamuts.display_colours(display))
    assert found.min() >= 0.1
    assert found.max() <= 2.5


@pytest.mark.parametrize("of", ["visible", *gamuts.DISPLAYS])
def test_small_differences_are_much_as_in_ciede2000(
    model: dde.Model, of: str, rng: np.random.Generator
) -> None:
    visible = gamuts.visible_colours(40_000, rng)
    lab = visible if of == "visible" else gamuts.display_colours(of)
    other = lab + directions(len(lab), rng) * rng.uniform(0.2, 5, (len(lab), 1))
    assert np.corrcoef(model(lab, other), dde.ciede2000(lab, other))[0, 1] >= 0.95


def test_black_to_white_is_the_greatest_among_greys(model: dde.Model, real: Real) -> None:
    """And is of the size of a difference: not what an exponential makes of it."""
    greys = np.zeros((101, 3), real)
    greys[:, 0] = np.arange(101)
    table = model(greys[:, None], greys)
    assert np.all(np.diff(table[0]) > 0)
    assert table.max() == table[0, 100]
    assert 10 <= table[0, 100] <= 100


def test_colours_that_no_surface_has(
    model: dde.Model, real: Real, rng: np.random.Generator
) -> None:
    """What a camera or an extrapolated profile may give: beyond black, white and the spectrum."""
    lab1, lab2 = rng.uniform([-50, -300, -300], [150, 300, 300], (2, 100_000, 3)).astype(real)
    found = model(lab1, lab2)
    assert np.all((found > 0) & (found < 100))


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_what_is_no_colour_gives_nan_for_its_pair_alone(
    model: dde.Model, colours: np.ndarray, real: Real, value: float
) -> None:
    lab1, lab2 = (lab[:1000].astype(real) for lab in colours[:2])
    lab1[3, 0], lab2[500, 2] = value, value
    assert np.flatnonzero(np.isnan(model(lab1, lab2))).tolist() == [3, 500]


# ---- One metric, by several doors ---------------------------------------------------------


def test_every_door_leads_to_it(model: dde.Model, colours: np.ndarray, real: Real) -> None:
    lab1, lab2 = (lab[:1000].astype(real) for lab in colours[:2])
    expected = model(lab1, lab2)
    assert expected.dtype == real
    out = np.empty(1000, real)
    assert dde.deep_delta_e(lab1, lab2, out=out) is out
    for found in (
        out,
        dde.delta_e(lab1, lab2, "Deep"),
        dde.delta_e(lab1, lab2, dde.deep_delta_e),
        pickle.loads(pickle.dumps(model))(lab1, lab2),
        pickle.loads(pickle.dumps(dde.deep_delta_e))(lab1, lab2),
    ):
        np.testing.assert_array_equal(found, expected)


def test_maps(rng: np.random.Generator) -> None:
    image, other = rng.integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    expected = dde.deep_delta_e(dde.srgb_to_lab(image), dde.srgb_to_lab(other))
    np.testing.assert_array_equal(dde.delta_e_map(image, other, "deep"), expected)
    np.testing.assert_array_equal(dde.delta_e_map(image, other, dde.deep_delta_e), expected)
    assert np.all(dde.delta_e_map(image, image.copy(), "deep") == 0)


def test_float32_is_within_1e_4_of_float64(model: dde.Model, colours: np.ndarray) -> None:
    lab1, lab2, _ = colours[:, :SOME].astype(np.float32)
    for other in (lab2, lab1 + (lab2 - lab1) / 100):
        exact = model(lab1.astype(np.float64), other.astype(np.float64))
        np.testing.assert_allclose(model(lab1, other), exact, rtol=0, atol=1e-4)


def g2(r: np.ndarray) -> np.ndarray:
    return np.sqrt(1 + 2 * r) - 1


def test_it_is_made_of_distances_in_two_parts(model: dde.Model, colours: np.ndarray) -> None:
    lab1, lab2, _ = colours[:, :SOME]
    apart = model.embed(lab1) - model.embed(lab2)
    small, large = (model.info["constants"][name] for name in ("small", "large"))
    r1 = np.linalg.norm(apart[:, model.parts["small"]], axis=1) / small
    r2 = np.linalg.norm(apart[:, model.parts["large"]], axis=1) / large
    v = np.minimum(r1, 5 / 4)
    expected = small * (v - (4 / 5) ** 4 * v**5 / 5) + large * g2(r2)
    np.testing.assert_allclose(model(lab1, lab2), expected, rtol=1e-12)


def test_one_part_bounds_the_whole(model: dde.Model, colours: np.ndarray) -> None:
    """So that whatever lies further away in it than the best that is known can be left out."""
    palette, lab = colours[0, :2000], colours[1, :500]
    differences = model(lab[:, None], palette)
    large, part = model.info["constants"]["large"], model.parts["large"]
    apart = model.embed(lab)[:, None, part] - model.embed(palette)[:, part]
    bound = large * g2(np.linalg.norm(apart, axis=-1) / large)
    assert np.all(bound <= differences * (1 + 1e-12))
    # And it leaves out nearly all.
    assert np.mean(bound < differences.min(axis=1, keepdims=True)) < 0.05


# ---- The data it was learned from ---------------------------------------------------------


def test_it_says_what_it_was_learned_from(model: dde.Model) -> None:
    assert model.info["architecture"] == "deep"
    assert sum(one["pairs"] for one in model.info["data"]) == 3813


def visual_pairs() -> tuple[np.ndarray, np.ndarray]:
    """Lab of the pairs of the six sets, each under the white of its set."""
    folder = DATA / "color-difference"
    if not folder.is_dir():
        pytest.skip(f"the visual data are not here: {folder} (set DDE_DATA)")
    sets = [json.loads(file.read_text()) for file in sorted(folder.glob("*.json"))]
    pairs = [
        dde.xyz_to_lab(np.array(one["xyz"]), one["reference_white"])[np.array(one["pairs"])]
        for one in sets
    ]
    lab1, lab2 = np.concatenate(pairs).swapaxes(0, 1)
    return lab1, lab2


def test_the_median_is_that_of_ciede2000(model: dde.Model) -> None:
    lab1, lab2 = visual_pairs()
    assert len(lab1) == 3813
    expected = np.median(dde.ciede2000(lab1, lab2))
    assert np.median(model(lab1, lab2)) == pytest.approx(expected, rel=1e-3)
