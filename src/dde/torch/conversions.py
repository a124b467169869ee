"""Conversions of tensors between XYZ, CIELAB, sRGB and Oklab."""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dde.spaces.conversions import (
    OKLAB_TO_XYZ,
    SRGB_TO_RELATIVE_XYZ,
    SRGB_TO_XYZ,
    XYZ_TO_OKLAB,
    XYZ_TO_SRGB,
)
from dde.spaces.whites import reference_white
from dde.torch import functions, plain_spaces
from dde.torch.arguments import colours_of, srgb_of
from dde.torch.functions import Conversion

White = str | Sequence[float]


def _numbers(parameters: np.ndarray) -> tuple[float, ...]:
    return tuple(parameters.ravel().tolist())


_SRGB_TO_XYZ = _numbers(SRGB_TO_XYZ)
_SRGB_TO_LAB = _numbers(SRGB_TO_RELATIVE_XYZ)
_XYZ_TO_SRGB = _numbers(XYZ_TO_SRGB)
_XYZ_TO_OKLAB = _numbers(XYZ_TO_OKLAB)
_OKLAB_TO_XYZ = _numbers(OKLAB_TO_XYZ)


@torch.compiler.assume_constant_result
def _white(white: White) -> tuple[float, ...]:
    return _numbers(reference_white(white))


def _converted(
    colours: Tensor, dim: int, conversion: str, numbers: tuple[float, ...], clip: bool = False
) -> Tensor:
    """Converts colours along the last axis, and puts their coordinates along `dim` again."""
    convert = Conversion.apply if functions.take(colours) else plain_spaces.convert
    converted: Tensor = convert(colours, conversion, numbers, clip)
    return converted.movedim(-1, dim)


def xyz_to_lab(xyz: Tensor, white: White = "D65", *, dim: int = -1) -> Tensor:
    """
    XYZ to CIELAB, as `dde.xyz_to_lab`.

    Parameters
    ----------
    xyz : torch.Tensor, shape (..., 3)
        CIE XYZ on the scale of the white (Y = 1 for a white by name), of floating-point type.
    white : str or sequence of float, optional
        The reference white, as for `dde.xyz_to_lab`.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        CIELAB, of the shape of xyz.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If xyz is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If xyz has not 3 coordinates along `dim`, or the white is unknown.

    References
    ----------
    CIE 15:2018, Colorimetry, 8.2.1.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.xyz_to_lab(torch.tensor([0.2, 0.3, 0.1]))
    tensor([ 61.6542, -37.3199,  43.6575])
    """
    return _converted(colours_of(xyz, dim, "xyz"), dim, "xyz_to_lab", _white(white))


def lab_to_xyz(lab: Tensor, white: White = "D65", *, dim: int = -1) -> Tensor:
    """
    CIELAB to XYZ, as `dde.lab_to_xyz`.

    Parameters
    ----------
    lab : torch.Tensor, shape (..., 3)
        CIELAB, of floating-point type.
    white : str or sequence of float, optional
        The reference white, as for `dde.lab_to_xyz`.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        CIE XYZ on the scale of the white, of the shape of lab.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If lab is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If lab has not 3 coordinates along `dim`, or the white is unknown.

    References
    ----------
    CIE 15:2018, Colorimetry, annex E.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.lab_to_xyz(torch.tensor([100.0, 0, 0]), white="D50")
    tensor([0.9643, 1.0000, 0.8251])
    """
    return _converted(colours_of(lab, dim, "lab"), dim, "lab_to_xyz", _white(white))


def srgb_to_xyz(rgb: Tensor, *, clip: bool = False, dim: int = -1) -> Tensor:
    """
    sRGB to XYZ, as `dde.srgb_to_xyz`.

    Parameters
    ----------
    rgb : torch.Tensor, shape (..., 3)
        sRGB in [0, 1], of floating-point type; or uint8 or uint16.
    clip : bool, optional
        Clip floats outside [0, 1], with the gradient 0, instead of refusing them. On other devices
        than the CPU, where to look would be to wait, they are not refused but give NaN.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        CIE XYZ relative to D65, of the shape of rgb.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If rgb is no tensor of floating-point type, uint8 or uint16, or dim is no whole number.
    ValueError
        If rgb has not 3 coordinates along `dim`, or a float lies outside [0, 1] and clip is false.

    References
    ----------
    IEC 61966-2-1:1999, 5.2.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.srgb_to_xyz(torch.ones(3))
    tensor([0.9505, 1.0000, 1.0890])
    """
    return _converted(srgb_of(rgb, dim, "rgb"), dim, "srgb_to_xyz", _SRGB_TO_XYZ, clip)


def srgb_to_lab(rgb: Tensor, *, clip: bool = False, dim: int = -1) -> Tensor:
    """
    sRGB to CIELAB, as `dde.srgb_to_lab`.

    Parameters
    ----------
    rgb : torch.Tensor, shape (..., 3)
        sRGB in [0, 1], of floating-point type; or uint8 or uint16.
    clip : bool, optional
        Clip floats outside [0, 1], with the gradient 0, instead of refusing them. On other devices
        than the CPU, where to look would be to wait, they are not refused but give NaN.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        CIELAB relative to D65, of the shape of rgb.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If rgb is no tensor of floating-point type, uint8 or uint16, or dim is no whole number.
    ValueError
        If rgb has not 3 coordinates along `dim`, or a float lies outside [0, 1] and clip is false.

    References
    ----------
    IEC 61966-2-1:1999, 5.2; CIE 15:2018, 8.2.1.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.srgb_to_lab(torch.tensor([255, 0, 0], dtype=torch.uint8)).round(decimals=1)
    tensor([53.2000, 80.1000, 67.2000])
    """
    return _converted(srgb_of(rgb, dim, "rgb"), dim, "srgb_to_lab", _SRGB_TO_LAB, clip)


def xyz_to_srgb(xyz: Tensor, *, dim: int = -1) -> Tensor:
    """
    XYZ to sRGB, as `dde.xyz_to_srgb`.

    Parameters
    ----------
    xyz : torch.Tensor, shape (..., 3)
        CIE XYZ relative to D65, with Y = 1 for white, of floating-point type.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        sRGB, in [0, 1] for the colours that it has, of the shape of xyz.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If xyz is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If xyz has not 3 coordinates along `dim`.

    References
    ----------
    IEC 61966-2-1:1999, 5.3.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.xyz_to_srgb(torch.tensor([0.9505, 1.0, 1.089])).round(decimals=3)
    tensor([1., 1., 1.])
    """
    return _converted(colours_of(xyz, dim, "xyz"), dim, "xyz_to_srgb", _XYZ_TO_SRGB)


def xyz_to_oklab(xyz: Tensor, *, dim: int = -1) -> Tensor:
    """
    XYZ to Oklab, as `dde.xyz_to_oklab`.

    Parameters
    ----------
    xyz : torch.Tensor, shape (..., 3)
        CIE XYZ relative to D65, with Y = 1 for white, of floating-point type.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        Oklab, of the shape of xyz.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If xyz is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If xyz has not 3 coordinates along `dim`.

    References
    ----------
    B. Ottosson, "A perceptual color space for image processing" (2020).

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.xyz_to_oklab(torch.tensor([0.2, 0.3, 0.1]))
    tensor([ 0.6568, -0.1034,  0.1022])
    """
    return _converted(colours_of(xyz, dim, "xyz"), dim, "xyz_to_oklab", _XYZ_TO_OKLAB)


def oklab_to_xyz(lab: Tensor, *, dim: int = -1) -> Tensor:
    """
    Oklab to XYZ, as `dde.oklab_to_xyz`.

    Parameters
    ----------
    lab : torch.Tensor, shape (..., 3)
        Oklab: L from 0 to 1, a and b, of floating-point type.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        CIE XYZ relative to D65, of the shape of lab.
        float64 for float64, otherwise float32.

    Raises
    ------
    TypeError
        If lab is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If lab has not 3 coordinates along `dim`.

    References
    ----------
    B. Ottosson, "A perceptual color space for image processing" (2020).

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.oklab_to_xyz(torch.tensor([0.4, 0.1, -0.2]))
    tensor([0.1172, 0.0502, 0.4021])
    """
    return _converted(colours_of(lab, dim, "lab"), dim, "oklab_to_xyz", _OKLAB_TO_XYZ)
