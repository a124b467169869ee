"""The mask of a masked array is honoured where images are taken, and refused elsewhere."""

import dask.array
import numpy as np
import pytest

import dde
import dde.dask

IMAGE = np.full((6, 5, 3), 100, np.uint8)
SPOILT = IMAGE.copy()
SPOILT[2, 3] = 255
HIDDEN = np.zeros((6, 5), bool)
HIDDEN[2, 3] = True


def masked(image):
    mask = np.zeros(image.shape, bool)
    mask[2, 3, 1] = True  # one channel is enough
    return np.ma.masked_array(image, mask)


def test_mask_of_an_image():
    source = dde.open_image(masked(SPOILT))
    np.testing.assert_array_equal(source.read_mask(0, 6), ~HIDDEN)
    np.testing.assert_array_equal(source.read_mask(2, 3), ~HIDDEN[2:3])
    assert source.provenance["mask"] == "of a masked array"
    assert dde.open_image(np.ma.masked_array(IMAGE)).read_mask is None


def test_mask_and_alpha():
    rgba = np.dstack([SPOILT, np.full((6, 5), 255, np.uint8)])
    rgba[0, 0, 3] = 0
    expected = ~HIDDEN
    expected[0, 0] = False
    np.testing.assert_array_equal(dde.open_image(masked(rgba)).read_mask(0, 6), expected)


@pytest.mark.parametrize("pair", [(IMAGE, masked(SPOILT)), (masked(IMAGE), SPOILT)])
def test_what_is_masked_is_not_counted(pair):
    found = dde.inspect(*pair)
    assert (found.overall.count, found.overall.maximum) == (29, 0)
    assert dde.inspect(IMAGE, SPOILT).overall.maximum > 10


def test_dask():
    """Blocks of masked arrays, as an image and as an inspection of dask arrays."""
    blocks = dask.array.from_array(masked(SPOILT), chunks=(2, 5, 3), asarray=False)
    np.testing.assert_array_equal(dde.open_image(blocks).read_mask(0, 6), ~HIDDEN)
    found = dde.dask.inspect(dask.array.from_array(IMAGE, chunks=(3, 5, 3)), blocks)
    assert (found.overall.count, found.overall.maximum) == (29, 0)


def test_plain_functions_refuse():
    lab = np.ma.masked_array(np.full((4, 3), 50.0), False)
    for function, arguments, name in [
        (dde.ciede2000, (lab, lab.data), "lab1"),
        (dde.cie76, (lab.data, lab), "lab2"),
        (dde.deep_delta_e, (lab, lab.data), "lab1"),
        (dde.xyz_to_lab, (lab,), "xyz"),
        (dde.srgb_to_lab, (lab,), "rgb"),
        (dde.delta_e_map, (masked(IMAGE), IMAGE), "reference"),
    ]:
        with pytest.raises(TypeError, match=f"^{name} is a masked array, whose mask would be lost"):
            function(*arguments)
    assert np.isnan(dde.cie76(np.ma.masked_equal(lab.data, 50).filled(np.nan), lab.data)).all()
    rows = [np.ma.masked_array([50.0, 0.0, 0.0], True), [50.0, 0.0, 0.0]]
    for given in (rows, [rows], (tuple(rows),), [[50.0, 0.0, np.ma.masked]]):
        with pytest.raises(TypeError, match=r"^lab1 is a masked array, whose mask would be lost"):
            dde.ciede2000(given, [50.0, 0.0, 0.0])


def test_masks_and_label_images_are_not_masked():
    mask = np.ma.masked_array(np.ones((6, 5), bool), HIDDEN)
    for given, name in [
        ({"mask": mask}, "mask"),
        ({"regions": {"logo": mask}}, "the label image of region 'logo'"),
    ]:
        with pytest.raises(TypeError, match=f"^{name} is a masked array, whose mask would be lost"):
            dde.inspect(IMAGE, SPOILT, **given)
    blocks = dask.array.from_array(mask, chunks=(2, 5), asarray=False)
    with pytest.raises(TypeError, match=r"^mask is a masked array"):
        dde.dask.inspect(dask.array.from_array(IMAGE), dask.array.from_array(SPOILT), mask=blocks)


def test_lists_of_masked_rows():
    """NumPy would make a plain array of them."""
    for given in (list(masked(IMAGE)), [list(row) for row in masked(IMAGE)], tuple(masked(IMAGE))):
        for pair, name in (((given, IMAGE), "reference"), ((IMAGE, given), "sample")):
            with pytest.raises(TypeError, match=f"^{name} is a masked array, whose mask would be"):
                dde.inspect(*pair)
    assert dde.inspect(list(IMAGE), list(IMAGE)).overall.count == 30
