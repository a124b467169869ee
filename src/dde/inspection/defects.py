"""Defects: connected patches of pixels whose difference is above a threshold."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any

import numpy as np

from dde.extras import asking_for
from dde.inspection.found import Defect
from dde.inspection.rules import Rule, as_kernels_have, rules_of
from dde.numbers import as_float

MOST_LISTED = 1000
NEIGHBOURS = np.ones((3, 3), dtype=bool)  # in rows, columns and diagonals

# What is known of a patch. The place of its peak is a pixel number, and region its label there.
PATCH = np.dtype(
    [
        ("area", np.int64),
        ("left", np.int64),
        ("top", np.int64),
        ("right", np.int64),
        ("bottom", np.int64),
        ("sum", np.float64),
        ("peak", np.float64),
        ("place", np.int64),
        ("region", np.uint8),
    ]
)


@dataclass(frozen=True)
class DefectSearch:
    """
    Which defects are looked for.

    Attributes
    ----------
    above : float
        A defect is a connected patch of pixels whose difference is above this.
    smallest_area : int
        Smaller ones are left out, in pixels.
    rules : tuple of Rule
        What the defects of an image must keep: ``count``, and ``area`` of the largest.
    warnings : tuple of Rule
        The same, where an image that breaks them does not fail.
    """

    above: float
    smallest_area: int = 1
    rules: tuple[Rule, ...] = ()
    warnings: tuple[Rule, ...] = ()

    def __post_init__(self) -> None:
        for name, kind, called in (
            ("above", Real, "a number"),
            ("smallest_area", Integral, "a whole number"),
        ):
            value = getattr(self, name)
            if not isinstance(value, kind) or isinstance(value, bool):
                raise TypeError(f"defects: {name} must be {called}, not {type(value).__name__}")
        above = as_float(self.above)
        if not (math.isfinite(above) and above >= 0):
            raise ValueError(f"defects: above must be a difference of at least 0, not {above}")
        if self.smallest_area < 1:
            raise ValueError(
                f"defects: smallest_area must be at least 1 pixel, not {self.smallest_area}"
            )


def search_of(given: Any) -> DefectSearch | None:
    """
    The search that a user asked for: None, a number (above), or a mapping of its attributes.

    Examples
    --------
    >>> search_of({"above": 6, "rules": "count <= 0"}).rules[0].limit
    0.0
    """
    if given is None or isinstance(given, DefectSearch):
        return given
    if isinstance(given, Mapping):
        unknown = set(given) - {"above", "smallest_area", "rules", "warnings"}
        if unknown or "above" not in given:
            raise ValueError(
                "defects must have above, and may have smallest_area, rules and warnings"
            )
        rules, warnings = (
            rules_of(given.get(name), f"defects[{name!r}]", about_defects=True)
            for name in ("rules", "warnings")
        )
        return DefectSearch(given["above"], given.get("smallest_area", 1), rules, warnings)
    return DefectSearch(given)


def load_scipy() -> None:
    """Loads what patches need before an image fills the memory: where there is none left, loading
    SciPy may never end."""
    with asking_for("defects", "the search for defects"):
        from scipy.ndimage import label  # noqa: F401
        from scipy.sparse import coo_array  # noqa: F401
        from scipy.sparse.csgraph import connected_components  # noqa: F401


class Patches:
    """
    The patches of one strip of whole rows, or of several neighbouring ones joined.

    Memory is bounded by the width of the image: a patch that touches neither the first nor the
    last row is complete, and of these only the number and the largest are kept.

    Examples
    --------
    >>> search = DefectSearch(above=1)
    >>> strip = np.float32([[0, 5, 0], [0, 0, 7]])
    >>> ones = np.ones((2, 3), np.uint8)
    >>> upper, lower = (Patches.of(strip, ones, row, search) for row in (0, 2))
    >>> [(patch.area, patch.peak) for patch in upper.join(lower).found(("image",))[1]]
    [(4, 7.0)]
    """

    def __init__(
        self, search: DefectSearch, patches: np.ndarray, top: np.ndarray, bottom: np.ndarray
    ) -> None:
        """Takes patches, and for each pixel of the first and the last row 1 + which it is in."""
        self._search = search
        on_edge = np.zeros(len(patches) + 1, dtype=bool)
        on_edge[top] = on_edge[bottom] = True
        on_edge = on_edge[1:]
        self._complete_count, self._largest = self._kept(patches[~on_edge])
        self._open = patches[on_edge]
        number = np.concatenate([[0], np.cumsum(on_edge)])
        self._top, self._bottom = number[top], number[bottom]

    @classmethod
    def of(
        cls, differences: np.ndarray, labels: np.ndarray | None, row: int, search: DefectSearch
    ) -> "Patches":
        """
        The patches of a strip.

        Parameters
        ----------
        differences : numpy.ndarray of float32, shape (rows, W)
            NaN where not counted; what is not finite is no defect.
        labels : numpy.ndarray of uint8, shape (rows, W), or None
            The regions, 1 for the first; None where all are of the first.
        row : int
            The row of the image at which the strip begins.
        search : DefectSearch
            What is looked for.
        """
        from scipy import ndimage  # of the extra "defects"

        above = differences > as_kernels_have(float(search.above))
        above &= differences < np.inf
        if not above.any():
            nothing = np.zeros(above.shape[1], dtype=np.intp)
            return cls(search, np.empty(0, PATCH), nothing, nothing)
        numbers, count = ndimage.label(above, NEIGHBOURS)
        runs, starts = _runs(differences, above, labels, row)
        return cls(search, _united(runs, numbers.flat[starts] - 1, count), numbers[0], numbers[-1])

    def join(self, lower: "Patches") -> "Patches":
        """This strip and the one right below it as one."""
        from scipy.sparse import coo_array
        from scipy.sparse.csgraph import connected_components

        n = len(self._open)
        size = n + len(lower._open)
        upper_ends, lower_ends = _touching(self._bottom, lower._top)
        links = coo_array(
            (np.ones(len(upper_ends), dtype=bool), (upper_ends - 1, lower_ends - 1 + n)),
            shape=(size, size),
        )
        count, group = connected_components(links, directed=False)
        number = np.concatenate([[0], group + 1])
        patches = _united(np.concatenate([self._open, lower._open]), group, count)
        bottom = np.where(lower._bottom, lower._bottom + n, 0)
        joined = Patches(self._search, patches, number[self._top], number[bottom])
        joined._complete_count += self._complete_count + lower._complete_count
        listed = np.concatenate([joined._largest, self._largest, lower._largest])
        joined._largest = self._kept(listed)[1]
        return joined

    def found(self, names: tuple[str, ...]) -> tuple[int, tuple[Defect, ...]]:
        """How many defects there are, and the largest; `names` are those of the regions."""
        count, _ = self._kept(self._open)
        _, listed = self._kept(np.concatenate([self._open, self._largest]))
        return self._complete_count + count, tuple(_defect(patch, names) for patch in listed)

    def _kept(self, patches: np.ndarray) -> tuple[int, np.ndarray]:
        """How many of the patches are defects, and the largest of these, by area."""
        defects = patches[patches["area"] >= self._search.smallest_area]
        order = np.lexsort((defects["place"], -defects["area"]))
        return len(defects), defects[order[:MOST_LISTED]]


def _runs(
    differences: np.ndarray, above: np.ndarray, labels: np.ndarray | None, row: int
) -> tuple[np.ndarray, np.ndarray]:
    """The horizontal runs of pixels above the threshold, each as a patch, and where they start in
    the strip. A run ends where its region does."""
    width = above.shape[1]
    pixels = np.flatnonzero(above)
    begins = (np.diff(pixels, prepend=-2) > 1) | (pixels % width == 0)
    if labels is not None:
        regions = labels.ravel()[pixels]
        begins[1:] |= regions[1:] != regions[:-1]
    firsts = np.flatnonzero(begins)
    starts = pixels[firsts]
    values = differences.ravel()[pixels]
    runs = np.zeros(len(starts), PATCH)
    runs["area"] = np.diff(firsts, append=len(pixels))
    runs["top"] = runs["bottom"] = starts // width + row
    runs["left"] = starts % width
    runs["right"] = runs["left"] + runs["area"] - 1
    runs["sum"] = np.add.reduceat(values, firsts, dtype=np.float64)
    runs["peak"] = np.maximum.reduceat(values, firsts)
    runs["place"] = starts + row * width
    runs["region"] = 1 if labels is None else regions[firsts]
    return runs, starts


def _united(parts: np.ndarray, group: np.ndarray, count: int) -> np.ndarray:
    """The patches that parts of them make up; `group` says to which each belongs."""
    whole = np.zeros(count, PATCH)
    whole["left"] = whole["top"] = whole["place"] = np.iinfo(np.int64).max
    for name, function in (
        ("area", np.add),
        ("sum", np.add),
        ("left", np.minimum),
        ("top", np.minimum),
        ("right", np.maximum),
        ("bottom", np.maximum),
        ("peak", np.maximum),
    ):
        function.at(whole[name], group, parts[name])
    at_peak = parts["peak"] == whole["peak"][group]
    np.minimum.at(whole["place"], group[at_peak], parts["place"][at_peak])
    first = at_peak & (parts["place"] == whole["place"][group])
    whole["region"][group[first]] = parts["region"][first]
    return whole


def _touching(upper: np.ndarray, lower: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The pairs of patches that touch between two rows, straight or diagonally."""
    above = np.concatenate([upper[:-1], upper, upper[1:]])
    below = np.concatenate([lower[1:], lower, lower[:-1]])
    both = (above > 0) & (below > 0)
    return above[both], below[both]


def _defect(patch: np.void, names: tuple[str, ...]) -> Defect:
    area, left, top, right, bottom, total, peak, _, region = patch.item()
    return Defect(
        region=names[region - 1],
        area=area,
        x=left,
        y=top,
        width=right - left + 1,
        height=bottom - top + 1,
        mean=total / area,
        peak=peak,
    )
