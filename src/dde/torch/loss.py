"""A colour difference as a loss."""

from collections.abc import Callable

from torch import Tensor, nn

from dde.torch.differences import cie76, cie94, ciede2000, cmc, deep, hyab
from dde.wording import must_be_one_of

METRICS: dict[str, Callable[..., Tensor]] = {
    "CIE76": cie76,
    "CIE94": cie94,
    "CMC": cmc,
    "CIEDE2000": ciede2000,
    "HyAB": hyab,
    "deep": deep,
}
_BY_LOWER_NAME = {name.lower(): name for name in METRICS}
_REDUCTIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "mean": Tensor.mean,
    "sum": Tensor.sum,
    "none": Tensor.clone,
}


class DeltaELoss(nn.Module):
    """
    The colour difference between an output and its target, both CIELAB.

    Parameters
    ----------
    metric : str, optional
        ``"CIE76"``, ``"CIE94"``, ``"CMC"``, ``"CIEDE2000"``, ``"HyAB"`` or ``"deep"``, in any case.
    reduction : str, optional
        ``"mean"``, ``"sum"`` or ``"none"``.
    dim : int, optional
        The axis of the coordinates: 1 for images (N, 3, H, W), which is the default here.
    **factors : float
        The factors of the metric, such as ``kL`` of CIEDE2000.

    Raises
    ------
    ValueError
        If the metric or the reduction is unknown.
    TypeError
        When it is called, for a factor that the metric does not have.

    Examples
    --------
    >>> import torch, dde.torch
    >>> loss = dde.torch.DeltaELoss()
    >>> output = torch.full((2, 3, 8, 8), 50.0, requires_grad=True)
    >>> loss(output, torch.full((2, 3, 8, 8), 55.0)).backward()
    >>> bool(output.grad.isfinite().all())
    True
    """

    def __init__(
        self, metric: str = "CIEDE2000", *, reduction: str = "mean", dim: int = 1, **factors: float
    ) -> None:
        super().__init__()
        name = _BY_LOWER_NAME.get(metric.lower()) if isinstance(metric, str) else None
        if name is None:
            raise ValueError(f"metric {must_be_one_of(metric, METRICS)}")
        if reduction not in _REDUCTIONS:
            raise ValueError(f"reduction {must_be_one_of(reduction, _REDUCTIONS)}")
        self.metric, self.reduction, self.dim, self.factors = name, reduction, dim, factors

    def forward(self, output: Tensor, target: Tensor) -> Tensor:
        """The loss; of CIE94 and CMC, the target is the reference."""
        found = METRICS[self.metric](target, output, dim=self.dim, **self.factors)
        return _REDUCTIONS[self.reduction](found)

    def extra_repr(self) -> str:
        factors = "".join(f", {name}={value}" for name, value in self.factors.items())
        return f"{self.metric!r}, reduction={self.reduction!r}, dim={self.dim}{factors}"
