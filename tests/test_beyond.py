"""Differences and limits far beyond those of surfaces: what is known of them, and no warning."""

import json
import warnings
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from running import run

import dde
from dde.report import write_report

METRICS = ["CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB", "OK"]


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture
def far_apart() -> tuple[np.ndarray, np.ndarray]:
    """Two images of which most pixels are further apart by HyAB than the histogram reaches."""
    reference, sample = np.zeros((2, 10, 10, 3), np.uint8)
    reference[...] = 0, 0, 255
    sample[...] = 120, 255, 40
    sample[0, 0] = 0, 255, 0
    return reference, sample


def test_percentiles_are_the_maximum(far_apart: tuple[np.ndarray, np.ndarray]) -> None:
    found = dde.inspect(*far_apart, metric="HyAB", keep_map=True)
    assert found.map is not None
    assert 256 < np.median(found.map) < found.overall.maximum - 5
    for name in ("median", "percentile_90", "percentile_95", "percentile_99"):
        assert getattr(found.overall, name) == found.overall.maximum


def test_the_summary_says_so(far_apart: tuple[np.ndarray, np.ndarray], tmp_path: Path) -> None:
    paths = [tmp_path / "a.png", tmp_path / "b.png"]
    for path, pixels in zip(paths, far_apart, strict=True):
        Image.fromarray(pixels).save(path)
    lines = run("compare", *paths, "--metric", "HyAB").output.splitlines()
    for name in ("median", "95th percentile", "99th percentile"):
        assert f"{name:16}  308.11     at most" in lines
    assert "maximum           308.11     at x 0, y 0" in lines
    report = json.loads(run("compare", *paths, "--metric", "HyAB", "--json").output)
    assert report["median"] == report["maximum"]
    for metric in ("CIEDE2000", "FLIP"):
        assert "at most" not in run("compare", *paths, "--metric", metric).output


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("value", [1e19, 1e25, 3e38])
@pytest.mark.parametrize("kind", [np.float32, np.float64])
def test_huge_differences(metric: str, value: float, kind: type[np.floating]) -> None:
    reference = np.full((8, 8, 3), 50, kind)
    sample = reference.copy()
    sample[0, 0, 0] = value
    sample[1, 1] = -value
    found = dde.inspect(
        reference,
        sample,
        metric=metric,
        space="Lab",
        tolerances=["max <= 1e300", "p95 <= 1e300", "p50 >= 3.5e38", "share > 1e300 <= 1 %"],
        defects={"above": 1e300, "rules": ["count <= 0"]},
        keep_pictures=True,
    )
    assert found.passed is False


def test_colours_of_float64_that_float32_does_not_reach() -> None:
    reference = np.full((1600, 8, 3), 50.0)  # of which a dot of a picture is several
    sample = reference.copy()
    sample[0, 0, 0], sample[2:4, 0, 0] = 1e308, 3e38
    sample[4, 0, 0], sample[5, 0, 0] = np.inf, -np.inf
    found = dde.inspect(reference, sample, space="Lab", keep_pictures=True)
    assert found.overall.not_finite >= 2


@pytest.mark.parametrize("limit", [300.0, 1e5, 1e9, 1e38, 1e300])
def test_a_report_has_a_place_for_limits_that_it_can_show(limit: float, tmp_path: Path) -> None:
    """Its memory does not grow with them."""
    image = np.full((8, 8, 3), 50, np.uint8)
    rules = [f"max <= {limit:g}", "p95 <= 7", f"share > {limit:g} <= 1 %"]
    found = dde.inspect(image, image, tolerances=rules, keep_pictures=True)
    write_report(found.document(), tmp_path / "report.html")
    page = (tmp_path / "report.html").read_text()
    assert page.count("p95 ≤ 7") > page.count(f"max ≤ {limit:g}")
