#!/usr/bin/env bash
# Which loops of the kernels GCC turns into vector code, and of how many bytes.
#
#     packaging/vectorised.sh [INSTRUCTION_SET] [FOLDER]
#
# INSTRUCTION_SET is x86-64-v3 unless told, FOLDER that of the headers: differences.
set -euo pipefail
cd "$(dirname "$0")/.."
set="${1:-x86-64-v3}" folder="${2:-differences}"
"${CC:-gcc}" -O3 -fopenmp-simd -fno-math-errno -fno-trapping-math -ffp-contract=fast \
    -fschedule-insns -fsched-pressure -march="$set" -fopt-info-vec -Isrc/kernels \
    -DDDE_TABLE=dde_kernels_report -c src/kernels/kernels.c -o /dev/null 2>&1 |
    grep "kernels/$folder/" | sort -u -t: -k1,1 -k2,2n
