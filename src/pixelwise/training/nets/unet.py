"""U-Nets: a plain one, or one of segmentation-models-pytorch with the encoder that is named."""

import segmentation_models_pytorch as smp
from torch import nn

from pixelwise.errors import InvalidSetting
from pixelwise.training.nets.plain import PlainUNet
from pixelwise.training.plan import Plan

__all__ = ["unet"]


def unet(plan: Plan) -> nn.Module:
    """Return the network.

    Raises:
        InvalidSetting: There is no such encoder, or an encoder for volumes was asked for.
    """
    outputs = len(plan.classes) + plan.planes
    if not plan.encoder:
        return PlainUNet(
            axes=plan.axes,
            inputs=plan.bands,
            outputs=outputs,
            widths=plan.widths,
            stem=plan.stem,
        )
    if plan.axes == 3:
        raise InvalidSetting.of("encoder", plan.encoder, "empty for volumes: encoders are 2-D")
    if plan.encoder not in smp.encoders.get_encoder_names():
        raise InvalidSetting.of("encoder", plan.encoder, "one that smp lists, such as resnet18")
    made: nn.Module = smp.Unet(
        plan.encoder,
        encoder_weights=plan.weights or None,
        in_channels=plan.bands,
        classes=outputs,
    )
    return made
