#!/usr/bin/env bash
# Builds wheels on Linux for Windows (mingw-w64) and for macOS (zig), which are compiled and linked here, and
# run elsewhere.
#
#     packaging/cross.sh PYTHON FOLDER [windows | macos]
#
# PYTHON, with Cython, NumPy and setuptools, is of the version that the wheels are for. FOLDER keeps the
# packages that are needed, and the wheels. For Windows it needs Debian's gcc-mingw-w64-x86-64.
set -euo pipefail
python=$(command -v "$1") folder=$(realpath -m "$2") systems="${3:-macos windows}"
cd "$(dirname "$0")/.."
version=$("$python" -c "import sys; print('%d%d' % sys.version_info[:2])")
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$folder" "$work/dde"
git ls-files --cached --others --exclude-standard -z setup.py pyproject.toml MANIFEST.in README.md \
    LICENSE LICENSES src | xargs -0 cp --parents -t "$work/dde"

# Python's headers are the same everywhere, but for one, which for macOS may be that of Linux.
cp -r "$("$python" -c "import sysconfig; print(sysconfig.get_path('include'))")" "$work/include"
mkdir "$work/windows"
cp -r "$work/include/." "$work/windows"
cat > "$work/windows/pyconfig.h" <<'PYCONFIG'
#include <stddef.h>
#define MS_WINDOWS 1
#define MS_WIN32 1
#define MS_WIN64 1
#define MS_COREDLL 1
#define NT_THREADS 1
#define WITH_THREAD 1
#define HAVE_DECLSPEC_DLL 1
#define Py_ENABLE_SHARED 1
#define HAVE_PY_SSIZE_T 1
typedef long long Py_ssize_t;
#define PY_SSIZE_T_MAX 9223372036854775807LL
#define SIZEOF_SHORT 2
#define SIZEOF_INT 4
#define SIZEOF_LONG 4
#define SIZEOF_LONG_LONG 8
#define SIZEOF_FLOAT 4
#define SIZEOF_DOUBLE 8
#define SIZEOF_VOID_P 8
#define SIZEOF_SIZE_T 8
#define SIZEOF_WCHAR_T 2
#define SIZEOF_TIME_T 8
#define SIZEOF_PID_T 4
#define ALIGNOF_SIZE_T 8
#define ALIGNOF_MAX_ALIGN_T 16
#define HAVE_WCHAR_H 1
#define HAVE_SYS_TYPES_H 1
#define HAVE_SYS_STAT_H 1
PYCONFIG

numpy_for() { # a platform as pip names it
    [ -d "$folder/$1" ] || "$python" -m pip install --quiet --no-deps --only-binary :all: \
        --platform "$1" --python-version 3.13 --target "$folder/$1" "numpy>=2"
}

# What a Python of another system would say of itself: compiler, suffix, name.
build() { # platform, suffix, compiler, linker, headers, NumPy
    echo "== $1: $3"
    rm -rf "$work/told" "$work/dde/build" && mkdir "$work/told"
    "$python" - "$2" "$3" "$4" > "$work/told/_sysconfigdata_cross.py" <<'TOLD'
import sys
import sysconfig

suffix, compiler, linker = sys.argv[1:]
told = {name: sysconfig.get_config_var(name) for name in ("CFLAGS", "CCSHARED", "AR", "ARFLAGS")}
told |= dict.fromkeys(("CC", "CXX"), compiler) | dict.fromkeys(("LDSHARED", "LDCXXSHARED"), linker)
told |= {"EXT_SUFFIX": suffix, "SHLIB_SUFFIX": suffix, "SOABI": "", "Py_GIL_DISABLED": 0}
print("build_time_vars =", told)
TOLD
    PYTHONPATH="$work/told" _PYTHON_SYSCONFIGDATA_NAME=_sysconfigdata_cross _PYTHON_HOST_PLATFORM="$1" \
        CFLAGS="-I$5 -I$6/numpy/_core/include" "$python" -m pip wheel --quiet --no-build-isolation \
        --no-deps --wheel-dir "$folder" "$work/dde"
}

for_macos() { # zig has no OpenMP
    local platform system zig="$work/zig"
    "$python" -c "import ziglang" 2>/dev/null || "$python" -m pip install --quiet ziglang
    for platform in arm64 x86_64; do
        system=macosx_14_0_$platform
        numpy_for "$system"
        cat > "$zig" <<ZIG
#!/usr/bin/env bash
# zig has names of its own for the levels of x86-64.
exec "$python" -m ziglang cc -target ${platform/arm64/aarch64}-macos "\${@/-march=x86-64-v/-march=x86_64_v}"
ZIG
        chmod +x "$zig"
        build "macosx-14.0-$platform" ".cpython-$version-darwin.so" "$zig" \
            "$zig -shared -undefined dynamic_lookup" "$work/include" "$folder/$system"
    done
}

# Windows resolves each name in a library that it is told, here that of the names that Python has on Linux.
import_library() {
    local holder
    holder=$("$python" -c "
import os, sys
from sysconfig import get_config_var as told
library = os.path.join(told('LIBDIR'), told('INSTSONAME'))
print(library if told('Py_ENABLE_SHARED') else os.path.realpath(sys.executable))")
    {
        printf 'LIBRARY python%s.dll\nEXPORTS\n' "$version"
        nm --dynamic --defined-only "$holder" |
            awk '$3 ~ /^_?Py/ { print $3 ($2 ~ /[BDR]/ ? " DATA" : "") }'
    } > "$work/python.def"
    x86_64-w64-mingw32-dlltool --def "$work/python.def" --output-lib "$1"
}

for_windows() {
    local gcc=x86_64-w64-mingw32-gcc-posix linker="$work/link"
    numpy_for win_amd64
    import_library "$work/libpython.a"
    cat > "$linker" <<LINK
#!/usr/bin/env bash
exec $gcc -shared -static -Wl,--no-insert-timestamp "\$@" "$work/libpython.a"
LINK
    chmod +x "$linker"
    build win-amd64 ".cp$version-win_amd64.pyd" $gcc "$linker" "$work/windows" "$folder/win_amd64"
}

for system in $systems; do "for_$system"; done
(cd "$folder" && ls -l ./*.whl)
