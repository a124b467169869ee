"""What the functions of dde.torch accept, and sentences for what they do not."""

import torch
from torch import Tensor

_FLOATS = (torch.float64, torch.float32, torch.bfloat16, torch.float16)
_INTEGERS = {torch.uint8: 255, torch.uint16: 65535}


def colours_of(tensor: Tensor, dim: int, name: str) -> Tensor:
    """The colours of a tensor, along its last axis, in float32 or float64."""
    if not isinstance(tensor, Tensor):
        raise TypeError(f"{name} must be a torch.Tensor, not {type(tensor).__name__}")
    if tensor.layout is not torch.strided:
        raise TypeError(f"{name} must be dense, not {tensor.layout}; convert it with .to_dense()")
    if tensor.dtype not in _FLOATS:
        raise TypeError(
            f"{name} must be of floating-point type, not {tensor.dtype}; "
            f"convert it with .float() if its scale is right"
        )
    _check_axis(tensor, dim, name)
    colours = tensor.movedim(dim, -1)
    return colours if tensor.dtype == torch.float64 else colours.float()


def srgb_of(tensor: Tensor, dim: int, name: str) -> Tensor:
    """The same of sRGB, of which integers become [0, 1]."""
    if isinstance(tensor, Tensor) and tensor.dtype in _INTEGERS:
        tensor = tensor.float() / _INTEGERS[tensor.dtype]
    return colours_of(tensor, dim, name)


def pair_of(lab1: Tensor, lab2: Tensor, dim: int) -> tuple[Tensor, Tensor]:
    """Two tensors of colours, of one type and device, of shapes that broadcast."""
    first, second = colours_of(lab1, dim, "lab1"), colours_of(lab2, dim, "lab2")
    if first.device != second.device:
        raise ValueError(
            f"lab1 and lab2 must be on one device; they are on {first.device} and {second.device}"
        )
    for n1, n2 in zip(first.shape[::-1], second.shape[::-1], strict=False):
        if n1 != n2 and n1 != 1 and n2 != 1:
            raise ValueError(
                f"lab1 and lab2 must have shapes that broadcast; theirs are "
                f"{tuple(lab1.shape)} and {tuple(lab2.shape)}"
            )
    dtype = torch.promote_types(first.dtype, second.dtype)
    return first.to(dtype), second.to(dtype)


def _check_axis(tensor: Tensor, dim: int, name: str) -> None:
    if not isinstance(dim, int) or isinstance(dim, bool):
        raise TypeError(f"dim must be a whole number, the axis of the coordinates, not {dim!r}")
    if not -tensor.ndim <= dim < tensor.ndim:
        raise ValueError(f"dim must be an axis of {name}, which has {tensor.ndim}; it is {dim}")
    if tensor.shape[dim] != 3:
        raise ValueError(
            f"{name} must have 3 coordinates along axis {dim}; its shape is {tuple(tensor.shape)}"
        )
