"""The page: self-contained, complete, honest about the gamut, and usable in a real browser."""

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

from dde_training.data import ColourSet, Pairs
from dde_training.models.siamese import SiameseConfig
from dde_training.pipeline import evaluate
from dde_training.report import write_report
from dde_training.report.page import swatches
from dde_training.report.shown import as_dv, shown_methods
from dde_training.results import Evaluation
from dde_training.run import Run


@pytest.fixture(scope="module")
def evaluation(sets: list[ColourSet]) -> Evaluation:
    # A name that would be markup if it were not escaped.
    named = [replace(sets[0], name="<b>alpha</b>"), *sets[1:]]
    return evaluate("siamese", named, "colours", SiameseConfig(epochs=5), Run())


@pytest.fixture(scope="module")
def folder(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("report")
    write_report(evaluation, folder)
    return folder


@pytest.fixture(scope="module")
def page(folder: Path) -> str:
    return (folder / "index.html").read_text()


def rows_of(page: str) -> list[list[Any]]:
    (found,) = re.findall(r"^const rows = (.*);$", page, re.MULTILINE)
    rows: list[list[Any]] = json.loads(found)
    return rows


def test_the_plots_are_written_and_embedded(folder: Path, page: str) -> None:
    embedded = [base64.b64decode(text) for text in re.findall(r"svg\+xml;base64,([^\"]+)", page)]
    files = [folder / f"{name}.svg" for name in ("scatter", "agreement", "errors", "sets")]
    assert [file.read_bytes() for file in files] == embedded
    for content in embedded:
        assert ElementTree.fromstring(content).tag.endswith("svg")


def test_the_page_asks_for_nothing_outside_itself(page: str) -> None:
    assert "default-src 'none'" in page
    assert not re.findall(r"(?:src|href)=\"(?!data:)", page)
    assert not re.findall(r"https?://|@import|url\(", page)


def test_every_pair_is_there_with_its_held_out_predictions(
    page: str, evaluation: Evaluation
) -> None:
    rows, pairs = rows_of(page), evaluation.pairs
    assert len(rows) == len(pairs)
    methods = shown_methods(evaluation)
    assert methods == ["siamese", "CIEDE2000", "CIEDE2000 + power"]
    columns = np.array([row[7:] for row in rows])
    np.testing.assert_allclose(columns[:, 0], pairs.dv, atol=5e-5)
    for number, method in enumerate(methods, start=1):
        np.testing.assert_allclose(columns[:, number], as_dv(evaluation, method), atol=5e-5)
    assert [row[2] for row in rows] == evaluation.split.fold.tolist()


def test_a_plain_formula_is_put_on_the_scale_of_the_scores(evaluation: Evaluation) -> None:
    plain = evaluation.predictions["CIEDE2000"]
    scaled, dv = as_dv(evaluation, "CIEDE2000"), evaluation.pairs.dv
    assert np.ptp(plain / scaled) < 1e-9
    f = (plain @ plain) / (plain @ dv)
    assert plain[0] / scaled[0] == pytest.approx(f)


def test_swatches_are_adapted_and_flagged_where_a_screen_cannot_show_them(pairs: Pairs) -> None:
    white = np.array([98.07, 100, 118.23])  # illuminant C
    xyz = np.array([[white, white * 0.2], [[10.0, 40, 10], [1.0, 1.0, 90]]])
    some = replace(
        pairs[np.arange(2)], xyz=xyz, white=np.tile(white, (2, 1)), lab=np.zeros((2, 2, 3))
    )
    rgb, outside = swatches(some)
    assert rgb[0, 0].tolist() == [255, 255, 255]
    assert np.ptp(rgb[0, 1].astype(int)) <= 1  # a grey stays grey
    assert outside.tolist() == [[False, False], [True, True]]


def test_in_sample_figures_are_warned_of(sets: list[ColourSet], tmp_path: Path) -> None:
    write_report(evaluate("CIEDE2000", sets, "in-sample", None, Run()), tmp_path)
    page = (tmp_path / "index.html").read_text()
    assert "They say nothing of colours that were not" in page
    assert "is nearer to the human score" not in page


def test_equal_results_are_equal_pages(
    folder: Path, evaluation: Evaluation, tmp_path: Path
) -> None:
    write_report(evaluation, tmp_path)
    for file in folder.iterdir():
        assert file.read_bytes() == (tmp_path / file.name).read_bytes(), file.name


@pytest.fixture(scope="module")
def browser(folder: Path, chrome: webdriver.Chrome) -> webdriver.Chrome:
    chrome.get((folder / "index.html").as_uri())
    return chrome


def table(browser: webdriver.Chrome) -> list[WebElement]:
    return browser.find_elements(By.CSS_SELECTOR, "#pairs tbody tr")


def column(browser: webdriver.Chrome, number: int) -> list[str]:
    script = (
        "return [...document.querySelectorAll('#pairs tbody tr')].map(r => r.cells[%d].innerText)"
    )
    found: list[str] = browser.execute_script(script % number)
    return found


def numbers(browser: webdriver.Chrome, place: int) -> list[float]:
    return [float(text.removeprefix("✓ ")) for text in column(browser, place)]


def test_in_a_browser_the_page_loads_alone_and_without_errors(browser: webdriver.Chrome) -> None:
    assert browser.get_log("browser") == []  # type: ignore[no-untyped-call]
    script = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert all(name.startswith("data:") for name in browser.execute_script(script))
    script = "return [...document.images].every(image => image.complete && image.naturalWidth > 0)"
    assert browser.execute_script(script)
    assert browser.title == "siamese · colours"


def test_in_a_browser_a_pair_shows_its_colours_scores_and_smallest_error(
    browser: webdriver.Chrome, page: str
) -> None:
    Select(browser.find_element(By.ID, "sort")).select_by_visible_text("Set")
    row = rows_of(page)[0]
    cells = table(browser)[0].find_elements(By.TAG_NAME, "td")
    assert cells[0].text == "<b>alpha</b> 0"
    shown = cells[1].find_elements(By.CLASS_NAME, "swatch")
    for swatch, colour in zip(shown, row[3:5], strict=True):
        red, green, blue = bytes.fromhex(colour)
        assert swatch.value_of_css_property("background-color").startswith(
            f"rgba({red}, {green}, {blue}"
        )
    assert float(cells[2].text) == pytest.approx(row[7], abs=0.006)
    errors = [abs(value - row[7]) for value in row[8:]]
    classes = [str(cell.get_attribute("class")) for cell in cells[4::2]]
    best = [index for index, name in enumerate(classes) if "best" in name]
    assert best == [int(np.argmin(errors))]


def test_in_a_browser_colours_outside_srgb_are_flagged(
    browser: webdriver.Chrome, page: str
) -> None:
    scroll_to_the_end(browser)
    flagged = browser.find_elements(By.CSS_SELECTOR, ".swatch.outside")
    assert len(flagged) == sum(row[5] + row[6] for row in rows_of(page)) > 0


def scroll_to_the_end(browser: webdriver.Chrome) -> None:
    for _ in range(20):
        before = len(table(browser))
        browser.execute_script("scrollTo(0, document.body.scrollHeight)")
        browser.execute_async_script(
            "const done = arguments[0]; requestAnimationFrame(() => setTimeout(done, 50))"
        )
        if len(table(browser)) == before:
            return


@pytest.mark.parametrize("method", [0, 1, 2])
def test_in_a_browser_the_table_sorts_by_every_error(
    browser: webdriver.Chrome, method: int
) -> None:
    place = 4 + 2 * method
    Select(browser.find_element(By.ID, "sort")).select_by_index(2 + method)
    found = numbers(browser, place)
    assert found == sorted(found, reverse=True)
    browser.find_element(By.CSS_SELECTOR, f'th[data-key="{2 + method}"] button').click()
    found = numbers(browser, place)
    assert found == sorted(found)
    head = browser.find_element(By.CSS_SELECTOR, f'th[data-key="{2 + method}"]')
    assert head.get_attribute("aria-sort") == "ascending"


def test_in_a_browser_the_table_sorts_and_filters_by_set(
    browser: webdriver.Chrome, pairs: Pairs
) -> None:
    Select(browser.find_element(By.ID, "sort")).select_by_visible_text("Set")
    scroll_to_the_end(browser)
    assert len(table(browser)) == len(pairs)
    names = [text.rsplit(" ", 1)[0] for text in column(browser, 0)]
    assert names == sorted(names)
    Select(browser.find_element(By.ID, "set")).select_by_visible_text("beta")
    scroll_to_the_end(browser)
    assert [text.rsplit(" ", 1)[0] for text in column(browser, 0)] == ["beta"] * 60
    assert browser.find_element(By.ID, "count").text == "60 pairs"
    Select(browser.find_element(By.ID, "set")).select_by_visible_text("all")


def test_in_a_browser_thousands_of_pairs_stay_usable(
    browser: webdriver.Chrome, evaluation: Evaluation, tmp_path: Path
) -> None:
    many = np.arange(3813) % len(evaluation.pairs)
    split = evaluation.split
    large = replace(
        evaluation,
        pairs=evaluation.pairs[many],
        split=replace(
            split, fold=split.fold[many], groups=split.groups[many], units=split.units[many]
        ),
        predictions={name: values[many] for name, values in evaluation.predictions.items()},
    )
    write_report(large, tmp_path)
    assert (tmp_path / "index.html").stat().st_size < 3e6
    browser.get((tmp_path / "index.html").as_uri())
    assert browser.find_element(By.ID, "count").text == "3813 pairs"
    script = "const start = performance.now(); sortBy(3); return performance.now() - start"
    assert browser.execute_script(script) < 1000  # milliseconds
