"""
What somebody notices who flips
===============================

Grain on the left, edges that moved by two pixels on the right: CIEDE2000 counts both, FLIP what the
eye minds.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

reference = np.asarray(Image.open("../../examples/reference.jpg"))[60:260, 120:420]
sample = reference.astype(float)
sample[:, :150] += np.random.default_rng(1).normal(0, 12, (200, 150, 3))
sample[:, 152:] = reference[:, 150:-2]
sample = sample.clip(0, 255).astype(np.uint8)

figure, axes = plt.subplots(1, 3, figsize=(12, 2.6), layout="constrained")
axes[0].imshow(sample)
axes[0].set_title("grain | two pixels to the right")
maps = {"CIEDE2000": (dde.delta_e_map, 20), "FLIP": (dde.flip_map, 0.5)}
for panel, (title, (compare, top)) in zip(axes[1:], maps.items(), strict=True):
    shown = panel.imshow(compare(reference, sample), cmap="inferno", vmin=0, vmax=top)
    figure.colorbar(shown, ax=panel)
    panel.set_title(title)
for panel in axes:
    panel.set_axis_off()
