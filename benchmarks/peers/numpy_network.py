"""The networks in NumPy, as one would write them."""

import numpy as np
from networks import DEEP, LAB_UNIT, LARGE, MU, SIAMESE, SIGMA, SMALL, layer
from threadpoolctl import threadpool_limits

from dde.metrics.model_files import StoredModel

NAME = "NumPy"
VERSION = np.__version__
TYPES = ("float32",)
threads = threadpool_limits


def _dense(values: np.ndarray, model: StoredModel, name: str) -> np.ndarray:
    weight, bias = layer(model, name)
    product = values @ weight.T
    return product if bias is None else product + bias


def _encoded(lab: np.ndarray) -> np.ndarray:
    hidden = np.maximum(_dense(lab, SIAMESE, "encoder.0"), 0)
    return np.maximum(_dense(hidden, SIAMESE, "encoder.2"), 0)


def siamese(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    distance = np.abs(_encoded(lab1) - _encoded(lab2))
    hidden = np.maximum(_dense(distance, SIAMESE, "head.0"), 0)
    predicted = np.exp(_dense(hidden, SIAMESE, "head.2")[..., 0] * SIGMA + MU) - 1
    return np.maximum(predicted, 0)


def _squareplus(values: np.ndarray) -> np.ndarray:
    return (values + np.sqrt(values * values + 4)) / 2


def _embedded(lab: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    u = lab / LAB_UNIT
    units = _squareplus(_dense(u, DEEP, "hidden.0"))
    units = _squareplus(_dense(units, DEEP, "hidden.2"))
    small, large = (
        _dense(u, DEEP, f"{part}.linear") + _dense(units, DEEP, f"{part}.bent")
        for part in ("small", "large")
    )
    return small, large


def deep(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    parts = zip(_embedded(lab1), _embedded(lab2), strict=True)
    r1, r2 = (np.linalg.norm(one - other, axis=-1) for one, other in parts)
    v = np.minimum(r1 / SMALL, 1.25)
    return SMALL * (v - 0.08192 * v**5) + LARGE * (np.sqrt(1 + 2 * r2 / LARGE) - 1)
