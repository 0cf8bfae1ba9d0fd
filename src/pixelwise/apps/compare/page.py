"""The comparison as one self-contained HTML page."""

from base64 import b64encode
from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import groupby
from string import Template

import cv2
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.compare.comparison import Comparison, Entry, Strip
from pixelwise.apps.compare.guide import family_text
from pixelwise.apps.compare.pictures import labels_picture, result_picture, result_size
from pixelwise.errors import OutputError

__all__ = ["page"]

MOST_BYTES = 3_000_000
QUALITIES = (72, 58, 44, 30, 18)
"""WebP qualities, tried until the page is small enough."""


def page(comparison: Comparison, title: str) -> bytes:
    """Return the page as UTF-8, below 3 MB.

    Raises:
        OutputError: It does not get small enough.
    """
    for quality in QUALITIES:
        data = _Page(comparison, quality).html(title).encode()
        if len(data) < MOST_BYTES:
            return data
    raise OutputError(f"the page has {len(data)} bytes; compare fewer methods with --methods")


MATRIX_LOOK = (
    'aria-label="Adjusted Rand index between all results" font-size="10" fill="currentColor"'
)


class _Page:
    def __init__(self, comparison: Comparison, quality: int) -> None:
        self.comparison = comparison
        self.quality = quality
        self.original = self._inline(comparison.image.pixels)

    def html(self, title: str) -> str:
        """Return the page's text."""
        comparison = self.comparison
        template = files("pixelwise.apps.compare").joinpath("page.html").read_text("utf-8")
        return Template(template).substitute(
            title=escape(title),
            aspect=f"{comparison.image.width} / {comparison.image.height}",
            notes=escape("; ".join(comparison.notes)),
            ranking=_ranking(comparison.entries),
            sections="".join(
                self._section(family, list(entries))
                for family, entries in groupby(comparison.entries, lambda entry: entry.family)
            ),
            matrix=_matrix(comparison.agreement, comparison.agreeing),
        )

    def _section(self, family: str, entries: Sequence[Entry]) -> str:
        text = family_text(family)
        cards = "".join(self._card(entry) for entry in entries)
        return (
            f'<section><h2 id="{family}">{escape(text.title)}</h2><p>{escape(text.text)}</p>'
            f'<div class="grid">{cards}</div></section>'
        )

    def _card(self, entry: Entry) -> str:
        name = escape(entry.name)
        if entry.result is None:
            return (
                f'<figure><p class="failed"><b>{name}</b> could not be shown: '
                f"{escape(entry.reason)}</p></figure>"
            )
        drawn = self._inline(result_picture(self.comparison.image, entry.result))
        facts = [result_size(entry.result), f"{entry.seconds:.2f} s", escape(entry.settings)]
        facts += [f"{score} {value:.3f}" for score, value in entry.scores]
        return (
            f'<figure><div class="view"><img src="{self.original}" alt="">'
            f'<img src="{drawn}" alt="{name}: {result_size(entry.result)}" loading="lazy"></div>'
            f'<figcaption><h3>{name}</h3><div class="facts">{" · ".join(filter(None, facts))}</div>'
            f"{self._strip(entry.strip)}{_words(entry)}</figcaption></figure>"
        )

    def _strip(self, strip: Strip | None) -> str:
        if strip is None:
            return ""
        cells = []
        for variant in strip.variants:
            if variant.labels is None:
                cells.append(f"<div>no answer<br>{escape(variant.value)}</div>")
            else:
                picture = self._inline(labels_picture(variant.labels))
                alt = escape(f"{strip.setting} {variant.value}")
                image = f'<img src="{picture}" alt="{alt}">'
                cells.append(f"<div>{image}{escape(variant.value)}</div>")
        caption = f'<div class="facts">what {escape(strip.setting)} does:</div>'
        return f'{caption}<div class="strip">{"".join(cells)}</div>'

    def _inline(self, pixels: NDArray[np.uint8]) -> str:
        """Return a picture (H, W, 3) RGB as a data address."""
        rgb = pixels if pixels.shape[-1] == 3 else np.repeat(pixels[..., :1], 3, axis=-1)
        done, data = cv2.imencode(".webp", rgb[..., ::-1], [cv2.IMWRITE_WEBP_QUALITY, self.quality])
        if not done:
            raise OutputError("a picture of the page could not be encoded as WebP")
        return "data:image/webp;base64," + b64encode(data.tobytes()).decode()


def _words(entry: Entry) -> str:
    if not entry.how:
        return ""
    return (
        f"<details><summary>How it works, and when it fails</summary><p>{escape(entry.how)}</p>"
        f"<p><b>It fails:</b> {escape(entry.fails)}</p></details>"
    )


def _ranking(entries: Sequence[Entry]) -> str:
    """Return the table of scores, the best covering first; nothing without a truth."""
    scored = [entry for entry in entries if entry.scores]
    if not scored:
        return ""
    scored.sort(key=lambda entry: -dict(entry.scores)["covering"])
    names = list(dict.fromkeys(name for entry in scored for name, _ in entry.scores))
    head = "".join(f"<th>{escape(name)}</th>" for name in names)
    rows = []
    for entry in scored:
        values = dict(entry.scores)
        cells = "".join(
            f"<td>{values[name]:.3f}</td>" if name in values else "<td></td>" for name in names
        )
        rows.append(f"<tr><td>{escape(entry.name)}</td>{cells}<td>{entry.seconds:.2f}</td></tr>")
    return (
        "<h2>Ranking against the truth</h2><p>Covering, adjusted Rand index (ari) and intersection "
        "over union (iou): larger is better. Variation of information (vi, bits): smaller.</p>"
        f'<div class="scroll"><table><tr><th>method</th>{head}<th>s</th></tr>'
        f"{''.join(rows)}</table></div>"
    )


def _matrix(agreement: NDArray[np.float64], names: Sequence[str]) -> str:
    """Return the agreement as an SVG of squares with the names beside them."""
    side, margin = 16, 120
    whole = margin + side * len(names)
    parts = [f'<svg class="matrix" viewBox="0 0 {whole} {whole}" role="img" {MATRIX_LOOK}>']
    for row, name in enumerate(map(escape, names)):
        place = margin + side * row
        across = f'x="{margin - 5}" y="{place + 11}" text-anchor="end"'
        upward = f'transform="translate({place + 11},{margin - 5}) rotate(-90)"'
        parts.append(f"<text {across}>{name}</text><text {upward}>{name}</text>")
        for column, other in enumerate(map(escape, names)):
            value = float(agreement[row, column])
            box = f'x="{margin + side * column}" y="{place}" width="{side - 1}"'
            look = f'fill="#0b6e99" fill-opacity="{max(0.04, value):.2f}"'
            told = f"<title>{name} and {other}: {value:.2f}</title>"
            parts.append(f'<rect {box} height="{side - 1}" {look}>{told}</rect>')
    return "".join(parts) + "</svg>"
