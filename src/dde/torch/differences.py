"""Colour differences of tensors."""

import torch
from torch import Tensor

from dde import _core
from dde.metrics.formulas import FORMULAS
from dde.torch import functions, network, plain
from dde.torch.arguments import pair_of
from dde.torch.functions import Difference


def _difference(lab1: Tensor, lab2: Tensor, dim: int, name: str, **factors: float) -> Tensor:
    first, second = pair_of(lab1, lab2, dim)
    formula = FORMULAS[name].kernel
    if not torch.compiler.is_compiling():
        _core.FormulaKernel(formula, **factors)  # refuses what is no factor
    numbers = [float(factor) for factor in factors.values()]
    if functions.take(first):
        found: Tensor = Difference.apply(first, second, formula, tuple(numbers))
        return found
    return plain.difference(first, second, formula, numbers)


def cie76(lab1: Tensor, lab2: Tensor, *, dim: int = -1) -> Tensor:
    """
    The CIE 1976 colour difference ΔE*ab, as `dde.cie76`.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, of floating-point type, on one device, of shapes that broadcast.
    dim : int, optional
        The axis of the coordinates: the last, or 1 for images (N, 3, H, W).

    Returns
    -------
    torch.Tensor
        ΔE, of the broadcast shape without `dim`: float64 where one of them is, otherwise float32.

    Raises
    ------
    TypeError
        If lab1 or lab2 is no tensor of floating-point type, or dim is no whole number.
    ValueError
        If lab1 or lab2 has not 3 coordinates along `dim`, their shapes do not broadcast, or their
        devices differ.

    References
    ----------
    CIE 15:2018, Colorimetry, 8.2.1.

    Examples
    --------
    >>> import torch, dde.torch
    >>> lab = torch.tensor([50.0, 3.0, 0.0], requires_grad=True)
    >>> dde.torch.cie76(lab, torch.tensor([50.0, 0.0, 4.0])).backward()
    >>> lab.grad
    tensor([ 0.0000,  0.6000, -0.8000])
    """
    return _difference(lab1, lab2, dim, "CIE76")


def cie94(
    lab1: Tensor,
    lab2: Tensor,
    *,
    kL: float = 1,
    K1: float = 0.045,
    K2: float = 0.015,
    dim: int = -1,
) -> Tensor:
    """
    The CIE 1994 colour difference ΔE*94, as `dde.cie94`; lab1 is the reference.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, as for `cie76`.
    kL, K1, K2 : float, optional
        The factors of the application.
    dim : int, optional
        The axis of the coordinates.

    Returns
    -------
    torch.Tensor
        ΔE, as from `cie76`.

    Raises
    ------
    TypeError, ValueError
        As from `cie76`; also for a factor out of range.

    References
    ----------
    CIE 116-1995, Industrial colour-difference evaluation.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.cie94(torch.tensor([50.0, 0, 0]), torch.tensor([52.0, 0, 0]))
    tensor(2.)
    """
    return _difference(lab1, lab2, dim, "CIE94", kL=kL, K1=K1, K2=K2)


def cmc(
    lab1: Tensor,
    lab2: Tensor,
    *,
    l: float = 2,  # noqa: E741
    c: float = 1,
    dim: int = -1,
) -> Tensor:
    """
    The colour difference CMC(l:c), as `dde.cmc`; lab1 is the reference.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, as for `cie76`.
    l, c : float, optional
        The weights of lightness and chroma.
    dim : int, optional
        The axis of the coordinates.

    Returns
    -------
    torch.Tensor
        ΔE, as from `cie76`.

    Raises
    ------
    TypeError, ValueError
        As from `cie76`; also for a factor out of range.

    References
    ----------
    F. J. J. Clarke, R. McDonald, B. Rigg, Journal of the Society of Dyers and Colourists 100 (1984)
    128-132.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.cmc(torch.tensor([50.0, 0, 0]), torch.tensor([50.0, 1, 0]))
    tensor(1.5674)
    """
    return _difference(lab1, lab2, dim, "CMC", l=l, c=c)


def ciede2000(
    lab1: Tensor,
    lab2: Tensor,
    *,
    kL: float = 1,
    kC: float = 1,
    kH: float = 1,
    dim: int = -1,
) -> Tensor:
    """
    The CIEDE2000 colour difference ΔE00, as `dde.ciede2000`.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, as for `cie76`.
    kL, kC, kH : float, optional
        The parametric factors of the viewing conditions.
    dim : int, optional
        The axis of the coordinates.

    Returns
    -------
    torch.Tensor
        ΔE, as from `cie76`.

    Raises
    ------
    TypeError, ValueError
        As from `cie76`; also for a factor out of range.

    References
    ----------
    G. Sharma, W. Wu, E. N. Dalal, Color Research and Application 30 (2005) 21-30.

    Examples
    --------
    >>> import torch, dde.torch
    >>> photo, restored = torch.rand(2, 1, 3, 32, 32)
    >>> lab1, lab2 = (dde.torch.srgb_to_lab(image, dim=1) for image in (photo, restored))
    >>> dde.torch.ciede2000(lab1, lab2, dim=1).shape
    torch.Size([1, 32, 32])
    """
    return _difference(lab1, lab2, dim, "CIEDE2000", kL=kL, kC=kC, kH=kH)


def hyab(lab1: Tensor, lab2: Tensor, *, dim: int = -1) -> Tensor:
    """
    The HyAB colour difference, for large differences, as `dde.hyab`.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, as for `cie76`.
    dim : int, optional
        The axis of the coordinates.

    Returns
    -------
    torch.Tensor
        ΔE, as from `cie76`.

    Raises
    ------
    TypeError, ValueError
        As from `cie76`.

    References
    ----------
    S. Abasi, M. Amani Tehran, M. D. Fairchild, Color Research and Application 45 (2020) 208-223.

    Examples
    --------
    >>> import torch, dde.torch
    >>> dde.torch.hyab(torch.tensor([50.0, 3, 0]), torch.tensor([60.0, 0, 4]))
    tensor(15.)
    """
    return _difference(lab1, lab2, dim, "HyAB")


def deep(lab1: Tensor, lab2: Tensor, *, dim: int = -1) -> Tensor:
    """
    The learned colour difference that ships with dde, as `dde.deep_delta_e`.

    Parameters
    ----------
    lab1, lab2 : torch.Tensor, shape (..., 3)
        CIELAB, as for `cie76`.
    dim : int, optional
        The axis of the coordinates.

    Returns
    -------
    torch.Tensor
        ΔE, as from `cie76`.

    Raises
    ------
    TypeError, ValueError
        As from `cie76`.

    Examples
    --------
    >>> import torch, dde.torch
    >>> brick = torch.tensor([45.0, 40.0, 30.0])
    >>> dde.torch.deep(brick, brick)
    tensor(0.)
    """
    first, second = pair_of(lab1, lab2, dim)
    if functions.take(first):
        found: Tensor = Difference.apply(first, second, None, ())
        return found
    return network.deep(first, second)
