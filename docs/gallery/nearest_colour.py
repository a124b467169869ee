"""
The nearest colour of a palette
===============================

The distances of ``deep``'s embedding order colours as ``deep`` does, so that a tree finds the
nearest of a palette exactly. It needs SciPy.
"""

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image
from scipy.spatial import KDTree

import dde

photograph = np.asarray(Image.open("../../examples/reference.jpg"))
palette = np.uint8(
    [[r, g, b] for r in (20, 90, 160, 230) for g in (20, 90, 160, 230) for b in (20, 90, 160, 230)]
)
model = dde.load_model("deep")
embedded = model.embed(dde.srgb_to_lab(palette))
_, nearest = KDTree(embedded).query(model.embed(dde.srgb_to_lab(photograph)))

figure, axes = plt.subplots(1, 2, figsize=(10, 3.5), layout="constrained")
axes[0].imshow(photograph)
axes[1].imshow(palette[nearest])
axes[1].set_title(f"{len(palette)} colours")
for panel in axes:
    panel.set_axis_off()
