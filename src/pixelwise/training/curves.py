"""The course of a run as a picture and as a page."""

from collections.abc import Sequence
from html import escape
from pathlib import Path

import cv2
import numpy as np

from pixelwise.core import Image
from pixelwise.io.atomic import write_bytes
from pixelwise.io.files import write
from pixelwise.training.fitting import Epoch

__all__ = ["write_curves"]

WIDTH, HEIGHT, EDGE = 640, 300, 46
LOSS, SCORE, INK = (200, 80, 60), (40, 110, 200), (60, 66, 78)


def write_curves(folder: Path, epochs: Sequence[Epoch], metric: str) -> None:
    """Write ``curves.png`` and ``curves.html``: the loss and the held-out score by step.

    Args:
        folder: Where to.
        epochs: One or more.
        metric: What the score is called.
    """
    lines = {
        f"loss (to {max(row.loss for row in epochs):.3g})": (
            LOSS,
            _points(epochs, [row.loss for row in epochs], max(row.loss for row in epochs)),
        ),
        f"{metric} (0 to 1)": (SCORE, _points(epochs, [row.score for row in epochs], 1.0)),
    }
    last = epochs[-1]
    title = f"step {last.step}: loss {last.loss:.4f}, {metric} {last.score:.4f}"
    write(folder / "curves.png", Image(_picture(lines, title)))
    write_bytes(folder / "curves.html", _page(lines, title).encode())


Lines = dict[str, tuple[tuple[int, int, int], list[tuple[int, int]]]]


def _points(epochs: Sequence[Epoch], values: Sequence[float], top: float) -> list[tuple[int, int]]:
    """Return places in the plot; the step goes from left to right."""
    last = max(row.step for row in epochs)
    return [
        (
            round(EDGE + (WIDTH - 2 * EDGE) * row.step / last),
            round(HEIGHT - EDGE - (HEIGHT - 2 * EDGE) * max(0.0, value) / max(top, 1e-9)),
        )
        for row, value in zip(epochs, values, strict=True)
    ]


def _picture(lines: Lines, title: str) -> np.ndarray:
    made = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    face, corner = cv2.FONT_HERSHEY_SIMPLEX, (WIDTH - EDGE, HEIGHT - EDGE)
    cv2.rectangle(made, (EDGE, EDGE), corner, (221, 225, 232), 1)
    cv2.putText(made, title, (EDGE, 28), face, 0.5, INK, 1, cv2.LINE_AA)
    for number, (name, (colour, points)) in enumerate(lines.items()):
        cv2.polylines(made, [np.array(points, np.int32)], False, colour, 2, cv2.LINE_AA)  # noqa: FBT003
        for point in points:
            cv2.circle(made, point, 3, colour, -1, cv2.LINE_AA)
        place = (EDGE + 230 * number, HEIGHT - 16)
        cv2.putText(made, name, place, face, 0.5, colour, 1, cv2.LINE_AA)
    return made


def _page(lines: Lines, title: str) -> str:
    drawn = "".join(
        f'<polyline fill="none" stroke="rgb{colour}" stroke-width="2" points="'
        f'{" ".join(f"{x},{y}" for x, y in points)}"/>'
        f'<text x="{EDGE + 230 * number}" y="{HEIGHT - 16}" fill="rgb{colour}">{escape(name)}'
        "</text>"
        for number, (name, (colour, points)) in enumerate(lines.items())
    )
    frame = (
        f'<rect x="{EDGE}" y="{EDGE}" width="{WIDTH - 2 * EDGE}" height="{HEIGHT - 2 * EDGE}" '
        'fill="none" stroke="#dde1e8"/>'
    )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta http-equiv="refresh" content="10"><title>Training</title></head>'
        f'<body style="font:15px system-ui,sans-serif;margin:24px"><h1>{escape(title)}</h1>'
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" role="img" font-size="14">'
        f"<title>{escape(title)}</title>{frame}{drawn}</svg></body></html>\n"
    )
