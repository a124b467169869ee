"""The promise: regions cover the pixels that they should, whatever rows are asked for."""

import os
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given
from hypothesis import strategies as st
from matplotlib.path import Path as Outline
from PIL import Image

import dde
from dde.images.labels import open_labels
from dde.inspection import Region
from dde.inspection.regions import RegionMap, region_of_text, regions_of

HEIGHT, WIDTH = 12, 17


def labels_of(*regions: Region, shape: tuple[int, int] = (HEIGHT, WIDTH)) -> np.ndarray:
    return RegionMap(regions, shape).labels(0, shape[0])


def test_a_box_is_its_slice() -> None:
    labels = labels_of(Region("box", box=(3, 2, 5, 4)))
    expected = np.full((HEIGHT, WIDTH), 2)
    expected[2:6, 3:8] = 1
    assert np.array_equal(labels, expected)


def test_a_polygon_with_the_corners_of_a_box_is_the_box() -> None:
    corners = [(3, 2), (8, 2), (8, 6), (3, 6)]
    for turned in (corners, corners[::-1], corners[2:] + corners[:2]):
        polygon = labels_of(Region("polygon", polygon=turned))
        assert np.array_equal(polygon, labels_of(Region("box", box=(3, 2, 5, 4))))


# Corners on an odd grid, so that no middle of a pixel lies exactly on an edge.
corners = st.tuples(
    st.integers(0, 10 * WIDTH).map(lambda x: x / 10 * 0.9973),
    st.integers(0, 10 * HEIGHT).map(lambda y: y / 10 * 0.9971),
)


@given(st.lists(corners, min_size=3, max_size=3))
def test_a_triangle_holds_the_pixels_whose_middle_is_inside(triangle: list[Any]) -> None:
    y, x = np.mgrid[:HEIGHT, :WIDTH] + 0.5
    middles = np.column_stack([x.ravel(), y.ravel()])
    inside = Outline(triangle).contains_points(middles).reshape(HEIGHT, WIDTH)
    labels = np.full((HEIGHT, WIDTH), 9, np.uint8)
    region = Region("triangle", polygon=triangle)
    region.paint(labels, 0, 1)
    assert np.array_equal(labels == 1, inside)


@given(corners)
def test_neighbours_share_no_pixel_and_leave_none_out(apex: Any) -> None:
    counts = np.zeros((HEIGHT, WIDTH), int)
    # The rectangle around everything, cut into triangles at one point.
    around = [(0, 0), (WIDTH, 0), (WIDTH, HEIGHT), (0, HEIGHT)]
    for corner, following in zip(around, around[1:] + around[:1], strict=True):
        part = np.zeros((HEIGHT, WIDTH), np.uint8)
        Region("part", polygon=[corner, following, apex]).paint(part, 0, 1)
        counts += part
    assert (counts == 1).all()


def test_a_star_follows_the_even_odd_rule() -> None:
    angles = np.arange(5) * 4 * np.pi / 5
    star = [(20 + 19.3 * np.sin(a), 20 - 19.3 * np.cos(a)) for a in angles]
    labels = labels_of(Region("star", polygon=star), shape=(40, 40))
    assert labels[20, 20] == 2  # the middle of the star is outside
    assert labels[4, 20] == 1


def test_later_regions_lie_on_top_and_ignored_ones_are_cut_out() -> None:
    labels = labels_of(
        Region("under", box=(0, 0, 6, 6)),
        Region("hole", box=(1, 1, 4, 4), ignore=True),
        Region("over", box=(2, 2, 2, 8)),
    )
    assert labels[0, 0] == 1
    assert labels[1, 1] == 0
    assert labels[3, 3] == 2
    assert labels[9, 3] == 2
    assert labels[11, 16] == 3  # elsewhere


def test_a_label_image_has_several_regions() -> None:
    image = np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 3
    labels = labels_of(Region("one", labels=image), Region("two", labels=image, value=2))
    assert np.array_equal(labels, np.where(image == 0, 3, image))


REGIONS = (
    Region("box", box=(3, 2, 5, 4)),
    Region("polygon", polygon=[(1.2, 0.7), (16.1, 5.5), (7.4, 11.8)]),
    Region("labels", labels=np.arange(HEIGHT * WIDTH).reshape(HEIGHT, WIDTH) % 7 == 0, ignore=True),
)


@given(st.integers(0, HEIGHT), st.integers(0, HEIGHT))
def test_rows_are_the_same_in_every_strip(one: int, other: int) -> None:
    start, stop = sorted((one, other))
    regions = RegionMap(REGIONS, (HEIGHT, WIDTH))
    assert np.array_equal(regions.labels(start, stop), regions.labels(0, HEIGHT)[start:stop])


def test_names_are_in_the_order_of_the_labels() -> None:
    assert RegionMap(REGIONS, (HEIGHT, WIDTH)).names == ("box", "polygon", "elsewhere")
    assert RegionMap(REGIONS[2:], (HEIGHT, WIDTH)).names == ("image",)


@pytest.mark.parametrize(
    ("region", "complaint"),
    [
        ({"box": (0, 0, 0, 4)}, "region 'logo' is empty"),
        ({"box": (0, 0, 5, -1)}, "region 'logo' is empty"),
        ({"polygon": [(1, 1), (5, 1), (9, 1)]}, "region 'logo' is empty"),
        (
            {"box": (15, 0, 3, 1)},
            "region 'logo' is not inside the image: it reaches from x 15, y 0",
        ),
        ({"box": (-1, 0, 3, 1)}, "and the image is 17 x 12 pixels"),
        ({"polygon": [(0, 0), (5, 0), (5, 13)]}, "region 'logo' is not inside the image"),
        (
            {"labels": np.zeros((5, 5), int)},
            r"shape of the image, \(12, 17\); its shape is \(5, 5\)",
        ),
    ],
)
def test_a_region_that_is_empty_or_outside_is_named(region: Any, complaint: str) -> None:
    with pytest.raises(ValueError, match=complaint):
        labels_of(Region("logo", **region))


TWO = (0, 0), (5, 5)
FAR = "^region 'logo': its coordinates must be numbers from -1000000000 to 1000000000$"
NO_SHAPE = "^region 'logo' must be a box of four whole numbers"


@pytest.mark.parametrize("x", [1e308, -1e308, 1e10, np.inf, -np.inf, np.nan, 10**30, 10**400])
@pytest.mark.filterwarnings("error")
def test_coordinates_that_no_image_has(x: Any) -> None:
    for polygon in ([*TWO, (x, 0)], [*TWO, (0, x)], [(x, x), (-x, x), (0, -x)]):
        with pytest.raises(ValueError, match=FAR):
            Region("logo", polygon=polygon)
    if isinstance(x, int):
        with pytest.raises(ValueError, match=FAR):
            Region("logo", box=(0, 0, -x, 5))


@pytest.mark.parametrize(
    "shape",
    [
        *({"polygon": polygon} for polygon in ([], [*TWO], [*TWO, ("a", 0)], "abc", 5)),
        *({"polygon": [*TWO, last]} for last in ((1j, 0), (1,), (1, 2, 3), None, ("2", "3"))),
        *({"box": box} for box in ((0.5, 0, 3, 3), (1, 2, 3), [], "abcd", 5, (0, 0, None, 3))),
    ],
    ids=str,
)
@pytest.mark.filterwarnings("error")
def test_what_is_no_shape(shape: dict[str, Any]) -> None:
    (given,) = shape.values()
    for make in (lambda: Region("logo", **shape), lambda: regions_of({"logo": given})):
        with pytest.raises(ValueError, match=NO_SHAPE):
            make()


def test_a_label_image_holds_whole_numbers() -> None:
    with pytest.raises(TypeError, match="label image of region 'logo' must be an array, not list"):
        labels_of(Region("logo", labels=[[1, 0], [0, 1]]))
    with pytest.raises(TypeError, match="label image of region 'logo' must hold whole numbers"):
        labels_of(Region("logo", labels=np.zeros((HEIGHT, WIDTH))))


@pytest.mark.parametrize(
    ("kind", "value"), [(bool, 2**63), (bool, 2), ("u1", 256), ("i8", 10**4000)]
)
def test_a_value_is_one_that_the_label_image_can_hold(kind: Any, value: int) -> None:
    labels = np.ones((HEIGHT, WIDTH), kind)
    with pytest.raises(ValueError, match=r"^value of region 'logo' must be from"):
        labels_of(Region("logo", labels=labels, value=value))


@pytest.mark.parametrize("name", ["", "elsewhere", "image", 5])
def test_a_name_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="a region's name must be"):
        Region(name, box=(0, 0, 1, 1))


def test_a_region_has_one_shape() -> None:
    for shapes in ({}, {"box": (0, 0, 1, 1), "polygon": [(0, 0), (1, 0), (1, 1)]}):
        with pytest.raises(ValueError, match="must have one of box, polygon and labels"):
            Region("logo", **shapes)


def test_two_regions_of_a_name_are_refused() -> None:
    with pytest.raises(ValueError, match="several regions of the name 'logo'"):
        labels_of(Region("logo", box=(0, 0, 1, 1)), Region("logo", box=(2, 0, 1, 1)))


def test_there_is_a_byte_for_the_region() -> None:
    many = [Region(f"r{x}", box=(x, 0, 1, 1)) for x in range(255)]
    labels = labels_of(*many[:254], shape=(1, 300))
    assert labels[0, [0, 253, 254]].tolist() == [1, 254, 255]
    with pytest.raises(ValueError, match="there may be 254 regions, not 255"):
        labels_of(*many, shape=(1, 300))


def test_shapes_are_told_apart() -> None:
    mask = np.eye(3, dtype=bool)
    triangle = [(0, 0), (4, 0), (4, 4)]
    regions = regions_of({"box": [1, 2, 3, 4], "polygon": triangle, "mask": mask})
    assert regions[0].box == (1, 2, 3, 4)
    assert regions[1].polygon == tuple(triangle)
    assert regions[2].labels is mask
    assert regions_of(regions) == regions


@pytest.mark.parametrize(
    "shape", [(1, 2, 3), (1.5, 2, 3, 4), [(0, 0), (1, 1)], "box", None, [[1], 2]]
)
def test_what_is_no_shape_is_refused(shape: Any) -> None:
    with pytest.raises(ValueError, match=r"^region 'logo' must be a box of four whole numbers"):
        regions_of({"logo": shape})


@pytest.mark.parametrize("given", ["logo", 5, [(0, 0, 1, 1)]])
def test_what_is_no_mapping_is_refused(given: Any) -> None:
    with pytest.raises(TypeError, match=r"^regions must be a mapping of names to boxes"):
        regions_of(given)


@pytest.mark.parametrize("mode", ["L", "P", "I;16", "1"])
def test_label_images_are_read_as_they_are(mode: str, tmp_path: Path) -> None:
    labels = np.uint16([[0, 1], [1, 0]]) * (1000 if mode == "I;16" else 1)
    image = Image.fromarray(labels) if mode == "I;16" else Image.new(mode, (2, 2))
    if mode == "P":
        image.putpalette([9, 9, 9, 200, 0, 0])
    if mode != "I;16":
        image.putdata(labels.ravel().tolist() if mode != "1" else (labels.ravel() * 255).tolist())
    image.save(tmp_path / "labels.png")
    assert np.array_equal(open_labels(tmp_path / "labels.png"), labels)


@pytest.mark.parametrize("wrap", [np.ascontiguousarray, np.asfortranarray])
def test_label_arrays_stay_on_disk(wrap: Any, tmp_path: Path) -> None:
    stored = np.arange(20, dtype=">u2").reshape(4, 5)
    np.save(tmp_path / "labels.npy", wrap(stored))
    labels = open_labels(tmp_path / "labels.npy")
    assert not isinstance(labels, np.ndarray)
    assert (labels.shape, labels.ndim, len(labels)) == ((4, 5), 2, 4)
    assert np.array_equal(labels, stored)
    for key in (slice(1, 3), slice(None), slice(2, 2), slice(-3, 99), slice(None, None, -2), 3):
        assert np.array_equal(labels[key], stored[key])
    assert np.array_equal(labels[1:3, 2:], stored[1:3, 2:])
    assert np.array_equal(pickle.loads(pickle.dumps(labels)), stored)


def test_a_label_image_that_shrinks_is_an_error(tmp_path: Path, fresh_python: Any) -> None:
    """Of a mapped file, reading beyond its end would end the process."""
    said = fresh_python(f"""
import os
import numpy as np, dde
from dde.images.labels import open_labels
from dde.inspection import Region
path = {str(tmp_path / "labels.npy")!r}
np.save(path, np.ones((4000, 1000), np.uint8))
labels = open_labels(path)
os.truncate(path, 128)
image = np.zeros((4000, 1000, 3), np.uint8)
try:
    dde.inspect(image, image, regions=[Region("logo", labels=labels)])
except dde.ImageFileError as error:
    print(error)
""")
    assert said.endswith("labels.npy was changed while it was read")


def test_label_images_of_tiff(tmp_path: Path) -> None:
    labels = np.arange(600, dtype=np.uint32).reshape(20, 30) * 100_000
    tifffile.imwrite(tmp_path / "labels.tif", labels, compression="zlib", rowsperstrip=3)
    assert np.array_equal(open_labels(tmp_path / "labels.tif"), labels)


KINDS = "a pipe", "a folder"


def test_a_label_image_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    Image.new("RGB", (2, 2)).save(tmp_path / "colours.png")
    (tmp_path / "broken.png").write_bytes(b"no image")
    (tmp_path / "broken.npy").write_bytes(b"no array")
    np.save(tmp_path / "objects.npy", np.array([None, {}]))
    os.mkfifo(tmp_path / "pipe.npy")
    os.mkfifo(tmp_path / "pipe.png")
    (tmp_path / "folder.png").mkdir()
    tifffile.imwrite(tmp_path / "colours.tif", np.zeros((2, 2, 3), np.uint8))
    np.save(tmp_path / "sides.npy", np.zeros((5, 1), int))
    content = (tmp_path / "sides.npy").read_bytes()
    (tmp_path / "sides.npy").write_bytes(content.replace(b"(5, 1)", b"(5, T)"))
    accepted = r"; \.npy, PNG, BMP, GIF, JPEG and TIFF files of a single channel are accepted"
    unlike = "is damaged, cut short or of an unknown kind \\(.+\\)"
    pipe, folder = (rf"cannot be opened \({kind}, not a regular file\)" for kind in KINDS)
    for name, reason in (
        ("colours.png", "holds RGB pixels; a single channel is accepted"),
        ("broken.png", "cannot be read as an image of at least 1 pixel" + accepted),
        ("missing.png", "does not exist" + accepted),
        ("broken.npy", unlike + accepted),
        ("sides.npy", unlike + accepted),
        ("missing.npy", "does not exist" + accepted),
        ("objects.npy", "holds Python objects, which are not read"),
        ("pipe.npy", pipe + accepted),
        ("pipe.png", pipe + accepted),
        ("folder.png", folder + accepted),
        ("colours.tif", "is not an image of a single channel"),
    ):
        with pytest.raises(dde.ImageFileError, match=f"^the label image .*{name} {reason}$"):
            open_labels(tmp_path / name)


def test_a_covered_region_is_named() -> None:
    image = np.zeros((HEIGHT, WIDTH, 3), np.uint8)
    regions = {"logo": (2, 2, 3, 3), "frame": (1, 1, 6, 6)}
    with pytest.raises(ValueError, match=r"^region 'logo' is empty: .* cover it"):
        dde.inspect(image, image, regions=regions)
    no_such_label = Region("date", labels=np.zeros((HEIGHT, WIDTH), np.uint8), value=3)
    with pytest.raises(ValueError, match=r"^region 'date' is empty: no pixel has its label"):
        dde.inspect(image, image, regions=[no_such_label])


# ---- On a command line ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "box"),
    [
        ("logo=120,80,300,200", "logo", (120, 80, 300, 200)),
        ("a = b =0, 0, 1, 2", "a = b", (0, 0, 1, 2)),
        ("best-before date=-1,0,5,5", "best-before date", (-1, 0, 5, 5)),
    ],
)
def test_a_box_as_a_text(text: str, name: str, box: tuple[int, ...]) -> None:
    assert region_of_text(text) == Region(name, box=box)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    ["", "logo", "logo=", "logo=1,2,3", "logo=1,2,3,4,5", "logo=1,2,3,x", "=1,2,3,4", "1,2,3,4"],
)
def test_what_is_no_box_as_a_text(text: str) -> None:
    with pytest.raises(
        ValueError, match=r"must be written as name=x,y,width,height, in whole"
    ) as e:
        region_of_text(text)
    assert str(e.value).startswith(f"region {text!r} ")


def test_a_name_that_no_region_has() -> None:
    with pytest.raises(ValueError, match="a region's name must be"):
        region_of_text("elsewhere=1,2,3,4")
