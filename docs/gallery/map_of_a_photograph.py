"""
A map of two photographs
========================

Where do two pictures differ, and by how much? One call: two 8-bit sRGB images in, ΔE of every pixel
out.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

reference = np.asarray(Image.open("../../examples/reference.jpg"))
sample = np.asarray(Image.open("../../examples/sample.jpg"))
difference = dde.delta_e_map(reference, sample)

figure, axes = plt.subplots(1, 3, figsize=(12, 3), layout="constrained")
for panel, image, title in zip(axes, (reference, sample), ("reference", "sample"), strict=False):
    panel.imshow(image)
    panel.set_title(title)
shown = axes[2].imshow(difference, cmap="inferno", vmax=6)
axes[2].set_title(f"CIEDE2000, mean {difference.mean():.2f}")
figure.colorbar(shown, ax=axes, label="ΔE")
for panel in axes:
    panel.set_axis_off()
