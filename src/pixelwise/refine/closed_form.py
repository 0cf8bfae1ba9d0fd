"""Soft edges as fine as the picture shows them: hair, fur and leaves."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, setting
from pixelwise.ops.closed_form import matte
from pixelwise.refine.band import CELL, INSIDE, Coarse, around, grown, shrunk, signed_distance
from pixelwise.refine.refinement import EdgeRefinement

__all__ = ["ClosedForm"]

TURN = 2
"""Pixels beside the strip that its windows reach."""


@dataclass(frozen=True, kw_only=True)
class ClosedForm(EdgeRefinement):
    """Solves for the soft mask in a thin strip along the outline.

    Beside the strip the mask is taken as it is; in it alpha is what makes alpha a linear function
    of the colours in every small window. It shows single hairs where ``snap`` draws one outline,
    and is the less sure of the two where both sides look alike.

    Source:
        A. Levin, D. Lischinski, Y. Weiss, "A Closed-Form Solution to Natural Image Matting", PAMI
        30(2), 2008. Own code.
    """

    name = "closed-form"

    near: float = setting(
        1.5,
        "Half of the strip where the network is sure, in pixels of the network.",
        low=0.2,
        high=50,
    )
    far: float = setting(
        4.0,
        "Half of the strip where it is in doubt, in pixels of the network.",
        low=0.2,
        high=100,
    )

    def draw(self, pixels: NDArray[np.uint8], found: Foreground) -> Foreground:
        """Return the foreground with the alpha that the colours tell."""
        coarse = Coarse.of(found, CELL)
        trimap = coarse.trimap(signed_distance(coarse.mask), self.near, self.far)
        unknown = trimap == 0
        alpha = np.where(unknown, coarse.soft, trimap == INSIDE).astype(np.float32)
        window = around(unknown, TURN)
        colours = shrunk(pixels, alpha.shape)[window].astype(np.float32) / np.float32(255)
        alpha[window] = matte(colours, alpha[window].copy(), unknown[window])
        return grown(pixels, alpha, found, max(1, round(coarse.cell)))
