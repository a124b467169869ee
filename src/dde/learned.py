"""A learned reference: what good samples have in common, and how far each pixel strays."""

import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde.errors import ImageFileError
from dde.images.limits import MEGAPIXELS
from dde.images.opening import open_image
from dde.images.source import Source
from dde.reading import open_regular, sha256_of
from dde.spaces.whites import reference_white
from dde.wording import in_a_line
from dde.writing import replacing

FORMAT = "dde learned reference 1"
ARRAYS = ("mean", "spread", "counts")
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
        If it cannot be read, or is no learned reference.
    """
    import zipfile  # takes long to import

    try:
        digest = sha256_of(path)
        with open_regular(path) as file, zipfile.ZipFile(file) as archive:
            sizes = [archive.getinfo(f"{name}.npy").file_size for name in ("about", *ARRAYS)]
            if sum(sizes) > LARGEST:
                raise ValueError(f"it is larger than {MEGAPIXELS} megapixels")
            file.seek(0)
            held = np.load(file, allow_pickle=False)
            about = json.loads(str(held["about"]))
            mean, spread, counts = (held[name] for name in ARRAYS)
    except OSError as error:
        reason = error.strerror or error
        raise ImageFileError(f"reference {os.fspath(path)} cannot be read: {reason}") from None
    except MemoryError:
        raise
    except Exception as error:  # a damaged archive makes its readers raise nearly any kind
        said = in_a_line(error)
        raise ImageFileError(f"{os.fspath(path)} is no learned reference ({said})") from None
    shape = mean.shape[:2]
    if (
        not isinstance(about, dict)
        or about.pop("format", None) != FORMAT
        or mean.shape != (*shape, 3)
        or mean.dtype != np.float32
        or (spread.shape, spread.dtype) != (shape, np.float32)
        or (counts.shape, counts.dtype) != (shape, np.int32)
        or 0 in shape
        or not np.isfinite(spread[counts >= 2]).all()
    ):
        raise ImageFileError(f"{os.fspath(path)} is no learned reference: its arrays do not fit")
    return Reference(mean, spread, counts, {**about, "path": os.fspath(path), "sha256": digest})
