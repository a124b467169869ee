"""The promise: the built site opens from disk, its search and its equations with it.

``nox -s docs`` runs this after the build, with chromium and chromedriver; of CI they are a part.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

SITE = Path(__file__).resolve().parents[2] / "build" / "site"


@pytest.fixture(scope="module")
def browser() -> Iterator[webdriver.Chrome]:
    options = webdriver.ChromeOptions()
    for argument in ("--headless=new", "--no-sandbox", "--host-resolver-rules=MAP * 127.0.0.1"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options)
    yield driver
    driver.quit()


@pytest.fixture(autouse=True)
def nothing_is_missing(browser: webdriver.Chrome) -> Iterator[None]:
    yield
    failed = [entry for entry in browser.get_log("browser") if entry["source"] == "network"]
    assert failed == []


def test_the_folder_opens_by_its_index(browser: webdriver.Chrome) -> None:
    browser.get((SITE / "index.html").as_uri())
    WebDriverWait(browser, 20).until(lambda b: b.current_url.endswith("/docs/index.html"))
    (picture,) = browser.find_elements(By.CSS_SELECTOR, "article img")
    assert int(picture.get_property("naturalWidth")) > 100


@pytest.mark.parametrize(
    ("words", "page"),
    [("metamerism", "dde.metamerism_index"), ("triangle inequality", "How right")],
)
def test_the_search_finds(browser: webdriver.Chrome, words: str, page: str) -> None:
    browser.get((SITE / "search.html").as_uri() + f"?q={words}")
    WebDriverWait(browser, 20).until(
        lambda b: page in [a.text for a in b.find_elements(By.CSS_SELECTOR, "#search-results a")]
    )


def test_equations_are_drawn_in_their_font(browser: webdriver.Chrome) -> None:
    browser.get((SITE / "docs" / "formulas" / "ciede2000.html").as_uri())
    font = "[...document.fonts].find(font => font.family.includes('STIX'))"
    assert (
        browser.execute_script(f"return document.fonts.ready.then(() => {font}.status)") == "loaded"
    )
    equation, *others = browser.find_elements(By.CSS_SELECTOR, "div.math math")
    assert equation.size["height"] > 60, "three lines, of which one has a root of a fraction"
    assert len(others) == 3
    assert "&" not in equation.text
