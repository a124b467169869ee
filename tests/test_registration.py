"""The promise: a sample that has moved is laid on its reference to a fraction of a pixel, or
refused with a reason."""

import csv
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from PIL import Image
from running import run
from scipy.ndimage import gaussian_filter, map_coordinates

import dde
from dde.registration.registering import warped

PHOTOGRAPHS = {
    "astronaut": skimage.data.astronaut()[:400, :400],
    "coffee": skimage.data.coffee(),
    "cat": skimage.data.chelsea(),
}
NEAREST = {"translation": 0.05, "euclidean": 0.1, "affine": 0.1, "homography": 0.1}


def motion(kind: str, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """From the sample to the reference, at random."""
    height, width = shape[:2]
    change = np.eye(3)
    if kind == "euclidean":
        angle = rng.uniform(-0.05, 0.05)
        change[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    elif kind != "translation":
        change[:2, :2] += rng.uniform(-0.04, 0.04, (2, 2))
    if kind == "homography":
        change[2, :2] = rng.uniform(-4e-5, 4e-5, 2)
    middle = np.array([[1, 0, width / 2], [0, 1, height / 2], [0, 0, 1]])
    matrix = middle @ change @ np.linalg.inv(middle)
    matrix[:2, 2] += rng.uniform(-12, 12, 2)
    return np.asarray(matrix / matrix[2, 2])


def moved(matrix: np.ndarray, points: np.ndarray) -> np.ndarray:
    to = points @ matrix.T
    return np.asarray(to[..., :2] / to[..., 2:])


def sampled(image: np.ndarray, matrix: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """What a camera sees of the image, moved: 3 ΔE of another colour, noise, a grey border."""
    y, x = np.mgrid[: image.shape[0], : image.shape[1]].astype(float)
    to = moved(matrix, np.stack([x, y, np.ones_like(x)], axis=-1))
    at = [to[..., 1], to[..., 0]]
    seen = np.stack(
        [map_coordinates(image[..., c].astype(float), at, cval=200.0) for c in range(3)],
        axis=-1,
    )
    seen = seen * [1.03, 0.98, 0.96] + 3 + rng.normal(0, 2, seen.shape)
    return np.asarray(seen.round().clip(0, 255), dtype=np.uint8)


def distance(one: np.ndarray, other: np.ndarray, shape: tuple[int, ...]) -> float:
    """Between the corners."""
    right, bottom = shape[1] - 1, shape[0] - 1
    corners = np.array([[0, 0, 1], [right, 0, 1], [0, bottom, 1], [right, bottom, 1]], float)
    return float(np.linalg.norm(moved(one, corners) - moved(other, corners), axis=1).max())


@pytest.mark.parametrize("kind", NEAREST)
@pytest.mark.parametrize("name", PHOTOGRAPHS)
def test_motions_are_found(name: str, kind: str) -> None:
    """`benchmarks/registration.py` draws 200 of them."""
    image = PHOTOGRAPHS[name]
    rng = np.random.default_rng(len(kind) + len(name))
    for _ in range(2):
        matrix = motion(kind, image.shape, rng)
        found = dde.register(sampled(image, matrix, rng), image, motion=kind)
        assert distance(found.matrix, matrix, image.shape) < NEAREST[kind]
        assert found.correlation > 0.95
        assert 0.7 < found.overlap <= 1
        assert found.residual < 0.5


def plain(rng: np.random.Generator) -> np.ndarray:
    return np.asarray(rng.normal(240, 2, (200, 300, 3)).clip(0, 255), dtype=np.uint8)


def refused() -> dict[str, tuple[np.ndarray, np.ndarray, str]]:
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:240, :320]
    board = np.uint8(60 + 150 * ((x // 20 + y // 20) % 2))[..., None].repeat(3, axis=2)
    patterns = {
        "stripes": (x // 20) % 2,
        "a single edge": x > 150,
        "dots": (x % 24 - 12) ** 2 + (y % 24 - 12) ** 2 < 60,
    }
    regular = {
        name: tuple(
            np.uint8((60 + 150 * at + rng.normal(0, 2, at.shape)).clip(0, 255))[..., None].repeat(
                3, 2
            )
            for at in (np.roll(pattern, (3, 5), (0, 1)), pattern)
        )
        for name, pattern in patterns.items()
    }
    cat, coffee = PHOTOGRAPHS["cat"], PHOTOGRAPHS["coffee"]
    grain = [gaussian_filter(rng.normal(0, 60, (200, 300)), 2) + 200 for _ in range(2)]
    fibres = [np.uint8(one.clip(0, 255))[..., None].repeat(3, axis=2) for one in grain]
    return {
        "plain paper": (plain(rng), plain(rng), "nothing to hold on to: it is plain"),
        "other paper": (fibres[0], fibres[1], "no motion was found|too little in common"),
        "a repeated pattern": (np.roll(board, (3, 5), (0, 1)), board, "its pattern repeats itself"),
        "turned": (cat[::-1, ::-1], cat, "too little in common|repeats|no motion"),
        "another picture": (coffee[:300, :451], cat, "too little in common|repeats|no motion"),
        "a tiny one": (cat[:10, :10], cat, "too small to be registered"),
        **{name: (*pair, "repeats itself|no motion|too little") for name, pair in regular.items()},
    }


@pytest.mark.parametrize("case", refused())
@pytest.mark.parametrize("kind", ["translation", "affine", "homography"])
def test_what_cannot_be_registered_is_refused_with_a_reason(case: str, kind: str) -> None:
    sample, reference, words = refused()[case]
    with pytest.raises(dde.RegistrationError, match=words):
        dde.register(sample, reference, motion=kind)


@pytest.mark.parametrize("kind", ["euclidean", "affine"])
def test_a_disc_that_perhaps_turned_is_refused_or_right(kind: str) -> None:
    rng = np.random.default_rng(4)
    y, x = np.mgrid[:300, :400]
    disc = np.uint8(60 + 150 * ((x - 200) ** 2 + (y - 150) ** 2 < 2500))[..., None].repeat(
        3, axis=2
    )
    matrix = motion("translation", disc.shape, rng)
    sample = sampled(disc, matrix, rng)
    try:
        found = dde.register(sample, disc, motion=kind)
    except dde.RegistrationError as error:
        assert "show too little to tell the" in str(error)
    else:
        assert distance(found.matrix, matrix, disc.shape) < 0.1
    found = dde.register(sample, disc, motion="translation")
    assert distance(found.matrix, matrix, disc.shape) < 0.05


def test_more_motion_than_is_allowed_is_a_failure() -> None:
    cat = PHOTOGRAPHS["cat"]
    shifted = np.roll(cat, (0, 9), (0, 1))
    assert dde.register(shifted, cat, motion="translation", largest=10).largest == pytest.approx(9)
    for allowed in (8, 1):
        with pytest.raises(dde.RegistrationError, match=r"has moved by 9\.0 pixels, above"):
            dde.register(shifted, cat, motion="translation", largest=allowed)
    with pytest.raises(dde.RegistrationError, match=r"has moved by 80\.0 pixels, above 2"):
        dde.register(np.roll(cat, 80, 1)[:, 80:], cat[:, 80:], motion="translation", largest=2)


def labels() -> np.ndarray:
    """The same label, step by step, every 60 pixels."""
    label = np.full((60, 60, 3), 240, np.uint8)
    label[4:56, 4:56] = PHOTOGRAPHS["cat"][80:288:4, 100:308:4]
    return np.tile(label, (8, 11, 1))


@pytest.mark.parametrize("kind", ["translation", "euclidean", "affine"])
@pytest.mark.parametrize("largest", [4, 8, 20])
def test_a_pattern_that_repeats_itself_beyond_the_largest_motion_is_registered(
    kind: str, largest: float
) -> None:
    sheet = labels()
    reference, sample = sheet[40:440, 40:640], sheet[37:437, 38:638]
    found = dde.register(sample, reference, motion=kind, largest=largest)
    expected = np.array([[1, 0, -2], [0, 1, -3], [0, 0, 1]])
    assert distance(found.matrix, expected, sample.shape) < NEAREST[kind]
    for far in (None, 80):
        with pytest.raises(dde.RegistrationError, match="lies about as well elsewhere"):
            dde.register(sample, reference, motion=kind, largest=far)


def test_a_doubtful_motion_is_not_said_to_be_of_a_pattern() -> None:
    """Turned by 180 degrees, half covered: nothing repeats itself."""
    coffee = PHOTOGRAPHS["coffee"]
    sample = coffee[::-1, ::-1].copy()
    sample[:, :300] = 255
    words = "or too little of the two is the same|too little in common|no motion"
    with pytest.raises(dde.RegistrationError, match=words):
        dde.register(sample, coffee)


def test_an_image_is_laid_on_the_reference_and_its_border_masked() -> None:
    cat = PHOTOGRAPHS["cat"]
    found = dde.register(cat[:, 20:], cat, motion="translation")
    laid = found.apply(cat[:, 20:])
    assert laid.shape == cat.shape
    assert laid.dtype == np.uint8
    assert np.ma.getmaskarray(laid)[:, :19].all()
    assert not np.ma.getmaskarray(laid)[:, 21:].any()
    assert np.abs(laid[:, 21:].astype(int) - cat[:, 21:]).max() <= 6


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_strips_of_any_height_give_the_same_bits(dtype: Any) -> None:
    rng = np.random.default_rng(5)
    cat = PHOTOGRAPHS["cat"]
    frame = sampled(cat, motion("affine", cat.shape, rng), rng)
    found = dde.register(frame, cat, motion="affine")
    image = frame if dtype is np.uint8 else np.float32(frame / 255)
    source = warped(dde.open_image(image), found)
    height = source.shape[0]
    assert source.read_mask is not None
    for rows in (1, 7, 64):
        cuts = [(start, min(start + rows, height)) for start in range(0, height, rows)]
        strips = np.concatenate([source.read(*cut) for cut in cuts])
        assert np.array_equal(strips, source.read(0, height))
        masks = np.concatenate([source.read_mask(*cut) for cut in cuts])
        assert np.array_equal(masks, source.read_mask(0, height))


def test_nan_stays_within_the_reach_of_the_interpolation_and_is_counted() -> None:
    cat = PHOTOGRAPHS["cat"] / 255
    frame = cat.copy()
    frame[100, 120] = np.nan
    found = dde.inspect(cat, frame, align="translation")
    assert 1 <= found.overall.not_finite <= 16
    laid = dde.register(frame, cat, motion="affine").apply(frame)
    gone = np.argwhere(np.isnan(laid.data).any(axis=-1))
    assert 1 <= len(gone) <= 16
    assert np.abs(gone - [100, 120]).max() <= 3


def test_an_inspection_aligns_first(tmp_path: Path) -> None:
    """A fault is found where it lies in the reference, in a frame that was shifted and turned."""
    coffee = PHOTOGRAPHS["coffee"]
    faulty = coffee.copy()
    faulty[100:112, 300:310] = 0, 0, 255
    rng = np.random.default_rng(8)
    frame = sampled(faulty, motion("euclidean", coffee.shape, rng), rng)
    assert dde.inspect(coffee, frame, defects={"above": 25, "rules": "count <= 1"}).passed is False
    asked: dict[str, Any] = {"defects": {"above": 25, "smallest_area": 80, "rules": "count <= 0"}}
    found = dde.inspect(coffee, frame, align="euclidean", **asked)
    defect = found.defects[0]
    assert found.defect_count == 1
    assert abs(defect.x - 300) <= 2 and abs(defect.y - 100) <= 2
    recorded = found.record["sample"]["registration"]
    assert np.shape(recorded["matrix"]) == (3, 3)
    assert found.overall.count < coffee.shape[0] * coffee.shape[1]  # the border is not counted

    job = tmp_path / "job.toml"
    job.write_text(
        '[alignment]\nmotion = "euclidean"\nlargest = 60\n'
        '[defects]\nabove = 25\nsmallest_area = 80\nrules = ["count <= 0"]\n'
    )
    assert dde.inspect(coffee, frame, job=job).defects == found.defects
    job.write_text('[alignment]\nmotion = "euclidean"\nlargest = 1\n')
    with pytest.raises(dde.RegistrationError, match="the sample has moved by"):
        dde.inspect(coffee, frame, job=job)


def test_a_region_is_where_it_is_in_the_reference() -> None:
    """A fault at its corners is in it, and what lies right beside it is not, wherever the frame
    lies; a label of the frame's own coordinates would miss by the 9 and 6 pixels it moved."""
    coffee = PHOTOGRAPHS["coffee"]
    faulty = coffee.copy()
    faulty[100:104, 300:304] = faulty[146:150, 346:350] = 0, 0, 255
    frame = np.roll(faulty, (6, -9), (0, 1))
    found = dde.inspect(
        coffee, frame, align="translation", regions={"part": (300, 100, 50, 50)}, defects=25
    )
    assert [(d.region, d.x, d.y, d.width, d.height) for d in found.defects] == [
        ("part", 300, 100, 4, 4),
        ("part", 346, 146, 4, 4),
    ]
    registration = found.record["sample"]["registration"]
    assert np.abs(np.array(registration["matrix"]) - [[1, 0, 9], [0, 1, -6], [0, 0, 1]]).max() < 0.1
    assert registration["motion"] == "translation"


def test_what_cannot_be_aligned_has_no_verdict_in_a_batch(tmp_path: Path) -> None:
    """Not one of pass and fail: a reason, and exit status 2."""
    cat = PHOTOGRAPHS["cat"]
    job = tmp_path / "job.toml"
    job.write_text('rules = "max <= 300"\n[alignment]\nmotion = "translation"\nlargest = 5\n')
    (tmp_path / "frames").mkdir()
    frames = {
        "plain": plain(np.random.default_rng(1)),
        "slipped": np.roll(cat, (0, 9), (0, 1)),
        "straight": np.roll(cat, (0, 2), (0, 1)),
        "turned": cat[::-1, ::-1],
    }
    for name, frame in frames.items():
        Image.fromarray(frame).save(tmp_path / "frames" / f"{name}.png")
    Image.fromarray(cat).save(tmp_path / "reference.png")
    asked = ["--job", str(job), "--output", str(tmp_path / "out")]
    done = run("batch", tmp_path / "reference.png", tmp_path / "frames", *asked)
    assert done.status == 2, done.error
    with (tmp_path / "out" / "summary.csv").open(newline="") as file:
        rows = {row["frame"].removesuffix(".png"): row for row in csv.DictReader(file)}
    verdicts = {name: row["verdict"] for name, row in rows.items()}
    assert verdicts.pop("straight") == "pass"
    assert set(verdicts.values()) == {"unreadable"}
    assert "plain" in rows["plain"]["reasons"]
    assert "the sample has moved by 9.0 pixels, above 5" in rows["slipped"]["reasons"]
    assert rows["turned"]["reasons"]
    assert [p.name for p in (tmp_path / "out" / "frames").iterdir()] == ["straight.png.json"]


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ({"motion": "spiral"}, ValueError, "motion must be one of translation"),
        ({"largest": 0}, ValueError, "largest must be a positive number"),
        ({"largest": float("nan")}, ValueError, "largest must be a positive number"),
        ({"largest": "3"}, TypeError, "largest must be a number, not str"),
        ({"largest": True}, TypeError, "largest must be a number, not bool"),
        ({"least_correlation": 2}, ValueError, "least_correlation must be above 0"),
        ({"least_correlation": None}, TypeError, "least_correlation must be a number, not None"),
    ],
)
def test_bad_arguments_are_named(arguments: dict, error: type[Exception], words: str) -> None:
    cat = PHOTOGRAPHS["cat"]
    with pytest.raises(error, match=words):
        dde.register(cat, cat, **arguments)
    with pytest.raises(TypeError, match="align must be a motion or an Alignment"):
        dde.inspect(cat, cat, align=3)
