"""libvips: compiled pipelines over images, a few lines at a time, in float32.

``new_from_memory`` looks at the array where it lies and ``write_to_memory`` computes the pipeline,
so that nothing is copied but the result. The cache of operations is off: nothing is computed once
and asked for twice. Its XYZ is on a scale of 0 to 100, ours becomes so in the pipeline. What it
calls dECMC is another quantity than CMC(l:c), and left out.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
import pyvips
from pyvips import vips_lib

NAME = "libvips"
VERSION = ".".join(str(pyvips.version(part)) for part in range(3))
TYPES = ("float32",)

FORMATS = {"uint8": "uchar", "float32": "float"}

pyvips.cache_set_max(0)


@contextmanager
def threads(n: int) -> Iterator[None]:
    before = vips_lib.vips_concurrency_get()
    vips_lib.vips_concurrency_set(n)
    try:
        yield
    finally:
        vips_lib.vips_concurrency_set(before)


def _seen(colours: np.ndarray, interpretation: str) -> pyvips.Image:
    height, width, bands = colours.shape
    image = pyvips.Image.new_from_memory(
        colours.data, width, height, bands, FORMATS[colours.dtype.name]
    )
    return image.copy(interpretation=interpretation)


def _computed(image: pyvips.Image) -> np.ndarray:
    bands = (image.bands,) if image.bands > 1 else ()
    values = np.frombuffer(image.write_to_memory(), np.float32)
    return values.reshape(image.height, image.width, *bands)


def ciede2000(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return _computed(_seen(lab1, "lab").dE00(_seen(lab2, "lab")))


def cie76(lab1: np.ndarray, lab2: np.ndarray) -> np.ndarray:
    return _computed(_seen(lab1, "lab").dE76(_seen(lab2, "lab")))


def xyz_to_lab(xyz: np.ndarray) -> np.ndarray:
    return _computed((_seen(xyz, "xyz") * 100).XYZ2Lab())


def lab_to_xyz(lab: np.ndarray) -> np.ndarray:
    return _computed(_seen(lab, "lab").Lab2XYZ() / 100)


def xyz_to_oklab(xyz: np.ndarray) -> np.ndarray:
    return _computed((_seen(xyz, "xyz") * 100).XYZ2Oklab())


def srgb_to_lab(rgb: np.ndarray) -> np.ndarray:
    return _computed(_seen(rgb, "srgb").colourspace("lab"))


def map_ciede2000(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return _computed(_seen(reference, "srgb").dE00(_seen(sample, "srgb")))


def map_cie76(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    return _computed(_seen(reference, "srgb").dE76(_seen(sample, "srgb")))
