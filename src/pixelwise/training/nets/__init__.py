"""The NETS table: what can be trained, each ``build(plan) -> torch module``."""

from collections.abc import Callable
from typing import Any

from pixelwise.registry import Registry

__all__ = ["NETS"]

NETS: Registry[Callable[..., Any]] = Registry(
    "net",
    {
        "unet": "pixelwise.training.nets.unet:unet train",
        "fcn": "pixelwise.training.nets.fcn:fcn train",
        "mask-rcnn": "pixelwise.training.nets.mask_rcnn:mask_rcnn train",
    },
)
"""Name -> ``build(plan) -> torch.nn.Module``."""
