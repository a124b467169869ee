"""The promise: an inspection says what the map of the same images says, and judges it by rules."""

import json
import pickle
from itertools import pairwise
from pathlib import Path
from typing import Any

import colour
import numpy as np
import pytest
import reference as independent
from PIL import Image

import dde
from dde.images.opening import open_image
from dde.images.source import SRGB
from dde.inspection import DefectSearch, Job, Region, Rule
from dde.inspection.findings import Findings, Plan
from dde.inspection.inspecting import PIXELS_AT_ONCE
from dde.inspection.regions import RegionMap, regions_of

HEIGHT, WIDTH = 60, 80


@pytest.fixture
def pair(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    reference = rng.integers(0, 256, (HEIGHT, WIDTH, 3), dtype=np.uint8)
    noise = rng.integers(-9, 10, reference.shape)
    return reference, np.clip(reference + noise, 0, 255).astype(np.uint8)


def assert_statistics(found: Any, values: np.ndarray) -> None:
    """Those of finite differences, by NumPy in float64."""
    values = values.astype(np.float64)
    assert found.count == values.size
    assert found.mean == pytest.approx(values.mean(), rel=1e-12)
    assert found.standard_deviation == pytest.approx(values.std(), rel=1e-9)
    percentiles = [found.median, found.percentile_90, found.percentile_95, found.percentile_99]
    exact = np.percentile(values, [50, 90, 95, 99], method="inverted_cdf")
    assert np.abs(percentiles - exact).max() <= 1 / 256
    assert found.maximum == values.max()
    assert found.share_above == {t: np.mean(values > t) for t in found.share_above}


@pytest.mark.parametrize("metric", ["CIE76", "CIE94", "CMC", "CIEDE2000", "HyAB", "siamese"])
def test_the_map_is_that_of_delta_e_map(pair: Any, metric: str) -> None:
    found = dde.inspect(*pair, metric=metric, keep_map=True)
    expected = dde.delta_e_map(*pair, metric)
    assert found.map.dtype == np.float32
    assert np.array_equal(found.map, expected)
    assert_statistics(found.overall, expected)
    y, x = divmod(int(expected.argmax()), WIDTH)
    assert (found.overall.maximum_x, found.overall.maximum_y) == (x, y)


def test_nothing_is_kept_unless_asked_for(pair: Any) -> None:
    found = dde.inspect(*pair)
    assert (found.map, found.pictures, found.passed, found.reasons) == (None, None, None, ())
    assert [region.name for region in found.regions] == ["image"]
    assert found.verdict == "not judged"


def test_factors_are_those_of_the_metric(pair: Any) -> None:
    found = dde.inspect(*pair, metric="CMC", l=1, keep_map=True)
    assert np.array_equal(found.map, dde.delta_e_map(*pair, "CMC", l=1))
    found = dde.inspect(*pair, kL=2, keep_map=True)
    assert np.array_equal(found.map, dde.delta_e_map(*pair, kL=2))


@pytest.mark.parametrize("dtype", [np.uint16, np.float32, np.float64])
def test_types_of_srgb(pair: Any, dtype: Any) -> None:
    scale = 257 if dtype == np.uint16 else 1 / 255
    reference = (pair[0].astype(float) * scale).astype(dtype)
    found = dde.inspect(reference, pair[1], keep_map=True)
    assert np.array_equal(found.map, dde.delta_e_map(reference, pair[1]))


def test_the_direction_of_the_error_is_that_of_colour_science(pair: Any) -> None:
    lab1, lab2 = (independent.srgb_to_lab(image) for image in pair)
    (L1, C1, h1), (L2, C2, h2) = (
        np.moveaxis(colour.models.Lab_to_LCHab(lab), -1, 0) for lab in (lab1, lab2)
    )
    dH = 2 * np.sqrt(C1 * C2) * np.sin(np.radians(h2 - h1) / 2)
    dH = np.where(np.abs(h2 - h1) > 180, -dH, dH)
    found = dde.inspect(*pair).overall
    assert found.mean_delta_L == pytest.approx(np.mean(L2 - L1), abs=1e-4)
    assert found.mean_delta_C == pytest.approx(np.mean(C2 - C1), abs=1e-4)
    assert found.mean_delta_H == pytest.approx(np.mean(dH), abs=1e-4)


def test_regions_have_their_own_statistics_and_rules(pair: Any) -> None:
    differences = dde.delta_e_map(*pair)
    found = dde.inspect(
        *pair,
        regions={"logo": (10, 20, 30, 25), "seal": [(50, 5), (75, 5), (50, 30)]},
        tolerances={"logo": ["p95 <= 100", "share > 4.5 <= 0 %"], "elsewhere": "mean <= 50"},
    )
    logo, seal, elsewhere = found.regions
    covered = np.zeros((HEIGHT, WIDTH), bool)
    covered[20:45, 10:40] = True
    assert_statistics(logo.statistics, differences[covered])
    assert 4.5 in logo.statistics.share_above
    assert seal.statistics.count + elsewhere.statistics.count == (~covered).sum()
    assert logo.histogram.sum() == covered.sum()
    assert_statistics(found.overall, differences)

    above = 100 * np.mean(differences[covered] > 4.5)
    assert [judgement.passed for judgement in logo.judgements] == [True, False]
    assert found.reasons == (f"logo: share > 4.5 is {above:.2f} %, above 0 %",)
    assert (logo.passed, seal.judgements, elsewhere.passed) == (False, (), True)
    assert (found.passed, found.verdict) == (False, "fail")


def test_regions_may_cover_everything(pair: Any) -> None:
    halves = {"left": (0, 0, 40, HEIGHT), "right": (40, 0, 40, HEIGHT)}
    found = dde.inspect(*pair, regions=halves, tolerances=100)
    assert [region.name for region in found.regions] == ["left", "right"]
    assert found.passed is True


def covering(**own: Any) -> list[Region]:
    left = Region("left", box=(0, 0, 40, HEIGHT), **own)
    return [left, Region("right", box=(40, 0, 40, HEIGHT), **own)]


def test_rules_without_a_name_judge_regions_that_cover_everything(pair: Any) -> None:
    found = dde.inspect(*pair, job=Job(regions=tuple(covering()), rules=(Rule("max", 0.5),)))
    assert (found.passed, len(found.reasons)) == (False, 2)
    given = dde.inspect(*pair, regions=covering(), tolerances="max <= 0.5")
    assert given.reasons == found.reasons


@pytest.mark.parametrize("kind", ["rules", "warnings"])
def test_rules_that_nothing_is_judged_by_are_refused(pair: Any, kind: str) -> None:
    own = {kind: (Rule("mean", 100),)}
    job = Job(regions=tuple(covering(**own)), **{kind: (Rule("max", 0.5),)})
    complaint = f"nothing is judged by 'max <= 0.5': no pixel is elsewhere, and every .* has {kind}"
    with pytest.raises(ValueError, match=complaint):
        dde.inspect(*pair, job=job)
    name = "tolerances" if kind == "rules" else kind
    with pytest.raises(ValueError, match="nothing is judged by 'p95 <= 2'"):
        dde.inspect(*pair, regions=covering(), **{name: {"elsewhere": "p95 <= 2"}})
    mask = np.zeros((HEIGHT, WIDTH), bool)
    mask[:, :40] = True
    with pytest.raises(ValueError, match="nothing is judged by 'p95 <= 2'"):
        arguments = {name: {"elsewhere": "p95 <= 2"}}
        dde.inspect(*pair, regions=covering()[:1], mask=mask, **arguments)
    with pytest.raises(ValueError, match="is ignored, so its rules would judge nothing"):
        Region("hole", box=(0, 0, 9, 9), ignore=True, **own)


def test_a_rule_that_warns_leaves_the_verdict(pair: Any) -> None:
    found = dde.inspect(
        *pair,
        tolerances="max <= 200",
        warnings=["max <= 0.5", "p99.9 <= 200"],
        defects={"above": 1, "rules": "count <= 1000000", "warnings": "area <= 0"},
    )
    assert (found.passed, found.verdict, found.reasons) == (True, "pass", ())
    first, second = found.warnings
    assert first.startswith("image: max is ") and second.startswith("defects: area is ")
    assert found.regions[0].passed is True
    assert found.to_dict()["warnings"] == [first, second]
    assert [j.warns for j in found.regions[0].judgements] == [False, True, True]
    alone = dde.inspect(*pair, warnings=0.5)
    assert (alone.passed, alone.verdict, len(alone.warnings)) == (None, "not judged", 1)
    assert alone.to_dict()["regions"][0]["passed"] is None


def test_rules_by_any_percentile_and_with_a_sign(pair: Any) -> None:
    lighter = np.minimum(pair[0], 200) + np.uint8(20)
    tolerances = "p99.9 <= 0.1 and p.5 >= 99 and dL <= 1 and dL >= 0.5 and |dH| <= 90"
    found = dde.inspect(np.minimum(pair[0], 200), lighter, tolerances=tolerances)
    assert [j.passed for j in found.regions[0].judgements] == [False, False, False, True, True]
    values = np.sort(dde.delta_e_map(np.minimum(pair[0], 200), lighter), axis=None)
    high, low, *_ = (judgement.value for judgement in found.regions[0].judgements)
    assert high == pytest.approx(values[-(-999 * values.size // 1000) - 1], abs=1 / 256)
    assert low == pytest.approx(values[-(-5 * values.size // 1000) - 1], abs=1 / 256)
    assert found.reasons[2] == f"image: dL is {found.overall.mean_delta_L:.2f}, above 1"
    assert list(found.overall.share_above) == [0.1, 1, 2, 5, 99], "no threshold in between"


def test_the_order_of_opencv(pair: Any) -> None:
    expected = dde.inspect(*pair, keep_map=True, keep_pictures=True)
    turned = [np.ascontiguousarray(image[..., ::-1]) for image in pair]
    for order in ("BGR", "bgr"):
        found = dde.inspect(*turned, order=order, keep_map=True, keep_pictures=True)
        assert found.overall == expected.overall
        assert np.array_equal(found.map, expected.map)
        assert np.array_equal(found.pictures.sample, expected.pictures.sample)
        assert found.record["reference"]["order"] == found.record["sample"]["order"] == "BGR"
    assert "order" not in expected.record["sample"]
    alpha = np.full((HEIGHT, WIDTH, 1), 128, np.uint8)
    with_alpha = [np.concatenate([image, alpha], axis=2) for image in turned]
    straight = [np.concatenate([image, alpha], axis=2) for image in pair]
    found = dde.inspect(*with_alpha, order="BGR")
    assert found.overall == dde.inspect(*straight).overall


def test_the_order_is_that_of_arrays(pair: Any, tmp_path: Path) -> None:
    path = tmp_path / "reference.png"
    Image.fromarray(pair[0]).save(path)
    found = dde.inspect(path, pair[1][..., ::-1], order="BGR")
    assert found.overall == dde.inspect(*pair).overall
    assert "order" not in found.record["reference"]
    with pytest.raises(ValueError, match="order says how arrays of sRGB are read; neither"):
        dde.inspect(path, path, order="BGR")
    with pytest.raises(ValueError, match="order must be one of RGB, BGR; not 'RBG'"):
        dde.inspect(*pair, order="RBG")


def test_an_inspection_is_equal_to_itself_alone(pair: Any) -> None:
    found = dde.inspect(*pair, keep_map=True, keep_pictures=True)
    again = dde.inspect(*pair, keep_map=True, keep_pictures=True)
    assert (found == found, found == again, len({found, again})) == (True, False, 2)
    assert (found.pictures == again.pictures, found.regions == again.regions) == (False, False)
    assert found.overall == again.overall


def test_what_is_masked_does_not_count(pair: Any, rng: np.random.Generator) -> None:
    mask = rng.random((HEIGHT, WIDTH)) < 0.7
    alpha1, alpha2 = rng.integers(0, 2, (2, HEIGHT, WIDTH, 1), dtype=np.uint8) * 255
    hole = Region("hole", box=(5, 5, 20, 20), ignore=True)
    counted = mask & (alpha1 > 0)[..., 0] & (alpha2 > 0)[..., 0]
    counted[5:25, 5:25] = False
    found = dde.inspect(
        np.concatenate([pair[0], alpha1], axis=2),
        np.concatenate([pair[1], alpha2], axis=2),
        mask=mask,
        regions=[hole],
        keep_map=True,
    )
    differences = dde.delta_e_map(*pair)
    assert np.array_equal(found.map, np.where(counted, differences, np.nan), equal_nan=True)
    assert_statistics(found.overall, differences[counted])


def test_images_of_many_strips(rng: np.random.Generator) -> None:
    width = 3000
    height = 2 * (PIXELS_AT_ONCE // width) + 7
    reference = rng.integers(0, 250, (height, width, 3), dtype=np.uint8)
    sample = reference + rng.integers(0, 4, (height, width, 1), dtype=np.uint8)
    sample[height - 3, 17] = 255 - sample[height - 3, 17]
    region = {"band": [(0, 700), (width, 900), (width, height - 100.5), (0, height - 300)]}
    found = dde.inspect(reference, sample, keep_map=True, regions=region, defects=40)
    expected = dde.delta_e_map(reference, sample)
    assert np.array_equal(found.map, expected)
    assert_statistics(found.overall, expected)
    assert (found.overall.maximum_x, found.overall.maximum_y) == (17, height - 3)
    assert [(d.x, d.y, d.region) for d in found.defects] == [(17, height - 3, "elsewhere")]


def test_findings_of_parts_join_to_those_of_the_whole(pair: Any) -> None:
    """As on a cluster: each strip in a process of its own, joined in pairs of neighbours."""
    regions = regions_of({"logo": (10, 20, 30, 25), "seal": [(50, 5), (75, 5), (50, 30)]})
    job = Job(regions=regions, defects=DefectSearch(4, rules=(Rule("count", 0),)), metric=dde.cmc)
    plan = Plan(job, RegionMap(regions, (HEIGHT, WIDTH)), (HEIGHT, WIDTH), (SRGB, SRGB))

    def findings_of(start: int, stop: int) -> Findings:
        findings = pickle.loads(pickle.dumps(Findings(plan)))
        out = np.empty((stop - start, WIDTH), np.float32)
        findings.add(start, (pair[0][start:stop], pair[1][start:stop]), out=out)
        return pickle.loads(pickle.dumps(findings))

    parts = [findings_of(start, stop) for start, stop in pairwise([0, 1, 13, 14, 40, HEIGHT])]
    for first in (3, 1, 1, 0):
        parts[first].join(parts.pop(first + 1))
    (joined,) = (part.inspection({}, None, None) for part in parts)
    whole = findings_of(0, HEIGHT).inspection({}, None, None)
    assert json.dumps(rounded(joined.to_dict())) == json.dumps(rounded(whole.to_dict()))
    for one, other in zip(joined.regions, whole.regions, strict=True):
        assert np.array_equal(one.histogram, other.histogram)


def rounded(contents: Any) -> Any:
    """Floats to 9 digits; all else as it is."""
    if isinstance(contents, dict):
        return {key: rounded(value) for key, value in contents.items()}
    if isinstance(contents, list):
        return [rounded(value) for value in contents]
    return float(f"{contents:.9g}") if isinstance(contents, float) else contents


def test_files_and_pictures_are_as_arrays(pair: Any, tmp_path: Path) -> None:
    paths = [tmp_path / "reference.png", tmp_path / "sample.tif"]
    pictures = [Image.fromarray(image) for image in pair]
    for path, picture in zip(paths, pictures, strict=True):
        picture.save(path)
    expected = dde.inspect(*pair).overall
    assert dde.inspect(*map(str, paths)).overall == expected
    assert dde.inspect(*pictures).overall == expected
    assert dde.inspect(pair[0], paths[1]).overall == expected


# ---- White ---------------------------------------------------------------------------------


def test_xyz_is_relative_to_the_white(rng: np.random.Generator) -> None:
    xyz1 = rng.uniform(0.1, 0.8, (5, 6, 3)).astype(np.float32)
    xyz2 = xyz1 * np.float32(1.05)
    labs = [independent.xyz_to_lab(xyz.astype(float), "D50") for xyz in (xyz1, xyz2)]
    found = dde.inspect(xyz1, xyz2, space="XYZ", white="D50", keep_map=True)
    assert found.map == pytest.approx(independent.ciede2000(*labs), abs=1e-4)


def test_lab_is_taken_as_it_is(rng: np.random.Generator) -> None:
    lab1, lab2 = rng.uniform([10, -40, -40], [90, 40, 40], (2, 5, 6, 3)).astype(np.float32)
    expected = dde.ciede2000(lab1, lab2)
    for white in ("D65", "D50"):
        found = dde.inspect(lab1, lab2, space="Lab", white=white, keep_map=True)
        assert np.array_equal(found.map, expected)


@pytest.mark.parametrize("adaptation", ["Bradford", "CAT16"])
@pytest.mark.parametrize("space", ["XYZ", "Lab"])
def test_srgb_is_adapted_to_the_white_of_the_other_image(
    space: str, adaptation: str, pair: Any
) -> None:
    xyz1, xyz2 = (
        independent.adapt(
            independent.srgb_to_xyz(image),
            independent.white_xyz("D65"),
            independent.white_xyz("D50"),
            adaptation,
        )
        for image in pair
    )
    lab1, lab2 = (independent.xyz_to_lab(xyz, "D50") for xyz in (xyz1, xyz2))
    other = open_image(xyz2 if space == "XYZ" else lab2, space=space)
    job = Job(white="D50", adaptation=adaptation)
    found = dde.inspect(pair[0], other, job=job, keep_map=True)
    assert found.map == pytest.approx(independent.ciede2000(lab1, lab2), abs=2e-4)
    assert dde.inspect(pair[0], pair[1], job=job, keep_map=True).map == pytest.approx(
        independent.ciede2000(lab1, lab2), abs=2e-4
    )


def test_a_white_of_numbers_sets_the_scale(pair: Any) -> None:
    xyz = 100 * dde.srgb_to_xyz(pair[0])
    white = 100 * dde.spaces.whites.WHITES["D65"]
    found = dde.inspect(open_image(xyz, space="XYZ"), pair[1], white=white, keep_map=True)
    assert found.map == pytest.approx(dde.delta_e_map(*pair), abs=2e-4)


# ---- Errors --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"metric": "CIE2000"}, "metric must be one of CIE76"),
        ({"tolerances": "q95 <= 2"}, "tolerances: 'q95 <= 2' is no rule"),
        ({"tolerances": {"logo": "p95 <= 2"}}, "tolerances name the region 'logo', and those"),
        ({"regions": {"logo": (0, 0, 0, 9)}}, "region 'logo' is empty"),
        ({"regions": {"logo": (70, 0, 20, 9)}}, "region 'logo' is not inside the image"),
        ({"mask": np.zeros((HEIGHT, WIDTH), bool)}, "no pixel is counted: masks, transparency"),
        ({"mask": np.ones((WIDTH, HEIGHT), bool)}, r"mask must have the shape .* \(60, 80\); its"),
        ({"white": "D60"}, "white must be one of A, B"),
        ({"space": "CMYK"}, "space must be one of sRGB, "),
        ({"job": "missing.toml"}, r"missing\.toml cannot be read"),
        ({"kL": -1}, "kL must be a positive, finite number"),
    ],
)
def test_what_is_wrong_is_named(arguments: Any, complaint: str, pair: Any) -> None:
    with pytest.raises(ValueError, match=complaint):
        dde.inspect(*pair, **arguments)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ({"mask": np.ones((HEIGHT, WIDTH))}, "mask must be an array of bool"),
        ({"mask": True}, "mask must be an array of bool"),
        ({"l": 1}, "l is no factor of CIEDE2000"),
        ({"tolerances": object()}, "tolerances must be rules such as"),
        ({"space": "Lab"}, "must hold Lab as float32, float64; not uint8"),
    ],
)
def test_what_is_of_a_wrong_type_is_named(arguments: Any, complaint: str, pair: Any) -> None:
    with pytest.raises(TypeError, match=complaint):
        dde.inspect(*pair, **arguments)


def test_images_must_be_of_one_size(pair: Any) -> None:
    complaint = "the reference is 80 x 60 pixels, the sample 79 x 60"
    with pytest.raises(ValueError, match=complaint):
        dde.inspect(pair[0], pair[1][:, 1:])


def test_floats_of_srgb_lie_in_their_range(pair: Any) -> None:
    with pytest.raises(
        ValueError, match=r"reference is RGB of type float and must lie in \[0, 1\]"
    ):
        dde.inspect(pair[0].astype(float), pair[1])


# ---- Results -------------------------------------------------------------------------------


def test_pixels_without_a_difference_are_counted_and_fail(pair: Any) -> None:
    lab = independent.srgb_to_lab(pair[0])
    lab[3, 4:6] = np.nan
    found = dde.inspect(lab, lab, space="Lab", tolerances=1)
    assert found.overall.not_finite == 2
    assert found.overall.count == HEIGHT * WIDTH - 2
    assert found.reasons == ("image: 2 pixels have no finite difference, above 0",)
    assert dde.inspect(lab, lab, space="Lab", tolerances=1, mask=np.isfinite(lab[..., 0])).passed


def test_a_result_is_json(pair: Any) -> None:
    nothing = np.full((2, 2, 3), np.nan)
    for found in (
        dde.inspect(*pair, tolerances=1, defects=3),
        dde.inspect(nothing, nothing, space="Lab", tolerances="mean <= 1"),
    ):
        contents = json.loads(json.dumps(found.to_dict(), allow_nan=False))
        assert contents["passed"] is False
        assert contents["overall"]["count"] == found.overall.count
        assert contents["regions"][0]["judgements"][0]["passed"] is False


def test_a_notebook_shows_the_verdict(pair: Any) -> None:
    found = dde.inspect(*pair, regions={"a <b>": (0, 0, 5, 5)}, tolerances=1)
    page = found._repr_html_()
    assert "fail" in page
    assert "a &lt;b&gt;: max is" in page
    assert "<b>" not in page


def test_import_needs_numpy_only(fresh_python: Any) -> None:
    program = """
import sys
for name in ("PIL", "scipy", "msgspec", "tifffile", "zarr", "matplotlib", "click", "jinja2"):
    sys.modules[name] = None
import numpy as np
import dde
assert "dde.inspection" not in sys.modules
image = np.zeros((4, 5, 3), np.uint8)
polygon = [(0, 0), (3, 0), (0, 3)]
print(dde.inspect(image, image, regions={"logo": polygon}, tolerances=1).passed)
"""
    assert fresh_python(program) == "True"


def test_a_job_is_a_job_or_a_path() -> None:
    image = np.zeros((4, 5, 3), np.uint8)
    with pytest.raises(TypeError, match=r"^job must be a Job or the path of a job file, not int"):
        dde.inspect(image, image, job=5)
