"""Colour spaces: whites, adaptation, conversions."""

from dde.spaces.named import NAMES

__all__ = ["NAMES"]
