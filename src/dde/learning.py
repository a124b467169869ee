"""A reference that knows its variation: learned from good samples, one at a time.

What varies from one good sample to the next, such as the edges of a print that never lies quite
still, may vary as much in a frame that is inspected; what never varies may not.
"""

import json
import os
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.errors import ImageFileError
from dde.images.limits import MEGAPIXELS
from dde.images.opening import open_image
from dde.images.source import Source
from dde.reading import open_regular, sha256_of
from dde.registration import Alignment, aligned, alignment_of
from dde.spaces.adaptation import CONE_RESPONSES
from dde.spaces.named import of_white
from dde.spaces.space import Space, way_between
from dde.spaces.whites import reference_white
from dde.version import __version__
from dde.wording import in_a_line, named
from dde.writing import replacing

METHODS = ("standard", "robust")
MAD_TO_SD = 1.4826  # of a normal distribution
ROWS_AT_ONCE = 64
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
        with replacing(Path(path)) as file:
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


class Learning:
    """
    What has been learned from the samples so far: take in one at a time, merge, and finish.

    Parameters
    ----------
    white : str or array_like, optional
        The white of XYZ and Lab, under which colours are compared.
    space : Space or str, optional
        What arrays hold: ``"sRGB"`` by default.
    align : str or Alignment, optional
        Lay each sample on the first one; see `dde.register`.
    adaptation : str, optional
        How colours of another white are adapted to that one, as by `dde.adapt`.

    Notes
    -----
    Means and sums of squares are updated as B. P. Welford, Technometrics 4 (1962) 419-420, does it,
    and merged as T. F. Chan, G. H. Golub, R. J. LeVeque, COMPSTAT 1982, do. Three images of
    float64 are held, however many samples there are.
    """

    def __init__(
        self,
        *,
        white: str | ArrayLike = "D65",
        space: Space | str | None = None,
        align: str | Alignment | None = None,
        adaptation: str = "Bradford",
    ) -> None:
        self.white = reference_white(white)
        self.adaptation = named(adaptation, CONE_RESPONSES, "adaptation")
        self.space = space
        self.alignment = alignment_of(align)
        self.samples: list[dict[str, Any]] = []
        self._first: Source | None = None
        self._mean = np.zeros((0, 0, 3))
        self._squares = np.zeros((0, 0))  # of distances from the mean, summed
        self._counts = np.zeros((0, 0), np.int32)

    def add(self, image: Any) -> None:
        """
        Take in a good sample.

        Raises
        ------
        ValueError
            If its size is not that of the first, where they are not aligned; if it cannot be read.
        RegistrationError
            If it cannot be laid on the first one.
        """
        lab, shown, provenance = self._lab(image)
        if not self.samples:
            self._mean = np.zeros(lab.shape)
            self._squares = np.zeros(lab.shape[:2])
            self._counts = np.zeros(lab.shape[:2], np.int32)
        self.samples.append(provenance)
        self._counts += shown
        share = np.where(shown, 1 / np.maximum(self._counts, 1), 0)[..., None]
        before = np.where(shown[..., None], lab - self._mean, 0)
        self._mean += before * share
        after = np.where(shown[..., None], lab - self._mean, 0)
        self._squares += (before * after).sum(axis=-1)

    def _lab(self, image: Any) -> tuple[np.ndarray, np.ndarray, dict[str, Any]]:
        name = f"sample {len(self.samples) + 1}"
        source = open_image(image, name=name, space=self.space, white=self.white)
        if self._first is None:
            self._first = source
        elif self.alignment:
            source = aligned(source, self._first, self.alignment)
        elif source.shape != self._first.shape:
            (height, width), (its_height, its_width) = self._first.shape, source.shape
            raise ValueError(
                f"the samples must be of one size; the first is {width} x {height} pixels, "
                f"{name} {its_width} x {its_height}"
            )
        height = source.shape[0]
        lab = self._as_lab(source.read(0, height), source.space)
        shown = np.isfinite(lab).all(axis=-1)
        if source.read_mask:
            shown &= source.read_mask(0, height)
        return lab, shown, dict(source.provenance)

    def _as_lab(self, colours: np.ndarray, space: Space) -> np.ndarray:
        """As `dde.inspect` makes it; float32."""
        source, lab = of_white(space, self.white), Space.named("Lab", self.white)
        way = way_between(source, lab, source.coded, self.adaptation)
        return np.asarray(_core.convert(way, colours, "colours", None, True), dtype=np.float32)

    def merge(self, other: "Learning") -> None:
        """
        Take in what another has learned from other samples of the same size.

        Raises
        ------
        ValueError
            If the sizes, the whites or the adaptations differ.
        """
        if not other.samples:
            return
        if not self.samples:
            self._mean, self._squares = other._mean.copy(), other._squares.copy()
            self._counts, self._first = other._counts.copy(), other._first
            self.samples = list(other.samples)
            return
        if (
            self._counts.shape != other._counts.shape
            or (self.white != other.white).any()
            or self.adaptation != other.adaptation
        ):
            raise ValueError("what is merged must be of samples of one size, under one white")
        counts = self._counts + other._counts
        share = other._counts / np.maximum(counts, 1)
        step = other._mean - self._mean
        self._squares += other._squares + (step**2).sum(axis=-1) * self._counts * share
        self._mean += step * share[..., None]
        self._counts = counts
        self.samples += other.samples

    def reference(self) -> Reference:
        """
        The reference.

        Raises
        ------
        ValueError
            If there were fewer than two samples: nothing is known of their variation.
        """
        _refuse_few(len(self.samples))
        spread = np.sqrt(self._squares / np.maximum(self._counts - 1, 1))
        return Reference(
            self._mean.astype(np.float32),
            spread.astype(np.float32),
            self._counts.copy(),
            self.about("standard"),
        )

    def about(self, method: str) -> dict[str, Any]:
        """What a reference says of where it is from."""
        return {
            "method": method,
            "white_XYZ": self.white.tolist(),
            "adaptation": self.adaptation,
            "alignment": None if self.alignment is None else vars(self.alignment),
            "samples": self.samples,
            "learned": datetime.now(UTC).isoformat(timespec="seconds"),
            "dde": __version__,
        }


def learn_reference(
    images: Iterable[Any],
    *,
    method: str = "standard",
    white: str | ArrayLike = "D65",
    space: Space | str | None = None,
    align: str | Alignment | None = None,
    adaptation: str = "Bradford",
) -> Reference:
    """
    A reference that knows how far good samples stray from it, pixel by pixel.

    Parameters
    ----------
    images : iterable of array_like, path or PIL.Image.Image
        Good samples, at least two, as for `dde.open_image`. Twenty are a good number: from few, the
        spread itself is uncertain.
    method : {"standard", "robust"}, optional
        Mean and standard deviation, for which samples are taken one at a time; or median and median
        absolute deviation, which a faulty sample among many does not move, and for which all of
        them are held in memory.
    white : str or array_like, optional
        The white under which colours are compared, as for `dde.inspect`.
    space : Space or str, optional
        What arrays hold: ``"sRGB"`` by default.
    align : str or Alignment, optional
        Lay each sample on the first one, by a motion that `dde.register` knows.
    adaptation : str, optional
        How colours of another white are adapted to that one, as by `dde.adapt`.

    Returns
    -------
    Reference
        ``dde.inspect(reference, frame)`` judges by it; ``save`` writes it to a file. Where all
        samples were equal the spread is 0, and the limit that holds everywhere decides.

    Raises
    ------
    RegistrationError
        If a sample cannot be laid on the first one.
    ValueError
        If there are fewer than two samples, or their sizes differ; if one cannot be read.

    Examples
    --------
    >>> import dde, numpy as np
    >>> rng = np.random.default_rng(1)
    >>> sheet = np.full((30, 40, 3), 128, dtype=np.uint8)
    >>> sheets = [sheet + rng.integers(0, 3, sheet.shape, dtype=np.uint8) for _ in range(10)]
    >>> reference = dde.learn_reference(sheets)
    >>> frame = sheets[0].copy()
    >>> frame[5, 7] += 20
    >>> found = dde.inspect(reference, frame, tolerances="max <= 1")
    >>> found.passed, (found.overall.maximum_x, found.overall.maximum_y)
    (False, (7, 5))
    """
    method = named(method, METHODS, "method")
    learning = Learning(white=white, space=space, align=align, adaptation=adaptation)
    if method == "standard":
        for image in images:
            learning.add(image)
        return learning.reference()
    held = []
    for image in images:
        lab, shown, provenance = learning._lab(image)
        held.append(np.where(shown[..., None], lab, np.float32(np.nan)))
        learning.samples.append(provenance)
    _refuse_few(len(held))
    return _robust(held, learning.about(method))


def _robust(held: list[np.ndarray], about: dict[str, Any]) -> Reference:
    shape = held[0].shape
    mean = np.zeros(shape, np.float32)
    spread = np.zeros(shape[:2], np.float32)
    counts = np.zeros(shape[:2], np.int32)
    for start in range(0, shape[0], ROWS_AT_ONCE):
        rows = slice(start, start + ROWS_AT_ONCE)
        stack = np.stack([lab[rows] for lab in held])
        counts[rows] = np.isfinite(stack[..., 0]).sum(axis=0)
        stack[:, counts[rows] == 0] = 0
        mean[rows] = np.nanmedian(stack, axis=0)
        deviations = MAD_TO_SD * np.nanmedian(np.abs(stack - mean[rows]), axis=0)
        spread[rows] = np.sqrt((deviations**2).sum(axis=-1))
    return Reference(mean, spread, counts, about)


def _refuse_few(samples: int) -> None:
    if samples < 2:
        raise ValueError(
            f"images must be at least two good samples, to know how they vary, not {samples}"
        )
