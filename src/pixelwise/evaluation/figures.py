"""What a report shows of pictures: small, inside the page, with words below."""

from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Show", "Shown", "figure"]

_THUMB = 520  # greatest side of a picture in the report, in pixels


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """What a report shows of a picture, a video or a volume.

    Args:
        pixels: (H, W, 3) uint8 RGB.
        part: Which frame or slice it is; empty for a picture.
    """

    pixels: NDArray[np.uint8]
    part: str = ""


Show = Callable[[str, str], Shown]
"""Names of a prediction and of a picture -> what to show of it."""


def figure(caption: str, shown: Shown | None) -> str:
    """Return a figure of a page; without something to show, only its words."""
    if shown is None:
        return f"<figure><figcaption>{escape(caption)}</figcaption></figure>"
    part = f" · {shown.part}" if shown.part else ""
    picture, words = _picture(shown.pixels, caption), escape(caption + part)
    return f"<figure>{picture}<figcaption>{words}</figcaption></figure>"


def _picture(pixels: NDArray[np.uint8], words: str) -> str:
    scale = _THUMB / max(pixels.shape[:2])
    scale = scale if scale < 1 else int(scale)  # small ones grow by whole pixels
    size = max(1, round(pixels.shape[1] * scale)), max(1, round(pixels.shape[0] * scale))
    small = cv2.resize(
        pixels, size, interpolation=cv2.INTER_AREA if scale < 1 else cv2.INTER_NEAREST
    )
    _, code = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR))
    data = b64encode(code.tobytes()).decode("ascii")
    return f'<img alt="{escape(words)}" src="data:image/jpeg;base64,{data}">'
