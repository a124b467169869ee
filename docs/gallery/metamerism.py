"""
A match that fails under another light
======================================

Two spectra that are one colour in daylight, and two under a lamp: metamerism.
``dde.metamerism_index`` puts a number on it.
"""

import matplotlib.pyplot as plt
import numpy as np

import dde

wavelengths = np.arange(400, 701, 10)
first = 0.25 + 0.2 * np.exp(-(((wavelengths - 600) / 60) ** 2))
second = first.copy()
for _ in range(6):  # change it, and lead it back to the same XYZ of D65
    second += 0.02 * np.sin(wavelengths / 18)
    colours = dde.spectra_to_xyz(np.stack([first, second]), wavelengths, "D65")
    bumps = np.exp(-(((wavelengths - np.array([[450], [540], [610]])) / 40) ** 2))
    effect = dde.spectra_to_xyz(bumps, wavelengths, "D65")
    second += np.linalg.solve(effect.T, colours[0] - colours[1]) @ bumps

figure, axes = plt.subplots(1, 3, figsize=(11, 3), layout="constrained", width_ratios=(2, 1, 1))
axes[0].plot(wavelengths, first, wavelengths, second)
axes[0].set(xlabel="nm", ylabel="reflectance")
for panel, light in zip(axes[1:], ("D65", "A"), strict=True):
    lab = dde.spectra_to_lab(np.stack([first, second]), wavelengths, light)
    panel.imshow(dde.xyz_to_srgb(dde.lab_to_xyz(lab))[None].clip(0, 1))
    panel.set_title(f"{light}: ΔE {dde.ciede2000(*lab):.1f}")
    panel.set_axis_off()
