"""The end of a run: files that run without torch, a proof, a score, a card that is installed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.cards import Card, Metric
from pixelwise.cards.installing import install_card
from pixelwise.errors import ModelError
from pixelwise.evaluation import Scores
from pixelwise.evaluation.report import report_html
from pixelwise.io.atomic import write_bytes
from pixelwise.methods.deep.mirrors import in_mirrors
from pixelwise.training.examples import Example
from pixelwise.training.forms import Source, export, loaded
from pixelwise.training.heads import HEADS
from pixelwise.training.judging import judged, net_session, segmenter_of
from pixelwise.training.keeping import write_json
from pixelwise.training.plan import Plan
from pixelwise.training.tuning import tuned

__all__ = ["Finished", "Sources", "finish", "line_of", "metric_of", "source_of"]

PROVED = 24
"""Pictures on which forms of the network are compared."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What a finished model says of its making.

    Args:
        folder: Of the run.
        kept: Pictures that chose the weights.
        test: Pictures for the score.
        data: What it was trained on, with its terms.
        judged_on: What the score was measured on.
        command: How the run was asked for.
    """

    folder: Path
    kept: Sequence[Example]
    test: Sequence[Example]
    data: str
    judged_on: str
    command: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What a run led to.

    Args:
        card: The card with its score.
        place: Where the card lies.
        file: The model file.
        scores: On pictures that were not learnt from.
    """

    card: Card
    place: Path
    file: Path
    scores: Scores


def finish(
    net: Any,  # noqa: ANN401 - torch
    plan: Plan,
    card: Card,
    sources: Sources,
    say: Callable[[str], None],
) -> Finished:
    """Export the network, prove the files equal, score them, and write the card beside them.

    Args:
        net: The network, with its best weights.
        plan: Its plan.
        card: What it is.
        sources: What it was made of.
        say: Told what happens.

    Raises:
        ModelError: The network cannot be exported, or its file is not equal to it.
        OutputError: Something cannot be written.
    """
    folder = sources.folder
    shown = {one.name: one.image for one in [*sources.kept, *sources.test][:PROVED]}
    forms = export(source_of(net, plan, card), ("onnx", "int8"), shown, folder)
    for name, one in forms.items():
        say(f"{name} against torch: {one.proof.line}")
    file = forms["onnx"].path
    if not forms["onnx"].proof.holds:
        raise ModelError(f"{file} does not answer as the network: {forms['onnx'].proof.line}")
    session = loaded(file, "onnx")
    card = tuned(card, session, sources.kept)
    scores = judged(segmenter_of(card, session), sources.test, card)
    results = {card.name: scores}
    if plan.mirror:
        mirrored = segmenter_of(card, in_mirrors(session, card, plan.mirror))
        results["mirrored"] = judged(mirrored, sources.test, card)
    for name, row in results.items():
        say(f"{name} on {sources.judged_on}: {line_of(row)}")
    metric = metric_of(scores, sources.judged_on)
    card = replace(card, metric=metric, notes=(f"Trained on: {sources.data}.",))
    page = report_html(results, title=f"{card.name} on {sources.judged_on}")
    write_bytes(folder / "report.html", page.encode())
    told = {"data": sources.data, "judged_on": sources.judged_on, "command": sources.command}
    measured = {"scores": scores.to_dict()}
    if plan.mirror:
        measured["mirrored"] = results["mirrored"].to_dict()
    write_json(folder / "scores.json", measured | told)
    place = install_card(card, file, folder=folder)
    return Finished(card=card, place=place, file=file, scores=scores)


def line_of(scores: Scores) -> str:
    """Return scores with their intervals in one line."""
    return ", ".join(
        f"{name} {row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for name, row in scores.items()
    )


def metric_of(scores: Scores, data: str) -> Metric:
    """Return scores as a card keeps them, the first as the main number."""
    main = float(np.nan_to_num(next(iter(scores.values())).value))
    return Metric(text=line_of(scores), value=max(0.0, main), data=data)


def source_of(net: Any, plan: Plan, card: Card) -> Source:  # noqa: ANN401 - torch
    """Return a trained network as what can be exported."""
    return Source(
        card=card,
        module=HEADS[plan.head].exported(net),
        session=net_session(net, plan),
        shape=(1, plan.bands, *plan.patch),
    )
