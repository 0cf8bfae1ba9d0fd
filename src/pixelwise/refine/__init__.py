"""Better results from results: what neighbours in time know of each other."""

from pixelwise.refine.stable import Stable

__all__ = ["Stable"]
