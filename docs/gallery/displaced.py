"""
Edges that lie a pixel off
==========================

A title that was printed a pixel lower, with a speck: a plain map sees every edge. ``shift=1``
forgives what is found a pixel further on, and keeps what is not.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

import dde

title = np.asarray(Image.open("../../examples/print/reference.jpg"))[680:730, 326:526]
sample = np.roll(title, 1, axis=0)
sample[12:16, 60:64] = 60

figure, axes = plt.subplots(2, 2, figsize=(10, 3), layout="constrained")
axes[0, 0].imshow(title)
axes[0, 0].set_title("reference")
axes[0, 1].imshow(sample)
axes[0, 1].set_title("sample")
for panel, shift in zip(axes[1], (0, 1), strict=True):
    panel.imshow(dde.delta_e_map(title, sample, shift=shift), cmap="inferno", vmin=0, vmax=40)
    panel.set_title(f"shift={shift}")
for panel in axes.flat:
    panel.set_axis_off()
