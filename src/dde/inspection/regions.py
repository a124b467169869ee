"""Regions of an image: boxes, polygons and label images, laid over each other."""

import math
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, replace
from numbers import Integral
from typing import Any

import numpy as np

from dde.images.opening import refuse_masked
from dde.images.source import rows_of
from dde.inspection.rules import Rule
from dde.report.document import ELSEWHERE
from dde.wording import refuse_controls

WHOLE_IMAGE = "image"  # the same, where there are no regions
SHAPES = (
    "must be a box of four whole numbers (x, y, width, height), a polygon of at least three "
    "corners (x, y), or a bool mask (H, W)"
)
FARTHEST = 10**9  # of a coordinate, in pixels: no image is so large
MOST_REGIONS = 254  # a label is a byte, and 0 and ELSEWHERE take one each


@dataclass(frozen=True)
class Region:
    """
    A part of an image. One of `box`, `polygon` and `labels` says which.

    Attributes
    ----------
    name : str
        Unlike that of any other region, and without control characters.
    box : tuple of int, optional
        Left column, top row, width, height, in pixels.
    polygon : sequence of (x, y), optional
        Its corners, in pixels from the top left corner of the image, so that the middle of the
        first pixel is (0.5, 0.5). A pixel belongs to it if its middle is inside; where the outline
        crosses itself, by the even-odd rule.
    labels : array, optional
        A label image of the size of the image, whole numbers or bool, of which rows can be sliced.
    value : int
        Which of its labels is this region.
    ignore : bool
        Whether its pixels are not counted.
    rules : tuple of Rule or None
        What it must keep; None for the rules of the job.
    warnings : tuple of Rule or None
        What warns if it is not kept, and does not fail; None for the warnings of the job.
    file : mapping, optional
        The path and the SHA-256 of the file that the label image is from, for the record.
    """

    name: str
    box: tuple[int, int, int, int] | None = None
    polygon: Sequence[tuple[float, float]] | None = None
    labels: Any = None
    value: int = 1
    ignore: bool = False
    rules: tuple[Rule, ...] | None = None
    warnings: tuple[Rule, ...] | None = None
    file: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.name, str) or not self.name or self.name in (ELSEWHERE, WHOLE_IMAGE):
            raise ValueError(
                f"a region's name must be a text other than '', {ELSEWHERE!r} and {WHOLE_IMAGE!r}; "
                f"not {self.name!r}"
            )
        refuse_controls(self.name)
        if sum(shape is not None for shape in (self.box, self.polygon, self.labels)) != 1:
            raise ValueError(f"region {self.name!r} must have one of box, polygon and labels")
        if self.labels is None:
            _check_shape(self.name, self.box, self.polygon)
        if self.ignore and (self.rules or self.warnings):
            raise ValueError(f"region {self.name!r} is ignored, so its rules would judge nothing")

    def __eq__(self, other: object) -> bool:
        """Whether all attributes are equal; of arrays, all elements."""
        if not isinstance(other, Region):
            return NotImplemented
        mine, others = vars(self), vars(other)
        return all(np.array_equal(mine[name], others[name]) for name in mine)

    def check(self, height: int, width: int) -> None:
        """Refuses a region that is empty or not inside an image of this size."""
        if self.labels is not None:
            _check_labels(self.name, self.labels, height, width)
            _check_value(self.name, self.value, self.labels.dtype)
            return
        left, top, right, bottom = self.bounds()
        if left >= right or top >= bottom:
            raise ValueError(f"region {self.name!r} is empty: it holds no pixel's middle")
        if left < 0 or top < 0 or right > width or bottom > height:
            raise ValueError(
                f"region {self.name!r} is not inside the image: it reaches from x {left}, y {top} "
                f"to x {right}, y {bottom}, and the image is {width} x {height} pixels"
            )

    def bounds(self) -> tuple[int, int, int, int]:
        """The pixels it spans: left, top, and the first beyond them, right and bottom."""
        if self.box is not None:
            x, y, width, height = self.box
            return x, y, x + width, y + height
        corners = np.asarray(self.polygon)
        left, top = (int(first) for first in np.ceil(corners.min(axis=0) - 0.5))
        right, bottom = (int(first) for first in np.ceil(corners.max(axis=0) - 0.5))
        return left, top, right, bottom

    def paint(self, strip: np.ndarray, start: int, label: int) -> None:
        """Writes the label into the part of it that lies in a strip of rows from `start` on."""
        if self.labels is not None:
            strip[rows_of(self.labels, start, start + len(strip)) == self.value] = label
            return
        left, top, right, bottom = self.bounds()
        rows = slice(max(top - start, 0), max(bottom - start, 0))
        part = strip[rows, left:right]
        if self.box is not None:
            part[:] = label
        elif len(part):
            corners = np.asarray(self.polygon, dtype=np.float64)
            part[_inside(corners - [left, start + rows.start], part.shape)] = label


def _check_shape(name: str, box: Any, polygon: Any) -> None:
    """Refuses what is no box or no polygon, whatever the size of the image."""
    given = polygon if box is None else box
    try:
        numbers = np.asarray(given)
        is_box = numbers.shape == (4,) and all(isinstance(number, Integral) for number in given)
        is_polygon = numbers.shape[1:] == (2,) and len(numbers) >= 3
        if numbers.dtype.kind not in "iufO" or not (is_polygon if box is None else is_box):
            raise ValueError
        coordinates = numbers.astype(np.float64)
    except OverflowError:
        coordinates = np.full(1, np.inf)
    except (TypeError, ValueError):
        raise ValueError(f"region {name!r} {SHAPES}") from None
    if not (np.abs(coordinates) <= FARTHEST).all():  # nor NaN
        raise ValueError(
            f"region {name!r}: its coordinates must be numbers from {-FARTHEST} to {FARTHEST}"
        )


def _check_labels(name: str, labels: Any, height: int, width: int) -> None:
    refuse_masked(labels, f"the label image of region {name!r}")
    if not isinstance(getattr(labels, "dtype", None), np.dtype):
        raise TypeError(
            f"the label image of region {name!r} must be an array, not {type(labels).__name__}"
        )
    if labels.dtype.kind not in "biu":
        raise TypeError(
            f"the label image of region {name!r} must hold whole numbers, not {labels.dtype}"
        )
    if tuple(labels.shape) != (height, width):
        raise ValueError(
            f"the label image of region {name!r} must have the shape of the image, "
            f"{(height, width)}; its shape is {tuple(labels.shape)}"
        )


def _check_value(name: str, value: int, dtype: np.dtype[Any]) -> None:
    least, most = (0, 1) if dtype.kind == "b" else (np.iinfo(dtype).min, np.iinfo(dtype).max)
    if not least <= value <= most:
        raise ValueError(
            f"value of region {name!r} must be from {least} to {most}, as its label image, of "
            f"{dtype}, has them"
        )


def _inside(corners: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """
    The pixels whose middle is inside a polygon, as bool of this shape.

    Own code since a library's `polygon` counts the outline in, or not, by rules of its own: here a
    polygon with the corners of a box is the box, and no pixel belongs to both of two neighbours.
    """
    height, width = shape
    turns = np.zeros((height, width + 1), dtype=bool)  # where, going right, the outline is crossed
    for (x1, y1), (x2, y2) in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        first, end = (min(max(math.ceil(y - 0.5), 0), height) for y in sorted((y1, y2)))
        rows = np.arange(first, end)
        if len(rows):
            x = x1 + (rows + 0.5 - y1) * ((x2 - x1) / (y2 - y1))
            turns[rows, np.clip(np.ceil(x - 0.5), 0, width).astype(int)] ^= True
    inside = np.bitwise_xor.accumulate(turns[:, :-1].view(np.uint8), axis=1)
    return inside.view(np.bool_)  # twice as fast as in bool


class RegionMap:
    """
    Regions laid over an image, the later ones on top; rendered some rows at a time.

    Parameters
    ----------
    regions : sequence of Region
        Of names that differ.
    shape : tuple of int
        Height and width of the image.

    Attributes
    ----------
    regions : tuple of Region
        As given.
    names : tuple of str
        Of label 1, 2, ...: the regions that are not ignored, in order, and last what none covers.

    Raises
    ------
    ValueError
        If a region is empty or not inside the image, or a name is there twice.

    Examples
    --------
    >>> logo = Region("logo", box=(1, 0, 2, 1))
    >>> date = Region("date", polygon=[(2, 0), (4, 0), (4, 2), (2, 2)], ignore=True)
    >>> map = RegionMap([logo, date], (2, 4))
    >>> map.names
    ('logo', 'elsewhere')
    >>> map.labels(0, 2).tolist()
    [[2, 1, 0, 0], [2, 2, 0, 0]]
    """

    def __init__(self, regions: Sequence[Region], shape: tuple[int, int]) -> None:
        self.regions = tuple(regions)
        self._width = shape[1]
        judged = [region.name for region in self.regions if not region.ignore]
        self.names = (*judged, ELSEWHERE if judged else WHOLE_IMAGE)
        check_names(self.regions)
        for region in self.regions:
            region.check(*shape)

    def with_images(self, images: Iterable[Any]) -> "RegionMap":
        """The same regions, those that have a label image with others in their place, in order."""
        left = iter(images)
        changed = copy(self)
        changed.regions = tuple(
            region if region.labels is None else replace(region, labels=next(left))
            for region in self.regions
        )
        return changed

    def labels(self, start: int, stop: int) -> np.ndarray:
        """The labels of some rows, uint8 (stop - start, W): n for ``names[n - 1]``, 0 for none."""
        strip = np.full((stop - start, self._width), len(self.names), dtype=np.uint8)
        label = 0
        for region in self.regions:
            label += not region.ignore
            region.paint(strip, start, 0 if region.ignore else label)
        return strip


def check_names(regions: Sequence[Region]) -> None:
    """Refuses too many regions, or two of one name."""
    if len(regions) > MOST_REGIONS:
        raise ValueError(f"there may be {MOST_REGIONS} regions, not {len(regions)}")
    names = [region.name for region in regions]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"there are several regions of the name {name!r}")


def regions_of(given: Any) -> tuple[Region, ...]:
    """
    The regions that a user gave: regions, or a mapping of names to shapes.

    A shape is a box (x, y, width, height), a polygon [(x, y), ...], or a bool mask (H, W).

    Examples
    --------
    >>> regions_of({"logo": (120, 80, 300, 200)})[0].box
    (120, 80, 300, 200)
    """
    if given is None:
        return ()
    if isinstance(given, Mapping):
        return tuple(_region_of(name, shape) for name, shape in given.items())
    if isinstance(given, Sequence) and all(isinstance(region, Region) for region in given):
        return tuple(given)
    raise TypeError(
        "regions must be a mapping of names to boxes, polygons or masks, or a sequence of Region; "
        f"not {type(given).__name__}"
    )


def region_of_text(text: str) -> Region:
    """
    A box as it is written on a command line: ``name=x,y,width,height``.

    Raises
    ------
    ValueError
        If it is written otherwise.

    Examples
    --------
    >>> region_of_text("logo=120,80,300,200").box
    (120, 80, 300, 200)
    """
    name, separator, numbers = text.rpartition("=")
    try:
        x, y, width, height = (int(number) for number in numbers.split(","))
    except ValueError:
        separator = ""
    if not separator or not name.strip():
        raise ValueError(
            f"region {text!r} must be written as name=x,y,width,height, in whole pixels, such as "
            "logo=120,80,300,200"
        )
    return Region(name.strip(), box=(x, y, width, height))


def _region_of(name: str, shape: Any) -> Region:
    if getattr(shape, "dtype", None) == np.bool_:
        return Region(name, labels=shape)
    try:
        numbers = np.asarray(shape)
    except ValueError:
        numbers = np.empty(0)
    if numbers.ndim == 1:
        return Region(name, box=tuple(numbers.tolist()))
    if numbers.ndim == 2:
        return Region(name, polygon=tuple(map(tuple, numbers.tolist())))
    raise ValueError(f"region {name!r} {SHAPES}")
