"""Cameras fitted to charts, for the least colour difference."""

import os
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.cameras.camera import KERNELS, TERMS, Camera
from dde.cameras.chart import CLIPPED, ChartReading, cells_in_order, named_chart
from dde.metrics.table import Metric, delta_e, name_of, space_of
from dde.spaces.conversions import lab_to_xyz, xyz_to_lab
from dde.spaces.space import Space, convert
from dde.spaces.whites import reference_white
from dde.tables.reading import read_table
from dde.version import __version__
from dde.wording import must_be_one_of

CHARTS = {"ColorChecker24": "colorchecker24"}
MODELS = ("linear", "root-polynomial")
DEGREE = 2  # of the root-polynomial
ITERATIONS = 30
OUTLIER, OUTLIERS_MEDIANS = 8.0, 5.0  # a patch left out that differs by more than both fits nothing
LARGEST_Y = 2.0  # of a surface that fluoresces, and of nothing that is on a scale to 100
UNRELATED = 15.0  # what the best matrix may leave between a chart and its reference, as a median
MOST_FOLDS = 40


def fit_camera(
    chart: ChartReading | ArrayLike,
    reference: ArrayLike | str | os.PathLike[str],
    *,
    model: str = "root-polynomial",
    degree: int | None = None,
    metric: Metric = "CIEDE2000",
    space: str = "Lab",
    white: str | ArrayLike = "D50",
    name: str = "camera",
    names: Sequence[str] | None = None,
) -> Camera:
    """
    The camera that makes the colours of a chart of what it saw, with the least colour difference.

    Patches that are clipped or uneven, and those that fit nothing (covered, or the wrong ones), are
    left out and named in the camera's record; so is how well patches are met that the fit has not
    seen, each in turn.

    Parameters
    ----------
    chart : ChartReading or array_like, shape (N, 3)
        The patches as from `read_chart`, or their linear RGB from 0 to 1.
    reference : array_like, str or path
        What they are: colours of `space`, shape (N, 3), in the same order; ``"ColorChecker24"``
        (made after November 2014); or a CGATS or CxF3 file with N patches. Patches of a file that
        are called A1, A2 and so on are put in the order of a `ChartReading`.
    model : {"root-polynomial", "linear"}, optional
        Root-polynomials are exact about exposure, and bend where a matrix cannot.
    degree : int, optional
        Of the root-polynomial, 1 to 4, by default 2: 3, 6, 13 or 22 terms. Twice as many patches
        are needed.
    metric : str or callable, optional
        What is made small, as for `delta_e`.
    space : {"Lab", "XYZ"}, optional
        What the reference is, where it is colours; XYZ has Y = 1 for white.
    white : str or array_like, optional
        The white of the reference.
    name : str, optional
        What the camera is called.
    names : sequence of str, optional
        What the patches are called; by default as the reference does, or numbers from 1.

    Returns
    -------
    Camera

    Raises
    ------
    ValueError
        If the numbers of patches differ or are too few, the chart lies upside down or mirrored or
        has other patches than the reference, or
        an argument is none that is accepted.

    References
    ----------
    G. D. Finlayson, M. Mackiewicz, A. Hurlbert, "Color correction using root-polynomial
    regression", IEEE Transactions on Image Processing 24 (2015) 1460-1470.

    Examples
    --------
    >>> import dde, numpy as np
    >>> from dde.cameras.chart import named_chart
    >>> _, lab = named_chart("colorchecker24")
    >>> seen = dde.convert(dde.lab_to_xyz(lab, "D50"), dde.Space.xyz("D50"), "linear sRGB") / 2
    >>> camera = dde.fit_camera(seen, "ColorChecker24", model="linear")
    >>> camera.record["mean"] < 1e-6
    True
    >>> frame = np.float32(seen.reshape(4, 6, 3))
    >>> float(dde.delta_e_map(frame, frame, space=camera, clip=True).max())
    0.0
    """
    if model not in MODELS:
        raise ValueError(f"model {must_be_one_of(model, MODELS)}")
    if model == "linear" and degree not in (None, 1):
        raise ValueError(f"degree is of a root-polynomial; a linear model has 1, not {degree!r}")
    degree = (1 if model == "linear" else DEGREE) if degree is None else degree
    if (model, degree) not in KERNELS:
        raise ValueError(f"degree must be 1, 2, 3 or 4, not {degree!r}")
    kernel = KERNELS[model, degree]
    known, xyz = _reference(reference, space, white)
    rgb, doubts = _patches(chart)
    if len(rgb) != len(xyz):
        raise ValueError(f"chart has {len(rgb)} patches, and reference {len(xyz)}")
    if known and isinstance(chart, ChartReading):
        order = cells_in_order(known, chart.layout)
        known, xyz = tuple(known[place] for place in order), xyz[order]
    names = tuple(names or known or [str(number) for number in range(1, len(rgb) + 1)])
    if len(names) != len(rgb):
        raise ValueError(f"names must be {len(rgb)}, one a patch, not {len(names)}")
    fit = _Fit(kernel, rgb, xyz, reference_white(white), metric)
    used = np.array([number not in doubts for number in range(len(rgb))])
    _refuse_too_few(used, kernel)
    _refuse_too_alike(fit.terms[used])
    _refuse_wrong_way(chart, fit, rgb, used)
    _drop_outliers(_Fit("linear", rgb, xyz, fit.white, metric), used, doubts, TERMS[kernel])
    coefficients = fit.solve(used)
    record = {
        "model": model,
        "degree": degree,
        "metric": name_of(metric) or str(metric),
        "patches": list(names),
        "not_used": {names[number]: why for number, why in sorted(doubts.items())},
        **_account(fit, coefficients, used, _before(rgb, fit)),
        "version": __version__,
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    return Camera.of(name, kernel, coefficients, reference_white(white), record)


def _account(
    fit: "_Fit", coefficients: np.ndarray, used: np.ndarray, before: np.ndarray
) -> dict[str, Any]:
    """How well the patches are met: by the fit, by fits that have not seen them, and before it."""
    found = fit.found(coefficients)
    differences, left_out = fit.difference(fit.lab, found), fit.left_out(used)
    return {
        "differences": differences.tolist(),
        "differences_before": fit.difference(fit.lab, before).tolist(),
        "targets": fit.lab.tolist(),
        "found": found.tolist(),
        "before": before.tolist(),
        "mean": float(differences[used].mean()),
        "maximum": float(differences[used].max()),
        "left_out_mean": float(left_out[used].mean()),
        "left_out_maximum": float(left_out[used].max()),
    }


def _before(rgb: np.ndarray, fit: "_Fit") -> np.ndarray:
    """CIELAB of the patches if their numbers were linear sRGB, as bright as the reference."""
    xyz = convert(rgb, "linear sRGB", Space.xyz(fit.white))
    brightness = (xyz[:, 1] @ fit.xyz[:, 1]) / (xyz[:, 1] @ xyz[:, 1])
    return np.asarray(xyz_to_lab(brightness * xyz, fit.white))


def _reference(reference: Any, space: str, white: Any) -> tuple[tuple[str, ...] | None, np.ndarray]:
    """The names of the patches, where they have some, and their XYZ."""
    if isinstance(reference, str) and reference in CHARTS:
        names, lab = named_chart(CHARTS[reference])
        return names, lab_to_xyz(lab, white)
    if isinstance(reference, (str, os.PathLike)):
        if not os.fspath(reference) or not Path(reference).exists():
            accepted = (*CHARTS, "the path of a CGATS file", "colours")
            raise ValueError(f"reference {must_be_one_of(str(reference), accepted)}")
        table = read_table(reference, "reference")
        return table.names, lab_to_xyz(table.lab, white)
    colours = np.asarray(reference, dtype=np.float64)
    if colours.ndim != 2 or colours.shape[1] != 3:
        raise ValueError(f"reference must be colours of shape (N, 3); its shape is {colours.shape}")
    if not np.isfinite(colours).all():
        raise ValueError("reference must be finite colours; one is not")
    if space not in ("Lab", "XYZ"):
        raise ValueError(f"space {must_be_one_of(space, ('Lab', 'XYZ'))}")
    if space == "XYZ" and colours[:, 1].max() > LARGEST_Y:
        raise ValueError(
            f"reference must be XYZ with Y = 1 for white; the largest Y is {colours[:, 1].max():g}"
        )
    return None, lab_to_xyz(colours, white) if space == "Lab" else colours


def _patches(chart: ChartReading | ArrayLike) -> tuple[np.ndarray, dict[int, str]]:
    if isinstance(chart, ChartReading):
        return chart.rgb, dict(chart.doubts)
    rgb = np.asarray(chart, dtype=np.float64)
    if rgb.ndim != 2 or rgb.shape[1] != 3:
        raise ValueError(f"chart must be RGB of shape (N, 3); its shape is {rgb.shape}")
    if np.nanmedian(rgb) > 1:
        raise ValueError("chart must be linear RGB from 0 to 1; divide 8-bit values by 255")
    doubts = {
        number: "clipped" if np.isfinite(patch).all() else "not a number"
        for number, patch in enumerate(rgb)
        if not (patch < CLIPPED).all()
    }
    return rgb, doubts


class _Fit:
    """Coefficients by least squares: first of XYZ, then of the colour difference, of which a
    quadratic form around each patch's own colour says enough."""

    def __init__(
        self, kernel: str, rgb: np.ndarray, xyz: np.ndarray, white: np.ndarray, metric: Metric
    ) -> None:
        self.kernel, self.white, self.metric = kernel, white, metric
        self.terms, self.xyz = _terms(kernel, rgb), xyz
        self.lab = xyz_to_lab(xyz, white)
        self.roots = self._roots_of_form()

    def difference(self, lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
        """The metric, under the white of the reference."""
        if space_of(self.metric) == Space.named("Lab"):
            return np.asarray(delta_e(lab1, lab2, self.metric))
        space = Space.named("Lab", self.white)
        return np.asarray(delta_e(lab1, lab2, self.metric, space=space))

    def found(self, coefficients: np.ndarray) -> np.ndarray:
        """CIELAB of all patches by these coefficients."""
        return np.asarray(xyz_to_lab(self.terms @ coefficients.T, self.white))

    def differences(self, coefficients: np.ndarray) -> np.ndarray:
        """Of all patches, from these coefficients."""
        return self.difference(self.lab, self.found(coefficients))

    def _roots_of_form(self) -> np.ndarray:
        """Of each patch the matrix whose product with a small ΔLab is as long as the difference."""
        step, unit = 1e-3, np.eye(3)

        def squared(direction: np.ndarray) -> np.ndarray:
            return (self.difference(self.lab, self.lab + step * direction) / step) ** 2

        single = [squared(unit[i]) for i in range(3)]
        form = np.empty((len(self.lab), 3, 3))
        for i in range(3):
            for j in range(3):
                both = single[i] if i == j else squared(unit[i] + unit[j])
                form[:, i, j] = both if i == j else (both - single[i] - single[j]) / 2
        values, vectors = np.linalg.eigh(form)
        scaled = np.sqrt(np.maximum(values, 1e-9))[:, :, None] * np.swapaxes(vectors, 1, 2)
        return np.asarray(scaled)

    def solve(self, used: np.ndarray) -> np.ndarray:
        """The coefficients, shape (3, terms), from the patches used."""
        terms, xyz, lab, roots = self.terms[used], self.xyz[used], self.lab[used], self.roots[used]
        weights = 1 / (xyz[:, 1:2] + 0.02)
        first, *_ = np.linalg.lstsq(terms * weights, xyz * weights, rcond=None)
        coefficients = first.T

        def residuals(tried: np.ndarray) -> np.ndarray:
            off = xyz_to_lab(terms @ tried.T, self.white) - lab
            return np.asarray(np.einsum("nij,nj->ni", roots, off))

        return _least_squares(residuals, coefficients, self._jacobian(terms, roots))

    def _jacobian(self, terms: np.ndarray, roots: np.ndarray) -> Callable[..., np.ndarray]:
        """Of the residuals, by the coefficients; XYZ to Lab by differences."""

        def jacobian(coefficients: np.ndarray) -> np.ndarray:
            xyz, step = terms @ coefficients.T, 1e-6
            steps = step * np.eye(3)
            slopes = np.stack(
                [
                    (xyz_to_lab(xyz + way, self.white) - xyz_to_lab(xyz - way, self.white))
                    / (2 * step)
                    for way in steps
                ],
                axis=-1,
            )
            by_xyz = roots @ slopes
            return np.asarray(np.einsum("nij,nk->nijk", by_xyz, terms).reshape(xyz.size, -1))

        return jacobian

    def left_out(self, used: np.ndarray) -> np.ndarray:
        """How much each patch used differs from a fit that has not seen it; NaN for the others."""
        found = np.full(len(used), np.nan)
        numbers = np.flatnonzero(used)
        for fold in np.array_split(numbers, min(len(numbers), MOST_FOLDS)):
            others = used.copy()
            others[fold] = False
            found[fold] = self.differences(self.solve(others))[fold]
        return found


def _terms(kernel: str, rgb: np.ndarray) -> np.ndarray:
    """The terms of a model as the kernels have them, shape (N, terms): three at a time."""
    count = TERMS[kernel]
    columns = []
    for first in range(0, count, 3):
        chosen = np.zeros((3, count))
        for row, term in enumerate(range(first, min(first + 3, count))):
            chosen[row, term] = 1
        three = _core.convert(_core.Way([(kernel, chosen)]), rgb, "chart", None)
        columns.append(three[:, : count - first])
    return np.concatenate(columns, axis=1)


def _least_squares(
    residuals: Callable[[np.ndarray], np.ndarray],
    start: np.ndarray,
    jacobian: Callable[[np.ndarray], np.ndarray],
) -> np.ndarray:
    """Levenberg and Marquardt's method."""
    best, damping = start, 1e-4
    off = residuals(best)
    for _ in range(ITERATIONS):
        slopes = jacobian(best)
        normal = slopes.T @ slopes
        scale = np.diag(np.diag(normal)) + 1e-12 * np.trace(normal) * np.eye(len(normal))
        step = np.linalg.solve(normal + damping * scale, -slopes.T @ off.ravel())
        tried = best + step.reshape(best.shape)
        found = residuals(tried)
        if np.isfinite(found).all() and (found**2).sum() < (off**2).sum():
            gained = 1 - (found**2).sum() / (off**2).sum()
            best, off, damping = tried, found, damping / 5
            if gained < 1e-9:
                break
        else:
            damping *= 10
            if damping > 1e6:
                break
    return best


def _refuse_too_few(used: np.ndarray, kernel: str) -> None:
    needed = 2 * TERMS[kernel]
    if used.sum() < min(needed, 24) or used.sum() <= TERMS[kernel]:
        raise ValueError(
            f"chart has {int(used.sum())} patches to be trusted; a model of {TERMS[kernel]} terms "
            f"needs {max(min(needed, 24), TERMS[kernel] + 1)}"
        )


def _refuse_too_alike(terms: np.ndarray) -> None:
    """Refuses patches, such as black ones all over, of which no coefficients follow."""
    rank = int(np.linalg.matrix_rank(terms))
    if rank < terms.shape[1]:
        raise ValueError(
            f"chart must have patches of many colours; a model of {terms.shape[1]} terms cannot be "
            f"fitted to these, of which {rank} are independent"
        )


def _refuse_wrong_way(
    chart: ChartReading | ArrayLike, fit: _Fit, rgb: np.ndarray, used: np.ndarray
) -> None:
    """Refuses a chart whose patches would fit a matrix far better if it lay another way, and one
    that no matrix comes near."""

    def misfit(order: np.ndarray) -> float:
        turned = _Fit("linear", rgb[order], fit.xyz, fit.white, "CIE76")
        counted = used[order]
        return float(np.median(turned.differences(turned.solve(counted))[counted]))

    given = misfit(np.arange(len(used)))
    for way, order in chart.arranged() if isinstance(chart, ChartReading) else ():
        if given > 5 and misfit(order) < 0.5 * given:
            raise ValueError(
                f"chart lies {way}: its patches fit the reference far better turned back; give "
                "its corners in another order, from the first patch on"
            )
    if given > UNRELATED:
        raise ValueError(
            "chart and reference must be the same patches in the same order, row by row; the best "
            f"matrix between these leaves a median CIE76 difference of {given:.0f}"
        )


def _drop_outliers(fit: _Fit, used: np.ndarray, doubts: dict[int, str], needed: int) -> None:
    """Leaves out patches that not even a matrix comes near, worst first, up to a quarter of them.
    (A model of many terms may be far off where it must extrapolate: that tells nothing.)"""
    for _ in range(len(used) // 4):
        left_out = fit.left_out(used)
        worst = int(np.nanargmax(left_out))
        limit = max(OUTLIER, OUTLIERS_MEDIANS * float(np.nanmedian(left_out)))
        if left_out[worst] <= limit or used.sum() - 1 <= needed + 1:
            return
        used[worst] = False
        doubts[worst] = f"fits nothing: it differs by {left_out[worst]:.1f}"
