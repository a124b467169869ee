"""dde.torch gives what dde gives, for tensors, with right and finite gradients."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest
from colour_pairs import KINDS

import dde
from dde.spaces import conversions
from dde.spaces.whites import reference_white

torch = pytest.importorskip("torch")
from tensors import (  # noqa: E402
    CONVERSIONS,
    DIFFERENCES,
    FORMULAS,
    colours_for,
    gradients,
    lab_pairs,
    one_thread,  # noqa: F401
)

import dde.torch as dt  # noqa: E402
from dde.torch import functions, plain, plain_spaces  # noqa: E402

Tensor = torch.Tensor
FreshPython = Callable[..., str]

PARAMETERS = {
    "xyz_to_lab": reference_white("D65"),
    "lab_to_xyz": reference_white("D65"),
    "srgb_to_xyz": conversions.SRGB_TO_XYZ,
    "srgb_to_lab": conversions.SRGB_TO_RELATIVE_XYZ,
    "xyz_to_srgb": conversions.XYZ_TO_SRGB,
    "xyz_to_oklab": conversions.XYZ_TO_OKLAB,
    "oklab_to_xyz": conversions.OKLAB_TO_XYZ,
}
NO_CUDA = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="there is no CUDA device on this machine"
)


# ---- Forward ------------------------------------------------------------------------------


def as_numpy(name: str) -> Callable[..., np.ndarray]:
    return dde.deep_delta_e if name == "deep" else getattr(dde, name)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_differences_are_those_of_dde(name: str, dtype: Any) -> None:
    first, second = lab_pairs(dtype=dtype)
    factors = FORMULAS.get(name, {})
    found = getattr(dt, name)(first[:, None], second[:5], **factors)
    expected = as_numpy(name)(first.numpy()[:, None], second.numpy()[:5], **factors)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.numpy(), expected)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("name", CONVERSIONS)
def test_conversions_are_those_of_dde(name: str, dtype: Any) -> None:
    colours = colours_for(name, dtype=dtype)
    found = getattr(dt, name)(colours)
    assert found.dtype == dtype
    np.testing.assert_array_equal(found.numpy(), getattr(dde, name)(colours.numpy()))


@pytest.mark.parametrize("name", DIFFERENCES)
def test_channels_may_come_first(name: str) -> None:
    first, second = (lab.reshape(2, 10, 10, 3) for lab in lab_pairs())
    planar = [lab.permute(0, 3, 1, 2).contiguous() for lab in (first, second)]
    metric = getattr(dt, name)
    torch.testing.assert_close(metric(*planar, dim=1), metric(first, second), rtol=0, atol=0)
    for ours, expected in zip(
        gradients(lambda a, b: metric(a, b, dim=1), *planar),
        gradients(metric, first, second),
        strict=True,
    ):
        torch.testing.assert_close(ours, expected.permute(0, 3, 1, 2), rtol=1e-12, atol=1e-14)


def test_converted_channels_stay_where_they_were() -> None:
    rgb = torch.rand(2, 3, 4, 5)
    lab = dt.srgb_to_lab(rgb, dim=1)
    assert lab.shape == rgb.shape
    np.testing.assert_array_equal(lab[1, :, 2, 3], dde.srgb_to_lab(rgb[1, :, 2, 3].numpy()))


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_half_precision_is_computed_in_float32(name: str, dtype: Any) -> None:
    first, second = lab_pairs(dtype=dtype)
    found = getattr(dt, name)(first, second)
    assert found.dtype == torch.float32
    torch.testing.assert_close(found, getattr(dt, name)(first.float(), second.float()))
    grad1, grad2 = gradients(getattr(dt, name), first, second)
    assert grad1.dtype == grad2.dtype == dtype
    assert grad1.isfinite().all() and grad2.isfinite().all()


@pytest.mark.parametrize("dtype, scale", [(torch.uint8, 255), (torch.uint16, 65535)])
def test_integers_are_srgb(dtype: Any, scale: int) -> None:
    rgb = torch.tensor([[0, scale // 3, scale]]).to(dtype)
    expected = dt.srgb_to_lab(torch.tensor([[0, scale // 3 / scale, 1.0]]))
    torch.testing.assert_close(dt.srgb_to_lab(rgb), expected)


def test_nan_gives_nan_for_its_pair_only() -> None:
    first, second = lab_pairs(count=4)
    first[1, 2] = torch.nan
    for name in DIFFERENCES:
        assert getattr(dt, name)(first, second).isnan().tolist() == [False, True, False, False]
        grad1, grad2 = gradients(getattr(dt, name), first, second)
        for grad in (grad1, grad2):
            assert grad[[0, 2, 3]].isfinite().all()


# ---- Gradients ----------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["random", "near", "blue", "beyond all gamuts"])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_gradcheck_of_differences(name: str, kind: str) -> None:
    first, second = (lab.requires_grad_() for lab in lab_pairs(kind, 60))
    metric, factors = getattr(dt, name), FORMULAS.get(name, {})
    assert torch.autograd.gradcheck(lambda a, b: metric(a, b, **factors), (first, second))


@pytest.mark.parametrize("name", CONVERSIONS)
def test_gradcheck_of_conversions(name: str) -> None:
    assert torch.autograd.gradcheck(getattr(dt, name), colours_for(name, 60).requires_grad_())


def test_gradcheck_of_broadcast_pairs() -> None:
    first, second = lab_pairs(count=8)
    first, second = first.reshape(2, 4, 3).requires_grad_(), second[0].requires_grad_()
    assert torch.autograd.gradcheck(dt.ciede2000, (first, second))
    assert torch.autograd.gradcheck(dt.deep, (first, second))


def plain_of(name: str) -> Callable[..., Tensor]:
    factors = [float(factor) for factor in FORMULAS[name].values()]
    return lambda a, b: plain.difference(a, b, name, factors)


def is_resolved(kind: str, first: Tensor, second: Tensor, sine: float = 1e-9) -> Tensor:
    """Where a pair is not so near to a place without a gradient that rounding moves it there."""
    a1, b1, a2, b2 = first[:, 1], first[:, 2], second[:, 1], second[:, 2]
    if kind == "nearly equal":
        return (first - second).norm(dim=-1) > 1e-6
    if kind == "nearly neutral":
        return torch.hypot(a1, b1) > 1e-12
    if kind == "nearly opposite":
        cross = (a1 * b2 - a2 * b1) / (torch.hypot(a1, b1) * torch.hypot(a2, b2))
        return cross.abs() > sine
    return torch.ones(len(first), dtype=torch.bool)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", FORMULAS)
def test_the_kernels_and_plain_torch_agree_everywhere(name: str, kind: str) -> None:
    """An independent derivation, by autograd; and the same choice where there is no gradient."""
    first, second = lab_pairs(kind, 2000)
    ours, plainly = partial(getattr(dt, name), **FORMULAS[name]), plain_of(name)
    resolved = is_resolved(kind, first, second)
    assert resolved.float().mean() > 0.1
    first, second = first[resolved], second[resolved]
    torch.testing.assert_close(ours(first, second), plainly(first, second), rtol=1e-6, atol=1e-8)
    grads = gradients(ours, first, second), gradients(plainly, first, second)
    for found, expected in zip(*grads, strict=True):
        scale = 1 + expected.abs().amax(-1, keepdim=True)
        assert ((found - expected).abs() / scale).max() < 1e-4


@pytest.mark.parametrize("name", CONVERSIONS)
def test_the_kernels_and_plain_torch_agree_on_conversions(name: str) -> None:
    colours = torch.cat([colours_for(name), torch.zeros(1, 3, dtype=torch.float64)])
    parameters = tuple(np.ravel(PARAMETERS[name]).tolist())

    def through_plain(tensor: Tensor) -> Tensor:
        return plain_spaces.convert(tensor, name, parameters, False)

    ours = gradients(getattr(dt, name), colours)[0]
    converted = getattr(dt, name)(colours)
    torch.testing.assert_close(through_plain(colours), converted, rtol=1e-8, atol=1e-8)
    torch.testing.assert_close(gradients(through_plain, colours)[0], ours, rtol=1e-8, atol=1e-8)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", DIFFERENCES)
def test_no_gradient_is_nan_or_infinite(name: str, kind: str, dtype: Any) -> None:
    first, second = lab_pairs(kind, 5_000 if name == "deep" else 80_000, dtype)
    for grad in gradients(getattr(dt, name), first, second):
        assert grad.isfinite().all()


@pytest.mark.parametrize("name", DIFFERENCES)
def test_equal_colours_have_the_gradient_0(name: str) -> None:
    lab, _ = lab_pairs()
    for grad in gradients(getattr(dt, name), lab, lab.clone()):
        assert (grad == 0).all()


@pytest.mark.parametrize("name", ["cie94", "cmc", "ciede2000"])
def test_a_neutral_colour_is_drawn_to_the_hue_of_the_other(name: str) -> None:
    grey = torch.tensor([[50.0, 0, 0]], dtype=torch.float64)
    red = torch.tensor([[50.0, 30, 10]], dtype=torch.float64)
    grad, _ = gradients(getattr(dt, name), grey, red)
    assert grad[0, 1] < 0 and grad[0, 2] < 0


def test_opposite_hues_have_no_derivative_of_hue() -> None:
    """Turning the hue at no chroma: the derivative along the circle is 0."""
    first, second = lab_pairs("opposite hues")
    for name in ("cie94", "cmc"):
        _, grad = gradients(getattr(dt, name), first, second)
        along = grad[:, 1] * -second[:, 2] + grad[:, 2] * second[:, 1]
        assert along.abs().max() < 1e-9


@pytest.mark.parametrize("name", ["srgb_to_lab", "srgb_to_xyz"])
def test_clipped_srgb_has_the_gradient_0(name: str) -> None:
    rgb = torch.tensor([[-0.5, 0.5, 1.5]], dtype=torch.float64)
    grad = gradients(lambda t: getattr(dt, name)(t, clip=True), rgb)[0]
    assert grad[0, 0] == grad[0, 2] == 0 and grad[0, 1] != 0


@pytest.mark.parametrize("name", CONVERSIONS)
def test_no_gradient_of_a_conversion_is_nan(name: str) -> None:
    for dtype in (torch.float32, torch.float64):
        hard = torch.tensor([0, 1e-30, -1e-30, 1e-12, 0.0031308, 0.008856, 0.04045, 1], dtype=dtype)
        colours = torch.cartesian_prod(hard, hard, hard)
        clip = {"clip": True} if name.startswith("srgb") else {}
        convert = partial(getattr(dt, name), **clip)
        assert gradients(convert, colours)[0].isfinite().all()


def test_a_thousand_colours_find_their_targets() -> None:
    """By the CIEDE2000 loss, from anywhere, neutral and opposite colours included."""
    torch.manual_seed(3)
    low, high = torch.tensor([0.0, -80, -80]), torch.tensor([100.0, 80, 80])
    target = low + (high - low) * torch.rand(1000, 3)
    start = low + (high - low) * torch.rand(1000, 3)
    start[:100, 1:] = 0
    start[100:200] = target[100:200] * torch.tensor([1.0, -1, -1])
    lab = start.clone().requires_grad_()
    optimiser = torch.optim.Adam([lab], lr=10.0)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 1000)
    loss = dt.DeltaELoss(dim=-1, reduction="sum")
    for _ in range(1000):
        optimiser.zero_grad()
        loss(lab, target).backward()
        optimiser.step()
        schedule.step()
    arrived = dt.ciede2000(lab.detach(), target) < 0.1
    assert arrived.float().mean() >= 0.99
    # The others have come to where the formula itself has another minimum.
    (grad,) = gradients(lambda t: loss(t, target), lab.detach())
    assert (grad[~arrived].abs() < 0.01).all()


# ---- The loss -----------------------------------------------------------------------------


def test_a_loss_is_a_module() -> None:
    first, second = (lab.T.reshape(1, 3, 10, 20) for lab in lab_pairs())
    differences = dt.cie94(second, first, dim=1)
    for reduction, expected in (
        ("mean", differences.mean()), ("sum", differences.sum()), ("none", differences),
    ):  # fmt: skip
        loss = dt.DeltaELoss("cie94", reduction=reduction)
        torch.testing.assert_close(loss(first, second), expected)
    assert "CIE94" in repr(loss)


# ---- What is refused ----------------------------------------------------------------------

LAB = torch.zeros(4, 3)


@pytest.mark.parametrize(
    "call, error, words",
    [
        (lambda: dt.cie76(np.zeros(3), LAB), TypeError, "lab1 must be a torch.Tensor"),
        (lambda: dt.cie76(LAB.to_sparse(), LAB), TypeError, "lab1 must be dense, not torch.sparse"),
        (lambda: dt.cie76(LAB, LAB.int()), TypeError, "lab2 must be of floating-point type"),
        (lambda: dt.cie76(LAB, torch.zeros(4, 2)), ValueError, "lab2 must have 3 coordinates"),
        (lambda: dt.cie76(LAB, torch.zeros(5, 3)), ValueError, "shapes that broadcast"),
        (lambda: dt.cie76(LAB, LAB, dim=2), ValueError, "dim must be an axis of lab1"),
        (lambda: dt.cie76(LAB, LAB, dim="C"), TypeError, "dim must be a whole number"),
        (lambda: dt.ciede2000(LAB, LAB, kL=0), ValueError, "kL must be a positive"),
        (lambda: dt.srgb_to_lab(LAB + 2), ValueError, "must lie in [0, 1]"),
        (lambda: dt.xyz_to_lab(LAB, "D66"), ValueError, "white must be one of"),
        (lambda: dt.DeltaELoss("CIE00"), ValueError, "metric must be one of"),
        (lambda: dt.DeltaELoss(reduction="max"), ValueError, "reduction must be one of"),
    ],
)
def test_what_is_refused_is_named(call: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as caught:
        call()
    assert words in str(caught.value)


def test_dde_alone_does_not_import_torch(fresh_python: FreshPython) -> None:
    assert fresh_python("import sys, dde; print('torch' in sys.modules)") == "False"


def test_without_torch_the_extra_is_named(fresh_python: FreshPython) -> None:
    program = (
        "import sys; sys.modules['torch'] = None\n"
        "try: import dde.torch\nexcept ImportError as error: print(error)"
    )
    assert "deepdeltae[torch]" in fresh_python(program)


# ---- Other devices ------------------------------------------------------------------------


def check_in_float32(name: str, kind: str, elsewhere: Callable[..., Tensor]) -> None:
    """What another device gives is what the kernels give, and has finite gradients."""
    first, second = lab_pairs(kind, 50_000, torch.float32)
    for grad in gradients(elsewhere, first, second):
        assert grad.isfinite().all()
    if kind == "nearly opposite":  # near the jump of CIEDE2000's mean hue rounding decides
        apart = is_resolved(kind, first.double(), second.double(), sine=1e-3)
        first, second = first[apart], second[apart]
    expected = torch.from_numpy(as_numpy(name)(first.numpy(), second.numpy()))
    torch.testing.assert_close(elsewhere(first, second), expected, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("kind", KINDS[:-1])
@pytest.mark.parametrize("name", DIFFERENCES)
def test_what_other_devices_run_is_right_in_float32(
    name: str, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Torch's own operations, here on the CPU."""
    monkeypatch.setattr(functions, "take", lambda colours: False)
    check_in_float32(name, kind, getattr(dt, name))


@NO_CUDA
@pytest.mark.parametrize("name", DIFFERENCES)
def test_cuda_gives_what_the_cpu_gives(name: str) -> None:
    metric = getattr(dt, name)
    for kind in KINDS[:-1]:
        check_in_float32(name, kind, lambda a, b: metric(a.cuda(), b.cuda()).cpu())


@NO_CUDA
@pytest.mark.parametrize("name", CONVERSIONS)
def test_cuda_converts_as_the_cpu_does(name: str) -> None:
    colours = colours_for(name, 50_000, torch.float32)
    convert = getattr(dt, name)
    torch.testing.assert_close(
        convert(colours.cuda()).cpu(), convert(colours), rtol=1e-4, atol=1e-4
    )
