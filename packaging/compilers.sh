#!/usr/bin/env bash
# The tests of the kernels by every compiler that is here, with OpenMP and without, on every
# instruction set that this CPU has; a line of a table for each.
#
#     packaging/compilers.sh [PYTHON] [COMPILER ...]
#
# PYTHON (python3 unless told) has the test dependencies, Cython and setuptools. COMPILER are commands,
# of which those that are not here are passed over; unless told, GCC 11 to 14 and Clang 14 to 19.
# TESTS names the files of tests; unless told, those in which the kernels' answers are compared.
set -euo pipefail
cd "$(dirname "$0")/.."

python=$(command -v "${1:-python3}")
shift || true
compilers=("$@")
[ $# -gt 0 ] || compilers=(gcc-11 gcc-12 gcc-13 gcc-14 clang-14 clang-16 clang-19)
names=(sharma accuracy differences uniform_differences components conversions spaces spectra arrays
    models deep tally viewing neighbourhoods tolerance threads)
read -ra tests <<<"${TESTS:-${names[*]/#/test_}}"
tests=("${tests[@]/#/tests/}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files --cached --others --exclude-standard -z setup.py pyproject.toml MANIFEST.in README.md \
    LICENSE LICENSES src | xargs -0 cp --parents -t "$work"

failed=0
echo "| Compiler | Python | OpenMP | Instruction set | Tests |"
echo "| --- | --- | --- | --- | --- |"
for compiler in "${compilers[@]}"; do
    command -v "$compiler" >/dev/null || continue
    for openmp in 1 0; do
        site="$work/$compiler-$openmp"
        rm -rf "$work/build"
        CC=$compiler DDE_OPENMP=$openmp "$python" -m pip install --quiet --no-build-isolation \
            --no-deps --target "$site" "$work" >"$work/log" 2>&1 || { tail -20 "$work/log" >&2 && exit 1; }
        export PYTHONPATH="$site"
        built=$("$python" -c "
import platform; from dde import _core; assert _core.__file__.startswith('$site')
print(platform.python_version(), 'yes' if _core.openmp else 'no', *_core.instruction_sets)")
        read -r version has sets <<<"$built"
        # Asked for, and not to be had: the line would say the same as the next one.
        [ "$openmp" = 1 ] && [ "$has" = no ] && continue
        for set in $sets; do
            DDE_ISA=$set "$python" -m pytest -q -p no:cacheprovider "${tests[@]/%/.py}" \
                >"$work/log" 2>&1 || {
                failed=1
                tail -30 "$work/log" >&2
            }
            echo "| $("$compiler" --version | head -1) | $version | $has | $set | $(tail -1 "$work/log") |"
        done
    done
done
exit $failed
