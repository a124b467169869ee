"""Learned colour differences."""

import os
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from dde import _core
from dde.reading import path_of

if TYPE_CHECKING:
    from dde.metrics.model_files import StoredModel

SHIPPED = ("deep", "siamese")
LAB_UNIT_OF_EDITION_1 = 30.0  # later files say it


class Model:
    """
    A learned colour difference: a function of two Lab colours, as `load_model` gives it.

    A difference is never negative: where the Siamese network predicts less than 0, it is 0. A deep
    one is 0 for equal colours; a Siamese one need not be.

    It is called like a formula, ``model(lab1, lab2, out=None)``, may be given wherever a metric is
    asked for, never changes, and can be pickled.

    Attributes
    ----------
    info : mapping
        What its file says of it: architecture, training data and configuration, held-out figures.
    legacy_input : bool
        As it was given to `load_model`.
    kernel : object
        The network as the kernels take it.
    """

    __slots__ = ("_stored", "info", "kernel", "legacy_input")
    _stored: "StoredModel"
    legacy_input: bool
    info: Mapping[str, Any]
    kernel: _core.NetworkKernel

    def __init__(self, stored: "StoredModel", legacy_input: bool = False) -> None:
        put = super().__setattr__
        put("_stored", stored)
        put("legacy_input", legacy_input)
        put("kernel", _network(stored, legacy_input))
        put("info", _frozen(stored.info))

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError("a model never changes")

    def __delattr__(self, name: str) -> None:
        raise AttributeError("a model never changes")

    def __reduce__(self) -> tuple[Any, ...]:
        return Model, (self._stored, self.legacy_input)

    def __repr__(self) -> str:
        return f"<dde model {self.info['architecture']!r}>"

    def __eq__(self, other: object) -> bool:
        """Whether it is of the same numbers, and takes the same input."""
        if not isinstance(other, Model):
            return NotImplemented
        return self._identity == other._identity

    def __hash__(self) -> int:
        return hash(self._identity)

    @property
    def _identity(self) -> tuple[str, str, bool]:
        return self._stored.architecture, self.sha256, self.legacy_input

    @property
    def sha256(self) -> str:
        """The SHA-256 of the file that it is from, or of the .npy files of the folder."""
        return self._stored.sha256

    def __call__(self, lab1: ArrayLike, lab2: ArrayLike, *, out: np.ndarray | None = None) -> Any:
        """
        The learned differences of two arrays of colours.

        Parameters
        ----------
        lab1, lab2 : array_like, shape (..., 3)
            CIELAB, float32 or float64, of shapes that broadcast.
        out : numpy.ndarray, optional
            Where to put the result: of its shape and type.

        Returns
        -------
        numpy.ndarray
            The differences, of the broadcast shape without its last axis: float32 where both are
            float32, otherwise float64. A NaN or an infinity gives NaN, for its pair only.

        Raises
        ------
        TypeError, ValueError
            As from the formulas, for instance `dde.ciede2000`.
        """
        return _core.difference(self.kernel, lab1, lab2, out)

    def embed(self, lab: ArrayLike) -> np.ndarray:
        """
        What the network's encoder makes of colours.

        Parameters
        ----------
        lab : array_like, shape (..., 3)
            CIELAB, float32 or float64.

        Returns
        -------
        numpy.ndarray, shape (..., units)
            Of the type of lab. Of a deep metric, what `parts` says; in ΔE of small differences
            from its second edition on.
        """
        embedded = self.kernel.embed(lab)
        if self._stored.edition == 2:
            of = deep_parts(self._stored)
            embedded[..., : of.k1] *= of.a1
            embedded[..., of.k1 :] *= of.a2
        return embedded

    @property
    def parts(self) -> Mapping[str, slice]:
        """
        Which coordinates of `embed` are whose, of a deep metric; empty for others.

        With r₁ and r₂ the Euclidean distances in the parts ``"small"`` and ``"large"``, and with
        s and l the constants of these names in `info`,
        ΔE = s·g₁(r₁/s) + l·g₂(r₂/l), where g₁ and g₂ grow (src/kernels/networks/deep.h).
        So ΔE ≥ l·g₂(r₂/l): whatever lies further away in the part ``"large"`` alone than the best
        that is known need not be looked at, and a search for the nearest colour is exact.
        """
        if self._stored.architecture != "deep":
            return MappingProxyType({})
        of = deep_parts(self._stored)
        parts = {"small": slice(0, of.k1), "large": slice(of.k1, len(of.A))}
        return MappingProxyType(parts if of.k1 else {"large": parts["large"]})


def _network(stored: "StoredModel", legacy_input: bool) -> _core.NetworkKernel:
    """A model as the kernels take it: kernels/siamese.h and kernels/deep.h say what goes where."""
    if stored.architecture == "deep":
        if legacy_input:
            raise ValueError("legacy_input is for a Siamese model, and this one is deep")
        return _deep_network(stored)
    t = stored.tensors
    names = ("encoder.0", "encoder.2", "head.0", "head.2")
    layers = [(_packed(t[f"{name}.weight"]), _packed(t[f"{name}.bias"])) for name in names]
    constants = [*stored.constants, float(legacy_input)]
    return _core.NetworkKernel("siamese", layers, constants, 64, 128)


class DeepParts(NamedTuple):
    """A deep metric of either edition, by the names of kernels/networks/deep.h; of Lab / unit.

    The coordinates of the second edition are in ΔE in the file, and in a1 and a2 here."""

    W1: np.ndarray
    b1: np.ndarray
    W2: np.ndarray
    b2: np.ndarray
    W3: np.ndarray
    A: np.ndarray
    a1: float
    a2: float
    k1: int
    unit: float


def deep_parts(stored: "StoredModel") -> DeepParts:
    t = {name: tensor.astype(np.float64) for name, tensor in stored.tensors.items()}
    if stored.edition == 1:  # one part, of large differences
        (scale,) = stored.constants
        small, large, unit, name = 0.0, scale, LAB_UNIT_OF_EDITION_1, "layers"
        linear, bent, of_small = t["linear.weight"], t["layers.4.weight"], 0
    else:
        small, large, unit = stored.constants
        name, of_small = "hidden", len(t["small.linear.weight"])
        linear, bent = (
            np.vstack([t[f"small.{part}.weight"] / small, t[f"large.{part}.weight"] / large])
            for part in ("linear", "bent")
        )
    W1, b1, W2, b2 = (t[f"{name}.{part}"] for part in ("0.weight", "0.bias", "2.weight", "2.bias"))
    return DeepParts(W1, b1, W2, b2, bent, linear, small, large, of_small, unit)


def _deep_network(stored: "StoredModel") -> _core.NetworkKernel:
    of = deep_parts(stored)
    layers = [
        (_packed(of.W1 / of.unit), _packed(of.b1)),
        (_packed(of.W2 / 2), _packed(of.b2)),
        (_packed(np.hstack([of.W3 / 2, of.A / of.unit])), _packed(np.zeros(len(of.A)))),
    ]
    return _core.NetworkKernel("deep", layers, [of.a1, of.a2, of.k1], len(of.b1), len(of.A))


def _packed(layer: np.ndarray) -> np.ndarray:
    """Weights (outputs, inputs) or a bias (outputs) as the kernels want them: outputs in blocks,
    [output / n][input][n], padded with zeros to a whole number of blocks."""
    n = _core.packed_outputs
    padding = [(0, -len(layer) % n)] + [(0, 0)] * (layer.ndim - 1)
    blocks = np.pad(layer, padding).reshape(-1, n, *layer.shape[1:])
    return np.swapaxes(blocks, 1, -1)


def _frozen(value: Any) -> Any:
    if isinstance(value, Mapping):
        return MappingProxyType({key: _frozen(item) for key, item in value.items()})
    return tuple(_frozen(item) for item in value) if isinstance(value, list) else value


def load_model(name_or_path: str | os.PathLike[str], *, legacy_input: bool = False) -> Model:
    """
    Load a learned colour difference.

    Parameters
    ----------
    name_or_path : str or path
        ``"deep"`` or ``"siamese"``, which ship with dde; or a safetensors file that
        ``dde-train export`` wrote; or a folder of ``.npy`` files of the DeepDeltaE project.
    legacy_input : bool, optional
        For weights that the DeepDeltaE project published. They were trained on XYZ from 0 to 100
        that was taken for 0 to 1; the model then takes ordinary CIELAB and converts it inside to
        what they know.

    Returns
    -------
    Model

    Raises
    ------
    TypeError
        If it is neither a name nor a path.
    FileNotFoundError
        If there is no such file or folder.
    OSError
        If it cannot be read.
    ModelFileError
        If it is damaged, of another layout or shape, not finite, with constants of a size that
        makes no sense, or of a later version. It is a ValueError, and names the file.
    ValueError
        If the path is empty; if legacy_input is asked for with a model that ships, or another one
        than a Siamese.

    Examples
    --------
    >>> import dde
    >>> model = dde.load_model("deep")
    >>> model([[50.0, 10.0, 0.0]] * 4, [50.0, 12.0, 0.0]).shape
    (4,)
    >>> model.info["architecture"]
    'deep'
    """
    if not isinstance(name_or_path, (str, os.PathLike)):
        raise TypeError(f"name_or_path must be a name or a path, not {type(name_or_path).__name__}")
    if name_or_path in SHIPPED:
        if legacy_input:
            raise ValueError(
                f"legacy_input is for files of the DeepDeltaE project, not for {name_or_path}"
            )
        return shipped_model(str(name_or_path))
    return _read(path_of(name_or_path, "name_or_path"), legacy_input)


@cache
def shipped_model(name: str) -> Model:
    """The model of that name that ships with dde; read once."""
    from importlib.resources import as_file, files  # takes long to import

    with as_file(files("dde") / "weights" / f"{name}.safetensors") as path:
        return _read(path)


def _read(path: Path, legacy_input: bool = False) -> Model:
    from dde.metrics.model_files import read_model  # JSON and hashes take long to import

    return Model(read_model(path), legacy_input)


def deep_delta_e(lab1: ArrayLike, lab2: ArrayLike, *, out: np.ndarray | None = None) -> Any:
    """
    The learned colour difference that ships with dde.

    ΔE = s·g₁(r₁/s) + l·g₂(r₂/l): a small smooth network takes each colour to two points, whose
    distances are r₁ and r₂. g₁ saturates, so that r₁ is for small differences; g₂ compresses,
    g₂(r) = sqrt(1 + 2r) − 1. It was fitted to what people saw in the 3813 pairs of the public data
    sets BFD-P, Leeds, RIT-DuPont and Witt, held to CIEDE2000 between their colours, and for large
    differences fitted to the steps of Munsell's renotation and held to CAM16-LCD.

    Parameters
    ----------
    lab1, lab2 : array_like, shape (..., 3)
        CIELAB, float32 or float64, of shapes that broadcast.
    out : numpy.ndarray, optional
        Where to put the result: of its shape and type.

    Returns
    -------
    numpy.ndarray
        ΔE, of the broadcast shape without its last axis: float32 where both are float32,
        otherwise float64. A NaN or an infinity gives NaN, for its pair only.

    Raises
    ------
    TypeError
        If lab1 or lab2 is not of floating-point type, or `out` is not of the type of the result.
    ValueError
        If the last axis of lab1 or lab2 is not 3, their shapes do not broadcast, `out` is of
        another shape.

    Notes
    -----
    It is a metric in the sense of mathematics: equal colours are exactly 0 apart, the order of the
    two does not matter, to the last bit, and by way of a third colour it is never shorter. So
    tolerances add up, and a search for the nearest colour may use the triangle inequality.

    Its scale is that of CIEDE2000 for the small differences that people were shown: the median ΔE
    of the 3813 pairs is the same in both. Large differences come out smaller, as they look: there
    its numbers cannot be compared with those of a formula.

    float32 is right to 1e-4. The same as ``load_model("deep")``, whose ``info`` names the data, the
    configuration and the figures on held-out colours.

    References
    ----------
    ``training/docs/deep.md`` of this project: how it was learned, and how well it does on colours
    that it has not seen.

    Examples
    --------
    >>> import dde
    >>> brick, rust = [45.0, 40.0, 30.0], [44.0, 41.0, 33.0]
    >>> float(dde.deep_delta_e(brick, brick))
    0.0
    >>> bool(dde.deep_delta_e(brick, rust) == dde.deep_delta_e(rust, brick))
    True
    """
    return shipped_model("deep")(lab1, lab2, out=out)
