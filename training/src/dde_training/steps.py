"""Equal-step data: Munsell's colours, in series of steps that are meant to look alike."""

import re
from pathlib import Path

import dde
import numpy as np

from dde_training.data import Pairs
from dde_training.errors import DataError

FAMILIES = ("R", "YR", "Y", "GY", "G", "BG", "B", "PB", "P", "RP")
HEADING = ["h", "V", "C", "x", "y", "Y"]
HUE_STEP, VALUE_STEP, CHROMA_STEP = 2.5, 1.0, 2.0
# The book's own range: beyond it the renotation is extrapolated.
LEAST_VALUE, MOST_CHROMA = 2.0, 16.0
WHITE = 100 * np.asarray(dde.lab_to_xyz([100.0, 0.0, 0.0], "C"))
KINDS = ("value", "chroma", "hue")


def read_steps(file: Path) -> tuple[Pairs, np.ndarray]:
    """
    Read the steps between neighbours of Munsell's renotation, values 2 to 9 and chromas to 16.

    Parameters
    ----------
    file : pathlib.Path
        Text with the columns ``h V C x y Y``: Munsell's hue, value and chroma, and the
        chromaticity and luminance factor under illuminant C, as ``real.dat`` of the Rochester
        Institute of Technology.

    Returns
    -------
    Pairs
        A pair for each step. `Pairs.sets` is its kind, an index into `KINDS`; `Pairs.dv` how large
        it is meant to be, where a step of value, of 2 of chroma, and of 3 of hue at chroma 5 are
        1 (D. Nickerson, "The specification of color tolerances", Textile Research 6 (1936)).
    numpy.ndarray
        Shape (N,), int: the series that the step is of: the steps of value of one hue and chroma,
        those of chroma of one hue and value, and those of hue of one value and chroma.

    Raises
    ------
    DataError
        If it is not such a file.
    """
    steps, series = equal_steps(*_read(file))
    if not len(steps):
        raise DataError(f"{file}: has no two colours that are a step apart")
    return steps, series


def renotation() -> tuple[np.ndarray, np.ndarray]:
    """
    Munsell's renotation as colour-science has it, values 2 to 9 and chromas to 16.

    Returns
    -------
    numpy.ndarray
        Shape (N, 3): hue as a number from 0 to 100, value and chroma.
    numpy.ndarray
        Shape (N, 3): XYZ under illuminant C, Y = 100 for white.
    """
    # Imported here: colour-science takes a second.
    import colour

    rows = colour.MUNSELL_COLOURS["Munsell Colours Real"]
    return _kept([[_hue(hue), *rest, *map(float, xyY)] for (hue, *rest), xyY in rows])


def equal_steps(notation: np.ndarray, xyz: np.ndarray) -> tuple[Pairs, np.ndarray]:
    """Give the steps between neighbours, as `read_steps` does, of colours as `renotation` has."""
    place = {tuple(one): number for number, one in enumerate(notation.tolist())}
    found: list[tuple[int, int, float, int]] = []
    series: dict[tuple[float, ...], int] = {}
    rows = []
    for (hue, value, chroma), number in place.items():
        for kind, (other, size, of) in enumerate(
            (
                ((hue, value + VALUE_STEP, chroma), 1.0, (hue, chroma)),
                ((hue, value, chroma + CHROMA_STEP), 1.0, (hue, value)),
                (((hue + HUE_STEP) % 100, value, chroma), HUE_STEP * chroma / 15, (value, chroma)),
            )
        ):
            if other in place:
                found.append((number, place[other], size, kind))
                rows.append(series.setdefault((kind, *of), len(series)))
    table = np.array(found).reshape(-1, 4)
    first, second, kinds = table[:, [0, 1, 3]].astype(np.int64).T
    sizes = table[:, 2]
    pairs = xyz[np.stack([first, second], axis=1)]
    steps = Pairs(
        xyz=pairs,
        white=np.tile(WHITE, (len(pairs), 1)),
        lab=np.asarray(dde.xyz_to_lab(pairs, WHITE)),
        dv=sizes,
        sets=kinds,
        index=np.arange(len(pairs)),
        names=KINDS,
    )
    return steps, np.array(rows, dtype=np.int64)


def _read(file: Path) -> tuple[np.ndarray, np.ndarray]:
    """Hue as a number from 0 to 100, value and chroma; and XYZ."""
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    lines = file.read_text(errors="replace").splitlines()
    if not lines or lines[0].split() != HEADING:
        raise DataError(f"{file}: must begin with the heading {' '.join(HEADING)}")
    return _kept([_row(file, line) for line in lines[1:] if line.strip()])


def _kept(rows: list[list[float]]) -> tuple[np.ndarray, np.ndarray]:
    """Hue, value and chroma, and XYZ, of the rows (h, V, C, x, y, Y) within the book's range."""
    numbers = np.array(rows, dtype=np.float64).reshape(-1, 6)
    notation, (x, y, luminance) = numbers[:, :3], numbers[:, 3:].T
    kept = (notation[:, 1] >= LEAST_VALUE) & (notation[:, 2] <= MOST_CHROMA)
    xyz = np.stack([x / y, np.ones_like(x), (1 - x - y) / y], axis=1) * luminance[:, None]
    return notation[kept], xyz[kept]


def _row(file: Path, line: str) -> list[float]:
    hue, *rest = line.split()
    try:
        value, chroma, x, y, luminance = map(float, rest)
        if not (y > 0 and luminance >= 0):
            raise ValueError
        return [_hue(hue), value, chroma, x, y, luminance]
    except ValueError:
        raise DataError(f"{file}: not a hue and five numbers: {line.strip()!r}") from None


def _hue(name: str) -> float:
    """Munsell's hue on a circle of 100, such as 15 for 5YR."""
    parts = re.fullmatch(r"(\d+(?:\.\d+)?)([A-Z]+)", name)
    if not parts or parts[2] not in FAMILIES:
        raise ValueError(name)
    return (10 * FAMILIES.index(parts[2]) + float(parts[1])) % 100
