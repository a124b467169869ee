"""The Siamese model: the fixed architecture and recipe, determinism, early stopping, resuming."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from dde_training import pipeline
from dde_training.configuration import make_config, parse_settings
from dde_training.data import ColourSet, Pairs
from dde_training.errors import UserError
from dde_training.models import find_model
from dde_training.models.siamese import Siamese, SiameseConfig, _Learner, balanced_weights
from dde_training.protocols import by_centre
from dde_training.run import Run, find_device

SHORT = SiameseConfig(epochs=4)


def weights(model: Siamese) -> torch.Tensor:
    return torch.cat([value.flatten() for value in model.state_dict().values()])


def fit(pairs: Pairs, config: SiameseConfig = SHORT, **run: object) -> Siamese:
    return Siamese.fit(pairs, by_centre(pairs), config, Run(**run))  # type: ignore[arg-type]


def test_the_architecture_is_the_fixed_one() -> None:
    model = Siamese(SiameseConfig(), target_mean=0.9, target_std=0.4)
    layers = [(m.in_features, m.out_features) for m in model.modules() if isinstance(m, nn.Linear)]
    assert layers == [(3, 64), (64, 128), (128, 64), (64, 1)]
    assert sum(p.numel() for p in model.parameters()) == 256 + 8320 + 8256 + 65
    random = torch.Generator().manual_seed(0)
    lab1, lab2 = (torch.rand(2, 7, 3, generator=random) * 100).unbind()
    state = model.state_dict()

    def dense(x: torch.Tensor, layer: str) -> torch.Tensor:
        return torch.nn.functional.linear(x, state[f"{layer}.weight"], state[f"{layer}.bias"])

    def encode(lab: torch.Tensor) -> torch.Tensor:
        return dense(dense(lab, "encoder.0").relu(), "encoder.2").relu()

    y = dense(dense((encode(lab1) - encode(lab2)).abs(), "head.0").relu(), "head.2")[:, 0]
    torch.testing.assert_close(model(lab1, lab2), torch.exp(y * 0.4 + 0.9) - 1)


def test_the_recipe_is_the_fixed_one(pairs: Pairs) -> None:
    config = SiameseConfig()
    assert (config.epochs, config.batch, config.bins, config.patience) == (30, 256, 10, 0)
    model = Siamese(config, target_mean=0.0, target_std=1.0)
    learner = _Learner(model, pairs, config, Run())
    assert isinstance(learner.optimiser, torch.optim.AdamW)
    assert learner.optimiser.defaults["lr"] == 1e-3
    assert learner.optimiser.defaults["weight_decay"] == 1e-5
    assert learner.huber.delta == 1.0
    # Both orders of each pair are there to be drawn.
    assert len(learner.weights) == 2 * len(pairs)


def test_sampling_is_balanced_over_the_bins_of_dv() -> None:
    dv = np.random.default_rng(0).lognormal(0, 0.5, 2000)
    chances = balanced_weights(dv, 10)
    edges = np.linspace(0, dv.max(), 11)
    place = np.clip(np.digitize(dv, edges) - 1, 0, 9)
    totals = np.bincount(place, weights=chances)
    np.testing.assert_allclose(totals[totals > 0], 1)


def test_an_epoch_sees_pairs_in_both_orders(pairs: Pairs, monkeypatch: pytest.MonkeyPatch) -> None:
    learner = _Learner(Siamese(SHORT, target_mean=0.0, target_std=1.0), pairs, SHORT, Run())
    seen: Counter[bool] = Counter()
    original = {tuple(lab) for lab in learner.lab.flatten(1).tolist()}

    def loss(lab: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
        seen.update(tuple(one) in original for one in lab.flatten(1).tolist())
        return _Learner.loss(learner, lab, target)

    monkeypatch.setattr(learner, "loss", loss)
    learner.one_epoch()
    assert seen.total() == 2 * len(pairs)
    assert seen[True] == pytest.approx(len(pairs), rel=0.2)


def test_the_target_is_normalised_by_the_training_pairs_alone(pairs: Pairs) -> None:
    model = fit(pairs)
    target = np.log1p(pairs.dv)
    assert model.constants["target_mean"] == pytest.approx(target.mean())
    assert model.constants["target_std"] == pytest.approx(target.std())
    part = np.arange(len(pairs)) % 2 == 0
    assert fit(pairs[part]).constants["target_mean"] == pytest.approx(target[part].mean())


def test_equal_seeds_give_equal_weights_and_others_do_not(pairs: Pairs) -> None:
    torch.manual_seed(1)  # whatever the state of torch's own generator
    one = weights(fit(pairs, seed=5))
    torch.manual_seed(2)
    assert torch.equal(one, weights(fit(pairs, seed=5)))
    assert not torch.equal(one, weights(fit(pairs, seed=6)))


def test_it_learns(pairs: Pairs) -> None:
    predicted = fit(pairs, SiameseConfig(epochs=60)).predict(pairs)
    assert predicted.dtype == np.float64
    assert np.corrcoef(predicted, pairs.dv)[0, 1] > 0.85


def test_a_fit_can_be_interrupted_after_any_epoch_and_ends_the_same(
    pairs: Pairs, tmp_path: Path
) -> None:
    config = SiameseConfig(epochs=5, patience=5)
    whole = weights(fit(pairs, config))

    def interrupt(done: int, total: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(pairs, config, checkpoint=tmp_path / "c.pt", progress=interrupt)
    epochs: list[int] = []
    resumed = fit(
        pairs, config, checkpoint=tmp_path / "c.pt", progress=lambda done, _: epochs.append(done)
    )
    assert epochs[0] == 4
    assert torch.equal(weights(resumed), whole)
    assert [file.name for file in tmp_path.iterdir()] == ["c.pt"]


def test_a_checkpoint_is_not_resumed_by_another_fit(pairs: Pairs, tmp_path: Path) -> None:
    file = tmp_path / "c.pt"
    fit(pairs, checkpoint=file)
    for other in ({"seed": 1}, {"config": SiameseConfig(epochs=5)}):
        with pytest.raises(UserError, match="other data, seed or configuration"):
            fit(pairs, checkpoint=file, **other)
    with pytest.raises(UserError, match="other data, seed or configuration"):
        fit(pairs[np.arange(200)], checkpoint=file)
    file.write_bytes(b"no checkpoint")
    with pytest.raises(UserError, match="no checkpoint that can be read"):
        fit(pairs, checkpoint=file)


def test_early_stopping_watches_an_inner_split_and_keeps_the_best_epoch(pairs: Pairs) -> None:
    epochs: list[int] = []
    # With steps this large the inner loss soon stops to fall.
    config = SiameseConfig(epochs=200, patience=3, learning_rate=0.05)
    fit(pairs, config, progress=lambda done, _: epochs.append(done))
    assert epochs[-1] == 200  # the bar is filled
    stopped = epochs[-2]
    assert 3 < stopped < 200
    best = stopped - 3
    exactly = weights(fit(pairs, SiameseConfig(epochs=best, patience=best, learning_rate=0.05)))
    assert torch.equal(weights(fit(pairs, config)), exactly)


def test_a_fit_that_diverges_is_refused(sets: list[ColourSet]) -> None:
    with pytest.raises(UserError, match="the fit diverged"):
        pipeline.fit(Siamese, sets, SiameseConfig(epochs=2, learning_rate=1e30), Run())


def test_no_epochs_leave_the_first_weights(pairs: Pairs) -> None:
    none = weights(fit(pairs, SiameseConfig(epochs=0, patience=3)))
    assert torch.isfinite(none).all()


def test_devices(monkeypatch: pytest.MonkeyPatch) -> None:
    assert find_device("cpu").type == "cpu"
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    assert find_device("auto").type == "cpu"
    with pytest.raises(UserError, match="no CUDA device"):
        find_device("cuda")
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert find_device("auto").type == "cuda"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
def test_cuda_gives_the_figures_of_the_cpu(pairs: Pairs) -> None:
    predicted = fit(pairs, device=torch.device("cuda")).predict(pairs)
    np.testing.assert_allclose(predicted, fit(pairs).predict(pairs), rtol=0.01)


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["epoch=3"], "has no 'epoch'; it has patience, epochs"),
        (["epochs=3.5"], "epochs must be a whole number"),
        (["epochs=-1"], "epochs must be a whole number, 0 or more; not -1"),
        (["epochs=true"], "epochs must be a whole number"),
        (["learning_rate=NaN"], "learning_rate must be a number"),
        (["epochs"], "a setting is NAME=NUMBER"),
        (["epochs=many"], "a setting is NAME=NUMBER"),
    ],
)
def test_a_wrong_setting_is_said(settings: list[str], said: str) -> None:
    with pytest.raises(UserError, match=said):
        parse_settings(SiameseConfig, settings)


def test_settings_change_the_configuration() -> None:
    config = parse_settings(SiameseConfig, ["patience=5", "learning_rate=1"])
    assert config == SiameseConfig(patience=5, learning_rate=1)
    assert make_config(SiameseConfig, {}) == SiameseConfig()


def test_an_unknown_model_is_said() -> None:
    with pytest.raises(UserError, match=r"the model must be one of .*siamese.*; not 'siamse'"):
        find_model("siamse")
