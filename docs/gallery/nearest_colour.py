"""
The nearest colour of a palette
===============================

``deep`` is fast enough to compare each pixel with each colour of a palette. For thousands of
colours, `a tree finds the nearest <../how-to/which-metric.html#deep>`_ as exactly.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

photograph = np.asarray(Image.open("../../examples/reference.jpg"))
palette = np.uint8(
    [[r, g, b] for r in (20, 90, 160, 230) for g in (20, 90, 160, 230) for b in (20, 90, 160, 230)]
)
lab = dde.srgb_to_lab(photograph)
nearest = np.zeros(lab.shape[:2], int)
least = np.full(lab.shape[:2], np.inf, np.float32)
for number, colour in enumerate(dde.srgb_to_lab(palette)):
    difference = dde.deep_delta_e(lab, colour)
    nearest[difference < least] = number
    np.minimum(least, difference, out=least)

figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
axes[0].imshow(photograph)
axes[1].imshow(palette[nearest])
axes[1].set_title(f"{len(palette)} colours")
for panel in axes:
    panel.set_axis_off()
