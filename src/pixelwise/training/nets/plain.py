"""A plain U-Net for pictures and volumes, small enough to be trained from scratch on a CPU.

Source:
    O. Ronneberger, P. Fischer, T. Brox, "U-Net", MICCAI 2015; F. Isensee et al., "nnU-Net",
    Nature Methods 18, 2021, for the plain blocks and instance normalisation of volumes.
"""

from collections.abc import Sequence

import torch
from torch import nn

__all__ = ["PlainUNet"]


class PlainUNet(nn.Module):
    """Convolutions down and up with a bridge at each level.

    Args:
        axes: 2 or 3.
        inputs: Channels of the picture.
        outputs: Channels of the answer.
        widths: Channels at each level; sides halve from level to level.
        stem: By how much the first convolution shrinks a picture; the answer gets its full size
            back by pixel shuffle. 1 for volumes.
    """

    def __init__(
        self, *, axes: int, inputs: int, outputs: int, widths: Sequence[int], stem: int
    ) -> None:
        super().__init__()
        strides = [stem, *[2] * (len(widths) - 1)]
        before = [inputs, *widths[:-1]]
        self.down = nn.ModuleList(
            nn.Sequential(_block(axes, come, go, stride), _block(axes, go, go))
            for come, go, stride in zip(before, widths, strides, strict=True)
        )
        self.up = nn.ModuleList(
            _block(axes, low + high, high)
            for low, high in zip(widths[:0:-1], widths[-2::-1], strict=True)
        )
        convolution = nn.Conv2d if axes == 2 else nn.Conv3d
        self.head = convolution(widths[0], outputs * stem**axes, 1)
        self.full = nn.PixelShuffle(stem) if stem > 1 else nn.Identity()
        self.mode = "bilinear" if axes == 2 else "trilinear"

    def forward(self, pixels: torch.Tensor) -> torch.Tensor:
        """Return the answer (N, outputs, ...) for pixels (N, inputs, ...)."""
        levels = []
        for block in self.down:
            pixels = block(pixels)
            levels.append(pixels)
        levels.pop()
        for block in self.up:
            grown = nn.functional.interpolate(pixels, scale_factor=2.0, mode=self.mode)
            pixels = block(torch.cat([grown, levels.pop()], dim=1))
        made: torch.Tensor = self.full(self.head(pixels))
        return made


def _block(axes: int, inputs: int, outputs: int, stride: int = 1) -> nn.Module:
    """Return a convolution with its normalisation; single volumes have no batch to learn from."""
    if axes == 2:
        convolution: nn.Module = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        norm: nn.Module = nn.BatchNorm2d(outputs)
    else:
        convolution = nn.Conv3d(inputs, outputs, 3, stride, 1, bias=False)
        norm = nn.InstanceNorm3d(outputs, affine=True)
    return nn.Sequential(convolution, norm, nn.LeakyReLU(0.01, inplace=True))
