"""Compiles the kernels once per instruction set and precision, the walks, and the Cython module.

What the compiler understands is tried, and what it compiles for is asked of it: so GCC (from 11)
and Clang (from 14, Apple's too) will do, and a cross compiler. Set DDE_OPENMP=0 to build without
OpenMP (single-threaded).
"""

import os
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

KERNELS = "src/kernels"
WALKS = [
    f"{KERNELS}/{name}.c"
    for name in ("dispatch", "threads", "walk", "pictures/picture_walk", "pictures/wasserstein")
]
OPTIMISATION = [
    "-fopenmp-simd",
    # What vector code needs. Nothing that reorders arithmetic or forgets NaN, and nothing of
    # -ffast-math at link time, where it would set flush-to-zero for the whole process.
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    # Python's own flags have integers wrap: GCC then does not know how often a loop runs.
    "-fno-wrapv",
]
# Where the compiler has them. They interleave the independent operations of the long formulas, as
# far as registers allow: up to a fifth faster. Clang does so unasked.
SCHEDULING = ["-fschedule-insns", "-fsched-pressure"]
# Where the compiler has them. What is left out makes code larger, once compressed, and no faster.
COMPACT = ["-fno-schedule-insns2", "-fno-tree-dominator-opts"] + [
    f"-fno-align-{what}" for what in ("functions", "jumps", "labels", "loops")
]
# -O3 of GCC makes more code, and was not seen to make it faster: what must be unrolled says so.
# Clang needs it to unroll the short loops that stand in the way of vectors.
OPTIMISATION_GCC, OPTIMISATION_CLANG = ["-O2"], ["-O3"]
# For the size of a wheel: of x86-64-v2, the fallback, which it makes a few per cent slower; and of
# the door, which is as fast with the short functions inlined that GCC would then call.
SMALL_GCC = ["-Os", "-ftree-vectorize", "-fvect-cost-model=unlimited"]
DOOR_GCC, DOOR_CLANG = ["-Os", "--param=max-inline-insns-size=16"], ["-O2"]
# No exception passes through.
NO_UNWINDING = ["-fno-asynchronous-unwind-tables", "-fno-unwind-tables"]
WARNINGS = ["-Wall", "-Wextra"]
# Python's own flags ask for debug information, which would be five times the code. Whoever wants it
# says so in CFLAGS.
DEBUGGED = "-g" in os.environ.get("CFLAGS", "").split()
LEAN = [] if DEBUGGED else ["-g0"]
STRIPPED = [] if DEBUGGED else ["-s"]

# How OpenMP is asked for: flags of the compiler and of the linker. Apple's Clang has it in its
# preprocessor only, and the library comes from Homebrew.
OPENMP = [
    (["-fopenmp"], ["-fopenmp", "-pthread"]),  # which older glibc have in a library of their own
    *(
        (["-Xpreprocessor", "-fopenmp", f"-I{libomp}/include"], [f"-L{libomp}/lib", "-lomp"])
        for libomp in ("/opt/homebrew/opt/libomp", "/usr/local/opt/libomp")
    ),
]
OPENMP_PROGRAM = """
#include <omp.h>
int threads(void);
int threads(void)
{
    int n = 0;
    #pragma omp parallel
    n = omp_get_num_threads();
    return n;
}
"""
EMPTY = "int nothing;"
GCC_PROGRAM = """
#ifdef __clang__
#error "another compiler"
#endif
"""
X86_64_PROGRAM = """
#ifndef __x86_64__
#error "another processor"
#endif
"""


class BuildKernels(build_ext):
    """Compiles kernels.c for each instruction set, in float and in double."""

    def build_extension(self, ext: Extension) -> None:
        compiling, linking = self.openmp()
        self.gcc = self.builds(GCC_PROGRAM)
        instruction_sets = self.instruction_sets()
        ext.extra_objects += self.compile_kernels(instruction_sets)
        ext.extra_objects += self.compiler.compile(
            WALKS,
            output_dir=self.build_temp,
            macros=[] if "default" in instruction_sets else [("DDE_X86_64", "1")],
            include_dirs=[KERNELS],
            extra_postargs=["-O2", *WARNINGS, *LEAN, *compiling],
        )
        door = DOOR_GCC if self.gcc else DOOR_CLANG
        ext.extra_compile_args += [*door, *NO_UNWINDING, *LEAN, *compiling]
        ext.extra_link_args += [*linking, *(STRIPPED if self.builds(EMPTY, [], STRIPPED) else [])]
        super().build_extension(ext)

    def instruction_sets(self) -> dict[str, list[str]]:
        """The symbol suffix of each instruction set to build, and its compiler flags."""
        level = OPTIMISATION_GCC if self.gcc else OPTIMISATION_CLANG
        fast = [*level, *self.accepted(SCHEDULING)]
        if not self.builds(X86_64_PROGRAM):
            return {"default": fast}
        # GCC stops at 256 bits unless told otherwise.
        widest = self.accepted(["-mprefer-vector-width=512"])
        return {
            "x86_64_v2": [*(SMALL_GCC if self.gcc else level), "-march=x86-64-v2"],
            "x86_64_v3": [*fast, "-march=x86-64-v3"],
            "x86_64_v4": [*fast, "-march=x86-64-v4", *widest],
        }

    def compile_kernels(self, instruction_sets: dict[str, list[str]]) -> list[str]:
        common = [*OPTIMISATION, *NO_UNWINDING, *self.accepted(COMPACT), *WARNINGS, *LEAN]
        objects = []
        for suffix, flags in instruction_sets.items():
            for precision in ("float", "double"):
                macros = [("DDE_TABLE", f"dde_kernels_{suffix}_{precision}")]
                if precision == "double":
                    macros.append(("DDE_DOUBLE", "1"))
                objects += self.compiler.compile(
                    [f"{KERNELS}/kernels.c"],
                    output_dir=str(Path(self.build_temp, suffix, precision)),
                    macros=macros,
                    include_dirs=[KERNELS],
                    extra_postargs=[*common, *flags],
                )
        return objects

    def openmp(self) -> tuple[list[str], list[str]]:
        """The flags of the compiler and of the linker for OpenMP; none to build without."""
        if os.environ.get("DDE_OPENMP") == "0":
            return [], []
        for compiling, linking in OPENMP:
            if self.builds(OPENMP_PROGRAM, compiling, linking):
                return compiling, linking
        self.warn("the compiler has no OpenMP: dde will use one thread")
        return [], []

    def accepted(self, flags: list[str]) -> list[str]:
        """Those of the flags that the compiler understands, without a warning."""
        return [flag for flag in flags if self.builds(EMPTY, ["-Werror", flag])]

    def builds(
        self, program: str, compiling: Sequence[str] = (), linking: list[str] | None = None
    ) -> bool:
        """Whether a C program compiles, and, given flags for that, links as an extension does."""
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(program)
            try:
                objects = self.compiler.compile(
                    [str(source)], output_dir=folder, extra_postargs=[*compiling]
                )
                if linking is not None:
                    self.compiler.link_shared_object(
                        objects, str(Path(folder, "probe.so")), extra_postargs=linking
                    )
            except (CompileError, LinkError):
                return False
        return True


core = Extension(
    "dde._core",
    sources=["src/dde_core.pyx"],
    depends=[str(file) for file in sorted(Path(KERNELS).rglob("*.[chp]*"))]
    + [str(part) for part in sorted(Path("src/door").glob("*.pxi"))],
    include_dirs=[KERNELS, numpy.get_include()],
    define_macros=[
        ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
        ("CYTHON_COMPRESS_STRINGS", "0"),  # a wheel is compressed
    ],
)

setup(ext_modules=cythonize([core], include_path=[KERNELS]), cmdclass={"build_ext": BuildKernels})
