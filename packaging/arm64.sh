#!/usr/bin/env bash
# Tests dde on arm64 where there is none: a cross compiler builds it, and qemu runs it in a Debian of
# that processor, a few ten times slower than here.
#
#     packaging/arm64.sh PYTHON FOLDER [pytest arguments]
#
# PYTHON is of the version of Debian's (3.13 in trixie, which is taken unless RELEASE names another), with
# Cython, NumPy and setuptools. FOLDER keeps the Debian, its packages and the wheel. As root, with Debian's
# packages debootstrap, qemu-user-static, binfmt-support and gcc-aarch64-linux-gnu.
set -euo pipefail
python=$(command -v "$1") folder=$(realpath -m "$2")
shift 2
cd "$(dirname "$0")/.."
tests=("$@")
if [ ${#tests[@]} = 0 ]; then
    names=(sharma accuracy differences uniform_differences components conversions spaces spectra
        arrays errors images models deep tally viewing neighbourhoods tolerance sliced_wasserstein
        door threads instruction_sets)
    tests=("${names[@]/#/tests/test_}")
    tests=("${tests[@]/%/.py}")
fi
debian="$folder/debian" site="$folder/debian/site" suite="$folder/debian/suite"
mkdir -p "$folder"

if [ ! -d "$site" ]; then
    debootstrap --arch=arm64 --variant=minbase --include=libgomp1,libpython3-dev,python3 \
        "${RELEASE:-trixie}" "$debian" http://deb.debian.org/debian >"$folder/debootstrap.log"
    mkdir "$site"
fi

# What the Python there says of itself holds: its flags, its suffix, its headers.
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
headers=("$debian"/usr/include/python3.*/Python.h)
mkdir "$work/told" "$work/dde"
cp "$debian"/usr/lib/python3.*/_sysconfigdata__aarch64-linux-gnu.py "$work/told"
git ls-files --cached --others --exclude-standard -z setup.py pyproject.toml MANIFEST.in README.md \
    LICENSE LICENSES src | xargs -0 cp --parents -t "$work/dde"
rm -f "$folder"/*.whl
PYTHONPATH="$work/told" _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata__aarch64-linux-gnu \
    _PYTHON_HOST_PLATFORM=linux-aarch64 \
    CFLAGS="-I$(dirname "${headers[0]}") -idirafter $debian/usr/include" \
    "$python" -m pip wheel --quiet --no-build-isolation --no-deps --wheel-dir "$folder" "$work/dde"
wheel=("$folder"/*-linux_aarch64.whl)

# flip-evaluator has no wheel for this processor, so that FLIP is not compared with it.
mapfile -t needed < <("$python" - <<'NEEDED'
import re
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]

def packages(extra):
    for need in project["optional-dependencies"][extra]:
        inner = re.fullmatch(r"deepdeltae\[(.+)\]", need)
        yield from (n for e in inner[1].split(",") for n in packages(e)) if inner else [need]

print(*(need for need in packages("test") if "flip" not in need), sep="\n")
NEEDED
)
install() { # what is for that processor
    local platforms=(--platform linux_aarch64 --platform manylinux2014_aarch64) glibc
    for glibc in 17 26 27 28 31 34; do platforms+=(--platform "manylinux_2_${glibc}_aarch64"); done
    "$python" -m pip install --quiet --target "$site" --upgrade --only-binary :all: \
        "${platforms[@]}" "$@"
}
[ -d "$site/pytest" ] || install "${needed[@]}"
rm -rf "$site/dde"
install --no-deps "${wheel[0]}"

rm -rf "$suite" && mkdir "$suite"
git ls-files --cached --others --exclude-standard -z . ':!src' ':!training' |
    xargs -0 cp --parents -t "$suite"
# The mounts go with the process that made them. With DDE_ISA, Hypothesis takes samples only. On the processor that
# qemu emulates unless told, NumPy's products of matrices are wrong: OpenBLAS takes its vectors of any length. And it maps no
# file of many gigabytes, as the test of Ctrl-C needs.
unshare --mount bash -ceu '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev"
    debian=$1 && shift
    run() {
        chroot "$debian" env -i -C /suite HOME=/root PATH=/usr/bin PYTHONPATH=/site \
            DDE_ISA=default QEMU_CPU=cortex-a76 "$@"
    }
    run python3 -c "import dde; dde.show_config()"
    run python3 -m pytest -q -p no:cacheprovider \
        --deselect tests/test_door.py::test_ctrl_c_ends_a_long_kernel "$@"' packaging/arm64.sh "$debian" "${tests[@]}"
