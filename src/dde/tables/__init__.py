"""Tables of patch colours in files: CGATS.17 and CxF3."""
