"""A camera of this machine as a source."""

from collections.abc import Iterator

import cv2
import numpy as np

from pixelwise.core import Image
from pixelwise.errors import InputError

__all__ = ["Camera"]


class Camera:
    """A source: what the camera sees, until it gives nothing any more.

    Args:
        number: Which camera, from 0.
        size: (height, width) that is asked for; cameras give what they can.

    Raises:
        InputError: There is no such camera, or another program has it.
    """

    def __init__(self, number: int, size: tuple[int, int] | None = None) -> None:
        self.name = f"camera {number}"
        self._asked = size
        before = cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_ERROR)
        self._device = cv2.VideoCapture(number)
        cv2.utils.logging.setLogLevel(before)  # what it warns of is said below, in one line
        if not self._device.isOpened():
            raise InputError(
                f"{self.name}: it is not there or in use by another program; --camera takes "
                "another number, --source a file or an address",
                reason="camera",
            )
        self._device.set(cv2.CAP_PROP_BUFFERSIZE, 1)  # the newest, not a queue
        if size is not None:
            self._device.set(cv2.CAP_PROP_FRAME_HEIGHT, size[0])
            self._device.set(cv2.CAP_PROP_FRAME_WIDTH, size[1])

    def __iter__(self) -> Iterator[Image]:
        """Yield pictures until the camera is gone."""
        try:
            while True:
                given, pixels = self._device.read()
                if not given or pixels is None:
                    return
                yield Image(
                    np.asarray(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)),
                    notes=self._said(pixels.shape),
                )
        finally:
            self._device.release()

    def _said(self, shape: tuple[int, ...]) -> tuple[str, ...]:
        if self._asked is None or shape[:2] == self._asked:
            return ()
        return (f"the camera gives {shape[1]} x {shape[0]}, not what was asked for",)
