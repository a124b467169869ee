"""The model `deep`: a metric by construction, its recipe, and how the fitted network behaves."""

from pathlib import Path

import dde
import numpy as np
import pytest
import torch

from dde_training import pipeline
from dde_training.corrections import read_corrections
from dde_training.data import ColourSet, Pairs, combine, read_sets
from dde_training.deep.least_squares import LeastSquares, by_weights
from dde_training.deep.lessons import ConstantHue, EqualSteps, Evenness, Logarithms, shares
from dde_training.deep.network import Squareplus, compress, distance, pair_distance, saturate
from dde_training.deep.prior import (
    GAMUTS,
    FreeCiede2000,
    FreeCmc,
    Gamut,
    gamut_pairs,
    log_cam16_lcd,
    visible_pairs,
)
from dde_training.deep.process import Ratio
from dde_training.deep.teacher import Scores, Teacher
from dde_training.errors import UserError
from dde_training.models.deep import Deep, DeepConfig, Student
from dde_training.protocols import by_centre
from dde_training.run import Run
from dde_training.weights import read_model, write_model

SHORT = DeepConfig(
    teacher_epochs=2,
    student_epochs=2,
    prior_pairs=300,
    gamut_pairs=300,
    visible_pairs=100,
    appearance_pairs=200,
    munsell_steps=200,
)


def fit(pairs: Pairs, config: DeepConfig = SHORT, **run: object) -> Deep:
    return Deep.fit(pairs, by_centre(pairs), config, Run(**run))  # type: ignore[arg-type]


def weights(model: Deep) -> torch.Tensor:
    return torch.cat([value.flatten() for value in model.state_dict().values()])


def measured(model: Deep, one: np.ndarray, other: np.ndarray) -> np.ndarray:
    with torch.inference_mode():
        return np.asarray(model(torch.as_tensor(one), torch.as_tensor(other)).numpy())


@pytest.fixture(scope="module")
def fitted(data_dir: Path) -> Deep:
    """Fitted with the whole recipe, the real data corrected as it says; float64."""
    corrections = data_dir.parent / "color-difference-corrections.json"
    known = read_corrections(corrections) if corrections.exists() else None
    return fit(combine(read_sets(data_dir, known)), DeepConfig()).double()


@pytest.fixture(scope="module")
def any_weights() -> Deep:
    """A network as wild as no fit leaves it, float64."""
    torch.manual_seed(3)
    model = Deep(DeepConfig(), small=3.0, large=2.0, visual=1.0).double()
    for parameter in model.parameters():
        torch.nn.init.normal_(parameter)
    return model


def test_the_definition(any_weights: Deep) -> None:
    state = {name: value.numpy() for name, value in any_weights.state_dict().items()}
    assert {name: value.shape for name, value in state.items()} == {
        "hidden.0.weight": (12, 3),
        "hidden.0.bias": (12,),
        "hidden.2.weight": (12, 12),
        "hidden.2.bias": (12,),
        "small.linear.weight": (3, 3),
        "small.bent.weight": (3, 12),
        "large.linear.weight": (3, 3),
        "large.bent.weight": (3, 12),
    }

    def embed(part: str, lab: np.ndarray) -> np.ndarray:
        u = units = lab / 30
        for layer in ("hidden.0", "hidden.2"):
            x = units @ state[f"{layer}.weight"].T + state[f"{layer}.bias"]
            units = (x + np.sqrt(x**2 + 4)) / 2
        linear, bent = (state[f"{part}.{how}.weight"] for how in ("linear", "bent"))
        return np.asarray(u @ linear.T + units @ bent.T)

    lab = np.random.default_rng(0).uniform(-100, 100, (2, 50, 3))
    r1, r2 = (
        np.linalg.norm(embed(part, lab[0]) - embed(part, lab[1]), axis=1)
        for part in ("small", "large")
    )
    v = np.minimum(r1 / 3.0, 5 / 4)
    expected = 3.0 * (v - (4 / 5) ** 4 * v**5 / 5) + 2.0 * (np.sqrt(1 + 2 * r2 / 2.0) - 1)
    np.testing.assert_allclose(measured(any_weights, lab[0], lab[1]), expected, rtol=1e-9)


def test_whatever_the_weights_it_is_a_metric(any_weights: Deep) -> None:
    x, y, z = np.random.default_rng(0).uniform([0, -128, -128], [100, 128, 128], (3, 20_000, 3))
    assert not measured(any_weights, x, x).any()
    np.testing.assert_array_equal(measured(any_weights, x, y), measured(any_weights, y, x))
    xy, yz, xz = (measured(any_weights, *pair) for pair in ((x, y), (y, z), (x, z)))
    assert (xz <= (xy + yz) * (1 + 1e-12)).all()


def test_gradients_are_finite_at_equal_colours(any_weights: Deep) -> None:
    lab1 = torch.tensor([[50.0, 10, 0], [50, 10, 0]], dtype=torch.float64, requires_grad=True)
    lab2 = torch.tensor([[50.0, 10, 0], [50, 12, 0]], dtype=torch.float64)
    any_weights(lab1, lab2).sum().backward()
    assert lab1.grad is not None
    assert not lab1.grad[0].any()
    assert lab1.grad[1].isfinite().all()
    assert lab1.grad[1].any()


def test_the_parts_are_smooth_and_do_not_cancel() -> None:
    x = torch.linspace(-8, 8, 1001, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(Squareplus()(x).sum(), x)
    assert ((slope > 0) & (slope < 1)).all()
    r = torch.tensor([0.0, 1e-7, 4.0])
    torch.testing.assert_close(compress(r), torch.tensor([0.0, 1e-7, 2.0]), rtol=1e-6, atol=0)
    torch.testing.assert_close(saturate(r), torch.tensor([0.0, 1e-7, 1.0]), rtol=1e-6, atol=0)
    r = torch.linspace(0, 3, 1001, dtype=torch.float64, requires_grad=True)
    for g in (compress, saturate):
        (slope,) = torch.autograd.grad(g(r).sum(), r)
        assert slope[0] == 1
        assert (slope.diff() <= 1e-15).all()  # concave
        assert (slope >= 0).all()
    points = torch.tensor([[3.0, 4.0], [0.0, 0.0]])
    assert distance(points, torch.zeros(2, 2)).tolist() == [5, 0]


@pytest.mark.parametrize("factors", [(0.0, 0.0), (0.3, -0.2)])
def test_the_prior_knows_the_formulas(factors: tuple[float, float]) -> None:
    pairs = gamut_pairs(300, (0.7, 10), np.random.default_rng(0))
    k = [float(np.exp(-factor)) for factor in factors]
    chosen = torch.arange(len(pairs))
    ciede2000, cmc = FreeCiede2000(pairs), FreeCmc(pairs)
    for prior in (ciede2000, cmc):
        prior.weights.data = torch.tensor(factors)
    expected = np.log(dde.ciede2000(pairs[:, 0], pairs[:, 1], kL=k[0], kC=k[1]))
    np.testing.assert_allclose(ciede2000(chosen).detach(), expected, atol=1e-3)
    orders = [dde.cmc(pairs[:, i], pairs[:, 1 - i], l=k[0], c=k[1]) for i in (0, 1)]
    np.testing.assert_allclose(cmc(chosen).detach(), np.log(orders).mean(axis=0), atol=1e-3)


def test_the_process_learns_power_and_lightness_but_no_scale_of_a_set(pairs: Pairs) -> None:
    def size_and_lightness(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        size = np.log(dde.ciede2000(lab[:, 0], lab[:, 1]))
        lightness_alone = lab.copy()
        lightness_alone[:, 1, 1:] = lab[:, 0, 1:]
        along = dde.ciede2000(lightness_alone[:, 0], lightness_alone[:, 1]) / np.exp(size)
        return size, np.minimum(along, 1) ** 2

    size, lightness = size_and_lightness(pairs.lab)
    of_sets = np.array([0.5, -0.5, 0.3, -0.3])[pairs.sets]
    scores = {**vars(pairs), "dv": np.exp(0.8 * size - 0.4 * lightness + of_sets)}
    asked = gamut_pairs(900, (1, 8), np.random.default_rng(0))
    size, lightness = size_and_lightness(asked)
    said = Ratio(Pairs(**scores)).log_difference(asked)
    columns = np.stack([size, lightness, np.ones(len(asked))], axis=1)
    found = np.linalg.lstsq(columns, said)[0]
    np.testing.assert_allclose(found[:2], [0.8, -0.4], atol=0.08)
    assert abs(found[2]) < 0.25


def test_the_share_of_the_process_tells(pairs: Pairs) -> None:
    shares = (0.0, 0.35)
    short = {**vars(SHORT)}
    one, other = (fit(pairs, DeepConfig(**{**short, "share_of_process": s})) for s in shares)
    assert not torch.equal(weights(one), weights(other))


def test_the_teacher_lets_each_set_have_a_scale_and_a_power(pairs: Pairs) -> None:
    teacher = Teacher(8, 6, 1.0)
    scores = Scores(pairs)
    scale = torch.tensor([2.0, 0.5, 1.0, 1.5])
    power = torch.tensor([1.2, 0.8, 1.0, 0.9])
    with torch.no_grad():
        own = compress(pair_distance(teacher(scores.colours)[scores.places]))
        scores.dv.copy_(scale[scores.sets] * own ** power[scores.sets])
        assert scores(teacher, 0.5) > 0.02
        scores.log_scales.copy_(torch.log(scale))
        scores.log_powers.copy_(torch.log(power))
        disagreement = scores(teacher, 0.5) - scores.strangeness()
    assert float(disagreement) == pytest.approx(0, abs=1e-5)


def test_least_squares_finds_what_a_network_can_be() -> None:
    """The differences of one network are learned by another."""

    def network(seed: int) -> Student:
        torch.manual_seed(seed)
        return Student(Deep(DeepConfig(hidden=4), small=1.0, large=1.0, visual=1.0)).double()

    lab = torch.as_tensor(gamut_pairs(900, (0.5, 50), np.random.default_rng(0)))
    with torch.no_grad():
        known = torch.log(network(1)(lab[:, 0], lab[:, 1]))
    student = network(2)
    term = Logarithms(lab, known, shares(len(lab), 1.0))

    def spread() -> float:
        with torch.no_grad():
            return float(torch.std(torch.log(student(lab[:, 0], lab[:, 1])) - known))

    before = spread()
    stage = LeastSquares(student, lambda: [term], epochs=1, ridge=1e-9)
    for _ in range(8):
        stage.one_epoch(torch.Generator())
    assert spread() < before / 20


@pytest.mark.parametrize("kind", ["logarithms", "steps", "hues"])
def test_the_slopes_of_the_residuals_are_their_derivatives(kind: str) -> None:
    torch.manual_seed(0)
    student = Student(Deep(DeepConfig(hidden=4), small=1.0, large=1.0, visual=1.0)).double()
    random = np.random.default_rng(0)
    lab = torch.as_tensor(gamut_pairs(30, (1, 30), random))
    sizes = torch.as_tensor(random.uniform(0.5, 2, len(lab)))
    terms = {
        "logarithms": Logarithms(lab, torch.log(sizes), shares(len(lab), 2.0, sizes)),
        "steps": EqualSteps(lab, sizes, torch.arange(len(lab)) % 3, Evenness(0.2, 0.1, 0.04, 0.15)),
        "hues": ConstantHue(lab[:, 0], torch.arange(len(lab)) % 4, 0.2),
    }
    term = terms[kind]
    names, weights = zip(*student.named_parameters(), strict=True)
    quantity = term.quantity(student)

    def residuals(*weights: torch.Tensor) -> torch.Tensor:
        ask = torch.func.vmap(quantity, in_dims=(None, 0))
        return term.residuals(ask(dict(zip(names, weights, strict=True)), term.pairs))

    expected = torch.func.jacrev(residuals, argnums=tuple(range(len(weights))))(*weights)
    values, slopes = by_weights(quantity, dict(zip(names, weights, strict=True)), term.pairs)
    torch.testing.assert_close(
        term.slopes(values, slopes), torch.cat([part.flatten(1) for part in expected], dim=1)
    )


@pytest.mark.parametrize("part", ["visible", "appearance", "visible_appearance", "munsell_hues"])
def test_each_part_of_the_recipe_can_be_left_out(pairs: Pairs, part: str) -> None:
    without = fit(pairs, DeepConfig(**{**vars(SHORT), part: 0.0}))
    assert weights(without).isfinite().all()
    assert not torch.equal(weights(without), weights(fit(pairs)))


def test_pairs_of_visible_colours() -> None:
    pairs = visible_pairs(500, (5, 60), np.random.default_rng(0))
    assert pairs.shape == (500, 2, 3)
    lengths = np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1)
    assert 5 <= lengths.min() < 10
    assert 30 < lengths.max() <= 60
    # More than displays have: and CAM16 has a difference for nearly all.
    assert np.hypot(*pairs[..., 1:].reshape(-1, 2).T).max() > 120
    assert np.isfinite(log_cam16_lcd(pairs)).mean() > 0.99


@pytest.mark.parametrize("name", GAMUTS)
def test_pairs_of_a_gamut(name: str) -> None:
    gamut = Gamut.named(name)
    pairs = gamut.pairs(500, (0.5, 30), np.random.default_rng(0))
    assert pairs.shape == (500, 2, 3)
    assert gamut.holds(pairs).all()
    lengths = np.linalg.norm(pairs[:, 0] - pairs[:, 1], axis=1)
    assert 0.5 <= lengths.min() < 1
    assert 15 < lengths.max() <= 30


def test_equal_seeds_give_equal_weights_and_others_do_not(pairs: Pairs) -> None:
    torch.manual_seed(1)  # whatever the state of torch's own generator
    one = weights(fit(pairs, seed=5))
    torch.manual_seed(2)
    assert torch.equal(one, weights(fit(pairs, seed=5)))
    assert not torch.equal(one, weights(fit(pairs, seed=6)))


@pytest.mark.parametrize("interrupted_after", [1, 2, 3])
def test_a_fit_can_be_interrupted_and_ends_the_same(
    pairs: Pairs, tmp_path: Path, interrupted_after: int
) -> None:
    def interrupt(done: int, total: int) -> None:
        assert total == 4
        if done == interrupted_after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(pairs, checkpoint=tmp_path / "c.pt", progress=interrupt)
    resumed = fit(pairs, checkpoint=tmp_path / "c.pt")
    whole = fit(pairs)
    assert torch.equal(weights(resumed), weights(whole))
    assert resumed.constants == whole.constants


def test_there_is_no_early_stopping(pairs: Pairs) -> None:
    with pytest.raises(UserError, match="deep has no early stopping"):
        fit(pairs, DeepConfig(patience=3))


def test_equal_colours_among_the_pairs_do_no_harm(pairs: Pairs) -> None:
    lab, xyz = pairs.lab.copy(), pairs.xyz.copy()
    lab[:5, 1], xyz[:5, 1] = lab[:5, 0], xyz[:5, 0]
    model = fit(Pairs(**{**vars(pairs), "lab": lab, "xyz": xyz}))
    assert weights(model).isfinite().all()


def test_a_file_holds_the_model(sets: list[ColourSet], tmp_path: Path) -> None:
    model, provenance = pipeline.fit(Deep, sets, SHORT, Run())
    write_model(tmp_path / "deep.safetensors", model, provenance)
    again, _ = read_model(tmp_path / "deep.safetensors")
    assert isinstance(again, Deep)
    assert again.constants == model.constants
    assert set(again.constants) == {"small", "large", "lab_unit", "visual"}
    assert torch.equal(weights(again), weights(model))  # type: ignore[arg-type]


def test_the_median_difference_is_that_of_ciede2000(pairs: Pairs) -> None:
    model = fit(pairs, DeepConfig())
    lab = pairs.lab.astype(np.float32)
    own = np.median(measured(model, lab[:, 0], lab[:, 1]))
    assert own == pytest.approx(np.median(dde.ciede2000(lab[:, 0], lab[:, 1])), rel=1e-5)
    ratio = model.predict(pairs).sum() / measured(model, lab[:, 0], lab[:, 1]).sum()
    assert ratio == pytest.approx(model.constants["visual"], rel=1e-5)


def test_differences_grow_along_rays(fitted: Deep) -> None:
    random = np.random.default_rng(0)
    start = np.concatenate([Gamut.named(name).colours(2000, random) for name in GAMUTS])
    step = random.normal(size=start.shape)
    step /= np.linalg.norm(step, axis=1, keepdims=True)
    along = np.stack([measured(fitted, start, start + length * step) for length in range(41)])
    grows = np.diff(along, axis=0) > 0
    assert grows[:20].all()
    assert grows.all(axis=0).mean() >= 0.999


@pytest.mark.parametrize("name", GAMUTS)
def test_no_fold(fitted: Deep, name: str) -> None:
    lab = torch.as_tensor(Gamut.named(name).colours(2000, np.random.default_rng(0)))
    slopes = torch.func.vmap(torch.func.jacrev(fitted.embed))(lab).detach()
    assert float(torch.linalg.svdvals(slopes)[:, 2].min()) > 0.01  # per Lab unit


def test_small_differences_agree_with_ciede2000(fitted: Deep) -> None:
    pairs = Gamut.named("sRGB").pairs(20_000, (0.5, 5), np.random.default_rng(0))
    own = measured(fitted, pairs[:, 0], pairs[:, 1])
    assert np.corrcoef(own, dde.ciede2000(pairs[:, 0], pairs[:, 1]))[0, 1] > 0.95


def test_far_differences_are_sane(fitted: Deep) -> None:
    black, white, red = np.eye(3)[[1, 0, 1]] * [[0.0], [100.0], [80.0]]
    black_to_white = measured(fitted, black[None], white[None])[0]
    assert 10 < black_to_white < 100
    # Far outside every gamut the embedding becomes linear: differences grow on, without end.
    far = measured(fitted, np.outer([1e3, 1e4, 1e5], red / 80), white[None] * 0.5)
    assert (np.diff(far) > 0).all()
    assert far[-1] < 1e4


def test_rounding_noise_of_images_is_not_blown_up(
    fitted: Deep, request: pytest.FixtureRequest
) -> None:
    # The synthetic scores follow a steeper power than people's.
    limit = 1.25 if request.node.callspec.params["data_dir"] == "real" else 1.5
    random = np.random.default_rng(0)
    image = random.integers(1, 255, (20_000, 3), dtype=np.uint8)
    noisy = (image + random.integers(-1, 2, image.shape)).astype(np.uint8)
    lab = [np.asarray(dde.srgb_to_lab(one)).astype(np.float64) for one in (image, noisy)]
    assert measured(fitted, *lab).mean() < limit * np.mean(dde.ciede2000(*lab))


def test_held_out_it_is_better_than_ciede2000_with_its_power(real_dir: Path) -> None:
    found = pipeline.evaluate("deep", read_sets(real_dir), "centres", DeepConfig(), Run(seed=7))
    assert found.figures["deep"].gain.stress.value is not None
    assert found.figures["deep"].gain.stress.value < -0.8
    assert found.figures["deep"].pooled.pearson.value == pytest.approx(0.897, abs=0.015)
