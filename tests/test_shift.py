"""The promise: a note says that a frame lies some pixels beside its reference, and only of such."""

import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from scipy import ndimage

import dde
from dde.inspection.shift import Windows

EXAMPLES = Path(__file__).parents[1] / "examples"
NOTE = "the sample seems shifted against the reference, by about "


@pytest.fixture(scope="module")
def photograph() -> np.ndarray:
    return np.asarray(Image.open(EXAMPLES / "reference.jpg").convert("RGB"))


def notes(reference: Any, sample: Any, **arguments: Any) -> tuple[str, ...]:
    return dde.inspect(reference, sample, **{"tolerances": "max <= 0", **arguments}).notes


def moved(image: np.ndarray, x: float, y: float) -> np.ndarray:
    """By any part of a pixel; the edge is continued."""
    shifted = ndimage.shift(image.astype(float), (y, x, 0), order=1, mode="nearest")
    return np.clip(np.rint(shifted), 0, 255).astype(np.uint8)


@pytest.mark.parametrize(
    ("x", "y", "words"),
    [
        (1, 0, "1 pixel to the right"),
        (0, -1, "1 pixel up"),
        (-3, 2, "3 pixels to the left and 2 pixels down"),
        (7, -7, "7 pixels to the right and 7 pixels up"),
        (0.8, 0, "1 pixel to the right"),
        (0, 2.3, "2 pixels down"),
    ],
)
def test_a_shifted_photograph_is_noted(
    photograph: np.ndarray, rng: np.random.Generator, x: float, y: float, words: str
) -> None:
    sample = moved(photograph, x, y)
    expected = (f"{NOTE}{words}: edges then differ all over, unless it is aligned first (align)",)
    assert notes(photograph, sample) == expected
    noisy = np.clip(sample + rng.normal(0, 3, sample.shape), 0, 255)
    assert notes(photograph, noisy.astype(np.uint8)) == expected
    assert notes(photograph, (0.9 * noisy).astype(np.uint8)) == expected, "in less light"


@pytest.mark.parametrize("x", [0.3, 9, 30])
def test_what_is_less_or_more_is_not(photograph: np.ndarray, x: float) -> None:
    assert notes(photograph, moved(photograph, x, 0)) == ()


def different_samples(image: np.ndarray, rng: np.random.Generator) -> dict[str, np.ndarray]:
    one_thing = image.copy()
    one_thing[150:210, 150:210] = moved(image, 3, 0)[150:210, 150:210]
    return {
        "the same": image,
        "mirrored": image[:, ::-1],
        "upside down": image[::-1],
        "blurred": ndimage.gaussian_filter(image, (1.5, 1.5, 0)),
        "darker": (image * 0.8).astype(np.uint8),
        "a cast": np.clip(image + np.array([9, -5, 3]), 0, 255).astype(np.uint8),
        "noisy": np.clip(image + rng.normal(0, 9, image.shape), 0, 255).astype(np.uint8),
        "noise": rng.integers(0, 256, image.shape, dtype=np.uint8),
        "flat": np.full_like(image, 128),
        "one thing moved": one_thing,
        "another sample": np.asarray(Image.open(EXAMPLES / "sample.jpg").convert("RGB")),
    }


def test_nothing_else_is_noted(photograph: np.ndarray, rng: np.random.Generator) -> None:
    for name, sample in different_samples(photograph, rng).items():
        assert notes(photograph, sample) == (), name


def test_noise_and_flat_frames_are_no_shift(rng: np.random.Generator) -> None:
    for _ in range(20):
        noise = rng.integers(0, 256, (2, 90, 130, 3), dtype=np.uint8)
        assert notes(*noise) == ()
    flat = np.full((90, 130, 3), 120, np.uint8)
    ramp = np.broadcast_to(np.linspace(0, 200, 130)[:, None], (90, 130, 3)).astype(np.uint8)
    for reference in (flat, ramp):
        assert notes(reference, reference + np.uint8(9)) == ()
        assert notes(reference, reference + rng.integers(0, 9, flat.shape, np.uint8)) == ()


def test_small_images_and_large_ones(rng: np.random.Generator) -> None:
    for shape in ((4, 5, 3), (31, 500, 3), (500, 31, 3)):
        image = rng.integers(0, 256, shape, dtype=np.uint8)
        assert notes(image, np.roll(image, 1, axis=1)) == (), "there is too little to tell it by"
    large = np.kron(rng.integers(0, 250, (600, 700, 1), dtype=np.uint8), np.ones((5, 5, 3), "u1"))
    (note,) = notes(large, np.roll(large, (2, -1), axis=(0, 1)))
    assert note.startswith(NOTE + "1 pixel to the left and 2 pixels down")


@pytest.mark.parametrize("space", ["XYZ", "Lab"])
def test_in_any_space(photograph: np.ndarray, space: str) -> None:
    convert = dde.srgb_to_xyz if space == "XYZ" else dde.srgb_to_lab
    colours = convert(moved(photograph, 0, 3))
    other = dde.open_image(photograph)
    (note,) = notes(other, dde.open_image(colours, space=space))
    assert note.startswith(NOTE + "3 pixels down")


def test_it_is_sought_where_there_is_something_to_explain(photograph: np.ndarray) -> None:
    sample = moved(photograph, 1, 0)
    assert len(notes(photograph, sample, tolerances=None, defects=6)) == 1
    assert len(notes(photograph, sample, tolerances=None, warnings="max <= 0")) == 1
    assert notes(photograph, sample, tolerances="max <= 100") == ()
    assert notes(photograph, sample, tolerances=None) == ()


def test_it_is_in_the_result_and_all_that_is_written(
    photograph: np.ndarray, tmp_path: Path
) -> None:
    found = dde.inspect(photograph, moved(photograph, 1, 0), tolerances=1, keep_pictures=True)
    (note,) = found.notes
    assert found.to_dict()["notes"] == [note]
    assert note in found._repr_html_()
    for suffix in ("json", "xml", "html"):
        found.save(tmp_path / f"report.{suffix}")
        assert note in (tmp_path / f"report.{suffix}").read_text()


def test_what_is_not_counted_is_not_looked_at(photograph: np.ndarray) -> None:
    sample = moved(photograph, 1, 0)
    mask = np.ones(photograph.shape[:2], bool)
    mask[::20] = False
    assert notes(photograph, sample, mask=mask) == ()
    lab = dde.srgb_to_lab(photograph)
    lab[::20, ::20] = np.nan
    assert notes(dde.open_image(lab, space="Lab"), sample) == ()


def test_parts_in_any_order_are_as_the_whole(photograph: np.ndarray) -> None:
    pair = dde.srgb_to_lab(photograph), dde.srgb_to_lab(moved(photograph, 2, 1))
    height = len(photograph)
    parts = []
    for start, stop in [(170, 171), (0, 100), (171, height), (100, 170)]:
        part = Windows(photograph.shape[:2])
        part.add(start, (pair[0][start:stop], pair[1][start:stop]))
        parts.append(pickle.loads(pickle.dumps(part)))
    whole = parts.pop()
    for part in parts:
        whole.join(part)
    assert whole.shift(lambda lab: lab[..., 0], lambda lab: lab[..., 0]) == (2, 1)
