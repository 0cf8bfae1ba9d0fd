"""The masks of one frame carried through the frames that follow it."""

from pixelwise.tracking.propagation.pointed import moving_with
from pixelwise.tracking.propagation.propagation import Propagation

__all__ = ["Propagation", "moving_with"]
