"""The interface that MediaPipe removed with ``mp.solutions``."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import numpy as np
from numpy.typing import NDArray

from pixelwise.catalog import find
from pixelwise.convert import to_foreground
from pixelwise.core import Image
from pixelwise.errors import InputError, UsageError

__all__ = ["SelfieResult", "SelfieSegmentation"]

MODELS = ("selfie", "selfie-landscape")
"""``model_selection`` 0 and 1: the square and the landscape model."""


@dataclass(frozen=True, slots=True, eq=False)
class SelfieResult:
    """What ``process`` returns.

    Args:
        segmentation_mask: (H, W) float32, 0..1, how much each pixel is a person.
    """

    segmentation_mask: NDArray[np.float32]


class SelfieSegmentation:
    """``mp.solutions.selfie_segmentation.SelfieSegmentation`` as it was.

    Args:
        model_selection: 0 the general model (256 x 256), 1 the landscape one (144 x 256).

    Raises:
        UsageError: Neither 0 nor 1.
        ModelError: The model cannot be had.
    """

    def __init__(self, model_selection: int = 0) -> None:
        if model_selection not in (0, 1):
            raise UsageError(f"model_selection must be 0 or 1, not {model_selection!r}")
        self._segmenter = find(MODELS[model_selection])

    def process(self, image: NDArray[np.uint8]) -> SelfieResult:
        """Return the soft mask of an RGB picture.

        Args:
            image: (H, W, 3) uint8, RGB.

        Raises:
            InputError: It is not.
        """
        if image.ndim != 3 or image.shape[2] != 3 or image.dtype != np.uint8:
            raise InputError(
                f"expected an RGB picture (H, W, 3) uint8, not {image.shape} {image.dtype}"
            )
        return SelfieResult(to_foreground(self._segmenter(Image(image))).alpha)

    def reset(self) -> None:
        """Do nothing: no picture depends on those before."""

    def close(self) -> None:
        """Do nothing: there is nothing to close."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
