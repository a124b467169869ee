"""Known errors of published data: right values for some colours of some files, by file hash."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from dde_training.errors import DataError


@dataclass(frozen=True)
class Corrections:
    """What a file of corrections says of each data file, and its own SHA-256."""

    sha256: str
    entries: dict[str, dict[str, Any]]

    def colours(self, name: str, sha256: str, count: int) -> dict[int, np.ndarray]:
        """
        The right colours of one data file.

        Parameters
        ----------
        name : str
            Of the set.
        sha256 : str
            Of its file.
        count : int
            How many colours it has.

        Returns
        -------
        dict of int to numpy.ndarray
            XYZ, shape (3,), on the scale of the file, by the index of the colour; empty where
            nothing is known to be wrong.

        Raises
        ------
        DataError
            If the corrections are for another file of that name, or make no sense.
        """
        entry = self.entries.get(f"{name}.json", {})
        if not entry:
            return {}
        if entry.get("sha256") != sha256:
            raise DataError(
                f"the corrections are for the file with SHA-256 {entry.get('sha256')}, "
                f"and this one has {sha256}"
            )
        return dict(_colour(key, xyz, count) for key, xyz in _object(entry, "xyz").items())


def _object(entry: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry.get(key, {})
    if not isinstance(found, dict):
        raise DataError(f"corrections: {key} must be an object")
    return found


def _colour(key: str, xyz: Any, count: int) -> tuple[int, np.ndarray]:
    if not key.isdecimal() or int(key) >= count:
        raise DataError(f"corrections: {key!r} is no index of one of the {count} colours")
    right = isinstance(xyz, list) and len(xyz) == 3 and all(type(x) in (int, float) for x in xyz)
    colour = np.array(xyz if right else [np.nan], dtype=np.float64)
    if not (np.isfinite(colour) & (colour >= 0)).all():
        raise DataError(f"corrections: xyz of colour {key} must be three numbers, 0 or more")
    return int(key), colour


def read_corrections(file: Path) -> Corrections:
    """
    Read a file of corrections.

    Parameters
    ----------
    file : pathlib.Path
        A JSON object with an entry for each data file, by its name (``"witt.json"``): ``sha256``
        of that file, and ``xyz``, which gives for the index of a colour its right XYZ. Whatever
        else an entry says (``why``, ``doubtful``) is for people.

    Returns
    -------
    Corrections

    Raises
    ------
    DataError
        If it is not such a file.
    """
    if not file.is_file():
        raise DataError(f"{file}: there is no such file")
    content = file.read_bytes()
    try:
        entries = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{file}: not JSON: {error}") from None
    if not isinstance(entries, dict) or any(not isinstance(e, dict) for e in entries.values()):
        raise DataError(f"{file}: must hold an object with an entry for each data file")
    return Corrections(hashlib.sha256(content).hexdigest(), entries)
