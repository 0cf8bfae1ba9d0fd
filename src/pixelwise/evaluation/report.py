"""Scores as a page, as tables and as JSON; one file each, nothing fetched when it is opened."""

import csv
import io
import json
from collections.abc import Callable, Mapping
from functools import partial
from html import escape

import numpy as np

from pixelwise.errors import InputError
from pixelwise.evaluation import plots
from pixelwise.evaluation.calibration import reliability
from pixelwise.evaluation.figures import Show, Shown, figure
from pixelwise.evaluation.metric import Better
from pixelwise.evaluation.scores import Score, Scores, compare

__all__ = ["report_csv", "report_html", "report_json", "report_markdown"]

_ShowOne = Callable[[str], Shown]
_USUAL = ("miou", "ap", "pq", "covering", "hota", "j_and_f")

_STYLE = """
:root{--ink:#1d2330;--soft:#5b6474;--page:#fff;--line:#dde1e8;--back:#eef0f4;--fill:#3b6fd4;
--whisker:#10131a;--over:#fff}
@media(prefers-color-scheme:dark){:root{--ink:#e6e9ef;--soft:#9aa4b5;--page:#14171d;--line:#2c323d;
--back:#232833;--fill:#5f8fea;--whisker:#f3f5f9;--over:#0d1016}}
*{box-sizing:border-box}body{margin:0 auto;max-width:1000px;padding:24px 16px 64px;color:var(--ink);
background:var(--page);font:15px/1.5 system-ui,sans-serif}h1{font-size:24px;margin:0 0 4px}
h2{font-size:18px;margin:40px 0 8px}h3{font-size:15px;margin:24px 0 6px}p{margin:4px 0 12px;
color:var(--soft);max-width:70ch}table{border-collapse:collapse;width:100%;
font-variant-numeric:tabular-nums}th,td{padding:6px 10px 6px 0;border-bottom:1px solid var(--line);
text-align:left;vertical-align:top}th{font-weight:600;color:var(--soft);font-size:13px}
td.n,th.n{text-align:right;white-space:nowrap}td:last-child.soft{min-width:200px}
.gaps,.classes{max-width:600px}.classes td{border:0;padding:2px 10px 2px 0;font-size:13px;width:1%;
vertical-align:middle;white-space:nowrap}.classes td:first-child{text-align:right}
.classes td:last-child{min-width:0}.classes td.wide{width:auto;min-width:90px}
.stretch{width:100%;height:12px}.fits{max-width:100%;height:auto}
@media(max-width:640px){td .bar{display:none}table{font-size:14px}th,td{padding-right:6px}
.gaps,.gaps th{font-size:12px}
.scores tr{display:grid;grid-template-columns:1fr auto 8.8em 2.3em;
border-bottom:1px solid var(--line)}
.scores td,.scores th{border:0}.scores .bars,.scores th:last-child{display:none}
.scores td:last-child{grid-column:1/-1;padding-top:0}}
.soft{color:var(--soft);fill:var(--soft)}.scroll{overflow-x:auto}
svg{display:block;max-width:none;font:12px system-ui,sans-serif}svg text{fill:var(--ink)}
svg text.soft{fill:var(--soft)}svg text.over{fill:var(--over)}.bar{width:160px;height:18px}
.fill{fill:var(--fill)}.back{fill:var(--back)}.axis{stroke:var(--soft)}.whisker{stroke:var(--whisker);
stroke-width:1.5;fill:none;vector-effect:non-scaling-stroke}.worst{display:grid;gap:12px;grid-template-columns:
repeat(auto-fill,minmax(260px,1fr))}figure{margin:0}figure img{width:100%;border-radius:4px;
display:block}figcaption{font-size:13px;color:var(--soft);overflow-wrap:anywhere}
"""


def report_html(
    results: Mapping[str, Scores],
    *,
    title: str = "Evaluation",
    show: Show | None = None,
    worst: int = 6,
) -> str:
    """Return one self-contained page.

    Args:
        results: Name of a prediction -> its scores; of several on the same pictures, each is
            compared with the first.
        title: Heading of the page.
        show: Gives the picture to show for a prediction and a name; None leaves pictures out.
        worst: How many of the worst pictures stand for each prediction.

    Raises:
        InputError: There is no prediction.
    """
    _check(results)
    body = [f"<h1>{escape(title)}</h1>", _lead(results), _versus(results)]
    for name, scores in results.items():
        body += [f"<h2>{escape(name)}</h2>", _table(scores), _details(scores)]
        body.append(_worst(scores, None if show is None else partial(show, name), worst))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>"
        f"{''.join(body)}</body></html>\n"
    )


def report_json(results: Mapping[str, Scores]) -> str:
    """Return ``{prediction: {metric: {value, low, high, samples, per_class}}}`` as text."""
    _check(results)
    table = {name: scores.to_dict() for name, scores in results.items()}
    return json.dumps(table, indent=1, allow_nan=False) + "\n"


def report_csv(results: Mapping[str, Scores]) -> str:
    """Return one row for each prediction, metric and class; the class of a whole is empty."""
    _check(results)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["prediction", "metric", "class", "value", "low", "high", "samples"])
    for name, scores in results.items():
        for metric, score in scores.items():
            head = [name, metric]
            writer.writerow([*head, "", score.value, score.low, score.high, score.samples])
            for row in score.per_class:
                writer.writerow([*head, row.name, row.value, row.low, row.high, row.samples])
    return text.getvalue()


def report_markdown(results: Mapping[str, Scores]) -> str:
    """Return tables of scores, classes and worst pictures, and of differences to the first."""
    _check(results)
    lines: list[str] = []
    for name, scores in results.items():
        lines += [f"## {name}", "", "| metric | value | 95 % interval | n | better |"]
        lines.append("|---|---|---|---|---|")
        lines += [
            f"| {metric} | {plots.number_text(score.value)} | {_interval(score.low, score.high)} "
            f"| {score.samples} | {score.metric.better} |"
            for metric, score in scores.items()
        ]
        lines += ["", *_classes_markdown(_main(scores)), *_worst_markdown(scores)]
    for what, rows in _gaps(results).items():
        lines += [f"## {what}", "", "| metric | difference | 95 % interval | p |"]
        lines += ["|---|---|---|---|", *("| " + " | ".join(row) + " |" for row in rows), ""]
    return "\n".join(lines)


def _classes_markdown(main: Score) -> list[str]:
    if not main.per_class:
        return []
    rows = [
        f"| {row.name} | {plots.number_text(row.value)} | {_interval(row.low, row.high)} "
        f"| {row.samples} |"
        for row in main.per_class
    ]
    head = ["| class | value | 95 % interval | n |", "|---|---|---|---|"]
    return [f"### {main.metric.name} by class", "", *head, *rows, ""]


def _worst_markdown(scores: Scores) -> list[str]:
    main = _main(scores).metric.name
    rows = [f"| {name} | {plots.number_text(value)} |" for name, value in scores.worst(main)]
    return [f"### Worst by {main}", "", "| picture | value |", "|---|---|", *rows, ""]


def _check(results: Mapping[str, Scores]) -> None:
    if not results:
        raise InputError("a report needs the scores of one prediction or more")


def _lead(results: Mapping[str, Scores]) -> str:
    pictures = max(len(scores.pictures) for scores in results.values())
    return (
        f"<p>{pictures} pictures. Intervals hold 95 % of bootstrap draws over pictures "
        "(over videos, for tracks); n is their number.</p>"
    )


def _interval(low: float, high: float) -> str:
    if not np.isfinite(low) or not np.isfinite(high):
        return "-"
    return f"{plots.number_text(low)} to {plots.number_text(high)}"


def _gaps(results: Mapping[str, Scores]) -> dict[str, list[tuple[str, ...]]]:
    """Return the second prediction less the first, and so on: metric, value, interval, p."""
    (first, base), *others = results.items()
    return {
        f"{name} less {first}": [
            (
                metric,
                plots.number_text(gap.value),
                _interval(gap.low, gap.high),
                f"{gap.p_value:.3f}",
            )
            for metric, gap in compare(base, scores).items()
        ]
        for name, scores in others
    }


def _versus(results: Mapping[str, Scores]) -> str:
    gaps = _gaps(results)
    if not gaps:
        return ""
    head = (
        '<tr><th>metric</th><th class="n">difference</th><th class="n">95 % interval</th>'
        '<th class="n">p</th></tr>'
    )
    tables = "".join(
        f'<h3>{escape(what)}</h3><div class="scroll"><table class="gaps">{head}'
        f"{''.join(map(_gap_row, rows))}</table></div>"
        for what, rows in gaps.items()
    )
    return (
        "<h2>Differences</h2><p>Paired over pictures: the interval is a bootstrap's, p that of "
        f"swapping the two predictions of pictures at random.</p>{tables}"
    )


def _gap_row(row: tuple[str, ...]) -> str:
    metric, *numbers = row
    cells = "".join(f'<td class="n">{number}</td>' for number in numbers)
    return f"<tr><td>{escape(metric)}</td>{cells}</tr>"


def _table(scores: Scores) -> str:
    rows = "".join(_row(name, score) for name, score in scores.items())
    return (
        '<div class="scroll"><table class="scores"><tr><th>metric</th><th class="n">value</th>'
        '<th class="bars"></th>'
        '<th class="n">95 % interval</th><th class="n">n</th><th>what it is</th></tr>'
        f"{rows}</table></div>"
    )


def _row(name: str, score: Score) -> str:
    bar = ""
    if not score.metric.unit:
        bar = plots.interval_bar(score.value, score.low, score.high)
    unit = f' <span class="soft">{escape(score.metric.unit)}</span>' if score.metric.unit else ""
    better = " Lower is better." if score.metric.better is Better.LOWER else ""
    return (
        f'<tr><td>{escape(name)}</td><td class="n">{plots.number_text(score.value)}{unit}</td>'
        f'<td class="bars">{bar}</td><td class="n">{_interval(score.low, score.high)}</td>'
        f'<td class="n">{score.samples}</td>'
        f'<td class="soft">{escape(score.metric.rule)}{better}</td></tr>'
    )


def _details(scores: Scores) -> str:
    parts = []
    main = _main(scores)
    if main.per_class and not main.metric.unit:
        parts.append(f"<h3>{escape(main.metric.name)} by class</h3>")
        parts.append(plots.class_bars(main.per_class))
    spread = plots.spread_plot(main.per_picture, main.metric.name)
    if spread:
        parts.append(f"<h3>Spread of {escape(main.metric.name)}</h3>{spread}")
    if scores.confusion is not None:
        parts.append("<h3>Confusion, rows are the truth, in per cent</h3>")
        parts.append(plots.confusion_grid(*scores.confusion))
    if "ece" in scores:
        curve = reliability(scores["ece"].sample)
        parts.append(f"<h3>Reliability</h3>{plots.reliability_plot(curve)}")
    return "".join(parts)


def _main(scores: Scores) -> Score:
    """Return the score that stands for the whole: the first of those that usually do."""
    every = list(scores.values())
    return next((score for score in every if score.metric.name in _USUAL), every[0])


def _worst(scores: Scores, show: _ShowOne | None, count: int) -> str:
    main = _main(scores).metric.name
    rows = scores.worst(main, count)
    figures = "".join(
        figure(f"{name} · {main} {plots.number_text(value)}", show and show(name))
        for name, value in rows
    )
    sides = "" if show is None else "<p>Left the truth, right the prediction.</p>"
    return f'<h3>Worst by {escape(main)}</h3>{sides}<div class="worst">{figures}</div>'
