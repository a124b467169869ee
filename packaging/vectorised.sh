#!/usr/bin/env bash
# Which loops of the kernels GCC turns into vector code, and of how many bytes.
#
#     packaging/vectorised.sh [INSTRUCTION_SET] [PART]
#
# INSTRUCTION_SET is x86-64-v3 unless told; PART is a part of the headers' paths, such as gradients/.
set -euo pipefail
cd "$(dirname "$0")/.."
set="${1:-x86-64-v3}" part="${2:-kernels/}"
"${CC:-gcc}" -O2 -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=fast \
    -fno-wrapv -fschedule-insns -fsched-pressure -march="$set" -fopt-info-vec -Isrc/kernels \
    -DDDE_TABLE=dde_kernels_report -c src/kernels/kernels.c -o /dev/null 2>&1 |
    grep "$part.*vectorized" | sort | uniq -c
