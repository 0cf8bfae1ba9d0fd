"""Better results from results: by the picture's edges, by their shape, by their neighbours in time.

A refinement of one picture is called with the picture and its result: ``Snap()(image, result)``.
"""

from pixelwise.refine.refinement import Refined, Refinement
from pixelwise.refine.stable import Stable
from pixelwise.registry import Registry

__all__ = ["REFINEMENTS", "Refined", "Refinement", "Stable"]

REFINEMENTS: Registry[type[Refinement]] = Registry(
    "refinement",
    {
        "guided": "pixelwise.refine.guided:GuidedAlpha",
        "snap": "pixelwise.refine.snap:Snap",
        "closed-form": "pixelwise.refine.closed_form:ClosedForm",
        "fill-holes": "pixelwise.refine.holes:FillHoles",
        "drop-specks": "pixelwise.refine.specks:DropSpecks",
        "smooth": "pixelwise.refine.smooth:Smooth",
    },
)
"""Name -> class; ``--refine NAME``."""
