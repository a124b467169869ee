"""Learned differences of photographs: their data, networks, fits, measures and page."""
