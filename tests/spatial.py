"""S-CIELAB, tolerances and FLIP's inputs in float64, written from the equations: what the maps are
compared with."""

from io import BytesIO
from itertools import product

import numpy as np
import skimage.data
from PIL import Image
from scipy.ndimage import correlate1d

import dde

XYZ_TO_OPPONENT = [
    [0.2787336, 0.7218031, -0.1065520],
    [-0.4487736, 0.2898056, 0.0771569],
    [0.0859513, -0.5899859, 0.5011089],
]
LOBES = [
    [(0.0283, 0.921), (0.133, 0.105), (4.336, -0.108)],
    [(0.0392, 0.531), (0.494, 0.330)],
    [(0.0536, 0.488), (0.386, 0.371)],
]


def filtered_lab(rgb: np.ndarray, pixels_per_degree: float) -> np.ndarray:
    """Lab of what S-CIELAB leaves of sRGB, uint8 or float, in float64."""
    scaled = rgb / 255 if rgb.dtype == np.uint8 else rgb.astype(np.float64)
    opponent = dde.srgb_to_xyz(scaled) @ np.transpose(XYZ_TO_OPPONENT)
    x = np.array([n for n in range(-600, 601) if 2 * abs(n) < pixels_per_degree])
    seen = np.zeros_like(opponent)
    for channel, lobes in enumerate(LOBES):
        for spread, weight in lobes:
            taps = np.exp(-((x / (spread * pixels_per_degree)) ** 2))
            taps /= taps.sum()
            part = opponent[..., channel]
            for axis in (0, 1):
                part = correlate1d(part, taps, axis=axis, mode="reflect")
            seen[..., channel] += weight / sum(w for _, w in lobes) * part
    return np.asarray(dde.xyz_to_lab(seen @ np.linalg.inv(np.transpose(XYZ_TO_OPPONENT))))


def tolerant(reference: np.ndarray, sample: np.ndarray, shift: int, edges: float) -> np.ndarray:
    """CIEDE2000 between Lab images, with tolerance, by loops over all shifts."""
    height, width, _ = reference.shape

    def at(lab: np.ndarray, y: int, x: int) -> np.ndarray:
        rows = np.clip(np.arange(height) + y, 0, height - 1)
        columns = np.clip(np.arange(width) + x, 0, width - 1)
        return lab[rows][:, columns]

    shifts = list(product(range(-shift, shift + 1), repeat=2))
    with np.errstate(all="ignore"):
        lost = np.fmin.reduce([dde.ciede2000(reference, at(sample, *s)) for s in shifts])
        added = np.fmin.reduce([dde.ciede2000(at(reference, *s), sample) for s in shifts])
        beside = [(0, 1), (0, -1), (1, 0), (-1, 0)]
        steps = [dde.ciede2000(reference, at(reference, *s)) for s in beside]
        left = np.maximum(lost, added) - edges * np.fmax.reduce([np.zeros_like(lost), *steps])
        return np.asarray(np.where(left < 0, 0, left))


def photographs() -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Photographs and what became of them: noise, blur, a coarse palette, a shift, another colour,
    and JPEG."""
    rng = np.random.default_rng(2020)
    astronaut, coffee, cat = (
        np.ascontiguousarray(image[:260, :300])
        for image in (skimage.data.astronaut(), skimage.data.coffee(), skimage.data.chelsea())
    )
    rocket = np.ascontiguousarray(skimage.data.rocket()[150:400, 200:450])
    eye = np.ascontiguousarray(skimage.data.retina()[500:750, 500:750])
    blurred = np.stack(
        [
            correlate1d(
                correlate1d(coffee[..., c].astype(float), [1, 2, 1], axis=0), [1, 2, 1], axis=1
            )
            / 16
            for c in range(3)
        ],
        axis=-1,
    )
    noisy = astronaut + rng.normal(0, 12, astronaut.shape)
    compressed = BytesIO()
    Image.fromarray(coffee).save(compressed, "JPEG", quality=20)
    return {
        "noise": (astronaut, noisy.round().clip(0, 255).astype(np.uint8)),
        "blur": (coffee, blurred.round().astype(np.uint8)),
        "jpeg": (coffee, np.asarray(Image.open(compressed))),
        "palette": (cat, np.uint8(cat // 32 * 32 + 16)),
        "shift": (rocket, np.roll(rocket, (1, 2), axis=(0, 1))),
        "colour": (eye, (eye * [1.0, 0.9, 1.1]).clip(0, 255).astype(np.uint8)),
    }
