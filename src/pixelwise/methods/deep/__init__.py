"""Networks: one file per shape of answer, never one per network."""

from collections.abc import Callable

from pixelwise.core import Segmenter
from pixelwise.methods.deep.placing import Decoder, DecoderMaker, Placed
from pixelwise.registry import Registry

__all__ = ["DECODERS", "SEGMENTERS", "Decoder", "DecoderMaker", "Placed"]

DECODERS: Registry[DecoderMaker] = Registry(
    "decoder",
    {
        "dense": "pixelwise.methods.deep.dense:dense",
        "boxes": "pixelwise.methods.deep.boxes:boxes",
        "masks": "pixelwise.methods.deep.masks:masks",
        "depths": "pixelwise.methods.deep.depths:depths",
        "flows": "pixelwise.methods.deep.flows:flows",
        "queries": "pixelwise.methods.deep.queries:queries",
    },
)
"""Shape of answer -> ``make(card, outputs) -> Decoder``."""

SEGMENTERS: Registry[Callable[..., Segmenter]] = Registry(
    "segmenter",
    {
        "volumes": "pixelwise.methods.deep.volumes:VolumeNetwork",
        "prompted": "pixelwise.methods.deep.prompted:Prompted",
        "pointed": "pixelwise.methods.deep.pointed:Pointed",
    },
)
"""What wraps a network for other than pictures; imported when first asked for."""
