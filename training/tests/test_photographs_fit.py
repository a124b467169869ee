"""Fits on photographs: they learn, are repeated exactly, go on after a kill, and are shown."""

import json
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from photographs_data import write_csv, write_pictures
from scipy.stats import spearmanr
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.select import Select

from dde_training import cli
from dde_training.errors import UserError
from dde_training.photographs import pipeline
from dde_training.photographs.baselines import BASELINES
from dde_training.photographs.data import Photographs, read_photographs
from dde_training.photographs.fitting import predict
from dde_training.photographs.networks import NETWORKS, Distance, Recipe, find_preset
from dde_training.photographs.page import as_score, shown_methods, write_page
from dde_training.photographs.results import Evaluation, read_evaluation, write_evaluation
from dde_training.photographs.weights import read_network, write_network
from dde_training.run import Run
from dde_training.unseen import CONSTANT

SIZES: dict[str, Any] = {
    "epochs": 3, "batch": 8, "resize": 34, "crop": 32, "side": 32, "test_side": 32,
}  # fmt: skip
FLOW = {"blocks": 2, "steps": 1, "hidden": 8, **SIZES}


def recipe(name: str, **changes: Any) -> Recipe:
    sizes = FLOW if name == "cd-flow" else SIZES
    return replace(find_preset(NETWORKS[name], "small"), **{**sizes, **changes})


def weights(model: Distance) -> torch.Tensor:
    return torch.cat([one.flatten() for one in model.state_dict().values()])


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("photographs")
    rows = write_pictures(folder, 14)
    write_csv(folder / "all.csv", rows)
    for part, some in (("train", rows[:24]), ("val", rows[24:30]), ("test", rows[30:])):
        write_csv(folder / f"{part}.csv", [*some, *some[:2]] if part == "test" else some)
    return folder


@pytest.fixture(scope="module")
def pairs(folder: Path) -> Photographs:
    return read_photographs(folder)


@pytest.fixture(scope="module")
def evaluation(pairs: Photographs) -> Evaluation:
    return pipeline.evaluate("cd-net", pairs, "official", recipe("cd-net"), Run())


class Killed(Exception):
    """What ends a fit in its midst."""


@pytest.mark.parametrize("name", NETWORKS)
def test_a_killed_fit_goes_on_to_the_same_weights(
    name: str, pairs: Photographs, tmp_path: Path
) -> None:
    network, chosen = NETWORKS[name], recipe(name)
    whole, provenance = pipeline.fit(network, pairs, chosen, Run(seed=5))
    assert provenance["training"]["pairs"] == 24
    again, _ = pipeline.fit(network, pairs, chosen, Run(seed=5))
    assert torch.equal(weights(again), weights(whole))
    other, _ = pipeline.fit(network, pairs, chosen, Run(seed=6))
    assert not torch.equal(weights(other), weights(whole))

    told = []

    def kill(done: int, total: int) -> None:
        told.append(done)
        assert total == 9  # batches
        if done == 5:
            raise Killed

    checkpoint = tmp_path / "checkpoint.pt"
    with pytest.raises(Killed):
        pipeline.fit(network, pairs, chosen, Run(5, checkpoint=checkpoint, progress=kill))
    assert told == [1, 2, 3, 3, 4, 5]
    told.clear()
    run = Run(5, checkpoint=checkpoint, progress=lambda done, _: told.append(done))
    resumed, _ = pipeline.fit(network, pairs, chosen, run)
    assert told[0] == 4  # after the first epoch
    assert torch.equal(weights(resumed), weights(whole))
    with pytest.raises(UserError, match="a fit with other data, seed or configuration"):
        pipeline.fit(network, pairs, replace(chosen, batch=4), Run(5, checkpoint=checkpoint))


def test_a_fit_learns(pairs: Photographs) -> None:
    test = pairs[pairs.part == "test"]
    chosen = recipe("cd-net", rotation=0.0, learning_rate=0.01)
    start = predict(NETWORKS["cd-net"].of(chosen).eval(), test)
    fitted, _ = pipeline.fit(NETWORKS["cd-net"], pairs, replace(chosen, epochs=12), Run())
    found = predict(fitted, test)
    assert np.abs(found - test.score).mean() < 0.5 * np.abs(start - test.score).mean()
    assert spearmanr(found, test.score).statistic > 0.7


def test_the_official_split_is_measured_on_test(evaluation: Evaluation, pairs: Photographs) -> None:
    assert set(evaluation.predictions) == {"cd-net", *BASELINES, CONSTANT}
    assert len(evaluation.pairs) == 12  # and not 14: two pairs are there twice
    assert set(evaluation.pairs.part) == {"test"}
    fitted, _ = pipeline.fit(NETWORKS["cd-net"], pairs, recipe("cd-net"), Run())
    np.testing.assert_array_equal(
        evaluation.predictions["cd-net"], predict(fitted, evaluation.pairs)
    )
    counts = {group: one.count for group, one in evaluation.figures["cd-net"].items()}
    assert counts == {"all": 12, "aligned": 8, "not aligned": 4}


def test_scenes_are_held_out_in_folds(folder: Path) -> None:
    pairs = read_photographs(folder / "all.csv")
    chosen = recipe("ms-swd", epochs=1)
    found = pipeline.evaluate("ms-swd", pairs, "scenes", chosen, Run())
    assert len(found.pairs) == 42
    assert set(found.fold) == set(range(5))
    assert np.isfinite(found.predictions["ms-swd"]).all()


def test_a_weight_file_is_measured_as_it_is(
    pairs: Photographs, folder: Path, tmp_path: Path
) -> None:
    fitted, provenance = pipeline.fit(NETWORKS["cd-net"], pairs, recipe("cd-net"), Run())
    file = tmp_path / "model.safetensors"
    write_network(file, fitted, provenance)
    found = pipeline.evaluate(str(file), pairs, None, None, Run())
    assert found.model == "cd-net"
    read, _ = read_network(file)
    np.testing.assert_array_equal(found.predictions["cd-net"], predict(read, found.pairs))
    seen = read_photographs(folder / "train.csv")
    with pytest.raises(UserError, match=r"was fitted to train\.csv"):
        pipeline.evaluate(str(file), seen, None, None, Run())


def test_results_are_read_as_they_were_written(evaluation: Evaluation, tmp_path: Path) -> None:
    write_evaluation(evaluation, tmp_path)
    again = read_evaluation(tmp_path)
    assert again.figures == evaluation.figures
    assert again.pairs.names.tolist() == evaluation.pairs.names.tolist()
    write_evaluation(again, tmp_path / "again")
    for name in ("results.json", "figures.csv", "predictions.csv"):
        assert (tmp_path / name).read_bytes() == (tmp_path / "again" / name).read_bytes()


def test_the_page_has_every_picture_and_pair(evaluation: Evaluation, tmp_path: Path) -> None:
    write_page(evaluation, tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    shown = {
        name: json.loads(re.findall(rf"^const {name} = (.*);$", page, re.MULTILINE)[0])
        for name in ("rows", "names", "pictures", "methods")
    }
    assert shown["methods"] == shown_methods(evaluation) == [
        "cd-net", "CIEDE2000 mean", "CIEDE2000 as seen",
    ]  # fmt: skip
    assert len(shown["pictures"]) == len(shown["names"]) == 16
    assert all(picture.startswith("data:image/jpeg;base64,") for picture in shown["pictures"])
    rows, pairs = shown["rows"], evaluation.pairs
    found = [[shown["names"][row[0]], shown["names"][row[1]]] for row in rows]
    assert found == pairs.names.tolist()
    columns = np.array([row[4:] for row in rows])
    np.testing.assert_allclose(columns[:, 0], pairs.score, atol=5e-5)
    for place, method in enumerate(shown["methods"], 1):
        np.testing.assert_allclose(columns[:, place], as_score(evaluation, method), atol=5e-5)


def test_the_page_is_sorted_in_a_browser(
    evaluation: Evaluation, tmp_path: Path, chrome: webdriver.Chrome
) -> None:
    write_page(evaluation, tmp_path)
    chrome.get((tmp_path / "index.html").as_uri())

    def column(number: int) -> list[float]:
        rows = f"[...document.querySelectorAll('#pairs tbody tr')].map(r => r.cells[{number}]"
        found: list[str] = chrome.execute_script(f"return {rows}.innerText)")
        return [float(text.removeprefix("✓ ")) for text in found]

    shown = "return [...document.querySelectorAll('#pairs img')].map(i => i.naturalWidth)"
    assert chrome.execute_script(shown) == [32] * 24
    errors = column(4)
    assert errors == sorted(errors, reverse=True)
    chrome.find_element(By.XPATH, "//th/button[text()='Human score']").click()
    score = column(2)
    assert score == sorted(score, reverse=True)
    np.testing.assert_allclose(score, sorted(evaluation.pairs.score, reverse=True), atol=0.006)
    Select(chrome.find_element(By.ID, "group")).select_by_visible_text("not aligned")
    assert len(column(2)) == 4
    assert not chrome.get_log("browser")  # type: ignore[no-untyped-call]


def test_the_commands(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = [f"--set={name}={value}" for name, value in SIZES.items()]

    def run(*arguments: object) -> None:
        monkeypatch.setattr(sys, "argv", ["dde-train", "photographs", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        assert ended.value.code == 0

    shared = ["--model", "cd-net", "--config", "small", "--device", "cpu", *settings]
    run("fit", folder, *shared, "--output", tmp_path / "fit")
    assert [path.name for path in (tmp_path / "fit").iterdir()] == ["model.safetensors"]
    run("export", tmp_path / "fit", "--output", tmp_path / "copy.safetensors")
    written = (tmp_path / "fit" / "model.safetensors").read_bytes()
    assert (tmp_path / "copy.safetensors").read_bytes() == written
    result = tmp_path / "result"
    run("evaluate", folder, *shared, "--protocol", "official", "--output", result)
    files = {path.name for path in result.iterdir()}
    assert files == {"results.json", "figures.csv", "predictions.csv"}
    run("report", result, "--output", tmp_path / "page")
    assert (tmp_path / "page" / "index.html").exists()


@pytest.mark.parametrize(
    ("method", "protocol", "said"),
    [
        ("cd-net", None, "wants a protocol and a configuration"),
        ("FLIP", "scenes", "is not fitted here, and takes no protocol"),
        ("other", None, "must be a weight file or one of cd-flow"),
    ],
)
def test_mistakes_are_told(method: str, protocol: Any, said: str, pairs: Photographs) -> None:
    with pytest.raises(UserError, match=said):
        pipeline.evaluate(method, pairs, protocol, recipe("cd-net"), Run())
