"""A camera that stands still: what moves before it, shadows apart."""

from pixelwise.apps.surveillance.background import LEGEND, Background
from pixelwise.apps.surveillance.moving import Moving
from pixelwise.registry import Registry

__all__ = ["BACKGROUNDS", "LEGEND", "Background", "Moving"]

BACKGROUNDS: Registry[type[Background]] = Registry(
    "background",
    {
        "median": "pixelwise.apps.surveillance.median:Median",
        "mog2": "pixelwise.apps.surveillance.mixtures:Mog2",
        "knn": "pixelwise.apps.surveillance.mixtures:Knn",
    },
)
"""Name -> how the ground is learnt; the first is the best here."""
