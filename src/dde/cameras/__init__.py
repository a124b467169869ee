"""Cameras: charts read from photographs, and what makes colours of a camera's numbers."""
