"""Tables of patches, and their comparison patch by patch."""

from dde.patches.comparing import ComparedPatches, compare_patches
from dde.tables import PatchTable, is_table, read_table

__all__ = ["ComparedPatches", "PatchTable", "compare_patches", "is_table", "read_table"]
