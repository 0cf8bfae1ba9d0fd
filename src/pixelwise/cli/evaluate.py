"""pixelwise evaluate: scores with error bars for annotations of any format."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import numpy as np
import typer
from numpy.typing import NDArray

from pixelwise.cli import options
from pixelwise.cli.calibrating import calibrate
from pixelwise.cli.exits import emit, report
from pixelwise.cli.joining import (
    Pair,
    common_kind,
    kind_for,
    named,
    pairs,
    renamed,
    to_kind,
    unknown_classes,
)
from pixelwise.cli.saved import SAVED, faults_in, kind_of, open_any
from pixelwise.core import Image, Instances, Legend, Panoptic, Result, Semantic
from pixelwise.drawing import draw
from pixelwise.errors import InputError, UsageError
from pixelwise.evaluation import METRICS, Evaluation, Metric, Score, Scores
from pixelwise.evaluation.report import report_csv, report_html, report_json, report_markdown
from pixelwise.evaluation.table import defaults
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import open_dataset, sniffed
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.lvis import checked_classes
from pixelwise.io.annotations.pictures import SUFFIXES
from pixelwise.io.atomic import make_folder, write_bytes
from pixelwise.io.files import read
from pixelwise.io.format import Reading

__all__ = ["evaluate"]

REPORTS = {".json": report_json, ".csv": report_csv, ".md": report_markdown}
WORST = 6
GREY = 128
GAP = 6


def evaluate(
    truth: Annotated[Path, typer.Argument(metavar="TRUTH", help="A file or folder.")],
    prediction: Annotated[Path, typer.Argument(metavar="PREDICTION", help="A file or folder.")],
    metrics: Annotated[
        str, typer.Option(help="Comma list; those that fit when left out. See METRICS.")
    ] = "",
    truth_format: Annotated[str, typer.Option(help="Recognised when left out.")] = "",
    prediction_format: Annotated[str, typer.Option(help="Recognised when left out.")] = "",
    legend: Annotated[
        str, typer.Option(help="Official classes of label maps that name none: camvid-11, ...")
    ] = "",
    output: Annotated[
        Path | None, typer.Option("-o", "--output", help="report.html, .json, .csv or .md.")
    ] = None,
    pictures: Annotated[
        Path | None, typer.Option(help="Folder of the pictures, for the report.")
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
    sides = _Sides((truth, truth_format), (prediction, prediction_format), legend)
    sides.refuse_faults()
    scores = _scored(sides, asked)
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


class _Sides:
    """The two places and how to read them."""

    def __init__(self, truth: tuple[Path, str], result: tuple[Path, str], legend: str) -> None:
        self.truth, self.prediction = truth[0], result[0]
        self.truth_name = truth[1] or kind_of(truth[0])
        self.name = result[1] or kind_of(result[0])
        self.unknown: set[str] = set()
        self.legend = Legend.official(legend) if legend else None
        for side, kind in ((self.truth, self.truth_name), (self.prediction, self.name)):
            title = SAVED[kind] if kind in SAVED else ANNOTATIONS[kind].title
            report(f"{side}: read as {title}")

    def refuse_faults(self) -> None:
        """Refuse damaged files before anything is scored.

        Raises:
            InputError: There are faults that change what is read.
        """
        for place, kind in ((self.truth, self.truth_name), (self.prediction, self.name)):
            found = [fault for fault in faults_in(place, kind) if not fault.harmless]
            if found:
                raise InputError(
                    f"{place} has {len(found)} faults, so it is not scored; the first is {found[0]}"
                    "; `pixelwise convert IN --validate` lists all"
                )

    def read(self) -> tuple[Dataset, Dataset]:
        """Return both sides from their first picture."""
        return open_any(self.truth, self.truth_name), open_any(self.prediction, self.name)

    def pair(self, pair: Pair) -> tuple[Result, Result]:
        """Return truth and prediction in the classes of the truth."""
        truth, result = (self._told(side) for side in (pair.truth, pair.result))
        self.unknown |= unknown_classes(result, truth)
        if isinstance(truth, Semantic | Instances | Panoptic):
            return truth, renamed(result, truth.legend)
        return truth, result

    def metric(self, name: str) -> str | Metric:
        """Return a metric by name, with what the truth says of how it is to be counted."""
        checked = checked_classes(self.truth, Reading()) if name == "lvis_ap" else None
        if checked is None:
            return name
        from pixelwise.evaluation.objects import lvis  # noqa: PLC0415 - needs an extra

        return lvis(checked)

    def warn(self) -> None:
        """Say which classes of the prediction the truth does not know."""
        if self.unknown:
            names = sorted(self.unknown)
            more = f" and {len(names) - 10} more" if len(names) > 10 else ""
            report(
                f"warning: the prediction has classes that the truth lacks: "
                f"{', '.join(names[:10])}{more}; they count as nothing, so rename them or take "
                "another truth if they should count"
            )

    def _told(self, result: Result) -> Result:
        return result if self.legend is None else named(result, self.legend)


def _scored(sides: _Sides, asked: list[str]) -> Scores:
    groups: dict[type[Result], Evaluation] = {}
    metrics: list[str] = []
    for pair in pairs(*sides.read()):
        truth, result = sides.pair(pair)
        if not groups:
            metrics = asked or _fitting(truth, result)
            groups = _evaluations(sides, metrics, truth, result)
        for kind, evaluation in groups.items():
            evaluation.add(to_kind(truth, kind), to_kind(result, kind), pair.name)
    found = [evaluation.scores() for evaluation in groups.values()]
    rows = {name: scores[name] for scores in found for name in scores}
    return Scores({name: rows[name] for name in metrics if name in rows}, found[0].pictures)


def _evaluations(
    sides: _Sides, metrics: list[str], truth: Result, result: Result
) -> dict[type[Result], Evaluation]:
    """Return what measures each type in which some metric compares."""
    by_kind: dict[type[Result], list[str]] = {}
    for name in metrics:
        by_kind.setdefault(kind_for(name, truth, result), []).append(name)
    return {
        kind: Evaluation([sides.metric(name) for name in names]) for kind, names in by_kind.items()
    }


def _fitting(truth: Result, result: Result) -> list[str]:
    kind = common_kind(truth, result)
    tracked = (
        isinstance(truth, Instances)
        and isinstance(result, Instances)
        and len(truth) > 0
        and bool((truth.segments.track_id >= 0).all())
    )
    axes = len(truth.size)
    return ["hota", "idf1", "mota", "j_and_f"] if tracked else list(defaults(kind, axes))


def _line(name: str, score: Score) -> str:
    unit = f" {score.metric.unit}" if score.metric.unit else ""
    bars = f"  ({score.low:.4f} to {score.high:.4f})" if np.isfinite(score.low) else ""
    return f"  {name:14} {score.value:.4f}{unit}{bars}"


def _write_report(output: Path, scores: Scores, sides: _Sides, pictures: Path | None) -> None:
    results = {sides.prediction.name: scores}
    if output.suffix.lower() != ".html":
        write_bytes(output, REPORTS[output.suffix.lower()](results).encode())
        return
    wanted = {name for metric in scores for name, _ in scores.worst(metric, WORST)}
    shown: dict[str, NDArray[np.uint8]] = {}
    for pair in pairs(*sides.read()):
        clip = pair.name.rpartition("/")[0]  # scores of videos are shown by their first frame
        name = pair.name if pair.name in wanted else clip
        if name in wanted and name not in shown and len(pair.truth.size) == 2:
            shown[name] = _side_by_side(*sides.pair(pair), _picture(pictures, pair))
    blank = np.full((90, 160, 3), GREY, np.uint8)
    title = f"{sides.prediction.name} against {sides.truth.name}"
    page = report_html(results, title=title, show=lambda name: shown.get(name, blank), worst=WORST)
    write_bytes(output, page.encode())


def _picture(folder: Path | None, pair: Pair) -> Image:
    """Return the picture, or plain grey where it is not at hand."""
    if folder is not None:
        stems = (pair.name, pair.name.rpartition("/")[2])
        paths = (folder / (stem + suffix) for stem in stems for suffix in SUFFIXES)
        path = next((path for path in paths if path.is_file()), None)
        if path is not None:
            return read(path)
    return Image(np.full((*pair.truth.size[:2], 3), GREY, np.uint8))


def _side_by_side(truth: Result, result: Result, image: Image) -> NDArray[np.uint8]:
    """Return the truth on the left and the prediction on the right, (H, W, 3) uint8."""
    parts = [draw(image, side).pixels[..., :3] for side in (truth, result)]
    gap = np.full((parts[0].shape[0], GAP, 3), 255, np.uint8)
    return np.concatenate([parts[0], gap, parts[1]], axis=1).astype(np.uint8)
