"""Colour spaces: whites, adaptation, conversions."""
