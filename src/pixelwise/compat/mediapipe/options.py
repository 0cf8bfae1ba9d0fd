"""What MediaPipe's segmenter is told, and what it returns."""

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from pixelwise.compat.mediapipe.images import Image

__all__ = [
    "BaseOptions",
    "Callback",
    "ImageSegmenterOptions",
    "ImageSegmenterResult",
    "RunningMode",
]


class RunningMode(StrEnum):
    """How pictures come."""

    IMAGE = "IMAGE"
    VIDEO = "VIDEO"
    LIVE_STREAM = "LIVE_STREAM"


@dataclass(frozen=True, slots=True)
class BaseOptions:
    """Which model.

    Args:
        model_asset_path: A model file, or the name of one of our cards.
        model_asset_buffer: Not taken; the file must be on the disk.
        delegate: Ignored: everything runs on the CPU.
    """

    model_asset_path: str | None = None
    model_asset_buffer: bytes | None = None
    delegate: object = None


@dataclass(frozen=True, slots=True)
class ImageSegmenterResult:
    """What a segmenter returns.

    Args:
        confidence_masks: One a class, (H, W) float32; a model of one channel has one.
        category_mask: (H, W) uint8; a model of one channel: 0 person, 255 background.
    """

    confidence_masks: list[Image] | None = None
    category_mask: Image | None = None


Callback = Callable[[ImageSegmenterResult, Image, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ImageSegmenterOptions:
    """How a segmenter works; the names are MediaPipe's.

    Args:
        base_options: Which model.
        running_mode: How pictures come.
        display_names_locale: Ignored.
        output_confidence_masks: Whether results have confidence masks.
        output_category_mask: Whether results have a category mask.
        result_callback: Takes result, picture and time in LIVE_STREAM mode.
    """

    base_options: BaseOptions
    running_mode: RunningMode = RunningMode.IMAGE
    display_names_locale: str = "en"
    output_confidence_masks: bool = True
    output_category_mask: bool = False
    result_callback: Callback | None = field(default=None)
