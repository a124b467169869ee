"""What the page draws: small pictures, outlines and histograms that leave nothing out."""

import re

import numpy as np
import pytest

import dde
from dde.images.source import LAB, SRGB, XYZ
from dde.inspection.pictures import LONG_SIDE, PictureTaker
from dde.report.drawing import histogram, outline


@pytest.mark.parametrize("shape", [(3, 4), (1, 1), (40, 3001), (4501, 7), (3100, 2000)])
@pytest.mark.parametrize("strip", [1, 7, 1000])
def test_pictures_are_block_means_and_maxima(shape: tuple[int, int], strip: int) -> None:
    if strip == 1 and shape[0] > 1000:
        strip = 97
    rng = np.random.default_rng(1)
    reference, sample = (rng.integers(0, 65536, (*shape, 3), dtype=np.uint16) for _ in range(2))
    differences = rng.random(shape, dtype=np.float32)
    labels = rng.integers(0, 4, shape, dtype=np.uint8)
    differences[labels == 0] = np.nan
    taker = PictureTaker(shape)
    for top in range(0, shape[0], strip):
        rows = slice(top, top + strip)
        taker.add(top, reference[rows], sample[rows], differences[rows], labels[rows])
    found = taker.pictures((SRGB, SRGB))
    assert max(found.map.shape) <= LONG_SIDE
    assert found.shape == shape
    for y, x in [(0, 0), (-1, -1), (len(found.map) // 2, found.map.shape[1] // 3)]:
        y, x = y % found.map.shape[0], x % found.map.shape[1]
        block = np.s_[
            y * found.block : (y + 1) * found.block, x * found.block : (x + 1) * found.block
        ]
        mean = sample[block].mean(axis=(0, 1)) / 65535 * 255
        np.testing.assert_allclose(found.sample[y, x], mean, atol=0.51)
        mean = reference[block].mean(axis=(0, 1)) / 65535 * 255
        np.testing.assert_allclose(found.reference[y, x], mean, atol=0.51)
        block_of_map = differences[block]
        if np.isfinite(block_of_map).any():
            assert found.map[y, x] == np.nanmax(block_of_map)
        else:
            assert np.isnan(found.map[y, x])
        assert found.labels is not None
        assert found.labels[y, x] == labels[block][0, 0]


def test_pictures_of_xyz_and_lab() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (5, 6, 3), dtype=np.uint8)
    xyz = dde.adapt(dde.srgb_to_xyz(rgb), "D65", "D50")
    taker = PictureTaker((5, 6))
    taker.add(0, xyz, dde.xyz_to_lab(xyz, "D50"), np.zeros((5, 6)))
    found = taker.pictures((XYZ, LAB), "D50")
    np.testing.assert_array_equal(found.reference, rgb)
    np.testing.assert_array_equal(found.sample, rgb)


def test_outlines_go_around() -> None:
    inside = np.zeros((6, 8), dtype=bool)
    inside[1:4, 2:7] = True
    inside[2, 4] = False
    found = outline(inside, 10)
    assert found is not None
    assert found["box"] == (20, 10, 50, 30)
    length = sum(int(n) for n in re.findall(r"[hv](\d+)", found["path"]))
    assert length == 2 * (50 + 30) + 4 * 10
    assert outline(np.zeros((2, 2), dtype=bool), 1) is None
    noise = np.random.default_rng(0).random((400, 400)) < 0.5
    found = outline(noise, 1)
    assert found is not None
    assert found["path"] == "M0 0h400v400h-400z"


@pytest.mark.parametrize("largest", [0.3, 3, 60, 255, 400])
def test_histograms_count_every_pixel_once(largest: float) -> None:
    values = np.random.default_rng(3).random(5000) ** 3 * largest
    bins = np.minimum(values * 128, 128 * 256).astype(int)
    counts = np.bincount(bins, minlength=128 * 256 + 1)
    drawn = histogram("image", counts, [("max ≤ 5", 5.0)])
    total = 0
    for bar in drawn["bars"]:
        start, end = (bar[edge] * drawn["end"] for edge in ("start", "end"))
        end = min(end, 256)
        expected = np.count_nonzero((bins / 128 >= start - 1e-9) & (bins / 128 < end - 1e-9))
        assert f": {expected:,} pixels" in bar["label"]
        assert 0 < bar["height"] <= 1
        total += expected
    assert total + drawn["beyond"] == 5000
    assert drawn["beyond"] == np.count_nonzero(values >= min(drawn["end"], 256))
    assert drawn["beyond"] <= (5 if largest < 256 else 1000)
    (limit,) = drawn["limits"]
    assert limit["place"] * drawn["end"] == pytest.approx(5)
    assert 0 < limit["place"] < 1
