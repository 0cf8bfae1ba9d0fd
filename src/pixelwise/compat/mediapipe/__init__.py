"""MediaPipe's two interfaces to person segmentation, with its names and conventions.

A program changes its import line and runs on:

- ``SelfieSegmentation(model_selection).process(rgb).segmentation_mask``, which MediaPipe removed
  with ``mp.solutions``;
- ``ImageSegmenter`` of MediaPipe Tasks with its options, running modes and results.

>>> from pixelwise.compat.mediapipe import SelfieSegmentation   # was: mp.solutions....
>>> with SelfieSegmentation(model_selection=1) as segmenter:    # doctest: +SKIP
...     alpha = segmenter.process(rgb).segmentation_mask

Source:
    https://ai.google.dev/edge/mediapipe/solutions/vision/image_segmenter ; own code.
"""

from pixelwise.compat.mediapipe.images import Image, ImageFormat
from pixelwise.compat.mediapipe.options import (
    BaseOptions,
    ImageSegmenterOptions,
    ImageSegmenterResult,
    RunningMode,
)
from pixelwise.compat.mediapipe.segmenter import ImageSegmenter
from pixelwise.compat.mediapipe.selfie import SelfieResult, SelfieSegmentation

__all__ = [
    "BaseOptions",
    "Image",
    "ImageFormat",
    "ImageSegmenter",
    "ImageSegmenterOptions",
    "ImageSegmenterResult",
    "RunningMode",
    "SelfieResult",
    "SelfieSegmentation",
]
