"""The benchmarks. The first line of each is the title of its table."""

from collections.abc import Callable

import numpy as np
from arrays import HEIGHT, HUNDRED_MILLION, MILLION, WIDTH, lab_pairs, photographs, srgb, xyz
from cases import ONE_TWO_AND_ALL, Case, table

DIFFERENCES = ("ciede2000", "cie76", "cie94", "cmc", "hyab")
FLOATS = ("float32", "float64")

Measure = Callable[..., None]


@table(DIFFERENCES, FLOATS, [MILLION])
def bench_differences(case: Case, measure: Measure) -> None:
    """Differences of pairs of Lab colours"""
    measure(*lab_pairs(case.row.type, case.row.pixels))


@table(["xyz_to_lab", "xyz_to_oklab"], FLOATS, [MILLION])
def bench_conversions_of_xyz(case: Case, measure: Measure) -> None:
    """Conversions of XYZ, into a new array"""
    scale = getattr(case.peer, "Y_OF_WHITE", 1)
    measure(xyz(case.row.type, case.row.pixels) * case.row.type_of(scale))


@table(["xyz_to_lab_out"], FLOATS, [MILLION])
def bench_conversions_in_place(case: Case, measure: Measure) -> None:
    """The same into an array that is there, against copying the same bytes"""
    colours = xyz(case.row.type, case.row.pixels)
    measure(colours, np.empty_like(colours))


@table(["lab_to_xyz"], FLOATS, [MILLION])
def bench_conversions_of_lab(case: Case, measure: Measure) -> None:
    """Conversions of Lab"""
    measure(lab_pairs(case.row.type, case.row.pixels)[0])


@table(["srgb_to_lab"], ["uint8"], [MILLION])
def bench_conversions_of_srgb(case: Case, measure: Measure) -> None:
    """Conversions of 8-bit sRGB"""
    measure(srgb(case.row.pixels))


@table(["map_ciede2000", "map_cie76"], ["uint8"], [HEIGHT * WIDTH], ONE_TWO_AND_ALL, unit="ms")
def bench_maps(case: Case, measure: Measure) -> None:
    """Maps of two 8-bit photographs"""
    measure(*photographs())


@table(["ciede2000"], ["float32"], [1, 100, 10_000, MILLION, HUNDRED_MILLION], peers_up_to=MILLION)
def bench_sizes(case: Case, measure: Measure) -> None:
    """CIEDE2000 on arrays of any size"""
    measure(*lab_pairs(case.row.type, case.row.pixels))


@table(["call_on_one_pair"], FLOATS, [1], [1], unit="µs")
def bench_calls(case: Case, measure: Measure) -> None:
    """A call on one pair of shape (3,), against numpy.add on the same arrays"""
    lab1, lab2 = lab_pairs(case.row.type, 1)
    measure(lab1[0, 0], lab2[0, 0])
