"""The picture that ``dde compare --map`` draws: true to the map, and there whole or not at all."""

import os
import stat
import subprocess
import sys

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

import dde
from dde.command import main
from dde.command.picture import COLOUR_MAP, FORMATS, draw
from dde.images.source import SRGB
from dde.inspection import Scale, Statistics
from dde.inspection.pictures import LONG_SIDE, PictureTaker
from dde.report.drawing import top_of_scale


@pytest.fixture
def pair(tmp_path):
    paths = tmp_path / "reference.png", tmp_path / "sample.png"
    for path, grey in zip(paths, (100, 130), strict=True):
        Image.new("L", (40, 30), grey).save(path)
    return paths


def compare(*arguments):
    return main(["compare", *map(str, arguments)])


def reduced(differences):
    """The small pictures of a map, of images that do not matter."""
    taker = PictureTaker(differences.shape)
    colours = np.zeros((*differences.shape, 3), dtype=np.uint8)
    taker.add(0, colours, colours, differences)
    return taker.pictures((SRGB, SRGB))


def figure_of(differences, metric="CIEDE2000"):
    y, x = np.unravel_index(differences.argmax(), differences.shape)
    median, *percentiles = np.percentile(differences, [50, 90, 95, 99])
    statistics = Statistics(
        count=differences.size,
        not_finite=0,
        mean=differences.mean(),
        standard_deviation=differences.std(),
        median=median,
        percentile_90=percentiles[0],
        percentile_95=percentiles[1],
        percentile_99=percentiles[2],
        maximum=differences.max(),
        maximum_x=int(x),
        maximum_y=int(y),
        share_above={},
        mean_delta_L=0.0,
        mean_delta_C=0.0,
        mean_delta_H=0.0,
    )
    return draw(reduced(differences), metric, statistics)


def drawn(differences):
    """The figure of a map, and the dots of its map alone."""
    figure = figure_of(differences)
    figure.canvas.draw()
    page = np.asarray(figure.canvas.buffer_rgba())
    box = figure.axes[0].get_window_extent()
    rows = slice(len(page) - round(box.y1), len(page) - round(box.y0))
    return figure, page[rows, round(box.x0) : round(box.x1)]


# ---- What it shows ----------------------------------------------------------------------------


def test_each_pixel_is_a_square_in_its_colour():
    differences = np.array([[0, 1, 2], [3, 4, 5]], dtype=np.float32)
    _, dots = drawn(differences)
    assert dots.shape[:2] == (1000, 1500)
    expected = COLOUR_MAP(differences / 5, bytes=True)
    for row, column in np.ndindex(2, 3):  # all but the dots at the edges, where the frame lies
        square = dots[500 * row + 2 : 500 * row + 498, 500 * column + 2 : 500 * column + 498]
        assert (square == expected[row, column]).all()


@pytest.mark.parametrize("shape", [(1, 1), (3, 4), (700, 1500), (3000, 4000), (8000, 100)])
def test_the_aspect_is_that_of_the_image(shape):
    _, dots = drawn(np.zeros(shape, dtype=np.float32))
    height, width = dots.shape[:2]
    assert max(height, width) <= LONG_SIDE
    assert height * shape[1] / (width * shape[0]) == pytest.approx(1, rel=0.1)


def test_equal_images_are_black():
    _, dots = drawn(np.zeros((3, 4), dtype=np.float32))
    assert (dots[2:-2, 2:-2, :3] <= COLOUR_MAP(0.0, bytes=True)[:3]).all()


def test_what_exceeds_the_scale_is_white():
    differences = np.ones((100, 100), dtype=np.float32)
    differences[50, 50] = 40
    figure, dots = drawn(differences)
    assert dots[50 * 15 + 7, 50 * 15 + 7].tolist() == [255, 255, 255, 255]
    assert figure.axes[1].get_ylim() == (0, 2)


def test_the_scale_bar_names_the_metric():
    differences = np.ones((3, 3), dtype=np.float32)
    figure = figure_of(differences, "HyAB")
    assert figure.axes[1].get_ylabel() == "ΔE (HyAB)"


def test_the_headline_gives_the_gist():
    differences = np.array([[0, 1], [7, 0]], dtype=np.float32)
    title = figure_of(differences).axes[0].get_title(loc="left")
    assert "mean 2.00" in title
    assert "maximum 7.00 at x 0, y 1" in title


def test_the_axes_count_pixels():
    figure = figure_of(np.zeros((3000, 4000)))
    assert figure.axes[0].get_xlim() == (-0.5, 3999.5 + 2)  # the last block of 3 is not full
    assert figure.axes[0].get_ylim() == (2999.5, -0.5)
    assert "3 x 3 pixels" in figure.axes[0].get_xlabel(), "says what a dot stands for"


@pytest.mark.parametrize("shape", [(4001, 3003), (1, 100_000), (1501, 2)])
def test_the_smallest_defect_of_a_large_image_is_seen(shape):
    differences = np.zeros(shape, dtype=np.float32)
    differences[-1, -1] = 9
    pictures = reduced(differences)
    values = pictures.map
    assert max(values.shape) <= LONG_SIDE
    assert pictures.block * LONG_SIDE >= max(shape)
    assert values[-1, -1] == 9
    assert np.count_nonzero(values) == 1


@pytest.mark.parametrize(
    ("value", "top"),
    [(0, 2), (2, 2), (2.1, 5), (5.1, 10), (19, 20), (60, 100), (101, 200), (999, 500)],
)
def test_scales_are_few(value, top):
    assert top_of_scale(np.full((10, 10), value)) == top


def test_one_stray_pixel_in_a_thousand_does_not_set_the_scale():
    values = np.zeros(10_000)
    values[:10] = 100
    assert top_of_scale(values) == 2
    values[:12] = 100
    assert top_of_scale(values) == 100


# ---- How it is written ------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [*FORMATS, ".PNG"])
def test_formats(pair, tmp_path, suffix):
    path = tmp_path / f"map{suffix}"
    assert compare(*pair, "--map", path) == 0
    with Image.open(path) as picture:
        picture.load()
        assert picture.format.lower() == FORMATS[suffix.lower()]
        assert min(picture.size) > 300


def test_the_file_shows_the_map(pair, tmp_path):
    assert compare(*pair, "--map", tmp_path / "map.png") == 0
    difference = dde.delta_e_map(*(np.asarray(Image.open(p).convert("RGB")) for p in pair))[0, 0]
    colour = COLOUR_MAP(float(difference) / top_of_scale(difference), bytes=True)
    with Image.open(tmp_path / "map.png") as picture:
        assert picture.getpixel((picture.width // 2, picture.height // 2)) == colour


def test_an_older_map_is_replaced(pair, tmp_path):
    path = tmp_path / "map.png"
    path.write_bytes(b"old")
    assert compare(*pair, "--map", path) == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    assert sorted(tmp_path.iterdir()) == sorted([*pair, path])


@pytest.mark.skipif(os.name != "posix", reason="permissions and links of POSIX")
def test_the_file_has_ordinary_permissions_and_links_are_followed(pair, tmp_path):
    target, link = tmp_path / "target.png", tmp_path / "link.png"
    link.symlink_to(target)
    mask = os.umask(0o027)
    try:
        assert compare(*pair, "--map", link) == 0
    finally:
        os.umask(mask)
    assert link.is_symlink()
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def assert_refused(capsys, tmp_path, arguments, *words):
    """The comparison fails with one sentence, prints nothing and leaves the folder as it was."""
    before = {path: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()}
    assert compare(*arguments) == 2
    output, error = capsys.readouterr()
    assert output == ""
    assert error.count("\n") == 1
    for word in words:
        assert word in error
    assert {path: path.is_file() and path.read_bytes() for path in tmp_path.iterdir()} == before


@pytest.mark.parametrize("name", ["map", "map.bmp", "map.pdf", "map.png.txt"])
def test_unknown_suffix(pair, tmp_path, capsys, name):
    assert_refused(capsys, tmp_path, [*pair, "--map", tmp_path / name], "--map", name, ".png, .jpg")


def test_folder_that_is_missing(pair, tmp_path, capsys):
    path = tmp_path / "no" / "map.png"
    assert_refused(capsys, tmp_path, [*pair, "--map", path], "--map", str(path), "written")


def test_folder_in_the_place_of_the_map(pair, tmp_path, capsys):
    path = tmp_path / "map.png"
    path.mkdir()
    assert_refused(capsys, tmp_path, [*pair, "--map", path], "--map", str(path), "written")


def test_the_images_compared_are_never_overwritten(pair, tmp_path, capsys):
    for path in pair:
        assert_refused(capsys, tmp_path, [*pair, "--map", path], "--map", path.name, "compared")


def test_disk_that_fills_up(pair, tmp_path, capsys, monkeypatch):
    def fail(figure, file, **options):
        file.write(b"half of it")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Figure, "savefig", fail)
    (tmp_path / "map.png").write_bytes(b"old")
    arguments = [*pair, "--map", tmp_path / "map.png"]
    assert_refused(capsys, tmp_path, arguments, "--map", "map.png", "No space left")


def test_failed_comparison_leaves_the_older_map(pair, tmp_path, capsys):
    (tmp_path / "map.png").write_bytes(b"old")
    Image.new("L", (4, 3)).save(tmp_path / "small.png")
    arguments = [pair[0], tmp_path / "small.png", "--map", tmp_path / "map.png"]
    assert_refused(capsys, tmp_path, arguments, "sample", "4 x 3")


def test_pyplot_is_not_touched(pair, tmp_path):
    code = (
        "import sys; from dde.command import main; assert main() == 0; "
        "assert 'matplotlib.pyplot' not in sys.modules"
    )
    arguments = ["compare", *pair, "--map", tmp_path / "map.png"]
    subprocess.run([sys.executable, "-c", code, *map(str, arguments)], check=True)


def test_the_scale_of_flip_ends_at_1():
    flip = Scale("FLIP", 1.0)
    for value, top in ((0.1, 0.2), (0.3, 0.5), (0.7, 1), (1, 1)):
        assert top_of_scale(np.full((10, 10), value), flip) == top
    black = np.zeros((20, 30, 3), np.uint8)
    found = dde.inspect(black, black + np.uint8(90), metric="FLIP", keep_pictures=True)
    figure = draw(found.pictures, "FLIP", found.overall, found.scale)
    axes, bar = figure.axes
    assert bar.get_ylabel() == "FLIP"
    assert f"mean {found.overall.mean:.4f}" in axes.get_title(loc="left")
    assert found.overall.maximum > 0.5
    assert axes.images[0].get_clim() == (0, 1)
