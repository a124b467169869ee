"""Tables of patch colours in files: CGATS.17 and CxF3."""

from dde.tables.reading import PatchTable, is_table, read_table

__all__ = ["PatchTable", "is_table", "read_table"]
