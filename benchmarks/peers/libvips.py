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
from by_hand import PERCENTAGES, THRESHOLDS
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


def inspect_and_keep_map(reference: np.ndarray, sample: np.ndarray) -> np.ndarray:
    """A pass for the map, one over it for the percentiles, and one for all the means."""
    lab1, lab2 = (_seen(rgb, "srgb").colourspace("lab") for rgb in (reference, sample))
    map = lab1.dE00(lab2).copy_memory()
    shares = [(map > threshold) / 255 for threshold in THRESHOLDS]
    found = map.bandjoin([*shares, *_signed_differences(lab1, lab2)]).stats().numpy()
    mean, deviation = found[1, 4:6]
    peak, x, y = found[1, [1, 8, 9]]
    return np.array([mean, deviation, *_percentiles(map), peak, x, y, *found[2:, 4]])


def _percentiles(map: pyvips.Image) -> np.ndarray:
    """From a histogram of bins of 1/128."""
    counts = (map * 128).cast("ushort").hist_find().numpy().ravel()
    ranks = np.array(PERCENTAGES) / 100 * counts.sum()
    return (np.searchsorted(np.cumsum(counts), ranks) + 0.5) / 128


def _signed_differences(lab1: pyvips.Image, lab2: pyvips.Image) -> list[pyvips.Image]:
    difference = lab2 - lab1
    dC = lab2.Lab2LCh()[1] - lab1.Lab2LCh()[1]
    squared = difference[1] ** 2 + difference[2] ** 2 - dC**2
    dH = (squared > 0).ifthenelse(squared, 0) ** 0.5
    turned_back = lab1[1] * lab2[2] < lab2[1] * lab1[2]
    return [difference[0], dC, turned_back.ifthenelse(-1 * dH, dH)]
