"""Charts found in photographs, by the detector of OpenCV."""

import numpy as np
from numpy.typing import ArrayLike

from dde.errors import MissingPackageError
from dde.extras import asking_for
from dde.spaces.space import convert

LONGEST_SIDE, SMALLEST_SIDE = 1200, 48  # pixels that are looked at
TRIES = 12  # the detector begins at random places, and misses charts now and then


def find_chart(image: ArrayLike) -> np.ndarray:
    """
    The corners of a ColorChecker of 4 by 6 patches in a photograph.

    They are OpenCV's, which lie on the outer edge of the patches or a little beyond: near enough
    to read the middle half of each patch. Four corners that somebody has given are surer.

    Parameters
    ----------
    image : array_like, shape (H, W, 3)
        Linear RGB of the camera: uint8, uint16, or floats from 0 to 1.

    Returns
    -------
    numpy.ndarray of float64, shape (4, 2)
        x, y in pixels as `read_chart` takes them, from the first patch on: dark skin.

    Raises
    ------
    MissingPackageError
        If there is no OpenCV that has the detector; it is in the extra ``chart``.
    ValueError
        If no chart is found.

    References
    ----------
    OpenCV 5, module objdetect, `cv::mcc::CCheckerDetector`.
    """
    with asking_for("chart", "finding a chart whose corners are not given"):
        import cv2
        from cv2 import __version__  # noqa: F401
    if not hasattr(cv2, "mcc"):
        raise MissingPackageError(
            "finding a chart whose corners are not given needs OpenCV 5; install it with: "
            'pip install "deepdeltae[chart]"'
        )
    detector = cv2.mcc.CCheckerDetector
    pixels = np.asarray(image)
    if pixels.ndim != 3 or pixels.shape[2] != 3 or 0 in pixels.shape:
        raise ValueError(f"image must be of shape (H, W, 3); its shape is {pixels.shape}")
    step = max(1, -(-max(pixels.shape[:2]) // LONGEST_SIDE))
    picture = _as_seen(pixels[::step, ::step])
    # No chart fits into less, and the detector comes to no end in a strip.
    for _ in range(TRIES if min(picture.shape[:2]) >= SMALLEST_SIDE else 0):
        found = detector.create()
        if found.process(picture):
            box = np.array(found.getBestColorChecker().getBox(), dtype=np.float64)
            return np.asarray(np.clip((box + 0.5) * step, 0, np.array(pixels.shape[1::-1]) - 1e-6))
    raise ValueError("no chart of 4 by 6 patches is found in the image; give its corners")


def _as_seen(pixels: np.ndarray) -> np.ndarray:
    """8-bit BGR as the detector takes it, as bright as can be."""
    light = np.asarray(pixels, dtype=np.float32)
    top = np.nanpercentile(light, 99.5, axis=(0, 1))
    scaled = np.clip(np.nan_to_num(light) / np.maximum(top, 1e-9), 0, 1)
    coded = convert(scaled, "linear sRGB", "sRGB")
    return np.ascontiguousarray(np.rint(255 * np.clip(coded, 0, 1)).astype(np.uint8)[..., ::-1])
