"""A camera that other programs see, as a sink: video calls, browsers, recorders."""

from types import TracebackType
from typing import Any, Self

import numpy as np
import pyvirtualcam

from pixelwise.core import Image, Result
from pixelwise.errors import OutputError
from pixelwise.io.video.fitting import boxed

__all__ = ["VirtualCamera"]

RATE = 30.0


class VirtualCamera:
    """A sink: the system's virtual camera (v4l2loopback, OBS on Windows and macOS).

    Raises:
        OutputError: The system has no virtual camera; said at the first picture.
    """

    def __init__(self) -> None:
        self._camera: Any = None

    def __enter__(self) -> Self:
        return self

    def write(self, image: Image, result: Result) -> None:  # noqa: ARG002 - the port's shape
        """Show one picture; later ones of another size are fitted into the first size."""
        height, width = image.size
        if self._camera is None:
            try:
                self._camera = pyvirtualcam.Camera(width=width, height=height, fps=RATE)
            except RuntimeError as error:
                raise OutputError(
                    f"there is no virtual camera: {error}; Linux needs the module v4l2loopback, "
                    "Windows and macOS need OBS Studio"
                ) from error
        size = (self._camera.height, self._camera.width)
        pixels = np.ascontiguousarray(image.pixels[..., :3])
        self._camera.send(pixels if pixels.shape[:2] == size else boxed(pixels, size))

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._camera is not None:
            self._camera.close()
