"""pixelwise evaluate: scores with error bars for annotations of any format."""

import json
from dataclasses import replace
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
from pixelwise.evaluation import METRICS, Score, Scores
from pixelwise.evaluation.report import report_csv, report_html, report_json, report_markdown
from pixelwise.io.annotations.converting import open_dataset, sniffed
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.atomic import make_folder, write_bytes

__all__ = ["evaluate"]

REPORTS = {".json": report_json, ".csv": report_csv, ".md": report_markdown}
WORST = 6
BLANK = np.full((90, 160, 3), 128, np.uint8)


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
    sides = Sides(
        Side(truth, truth_format, legend),
        Side(prediction, prediction_format, prediction_legend or legend),
    )
    sides.refuse_faults()
    scores = scored(sides, asked, pictures)
    sides.warn()
    if output is not None:
        make_folder(output.parent)
        _write_report(output, scores, sides, pictures)
        report(f"report: {output}")
    if as_json:
        emit(json.dumps(scores.to_dict()))
        return
    emit(f"{len(scores.pictures)} pictures")
    for name, score in scores.items():
        emit(_line(name, score))


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


def _write_report(output: Path, scores: Scores, sides: Sides, pictures: Path | None) -> None:
    results = {sides.prediction.name: scores}
    if output.suffix.lower() != ".html":
        write_bytes(output, REPORTS[output.suffix.lower()](results).encode())
        return
    wanted = {name for metric in scores for name, _ in scores.worst(metric, WORST)}
    shown = pictures_of(wanted, sides, pictures)
    title = f"{sides.prediction.name} against {sides.truth.name}"
    page = report_html(results, title=title, show=lambda name: shown.get(name, BLANK), worst=WORST)
    write_bytes(output, page.encode())
