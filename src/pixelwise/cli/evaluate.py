"""pixelwise evaluate: scores with error bars for annotations of any format."""

import json
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer

from pixelwise.cli import options
from pixelwise.cli.calibrating import calibrate
from pixelwise.cli.exits import emit, report
from pixelwise.cli.joining import named
from pixelwise.cli.scoring import Side, Sides, scored
from pixelwise.cli.worst import pictures_of
from pixelwise.core import Legend
from pixelwise.errors import UsageError
from pixelwise.evaluation import METRICS, Score, Scores, compare
from pixelwise.evaluation.figures import Shown
from pixelwise.evaluation.report import report_csv, report_html, report_json, report_markdown
from pixelwise.io.annotations.converting import open_dataset, sniffed
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.atomic import make_folder, write_bytes

__all__ = ["evaluate"]

REPORTS = {".json": report_json, ".csv": report_csv, ".md": report_markdown}
WORST = 6
BLANK = Shown(np.full((90, 160, 3), 128, np.uint8))


def evaluate(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="A file or folder.")],
    prediction: Annotated[Path, typer.Argument(metavar="PREDICTION", help="A file or folder.")],
    metrics: Annotated[
        str,
        typer.Option(
            help=f"Comma list; those that fit when left out. There are: {', '.join(METRICS)}."
        ),
    ] = "",
    truth_format: Annotated[str, typer.Option(help="Recognised when left out.")] = "",
    prediction_format: Annotated[str, typer.Option(help="Recognised when left out.")] = "",
    legend: Annotated[
        str, typer.Option(help="Official classes of label maps that name none: camvid-11, ...")
    ] = "",
    prediction_legend: Annotated[
        str, typer.Option(help="Those of the prediction, where they are others.")
    ] = "",
    against: Annotated[
        Path | None,
        typer.Option(help="A second prediction: how much it differs, by a paired test."),
    ] = None,
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="report.html, .json, .csv or .md.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder of the pictures, for the report and for flicker.")
    ] = None,
    model: Annotated[
        str,
        typer.Option(
            "--calibrate",
            metavar="MODEL",
            help="Fit the temperature of a network: PREDICTION is then the folder of the pictures.",
        ),
    ] = "",
    as_json: options.Json = False,
    debug: options.Debug = False,  # noqa: ARG001 - read at the outermost edge
) -> None:
    """Score predictions against the truth: any annotation formats, joined by picture names."""
    if model:
        _calibrate(model, truth, truth_format, legend, prediction, as_json=as_json)
        return
    if output is not None and output.suffix.lower() not in (".html", *REPORTS):
        raise UsageError(f"-o must end in .html, .json, .csv or .md, not {output.name!r}")
    asked = [name.strip() for name in metrics.split(",") if name.strip()]
    for name in asked:
        METRICS[name]  # an unknown name is told before anything is read
    every = [
        Sides(
            Side(truth, truth_format, legend),
            Side(place, prediction_format, prediction_legend or legend),
        )
        for place in (prediction, against)
        if place is not None
    ]
    for sides in every:
        sides.refuse_faults()
    results = {
        name: scored(sides, asked, pictures)
        for name, sides in zip(_called(every), every, strict=True)
    }
    for sides in every:
        sides.warn()
    if output is not None:
        make_folder(output.parent)
        _write_report(output, results, every, pictures)
        report(f"report: {output}")
    _tell(results, as_json=as_json)


def _called(every: list[Sides]) -> list[str]:
    """Return what the predictions are called: by their last names where these differ."""
    names = [sides.prediction.name for sides in every]
    return names if len({*names}) == len(names) else [str(sides.prediction) for sides in every]


def _tell(results: Mapping[str, Scores], *, as_json: bool) -> None:
    """Print the scores of the first prediction, and how far the second is from them."""
    (name, first), *others = results.items()
    if as_json:
        emit(json.dumps(first.to_dict()))
    else:
        emit(f"{len(first.pictures)} pictures")
        for metric, score in first.items():
            emit(_line(metric, score))
    for other, scores in others:
        gaps = compare(first, scores)
        if as_json:
            rows = {metric: asdict(gap) for metric, gap in gaps.items()}
            emit(json.dumps({"against": other, "differences": rows}))
            continue
        emit(f"{other} less {name}")
        for metric, gap in gaps.items():
            bars = f"({gap.low:+.4f} to {gap.high:+.4f})"
            emit(f"  {metric:14} {gap.value:+.4f}  {bars}  p {gap.p_value:.3f}")


def _calibrate(
    model: str, truth: Path, kind: str, legend: str, pictures: Path, *, as_json: bool
) -> None:
    """Fit and keep a temperature; say what it does."""
    annotated = open_dataset(truth, kind or sniffed(truth))
    if legend:
        whole = Legend.official(legend)
        samples = (replace(one, result=named(one.result, whole)) for one in annotated)
        annotated = Dataset(legend=whole, samples=samples)
    found = calibrate(model, annotated, pictures)
    if as_json:
        emit(json.dumps(found))
        return
    emit("  ".join(f"{name} {value}" for name, value in found.items()))


def _line(name: str, score: Score) -> str:
    unit = f" {score.metric.unit}" if score.metric.unit else ""
    bars = f"  ({score.low:.4f} to {score.high:.4f})" if np.isfinite(score.low) else ""
    return f"  {name:14} {score.value:.4f}{unit}{bars}"


def _write_report(
    output: Path, results: Mapping[str, Scores], every: list[Sides], pictures: Path | None
) -> None:
    if output.suffix.lower() != ".html":
        write_bytes(output, REPORTS[output.suffix.lower()](results).encode())
        return
    shown: dict[tuple[str, str], Shown] = {}
    for (place, scores), sides in zip(results.items(), every, strict=True):
        wanted = {name for metric in scores for name, _ in scores.worst(metric, WORST)}
        for name, picture in pictures_of(wanted, sides, pictures).items():
            shown[place, name] = picture
    title = f"{' and '.join(results)} against {every[0].truth.name}"
    page = report_html(
        results, title=title, show=lambda *names: shown.get(names, BLANK), worst=WORST
    )
    write_bytes(output, page.encode())
