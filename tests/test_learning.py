"""The promise: a learned reference holds the mean and the spread of its samples, in whatever order
they come, and a frame is judged by them."""

import io
import json
import os
import struct
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import dde
from dde.learning import Learning

RNG = np.random.default_rng(12)
SHEET = RNG.integers(60, 190, (40, 50, 3))
STRAY = np.where(np.arange(50) < 25, 1, 8)[None, :, None]  # the right half varies more
SHEETS = [np.uint8(SHEET + RNG.normal(0, STRAY, SHEET.shape).round()) for _ in range(12)]
LAB = np.stack([dde.srgb_to_lab(sheet / 255) for sheet in SHEETS])


def test_mean_and_spread_are_those_of_numpy() -> None:
    found = dde.learn_reference(iter(SHEETS))
    distances = ((LAB - LAB.mean(axis=0)) ** 2).sum(axis=-1)
    assert np.abs(found.mean - LAB.mean(axis=0)).max() < 1e-4
    assert np.abs(found.spread - np.sqrt(distances.sum(axis=0) / 11)).max() < 1e-4
    assert (found.counts == 12).all()
    robust = dde.learn_reference(SHEETS, method="robust")
    median = np.median(LAB, axis=0)
    deviations = 1.4826 * np.median(np.abs(LAB - median), axis=0)
    assert np.abs(robust.mean - median).max() < 1e-4
    assert np.abs(robust.spread - np.sqrt((deviations**2).sum(axis=-1))).max() < 1e-3


def test_parts_are_merged() -> None:
    whole = dde.learn_reference(SHEETS)
    parts = [Learning() for _ in range(3)]
    for number, sheet in enumerate(SHEETS):
        parts[number % 3 % 2].add(sheet)
    for part in parts[1:]:
        parts[0].merge(part)
    merged = parts[0].reference()
    assert np.abs(merged.mean - whole.mean).max() < 1e-5
    assert np.abs(merged.spread - whole.spread).max() < 1e-5
    assert len(merged.provenance["samples"]) == 12


def test_a_faulty_sample_moves_the_standard_and_not_the_robust_method() -> None:
    spoilt = [*SHEETS, np.full_like(SHEETS[0], 255)]
    standard, robust = (dde.learn_reference(spoilt, method=m) for m in ("standard", "robust"))
    clean = dde.learn_reference(SHEETS)
    assert np.median(standard.spread) > 3 * np.median(clean.spread)
    assert np.median(robust.spread) < 1.5 * np.median(clean.spread)


def test_a_frame_is_judged_by_what_varies(tmp_path: Path) -> None:
    """The same change is a fault where nothing varies, and none where much does."""
    reference = dde.learn_reference(SHEETS)
    frame = np.uint8(SHEET)
    frame[10, 5] += 20
    frame[10, 40] += 20
    asked = {"tolerances": "max <= 1", "variation": {"limit": 3, "factor": 4}, "keep_map": True}
    found = dde.inspect(reference, frame, **asked)
    assert found.passed is False
    assert (found.overall.maximum_x, found.overall.maximum_y) == (5, 10)
    lab = dde.srgb_to_lab(np.float32(frame) / np.float32(255))
    limits = np.maximum(3, 4 * reference.spread)
    assert np.abs(found.map - dde.ciede2000(reference.mean, lab) / limits).max() < 1e-3
    assert found.map[10, 40] < 1
    assert found.record["variation"]["limit"] == 3
    assert found.record["reference"]["method"] == "standard"

    path = tmp_path / "reference.npz"
    reference.save(path)
    again = dde.inspect(path, frame, **asked)
    assert np.array_equal(again.map, found.map)
    assert len(again.record["reference"]["sha256"]) == 64
    assert len(again.record["reference"]["samples"]) == 12


def test_lighter_and_darker_have_limits_of_their_own() -> None:
    reference = dde.learn_reference([SHEETS[0], SHEETS[0]])
    assert not reference.spread.any()  # the limit alone decides
    for change, value in ((30, 1.0), (-30, 2.0)):
        frame = np.uint8(SHEETS[0].astype(int) + change)
        found = dde.inspect(reference, frame, variation={"lighter": 8, "darker": 4}, keep_map=True)
        plain = dde.delta_e_map(SHEETS[0], frame)
        assert found.map == pytest.approx(plain / 8 * value, abs=1e-3)


def test_what_was_seen_once_is_not_counted() -> None:
    samples = [np.dstack([sheet, np.full(sheet.shape[:2], 255, np.uint8)]) for sheet in SHEETS[:3]]
    for sample in samples[1:]:
        sample[:, :10, 3] = 0
    reference = dde.learn_reference(samples)
    assert dde.inspect(reference, SHEETS[3]).overall.count == 40 * 40


def test_too_few_and_unequal_samples_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="at least two good samples, to know how they vary, not 1"):
        dde.learn_reference(SHEETS[:1])
    with pytest.raises(ValueError, match="at least two good samples"):
        dde.learn_reference([], method="robust")
    with pytest.raises(ValueError, match="of one size; the first is 50 x 40 pixels, sample 2"):
        dde.learn_reference([SHEETS[0], SHEETS[0][:20]])
    np.save(tmp_path / "small.npy", SHEETS[0][:20])
    with pytest.raises(ValueError, match=r"sample 2 \S+/small.npy 50 x 20"):
        dde.learn_reference([SHEETS[0], tmp_path / "small.npy"])
    with pytest.raises(ValueError, match="method must be one of"):
        dde.learn_reference(SHEETS, method="mode")
    with pytest.raises(ValueError, match=r"must end in \.npz"):
        dde.learn_reference(SHEETS).save(tmp_path / "reference.png")
    with pytest.raises(ValueError, match="variation needs a reference that"):
        dde.inspect(SHEETS[0], SHEETS[1], variation={"limit": 2})
    for wrong in ({"limit": 0}, {"factor": float("nan")}):
        with pytest.raises(ValueError, match="must be a positive number"):
            dde.inspect(dde.learn_reference(SHEETS), SHEETS[0], variation=wrong)


def refusal_of(path: Path) -> str:
    with pytest.raises(dde.ImageFileError, match=r"\.npz is no learned reference") as caught:
        dde.inspect(path, SHEETS[0])
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    "change",
    [
        {"about": np.array("[]")},
        {"about": np.array('{"format": "other"}')},
        {"about": np.array("{")},
        {"about": np.array([None])},
        {"mean": np.float32(5)},
        {"mean": np.zeros((0, 5, 3), np.float32)},
        {"spread": np.zeros((2, 2), np.float32)},
        {"spread": np.full((40, 50), np.inf, np.float32)},
        {"spread": np.full((40, 50), np.nan, np.float32)},
        {"counts": np.zeros((40, 50))},
        {"counts": np.full((40, 50), -1, np.int32)},
        {"spread": np.full((40, 50), -1, np.float32)},
        {"mean": np.full((40, 50, 3), np.nan, np.float32)},
        {"mean": np.full((40, 50, 3), -np.inf, np.float32)},
    ],
)
def test_a_reference_that_does_not_fit_is_refused(tmp_path: Path, change: dict[str, Any]) -> None:
    path = tmp_path / "a.npz"
    dde.learn_reference(SHEETS).save(path)
    with np.load(path) as held:
        np.savez(path, **{**held, **change})
    refusal_of(path)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"method": None}, "its method must be one of standard, robust"),
        ({"method": "mode"}, "its method must be one of standard, robust"),
        ({"method": ["robust"]}, "its method must be one of standard, robust"),
        ({"samples": 5}, "its samples must be a list of objects"),
        ({"samples": None}, "its samples must be a list of objects"),
        ({"samples": [1, {}]}, "its samples must be a list of objects"),
    ],
)
def test_what_a_reference_says_of_itself_must_fit(
    tmp_path: Path, change: dict[str, Any], words: str
) -> None:
    path = tmp_path / "a.npz"
    dde.learn_reference(SHEETS).save(path)
    with np.load(path) as held:
        about = {**json.loads(str(held["about"])), **change}
        np.savez(path, **{**held, "about": np.array(json.dumps(about))})
    assert words in refusal_of(path)


def test_a_spread_that_nobody_uses_may_be_anything(tmp_path: Path) -> None:
    """Of a pixel that was seen once at most, nothing is known and nothing asked."""
    path = tmp_path / "a.npz"
    reference = dde.learn_reference(SHEETS)
    reference.counts[3, 4], reference.spread[3, 4], reference.mean[3, 4] = 1, np.nan, np.nan
    reference.save(path)
    assert dde.inspect(path, SHEETS[0]).overall.count == 40 * 50 - 1


@pytest.mark.parametrize("counts", [0, 1])
def test_a_reference_of_which_nothing_was_seen_twice_is_refused(
    tmp_path: Path, counts: int
) -> None:
    path = tmp_path / "a.npz"
    reference = dde.learn_reference(SHEETS)
    reference.counts[:] = counts
    reference.save(path)
    assert "no pixel was seen in two samples" in refusal_of(path)


@pytest.mark.parametrize("name", ["mean", "spread", "counts", "about"])
@pytest.mark.parametrize("shape", [(100_000, 100_000, 3), (2**62, 2**62), (40, 50, 4)])
def test_an_array_larger_than_what_is_stored_of_it_is_refused(
    tmp_path: Path, name: str, shape: tuple[int, ...]
) -> None:
    path, lie = tmp_path / "whole.npz", tmp_path / "a.npz"
    dde.learn_reference(SHEETS).save(path)
    header = io.BytesIO()
    described = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, described)
    with zipfile.ZipFile(path) as whole, zipfile.ZipFile(lie, "w") as archive:
        for member in whole.namelist():
            lies = member == f"{name}.npy"
            archive.writestr(member, header.getvalue() + bytes(9) if lies else whole.read(member))
    assert f"{name} is not of the size that it says" in refusal_of(lie)


def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    path.write_bytes(b"PK\x03\x04 nothing")
    refusal_of(path)
    dde.learn_reference(SHEETS).save(path)
    content = path.read_bytes()
    rng = np.random.default_rng(0)
    for _ in range(200):
        damaged = bytearray(content)
        for place in rng.integers(0, len(content), 3):
            damaged[place] = rng.integers(0, 256)
        path.write_bytes(damaged[: rng.choice([len(content), rng.integers(0, len(content))])])
        try:
            assert dde.inspect(path, SHEETS[0]).overall.count
        except dde.ImageFileError as error:
            assert "is no learned reference" in str(error)
    path.unlink()
    os.mkfifo(path)
    for read in (dde.load_reference, lambda path: dde.inspect(path, SHEETS[0])):
        with pytest.raises(dde.ImageFileError, match="a pipe, not a regular file"):
            read(path)


def test_a_file_that_grows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.npz"
    dde.learn_reference(SHEETS).save(path)
    content = bytearray(path.read_bytes())
    entry = content.index(b"PK\x01\x02")
    while content[entry : entry + 4] == b"PK\x01\x02":
        content[entry + 24 : entry + 28] = struct.pack("<I", 4_000_000_000)  # when it is unpacked
        entry += 46 + sum(struct.unpack_from("<HHH", content, entry + 28))
    path.write_bytes(content)
    assert "larger than 300 megapixels" in refusal_of(path)


@pytest.mark.parametrize(
    ("variation", "error", "words"),
    [
        ({"limit": 0}, ValueError, "variation: limit must be a positive number, not 0"),
        ({"factor": float("nan")}, ValueError, "factor must be a positive number, not nan"),
        ({"factor": -1}, ValueError, "factor must be a positive number, not -1"),
        ({"lighter": float("inf")}, ValueError, "lighter must be a positive number, not inf"),
        ({"limit": 10**400}, ValueError, "limit must be a positive number, not inf"),
        ({"darker": -2}, ValueError, "darker must be a positive number, not -2"),
        ({"limit": "3"}, TypeError, "variation: limit must be a number, not str"),
        ({"factor": True}, TypeError, "variation: factor must be a number, not bool"),
        ({"limit": None}, TypeError, "variation: limit must be a number, not NoneType"),
        ({"limti": 3}, ValueError, "variation has limit, factor, lighter, darker, and no 'limti'"),
        (3, TypeError, "variation must be a mapping or a Variation, not int"),
    ],
)
def test_bad_variations_are_named(variation: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        dde.inspect(dde.learn_reference(SHEETS[:2]), SHEETS[0], variation=variation)


def test_numbers_of_numpy_are_numbers_of_a_record() -> None:
    found = dde.inspect(
        dde.learn_reference(SHEETS), SHEETS[0], variation={"limit": np.float32(2.5)}
    )
    assert json.loads(json.dumps(found.record["variation"]))["limit"] == 2.5


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"images": SHEETS[0]}, TypeError, "images must be several good samples"),
        ({"images": "good"}, TypeError, "images must be several good samples"),
        ({"images": 5}, TypeError, "images must be several good samples"),
        ({"images": [SHEETS[0], "lost.png"]}, dde.ImageFileError, r"sample 2 lost\.png"),
        ({"images": [SHEETS[0], SHEETS[0] > 3]}, TypeError, "sample 2 must hold sRGB as"),
        ({"white": "red"}, ValueError, "white must be one of"),
        ({"adaptation": "red"}, ValueError, "adaptation must be one of Bradford"),
        ({"space": "red"}, ValueError, "space must be one of"),
        ({"align": 3}, TypeError, "align must be a motion or an Alignment"),
        ({"align": "up"}, ValueError, "motion must be one of"),
        ({"method": 3}, ValueError, "method must be one of standard, robust"),
    ],
)
def test_bad_arguments_are_named(arguments: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        dde.learn_reference(**{"images": SHEETS[:2], **arguments})


def test_a_learned_reference_is_no_sample_and_has_a_size() -> None:
    reference = dde.learn_reference(SHEETS[:2])
    with pytest.raises(TypeError, match="a learned reference is given as the reference"):
        dde.inspect(SHEETS[0], reference)
    with pytest.raises(ValueError, match="the reference is 50 x 40 pixels, the sample 50 x 20"):
        dde.inspect(reference, SHEETS[0][:20])


@pytest.mark.parametrize("metric", ["FLIP", "flip", "OK", "Jzazbz"])
def test_metrics_of_another_scale_are_refused(metric: str) -> None:
    """From 0 to 1, they are never above a limit of ΔE, nor above a spread in CIELAB."""
    reference = dde.learn_reference(SHEETS)
    words = (
        "metric must not be .* with a learned reference, whose limits are on the scale of CIELAB"
    )
    for asked in ({}, {"variation": {"limit": 0.05}}, {"job": dde.inspection.Job(metric=metric)}):
        with pytest.raises(ValueError, match=words):
            dde.inspect(reference, SHEETS[0], **{"metric": metric, **asked})
    with pytest.raises(ValueError, match=words):
        dde.inspection.Job(metric=metric, variation=dde.Variation())


def test_shares_of_a_limit_have_percentiles_beyond_1() -> None:
    reference = dde.learn_reference([SHEETS[0], SHEETS[0]])
    found = dde.inspect(reference, 255 - SHEETS[0], variation={"limit": 3}, keep_map=True)
    exact = np.percentile(found.map, 50, method="inverted_cdf")
    assert exact > 2
    assert found.overall.median == pytest.approx(exact, abs=1 / 128)
    assert found.scale == dde.inspection.Scale("share of the limit")


@pytest.mark.parametrize("method", ["standard", "robust"])
@pytest.mark.parametrize("wrong", [-0.1, 1.1, 200.0, np.inf, -np.inf])
def test_floats_of_rgb_outside_0_to_1_are_refused(method: str, wrong: float) -> None:
    samples = [sheet / 255 for sheet in SHEETS[:3]]
    samples[1][3, 4, 2] = wrong
    with pytest.raises(ValueError, match=r"^sample 2 is RGB .* must lie in \[0, 1\]; .*by 255$"):
        dde.learn_reference(samples, method=method)


def test_a_file_of_floats_outside_0_to_1_is_named(tmp_path: Path) -> None:
    np.save(tmp_path / "bright.npy", np.float32(SHEETS[0]))
    learning = Learning()
    with pytest.raises(ValueError, match=r"^sample 1 .*bright\.npy is RGB .* by 255$"):
        learning.add(tmp_path / "bright.npy")
    for sheet in SHEETS[:2]:  # of another size: what was refused is not the first
        learning.add(sheet[:20])
    assert learning.reference().mean.shape == (20, 50, 3)


def test_floats_outside_0_to_1_are_refused_of_aligned_samples_too() -> None:
    samples = [np.float64(np.kron(SHEETS[0], np.ones((4, 4, 1)))) / 255 for _ in range(2)]
    samples[1][3, 4, 2] = 40
    with pytest.raises(ValueError, match=r"must lie in \[0, 1\]; divide 8-bit values by 255$"):
        dde.learn_reference(samples, align="translation")


@pytest.mark.parametrize("method", ["standard", "robust"])
@pytest.mark.parametrize(
    ("space", "unseen"), [("sRGB", np.nan), ("Lab", np.nan), ("Lab", np.inf), ("XYZ", -np.inf)]
)
def test_what_is_not_finite_was_not_seen(method: str, space: str, unseen: float) -> None:
    to = {"sRGB": np.asarray, "XYZ": dde.srgb_to_xyz, "Lab": dde.srgb_to_lab}[space]
    samples = [to(sheet / 255) for sheet in SHEETS[:4]]
    samples[2] = samples[2].copy()
    samples[2][3, 4, 1] = unseen
    found = dde.learn_reference(samples, space=space, method=method)
    assert found.counts[3, 4] == 3
    assert np.count_nonzero(found.counts == 4) == 40 * 50 - 1
    assert np.isfinite(found.mean).all() and np.isfinite(found.spread).all()


@pytest.mark.parametrize("method", ["standard", "robust"])
def test_samples_that_show_nothing_twice_teach_nothing(method: str) -> None:
    left, right = (np.dstack([SHEETS[0], np.zeros((40, 50), np.uint8)]) for _ in range(2))
    left[:, :25, 3] = right[:, 25:, 3] = 255
    with pytest.raises(ValueError, match="no pixel was seen in two samples"):
        dde.learn_reference([left, right], method=method)
