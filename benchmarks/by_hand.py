"""The statistics of an inspection in NumPy, as one would write them by hand."""

import numpy as np

THRESHOLDS = (1, 2, 5)
PERCENTAGES = (50, 90, 95, 99)


def statistics(map: np.ndarray, lab1: np.ndarray, lab2: np.ndarray) -> list[float]:
    """
    Of a map and the Lab images that it was made of: mean, standard deviation, percentiles, maximum
    and its place, shares above the thresholds, signed means of ΔL*, ΔC* and ΔH*.
    """
    y, x = np.unravel_index(map.argmax(), map.shape)
    chroma1, chroma2 = np.hypot(lab1[..., 1], lab1[..., 2]), np.hypot(lab2[..., 1], lab2[..., 2])
    dL, da, db = np.moveaxis(lab2 - lab1, -1, 0)
    dC = chroma2 - chroma1
    turn = np.sign(lab1[..., 1] * lab2[..., 2] - lab2[..., 1] * lab1[..., 2])
    dH = turn * np.sqrt(np.maximum(da**2 + db**2 - dC**2, 0))
    return [
        map.mean(dtype=np.float64),
        map.std(dtype=np.float64),
        *np.percentile(map, PERCENTAGES),
        map[y, x],
        x,
        y,
        *(np.mean(map > threshold) for threshold in THRESHOLDS),
        *(values.mean(dtype=np.float64) for values in (dL, dC, dH)),
    ]
