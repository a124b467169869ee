#!/usr/bin/env bash
# Builds dde with AddressSanitizer and UndefinedBehaviorSanitizer in a temporary folder, and runs
# the tests of the kernels there on every instruction set that this CPU has. Any report ends it.
#
#     tests/sanitize.sh [PYTHON] [pytest arguments]
#
# PYTHON (python3 unless told) has the test dependencies, Cython and setuptools. It needs gcc.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v "${1:-python3}")
shift || true
tests=(tests/test_{sharma,differences,conversions,arrays,errors,images}.py)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "Building into $work"
git ls-files --cached --others --exclude-standard -z src setup.py pyproject.toml README.md LICENSE \
    MANIFEST.in | xargs -0 cp --parents -t "$work"
sanitizers="-fsanitize=address,undefined -fno-sanitize-recover=all"
CC=gcc CFLAGS="$sanitizers -fno-omit-frame-pointer -g" LDFLAGS="$sanitizers" \
    "$python" -m pip install --quiet --no-build-isolation --no-deps --target "$work/site" "$work"

export PYTHONPATH="$work/site" PYTHONMALLOC=malloc
# Python keeps what it allocated for itself until it exits: that is no leak of ours.
export ASAN_OPTIONS=detect_leaks=0 UBSAN_OPTIONS=print_stacktrace=1
sanitized() {
    LD_PRELOAD="$(gcc -print-file-name=libasan.so) $(gcc -print-file-name=libubsan.so)" \
        "$python" "$@"
}

sanitized - "$work" <<'CHECK' > "$work/instruction_sets"
import sys
from dde import _core

assert _core.__file__.startswith(sys.argv[1]), f"{_core.__file__} is not the sanitized build"
print(*_core.instruction_sets)
CHECK

for instruction_set in $(cat "$work/instruction_sets"); do
    echo "On $instruction_set"
    DDE_ISA=$instruction_set sanitized -m pytest -q -p no:cacheprovider --capture=sys \
        "${tests[@]}" "$@"
done
