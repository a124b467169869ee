"""Every instruction set keeps the same promises, and the one to use is chosen as documented.

The instruction set of a process is chosen at import. So for each one that this CPU has besides the
one in use here, the tests whose outcome depends on the kernels run once more, in a pytest of their
own. Whatever fails there fails here, with its report.
"""

import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

import dde
from dde import _core

FreshPython = Callable[..., str]

KERNEL_TESTS = [
    "test_sharma.py",
    "test_differences.py",
    "test_components.py",
    "test_conversions.py",
    "test_spaces.py",
    "test_spectra.py",
    "test_uniform_differences.py",
    "test_arrays.py",
    "test_errors.py",
    "test_images.py",
    "test_models.py",
    "test_deep.py",
    "test_tally.py",
    "test_torch.py",
    "test_torch_deep.py",
    "test_viewing.py",
    "test_neighbourhoods.py",
    "test_tolerance.py",
    "test_flip.py",
    "test_sliced_wasserstein.py",
    "test_door.py",
    "test_accuracy.py",
    "test_threads.py",
]
OTHERS = [name for name in _core.instruction_sets if name != _core.instruction_set]
ON_X86_64 = platform.machine() in ("x86_64", "AMD64")
CPU = Path("/proc/cpuinfo")


@pytest.mark.parametrize("file", KERNEL_TESTS)
@pytest.mark.parametrize("instruction_set", OTHERS)
def test_the_promises_hold_on(instruction_set: str, file: str) -> None:
    if "torch" in file:
        pytest.importorskip("torch")
    pytest_quietly = [sys.executable, "-m", "pytest", "-q", "--tb=short", "-p", "no:cacheprovider"]
    done = subprocess.run(
        [*pytest_quietly, Path(__file__).with_name(file)],
        env=os.environ | {"DDE_ISA": instruction_set},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        timeout=600,
    )
    if done.returncode != 0 or not re.search(r"\d+ passed", done.stdout):
        pytest.fail(f"with {instruction_set}:\n{done.stdout}{done.stderr}", pytrace=False)


SAMPLE = """
import numpy as np
import dde

sides = np.arange(0, 256, 5, dtype=np.uint8)
rgb = np.stack(np.meshgrid(sides, sides, sides, indexing="ij"), axis=-1)
beside = np.minimum(rgb, 250) + np.uint8(3)
images = [each.reshape(-1, 52, 3) for each in (rgb, beside)]
lab = dde.srgb_to_lab(rgb / 255)
np.savez({file!r}, lab=dde.srgb_to_lab(rgb), map=dde.delta_e_map(*images), xyz=dde.lab_to_xyz(lab))
"""


@pytest.mark.parametrize("instruction_set", OTHERS)
def test_they_agree(instruction_set: str, tmp_path: Path, fresh_python: FreshPython) -> None:
    """Those with fused multiplication and addition, and x86-64-v2, which has none."""
    answers = []
    for name in (instruction_set, _core.instruction_set):
        file = tmp_path / f"{name}.npz"
        fresh_python(SAMPLE.format(file=str(file)), DDE_ISA=name)
        answers.append(np.load(file))
    one, other = answers
    np.testing.assert_allclose(one["lab"], other["lab"], rtol=0, atol=1e-4)
    np.testing.assert_allclose(one["map"], other["map"], rtol=0, atol=2e-4)
    np.testing.assert_allclose(one["xyz"], other["xyz"], rtol=0, atol=1e-13)


# ---- The choice ---------------------------------------------------------------------------

SHOW = "from dde import _core; print(_core.instruction_set)"
FAIL = "try: import dde\nexcept ImportError as error: print(error)"


@pytest.mark.skipif(not ON_X86_64, reason="elsewhere there is one set, the compiler's default")
@pytest.mark.skipif(not CPU.exists(), reason="the kernel does not say here what the CPU has")
def test_all_that_the_cpu_has_are_available() -> None:
    """As Linux sees the CPU."""
    flags = set(re.findall(r"^flags\s*:(.*)$", CPU.read_text(), re.MULTILINE)[0].split())
    expected = ["x86-64-v2"]
    expected += ["x86-64-v3"] * ({"avx2", "bmi2", "fma"} <= flags)
    v4 = {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"}
    expected += ["x86-64-v4"] * (v4 <= flags)
    assert list(_core.instruction_sets) == expected


def test_the_most_capable_is_chosen_unless_told(fresh_python: FreshPython) -> None:
    assert fresh_python(SHOW, DDE_ISA="") == _core.instruction_sets[-1]


@pytest.mark.parametrize("instruction_set", _core.instruction_sets)
def test_dde_isa_forces_one(instruction_set: str, fresh_python: FreshPython) -> None:
    assert fresh_python(SHOW, DDE_ISA=instruction_set) == instruction_set


@pytest.mark.parametrize("name", ["x86-64-v9", "avx2", "X86-64-V2"])
def test_a_name_that_the_cpu_lacks_is_a_clear_error(name: str, fresh_python: FreshPython) -> None:
    message = fresh_python(FAIL, DDE_ISA=name)
    assert "DDE_ISA" in message
    assert repr(name) in message
    for available in _core.instruction_sets:
        assert available in message


def test_show_config_names_them(capsys: pytest.CaptureFixture[str]) -> None:
    dde.show_config()
    shown = capsys.readouterr().out
    for name in _core.instruction_sets:
        assert name in shown
    assert f"instruction set  {_core.instruction_set}" in shown
