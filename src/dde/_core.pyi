from collections.abc import Sequence
from contextvars import ContextVar
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

instruction_set: str
instruction_sets: tuple[str, ...]
openmp: bool
packed_outputs: int
most_units: int
most_threads: int
bins: int
bins_per_unit: int
context_threads: ContextVar[int | None]

def set_process_threads(n: int | None) -> None: ...
def get_threads() -> int: ...

class DifferenceKernel:
    has_components: bool

class FormulaKernel(DifferenceKernel):
    def __init__(self, name: str, **factors: float) -> None: ...

class ComponentsKernel(DifferenceKernel):
    def __init__(self, formula: FormulaKernel) -> None: ...

class NetworkKernel(DifferenceKernel):
    def __init__(
        self,
        name: str,
        layers: list[tuple[np.ndarray, np.ndarray]],
        constants: list[float],
        hidden: int,
        embedding: int,
    ) -> None: ...
    def embed(self, lab: ArrayLike) -> np.ndarray: ...

most_steps: int

class Way:
    coded: bool
    def __init__(self, steps: Sequence[tuple[str, ArrayLike]], coded: bool = False) -> None: ...

most_shift: int
most_radius: int
least_radius_down: int

class PictureKernel(DifferenceKernel):
    def __init__(self, name: str, parameters: list[float]) -> None: ...

class FilterBank:
    margin: int
    def __init__(
        self,
        lines: list[tuple[int, np.ndarray]] = ...,
        sums: list[tuple[int, int, np.ndarray]] = ...,
        reflected: bool = ...,
        finish: Way | None = ...,
    ) -> None: ...

def margin_of(bank: FilterBank, shift: int, slack: float) -> int: ...
def map_of_pictures(
    kernel: DifferenceKernel,
    bank: FilterBank,
    reference: ArrayLike,
    sample: ArrayLike,
    ways: tuple[Way, Way],
    shift: int,
    slack: float,
    reverse: bool,
    clip: bool,
    out: np.ndarray | None,
    rows: tuple[int, int, int, int] | None = ...,
) -> np.ndarray: ...

window: int

def shrunk(
    image: np.ndarray,
    way: Way,
    name: str,
    first_row: int,
    down: tuple[np.ndarray, np.ndarray],
    across: tuple[np.ndarray, np.ndarray],
) -> np.ndarray: ...
def distances_of_distributions(
    images: tuple[np.ndarray, np.ndarray], directions: np.ndarray
) -> tuple[np.ndarray, tuple[int, int]]: ...
def convert(
    way: Way,
    colours: ArrayLike,
    name: str,
    out: np.ndarray | None,
    clip: bool = False,
    may_clip: bool = True,
) -> np.ndarray: ...
def convert_spectra(
    spectra: ArrayLike, weights: np.ndarray, way: Way, out: np.ndarray | None
) -> np.ndarray: ...
def difference(
    kernel: DifferenceKernel,
    lab1: ArrayLike,
    lab2: ArrayLike,
    out: np.ndarray | None,
    way: Way | None = None,
    names: tuple[str, str] = ("lab1", "lab2"),
    clip: bool = False,
) -> Any: ...
def difference_gradient(
    kernel: DifferenceKernel,
    lab1: np.ndarray,
    lab2: np.ndarray,
    upstream: np.ndarray,
    gradient1: np.ndarray | None,
    gradient2: np.ndarray | None,
) -> None: ...
def conversion_gradient(
    conversion: str,
    colours: np.ndarray,
    parameters: np.ndarray,
    upstream: np.ndarray,
    gradient: np.ndarray,
) -> None: ...
def difference_of_images(
    kernel: DifferenceKernel,
    reference: ArrayLike,
    sample: ArrayLike,
    way: Way,
    reverse: bool,
    clip: bool,
    out: np.ndarray | None,
) -> np.ndarray: ...
def tally(
    kernel: DifferenceKernel,
    compared: Way,
    reference: ArrayLike,
    sample: ArrayLike,
    ways: tuple[Way, Way],
    labels: np.ndarray | None,
    thresholds: np.ndarray,
    first_pixel: int,
    clip: bool,
    out: np.ndarray | None,
    histogram: np.ndarray,
    counts: np.ndarray,
    sums: np.ndarray,
    peaks: np.ndarray,
    places: np.ndarray,
    given: bool = ...,
    scale: float = ...,
    limits: np.ndarray | None = ...,
) -> None: ...
