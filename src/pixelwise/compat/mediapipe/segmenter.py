"""The interface of MediaPipe Tasks."""

from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards.deck import load_cards
from pixelwise.catalog import find
from pixelwise.compat.mediapipe.images import Image, ImageFormat
from pixelwise.compat.mediapipe.options import (
    BaseOptions,
    ImageSegmenterOptions,
    ImageSegmenterResult,
    RunningMode,
)
from pixelwise.core import Foreground, Result, Segmenter, Semantic
from pixelwise.core import Image as Picture
from pixelwise.errors import InputError, UsageError
from pixelwise.methods.deep.network import Network
from pixelwise.pipeline import Worker

__all__ = ["ImageSegmenter", "categories", "confidences"]

PERSON, BACKGROUND = 0, 255
"""What the category mask of a model with one channel holds."""


class ImageSegmenter:
    """``mediapipe.tasks.python.vision.ImageSegmenter``.

    In LIVE_STREAM mode a picture that comes while another is in work replaces the one that waits:
    callbacks get the newest, and a slow callback holds nothing up.

    Args:
        options: How it works.

    Raises:
        UsageError: The options contradict each other.
        ModelError: The model cannot be loaded.
    """

    def __init__(self, options: ImageSegmenterOptions) -> None:
        is_live = options.running_mode is RunningMode.LIVE_STREAM
        if is_live != (options.result_callback is not None):
            raise UsageError("result_callback belongs to LIVE_STREAM mode, and only to it")
        if not (options.output_category_mask or options.output_confidence_masks):
            raise UsageError("ask for confidence masks, a category mask, or both")
        self._options = options
        self._segmenter = _opened(options.base_options)
        self._last_ms = -1
        self._worker: Worker[tuple[Image, int]] | None = None

    @classmethod
    def create_from_options(cls, options: ImageSegmenterOptions) -> "ImageSegmenter":
        """Return a segmenter."""
        return cls(options)

    @classmethod
    def create_from_model_path(cls, model_path: str) -> "ImageSegmenter":
        """Return a segmenter for single pictures."""
        return cls(ImageSegmenterOptions(base_options=BaseOptions(model_path)))

    @property
    def labels(self) -> Sequence[str]:
        """Names of the classes, in the order of the category mask's numbers."""
        card = getattr(self._segmenter, "card", None)
        return [] if card is None else [row.name for row in card.legend_object()]

    def segment(self, image: Image) -> ImageSegmenterResult:
        """Return the masks of a picture (IMAGE mode)."""
        self._expect(RunningMode.IMAGE)
        return self._result(image)

    def segment_for_video(self, image: Image, timestamp_ms: int) -> ImageSegmenterResult:
        """Return the masks of a frame; times must rise (VIDEO mode)."""
        self._expect(RunningMode.VIDEO)
        self._rising(timestamp_ms)
        return self._result(image)

    def segment_async(self, image: Image, timestamp_ms: int) -> None:
        """Take a frame; the callback gets its masks, or those of a newer one (LIVE_STREAM)."""
        self._expect(RunningMode.LIVE_STREAM)
        self._rising(timestamp_ms)
        if self._worker is None:
            self._worker = Worker(self._answer)
        self._worker.put((Image(image.image_format, np.array(image.data)), timestamp_ms))

    def close(self) -> None:
        """Finish the frame in work and the one that waits."""
        worker, self._worker = self._worker, None
        if worker is not None:
            worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _answer(self, item: tuple[Image, int]) -> None:
        image, timestamp_ms = item
        if self._options.result_callback is not None:
            self._options.result_callback(self._result(image), image, timestamp_ms)

    def _result(self, image: Image) -> ImageSegmenterResult:
        result = self._segmenter(Picture(image.data))
        options = self._options
        confidence = category = None
        if options.output_confidence_masks:
            confidence = [Image(ImageFormat.GRAY8, plane) for plane in confidences(result)]
        if options.output_category_mask:
            category = Image(ImageFormat.GRAY8, categories(result))
        return ImageSegmenterResult(confidence, category)

    def _expect(self, mode: RunningMode) -> None:
        if self._options.running_mode is not mode:
            raise UsageError(
                f"this segmenter was made for {self._options.running_mode} mode, not for {mode}: "
                "set running_mode in its options"
            )

    def _rising(self, timestamp_ms: int) -> None:
        if timestamp_ms <= self._last_ms:
            raise UsageError(f"times must rise: {timestamp_ms} ms came after {self._last_ms} ms")
        self._last_ms = timestamp_ms


def categories(result: Result) -> NDArray[np.uint8]:
    """Return the category mask (H, W) uint8 of a result.

    Raises:
        InputError: The result has no classes.

    >>> categories(Foreground(np.array([[True, False]]))).tolist()
    [[0, 255]]
    """
    if isinstance(result, Foreground):
        return np.where(result.mask, np.uint8(PERSON), np.uint8(BACKGROUND))
    if isinstance(result, Semantic):
        return result.labels.astype(np.uint8)
    raise InputError(f"a category mask is made of classes, not of {type(result).__name__}")


def confidences(result: Result) -> list[NDArray[np.float32]]:
    """Return the confidence masks (H, W) float32 of a result, one a class.

    Raises:
        InputError: The result keeps no scores.
    """
    if isinstance(result, Foreground):
        return [result.alpha]
    if isinstance(result, Semantic) and result.scores is not None:
        return list(np.asarray(result.scores, np.float32))
    raise InputError(f"{type(result).__name__} without scores has no confidence masks")


def _opened(options: BaseOptions) -> Segmenter:
    """Return the network of a card that has just this file, or is called so, or of a bare file."""
    if options.model_asset_path is None:
        raise UsageError("name the model by model_asset_path; buffers are not taken")
    path = Path(options.model_asset_path)
    if path.is_file():
        digest = sha256(path.read_bytes()).hexdigest()
        for card in load_cards().values():
            if digest in {getattr(source, "sha256", "") for source in card.sources}:
                return Network.load(card, path)
    return find(options.model_asset_path)
