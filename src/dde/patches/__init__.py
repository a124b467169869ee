"""Tables of patches, and their comparison patch by patch."""

from dde.patches.comparing import ComparedPatches, compare_patches
from dde.tables.reading import PatchTable, read_table
from dde.tables.recognising import is_table

__all__ = ["ComparedPatches", "PatchTable", "compare_patches", "is_table", "read_table"]
