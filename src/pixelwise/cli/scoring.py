"""Both sides of an evaluation: how they are read, and the scores that they give."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from pixelwise.cli.exits import report
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
from pixelwise.cli.progress import counted
from pixelwise.cli.saved import SAVED, faults_in, kind_of, open_any
from pixelwise.convert import to_foreground
from pixelwise.core import Foreground, Image, Instances, Legend, Panoptic, Result, Semantic
from pixelwise.errors import InputError, UsageError
from pixelwise.evaluation import Evaluation, Metric, Score, Scores
from pixelwise.evaluation.flicker import Frames, evaluate_flicker
from pixelwise.evaluation.table import defaults
from pixelwise.evaluation.tracks import video_of
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.lvis import checked_classes
from pixelwise.io.annotations.pictures import SUFFIXES
from pixelwise.io.files import read
from pixelwise.io.format import Reading

__all__ = ["Side", "Sides", "picture_of", "scored"]

FLICKER = "flicker"


@dataclass(frozen=True, slots=True)
class Side:
    """A place with annotations and what is known of it.

    Args:
        place: File or folder.
        kind: Row of ANNOTATIONS; empty: what it looks like.
        legend: Official classes of label maps that name none; empty: they stay numbers.
    """

    place: Path
    kind: str = ""
    legend: str = ""


class Sides:
    """The truth and the prediction.

    Args:
        truth: The truth.
        prediction: What is scored.
    """

    def __init__(self, truth: Side, prediction: Side) -> None:
        self.truth, self.prediction = truth.place, prediction.place
        self.truth_name = truth.kind or kind_of(truth.place)
        self.name = prediction.kind or kind_of(prediction.place)
        self.unknown: set[str] = set()
        self._legends = [
            Legend.official(side.legend) if side.legend else None for side in (truth, prediction)
        ]
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
        return (
            open_any(self.truth, self.truth_name, self.truth),
            open_any(self.prediction, self.name, self.truth),
        )

    def pair(self, pair: Pair) -> tuple[Result, Result]:
        """Return truth and prediction in the classes of the truth."""
        truth, result = (
            side if legend is None else named(side, legend)
            for side, legend in zip((pair.truth, pair.result), self._legends, strict=True)
        )
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


def scored(sides: Sides, asked: list[str], pictures: Path | None) -> Scores:
    """Return the scores by name, those asked for or those that fit.

    Args:
        sides: Truth and prediction.
        asked: Rows of METRICS; none: those that fit.
        pictures: Folder of the pictures, which flicker needs.

    Raises:
        InputError: The sides do not fit together.
        UsageError: Flicker is asked for without pictures.
    """
    rows: dict[str, Score] = {}
    names: tuple[str, ...] = ()
    if asked != [FLICKER]:
        found = _against_truth(sides, [name for name in asked if name != FLICKER])
        rows, names = dict(found.rows), found.pictures
    if FLICKER in asked:
        if pictures is None:
            raise UsageError("flicker looks at the pictures, too: name their folder by --pictures")
        found = evaluate_flicker(_videos(sides, pictures))
        rows[FLICKER], names = found[FLICKER], names or found.pictures
    return Scores({name: rows[name] for name in asked or rows}, names)


def _videos(sides: Sides, folder: Path) -> Iterator[tuple[str, Frames]]:
    """Yield the videos of the prediction: pictures and masks, frame by frame."""
    for video, frames in groupby(pairs(*sides.read()), key=lambda pair: video_of(pair.name)):
        yield video, (_frame(sides, folder, pair) for pair in frames)


def _frame(sides: Sides, folder: Path, pair: Pair) -> tuple[Image, Foreground]:
    image = picture_of(folder, pair.name)
    if image is None:
        raise InputError(f"{folder} has no picture called {pair.name}", reason="missing")
    return image, to_foreground(sides.pair(pair)[1])


def picture_of(folder: Path, name: str) -> Image | None:
    """Return the picture of a name, of whatever suffix; None where it is not there."""
    stems = (name, name.rpartition("/")[2])
    paths = (folder / (stem + suffix) for stem in stems for suffix in SUFFIXES)
    path = next((path for path in paths if path.is_file()), None)
    return None if path is None else read(path)


def _against_truth(sides: Sides, asked: list[str]) -> Scores:
    groups: dict[type[Result], Evaluation] = {}
    metrics: list[str] = []
    for pair in counted(pairs(*sides.read()), "pictures"):
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
    sides: Sides, metrics: list[str], truth: Result, result: Result
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
