"""
From where it is seen
=====================

Grain differs at every pixel, and is not seen from far enough. ``viewing`` compares what the eye
sees.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

photograph = np.asarray(Image.open("../../examples/reference.jpg"))[60:260, 120:420]
noise = np.random.default_rng(0).normal(0, 20, photograph.shape)
sample = (photograph + noise).clip(0, 255).astype(np.uint8)  # grain of a film
sample[70:130, 180:240] = photograph[70:130, 180:240] * [1, 0.8, 0.8]  # and a patch too red

figure, axes = plt.subplots(1, 4, figsize=(12, 2.3), layout="constrained")
axes[0].imshow(sample)
axes[0].set_title("grain, and a patch too red")
for panel, distance in zip(axes[1:], (None, 400, 1500), strict=True):
    viewing = distance and dde.Viewing.from_dpi(300, distance=distance)
    shown = panel.imshow(
        dde.delta_e_map(photograph, sample, viewing=viewing), cmap="inferno", vmin=0, vmax=15
    )
    panel.set_title(f"300 dpi from {distance} mm" if distance else "pixel by pixel")
figure.colorbar(shown, ax=axes, label="ΔE")
for panel in axes:
    panel.set_axis_off()
