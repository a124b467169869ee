"""
A verdict by region
===================

A job file says once what is inspected and by which rules; the inspection says what broke them, and
where.
"""

import matplotlib.pyplot as plt
from PIL import Image

import dde

print_of = "../../examples/print"
found = dde.inspect(
    f"{print_of}/reference.jpg", f"{print_of}/sample.jpg", job=f"{print_of}/job.toml", keep_map=True
)
for reason in found.reasons:
    print(reason)

figure, axes = plt.subplots(1, 2, figsize=(11, 4.4), layout="constrained")
axes[0].imshow(Image.open(f"{print_of}/sample.jpg"))
axes[0].set_title(found.verdict)
shown = axes[1].imshow(found.map, cmap="inferno", vmin=0, vmax=10)
figure.colorbar(shown, ax=axes[1], label="ΔE")
for defect in found.defects:
    middle = defect.x + defect.width / 2, defect.y + defect.height / 2
    axes[1].add_patch(plt.Circle(middle, 20, fill=False, color="w"))
for panel in axes:
    panel.set_axis_off()
