"""What workers compute for the studio: pictures ready to be shown, rows ready to be read."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.compare import compare, page
from pixelwise.apps.compare.pictures import result_picture, result_size
from pixelwise.apps.compare.running import TASKS
from pixelwise.apps.medical.job import VolumeJob, segmented_volume
from pixelwise.apps.medical.opening import Opened, open_volume
from pixelwise.apps.medical.planes import three_planes
from pixelwise.apps.medical.statistics import measure
from pixelwise.apps.saves import SAVES, encoded
from pixelwise.catalog import Access
from pixelwise.core import Result, Rle
from pixelwise.core.space import Unit
from pixelwise.drawing import draw, screen_pixels
from pixelwise.io.format import Reading
from pixelwise.io.limits import Limits
from pixelwise.io.record import segment_records
from pixelwise.service.asking import Ask, read_picture, segmented

__all__ = ["Compared", "Planes", "Seen", "compared", "files_of", "seen", "volume_planes"]

WIDEST = 1600
"""Longer pictures are shown smaller; results are of the whole picture."""
MOST_NAMES = 40
"""So many of the largest segments can be pointed at; the table has all."""
MOST_ROWS = 500
POINTS = ((255, 60, 60), (40, 220, 90))
"""Colours of what was pointed at: background, object."""

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Seen:
    """One result for the eye.

    Args:
        before: The picture, (H, W, 3).
        after: The result over it, of the same size.
        parts: Masks with names, the largest first.
        rows: The table: number, class, score, area, share.
        line: What made it, in one line.
    """

    before: Pixels
    after: Pixels
    parts: list[tuple[NDArray[np.float32], str]]
    rows: list[list[Any]]
    line: str


def seen(ask: Ask, data: bytes, limits: Limits) -> Seen:
    """Segment a picture file and return what the page shows of it."""
    image = read_picture(data, limits)
    result = segmented(ask, image)
    before, after = screen_pixels(image), draw(image, result).pixels
    if ask.prompts is not None:
        after = _pointed(after, ask)
    records = sorted(segment_records(result), key=lambda row: -row["area"])
    total = image.width * image.height
    rows = [
        [row["id"], row["class"] or "", row["score"], row["area"], f"{row['area'] / total:.1%}"]
        for row in records[:MOST_ROWS]
    ]
    made = result.provenance
    name = made.model or made.method
    spent = sum(made.seconds.values())
    line = f"{name}: {result_size(result)} in {spent:.2f} s, {image.width} x {image.height} pixels"
    parts = [_part(row) for row in records[:MOST_NAMES]]
    return Seen(_fit(before), _fit(after), parts, rows, line)


def _part(row: dict[str, Any]) -> tuple[NDArray[np.float32], str]:
    rle = Rle.parse(tuple(row["rle"]["size"]), row["rle"]["counts"])
    mask = _fit(rle.decode().view(np.uint8) * np.uint8(255))
    return mask.astype(np.float32) / np.float32(255), f"{row['class'] or 'region'} {row['id']}"


def _fit(pixels: Pixels) -> Pixels:
    scale = WIDEST / max(pixels.shape[:2])
    if scale >= 1:
        return pixels
    return np.asarray(
        cv2.resize(pixels, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), np.uint8
    )


def _pointed(pixels: Pixels, ask: Ask) -> Pixels:
    """Return the picture with what was pointed at."""
    drawn = np.array(pixels)
    size = max(4, round(max(drawn.shape[:2]) / 120))
    prompts = ask.prompts
    if prompts is None:
        return drawn
    for (x, y), label in zip(
        np.asarray(prompts.points)[:, :2], np.asarray(prompts.labels), strict=True
    ):
        place = (round(float(x)), round(float(y)))
        cv2.circle(drawn, place, size + 2, (255, 255, 255), -1, cv2.LINE_AA)
        cv2.circle(drawn, place, size, POINTS[min(int(label), 1)], -1, cv2.LINE_AA)
    for x0, y0, x1, y1 in np.asarray(prompts.boxes).astype(int).tolist():
        cv2.rectangle(drawn, (x0, y0), (x1, y1), POINTS[1], max(2, size // 2))
    return drawn


def files_of(ask: Ask, data: bytes, kinds: list[str], limits: Limits) -> dict[str, bytes]:
    """Return the result in the forms of ``--save``: file name -> bytes."""
    image = read_picture(data, limits)
    result = segmented(ask, image)
    return {f"result{SAVES[kind].suffix}": encoded(kind, image, result) for kind in kinds}


@dataclass(frozen=True, eq=False)
class Compared:
    """A comparison for the eye: pictures with captions, and the page that stands alone."""

    pictures: list[tuple[Pixels, str]]
    page: bytes


def compared(data: bytes, names: list[str], limits: Limits) -> Compared:
    """Run methods, and the best networks of the tasks among the names, on a picture file."""
    tasks = [task for task in TASKS if task in names]
    methods = [name for name in names if name not in list(TASKS)]
    made = compare(read_picture(data, limits), methods or ["otsu"], tasks=tasks)
    pictures = [
        (
            result_picture(made.image, entry.result),
            f"{entry.name}: {result_size(entry.result)}, {entry.seconds:.2f} s",
        )
        for entry in made.entries
        if entry.result is not None
    ]
    return Compared(pictures, page(made, "pixelwise compares"))


@dataclass(frozen=True, eq=False)
class Planes:
    """A volume for the eye: three pictures, its size, and the numbers of its labels."""

    pictures: tuple[Pixels, ...]
    size: tuple[int, ...]
    rows: list[list[Any]]


def volume_planes(
    ask: Ask,
    preset: str | None,
    source: Path,
    look: tuple[tuple[float, ...] | None, tuple[float, float] | None],
    limits: Limits,
) -> Planes:
    """Return three planes through a volume with what was found in it.

    Args:
        ask: Method or model.
        preset: A tissue instead of those.
        source: The volume file.
        look: Where the planes lie, as shares 0..1 of left-right, back-front, foot-head (None:
            through the middle of what was found), and the window: centre and width.
        limits: What the file may ask for.
    """
    opened, result = _volume(ask.key, preset, source, limits)
    at, window = look
    pictures = three_planes(opened.image, result, window or opened.window, at)
    rows: list[list[Any]] = []
    if result.space.unit is Unit.MILLIMETRE:
        rows = [
            [row.name, row.voxels, round(row.volume_ml, 3), "yes" if row.touches_border else ""]
            for row in measure(result, opened.image)
        ]
    return Planes(pictures, opened.image.size, rows)


@lru_cache(maxsize=1)
def _volume(
    key: tuple[Any, ...], preset: str | None, source: Path, limits: Limits
) -> tuple[Opened, Result]:
    task, method, model, _, _ = key
    del task
    opened = open_volume(source, Reading(limits=limits))
    chosen = {"method": method, "model": model} if preset is None else {"preset": preset}
    job = VolumeJob(source=source, output=source.parent, access=Access(offline=True), **chosen)
    return opened, segmented_volume(job, opened.image)
