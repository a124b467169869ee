"""Published tolerances are data: each names its source, and is rules that an inspection takes."""

import json
import re

import numpy as np
import pytest
from PIL import Image

import dde
from dde.command import main
from dde.inspection import inspect
from dde.inspection.presets import presets

SHADE = np.full((4, 4, 3), 120, dtype=np.uint8)


@pytest.mark.parametrize("name", presets())
def test_each_says_where_it_is_from(name):
    preset = presets()[name]
    assert re.search(r"\b(19|20)\d\d\b", preset.source), "a source has a year"
    assert len(preset.note) > 40
    assert "\n" not in preset.source + preset.note
    assert re.fullmatch(r"[a-z0-9-]+", name)


@pytest.mark.parametrize("name", presets())
def test_each_judges(name):
    """Equal images pass; images that are far apart fail by every one of its rules."""
    preset = presets()[name]

    def passed(sample):
        return inspect(
            SHADE, sample, metric=preset.metric, tolerances=list(preset.rules), **preset.factors
        )

    assert passed(SHADE).passed
    failed = passed(255 - SHADE // 4)
    assert failed.passed is False
    assert len(failed.reasons) == len(preset.rules)


def test_none_is_a_default():
    assert inspect(SHADE, 255 - SHADE).passed is None


def test_numbers_as_published():
    """As the sources print them: no limit may change by accident."""
    assert {name: preset.rules for name, preset in presets().items()} == {
        "g7-colorspace-proof": ("mean <= 1.5", "p95 <= 3.0", "max <= 4.0"),
        "iso-12647-2-2013-cyan-magenta-yellow": ("mean <= 3.5",),
        "iso-12647-2-2013-black": ("mean <= 5.0",),
        "cmc-acceptability": ("mean <= 1.0",),
    }


def test_factors_of_cmc():
    lab = np.array([50.0, 10, 10]), np.array([51.0, 10, 10])
    factors = presets()["cmc-acceptability"].factors
    assert dde.cmc(*lab, **factors) == pytest.approx(dde.cmc(*lab, l=1) / 2)


def test_the_command_lists_them_with_their_sources(capsys):
    assert main(["presets"]) == 0
    printed = capsys.readouterr().out
    for name, preset in presets().items():
        assert name in printed
        assert preset.source in printed
        for rule in preset.rules:
            assert rule in printed


def test_the_command_judges_by_one(tmp_path, capsys):
    for name, value in (("reference", 120), ("sample", 122), ("other", 160)):
        Image.new("RGB", (4, 4), (value,) * 3).save(tmp_path / f"{name}.png")
    reference = str(tmp_path / "reference.png")

    def status(sample, *options):
        sample = str(tmp_path / f"{sample}.png")
        return main(["compare", reference, sample, "--preset", "cmc-acceptability", *options])

    assert status("sample", "--json") == 0
    assert json.loads(capsys.readouterr().out)["metric"] == "CMC"
    assert status("other") == 1
    assert status("other", "--tolerance", "mean <= 90") == 0


def test_an_unknown_one_is_refused(capsys):
    assert main(["compare", "reference.png", "sample.png", "--preset", "iso"]) == 2
    assert "accepted are g7-colorspace-proof" in capsys.readouterr().err
