"""Tables of patches, and their comparison patch by patch."""
