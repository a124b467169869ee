"""The benchmarks. The first line of each is the title of its table."""

from collections.abc import Callable

from arrays import (
    HUNDRED_MILLION,
    MILLION,
    NETWORK_PIXELS,
    SPECTRA,
    TEN_MILLION,
    TWELVE_MILLION,
    arrays_for,
)
from cases import ONE_TWO_AND_ALL, POWERS_OF_TWO, Case, rows, table

DIFFERENCES = ("ciede2000", "cie76", "cie94", "cmc", "hyab")
CONVERSIONS = ("xyz_to_lab", "lab_to_xyz", "xyz_to_oklab")
SPACES = ("cam16_ucs", "jzazbz", "spectra_to_lab", "itp_from_pq")
MAPS_OF_SPACES = ("map_ciede2000", "map_display_p3", "map_camera")
MAPS = ("map_ciede2000", "map_deep", "map_cie76")
MAPS_OF_PICTURES = ("map_ciede2000", "map_viewing", "map_shift", "map_edges", "map_flip")
INSPECTIONS = ("inspect", "inspect_and_keep_map")
FLOATS = ("float32", "float64")
SIZES = (1, 100, 1000, 10_000, 100_000, MILLION, TEN_MILLION, HUNDRED_MILLION)
IMAGES = (MILLION, TWELVE_MILLION)

Measure = Callable[..., None]


def _run(case: Case, measure: Measure) -> None:
    measure(*arrays_for(case.row.task, case.row.type, case.row.pixels))


@table(rows(DIFFERENCES, FLOATS, [MILLION]))
def bench_differences(case: Case, measure: Measure) -> None:
    """Differences between Lab colours"""
    _run(case, measure)


@table(
    rows(CONVERSIONS, FLOATS, [MILLION]),
    rows(["srgb_to_lab"], ["uint8"], [MILLION]),
    rows(["xyz_to_lab_out"], ["float32"], [MILLION, TWELVE_MILLION]),
)
def bench_conversions(case: Case, measure: Measure) -> None:
    """Conversions of colours"""
    _run(case, measure)


@table(rows(SPACES, ["float32"], [SPECTRA], [1]))
def bench_spaces(case: Case, measure: Measure) -> None:
    """Colour spaces"""
    _run(case, measure)


@table(rows(MAPS_OF_SPACES, ["uint8"], IMAGES, [1]), unit="ms")
def bench_maps_of_spaces(case: Case, measure: Measure) -> None:
    """Maps of two photographs, taken to be of several spaces"""
    _run(case, measure)


@table(rows(MAPS, ["uint8"], IMAGES, ONE_TWO_AND_ALL), unit="ms")
def bench_maps(case: Case, measure: Measure) -> None:
    """Maps of two photographs"""
    _run(case, measure)


@table(rows(MAPS_OF_PICTURES, ["uint8"], [MILLION], [1]), unit="ms")
def bench_maps_of_pictures(case: Case, measure: Measure) -> None:
    """Maps of two photographs, as they are seen"""
    _run(case, measure)


@table(rows(INSPECTIONS, ["uint8"], IMAGES, ONE_TWO_AND_ALL), unit="ms")
def bench_inspections(case: Case, measure: Measure) -> None:
    """Inspections of two photographs"""
    _run(case, measure)


@table(
    rows(["deep"], ["float32"], [MILLION], ONE_TWO_AND_ALL),
    rows(["siamese", "siamese_to_one"], ["float32"], [NETWORK_PIXELS], ONE_TWO_AND_ALL),
)
def bench_networks(case: Case, measure: Measure) -> None:
    """Learned differences"""
    _run(case, measure)


@table(rows(["tensor_ciede2000", "tensor_ciede2000_gradient"], ["float32"], [MILLION], [1]))
def bench_tensors(case: Case, measure: Measure) -> None:
    """CIEDE2000 of tensors, and with its gradient"""
    _run(case, measure)


@table(rows(["ciede2000"], ["float32"], SIZES), peers_up_to=MILLION)
def bench_sizes(case: Case, measure: Measure) -> None:
    """CIEDE2000 on arrays of any size"""
    _run(case, measure)


@table(rows(["xyz_to_lab", "deep"], ["float32"], SIZES[:-1], [1]), peers_up_to=0)
def bench_sizes_of_others(case: Case, measure: Measure) -> None:
    """Other kernels on arrays of any size"""
    _run(case, measure)


@table(
    rows(["ciede2000", "xyz_to_lab", "deep"], ["float32"], [MILLION], POWERS_OF_TWO),
    rows(["map_ciede2000"], ["uint8"], IMAGES, POWERS_OF_TWO),
    peers_up_to=0,
)
def bench_threads(case: Case, measure: Measure) -> None:
    """By the number of threads"""
    _run(case, measure)


@table(rows(["call_on_one_pair"], FLOATS, [1], [1]), unit="µs")
def bench_calls(case: Case, measure: Measure) -> None:
    """The cost of a call"""
    lab1, lab2 = arrays_for(case.row.task, case.row.type, 1)
    measure(lab1[0, 0], lab2[0, 0])
