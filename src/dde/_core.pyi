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

class DifferenceKernel: ...

class FormulaKernel(DifferenceKernel):
    def __init__(self, name: str, **factors: float) -> None: ...

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
        finish: tuple[str, np.ndarray] | None = ...,
    ) -> None: ...

def margin_of(bank: FilterBank, shift: int, slack: float) -> int: ...
def map_of_pictures(
    kernel: DifferenceKernel,
    bank: FilterBank,
    reference: ArrayLike,
    sample: ArrayLike,
    spaces: tuple[str, str],
    conversions: tuple[tuple[tuple[str, np.ndarray], ...], ...],
    shift: int,
    slack: float,
    reverse: bool,
    clip: bool,
    out: np.ndarray | None,
    rows: tuple[int, int, int, int] | None = ...,
) -> np.ndarray: ...
def convert(
    conversion: str,
    colours: ArrayLike,
    name: str,
    parameters: np.ndarray,
    out: np.ndarray | None,
) -> Any: ...
def convert_srgb(
    conversion: str,
    rgb: ArrayLike,
    name: str,
    parameters: np.ndarray,
    clip: bool,
    out: np.ndarray | None,
) -> Any: ...
def difference(
    kernel: DifferenceKernel, lab1: ArrayLike, lab2: ArrayLike, out: np.ndarray | None
) -> Any: ...
def difference_of_images(
    kernel: DifferenceKernel,
    reference: ArrayLike,
    sample: ArrayLike,
    srgb_to_lab: np.ndarray,
    reverse: bool,
    clip: bool,
    out: np.ndarray | None,
) -> np.ndarray: ...
def tally(
    kernel: DifferenceKernel,
    reference: ArrayLike,
    sample: ArrayLike,
    spaces: tuple[str, str],
    parameters: tuple[np.ndarray | None, np.ndarray | None],
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
) -> None: ...
