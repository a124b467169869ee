"""Reports: whole in every format, and a page that a real browser opens, alone and from a file."""

import csv
import html
import io
import json
import os
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image
from selenium import webdriver
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.select import Select

import dde
from dde.images.source import SRGB
from dde.inspection import Inspection
from dde.inspection.pictures import PictureTaker
from dde.report import write_report
from dde.report.colour_map import colours_of
from dde.report.data import as_json
from dde.report.document import Document

HEIGHT, WIDTH = 60, 90
ODD_NAME = '<b>"seal" & co'
JOB = f"""
rules = ["mean <= 1.0"]
[[regions]]
name = "logo"
box = [10, 5, 30, 20]
rules = ["p95 <= 2", "max <= 6"]
[[regions]]
name = '{ODD_NAME}'
polygon = [[50, 30], [80, 30], [80, 50], [50, 50]]
rules = ["share > 3 <= 1 %"]
[[regions]]
name = "date"
box = [0, 50, 20, 10]
ignore = true
[defects]
above = 6
rules = ["count <= 1"]
"""


@pytest.fixture(scope="module")
def inspection(tmp_path_factory: pytest.TempPathFactory) -> Inspection:
    """Of grey images, with two defects in the logo, and a faint stain on what has an odd name."""
    folder = tmp_path_factory.mktemp("images")
    reference = np.full((HEIGHT, WIDTH, 3), 120, dtype=np.uint8)
    sample = reference.copy()
    sample[8:12, 15:25] = 200, 60, 60
    sample[20:22, 30:33] = 60, 200, 60
    sample[40:45, 60:75] += np.uint8(15)
    for name, pixels in [("reference", reference), ("sample", sample)]:
        Image.fromarray(pixels).save(folder / f"{name}.png")
    folder.joinpath("job.toml").write_text(JOB)
    return dde.inspect(
        folder / "reference.png",
        folder / "sample.png",
        job=folder / "job.toml",
        keep_pictures=True,
    )


@pytest.fixture(scope="module")
def texts(inspection: Inspection, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("reports")
    for suffix in ("json", "csv", "xml", "html"):
        inspection.save(folder / f"report.{suffix}")
    return {path.suffix[1:]: path.read_bytes().decode() for path in folder.iterdir()}


# ---- For programs -----------------------------------------------------------------------------


def test_json(inspection: Inspection, texts: dict[str, str]) -> None:
    found = json.loads(texts["json"])
    assert found == inspection.to_dict()
    assert list(found) == list(inspection.to_dict()), "the order of the keys is stable"
    assert found["passed"] is False
    assert found["overall"]["mean"] == inspection.overall.mean


def test_csv_has_a_line_for_each_region(inspection: Inspection, texts: dict[str, str]) -> None:
    rows = list(csv.DictReader(io.StringIO(texts["csv"], newline="")))
    assert [row["region"] for row in rows] == ["logo", ODD_NAME, "elsewhere"]
    assert [row["passed"] for row in rows] == ["no", "no", "yes"]
    assert [row["broken_rules"] for row in rows] == ["p95 <= 2; max <= 6", "share > 3 <= 1 %", ""]
    for row, region in zip(rows, inspection.regions, strict=True):
        assert int(row["count"]) == region.statistics.count
        assert float(row["standard_deviation"]) == region.statistics.standard_deviation
        assert float(row["share_above_3"]) == region.statistics.share_above[3]


def flat(value: Any) -> list[str]:
    """The leaves of a JSON value, in order, as XML writes them."""
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in flat(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in flat(part)]
    return [] if value is None else [value if isinstance(value, str) else json.dumps(value)]


def test_xml_says_the_same_as_json(inspection: Inspection, texts: dict[str, str]) -> None:
    root = ElementTree.fromstring(texts["xml"])
    leaves = [element.text for element in root.iter() if not len(element) and element.text]
    assert leaves == flat(inspection.to_dict())
    assert [element.tag for element in root] == list(inspection.to_dict())
    assert root.findtext("regions/region[2]/name") == ODD_NAME
    share = root.find("regions/region/statistics/share_above/item[@key='3']")
    assert share is not None and share.text


@pytest.mark.parametrize("suffix", ["json", "csv", "xml", "html"])
def test_names_that_a_format_cannot_hold(
    inspection: Inspection, tmp_path: Path, suffix: str
) -> None:
    record = inspection.record | {"sample": {"path": "bell\a caf\udce9.png"}}
    region = replace(inspection.regions[0], name="bell\a caf\udce9")
    path = tmp_path / f"report.{suffix}"
    replace(inspection, record=record, regions=(region,)).save(path)
    text = path.read_bytes().decode()
    if suffix == "json":
        assert json.loads(text)["record"]["sample"]["path"] == "bell\a caf\\udce9.png"
    else:
        assert "caf\\udce9" in text
    if suffix == "xml":
        found = ElementTree.fromstring(text).findtext("record/sample/path")
        assert found == "bell\\x07 caf\\udce9.png"


@pytest.mark.parametrize("suffix", ["json", "csv", "xml", "html"])
def test_where_there_is_no_number(tmp_path: Path, suffix: str) -> None:
    nothing = np.full((4, 5, 3), np.nan, dtype=np.float32)
    found = dde.inspect(nothing, nothing, keep_pictures=True)
    found.save(tmp_path / f"report.{suffix}")
    text = tmp_path.joinpath(f"report.{suffix}").read_text()
    assert "nan" not in text.lower().replace("not_finite", "")


# ---- As files ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["report", "report.pdf", "report.html.gz"])
def test_unknown_suffix(inspection: Inspection, tmp_path: Path, name: str) -> None:
    with pytest.raises(ValueError, match=r"must end in one of \.json, \.csv, \.xml, \.html"):
        inspection.save(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_suffix_in_any_case(inspection: Inspection, tmp_path: Path) -> None:
    inspection.save(str(tmp_path / "report.JSON"))
    assert json.loads((tmp_path / "report.JSON").read_text())["passed"] is False


def test_full_disk_leaves_the_older_report(inspection: Inspection, tmp_path: Path) -> None:
    resource = pytest.importorskip("resource")
    path = tmp_path / "report.html"
    path.write_text("older")
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="large"):
            inspection.save(path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert path.read_text() == "older"
    assert list(tmp_path.iterdir()) == [path]


# ---- The page ---------------------------------------------------------------------------------


def test_the_page_asks_for_nothing_outside_itself(texts: dict[str, str]) -> None:
    page = html.unescape(texts["html"])
    assert "default-src 'none'" in page
    assert "unsafe-inline" not in page
    assert not re.findall(r"(?:src|href)=\"(?!data:|#)", page)
    assert not re.findall(r"https?://|@import|url\((?!#)", page)
    assert not re.findall(r"\bstyle=|\bon[a-z]+=\"", page), "which the policy would not allow"


def test_equal_inspections_are_equal_pages(
    inspection: Inspection, texts: dict[str, str], tmp_path: Path
) -> None:
    inspection.save(tmp_path / "again.html")
    assert (tmp_path / "again.html").read_text() == texts["html"]


def test_a_page_without_pictures(inspection: Inspection, tmp_path: Path) -> None:
    replace(inspection, pictures=None).save(tmp_path / "page.html")
    page = (tmp_path / "page.html").read_text()
    assert "No picture was kept" in page
    assert "data:image" not in page


@pytest.fixture(scope="module")
def window() -> Iterator[webdriver.Chrome]:
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not chromium or not driver:
        missing = "there is no chromium with chromedriver here"
        if os.environ.get("CI") and shutil.which("apt-get"):
            pytest.fail(f"{missing}, and .ci/run could not install it")
        pytest.skip(missing)
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--window-size=1280,900"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    started = webdriver.Chrome(options=options, service=webdriver.ChromeService(driver))
    yield started
    started.quit()


@pytest.fixture
def browser(
    window: webdriver.Chrome, texts: dict[str, str], tmp_path: Path
) -> Iterator[webdriver.Chrome]:
    """The page, opened from a file; whatever a test does, no error may be reported."""
    path = tmp_path / "report.html"
    path.write_text(texts["html"])
    window.get(path.as_uri())
    yield window
    assert window.get_log("browser") == []  # type: ignore[no-untyped-call]


def slide(browser: webdriver.Chrome, *keys: str) -> None:
    browser.find_element(By.ID, "slider").send_keys(*keys)


def shown(browser: webdriver.Chrome, x: float, y: float) -> tuple[int, ...]:
    """The colour on the screen where a place of the image is, without outlines."""
    checkbox = browser.find_element(By.ID, "outlines")
    if checkbox.is_selected():
        checkbox.click()
    stage = browser.find_element(By.ID, "stage")
    browser.execute_async_script(
        "arguments[0].scrollIntoView(); const done = arguments[1]; "
        "requestAnimationFrame(() => requestAnimationFrame(done))",
        stage,
    )
    picture = Image.open(io.BytesIO(stage.screenshot_as_png)).convert("RGB")
    left, top, width, height = map(float, str(stage.get_dom_attribute("viewBox")).split())
    place = (x - left) / width * picture.width, (y - top) / height * picture.height
    pixel = picture.getpixel((int(place[0]), int(place[1])))
    assert isinstance(pixel, tuple)
    return pixel


def viewed(browser: webdriver.Chrome) -> list[float]:
    box = browser.find_element(By.ID, "stage").get_dom_attribute("viewBox")
    return [float(number) for number in str(box).split()]


def pressed(element: WebElement) -> bool:
    return element.get_dom_attribute("aria-pressed") == "true"


def test_in_a_browser_the_page_loads_alone(browser: webdriver.Chrome) -> None:
    script = "return performance.getEntriesByType('resource').map(entry => entry.name)"
    assert all(name.startswith("data:") for name in browser.execute_script(script))
    assert browser.title == "Fail: sample.png"


def test_in_a_browser_the_verdict_and_its_reasons_come_first(
    browser: webdriver.Chrome, inspection: Inspection
) -> None:
    lines = browser.find_element(By.TAG_NAME, "body").text.splitlines()
    assert lines[0] == "FAIL"
    assert lines[1] == "sample.png"
    assert lines[3 : 3 + len(inspection.reasons)] == list(inspection.reasons)
    assert len(inspection.reasons) == 4


def test_in_a_browser_the_slider_goes_from_reference_to_sample_to_map(
    browser: webdriver.Chrome,
) -> None:
    defect, same = (20.5, 10.5), (70.5, 10.5)
    slide(browser, Keys.HOME)
    assert shown(browser, *defect) == shown(browser, *same) == (120, 120, 120)
    slide(browser, *[Keys.ARROW_RIGHT] * 100)
    assert shown(browser, *defect) == (200, 60, 60)
    assert shown(browser, *same) == (120, 120, 120)
    slide(browser, Keys.END)
    black = tuple(colours_of(np.array(0.0)).tolist())
    assert shown(browser, *same) == black
    assert sum(shown(browser, *defect)) > 300
    assert shown(browser, 5.5, 55.5) == (128, 128, 128), "not counted"
    slide(browser, *[Keys.ARROW_LEFT] * 50)
    assert shown(browser, *same) == (120, 120, 120), "the sample is still on the right"
    assert sum(shown(browser, *defect)) > 300
    assert shown(browser, 30.5, 40.5) == black, "and the map on the left"


def test_in_a_browser_the_stops_are_buttons(browser: webdriver.Chrome) -> None:
    for name, colour in [("Sample", (200, 60, 60)), ("Reference", (120, 120, 120))]:
        button = browser.find_element(By.XPATH, f"//button[text()='{name}']")
        button.click()
        assert shown(browser, 20.5, 10.5) == colour
        assert pressed(button)


def test_in_a_browser_a_click_in_the_list_marks_the_defect(
    browser: webdriver.Chrome, inspection: Inspection
) -> None:
    assert len(inspection.defects) == 2
    ring = browser.find_element(By.ID, "ring")
    for place, defect in enumerate(inspection.defects):
        button = browser.find_elements(By.CSS_SELECTOR, "#defects button")[place]
        button.send_keys(Keys.ENTER)
        assert pressed(button)
        assert ring.get_dom_attribute("visibility") == "visible"
        assert float(str(ring.get_dom_attribute("cx"))) == defect.x + defect.width / 2
        assert float(str(ring.get_dom_attribute("cy"))) == defect.y + defect.height / 2
        left, top, width, height = viewed(browser)
        assert width < WIDTH
        assert left <= defect.x and defect.x + defect.width <= left + width
        assert top <= defect.y and defect.y + defect.height <= top + height
        marked = browser.find_elements(By.CSS_SELECTOR, "rect.defect.marked")
        assert [m.get_dom_attribute("id") for m in marked] == [f"defect-{place + 1}"]
        assert len(browser.find_elements(By.CSS_SELECTOR, "tr.marked")) == 1
    button.click()
    assert ring.get_dom_attribute("visibility") == "hidden"
    assert viewed(browser) == [0, 0, WIDTH, HEIGHT]
    assert not browser.find_elements(By.CSS_SELECTOR, ".marked")


def test_in_a_browser_regions_are_outlined_and_can_be_marked(browser: webdriver.Chrome) -> None:
    script = "const b = arguments[0].getBBox(); return [b.x, b.y, b.width, b.height]"
    boxes = [[10, 5, 30, 20], [50, 30, 30, 20]]
    paths = browser.find_elements(By.CSS_SELECTOR, "#stage path")
    assert [browser.execute_script(script, path) for path in paths] == boxes
    buttons = browser.find_elements(By.CSS_SELECTOR, "#regions button")
    assert [button.text for button in buttons] == ["logo", ODD_NAME]
    buttons[1].click()
    left, top, width, height = viewed(browser)
    assert left <= 50 and left + width >= 80 and top <= 30 and top + height >= 50
    assert "marked" in str(paths[1].get_dom_attribute("class"))
    browser.find_element(By.ID, "all").click()
    assert viewed(browser) == [0, 0, WIDTH, HEIGHT]


def test_in_a_browser_the_keyboard_zooms_and_moves(browser: webdriver.Chrome) -> None:
    stage = browser.find_element(By.ID, "stage")
    stage.send_keys("+")
    assert viewed(browser) == [WIDTH / 4, HEIGHT / 4, WIDTH / 2, HEIGHT / 2]
    stage.send_keys(Keys.ARROW_RIGHT, Keys.ARROW_DOWN)
    assert viewed(browser)[0] > WIDTH / 4
    assert viewed(browser)[1] > HEIGHT / 4
    stage.send_keys("-")
    assert viewed(browser) == [0, 0, WIDTH, HEIGHT]


def test_in_a_browser_each_region_has_its_histogram_and_limits(browser: webdriver.Chrome) -> None:
    def limits() -> list[str]:
        found = browser.find_elements(By.CSS_SELECTOR, ".histogram:not([hidden]) .limit-name")
        return [element.text for element in found]

    choice = Select(browser.find_element(By.ID, "histogram-of"))
    names = [option.text for option in choice.options]
    assert names == ["all regions", "logo", ODD_NAME, "elsewhere"]
    assert limits() == []
    choice.select_by_visible_text("logo")
    assert limits() == ["p95 ≤ 2", "max ≤ 6"]
    choice.select_by_visible_text(ODD_NAME)
    assert limits() == ["share > 3 ≤ 1 %"]


@pytest.mark.parametrize("width", [320, 400, 800])
def test_in_a_browser_narrow_windows_need_no_scrolling_sideways(
    browser: webdriver.Chrome, width: int
) -> None:
    size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    try:
        widest = browser.execute_script("return document.documentElement.scrollWidth")
        assert widest <= width
    finally:
        browser.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


# ---- What is long -----------------------------------------------------------------------------


LONG_NAME = "CMYK-" + "a-very-long-name-of-a-region-" * 8


@pytest.fixture(scope="module")
def scan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The page of a scan that is fifty times as high as wide, of a region with a long name."""
    reference = np.full((3000, 60, 3), 120, dtype=np.uint8)
    sample = reference.copy()
    sample[2900:2910, 20:30] = 200, 60, 60
    found = dde.inspect(
        reference,
        sample,
        regions={LONG_NAME: (10, 2800, 40, 150)},
        tolerances="max <= 6 and dL >= 1 and not_finite <= 160000",
        warnings="share > 3 <= 0 %",
        defects=6,
        keep_pictures=True,
    )
    path = tmp_path_factory.mktemp("scan") / "scan.html"
    found.save(path)
    return path


@pytest.fixture
def scanned(window: webdriver.Chrome, scan: Path) -> Iterator[webdriver.Chrome]:
    window.get(scan.as_uri())
    yield window
    assert window.get_log("browser") == []  # type: ignore[no-untyped-call]


def place_on_screen(browser: webdriver.Chrome, x: float, y: float) -> tuple[float, float]:
    """Where a place of the image is, in the window."""
    script = (
        "const p = new DOMPoint(arguments[0], arguments[1])"
        ".matrixTransform(document.getElementById('stage').getScreenCTM()); return [p.x, p.y]"
    )
    across, down = browser.execute_script(script, x, y)
    return float(across), float(down)


def test_in_a_browser_a_long_scan_fills_its_window(scanned: webdriver.Chrome) -> None:
    stage = scanned.find_element(By.ID, "stage")
    assert viewed(scanned) == [0, 0, 60, 90], "all of its smaller side, from its beginning"
    assert stage.size["width"] > 200 and stage.size["height"] > 400
    scanned.find_element(By.ID, "all").click()
    x, y, width, height = viewed(scanned)
    assert (y, height, width) == (0, 3000, 2000)
    assert x == (60 - width) / 2, "in the middle"
    scanned.find_element(By.CSS_SELECTOR, "#defects button").click()
    x, y, width, height = viewed(scanned)
    assert x <= 20 and x + width >= 30 and y <= 2900 and y + height >= 2910
    assert width <= 60
    stage.send_keys("0")
    assert viewed(scanned)[3] == 3000


def test_in_a_browser_the_wheel_zooms_about_the_pointer(browser: webdriver.Chrome) -> None:
    stage = browser.find_element(By.ID, "stage")
    browser.execute_script("arguments[0].scrollIntoView()", stage)
    x, y = map(round, place_on_screen(browser, 20, 45))
    for _ in range(3):
        event = {"type": "mouseWheel", "x": x, "y": y, "deltaX": 0, "deltaY": -100}
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    _, _, width, height = viewed(browser)
    assert width == pytest.approx(WIDTH / 2**1.5) and height == pytest.approx(HEIGHT / 2**1.5)
    assert place_on_screen(browser, 20, 45) == pytest.approx((x, y), abs=1.5)
    for _ in range(4):
        event["deltaY"] = 100
        browser.execute_cdp_cmd("Input.dispatchMouseEvent", event)
    assert viewed(browser) == [0, 0, WIDTH, HEIGHT]


def test_in_a_browser_two_fingers_zoom_about_their_middle(browser: webdriver.Chrome) -> None:
    stage = browser.find_element(By.ID, "stage")
    browser.execute_script("arguments[0].scrollIntoView()", stage)
    x, y = place_on_screen(browser, 30, 30)

    def touch(kind: str, *places: float) -> None:
        points = [{"x": x + place, "y": y, "id": number} for number, place in enumerate(places)]
        browser.execute_cdp_cmd("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", -40, 40)
    for apart in (50, 60, 70, 80):
        touch("touchMove", -apart, apart)
    touch("touchEnd")
    _, _, width, _ = viewed(browser)
    assert width == pytest.approx(WIDTH / 2, rel=0.05)
    assert place_on_screen(browser, 30, 30) == pytest.approx((x, y), abs=8)


def test_in_a_browser_dragging_moves(browser: webdriver.Chrome) -> None:
    stage = browser.find_element(By.ID, "stage")
    stage.send_keys("+")
    before = place_on_screen(browser, 45, 30)
    ActionChains(browser).drag_and_drop_by_offset(stage, -40, 30).perform()
    after = place_on_screen(browser, 45, 30)
    assert after == pytest.approx((before[0] - 40, before[1] + 30), abs=1)


def test_in_a_browser_long_names_fit_a_phone(scanned: webdriver.Chrome) -> None:
    for width in (320, 400, 800):
        size = {"width": width, "height": 700, "deviceScaleFactor": 1, "mobile": True}
        scanned.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
        try:
            widest = scanned.execute_script("return document.documentElement.scrollWidth")
            assert widest <= width
        finally:
            scanned.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_names_and_numbers_are_written_as_they_are(scan: Path) -> None:
    page = scan.read_text()
    assert f"{LONG_NAME}: pixels by their difference" in page
    assert "Reference</figcaption>" in page
    assert "not_finite ≤ 160000" in page and "dL ≥ 1" in page
    assert "e+0" not in re.sub(r"base64,[^\"]*", "", page)


def test_warnings_and_notes_are_told_apart(inspection: Inspection, tmp_path: Path) -> None:
    path = tmp_path / "page.html"
    warned = replace(inspection, passed=True, reasons=(), warnings=("logo: p95 is 2, above 1",))
    replace(warned, notes=("the sample seems shifted",)).save(path)
    page = path.read_text()
    assert ">Pass, with warnings</span>" in page
    assert "<li>Warning: logo: p95 is 2, above 1</li>" in page
    assert "<li>Note: the sample seems shifted</li>" in page


# ---- Other scales than that of a ΔE -----------------------------------------------------------


@pytest.fixture(scope="module")
def flipped() -> Inspection:
    """By FLIP, from black against white, where it is nearly 1, to equal."""
    reference = np.zeros((40, 90, 3), np.uint8)
    sample = reference.copy()
    sample[:, 60:] = 255
    sample[10:20, 10:20] = 30
    rules = "mean <= 0.05 and p99 <= 0.4"
    return dde.inspect(reference, sample, metric="FLIP", tolerances=rules, keep_pictures=True)


@pytest.mark.parametrize("stored", [False, True])
def test_in_a_browser_the_spread_of_a_learned_reference_is_beside_the_map(
    window: webdriver.Chrome, tmp_path: Path, stored: bool
) -> None:
    """The right half of the good sheets varies, by up to 20 of 255; the left half does not."""
    rng = np.random.default_rng(5)
    sheets = []
    for _ in range(6):
        sheet = np.full((40, 60, 3), 120, np.uint8)
        sheet[:, 30:] += rng.integers(0, 20, (40, 1, 1), dtype=np.uint8)
        sheets.append(sheet)
    frame = np.full((40, 60, 3), 120, np.uint8)
    frame[10:14, 10:14] = 200
    found = dde.inspect(dde.learn_reference(sheets), frame, keep_pictures=True)
    document = found.document()
    if stored:
        document = replace(document, found=json.loads(as_json(document)))
    write_report(document, tmp_path / "report.html")
    window.get((tmp_path / "report.html").as_uri())
    stops = [stop.text for stop in window.find_elements(By.CSS_SELECTOR, "[data-stop]")]
    assert stops == ["Reference", "Sample", "Map", "Spread"]
    legends = [each.text.split("\n") for each in window.find_elements(By.CSS_SELECTOR, ".scale")]
    assert legends[0][:2] == ["Map", "share of the limit 0"]
    assert legends[1][:2] == ["Spread", "CIE76 0"]
    left, fault, right = (5.5, 30.5), (12.5, 12.5), (45.5, 30.5)
    black = tuple(colours_of(np.array(0.0)).tolist())
    slide(window, Keys.END)
    assert shown(window, *left) == shown(window, *fault) == black
    assert sum(shown(window, *right)) > 100
    slide(window, *[Keys.ARROW_LEFT] * 50)
    assert shown(window, *left) == black, "the spread on the left"
    assert sum(shown(window, *fault)) < 10
    slide(window, *[Keys.ARROW_LEFT] * 50)
    assert sum(shown(window, *fault)) > 300, "the map is whole at its stop"
    assert window.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_spreads_are_reduced_as_maps_are() -> None:
    """To the largest of each block, and NaN where nothing is counted."""
    spread = np.random.default_rng(3).random((40, 3001), dtype=np.float32)
    taker = PictureTaker(spread.shape)
    colours, differences = np.zeros((*spread.shape, 3), np.uint8), np.zeros_like(spread)
    differences[:, :6] = np.nan
    taker.add(0, colours, colours, differences)
    found = taker.pictures((SRGB, SRGB), spread=spread)
    assert found.spread is not None and found.spread.shape == found.map.shape
    assert found.block == 3
    assert found.spread[1, 7] == spread[3:6, 21:24].max()
    assert np.isnan(found.spread[:, :2]).all() and np.isfinite(found.spread[:, 2:]).all()


@pytest.mark.parametrize("stored", [False, True])
def test_in_a_browser_flip_has_a_scale_of_its_own(
    window: webdriver.Chrome, flipped: Inspection, tmp_path: Path, stored: bool
) -> None:
    document = flipped.document()
    if stored:
        document = replace(document, found=json.loads(as_json(document)))
    write_report(document, tmp_path / "report.html")
    window.get((tmp_path / "report.html").as_uri())
    legend = window.find_element(By.CSS_SELECTOR, ".scale").text.split("\n")
    assert legend == ["Map", "FLIP 0", "0.5", "1"]
    histogram = window.find_element(By.CSS_SELECTOR, ".histogram")
    texts = [element.text for element in histogram.find_elements(By.TAG_NAME, "text")]
    assert "FLIP" in texts and "ΔE" not in texts
    assert {"0", "0.2", "0.4", "0.6", "0.8", "1"} <= set(texts)
    places = {
        element.text: float(element.get_attribute("x") or 0)
        for element in histogram.find_elements(By.CSS_SELECTOR, ".limit-name")
    }
    assert places["p99 ≤ 0.4"] == pytest.approx(8 * places["mean ≤ 0.05"], abs=0.1)
    assert places["p99 ≤ 0.4"] == pytest.approx(640 * 0.4 / 1.15, abs=15)
    bars = histogram.find_elements(By.CSS_SELECTOR, ".bar")
    widest = max(float(bar.get_attribute("x") or 0) for bar in bars)
    assert widest == pytest.approx(640 * flipped.overall.maximum / 1.15, abs=20)
    titles = [bar.get_attribute("textContent") or "" for bar in bars]
    counted = sum(int(title.split(": ")[1].split()[0].replace(",", "")) for title in titles)
    assert counted == flipped.overall.count
    assert all(title.startswith("FLIP 0.") for title in titles)
    table = window.find_element(By.CSS_SELECTOR, "section table").text
    assert f"Mean {flipped.overall.mean:.4f}" in table
    assert "Above 0.1" in table and "Above 2" not in table
    assert window.get_log("browser") == []  # type: ignore[no-untyped-call]


def test_programs_are_told_the_scale(flipped: Inspection, tmp_path: Path) -> None:
    assert flipped.to_dict()["scale"] == {"name": "FLIP", "largest": 1.0}
    flipped.save(tmp_path / "report.csv")
    (row,) = csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text(), newline=""))
    assert row["scale"] == "FLIP"
    assert float(row["mean"]) == flipped.overall.mean
    assert {title for title in row if "above" in title} == {
        f"share_above_{threshold}" for threshold in ("0.05", "0.1", "0.2", "0.4", "0.5")
    }
    assert float(row["share_above_0.5"]) == flipped.overall.share_above[0.5] > 0.3


def test_what_is_stored_without_a_scale_is_of_a_delta_e(inspection: Inspection) -> None:
    found = inspection.to_dict()
    del found["scale"]
    assert Document(found).scale == inspection.scale == dde.inspection.Scale("ΔE")


# ---- Stored results ---------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", ["json", "csv", "xml", "html"])
def test_a_stored_result_is_shown_again(
    inspection: Inspection, texts: dict[str, str], tmp_path: Path, suffix: str
) -> None:
    stored = Document(json.loads(texts["json"]))
    path = tmp_path / f"again.{suffix}"
    write_report(stored, path)
    text = path.read_bytes().decode()
    if suffix == "html":
        assert "No picture was kept" in text
        assert all(sentence in html.unescape(text) for sentence in inspection.reasons)
        whole = Document(stored.found, inspection.document().histograms, inspection.pictures)
        write_report(whole, path)
        assert path.read_text() == texts["html"], "nothing else of the inspection was needed"
    else:
        assert text == texts[suffix]


def test_a_stored_result_without_a_number_is_shown_again(tmp_path: Path) -> None:
    nothing = np.full((4, 5, 3), np.nan, dtype=np.float32)
    found = dde.inspect(nothing, nothing, space="Lab", tolerances="mean <= 1", warnings=2)
    text = as_json(found.document())
    assert found.passed is False and "NaN" not in text
    again = Document(json.loads(text))
    assert again.found == found.to_dict()
    for suffix in ("csv", "xml", "html"):
        write_report(again, tmp_path / f"report.{suffix}")
        assert "nan" not in (tmp_path / f"report.{suffix}").read_text().lower()


@pytest.mark.parametrize("suffix", ["csv", "html"])
@pytest.mark.parametrize(
    "change",
    [
        lambda found: found["regions"].__setitem__(0, {}),
        lambda found: found["regions"][0].update(statistics=[]),
        lambda found: found.clear(),
    ],
)
def test_a_stored_result_that_others_changed_is_refused(
    change: Any, suffix: str, tmp_path: Path
) -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    stored = json.loads(json.dumps(dde.inspect(image, image).to_dict()))
    change(stored)
    with pytest.raises(ValueError, match=r"^document does not hold what an inspection found"):
        write_report(Document(stored), tmp_path / f"report.{suffix}")
    assert not list(tmp_path.iterdir())
