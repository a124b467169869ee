#!/usr/bin/env bash
# Builds dde with Clang's ThreadSanitizer in a temporary folder, and runs the tests of threads there.
# Archer, a part of LLVM's OpenMP, tells it how OpenMP's threads wait for each other, without which it
# would take every parallel loop for a race. Any report ends it.
#
#     tests/thread_sanitizer.sh [PYTHON] [pytest arguments]
#
# PYTHON (python3 unless told) has the test dependencies, Cython and setuptools. LLVM says which
# version of clang and libomp is taken: 19 unless told.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v "${1:-python3}")
shift || true
llvm="${LLVM:-19}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
runtime=$(clang-"$llvm" -print-file-name=libclang_rt.tsan-x86_64.so)
archer="/usr/lib/llvm-$llvm/lib/libarcher.so"
[ -f "$runtime" ] || runtime="$(clang-"$llvm" -print-resource-dir)/lib/linux/libclang_rt.tsan-x86_64.so"

echo "Building into $work"
git ls-files --cached --others --exclude-standard -z setup.py pyproject.toml MANIFEST.in README.md \
    LICENSE LICENSES src | xargs -0 cp --parents -t "$work"
CC=clang-$llvm CFLAGS="-fsanitize=thread -shared-libsan -fno-omit-frame-pointer -g" \
    LDFLAGS="-fsanitize=thread -shared-libsan" \
    "$python" -m pip install --quiet --no-build-isolation --no-deps --target "$work/site" "$work"

# What Python and NumPy do is not compiled for it: it sees their locks, and none of their accesses.
export PYTHONPATH="$work/site" OMP_TOOL_LIBRARIES=$archer OPENBLAS_NUM_THREADS=1
export TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1"
run() { LD_PRELOAD=$runtime setarch "$(uname -m)" --addr-no-randomize "$python" "$@"; }

echo "Does it find a race?"
cat > "$work/race.c" <<'RACE'
int sum;
int race(void);
int race(void)
{
    #pragma omp parallel for num_threads(4)
    for (int i = 0; i < 100000; i++)
        sum += i;
    return sum;
}
RACE
clang-"$llvm" -O1 -g -fsanitize=thread -shared-libsan -fopenmp -shared -fPIC "$work/race.c" -o "$work/race.so"
if run -c "import ctypes; ctypes.CDLL('$work/race.so').race()" 2> "$work/report"; then
    echo "it does not see one that is there" >&2 && exit 1
fi
grep -q "data race" "$work/report" || { cat "$work/report" >&2 && exit 1; }

echo "And in dde?"
run -c "
import sys; from dde import _core
assert _core.__file__.startswith('$work'), _core.__file__
assert _core.openmp, 'this build has no OpenMP'"
# Where processes fork or torch comes in, it loses its way; and it starts a thread of its own, which
# the tests that count threads would count. With a thousand threads it takes minutes.
run -m pytest -q -p no:cacheprovider --capture=sys tests/test_free_threading.py tests/test_threads.py \
    tests/test_tally.py tests/test_arrays.py -k "not fork and not process and not torch and not spawn and not started and not bounded" "$@"
