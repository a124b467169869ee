#!/usr/bin/env bash
# Times what somebody does who comes to the project: each path in a fresh clone, with fresh virtual
# environments, by the commands that the READMEs give. Prints a table.
#
#     packaging/newcomer.sh [--tests] [--wheel FILE]
#
# Measured are: clone to the first picture; with --tests, clone to green tests (many minutes); with
# --wheel, a wheel to the first picture; clone to a model that was trained, on a synthetic set of data.
# Packages come from where pip finds them, and from its cache where they are there. TORCH in the
# environment names the build of torch, for example "torch==2.13.0+cpu".
set -euo pipefail
repository=$(git -C "$(dirname "$0")" rev-parse --show-toplevel)
tests= wheel=
while [ $# -gt 0 ]; do
    case $1 in
    --tests) tests=yes ;;
    --wheel) wheel=$(realpath "$2") && shift ;;
    *) echo "usage: $0 [--tests] [--wheel FILE]" >&2 && exit 2 ;;
    esac
    shift
done

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

command_of() { # the Nth block of shell in a file
    awk -v wanted="$2" '/^```sh$/ { n++; inside = 1; next } /^```/ { inside = 0 }
        inside && n == wanted' "$1"
}

path() { # NAME COMMAND: in a folder of its own
    mkdir "$work/now"
    local TIMEFORMAT='%R %U %S' taken
    if ! taken=$( { time (cd "$work/now" && bash -euo pipefail -c "$2" >"$work/log" 2>&1); } 2>&1); then
        echo "$1 failed:" >&2 && tail -30 "$work/log" >&2 && exit 1
    fi
    awk -v name="$1" '{ printf "| %s | %.0f | %.0f |\n", name, $1, $2 + $3 }' <<<"$taken"
    rm -rf "$work/now"
}

clone="git clone --quiet '$repository' clone && cd clone"
echo "$(nproc) cores of $(uname -m), $(python3 --version), load $(cut -d ' ' -f 1 /proc/loadavg)"
echo "| path | seconds | of processors |"
echo "| --- | ---: | ---: |"
path "clone to first picture" "$clone && $(command_of "$repository/README.md" 1) && test -s map.png"
if [ "$tests" ]; then
    path "clone to green tests" "$clone && $(command_of "$repository/README.md" 2)"
fi
if [ "$wheel" ]; then
    # The photographs come from the project's page.
    compare="dde compare '$repository'/examples/reference.jpg '$repository'/examples/sample.jpg"
    path "wheel to first picture" "python3 -m venv .venv && .venv/bin/pip install '$wheel[cli,plots]' &&
        .venv/bin/$compare --map map.png && test -s map.png"
fi

# As a user's own judgements would be, for a fit that has something to learn.
cat >"$work/judgements.py" <<'EOF'
import json

import dde
import numpy as np

random = np.random.default_rng(0)
white = [95.047, 100.0, 108.883]
lab = random.uniform([30, -40, -40], [80, 40, 40], (60, 3))
near = lab + random.normal(0, 2, lab.shape)
judged = dde.ciede2000(lab, near) ** 0.8 * np.exp(random.normal(0, 0.15, len(lab)))
print(
    json.dumps(
        {
            "reference_white": white,
            "xyz": dde.lab_to_xyz(np.concatenate([lab, near]), white).tolist(),
            "pairs": [[i, i + 60] for i in range(60)],
            "dv": judged.tolist(),
        }
    )
)
EOF
fit=$(grep -m 1 '^dde-train fit siamese' "$repository/training/README.md" | cut -d '#' -f 1)
path "clone to a trained model" "$clone && python3 -m venv .venv && . .venv/bin/activate &&
    pip install '${TORCH:-torch}' && pip install . ./training &&
    mkdir DATA && python '$work/judgements.py' >DATA/mine.json &&
    dde-train data DATA && $fit && test -s fit/model.safetensors"
