"""The speeds that dde promises, and whether this run found them. Nothing fails if it did not."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import isnan, nan

from arrays import MILLION, NETWORK_PIXELS, SPECTRA, TEN_MILLION, TWELVE_MILLION
from cases import Row
from networks import SIAMESE_PAIR
from peak import fma_peak
from report import Results
from tables import aligned, short

from dde import _core

# The promises of speed are made for AVX-512, half of them for AVX2, none for less.
SHARE = {"x86-64-v4": 1, "x86-64-v3": 0.5}


@dataclass(frozen=True)
class Promise:
    text: str
    limit: float
    found: Callable[[Results], float]
    for_all: bool = False  # the same on every instruction set
    at_most: bool = False
    unit: str = "×"

    def line(self, results: Results, instruction_set: str) -> list[str]:
        """What is promised, what was measured, and whether that is enough."""
        found = self.found(results)
        limit = self.limit * (1 if self.for_all else SHARE.get(instruction_set, nan))
        bound = "at most" if self.at_most else "at least"
        promised = "–" if isnan(limit) else f"{bound} {self._shown(limit)}"
        if isnan(found) or isnan(limit):
            return [self.text, promised, self._shown(found), "–"]
        met = found <= limit if self.at_most else found >= limit
        return [self.text, promised, self._shown(found), "yes" if met else "no"]

    def _shown(self, value: float) -> str:
        return "not measured" if isnan(value) else f"{short(value)}{self.unit}"


def faster(row: Row, peer: str, results: Results) -> float:
    """How many times as fast we are as a peer."""
    return results.time(row, peer) / results.time(row)


def scaled(slow: Row, fast: Row, results: Results, peer: str = "dde") -> float:
    """How many times as fast we are on one row as we, or a peer, on another."""
    return results.rate(fast) / results.rate(slow, peer)


def share_of_peak(row: Row, results: Results) -> float:
    """Of the multiply-adds that one core can do, how many the Siamese network does."""
    return 2e-9 * SIAMESE_PAIR * results.rate(row) / fma_peak()


def cost_of_a_call(row: Row, results: Results) -> float:
    return 1e6 * (results.time(row) - results.time(row, "yardstick"))


def beyond(row: Row, results: Results) -> float:
    """How many times as long we take as the yardstick."""
    return results.time(row) / results.time(row, "yardstick")


def _row(task: str, type_: str = "float32", pixels: int = MILLION, threads: int = 1) -> Row:
    return Row(task, type_, pixels, threads)


CIEDE2000, CIEDE2000_64 = _row("ciede2000"), _row("ciede2000", "float64")
PAIRS_ALONE = _row("ciede2000", pixels=TEN_MILLION)
LAB, LAB_64 = _row("xyz_to_lab"), _row("xyz_to_lab", "float64")
LAB_IN_CACHE = _row("xyz_to_lab_out")
LAB_IN_MEMORY = _row("xyz_to_lab_out", pixels=TWELVE_MILLION)
MAP = _row("map_ciede2000", "uint8", TWELVE_MILLION)
MAP_BY_TWO = _row("map_ciede2000", "uint8", TWELVE_MILLION, threads=2)
INSPECTION = _row("inspect", "uint8", TWELVE_MILLION)
INSPECTION_BY_TWO = _row("inspect", "uint8", TWELVE_MILLION, threads=2)
MAP_DEEP = _row("map_deep", "uint8", TWELVE_MILLION)
DEEP = _row("deep")
NETWORK = _row("siamese", pixels=NETWORK_PIXELS)
NETWORK_TO_ONE = _row("siamese_to_one", pixels=NETWORK_PIXELS)
NETWORK_BY_TWO = _row("siamese", pixels=NETWORK_PIXELS, threads=2)
TENSORS, TENSORS_BACK = _row("tensor_ciede2000"), _row("tensor_ciede2000_gradient")
ONE_PAIR = _row("call_on_one_pair", pixels=1)
CAM16, JZAZBZ, ITP, OF_SPECTRA = (
    _row(task, pixels=SPECTRA) for task in ("cam16_ucs", "jzazbz", "itp_from_pq", "spectra_to_lab")
)
MAP_P3 = _row("map_display_p3", "uint8", TWELVE_MILLION)
MAP_CAMERA = _row("map_camera", "uint8", TWELVE_MILLION)

PROMISES = [
    Promise("CIEDE2000 against scikit-image", 55, partial(faster, CIEDE2000, "scikit-image")),
    Promise("CIEDE2000 against libvips", 25, partial(faster, CIEDE2000, "libvips")),
    Promise("XYZ to Lab against scikit-image", 15, partial(faster, LAB, "scikit-image")),
    Promise("XYZ to Lab against copying, 1 million", 0.5,
            partial(faster, LAB_IN_CACHE, "yardstick")),
    Promise("XYZ to Lab against copying, 12 million", 0.5,
            partial(faster, LAB_IN_MEMORY, "yardstick")),
    Promise("12-megapixel map against scikit-image", 45, partial(faster, MAP, "scikit-image")),
    Promise("12-megapixel map against libvips", 12, partial(faster, MAP, "libvips")),
    Promise("12-megapixel map, a pixel against a pair of 10 million", 1.35,
            partial(scaled, MAP, PAIRS_ALONE), for_all=True, at_most=True),
    Promise("12-megapixel map, two threads against one", 1.8, partial(scaled, MAP, MAP_BY_TWO),
            for_all=True),
    Promise("an inspection against the map alone", 1.3, partial(beyond, INSPECTION),
            for_all=True, at_most=True),
    Promise("an inspection against the map alone, two threads", 1.3,
            partial(beyond, INSPECTION_BY_TWO), for_all=True, at_most=True),
    Promise("CIEDE2000, float64 against float32", 0.25, partial(scaled, CIEDE2000, CIEDE2000_64),
            for_all=True),
    Promise("XYZ to Lab, float64 against float32", 0.25, partial(scaled, LAB, LAB_64),
            for_all=True),
    Promise("deep against scikit-image's CIEDE2000", 14,
            partial(scaled, CIEDE2000, DEEP, peer="scikit-image")),
    Promise("deep against the Siamese network", 10, partial(scaled, NETWORK, DEEP)),
    Promise("12-megapixel map, deep against CIEDE2000", 1 / 3, partial(scaled, MAP, MAP_DEEP)),
    Promise("the Siamese network against torch", 2.4, partial(faster, NETWORK, "torch")),
    Promise("the Siamese network against NumPy", 7, partial(faster, NETWORK, "NumPy")),
    Promise("the Siamese network, against one colour", 1.4,
            partial(scaled, NETWORK, NETWORK_TO_ONE), for_all=True),
    Promise("the Siamese network, two threads against one", 1.8,
            partial(scaled, NETWORK, NETWORK_BY_TWO), for_all=True),
    Promise("the Siamese network, share of the FMA peak", 0.8,
            partial(share_of_peak, NETWORK), for_all=True),
    Promise("CIEDE2000 of tensors against torch", 15, partial(faster, TENSORS, "torch")),
    Promise("CIEDE2000 of tensors with its gradient against torch", 8,
            partial(faster, TENSORS_BACK, "torch")),
    Promise("a call on one pair, beyond numpy.add", 3, partial(cost_of_a_call, ONE_PAIR),
            for_all=True, at_most=True, unit=" µs"),
    Promise("CAM16-UCS against colour-science", 25, partial(faster, CAM16, "colour-science")),
    Promise("ΔE ITP of PQ against colour-science", 15, partial(faster, ITP, "colour-science")),
    Promise("Jzazbz against colour-science", 15, partial(faster, JZAZBZ, "colour-science")),
    Promise("spectra to Lab against NumPy and colour-science", 10,
            partial(faster, OF_SPECTRA, "colour-science")),
    Promise("a map of Display P3 against one of sRGB", 1.1, partial(scaled, MAP_P3, MAP),
            for_all=True, at_most=True),
    Promise("a map of a root-polynomial camera against one of sRGB", 1.6,
            partial(scaled, MAP_CAMERA, MAP), for_all=True, at_most=True),
]  # fmt: skip


def lines(results: Results) -> list[list[str]]:
    """A table, with its header."""
    found = [promise.line(results, _core.instruction_set) for promise in PROMISES]
    return [["one thread, float32", "promised", "measured", "met"], *found]


def table(results: Results) -> list[str]:
    return aligned(lines(results), "<>><")
