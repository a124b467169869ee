#!/usr/bin/env bash
# Builds dde with AddressSanitizer and UndefinedBehaviorSanitizer in a temporary folder, and runs
# the tests of the kernels there, with threads, on every instruction set that this CPU has, or on that
# which DDE_ISA names. Any report ends it.
#
#     tests/sanitize.sh [PYTHON] [pytest arguments]
#
# PYTHON (python3 unless told) has the test dependencies, Cython and setuptools. It needs gcc.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v "${1:-python3}")
shift || true
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "Building into $work"
git ls-files --cached --others --exclude-standard -z setup.py pyproject.toml MANIFEST.in README.md \
    LICENSE src | xargs -0 cp --parents -t "$work"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
CC=gcc CFLAGS="$sanitizers -fno-omit-frame-pointer -g" LDFLAGS="$sanitizers" \
    "$python" -m pip install --quiet --no-build-isolation --no-deps --target "$work/site" "$work"

# PYTHONMALLOC: so that the sanitizer sees each object. detect_leaks: Python keeps, until it exits,
# what it allocated for itself, which is no leak of ours.
export PYTHONPATH="$work/site" PYTHONMALLOC=malloc
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
libraries="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)"

LD_PRELOAD=$libraries "$python" - "$work" > "$work/plan" <<'PLAN'
import os
import sys

import numpy as np

sys.path.append("tests")
from test_instruction_sets import KERNEL_TESTS, _core


def threads_started() -> int:
    import dde

    before = len(os.listdir("/proc/self/task"))
    with dde.num_threads(3):
        dde.ciede2000(*np.zeros((2, 500_000, 3)))
    return len(os.listdir("/proc/self/task")) - before


assert _core.__file__.startswith(sys.argv[1]), f"{_core.__file__} is not the sanitized build"
assert _core.openmp, "the sanitized build has no OpenMP"
assert threads_started() == 2, "a walk for three threads has not started two more"
print(os.environ.get("DDE_ISA") or " ".join(_core.instruction_sets))
# torch is no build of ours, and slow under a sanitizer.
print(*(f"tests/{file}" for file in KERNEL_TESTS if file != "test_torch.py"))
PLAN
{ read -ra instruction_sets; read -ra tests; } < "$work/plan"

for instruction_set in "${instruction_sets[@]}"; do
    echo "On $instruction_set"
    # --capture=sys leaves the sanitizers' reports, which end the process, visible. What lies between
    # variables here does not fit into the small stack of one test.
    DDE_ISA=$instruction_set LD_PRELOAD=$libraries "$python" -m pytest -q -p no:cacheprovider \
        --deselect tests/test_door.py::test_a_stack_of_128_kilobytes_is_enough \
        --capture=sys "${tests[@]}" "$@"
done
