"""Visual-difference data: the JSON sets, their checks, and the pairs as arrays."""

import hashlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, Literal

import dde
import numpy as np

from dde_training.corrections import Corrections
from dde_training.errors import DataError

White = Literal["own", "D65"]
KEYS = ("reference_white", "xyz", "pairs", "dv")


@dataclass(frozen=True)
class ColourSet:
    """One file of colour pairs and how different people found them."""

    name: str
    sha256: str
    reference_white: np.ndarray  # (3,) XYZ, Y about 100
    xyz: np.ndarray  # (colours, 3), on the scale of the white
    pairs: np.ndarray  # (N, 2) indices into xyz
    dv: np.ndarray  # (N,) visual differences
    corrected: dict[str, Any] | None = None  # which file said so, and of which colours


@dataclass(frozen=True)
class Pairs:
    """
    Colour pairs of one or more sets, in the order of the sets and of their files.

    Indexing with a mask or with indices gives the pairs chosen, as NumPy does for each array.
    """

    xyz: np.ndarray  # (N, 2, 3) float64, white at Y about 100
    white: np.ndarray  # (N, 3) float64, the XYZ of each pair's own white
    lab: np.ndarray  # (N, 2, 3) float64, CIELAB under the white that was asked for
    dv: np.ndarray  # (N,) float64, visual differences
    sets: np.ndarray  # (N,) int64, index into names
    index: np.ndarray  # (N,) int64, position in the set's file
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.dv)

    def __getitem__(self, chosen: np.ndarray) -> "Pairs":
        names = [field.name for field in fields(self) if field.name != "names"]
        return replace(self, **{name: getattr(self, name)[chosen] for name in names})


def read_sets(path: Path, corrections: Corrections | None = None) -> list[ColourSet]:
    """
    Read and check one JSON set, or every ``.json`` file of a folder in the order of their names.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a folder that holds at least one.
    corrections : Corrections, optional
        Known errors of the files, which are put right.

    Returns
    -------
    list of ColourSet

    Raises
    ------
    DataError
        If there is nothing to read, a file is broken, or a correction is for another file of the
        same name; names the file, the key and the reason.
    """
    if not path.exists():
        raise DataError(f"{path}: there is no such file or folder")
    files = sorted(path.glob("*.json")) if path.is_dir() else [path]
    if not files:
        raise DataError(f"{path}: the folder holds no .json file")
    return [read_set(file, corrections) for file in files]


def read_set(file: Path, corrections: Corrections | None = None) -> ColourSet:
    """
    Read and check one JSON set.

    Parameters
    ----------
    file : pathlib.Path
        JSON with the keys ``reference_white`` (X, Y, Z with Y about 100), ``xyz`` (colours on the
        same scale), ``pairs`` (two indices into ``xyz`` each) and ``dv`` (one visual difference
        for each pair).
    corrections : Corrections, optional
        As `read_sets` takes them.

    Returns
    -------
    ColourSet

    Raises
    ------
    DataError
        If the file is broken, or the corrections are for another one; names the file, the key and
        the reason.
    """
    content = file.read_bytes()
    try:
        found = parse_set(file.stem, content)
        return _corrected(found, corrections) if corrections else found
    except DataError as error:
        raise DataError(f"{file}: {error}") from None


def _corrected(colour_set: ColourSet, corrections: Corrections) -> ColourSet:
    """The set with the colours that the corrections give for its file."""
    colours = corrections.colours(colour_set.name, colour_set.sha256, len(colour_set.xyz))
    if not colours:
        return colour_set
    xyz = colour_set.xyz.copy()
    for index, right in colours.items():
        xyz[index] = right
    said = {"sha256": corrections.sha256, "colours": sorted(colours)}
    return replace(colour_set, xyz=xyz, corrected=said)


def parse_set(name: str, content: bytes) -> ColourSet:
    """Check the bytes of one JSON set; see `read_set`."""
    if not content.strip():
        raise DataError("the file is empty")
    try:
        document = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"not JSON: {error}") from None
    if not isinstance(document, dict):
        raise DataError(f"must hold an object with the keys {', '.join(KEYS)}")
    for key in KEYS:
        if key not in document:
            raise DataError(f"{key}: the key is missing")
    white = _numbers("reference_white", [document["reference_white"]], width=3)[0]
    xyz = _numbers("xyz", document["xyz"], width=3)
    _check_scale(white, xyz)
    pairs = _index_pairs(document["pairs"], len(xyz))
    dv = _numbers("dv", [document["dv"]], width=None)[0]
    if len(dv) != len(pairs):
        raise DataError(f"dv: has {len(dv)} values for {len(pairs)} pairs")
    if not dv.any():
        raise DataError("dv: all values are zero")
    return ColourSet(name, hashlib.sha256(content).hexdigest(), white, xyz, pairs, dv)


def _numbers(key: str, rows: Any, width: int | None) -> np.ndarray:
    """Rows of non-negative, finite numbers as a float64 array; the rows may come from anywhere."""
    if not isinstance(rows, list) or not rows:
        raise DataError(f"{key}: must be a list that is not empty")
    for place, row in enumerate(rows):
        where = key if len(rows) == 1 else f"{key}[{place}]"
        if not isinstance(row, list) or not row or width not in (None, len(row)):
            raise DataError(f"{where}: must be a list of {width or 'one or more'} numbers")
        for position, value in enumerate(row):
            reason = _fault(value)
            if reason:
                raise DataError(f"{where}[{position}]: {reason}")
    return np.array(rows, dtype=np.float64)


def _fault(value: Any) -> str | None:
    """What is wrong with a value that must be a finite number and not negative."""
    # bool is a subclass of int, and JSON's true is no number.
    if type(value) not in (int, float):
        return f"{json.dumps(value)} is not a number"
    if isinstance(value, int) and value.bit_length() > 1023:
        return "the number is too large"
    if math.isnan(value):
        return "is NaN"
    if math.isinf(value):
        return "is infinite"
    return f"{value} is negative" if value < 0 else None


def _check_scale(white: np.ndarray, xyz: np.ndarray) -> None:
    """Refuse XYZ on 0 to 1, which would silently give wrong Lab."""
    if not np.all(white > 0):
        raise DataError("reference_white: X, Y and Z must be positive")
    if not 10 < white[1] < 1000:
        raise DataError(f"reference_white: Y is {white[1]:g}, but XYZ must be on 0 to 100")
    if xyz[:, 1].max() <= 1:
        raise DataError(f"xyz: the largest Y is {xyz[:, 1].max():g}, but XYZ must be on 0 to 100")


def _index_pairs(pairs: Any, colours: int) -> np.ndarray:
    if not isinstance(pairs, list) or not pairs:
        raise DataError("pairs: must be a list that is not empty")
    for place, pair in enumerate(pairs):
        if not isinstance(pair, list) or len(pair) != 2 or any(type(i) is not int for i in pair):
            raise DataError(f"pairs[{place}]: must be two whole numbers")
        for index in pair:
            if not 0 <= index < colours:
                raise DataError(
                    f"pairs[{place}]: index {index} is out of range for {colours} colours"
                )
    return np.array(pairs, dtype=np.int64)


def combine(sets: Sequence[ColourSet], white: White = "own") -> Pairs:
    """
    Put the pairs of all sets together, with their CIELAB coordinates.

    Parameters
    ----------
    sets : sequence of ColourSet
    white : {"own", "D65"}
        ``"own"`` gives Lab relative to each set's own reference white. ``"D65"`` adapts the
        colours to D65 (Bradford) first, and gives Lab relative to D65.

    Returns
    -------
    Pairs
    """
    xyz = [colour_set.xyz[colour_set.pairs] for colour_set in sets]
    counts = [len(colour_set.pairs) for colour_set in sets]
    return Pairs(
        xyz=np.concatenate(xyz),
        white=np.concatenate([np.tile(s.reference_white, (len(s.pairs), 1)) for s in sets]),
        lab=np.concatenate([_lab(s, white)[s.pairs] for s in sets]),
        dv=np.concatenate([colour_set.dv for colour_set in sets]),
        sets=np.repeat(np.arange(len(sets)), counts),
        index=np.concatenate([np.arange(count) for count in counts]),
        names=tuple(colour_set.name for colour_set in sets),
    )


def _lab(colour_set: ColourSet, white: White) -> np.ndarray:
    if white == "own":
        lab = dde.xyz_to_lab(colour_set.xyz, colour_set.reference_white)
    else:
        own = colour_set.reference_white / 100
        lab = dde.xyz_to_lab(dde.adapt(colour_set.xyz / 100, own, "D65"), "D65")
    return np.asarray(lab)


def manifest(sets: Sequence[ColourSet]) -> list[dict[str, Any]]:
    """
    Say which data were used: a JSON-ready entry for each set, kept in every result.

    Returns
    -------
    list of dict
        Name, SHA-256 of the file, numbers of colours and pairs, and the reference white; where
        colours of it were put right, which, and the SHA-256 of the file that said so.
    """
    return [_entry(colour_set) for colour_set in sets]


def _entry(colour_set: ColourSet) -> dict[str, Any]:
    entry = {
        "name": colour_set.name,
        "sha256": colour_set.sha256,
        "colours": len(colour_set.xyz),
        "pairs": len(colour_set.pairs),
        "reference_white": colour_set.reference_white.tolist(),
    }
    return entry if colour_set.corrected is None else {**entry, "corrected": colour_set.corrected}


def manifest_hash(entries: Sequence[dict[str, Any]]) -> str:
    """SHA-256 of a manifest in its canonical JSON form."""
    canonical = json.dumps(entries, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
