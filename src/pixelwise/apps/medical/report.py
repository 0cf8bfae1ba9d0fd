"""One page: three planes with outlines, and the numbers."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.planes import NAMES
from pixelwise.apps.medical.statistics import LabelStatistics
from pixelwise.core import Foreground, Result, Semantic
from pixelwise.drawing.layers import FOREGROUND, MOST
from pixelwise.drawing.palette import Rgb, thing_colour

__all__ = ["page", "side_by_side"]

COLUMNS = (
    "label",
    "voxels",
    "volume mL",
    "surface cm²",
    "diameter mm",
    "3-D mm",
    "mean",
    "sd",
    "median",
    "5 % to 95 %",
    "centroid x, y, z mm",
    "box mm",
)
LOOK = """body{font:14px system-ui,sans-serif;margin:2rem auto;padding:0 1rem;max-width:84rem;
color:#1a1a1a;background:#fff}figure{margin:0;flex:1 1 16rem}img{width:100%;background:#000}
.planes{display:flex;flex-wrap:wrap;gap:1rem;align-items:flex-start}figcaption,small{color:#555}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:13px;
font-variant-numeric:tabular-nums;white-space:nowrap}
th,td{padding:.3rem .4rem;text-align:right;border-bottom:1px solid #ddd}
th:first-child,td:first-child{text-align:left}
i{display:inline-block;width:.8em;height:.8em;border-radius:2px;margin-right:.5em;
box-shadow:0 0 0 1px #8888}
@media(prefers-color-scheme:dark){body{background:#111;color:#eee}figcaption,small{color:#aaa}
th,td{border-color:#333}}"""
GAP = 8
MOST_ROWS = 60


def page(
    planes: Sequence[NDArray[np.uint8]], rows: Sequence[LabelStatistics], result: Result
) -> bytes:
    """Return a self-contained HTML page, UTF-8; it names no patient and no file.

    Args:
        planes: Axial, coronal and sagittal pictures.
        rows: The numbers of each label.
        result: What they are of; its provenance and notes are told.
    """
    figures = "".join(
        f'<figure><img src="{_inline(picture)}" alt="{name} plane with outlines">'
        f"<figcaption>{name}</figcaption></figure>"
        for picture, name in zip(planes, NAMES, strict=True)
    )
    made = result.provenance
    told = "".join(f"<li>{escape(note)}</li>" for note in made.notes)
    body = "".join(_row(row, _colour(row, result)) for row in rows[:MOST_ROWS])
    more = (
        f"<p>{len(rows) - MOST_ROWS} more in the table of numbers.</p>"
        if len(rows) > MOST_ROWS
        else ""
    )
    partial = any(row.touches_border for row in rows)
    flag = (
        "<p>* reaches the border of the volume: its numbers are least values.</p>"
        if partial
        else ""
    )
    heads = "".join(f"<th>{name}</th>" for name in COLUMNS)
    size = " x ".join(str(side) for side in result.size[::-1])
    steps = " x ".join(f"{step:.4g}" for step in result.space.spacing[::-1])
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Volume report</title>'
        f"<style>{LOOK}</style><h1>Volume report</h1>"
        f"<p>{escape(made.model or made.method or 'labels')}; {size} voxels of {steps} mm</p>"
        f'<div class="planes">{figures}</div>'
        f'<h2>Labels</h2><div class="wide"><table><thead><tr>{heads}</tr></thead>'
        f"<tbody>{body}</tbody></table></div>{more}{flag}<ul>{told}</ul>"
        "<p><small>World coordinates: right, front and head positive (RAS), mm. Diameter: largest "
        "within one slice. No medical device; not for diagnosis.</small></p></html>"
    ).encode()


def side_by_side(planes: Sequence[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """Return the three pictures in one, RGB."""
    height = max(len(picture) for picture in planes)
    width = sum(picture.shape[1] for picture in planes) + GAP * (len(planes) - 1)
    made = np.zeros((height, width, 3), np.uint8)
    at = 0
    for picture in planes:
        top = (height - len(picture)) // 2
        made[top : top + len(picture), at : at + picture.shape[1]] = picture
        at += picture.shape[1] + GAP
    return made


def _colour(row: LabelStatistics, result: Result) -> Rgb:
    """Return the colour of a label's outline; they repeat as those of the outlines do."""
    if isinstance(result, Semantic):
        return result.legend[row.label].colour
    if isinstance(result, Foreground) and result.legend is not None and len(result.legend) == 2:
        return result.legend.classes[1].colour
    return FOREGROUND if isinstance(result, Foreground) else thing_colour((row.label - 1) % MOST)


def _row(row: LabelStatistics, colour: Rgb) -> str:
    star = " *" if row.touches_border else ""
    x0, y0, z0, x1, y1, z1 = row.box_mm
    cells = (
        f'<i style="background:rgb{colour}"></i>{escape(row.name)}{star}',
        f"{row.voxels:,}",
        f"{row.volume_ml:,.3f}",
        f"{row.surface_mm2 / 100:,.2f}",
        f"{row.diameter_mm:.1f}",
        f"{row.diameter_3d_mm:.1f}",
        f"{row.mean:.4g}",
        f"{row.sd:.4g}",
        f"{row.median:.4g}",
        f"{row.p5:.4g} to {row.p95:.4g}",
        ", ".join(f"{value:.1f}" for value in row.centroid_mm),
        f"{x0:.0f}..{x1:.0f}, {y0:.0f}..{y1:.0f}, {z0:.0f}..{z1:.0f}",
    )
    return f"<tr>{''.join(f'<td>{cell}</td>' for cell in cells)}</tr>"


def _inline(picture: NDArray[np.uint8]) -> str:
    _, data = cv2.imencode(".png", cv2.cvtColor(picture, cv2.COLOR_RGB2BGR))
    return f"data:image/png;base64,{b64encode(data.tobytes()).decode()}"
