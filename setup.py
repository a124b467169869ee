"""Compiles the kernels once per instruction set and precision, and the Cython module.

Set DDE_OPENMP=0 to build without OpenMP (single-threaded).
"""

import os
import platform
import tempfile
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.errors import CompileError, LinkError

KERNELS = "src/kernels"
OPTIMISATION = [
    "-O3",
    "-fopenmp-simd",
    # What vector code needs. Nothing that reorders arithmetic or forgets NaN, and nothing of
    # -ffast-math at link time, where it would set flush-to-zero for the whole process.
    "-fno-math-errno",
    "-fno-trapping-math",
    "-ffp-contract=fast",
    # Interleaves the independent operations of the long formulas, as far as registers allow: up to
    # a fifth faster. (Clang does so unasked, and ignores it.)
    "-fschedule-insns",
    "-fsched-pressure",
    "-Wno-ignored-optimization-argument",
]
WARNINGS = ["-Wall", "-Wextra"]


def instruction_sets() -> dict[str, list[str]]:
    """The symbol suffix of each instruction set to build, and its compiler flags."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return {"default": []}
    return {
        "x86_64_v2": ["-march=x86-64-v2"],
        "x86_64_v3": ["-march=x86-64-v3"],
        # GCC stops at 256 bits unless told otherwise.
        "x86_64_v4": ["-march=x86-64-v4", "-mprefer-vector-width=512"],
    }


class BuildKernels(build_ext):
    """Compiles kernels.c for each instruction set, in float and in double."""

    def build_extension(self, ext: Extension) -> None:
        openmp = ["-fopenmp"] if self.has_openmp() else []
        ext.extra_compile_args += openmp
        ext.extra_link_args += openmp
        ext.extra_objects += self.compile_kernels()
        super().build_extension(ext)

    def compile_kernels(self) -> list[str]:
        objects = []
        for suffix, flags in instruction_sets().items():
            for precision in ("float", "double"):
                macros = [("DDE_TABLE", f"dde_kernels_{suffix}_{precision}")]
                if precision == "double":
                    macros.append(("DDE_DOUBLE", "1"))
                objects += self.compiler.compile(
                    [f"{KERNELS}/kernels.c"],
                    output_dir=str(Path(self.build_temp, suffix, precision)),
                    macros=macros,
                    include_dirs=[KERNELS],
                    extra_postargs=[*OPTIMISATION, *WARNINGS, *flags],
                )
        return objects

    def has_openmp(self) -> bool:
        """Whether a program that uses OpenMP can be built here."""
        if os.environ.get("DDE_OPENMP") == "0":
            return False
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder, "probe.c")
            source.write_text(
                "#include <omp.h>\nint main(void) { return omp_get_max_threads() < 1; }\n"
            )
            try:
                objects = self.compiler.compile(
                    [str(source)], output_dir=folder, extra_postargs=["-fopenmp"]
                )
                self.compiler.link_executable(
                    objects, str(Path(folder, "probe")), extra_postargs=["-fopenmp"]
                )
            except (CompileError, LinkError):
                return False
        return True


core = Extension(
    "dde._core",
    sources=[
        "src/dde_core.pyx",
        f"{KERNELS}/walk.c",
        f"{KERNELS}/pictures/picture_walk.c",
        f"{KERNELS}/dispatch.c",
    ],
    depends=[f"{KERNELS}/kernels.c", f"{KERNELS}/kernels.pxd"]
    + [str(header) for header in sorted(Path(KERNELS).rglob("*.h"))]
    + [str(part) for part in sorted(Path("src/door").glob("*.pxi"))],
    include_dirs=[KERNELS, numpy.get_include()],
    define_macros=[("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION")],
    extra_compile_args=["-O2"],
)

setup(ext_modules=cythonize([core], include_path=[KERNELS]), cmdclass={"build_ext": BuildKernels})
