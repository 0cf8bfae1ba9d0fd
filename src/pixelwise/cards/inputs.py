"""What a network wants to be fed."""

from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import check_ranges, setting
from pixelwise.errors import InvalidSetting

__all__ = ["Channels", "Extra", "Fit", "InputSpec", "Layout", "Levels", "VolumeSpec"]


class Layout(StrEnum):
    """Order of a tensor's axes: N batch, D depth, H height, W width, C channels."""

    NHWC = "NHWC"
    NCHW = "NCHW"
    HWC = "HWC"
    CHW = "CHW"
    NDHWC = "NDHWC"
    NCDHW = "NCDHW"


class Channels(StrEnum):
    """What the input's channels are, in their order."""

    RGB = "RGB"
    BGR = "BGR"
    GREY = "grey"
    BANDS = "bands"


class Fit(StrEnum):
    """How a picture is brought to the network's size.

    ``corners``: top-left corners aligned, no half pixel, source positions in 1/32 pixel, aspect
    not kept (MediaPipe). ``stretch``: half-pixel bilinear, aspect not kept. ``letterbox``: aspect
    kept, padded to the right and below. ``short-side``: aspect kept, the shorter side becomes the
    height given, or less so that the longer one stays within ``longest``. ``tiles``: not resized,
    cut into windows of the size given. ``windows``: aspect kept, the shorter side becomes the
    height given, cut along the longer side into squares that overlap alike; their scores are
    averaged. ``free``: as it is.
    """

    CORNERS = "corners"
    STRETCH = "stretch"
    LETTERBOX = "letterbox"
    SHORT_SIDE = "short-side"
    TILES = "tiles"
    WINDOWS = "windows"
    FREE = "free"


class Levels(StrEnum):
    """What happens to the values before mean and std.

    ``bytes``: 0..255 as they are. ``maximum``: divided by the picture's greatest value, to 0..1.
    ``min-max``: least to 0, greatest to 1. ``quantiles``: the 5 % quantile to 0, the 95 % one to 1,
    without clipping. ``percentiles``: the 1 % quantile to 0, the 99.8 % one to 1, clipped.
    ``reflectance``: 0..1 as measured.
    """

    BYTES = "bytes"
    MAXIMUM = "maximum"
    MIN_MAX = "min-max"
    QUANTILES = "quantiles"
    PERCENTILES = "percentiles"
    REFLECTANCE = "reflectance"


class Extra(StrEnum):
    """What the input wants beside the picture.

    ``previous-mask``: one more channel, the mask of the frame before in 0..1 (zeros at first).
    ``states``: recurrent tensors that each run gives back for the next.
    """

    NONE = "none"
    PREVIOUS_MASK = "previous-mask"
    STATES = "states"


@dataclass(frozen=True, slots=True, kw_only=True)
class InputSpec:
    """What a network is fed: ``x = (pixel - mean) / std * scale``.

    The dtype and the quantisation are not here: the model file itself says them. A model with a
    quantised input is fed the real value brought to its scale and zero point; mean and std stand
    for the real value, in pixels of 0..255 unless ``levels`` says otherwise.

    Raises:
        InvalidSetting: A number is outside its range, or mean and std differ in length.

    >>> spec = InputSpec(height=256, width=256, std=(255.0, 255.0, 255.0))
    >>> spec.normalised(np.full((1, 1, 3), 51, np.uint8)).round(4).tolist()
    [[[0.20000000298023224, 0.20000000298023224, 0.20000000298023224]]]
    """

    height: int = setting(0, "Height of the input in pixels; 0: any.", low=0, high=65536)
    width: int = setting(0, "Width of the input in pixels; 0: any.", low=0, high=65536)
    layout: Layout = setting(Layout.NHWC, "Order of the axes.")
    channels: Channels = setting(Channels.RGB, "What the channels are.")
    levels: Levels = setting(Levels.BYTES, "What happens to the values before mean and std.")
    mean: tuple[float, ...] = setting((0.0, 0.0, 0.0), "Taken off each channel.")
    std: tuple[float, ...] = setting((1.0, 1.0, 1.0), "Each channel is divided by it.")
    scale: float = setting(1.0, "Factor at the end.")
    fit: Fit = setting(Fit.STRETCH, "How a picture is brought to the network's size.")
    longest: int = setting(
        0, "With short-side: the longer side is at most this; 0: as it comes.", low=0, high=65536
    )
    pad: int = setting(
        0, "Value of the padding, 0..255; -1: the mean, which is fed as 0.", low=-1, high=255
    )
    multiple: int = setting(1, "Sides are resized to a multiple of this.", low=1, high=1024)
    pad_multiple: int = setting(1, "Sides are padded to a multiple of this.", low=1, high=1024)
    extra: Extra = setting(Extra.NONE, "What the input wants beside the picture.")
    tensor: str = setting("", "Name of the input that takes the picture; empty: the first.")
    bands: tuple[str, ...] = setting((), "Common names of the bands of a map, in their order.")

    def __post_init__(self) -> None:
        check_ranges(self)
        if len(self.mean) != len(self.std) or not self.mean:
            raise InvalidSetting.of("mean", self.mean, f"as long as std, which is {self.std}")
        if min(self.std) <= 0:
            raise InvalidSetting.of("std", self.std, "above 0")
        needs_size = self.fit not in (Fit.FREE, Fit.SHORT_SIDE)
        if needs_size and (not self.height or not self.width):
            raise InvalidSetting.of("height, width", (self.height, self.width), "above 0")

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the input."""
        return (self.height, self.width)

    def normalised(self, pixels: NDArray[np.generic]) -> NDArray[np.float32]:
        """Return ``(pixels - mean) / std * scale``.

        Args:
            pixels: (..., C), already at the network's size, in its channel order and levels.
        """
        factor = np.float32(self.scale) / np.asarray(self.std, np.float32)
        return (pixels.astype(np.float32) - np.asarray(self.mean, np.float32)) * factor


@dataclass(frozen=True, slots=True, kw_only=True)
class VolumeSpec:
    """How a volume is brought into the shape that a network was trained on.

    Raises:
        InvalidSetting: A field does not hold what it should.
    """

    orientation: str = setting("LIA", "Direction of the axes, one letter of LRPAIS each.")
    spacing_mm: float = setting(1.0, "Side of a voxel in mm.", low=0.01, high=100)
    side: int = setting(
        256, "Voxels of a side of the grid; 0: as many as the volume fills.", low=0, high=4096
    )
    crop_level: float = setting(
        0.0, "Crop to voxels above this share of the maximum.", low=0, high=1
    )
    crop_margin: int = setting(0, "Voxels added around the crop.", low=0, high=256)
    keep_largest: bool = setting(default=False, doc="Keep only the largest component.")

    def __post_init__(self) -> None:
        check_ranges(self)
        axes = {"L": 0, "R": 0, "A": 1, "P": 1, "I": 2, "S": 2}
        if sorted(axes.get(letter, 9) for letter in self.orientation) != [0, 1, 2]:
            raise InvalidSetting.of("orientation", self.orientation, "three axes, such as LIA")
