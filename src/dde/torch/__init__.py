"""
Colour differences and conversions of tensors, with gradients: for training.

``import dde.torch`` needs the extra ``torch``. On the CPU the kernels of dde do the work, forward
and back; on any other device torch's own operations, which `torch.compile` fuses. All functions
take batches that broadcast, float32 and float64, and bfloat16 and float16, which are computed in
float32. They work inside `torch.compile` and `torch.func.vmap`.

Coordinates lie along `dim`: the last axis, or 1 for images (N, 3, H, W).

Gradients are finite for all finite colours. Where a function has none, this is chosen: a
difference has the gradient 0 at equal colours; a chroma and a hue have the derivative 0 at a
neutral colour, and the mean hue of CIEDE2000 has it between opposite hues; so have Oklab's cube
roots at 0, and sRGB outside [0, 1]. From a neutral colour a step along the gradient still leads to
the other colour's hue. Of gradients themselves there are no gradients.
"""

from dde.extras import asking_for

with asking_for("torch", "dde.torch"):
    from dde.torch.conversions import (
        lab_to_xyz,
        oklab_to_xyz,
        srgb_to_lab,
        srgb_to_xyz,
        xyz_to_lab,
        xyz_to_oklab,
        xyz_to_srgb,
    )
    from dde.torch.differences import cie76, cie94, ciede2000, cmc, deep, hyab
    from dde.torch.loss import DeltaELoss

__all__ = [
    "DeltaELoss",
    "cie76",
    "cie94",
    "ciede2000",
    "cmc",
    "deep",
    "hyab",
    "lab_to_xyz",
    "oklab_to_xyz",
    "srgb_to_lab",
    "srgb_to_xyz",
    "xyz_to_lab",
    "xyz_to_oklab",
    "xyz_to_srgb",
]
del asking_for
