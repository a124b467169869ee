"""
A reference that knows its variation
====================================

Twelve good frames with the noise and the light of a camera; then one with a faint speck. The map
has shares of what is allowed for each pixel: 1 is the limit.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

sheet = np.asarray(Image.open("../../examples/print/reference.jpg"), float)[150:400, 400:800]
random = np.random.default_rng(0)


def frame() -> np.ndarray:
    light = 1 + random.normal(0, 0.01)
    grain = random.normal(0, np.where(sheet.mean(axis=2, keepdims=True) < 90, 5, 1.5), sheet.shape)
    return (sheet * light + grain).clip(0, 255).astype(np.uint8)


learned = dde.learn_reference(frame() for _ in range(12))
faulty = frame()
faulty[118:126, 208:216] //= 2

single = dde.delta_e_map(frame(), faulty)
found = dde.inspect(learned, faulty, variation={"limit": 3, "factor": 5}, keep_map=True)

figure, axes = plt.subplots(1, 3, figsize=(12, 2.8), layout="constrained")
for panel, image, top, title in zip(
    axes,
    (single, learned.spread, found.map),
    (10, 3, 1.5),
    ("ΔE from a single frame", "spread of the good ones", "share of the limit"),
    strict=True,
):
    figure.colorbar(panel.imshow(image, cmap="inferno", vmin=0, vmax=top), ax=panel)
    panel.set_title(title)
    panel.set_axis_off()
