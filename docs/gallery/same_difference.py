"""
The same difference in four formulas
====================================

Around some colours of one lightness, all colours that are 2 units away: where a shape is large, the
formula is lenient.
"""

import matplotlib.pyplot as plt
import numpy as np

import dde

angle = np.linspace(0, 2 * np.pi, 121)
direction = np.stack([0 * angle, np.cos(angle), np.sin(angle)], axis=1)
length = np.linspace(0, 25, 501)[:, None, None]
centres = [np.array([60.0, a, b]) for a in range(-60, 81, 20) for b in range(-40, 61, 20)]

figure, axes = plt.subplots(1, 4, figsize=(12, 3), sharey=True, layout="constrained")
for panel, metric in zip(axes, ("CIE76", "CMC", "CIEDE2000", "deep"), strict=True):
    for centre in centres:
        rgb = dde.xyz_to_srgb(dde.lab_to_xyz(centre))
        if rgb.min() < 0 or rgb.max() > 1:
            continue  # no screen shows it
        away = dde.delta_e(centre, centre + length * direction, metric)
        reach = length[np.argmax(away >= 2, axis=0), 0]
        _, a, b = (centre + reach * direction).T
        panel.fill(a, b, facecolor=rgb, edgecolor="k", linewidth=0.5)
    panel.set(title=metric, xlabel="a*", aspect="equal")
axes[0].set_ylabel("b*")
