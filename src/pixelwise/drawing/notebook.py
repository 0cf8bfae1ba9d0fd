"""Images and results as notebooks show them."""

from base64 import b64encode
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Result, Semantic
from pixelwise.drawing.compositing import mask_picture
from pixelwise.drawing.overlay import draw
from pixelwise.drawing.screen import screen_pixels

__all__ = ["image_png", "result_html", "result_png"]

MOST_SIDE = 640
"""Longer sides are made smaller: a notebook keeps every picture it ever showed."""

PAPER = 60
"""Grey level behind a result whose picture is not at hand."""

MOST_ROWS = 12


def image_png(image: Image) -> bytes:
    """Return the picture, or the middle slice of a volume, as PNG.

    >>> image_png(Image(np.zeros((4, 4), np.uint8)))[1:4]
    b'PNG'
    """
    return _png(screen_pixels(image))


def result_png(result: Result) -> bytes:
    """Return the result as a PNG of its own: a mask in white, what has names with its legend.

    >>> result_png(Foreground(np.eye(4, dtype=bool)))[1:4]
    b'PNG'
    """
    if isinstance(result, Foreground) and len(result.size) == 2:
        return _png(mask_picture(result).pixels)
    paper = np.full((*result.size, 1), PAPER, np.uint8)
    return _png(draw(Image(paper), result).pixels)


def result_html(result: Result) -> str:
    """Return the result's picture, its one line and a table of what was found, as HTML.

    >>> "50 %" in result_html(Foreground(np.array([[True, False]])))
    True
    """
    rows = _rows(result)
    more = f"<tr><td>and {len(rows) - MOST_ROWS} more</td></tr>" if len(rows) > MOST_ROWS else ""
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>"
        for row in rows[:MOST_ROWS]
    )
    source = b64encode(result_png(result)).decode()
    return (
        f"<figure><img alt='' src='data:image/png;base64,{source}'>"
        f"<figcaption>{escape(repr(result))}</figcaption></figure><table>{body}{more}</table>"
    )


def _rows(result: Result) -> list[tuple[str, ...]]:
    pixels = int(np.prod(result.size))
    match result:
        case Foreground():
            return [("foreground", _share(result.area, pixels))]
        case Semantic():
            areas = {label: int((result.labels == label).sum()) for label in result.present}
            order = sorted(areas, key=lambda label: -areas[label])
            return [(result.legend.name(label), _share(areas[label], pixels)) for label in order]
        case Instances() | Panoptic():
            return [
                (result.legend.name(row.class_id), f"{row.score:.2f}", _share(row.area, pixels))
                for row in result.segments
            ]
        case Regions():
            return [(f"{result.count} regions",)]
    return []


def _share(area: int, pixels: int) -> str:
    return f"{area / pixels:.1%}".replace(".0%", "%").replace("%", " %")


def _png(pixels: NDArray[np.uint8]) -> bytes:
    height, width = pixels.shape[:2]
    scale = MOST_SIDE / max(height, width)
    if scale < 1:
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        pixels = np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8)
    if pixels.ndim == 3 and pixels.shape[-1] >= 3:
        pixels = np.ascontiguousarray(pixels[..., 2::-1])
    return bytes(cv2.imencode(".png", pixels)[1])
