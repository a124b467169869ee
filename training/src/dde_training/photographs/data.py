"""Pairs of photographs with scores: a CSV file and a folder of pictures, checked."""

import csv
import hashlib
import io
import math
import os
import re
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from dde_training.errors import DataError
from dde_training.photographs.pictures import read_picture

HEADER = ["reference", "sample", "score"]
PARTS = ("train", "val", "test")  # the files of an official split, as SPCD names them
SPCD = re.compile(r"I(?P<scene>\d+)_(?P<version>\d+)_(?P<index>\d+)\.\w+")
NOT_ALIGNED = "01"  # the version that SPCD's phones took one after the other


@dataclass(frozen=True)
class Photographs:
    """
    Pairs of photographs, in the order of their files; indexing chooses pairs as NumPy does.

    Attributes
    ----------
    folder : pathlib.Path
        Where the pictures are.
    names : numpy.ndarray
        Shape (N, 2), str: reference and sample, under the folder.
    score : numpy.ndarray
        Shape (N,), float64: how different people found them.
    scene : numpy.ndarray
        Shape (N,), int64: pairs that share a picture, or by SPCD's names a scene, are one.
    aligned : numpy.ndarray
        Shape (N,), bool: False for two of SPCD's pictures of version 01, which were taken by hand.
    part : numpy.ndarray
        Shape (N,), str: ``"train"``, ``"val"`` or ``"test"`` of an official split; else ``""``.
    manifest : list of dict
        Name, SHA-256 and number of pairs of each CSV file, and the SHA-256 of all pictures.
    """

    folder: Path
    names: np.ndarray
    score: np.ndarray
    scene: np.ndarray
    aligned: np.ndarray
    part: np.ndarray
    manifest: list[dict[str, Any]]

    def __len__(self) -> int:
        return len(self.score)

    def __getitem__(self, chosen: np.ndarray) -> "Photographs":
        columns = ("names", "score", "scene", "aligned", "part")
        return replace(self, **{name: getattr(self, name)[chosen] for name in columns})

    @property
    def split(self) -> bool:
        """Whether the data come with an official split."""
        return bool((self.part != "").all())

    def pictures(self, pair: int) -> tuple[np.ndarray, np.ndarray]:
        """Reference and sample of a pair, (H, W, 3), uint8."""
        first, second = (read_picture(self.folder / name) for name in self.names[pair])
        return first, second

    def first_time(self) -> np.ndarray:
        """
        Where a pair stands for the first time, (N,) bool.

        A pair that a file has twice weighs double in a fit, and is measured once.
        """
        rows = list(zip(*self.names.T.tolist(), self.score.tolist(), strict=True))
        first = {row: place for place, row in reversed(list(enumerate(rows)))}
        return np.array([first[row] == place for place, row in enumerate(rows)])


def read_photographs(data: Path, pictures: Path | None = None) -> Photographs:
    """
    Read and check scored pairs of photographs.

    Parameters
    ----------
    data : pathlib.Path
        A CSV file with the columns reference, sample and score, with or without that header; or a
        folder with ``train.csv``, ``val.csv`` and ``test.csv``, an official split.
    pictures : pathlib.Path, optional
        The folder of the pictures that the file names; by default that of the CSV.

    Returns
    -------
    Photographs

    Raises
    ------
    DataError
        If a file or a picture is missing or cannot be read, a score is no number, the two pictures
        of a pair differ in size, or a scene is in two parts; says which and where.
    """
    if not data.exists():
        raise DataError(f"{data}: there is no such file or folder")
    files = {part: data / f"{part}.csv" for part in PARTS} if data.is_dir() else {"": data}
    folder = pictures or (data if data.is_dir() else data.parent)
    tables = [_Table(file, part) for part, file in files.items()]
    names = np.array([row for table in tables for row in table.names])
    scene = scenes(names)
    part = np.repeat([table.part for table in tables], [len(table.names) for table in tables])
    _refuse_shared_scenes(scene, part, names)
    sizes, digest = _check_pictures(folder, names)
    for table in tables:
        table.refuse_two_sizes(sizes)
    return Photographs(
        folder=folder,
        names=names,
        score=np.array([score for table in tables for score in table.scores]),
        scene=scene,
        aligned=np.array([aligned(*pair) for pair in names.tolist()]),
        part=part,
        manifest=[*(table.entry for table in tables), {"name": "pictures", "sha256": digest}],
    )


class _Table:
    """One CSV file: the names and scores of its rows."""

    def __init__(self, file: Path, part: str) -> None:
        if not file.is_file():
            raise DataError(f"{file}: there is no such file")
        self.file, self.part = file, part
        content = file.read_bytes()
        try:
            rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
        except UnicodeDecodeError:
            raise DataError(f"{file}: not CSV in UTF-8") from None
        except csv.Error as error:
            raise DataError(f"{file}: not CSV: {error}") from None
        self.lines = [number for number, row in enumerate(rows, 1) if row]
        rows = [row for row in rows if row]
        if rows and [cell.strip().lower() for cell in rows[0]] == HEADER:
            rows, self.lines = rows[1:], self.lines[1:]
        if not rows:
            raise DataError(f"{file}: holds no pair")
        self.names: list[tuple[str, str]] = []
        self.scores: list[float] = []
        for line, row in zip(self.lines, rows, strict=True):
            self._add(line, row)
        self.entry = {
            "name": file.name,
            "sha256": hashlib.sha256(content).hexdigest(),
            "pairs": len(rows),
        }

    def _add(self, line: int, row: list[str]) -> None:
        if len(row) != len(HEADER):
            raise DataError(f"{self.file}: line {line}: must have {', '.join(HEADER)}; has {row}")
        first, second, text = (cell.strip() for cell in row)
        try:
            score = float(text)
        except ValueError:
            score = math.nan
        if not math.isfinite(score) or score < 0:
            raise DataError(
                f"{self.file}: line {line}: the score must be a number, 0 or more; not {text!r}"
            )
        self.names.append((first, second))
        self.scores.append(score)

    def refuse_two_sizes(self, sizes: dict[str, tuple[int, int]]) -> None:
        for line, (first, second) in zip(self.lines, self.names, strict=True):
            if sizes[first] != sizes[second]:
                said = " and ".join(
                    f"{name} is {sizes[name][0]} × {sizes[name][1]}" for name in (first, second)
                )
                raise DataError(f"{self.file}: line {line}: two sizes: {said}")


def scenes(names: np.ndarray) -> np.ndarray:
    """
    Group pairs that show one scene: by SPCD's names, or by the pictures that they share.

    Parameters
    ----------
    names : numpy.ndarray
        Shape (N, 2), str.

    Returns
    -------
    numpy.ndarray
        Shape (N,), int64, counted from 0.

    Examples
    --------
    >>> scenes(np.array([["I0001_01_02.png", "I0001_01_03.png"], ["I0001_02_01.png", "x.png"],
    ...                  ["y.png", "x.png"], ["y.png", "z.png"], ["u.png", "v.png"]])).tolist()
    [0, 0, 0, 0, 1]
    """
    labels = [_scene_of(name) for name in names.ravel().tolist()]
    ids = np.unique(np.array(labels), return_inverse=True)[1].reshape(-1, 2)
    size = int(ids.max()) + 1
    graph = coo_array((np.ones(len(ids)), (ids[:, 0], ids[:, 1])), shape=(size, size))
    component = connected_components(graph, directed=False)[1][ids[:, 0]]
    return np.asarray(np.unique(component, return_inverse=True)[1], np.int64)


def _scene_of(name: str) -> str:
    found = SPCD.fullmatch(Path(name).name)
    return f"scene {found['scene']}" if found else name


def aligned(reference: str, sample: str) -> bool:
    """
    Whether two pictures lie on each other, as far as SPCD's names say.

    Examples
    --------
    >>> aligned("I0249_01_01.png", "I0249_01_02.png"), aligned("I0249_01_01.png", "I0249_03_02.png")
    (False, True)
    """
    found = [SPCD.fullmatch(Path(name).name) for name in (reference, sample)]
    return not all(one is not None and one["version"] == NOT_ALIGNED for one in found)


def _refuse_shared_scenes(scene: np.ndarray, part: np.ndarray, names: np.ndarray) -> None:
    for number in range(int(scene.max()) + 1):
        inside = scene == number
        found = np.unique(part[inside])
        if len(found) > 1:
            shown = names[inside][part[inside] == found[1]][0, 0]
            raise DataError(f"the scene of {shown} is in two parts: {found[0]} and {found[1]}")


def _check_pictures(folder: Path, names: np.ndarray) -> tuple[dict[str, tuple[int, int]], str]:
    """Read every picture; its width and height by name, and a hash of all."""

    def read(name: str) -> tuple[tuple[int, int], bytes]:
        height, width, _ = read_picture(folder / name).shape
        return (width, height), hashlib.sha256((folder / name).read_bytes()).digest()

    unique: Sequence[str] = np.unique(names).tolist()
    digest, sizes = hashlib.sha256(), {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, (size, own) in zip(unique, pool.map(read, unique), strict=True):
            sizes[name] = size
            digest.update(name.encode() + b"\0" + own)
    return sizes, digest.hexdigest()
