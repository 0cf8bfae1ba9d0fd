"""Plots as inline SVG: bars with error bars, the spread of pictures, confusion, reliability.

Colours are CSS variables of the page, so that light and dark both fit; each plot carries its
numbers as text or as titles to point at.
"""

from collections.abc import Sequence
from html import escape

import numpy as np
from numpy.typing import NDArray

from pixelwise.evaluation.calibration import Reliability
from pixelwise.evaluation.scores import ClassScore

__all__ = ["class_bars", "confusion_grid", "interval_bar", "reliability_plot", "spread_plot"]


def interval_bar(value: float, low: float, high: float, top: float = 1.0) -> str:
    """Return a bar from 0 to ``value`` with its interval, 160 wide; empty for no value.

    >>> interval_bar(float("nan"), 0.1, 0.2)
    ''
    """
    if not np.isfinite(value):
        return ""
    inner = _bar(0, 3, 160, (value, low, high), top)
    return f'<svg class="bar" viewBox="0 0 160 18" role="img" aria-hidden="true">{inner}</svg>'


def class_bars(rows: Sequence[ClassScore], top: float = 1.0) -> str:
    """Return a table: a bar for each class with its interval, its number and that of pictures."""
    cells = "".join(
        f'<tr><td>{escape(_short(row.name))}</td><td class="wide"><svg class="stretch" '
        'viewBox="0 0 300 12" preserveAspectRatio="none" role="img" aria-hidden="true">'
        f"{_bar(0, 0, 300, (row.value, row.low, row.high), top)}</svg></td>"
        f'<td class="soft">{number_text(row.value)} · n {row.samples}</td></tr>'
        for row in rows
    )
    return f'<table class="classes">{cells}</table>'


def spread_plot(values: NDArray[np.float64], name: str) -> str:
    """Return a histogram of the values of pictures or videos; nothing for fewer than five."""
    known = values[np.isfinite(values)]
    if known.size < 5 or known.min() == known.max():
        return ""
    counts, bounds = np.histogram(known, bins=min(20, max(5, known.size // 2)))
    width, height, tallest = 570, 130, int(counts.max())
    step = (width - 20) / len(counts)
    bars = "".join(
        f'<rect class="fill" x="{10 + number * step + 1:.1f}" y="{100 - 90 * count / tallest:.1f}"'
        f' width="{step - 2:.1f}" height="{90 * count / tallest:.1f}"><title>{count} pictures from '
        f"{number_text(bounds[number])} to {number_text(bounds[number + 1])}</title></rect>"
        for number, count in enumerate(counts.tolist())
    )
    axis = (
        f'<line class="axis" x1="10" x2="{width - 10}" y1="100.5" y2="100.5"/>'
        f'<text class="soft" x="10" y="118">{number_text(bounds[0])}</text>'
        f'<text class="soft" x="{width - 10}" y="118" text-anchor="end">'
        f"{number_text(bounds[-1])}</text>"
        f'<text class="soft" x="{width / 2}" y="118" text-anchor="middle">{escape(name)}</text>'
    )
    return _figure(width, height, f"Spread of {name}", bars + axis)


def confusion_grid(names: Sequence[str], table: NDArray[np.int64]) -> str:
    """Return the confusion matrix, each row as shares of its true class; absent classes left out.

    Args:
        names: (C,) class names.
        table: (C, C + 1) pixels by true class and given class, void last.
    """
    occur = (table.sum(axis=1) > 0) | (table[:, :-1].sum(axis=0) > 0)
    kept = [place for place, there in enumerate(occur.tolist()) if there]
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    heads = [names[place] for place in kept] + ["void"]
    columns = [*kept, len(names)]
    cell = max(14, min(40, 480 // len(heads)))
    left, head = 140, 24 + 5 * max(len(_short(name, 16)) for name in heads)
    parts = [
        f'<text transform="translate({left + (number + 0.6) * cell:.1f},{head - 6}) rotate(-55)">'
        f"{escape(_short(name, 16))}</text>"
        for number, name in enumerate(heads)
    ]
    for row, place in enumerate(kept):
        y = head + row * cell
        parts.append(
            f'<text x="{left - 6}" y="{y + cell / 2 + 4:.1f}" text-anchor="end">'
            f"{escape(_short(names[place], 18))}</text>"
        )
        for column, other in enumerate(columns):
            share = float(shares[place, other])
            parts.append(_cell(left + column * cell, y, cell, share, (names[place], heads[column])))
    width, height = left + len(heads) * cell + 60, head + len(kept) * cell + 6
    picture = _figure(width, height, "Confusion: rows are the truth", "".join(parts))
    return f'<div class="scroll">{picture.replace(" fits", "")}</div>'


def reliability_plot(curve: Reliability) -> str:
    """Return accuracy over confidence; on the diagonal, scores can be taken at their word."""
    side, edge = 260, 30
    bins = len(curve.pixels)
    bars = "".join(
        f'<rect class="fill" x="{edge + number * side / bins + 1:.1f}" '
        f'y="{edge + side * (1 - share):.1f}" width="{side / bins - 2:.1f}" '
        f'height="{side * share:.1f}"><title>confidence {number_text(sure)}, right '
        f"{number_text(share)}, {int(pixels)} pixels</title></rect>"
        for number, (share, sure, pixels) in enumerate(
            zip(
                curve.accuracy.tolist(),
                curve.confidence.tolist(),
                curve.pixels.tolist(),
                strict=True,
            )
        )
        if np.isfinite(share)
    )
    frame = (
        f'<line class="axis" x1="{edge}" y1="{edge + side}" x2="{edge + side}" y2="{edge}"/>'
        f'<line class="axis" x1="{edge}" y1="{edge + side}" x2="{edge + side}" y2="{edge + side}"/>'
        f'<text class="soft" x="{edge + side / 2}" y="{edge + side + 20}" text-anchor="middle">'
        f'confidence</text><text class="soft" x="{edge}" y="{edge - 8}">share that is right</text>'
        f'<text class="soft" x="{edge}" y="{edge + side + 20}">0</text><text class="soft" '
        f'x="{edge + side}" y="{edge + side + 20}" text-anchor="end">1</text>'
    )
    return _figure(side + 2 * edge, side + 2 * edge, "Reliability", bars + frame)


def number_text(value: float) -> str:
    """Return a number with four digits that count; a dash for none.

    >>> number_text(0.123456), number_text(float("nan")), number_text(12345.6)
    ('0.1235', '-', '12346')
    """
    if not np.isfinite(value):
        return "-"
    if abs(value) >= 1000:
        return f"{value:.0f}"
    return f"{value:.4f}" if abs(value) < 10 else f"{value:.2f}"


def _bar(x: float, y: float, width: float, interval: tuple[float, float, float], top: float) -> str:
    value, low, high = (min(max(part / top, 0.0), 1.0) * width for part in interval)
    bar = f'<rect class="back" x="{x}" y="{y}" width="{width}" height="12" rx="2"/>'
    bar += f'<rect class="fill" x="{x}" y="{y}" width="{value:.1f}" height="12" rx="2"/>'
    if np.isfinite(low) and np.isfinite(high):
        middle = y + 6
        bar += (
            f'<path class="whisker" d="M{x + low:.1f} {middle}H{x + high:.1f}'
            f'M{x + low:.1f} {middle - 4}v8M{x + high:.1f} {middle - 4}v8"/>'
        )
    return bar


def _cell(x: float, y: float, side: float, share: float, pair: tuple[str, str]) -> str:
    text = ""
    if side >= 28 and share >= 0.005:
        tone = "over" if share > 0.55 else "soft"
        text = (
            f'<text class="{tone}" x="{x + side / 2:.1f}" y="{y + side / 2 + 4:.1f}" '
            f'text-anchor="middle">{100 * share:.0f}</text>'
        )
    title = f"{escape(pair[0])} taken for {escape(pair[1])}: {100 * share:.2f} %"
    return (
        f'<g><rect class="back" x="{x}" y="{y}" width="{side - 1}" height="{side - 1}"/>'
        f'<rect class="fill" x="{x}" y="{y}" width="{side - 1}" height="{side - 1}" '
        f'opacity="{share:.3f}"/>{text}<title>{title}</title></g>'
    )


def _figure(width: float, height: float, title: str, inner: str) -> str:
    return (
        f'<svg class="plot fits" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="{escape(title)}" style="width:{width:.0f}px">{inner}</svg>'
    )


def _short(name: str, length: int = 20) -> str:
    return name if len(name) <= length else name[: length - 1] + "…"
