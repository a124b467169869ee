"""The example of colourisation runs as its README says, and its network learns: here from pictures
of a light blue over a dark brown."""

import importlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

import dde
from dde.colourisation import ab_bins, colourisation_auc

torch = pytest.importorskip("torch")
from tensors import one_thread  # noqa: E402, F401

FOLDER = Path(__file__).parents[1] / "examples" / "colourisation"


@pytest.fixture
def example(monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The script, as a module; it finds its network beside itself."""
    monkeypatch.syspath_prepend(FOLDER)
    yield importlib.import_module("colourise")
    for name in ("colourise", "network"):
        sys.modules.pop(name, None)


def two_coloured(seed: int) -> np.ndarray:
    """CIELAB (32, 40, 3): a blue sky of L* 70 to 90 over brown ground of 10 to 30."""
    rng = np.random.default_rng(seed)
    is_sky = np.arange(32) < rng.integers(8, 25)
    lab = np.empty((32, 40, 3), np.float32)
    lab[..., 0] = rng.uniform(10, 30, (32, 40)) + 60 * is_sky[:, None]
    lab[..., 1:] = np.where(is_sky[:, None, None], [-5, -30], [15, 20])
    return lab


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    for seed in range(3):
        rgb = np.clip(dde.convert(two_coloured(seed), "Lab", "sRGB"), 0, 1)
        Image.fromarray(np.uint8(np.rint(255 * rgb))).save(folder / f"{seed}.png")
    return folder


def test_the_script_trains_colours_and_reports(
    example: ModuleType,
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    tiny = example.Config(width=2, shorter=32, side=16, batch=2, steps=100)
    monkeypatch.setitem(example.CONFIGS, "small", tiny)
    out = tmp_path / "out"
    arguments = [str(out), "--photographs", str(pictures), "--test", str(pictures), "--steps", "3"]
    monkeypatch.setattr(sys, "argv", ["colourise.py", *arguments])
    example.main()
    said = capsys.readouterr().out
    assert "step 3 of 3: loss" in said
    rows = re.findall(r"^\| ([a-z ]+) \| ([\d.]+) \| ([\d.]+) \|$", said, re.MULTILINE)
    assert [name for name, *_ in rows] == ["the network", "grey", "the mean colour"]
    assert all(0 < float(figure) <= 1 for _, *figures in rows for figure in figures)
    assert sorted(file.name for file in out.iterdir()) == ["000.png", "001.png", "002.png"]
    assert Image.open(out / "000.png").size == (3 * 40, 32)  # grey, coloured, and as it is
    grey, coloured, truth = np.split(np.asarray(Image.open(out / "000.png")), 3, axis=1)
    assert np.ptp(grey.astype(int), axis=2).max() <= 1
    given = np.asarray(Image.open(pictures / "0.png")).astype(int)
    assert np.abs(truth.astype(int) - given).max() <= 1
    assert not np.array_equal(coloured, grey)


def test_the_network_learns_colours_from_lightness(example: ModuleType) -> None:
    photographs = [two_coloured(seed) for seed in range(4)]
    config = example.Config(
        width=4, shorter=32, side=32, batch=4, steps=100, learning_rate=1e-2, weight_decay=0
    )
    with torch.random.fork_rng():
        model = example.train(photographs, config, torch.device("cpu"))
    unseen = two_coloured(9)
    coloured = example.colour(model, unseen)
    np.testing.assert_array_equal(coloured[..., 0], unseen[..., 0])
    mean = np.mean([lab[..., 1:].reshape(-1, 2).mean(axis=0) for lab in photographs], axis=0)
    areas = [
        colourisation_auc(unseen, answer) for answer in (coloured, example.with_ab(unseen, mean))
    ]
    assert areas[0] > areas[1] + 0.05, areas


def test_the_network_is_the_one_described(example: ModuleType) -> None:
    """313 classes at a quarter of the resolution, for grey pictures of any size of whole eights."""
    network = importlib.import_module("network")
    model = network.Colouriser(2, len(ab_bins())).eval()
    with torch.inference_mode():
        assert model(torch.zeros(1, 1, 24, 40)).shape == (1, 313, 6, 10)
    dilated = [layer for layer in model.modules() if getattr(layer, "dilation", (1, 1)) == (2, 2)]
    assert len(dilated) == 6  # conv5 and conv6
    assert not any("Pool" in type(layer).__name__ for layer in model.modules())
