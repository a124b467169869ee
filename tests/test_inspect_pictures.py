"""The promise: an inspection takes a map that sees neighbourhoods as it takes any other."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from spatial import photographs

import dde
from dde.inspection import inspecting
from dde.pictures.comparison import comparison_of

REFERENCE, SAMPLE = photographs()["blur"]
KINDS: list[dict[str, Any]] = [
    {"viewing": 30},
    {"shift": 1},
    {"edges": 0.5},
    {"metric": "FLIP"},
    {"metric": "FLIP", "viewing": 30},
    {"metric": "CIE76", "viewing": dde.Viewing(700, 0.25), "shift": 2},
]


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_statistics_are_those_of_the_map(kind: dict[str, Any], monkeypatch: Any) -> None:
    """Read in strips of 20 rows, with their margins."""
    monkeypatch.setattr(inspecting, "PIXELS_AT_ONCE", 20 * REFERENCE.shape[1])
    expected = dde.delta_e_map(REFERENCE, SAMPLE, **kind)
    found = dde.inspect(REFERENCE, SAMPLE, keep_map=True, tolerances="max <= 0.01", **kind)
    assert np.array_equal(found.map, expected)
    assert found.overall.mean == pytest.approx(expected.mean(dtype=float), rel=1e-9)
    assert found.overall.maximum == expected.max()
    near = 1 / 256 if kind.get("metric") != "FLIP" else 1 / 65536
    for percentage, percentile in ((50, found.overall.median), (95, found.overall.percentile_95)):
        exact = np.percentile(expected, percentage, method="inverted_cdf")
        assert percentile == pytest.approx(exact, abs=near)
    assert found.passed is False
    assert found.record["metric"]["name"] == kind.get("metric", "CIEDE2000")


@pytest.mark.parametrize(
    ("text", "arguments"),
    [
        ("[viewing]\npixels_per_degree = 30\n", {"viewing": 30}),
        ("[viewing]\ndistance = 400\ndpi = 150\n", {"viewing": dde.Viewing(400, 25.4 / 150)}),
        ("[viewing]\ndistance = 400\npitch = 0.2\n", {"viewing": dde.Viewing(400, 0.2)}),
        ("[tolerance]\nshift = 1\nedges = 0.25\n", {"shift": 1, "edges": 0.25}),
        ('metric = "flip"\n', {"metric": "FLIP"}),
    ],
)
def test_a_job_says_the_same(text: str, arguments: dict[str, Any], tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    path.write_text(text)
    found = dde.inspect(REFERENCE, SAMPLE, job=path)
    assert found.overall == dde.inspect(REFERENCE, SAMPLE, **arguments).overall


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[viewing]\ndistance = 400\n", "viewing must give pixels_per_degree, or distance"),
        ("[viewing]\npixels_per_degree = -1\n", "viewing must be from 1"),
        ("[viewing]\npixels_per_degree = 2e9\n", "viewing must be from 1"),
        (
            "[viewing]\npixels_per_degree = 9\ndpi = 300\n",
            "viewing must give pixels_per_degree, or",
        ),
        ("[viewing]\ndistance = 0\ndpi = 300\n", "distance must be a positive"),
        ("[viewing]\ndistance = 400\npitch = -1\n", "pitch must be a positive"),
        ("[viewing]\ndistance = 400\ndpi = nan\n", "dpi must be a positive"),
        ('[viewing]\npixels_per_degree = "far"\n', "Expected `float | null`, got `str`"),
        ("[viewing]\n", "it gives nothing"),
        ("[viewing]\ndegrees = 3\n", "degrees"),
        ("[tolerance]\nshift = 1.5\n", "Expected `int`, got `float`"),
        ("[tolerance]\nedges = -1\n", "edges must be a finite number"),
        ("[tolerance]\nedges = inf\n", "edges must be a finite number"),
        ('metric = "flip"\n[tolerance]\nshift = 1\n', "shift and edges must be 0 with FLIP"),
        ("[alignment]\nlargest = 0\n", "largest must be a positive number"),
        ("[alignment]\nlargest = nan\n", "largest must be a positive number"),
        ("[alignment]\nleast_correlation = 1.5\n", "least_correlation must be above 0"),
        ("[alignment]\nmotion = 3\n", "Expected `str`, got `int`"),
        ("[alignment]\nmost = 3\n", "most"),
        ("[variation]\nfactor = nan\n", "factor must be a positive number"),
        ("[variation]\ndarker = -1\n", "darker must be a positive number"),
        ('[variation]\nlighter = "much"\n', "Expected `float | null`, got `str`"),
        ("[variation]\nspread = 3\n", "spread"),
        ("[tolerance]\nshift = 9\n", "shift must be from 0 to 4"),
        ('[alignment]\nmotion = "up"\n', "motion must be one of"),
        ("[variation]\nlimit = 0\n", "limit must be a positive number"),
        ("[tolerance]\nshfit = 1\n", "shfit"),
    ],
)
def test_a_bad_job_is_refused(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "job.toml"
    path.write_text(text)
    with pytest.raises(dde.JobFileError, match=words):
        dde.inspect(REFERENCE, SAMPLE, job=path)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nan_is_counted_as_far_as_it_reaches(kind: dict[str, Any]) -> None:
    sample = SAMPLE / 255
    sample[100, 100] = np.nan
    sample[100, 201] = np.nan
    found = dde.inspect(REFERENCE, sample, keep_map=True, **kind)
    missing = np.isnan(found.map)
    assert found.overall.not_finite == missing.sum() >= 2
    assert found.overall.count == missing.size - missing.sum()
    margin = comparison_of(
        kind.get("metric", "CIEDE2000"), {}, **{k: v for k, v in kind.items() if k != "metric"}
    ).margin
    y, x = np.argwhere(missing).T
    assert np.abs(y - 100).max() <= margin
    assert np.minimum(np.abs(x - 100), np.abs(x - 201)).max() <= margin


def test_the_reach_of_viewing_is_less_than_half_a_degree() -> None:
    sample = SAMPLE / 255
    sample[100, 100] = np.nan
    assert dde.inspect(REFERENCE, sample, viewing=20).overall.not_finite == 19 * 19


@pytest.mark.parametrize("kind", [{}, {"viewing": 20}, {"shift": 1}], ids=str)
def test_learned_references_judge_alike_in_strips_of_any_height(
    kind: dict[str, Any], monkeypatch: Any
) -> None:
    rng = np.random.default_rng(4)
    good = [np.uint8((REFERENCE + rng.normal(0, 3, REFERENCE.shape)).clip(0, 255)) for _ in "123"]
    learned = dde.learn_reference(good)
    frame = SAMPLE / 255
    frame[100, 100] = np.nan
    asked: dict[str, Any] = {"variation": {"limit": 2, "darker": 1}, "keep_map": True, **kind}
    whole = dde.inspect(learned, frame, **asked)
    missing = np.argwhere(np.isnan(whole.map))
    assert whole.overall.not_finite == len(missing) >= 1
    assert np.abs(missing - 100).max() <= (9 if "viewing" in kind else 0)
    for rows in (1, 17):
        monkeypatch.setattr(inspecting, "PIXELS_AT_ONCE", rows * REFERENCE.shape[1])
        found = dde.inspect(learned, frame, **asked)
        assert np.array_equal(found.map, whole.map, equal_nan=True)
        assert found.overall.maximum == whole.overall.maximum


@pytest.mark.parametrize(
    "asked",
    [
        {"tolerances": 3},
        {"tolerances": "share > 2 <= 1 %"},
        {"warnings": "p95 <= 1"},
        {"tolerances": "mean >= 2"},
        {"regions": {"left": (0, 0, 50, 50)}, "tolerances": {"left": "median <= 2"}},
        {"defects": 6},
    ],
)
def test_limits_of_a_delta_e_are_refused_with_flip(asked: dict[str, Any]) -> None:
    """They would pass whatever comes."""
    with pytest.raises(ValueError, match=r"can never be broken: FLIP is from 0 to 1"):
        dde.inspect(REFERENCE, SAMPLE, metric="FLIP", **asked)
    assert dde.inspect(REFERENCE, SAMPLE, metric="FLIP", tolerances="max <= 0.9").passed
