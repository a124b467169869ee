"""Tables of patches, and their comparison patch by patch."""

from dde.cgats import PatchTable, is_table, read_table
from dde.patches.comparing import ComparedPatches, compare_patches

__all__ = ["ComparedPatches", "PatchTable", "compare_patches", "is_table", "read_table"]
