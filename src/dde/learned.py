"""A learned reference: what good samples have in common, and how far each pixel strays."""

import json
import math
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from dde.errors import ImageFileError
from dde.host import pass_on
from dde.images.limits import MEGAPIXELS
from dde.images.opening import open_image
from dde.images.source import Source
from dde.reading import open_regular, path_of, sha256_of
from dde.spaces.whites import reference_white
from dde.wording import in_a_line
from dde.writing import replacing

if TYPE_CHECKING:
    from zipfile import ZipFile

METHODS = ("standard", "robust")
FORMAT = "dde learned reference 1"
ARRAYS = ("mean", "spread", "counts")
TYPES = ("float32", "float32", "int32")
LARGEST = (MEGAPIXELS + 1) * 20_000_000  # bytes of the arrays


@dataclass
class Reference:
    """
    The mean of good samples, and how far each pixel strays from it.

    Attributes
    ----------
    mean : numpy.ndarray of float32, shape (H, W, 3)
        CIELAB: the mean, or the median of the method ``"robust"``.
    spread : numpy.ndarray of float32, shape (H, W)
        The standard deviation (n - 1) of a pixel's distance from the mean, in units of CIE76; of
        the robust method 1.4826 times the median absolute deviation of each coordinate.
    counts : numpy.ndarray of int32, shape (H, W)
        How many samples a pixel was seen in. Below two its spread is not known, and it is not
        counted.
    provenance : dict
        The method, the white, what the samples were and how they were laid on each other.
    """

    mean: np.ndarray
    spread: np.ndarray
    counts: np.ndarray
    provenance: dict[str, Any] = field(default_factory=dict)

    def save(self, path: str | os.PathLike[str]) -> None:
        """
        Write it to one file, a ``.npz`` archive, which appears whole or not at all.

        Raises
        ------
        ValueError
            If the path does not end in ``.npz``.
        OSError
            If it cannot be written.
        """
        if Path(path).suffix.lower() != ".npz":
            raise ValueError(f"{os.fspath(path)} must end in .npz")
        about = json.dumps({"format": FORMAT, **self.provenance})
        with replacing(path) as file:
            np.savez_compressed(
                file, mean=self.mean, spread=self.spread, counts=self.counts, about=np.array(about)
            )

    def check(self, white: str | ArrayLike, adaptation: str) -> None:
        """
        Refuse to be compared under another white than it was learned under.

        Raises
        ------
        ValueError
            If white or adaptation differ.
        """
        known = self.provenance.get("white_XYZ"), self.provenance.get("adaptation")
        asked = reference_white(white).tolist(), adaptation
        for name, its, other in zip(("white", "adaptation"), known, asked, strict=True):
            if its is not None and its != other:
                raise ValueError(
                    f"reference was learned under the {name} {its}, and the job's is {other}; "
                    "learn it again by the same job"
                )

    def source(self) -> Source:
        """The mean as an image; what was seen in fewer than two samples is transparent."""
        seen = self.counts >= 2
        source = open_image(self.mean, name="reference", space="Lab")
        provenance = {**source.provenance, "format": "learned reference", **self.provenance}
        mask = None if seen.all() else lambda start, stop: seen[start:stop]
        return replace(source, read_mask=mask, provenance=provenance)


def load_reference(path: str | os.PathLike[str]) -> Reference:
    """
    A reference that `Reference.save` has written.

    Raises
    ------
    ImageFileError
        If it cannot be read, or is no learned reference: damaged, or with what no learning leaves.
    """
    import zipfile  # takes long to import

    path = path_of(path, "path")
    try:
        digest = sha256_of(path)
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            sizes = {name: archive.getinfo(f"{name}.npy").file_size for name in ("about", *ARRAYS)}
            if sum(sizes.values()) > LARGEST:
                raise ValueError(f"it is larger than {MEGAPIXELS} megapixels")
            members = (_array(archive, name, size) for name, size in sizes.items())
            about, mean, spread, counts = members
        provenance = _provenance(str(about))
        _refuse_unfit(mean, spread, counts)
    except OSError as error:
        pass_on(error)
        reason = error.strerror or error
        raise ImageFileError(f"reference {os.fspath(path)} cannot be read: {reason}") from None
    except MemoryError:
        raise
    except Exception as error:  # a damaged archive makes its readers raise nearly any kind
        pass_on(error)
        said = in_a_line(error)
        raise ImageFileError(f"{os.fspath(path)} is no learned reference ({said})") from None
    provenance = {**provenance, "path": os.fspath(path), "sha256": digest}
    return Reference(mean, spread, counts, provenance)


def _array(archive: "ZipFile", name: str, size: int) -> np.ndarray:
    """An array of the archive, which is made only if so much is stored of it as it says."""
    npy = np.lib.format
    with archive.open(f"{name}.npy") as member:
        if npy.read_magic(member) != (1, 0):
            raise ValueError(f"{name} is of another version of the format .npy")
        shape, _, dtype = npy.read_array_header_1_0(member)
        if member.tell() + dtype.itemsize * math.prod(shape) != size:
            raise ValueError(f"{name} is not of the size that it says")
        member.seek(0)
        return npy.read_array(member, allow_pickle=False)


def _provenance(about: str) -> dict[str, Any]:
    """What a reference says of itself, unless it is not what `Reference.save` writes."""
    said = json.loads(about)
    if not isinstance(said, dict):
        raise ValueError("what it says of itself is no object")
    if said.pop("format", None) != FORMAT:
        raise ValueError(f"its format is not {FORMAT!r}")
    if said.get("method") not in METHODS:
        raise ValueError(f"its method must be one of {', '.join(METHODS)}")
    samples = said.get("samples")
    if not isinstance(samples, list) or not all(isinstance(sample, dict) for sample in samples):
        raise ValueError("its samples must be a list of objects")
    return said


def _refuse_unfit(mean: np.ndarray, spread: np.ndarray, counts: np.ndarray) -> None:
    shape = mean.shape[:2]
    shapes, types = zip(*((a.shape, a.dtype.name) for a in (mean, spread, counts)), strict=True)
    if shapes != ((*shape, 3), shape, shape) or types != TYPES or 0 in shape:
        raise ValueError("its arrays do not fit each other")
    if (counts < 0).any() or (spread < 0).any():
        raise ValueError("a count or a spread is below 0")
    refuse_unseen(counts)
    known = counts >= 2
    if not (np.isfinite(mean[known]).all() and np.isfinite(spread[known]).all()):
        raise ValueError("a mean or a spread of two samples or more is not finite")


def refuse_unseen(counts: np.ndarray) -> None:
    """A ValueError if nothing is known of any pixel."""
    if not (counts >= 2).any():
        raise ValueError("no pixel was seen in two samples, so that nothing can be judged by it")
