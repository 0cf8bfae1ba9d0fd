"""Fully convolutional networks: scores at several depths of a backbone, enlarged and added.

Source:
    J. Long, E. Shelhamer, T. Darrell, "Fully Convolutional Networks for Semantic Segmentation",
    CVPR 2015.
"""

import torch
from torch import nn
from torchvision.models import get_model
from torchvision.models._utils import IntermediateLayerGetter

from pixelwise.errors import InvalidSetting
from pixelwise.training.plan import Plan

__all__ = ["SkipFCN", "fcn"]

LAYERS = {
    "resnet": ("relu", "layer1", "layer2", "layer3"),
    "mobilenet_v3_small": ("0", "1", "3", "8"),
    "mobilenet_v3_large": ("1", "3", "6", "12"),
}
"""Backbone family -> its layers at a half, quarter, eighth and sixteenth of the size."""


class SkipFCN(nn.Module):
    """An FCN-2s: the paper's FCN-8s with two skips more.

    Args:
        trunk: Pixels -> name -> features, shallow ones first.
        depths: Channels of each of them.
        outputs: Channels of the answer.
    """

    def __init__(self, trunk: nn.Module, depths: list[int], outputs: int) -> None:
        super().__init__()
        self.trunk = trunk
        self.scores = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(depth, 32, 3, padding=1, bias=False),
                nn.BatchNorm2d(32),
                nn.ReLU(inplace=True),
                nn.Conv2d(32, outputs, 1),
            )
            for depth in depths
        )

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the answer (N, outputs, H, W) for pixels (N, C, H, W)."""
        features = list(self.trunk(pixels).values())
        made = self.scores[-1](features[-1])
        for score, feature in zip(self.scores[-2::-1], features[-2::-1], strict=True):
            made = nn.functional.interpolate(made, scale_factor=2.0, mode="bilinear")
            made = made + score(feature)
        full: torch.Tensor = nn.functional.interpolate(made, scale_factor=2.0, mode="bilinear")
        return full


def fcn(plan: Plan) -> nn.Module:
    """Return the network.

    Raises:
        InvalidSetting: The backbone is none of those, or the pictures are volumes.
    """
    name = plan.encoder or "resnet18"
    family = next((key for key in LAYERS if name.startswith(key)), None)
    if family is None or plan.axes == 3:
        raise InvalidSetting.of("encoder", name, "resnet18, resnet34 ... or mobilenet_v3_small")
    network = get_model(name, weights=plan.weights or None)
    whole = network.features if family != "resnet" else network
    layers = LAYERS[family][: plan.stages]
    trunk = IntermediateLayerGetter(whole, {layer: layer for layer in layers})
    if plan.bands != 3:
        _take_bands(trunk, plan.bands)
    with torch.no_grad():
        features = trunk.eval()(torch.zeros(1, plan.bands, 64, 64))
    depths = [feature.shape[1] for feature in features.values()]
    return SkipFCN(trunk, depths, len(plan.classes) + plan.planes)


def _take_bands(trunk: nn.Module, bands: int) -> None:
    """Put a first convolution for other channels than three in the place of the first."""
    name, first = next(
        (name, part) for name, part in trunk.named_modules() if isinstance(part, nn.Conv2d)
    )
    made = nn.Conv2d(
        bands, first.out_channels, first.kernel_size, first.stride, first.padding, bias=False
    )
    owner, _, leaf = name.rpartition(".")
    setattr(trunk.get_submodule(owner), leaf, made)
