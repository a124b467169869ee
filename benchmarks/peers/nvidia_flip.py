"""flip-evaluator: NVIDIA's own implementation of FLIP, in C++ with OpenMP, of float32 images."""

from importlib.metadata import version

import flip_evaluator
import numpy as np
from threadpoolctl import threadpool_limits

NAME = "flip-evaluator"
VERSION = version("flip-evaluator")
threads = threadpool_limits


def map_flip(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    pair = (np.multiply(rgb, np.float32(1 / 255), dtype=np.float32) for rgb in (reference, sample))
    found, _, _ = flip_evaluator.evaluate(*pair, "LDR", applyMagma=False)
    return found[..., 0]
