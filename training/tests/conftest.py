"""The data that the tests run on: a synthetic set of their own, and the real data where it is."""

import json
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import dde
import numpy as np
import pytest
import torch
from selenium import webdriver

from dde_training.data import ColourSet, Pairs, combine, read_sets

ROOT = Path(__file__).resolve().parents[2]
SHARED = Path(os.environ.get("DDE_DATA", ROOT.parent / "shared" / "data"))
# Name, white, pairs, and the spread of the visual differences.
SETS = {
    "alpha": ([94.81, 100.0, 107.33], 140, 1.0),
    "beta": ([98.07, 100.0, 118.23], 60, 1.0),
    "constant": ([94.81, 100.0, 107.33], 40, 0.0),
    "gamma": ([94.65, 100.0, 103.97], 100, 1.0),
}


def make_set(seed: int, white: list[float], count: int, spread: float) -> dict[str, object]:
    """Chains of colours that share one, as in the real data, and scores near CIEDE2000."""
    random = np.random.default_rng(seed)
    centres = np.repeat(random.uniform([25, -40, -40], [85, 40, 40], (count // 4, 3)), 4, axis=0)
    others = centres + random.normal(0, 2.5, centres.shape)
    lab = np.concatenate([centres[::4], others])
    first = np.repeat(np.arange(count // 4), 4)
    second = count // 4 + np.arange(len(others))
    delta_e = dde.ciede2000(lab[first], lab[second])
    dv = delta_e**0.8 * np.exp(random.normal(0, 0.15, len(delta_e))) if spread else None
    return {
        "reference_white": white,
        "xyz": dde.lab_to_xyz(lab, white).tolist(),
        "pairs": np.stack([first, second], axis=1).tolist(),
        "dv": [1.02] * len(delta_e) if dv is None else dv.tolist(),
    }


@pytest.fixture(scope="session")
def synthetic_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sets")
    for seed, (name, arguments) in enumerate(SETS.items()):
        (folder / f"{name}.json").write_text(json.dumps(make_set(seed, *arguments)))
    return folder


def _shared(name: str) -> Path:
    folder = SHARED / name
    if not folder.is_dir():
        pytest.skip(f"the shared data are not here: {folder} (set DDE_DATA)")
    return folder


@pytest.fixture(scope="session")
def real_dir() -> Path:
    return _shared("color-difference")


@pytest.fixture(scope="session")
def deepdeltae_dir() -> Path:
    return _shared("deepdeltae-weights")


@pytest.fixture(scope="session", params=["synthetic", "real"])
def data_dir(request: pytest.FixtureRequest) -> Path:
    folder: Path = request.getfixturevalue(f"{request.param}_dir")
    return folder


@pytest.fixture(scope="session")
def sets(synthetic_dir: Path) -> list[ColourSet]:
    return read_sets(synthetic_dir)


@pytest.fixture(scope="session")
def pairs(sets: list[ColourSet]) -> Pairs:
    return combine(sets)


@pytest.fixture(scope="session")
def chrome() -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        pytest.skip("there is no chromium with chromedriver here")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)
