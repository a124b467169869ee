"""The benchmarks. The first line of each is the title of its table."""

from collections.abc import Callable

import numpy as np
from arrays import (
    HUNDRED_MILLION,
    MILLION,
    NETWORK_PIXELS,
    SPECTRA,
    TWELVE_MILLION,
    codes,
    colours,
    lab_pairs,
    photographs,
    spectra,
)
from cases import ONE_TWO_AND_ALL, Case, rows, table

DIFFERENCES = ("ciede2000", "cie76", "cie94", "cmc", "hyab")
CONVERSIONS = ("xyz_to_lab", "lab_to_xyz", "xyz_to_oklab")
SPACES = ("cam16_ucs", "jzazbz", "spectra_to_lab")
MAPS_OF_SPACES = ("map_ciede2000", "map_display_p3", "map_camera")
MAPS = ("map_ciede2000", "map_deep", "map_cie76")
INSPECTIONS = ("inspect", "inspect_and_keep_map")
FLOATS = ("float32", "float64")
SIZES = (1, 100, 10_000, MILLION, HUNDRED_MILLION)

Measure = Callable[..., None]


@table(rows(DIFFERENCES, FLOATS, [MILLION]))
def bench_differences(case: Case, measure: Measure) -> None:
    """Differences between Lab colours"""
    measure(*lab_pairs(case.row.type, case.row.pixels))


@table(
    rows(CONVERSIONS, FLOATS, [MILLION]),
    rows(["srgb_to_lab"], ["uint8"], [MILLION]),
    rows(["xyz_to_lab_out"], ["float32"], [MILLION, TWELVE_MILLION]),
)
def bench_conversions(case: Case, measure: Measure) -> None:
    """Conversions of colours"""
    source, _, target = case.row.task.partition("_to_")
    image = colours(source, case.row.type, case.row.pixels)
    out = [np.empty_like(image)] if target.endswith("_out") else []
    measure(image, *out)


@table(rows([*SPACES, "itp_from_pq"], ["float32"], [SPECTRA], [1]))
def bench_spaces(case: Case, measure: Measure) -> None:
    """Colour spaces"""
    if case.row.task == "spectra_to_lab":
        measure(spectra(case.row.type))
    elif case.row.task == "itp_from_pq":
        measure(*codes(case.row.type))
    else:
        measure(colours("xyz", case.row.type, case.row.pixels))


@table(rows(MAPS_OF_SPACES, ["uint8"], [TWELVE_MILLION], [1]), unit="ms")
def bench_maps_of_spaces(case: Case, measure: Measure) -> None:
    """Maps of two photographs, taken to be of several spaces"""
    measure(*photographs())


@table(rows(MAPS, ["uint8"], [TWELVE_MILLION], ONE_TWO_AND_ALL), unit="ms")
def bench_maps(case: Case, measure: Measure) -> None:
    """Maps of two photographs"""
    measure(*photographs())


@table(rows(INSPECTIONS, ["uint8"], [TWELVE_MILLION], ONE_TWO_AND_ALL), unit="ms")
def bench_inspections(case: Case, measure: Measure) -> None:
    """Inspections of two photographs"""
    measure(*photographs())


@table(
    rows(["deep"], ["float32"], [MILLION], ONE_TWO_AND_ALL),
    rows(["siamese", "siamese_to_one"], ["float32"], [NETWORK_PIXELS], ONE_TWO_AND_ALL),
)
def bench_networks(case: Case, measure: Measure) -> None:
    """Learned differences"""
    lab1, lab2 = lab_pairs(case.row.type, case.row.pixels)
    measure(lab1, lab2[0, 0] if case.row.task.endswith("_to_one") else lab2)


@table(rows(["ciede2000"], ["float32"], SIZES), peers_up_to=MILLION)
def bench_sizes(case: Case, measure: Measure) -> None:
    """CIEDE2000 on arrays of any size"""
    measure(*lab_pairs(case.row.type, case.row.pixels))


@table(rows(["call_on_one_pair"], FLOATS, [1], [1]), unit="µs")
def bench_calls(case: Case, measure: Measure) -> None:
    """The cost of a call"""
    lab1, lab2 = lab_pairs(case.row.type, 1)
    measure(lab1[0, 0], lab2[0, 0])
