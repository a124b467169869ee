"""A reference that knows its variation: learned from good samples, one at a time.

What varies from one good sample to the next, such as the edges of a print that never lies quite
still, may vary as much in a frame that is inspected; what never varies may not.
"""

import os
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.images.opening import open_image
from dde.images.source import Source
from dde.learned import METHODS, Reference, refuse_unseen
from dde.registration.alignment import Alignment, alignment_of
from dde.registration.registering import aligned
from dde.spaces.adaptation import CONE_RESPONSES
from dde.spaces.space import Space, of_white, way_between
from dde.spaces.whites import reference_white
from dde.version import __version__
from dde.wording import named

MAD_TO_SD = 1.4826  # of a normal distribution
ROWS_AT_ONCE = 64


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
            If its size is not that of the first, where they are not aligned; if it cannot be read;
            if a float of RGB lies outside [0, 1].
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
        if "path" in source.provenance:
            name = f"{name} {source.provenance['path']}"
        first = self._first or source
        if source is not first and self.alignment:
            source = aligned(source, first, self.alignment)
        elif source.shape != first.shape:
            (height, width), (its_height, its_width) = first.shape, source.shape
            raise ValueError(
                f"the samples must be of one size; the first is {width} x {height} pixels, "
                f"{name} {its_width} x {its_height}"
            )
        height = source.shape[0]
        lab = self._as_lab(source.read(0, height), source.space, name)
        shown = np.isfinite(lab).all(axis=-1)
        if source.read_mask:
            shown &= source.read_mask(0, height)
        self._first = first
        return lab, shown, dict(source.provenance)

    def _as_lab(self, colours: np.ndarray, space: Space, name: str) -> np.ndarray:
        """As `dde.inspect` makes it; float32."""
        source, lab = of_white(space, self.white), Space.named("Lab", self.white)
        way = way_between(source, lab, source.coded, self.adaptation)
        converted = _core.convert(way, colours, name, None, may_clip=False)
        return np.asarray(converted, dtype=np.float32)

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
            If there were fewer than two samples, or no pixel was seen in two of them: nothing is
            known of their variation.
        """
        _refuse_few(len(self.samples))
        refuse_unseen(self._counts)
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
    TypeError
        If `images` is a single image or path, or a sample is of a type that is no image's.
    ValueError
        If there are fewer than two samples, or no pixel is seen in two; if their sizes differ; if
        one cannot be read; if a float of RGB lies outside [0, 1].

    Notes
    -----
    Where RGB is NaN, or a colour of another space not finite, a sample does not show the pixel.

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
    _refuse_one(images)
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
    refuse_unseen(counts)
    return Reference(mean, spread, counts, about)


def _refuse_one(images: Any) -> None:
    one = isinstance(images, (str, os.PathLike)) or not isinstance(images, Iterable)
    array = isinstance(images, np.ndarray) and images.ndim <= 3 and images.shape[-1] in (3, 4)
    if one or array or hasattr(images, "getbands"):
        raise TypeError(
            "images must be several good samples, such as a list of arrays or of paths, "
            f"not a single {type(images).__name__}"
        )


def _refuse_few(samples: int) -> None:
    if samples < 2:
        raise ValueError(
            f"images must be at least two good samples, to know how they vary, not {samples}"
        )
