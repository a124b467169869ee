"""dde takes part in dask, xarray and pickle without an adapter of its own."""

import pickle
from collections.abc import Callable

import numpy as np
import pytest

import dde

FUNCTIONS = [getattr(dde, name) for name in dde.__all__ if callable(getattr(dde, name))]


def lab(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return rng.uniform([0, -80, -80], [100, 80, 80], (60, 70, 3)).astype(np.float32)


def photo(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 255, (60, 70, 3), dtype=np.uint8)


# ---- dask ---------------------------------------------------------------------------------

CHUNKS = [(60, 70, 3), (16, 70, 3), (17, 23, 3)]


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
@pytest.mark.parametrize("scheduler", ["threads", "synchronous"])
@pytest.mark.parametrize("difference", [dde.ciede2000, dde.deep_delta_e])
def test_dask_gufunc(difference: Callable, chunks: tuple[int, ...], scheduler: str) -> None:
    da = pytest.importorskip("dask.array")
    lab1, lab2 = (da.from_array(array, chunks=chunks) for array in (lab(1), lab(2)))
    lazy = da.apply_gufunc(difference, "(c),(c)->()", lab1, lab2, output_dtypes=np.float32)
    assert lazy.chunks == lab1.chunks[:2]
    computed = lazy.compute(scheduler=scheduler)
    np.testing.assert_array_equal(computed, difference(lab(1), lab(2)), strict=True)


def test_dask_gufunc_with_factors_and_a_single_colour() -> None:
    da = pytest.importorskip("dask.array")
    lab1, colour = da.from_array(lab(1), chunks=(16, 16, 3)), lab(2)[0, 0]
    lazy = da.apply_gufunc(dde.cmc, "(c),(c)->()", lab1, colour, output_dtypes=np.float32, l=1)
    np.testing.assert_array_equal(lazy.compute(), dde.cmc(lab(1), colour, l=1), strict=True)


def test_dask_conversion() -> None:
    da = pytest.importorskip("dask.array")
    xyz = da.from_array(np.abs(lab(1)) / 100, chunks=(16, 16, 3))
    lazy = xyz.map_blocks(dde.xyz_to_lab, white="A", dtype=np.float32)
    np.testing.assert_array_equal(lazy.compute(), dde.xyz_to_lab(xyz.compute(), "A"), strict=True)


@pytest.mark.parametrize("chunks", CHUNKS, ids=str)
def test_dask_map_blocks(chunks: tuple[int, ...]) -> None:
    da = pytest.importorskip("dask.array")
    first, second = (da.from_array(array, chunks=chunks) for array in (photo(1), photo(2)))
    lazy = da.map_blocks(dde.delta_e_map, first, second, "CIE94", drop_axis=2, dtype=np.float32)
    assert lazy.shape == (60, 70)
    expected = dde.delta_e_map(photo(1), photo(2), "CIE94")
    np.testing.assert_array_equal(lazy.compute(), expected, strict=True)


def test_dask_map_overlap() -> None:
    """A map that is smoothed needs its neighbours' pixels at the seams of the chunks."""
    da = pytest.importorskip("dask.array")

    def smoothed(first: np.ndarray, second: np.ndarray) -> np.ndarray:
        padded = np.pad(dde.delta_e_map(first, second), 1, mode="edge").astype(np.float64)
        windows = np.lib.stride_tricks.sliding_window_view(padded, (3, 3))
        return windows.mean(axis=(2, 3))

    first, second = (da.from_array(array, chunks=(17, 23, 3)) for array in (photo(1), photo(2)))
    depth = {0: 2, 1: 2, 2: 0}
    lazy = da.map_overlap(
        smoothed, first, second, depth=depth, boundary="none", drop_axis=2, dtype=np.float64
    )
    np.testing.assert_allclose(lazy.compute(), smoothed(photo(1), photo(2)), rtol=1e-12)


# ---- xarray -------------------------------------------------------------------------------


def as_data_array(array: np.ndarray):
    xarray = pytest.importorskip("xarray")
    return xarray.DataArray(
        array,
        dims=("y", "x", "c"),
        coords={"y": np.linspace(0, 6, 60), "x": np.linspace(0, 7, 70), "c": list("Lab")},
        name="scan",
    )


def test_xarray() -> None:
    xarray = pytest.importorskip("xarray")
    lab1, lab2 = as_data_array(lab(1)), as_data_array(lab(2))
    difference = xarray.apply_ufunc(dde.ciede2000, lab1, lab2, input_core_dims=[["c"], ["c"]])
    assert difference.dims == ("y", "x")
    for axis in ("y", "x"):
        xarray.testing.assert_equal(difference[axis], lab1[axis])
    np.testing.assert_array_equal(difference, dde.ciede2000(lab(1), lab(2)), strict=True)


def test_xarray_moves_the_axis_of_coordinates_last() -> None:
    xarray = pytest.importorskip("xarray")
    planes = as_data_array(lab(1)).transpose("c", "y", "x")
    colour = as_data_array(lab(2))[0, 0]
    difference = xarray.apply_ufunc(
        dde.ciede2000, planes, colour, input_core_dims=[["c"], ["c"]], kwargs={"kL": 2}
    )
    expected = dde.ciede2000(lab(1), lab(2)[0, 0], kL=2)
    np.testing.assert_array_equal(difference.transpose("y", "x"), expected)


def test_xarray_over_dask() -> None:
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("dask.array")
    lab1, lab2 = (as_data_array(lab(seed)).chunk(y=17, x=23) for seed in (1, 2))
    difference = xarray.apply_ufunc(
        dde.ciede2000,
        lab1,
        lab2,
        input_core_dims=[["c"], ["c"]],
        dask="parallelized",
        output_dtypes=[np.float32],
    )
    assert difference.chunks is not None
    computed = difference.compute()
    for axis in ("y", "x"):
        xarray.testing.assert_equal(computed[axis], lab1[axis])
    np.testing.assert_array_equal(computed, dde.ciede2000(lab(1), lab(2)), strict=True)


# ---- pickle -------------------------------------------------------------------------------


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda function: function.__name__)
def test_functions_can_be_pickled(function: Callable) -> None:
    assert pickle.loads(pickle.dumps(function)) is function
