"""
A frame that does not lie still
===============================

A sheet that is moved and turned is laid on its reference first; what remains is what differs. It
needs the extra ``align``.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image, ImageDraw

import dde

sheet = Image.open("../../examples/print/reference.jpg")
frame = sheet.copy()
ImageDraw.Draw(frame).ellipse((600, 250, 608, 258), fill=(40, 40, 60))  # a speck
frame = frame.rotate(0.4, Image.Resampling.BICUBIC, translate=(3, -2))

figure, axes = plt.subplots(1, 3, figsize=(12, 2.9), layout="constrained")
crop = np.s_[150:400, 400:800]
axes[0].imshow(np.asarray(frame)[crop])
axes[0].set_title("a frame, turned by 0.4°")
for panel, align in zip(axes[1:], (None, "euclidean"), strict=True):
    found = dde.inspect(sheet, frame, align=align, shift=1, keep_map=True)
    shown = panel.imshow(found.map[crop], cmap="inferno", vmin=0, vmax=20)
    panel.set_title(f"align={align!r}")
figure.colorbar(shown, ax=axes, label="ΔE")
for panel in axes:
    panel.set_axis_off()
