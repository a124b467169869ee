"""The promise: dask arrays give the answers of arrays in memory, even where a worker is lost."""

import hashlib
import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import dde
from dde.inspection import Inspection, Region, Statistics, inspecting
from dde.inspection.job import Job

dask = pytest.importorskip("dask")
da = pytest.importorskip("dask.array")
dde_dask = pytest.importorskip("dde.dask")

HEIGHT, WIDTH = 60, 70
CHUNKS = [(60, 70, 3), (16, 70, 3), (17, 23, 2)]


def photos(height: int = HEIGHT, width: int = WIDTH, seed: int = 1) -> tuple[np.ndarray, ...]:
    """Two images that differ by noise, more so in some blocks of pixels."""
    rng = np.random.default_rng(seed)
    reference = rng.integers(0, 240, (height, width, 3), dtype=np.uint8)
    blocks = rng.random((-(-height // 5), -(-width // 5), 1)) < 0.3
    strong = np.kron(blocks, np.ones((5, 5, 1), bool))[:height, :width]
    noise = rng.integers(0, 4, reference.shape, dtype=np.uint8)
    return reference, reference + noise + strong * np.uint8(9)


class Read:
    """An array that notes what is read of it."""

    def __init__(self, array: np.ndarray) -> None:
        self.array, self.shape, self.dtype, self.ndim = array, array.shape, array.dtype, array.ndim
        self.numbers = 0

    def __getitem__(self, index: Any) -> np.ndarray:
        part = self.array[index]
        self.numbers += part.size
        return part


# ---- Maps ----------------------------------------------------------------------------------


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32, np.float64])
def test_maps_are_those_of_arrays(chunks: tuple[int, ...], dtype: Any) -> None:
    scale = {np.uint8: 1, np.uint16: 257}.get(dtype, 1 / 255)
    pair = [(photo.astype(float) * scale).astype(dtype) for photo in photos()]
    lazy = dde_dask.delta_e_map(
        da.from_array(pair[0], chunks=chunks), da.from_array(pair[1], chunks=(9, 50, 1))
    )
    assert lazy.shape == (HEIGHT, WIDTH)
    assert lazy.chunksize == chunks[:2]
    np.testing.assert_array_equal(lazy.compute(), dde.delta_e_map(*pair), strict=True)


@pytest.mark.parametrize(
    "arguments",
    [
        {"metric": "CMC", "l": 1, "order": "BGR"},
        {"metric": dde.cie76},
        {"metric": dde.load_model("siamese")},
        {"kL": 2, "clip": True},
    ],
    ids=str,
)
def test_maps_take_the_arguments_of_arrays(arguments: dict[str, Any]) -> None:
    reference, sample = photos()
    lazy = dde_dask.delta_e_map(da.from_array(reference, chunks=20), sample, **arguments)
    assert lazy.name == dde_dask.delta_e_map(lazy_of(reference), sample, **arguments).name
    expected = dde.delta_e_map(reference, sample, **arguments)
    np.testing.assert_array_equal(lazy.compute(), expected, strict=True)


def lazy_of(array: np.ndarray) -> Any:
    return da.from_array(array, chunks=20)


def test_maps_of_an_image_against_one_colour() -> None:
    image, colour = photos()[0], np.array([10, 20, 30], dtype=np.uint8)
    for pair in ((image, colour), (colour, image)):
        lazy = dde_dask.delta_e_map(*map(lazy_of, pair))
        np.testing.assert_array_equal(lazy.compute(), dde.delta_e_map(*pair), strict=True)


def test_maps_are_lazy() -> None:
    read = Read(photos()[0])
    lazy = dde_dask.delta_e_map(da.from_array(read, chunks=(20, 70, 3)), photos()[1])
    assert read.numbers == 0
    lazy[25:30].compute()
    assert read.numbers == 20 * WIDTH * 3


# ---- Inspections ---------------------------------------------------------------------------


def assert_same(found: Inspection, expected: Inspection) -> None:
    """To the last bit where numbers are whole, else to 1e-12 of what has been summed."""
    assert (found.passed, found.reasons) == (expected.passed, expected.reasons)
    assert (found.warnings, found.notes) == (expected.warnings, expected.notes)
    assert [region.name for region in found.regions] == [r.name for r in expected.regions]
    for region, other in zip(found.regions, expected.regions, strict=True):
        np.testing.assert_array_equal(region.histogram, other.histogram)
        assert_same_statistics(region.statistics, other.statistics)
    assert_same_statistics(found.overall, expected.overall)
    assert found.defect_count == expected.defect_count
    for defect, other_defect in zip(found.defects, expected.defects, strict=True):
        one, two = vars(defect).copy(), vars(other_defect).copy()
        assert one.pop("mean") == pytest.approx(two.pop("mean"), rel=1e-12)
        assert one == two


def assert_same_statistics(found: Statistics, expected: Statistics) -> None:
    one, two = vars(found).copy(), vars(expected).copy()
    assert one.pop("mean") == pytest.approx(two.pop("mean"), rel=1e-12, nan_ok=True)
    squares = found.mean**2 + found.standard_deviation**2
    variances = one.pop("standard_deviation") ** 2, two.pop("standard_deviation") ** 2
    assert variances[0] == pytest.approx(variances[1], abs=1e-12 * squares, nan_ok=True)
    for name in ("mean_delta_L", "mean_delta_C", "mean_delta_H"):
        assert one.pop(name) == pytest.approx(two.pop(name), abs=1e-12 * 100, nan_ok=True)
    np.testing.assert_equal(one, two)


def assert_identical(found: Inspection, expected: Inspection) -> None:
    """All of it to the last bit, the record too, apart from the time."""
    one, two = ({**inspection.to_dict(), "record": None} for inspection in (found, expected))
    assert json.dumps(one) == json.dumps(two)
    records = [{**inspection.record, "time": None} for inspection in (found, expected)]
    assert json.dumps(records[0]) == json.dumps(records[1])


@st.composite
def cuts(draw: st.DrawFn, length: int) -> tuple[int, ...]:
    """The lengths of chunks that make up an axis."""
    edges = sorted(draw(st.sets(st.integers(1, length - 1), max_size=6)))
    return tuple(np.diff([0, *edges, length]).tolist())


SEEN: list[dict[str, Any]] = [
    {"viewing": 11},
    {"shift": 2},
    {"edges": 0.5, "metric": "CIE76"},
    {"viewing": dde.Viewing(distance=500, pitch=0.6), "shift": 1, "edges": 0.25},
    {"metric": "FLIP", "viewing": 30},
    {"metric": "CAM16-UCS", "viewing": 9},
]


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_neighbourhoods_are_those_of_arrays(data: st.DataObject) -> None:
    """To the last bit, however the images are cut, also into chunks smaller than the margin."""
    height, width = data.draw(st.integers(2, 60)), data.draw(st.integers(2, 300))
    arguments = data.draw(st.sampled_from(SEEN))
    pair = [image / 255 for image in photos(height, width, data.draw(st.integers(0, 99)))]
    for image in pair:
        if data.draw(st.booleans()):
            image[height // 2, width // 3] = np.nan
    lazy = [
        da.from_array(image, chunks=(data.draw(cuts(height)), data.draw(cuts(width)), (3,)))
        for image in pair
    ]
    expected = dde.delta_e_map(*pair, **arguments)
    found = dde_dask.delta_e_map(*lazy, **arguments)
    assert found.chunks == lazy[0].chunks[:2]
    np.testing.assert_array_equal(found.compute(), expected, strict=True)
    more = {"tolerances": ["p90 <= 0.5", "not_finite <= 9999"], "defects": 0.8}
    if not np.isnan(expected).all():
        expected_findings = dde.inspect(*pair, **arguments, **more)
        assert_same(dde_dask.inspect(*lazy, **arguments, **more), expected_findings)


def test_neighbourhoods_of_one_colour_and_a_part_of_a_map() -> None:
    image, colour = photos()[0], np.array([10, 20, 30], dtype=np.uint8)
    expected = dde.delta_e_map(image, colour, viewing=15)
    found = dde_dask.delta_e_map(lazy_of(image), colour, viewing=15)
    np.testing.assert_array_equal(found.compute(), expected)
    assert found.name == dde_dask.delta_e_map(lazy_of(image), colour, viewing=15).name
    read = Read(image)
    lazy = dde_dask.delta_e_map(da.from_array(read, chunks=(20, WIDTH, 3)), colour, shift=1)
    np.testing.assert_array_equal(lazy[:20].compute(), dde.delta_e_map(image, colour, shift=1)[:20])
    assert read.numbers <= 40 * WIDTH * 3  # of 60 rows


def test_masks_and_alpha_beside_neighbourhoods() -> None:
    pair = photos()
    mask = np.random.default_rng(0).random((HEIGHT, WIDTH)) < 0.8
    alpha = np.where(np.arange(HEIGHT) < 9, 0, 255).astype(np.uint8)[:, None, None]
    pair = np.dstack([pair[0], np.broadcast_to(alpha, (HEIGHT, WIDTH, 1))]), pair[1]
    asked: dict[str, Any] = {"viewing": 12, "shift": 1, "mask": mask, "defects": 1.5}
    asked["regions"] = {"middle": (10, 15, 30, 40)}
    found = dde_dask.inspect(*map(lazy_of, pair), **asked)
    assert_same(found, dde.inspect(*pair, **asked))
    rows = [hashlib.sha256(row.tobytes()).digest() for row in pair[1]]
    digest = hashlib.sha256(b"".join(rows)).hexdigest()
    assert found.record["sample"]["sha256_of_rows"] == digest


def test_what_dask_does_not_do_is_refused() -> None:
    pair = list(map(lazy_of, photos()))
    job = Job(alignment=dde.Alignment("translation"))
    with pytest.raises(ValueError, match="without alignment and variation"):
        dde_dask.inspect(*pair, job=job)
    learned = dde.learn_reference(photos())
    with pytest.raises(TypeError, match=r"must be an array; dde\.inspect takes learned references"):
        dde_dask.inspect(learned, pair[1])
    with pytest.raises(ValueError, match="shift and edges must be 0 with FLIP"):
        dde_dask.delta_e_map(*pair, "FLIP", shift=1)
    with pytest.raises(ValueError, match="viewing must be from 1"):
        dde_dask.inspect(*pair, viewing=0)


@settings(max_examples=25)
@given(st.data())
def test_inspections_are_those_of_arrays(data: st.DataObject) -> None:
    height, width = data.draw(st.integers(12, 50)), data.draw(st.integers(12, 50))
    seed = data.draw(st.integers(0, 99))
    arrays = *photos(height, width, seed), np.random.default_rng(seed).random((height, width)) < 0.9
    seal = np.zeros((height, width), bool)
    seal[height // 2 :, : width // 3] = True
    in_chunks = [
        da.from_array(array, chunks=tuple(data.draw(cuts(side)) for side in array.shape[:2]) + rest)
        for array, rest in zip((*arrays, seal), ((3,), (3,), (), ()), strict=True)
    ]
    ignored = data.draw(st.booleans())

    def arguments(mask: Any, seal: Any) -> dict[str, Any]:
        logo = Region("logo", box=(2, 3, 8, 7), ignore=ignored)
        band = Region("band", polygon=[(0, 2), (width, 5), (width, height), (3, 9)])
        return {
            "regions": [band, logo, Region("seal", labels=seal)],
            "mask": mask,
            "defects": {"above": 3, "smallest_area": 2, "rules": "area <= 40"},
            "tolerances": {"band": "p95 <= 4 and share > 2.5 <= 10 %", "elsewhere": 5},
            "warnings": "p99.9 <= 2 and dL >= 0.1 and p30 >= 0.5",
        }

    lazily = data.draw(st.booleans())  # whether the mask and the label image are in chunks as well
    mask_and_seal = in_chunks[2:] if lazily else (arrays[2], seal)
    found = dde_dask.inspect(*in_chunks[:2], **arguments(*mask_and_seal))
    assert_same(found, dde.inspect(*arrays[:2], **arguments(arrays[2], seal)))


@pytest.mark.parametrize(
    "arguments",
    [{"metric": "CIE94", "K1": 0.1}, {"metric": dde.load_model("siamese")}, {"white": "D50"}, {}],
    ids=str,
)
def test_inspections_take_the_arguments_of_arrays(arguments: dict[str, Any]) -> None:
    pair = photos()
    assert_same(dde_dask.inspect(*map(lazy_of, pair), **arguments), dde.inspect(*pair, **arguments))


def test_the_order_of_opencv() -> None:
    pair = photos()
    turned = [lazy_of(photo[..., ::-1]) for photo in pair]
    found = dde_dask.inspect(*turned, order="bgr")
    assert_same(found, dde.inspect(*pair))
    assert found.record["reference"]["order"] == "BGR"
    with pytest.raises(ValueError, match="order must be one of RGB, BGR"):
        dde_dask.inspect(*turned, order="GBR")


def test_percentiles_are_judged_exactly() -> None:
    lab = np.zeros((40, 30, 3), np.float32)
    sample = lab.copy()
    sample[..., 0] = 2
    sample[::20, :, 0] = 9  # 5 % of the pixels
    lazy = [da.from_array(image, chunks=(7, 11, 3)) for image in (lab, sample)]
    arguments = {"space": "Lab", "metric": "CIE76", "tolerances": ["p95 <= 2", "p95.1 <= 2"]}
    found = dde_dask.inspect(*lazy, **arguments)
    assert [j.value for j in found.regions[0].judgements] == [2, pytest.approx(9, abs=1 / 256)]
    assert found.reasons == ("image: p95.1 is 9, above 2",)


def test_a_shifted_frame_is_noted(rng: np.random.Generator) -> None:
    photo = np.kron(rng.integers(0, 250, (90, 100, 3), np.uint8), np.ones((4, 4, 1), np.uint8))
    pair = photo, np.roll(photo, -2, axis=0)
    lazy = [da.from_array(image, chunks=(50, 130, 3)) for image in pair]
    found = dde_dask.inspect(*lazy, tolerances=1)
    assert found.notes == dde.inspect(*pair, tolerances=1).notes
    assert "2 pixels up" in found.notes[0]


def test_inspections_of_lab_grey_and_transparent_images() -> None:
    pair = photos()
    labs = [dde.srgb_to_lab(photo).astype(np.float32) for photo in pair]
    labs[0][5, 6:9] = np.nan
    found = dde_dask.inspect(*map(lazy_of, labs), space="Lab", tolerances=99)
    assert found.overall.not_finite == 3
    assert_same(found, dde.inspect(*labs, space="Lab", tolerances=99))

    alpha = np.random.default_rng(0).integers(0, 3, (HEIGHT, WIDTH, 1), dtype=np.uint8) * 127
    transparent = np.concatenate([pair[0], alpha], axis=2), pair[1][..., 0]
    found = dde_dask.inspect(*map(lazy_of, transparent), defects=30)
    assert found.overall.count == (alpha > 0).sum()
    assert_same(found, dde.inspect(*transparent, defects=30))


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_images_are_read_once(chunks: tuple[int, ...]) -> None:
    read = [Read(photo) for photo in photos()]
    reference, sample = (da.from_array(array, chunks=chunks) for array in read)
    dde_dask.inspect(reference, sample, defects=3)
    dde_dask.inspect(reference, reference + sample)
    assert [array.numbers for array in read] == [2 * HEIGHT * WIDTH * 3] * 2


def test_strips_are_small_whatever_the_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inspecting, "PIXELS_AT_ONCE", 8 * WIDTH)
    pair = photos()
    expected = dde.inspect(*pair, defects=3)
    for rows, strips in ((60, 8), (7, 9), (20, 9)):
        in_chunks = [da.from_array(photo, chunks=(rows, 33, 3)) for photo in pair]
        found = dde_dask.inspect(*in_chunks, defects=3)
        assert found.record["dask"]["strips"] == strips
        assert_same(found, expected)


def test_the_order_of_computation_does_not_matter() -> None:
    pair = [da.from_array(photo, chunks=(3, 70, 3)) for photo in photos()]
    results = []
    for scheduler, workers in (("synchronous", 1), ("threads", 2), ("threads", 7)):
        with dask.config.set(scheduler=scheduler, num_workers=workers):
            results.append(dde_dask.inspect(*pair, tolerances="mean <= 1", defects=3))
    for found in results[1:]:
        assert_identical(found, results[0])


@pytest.mark.parametrize("dtype", ["<u2", ">u2"])
def test_the_record_tells_of_dask_and_what_the_images_held(dtype: str) -> None:
    pair = [photo.astype(dtype) for photo in photos()]
    record = dde_dask.inspect(*(da.from_array(image, chunks=(17, 23, 3)) for image in pair)).record
    for name, image in zip(("reference", "sample"), pair, strict=True):
        rows = [hashlib.sha256(row.tobytes()).digest() for row in image.astype("<u2")]
        assert record[name]["sha256_of_rows"] == hashlib.sha256(b"".join(rows)).hexdigest()
        assert record[name]["format"] == "dask array"
    worker = {"dde": dde.__version__, "instruction_set": record["machine"]["instruction_set"]}
    assert record["dask"] == {"version": dask.__version__, "strips": 4, "workers": [worker]}


@pytest.mark.parametrize("suffix", ["json", "csv", "xml", "html"])
def test_reports_are_written(suffix: str, tmp_path: Any) -> None:
    path = tmp_path / f"report.{suffix}"
    dde_dask.inspect(*map(lazy_of, photos()), tolerances=1).save(path)
    assert path.stat().st_size > 100


def test_a_zarr_array(tmp_path: Any) -> None:
    zarr = pytest.importorskip("zarr")
    pair = photos()
    for name, photo in zip("ab", pair, strict=True):
        zarr.save_array(tmp_path / f"{name}.zarr", photo)
    scans = [da.from_zarr(tmp_path / f"{name}.zarr") for name in "ab"]
    assert_same(dde_dask.inspect(*scans, tolerances=3), dde.inspect(*pair, tolerances=3))


# ---- Errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [dde_dask.delta_e_map, dde_dask.inspect])
@pytest.mark.parametrize(
    ("change", "arguments", "error", "complaint"),
    [
        (lambda image: image[:9], {}, ValueError, "reference and sample must be"),
        (lambda image: image.astype(int), {}, TypeError, "sample must hold sRGB as uint8"),
        (lambda image: image[..., 0, 0, None], {"kL": -1}, ValueError, "must be"),
        (lambda image: image, {"metric": "CIE2000"}, ValueError, "metric must be one of CIE76"),
        (lambda image: image, {"l": 2}, TypeError, "l is no factor of CIEDE2000"),
        (lambda image: image[image[:, 0, 0] > 9], {}, ValueError, "sample has chunks of unknown"),
        (lambda image: "scan.tif", {}, TypeError, "sample must be an array"),
    ],
)
def test_what_is_wrong_is_said_at_once(
    function: Any, change: Any, arguments: Any, error: Any, complaint: str
) -> None:
    reference, sample = map(lazy_of, photos())
    with pytest.raises(error, match=complaint):
        function(reference, change(sample), **arguments)


def test_what_only_the_pixels_tell_is_said_by_the_task() -> None:
    image = lazy_of(photos()[0] / 100)
    complaint = r"reference is RGB of type float and must lie in \[0, 1\]"
    lazy = dde_dask.delta_e_map(image, image)
    with pytest.raises(ValueError, match=complaint):
        lazy.compute()
    with pytest.raises(ValueError, match=complaint):
        dde_dask.inspect(image, image)
    with pytest.raises(ValueError, match="no pixel is counted"):
        dde_dask.inspect(*map(lazy_of, photos()), mask=np.zeros((HEIGHT, WIDTH), bool))


# ---- A cluster -----------------------------------------------------------------------------

CLUSTER = """
import json, os, signal, sys
from multiprocessing import active_children
from pathlib import Path

import dask, numpy as np
import dask.array as da
from dask.distributed import Client, LocalCluster

import dde.dask

FOLDER = Path(sys.argv[0]).parent
STRIPS, ROWS, WIDTH = 40, 16, 300


def deadly(block, block_id, log):
    '''The block, unless its worker has done four others: the first worker of which this is true
    is killed.'''
    with open(log, "a") as file:
        file.write(f"{os.getpid()} {block_id[0]}\\n")
    done = Path(log).read_text().split("\\n")
    if sum(line.startswith(f"{os.getpid()} ") for line in done) == 5:
        try:
            Path(log).with_suffix(".killed").touch(exist_ok=False)
        except FileExistsError:
            return block
        os.kill(os.getpid(), signal.SIGKILL)
    return block


def contents(found):
    contents = found.to_dict()
    del contents["record"]["time"]
    return contents


def main():
    rng = np.random.default_rng(0)
    reference = rng.integers(0, 240, (STRIPS * ROWS, WIDTH, 3), dtype=np.uint8)
    sample = reference + rng.integers(0, 5, reference.shape, dtype=np.uint8)
    sample[100:400, 50:60] += 10  # through many strips
    lazy = [da.from_array(image, chunks=(ROWS, WIDTH, 3)) for image in (reference, sample)]
    arguments = dict(
        metric=dde.load_model("siamese"),
        regions={"band": [(0, 7), (WIDTH, 90), (WIDTH, 555), (0, 600)]},
        mask=rng.random(reference.shape[:2]) < 0.99,
        tolerances="p95 <= 1",
        defects={"above": 5, "rules": "area <= 9"},
    )
    log = FOLDER / "blocks"
    dask.config.set({"temporary-directory": str(FOLDER)})
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        deadly_sample = lazy[1].map_blocks(deadly, log=str(log), dtype=np.uint8)
        lost = contents(dde.dask.inspect(lazy[0], deadly_sample, **arguments))
        intact = contents(dde.dask.inspect(*lazy, **arguments))
        map = dde.dask.delta_e_map(*lazy).compute()
    here = contents(dde.inspect(reference, sample, **arguments))
    print(json.dumps({
        "log": log.read_text(),
        "killed": log.with_suffix(".killed").exists(),
        "lost": lost,
        "intact": intact,
        "here": here,
        "maps": bool(np.array_equal(map, dde.delta_e_map(reference, sample))),
        "processes": len(active_children()),
    }))


if __name__ == "__main__":
    main()
"""


def test_a_worker_may_be_killed(fresh_python: Any) -> None:
    told = json.loads(fresh_python(CLUSTER, timeout=120))
    assert told["killed"]
    lines = [line.split() for line in told["log"].splitlines()]
    times = {block: [other for other, b in lines if b == block] for _, block in lines}
    assert len(times) == 40
    again = [workers for workers in times.values() if len(workers) > 1]
    assert again, "the block that killed its worker was not done again"
    assert told["lost"] == told["intact"]
    assert told["maps"]
    assert told["processes"] == 0

    found, here = told["lost"], told["here"]
    assert (found["passed"], found["reasons"]) == (here["passed"], here["reasons"])
    assert found["defect_count"] == here["defect_count"] > 0
    for name, value in here["overall"].items():
        assert found["overall"][name] == pytest.approx(value, rel=1e-12, abs=1e-11), name
    for name in ("count", "maximum", "maximum_x", "maximum_y", "median", "share_above"):
        assert found["overall"][name] == here["overall"][name]
