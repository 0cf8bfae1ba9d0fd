"""From a folder of pictures and masks to a model with its card: all that ``train`` does."""

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from pixelwise.cards import Card, Licence
from pixelwise.cards.installing import install_card
from pixelwise.core import Instances, Legend, Regions, settings_of
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.training.carding import card_of
from pixelwise.training.checkpoints import restore
from pixelwise.training.curves import write_curves
from pixelwise.training.examples import Example, parted
from pixelwise.training.faults import faults_in, leaks
from pixelwise.training.finishing import Finished, Sources, finish
from pixelwise.training.fitting import Run, fit
from pixelwise.training.judging import METRICS_OF, fitting, judged, net_session, segmenter_of
from pixelwise.training.keeping import data_hash, keep_plan, side_by_side, versions, write_json
from pixelwise.training.learner import Learner
from pixelwise.training.plan import Plan
from pixelwise.training.planning import Planned, fingerprint, planned
from pixelwise.training.reading import Fault, Opened, open_examples

__all__ = ["Order", "Prepared", "best_net", "prepare", "train", "trained"]

SAMPLES = 4
"""Held-out pictures that are shown each epoch."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is asked for.

    Args:
        data: Pictures with labels; see :func:`open_examples`.
        net: Row of the NETS table.
        name: Slug of the model.
        output: Folder of the run.
        settings: Of the plan, as the user wrote them.
        test: Other data, for the score; None: the pictures held out of ``data``.
        unseen: Names of pictures of ``data`` that are kept for the score.
        pictures: Folder of the pictures, where it is another.
        labels: Folder of the labels, where it is another.
        legend: Names of the classes, where the data has none; or an official legend.
        licence: What the weights will allow.
        about: One sentence.
        terms: What the data is, and its terms.
        command: How the run was asked for.
    """

    data: Path
    net: str
    name: str
    output: Path
    settings: Mapping[str, object] = field(default_factory=dict)
    test: Path | None = None
    unseen: Sequence[str] = ()
    pictures: Path | None = None
    labels: Path | None = None
    legend: Legend | None = None
    licence: Licence = field(default_factory=Licence)
    about: str = ""
    terms: str = ""
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """What training starts from.

    Args:
        learn: Pictures to learn from.
        kept: Pictures that choose the best weights.
        test: Pictures for the score.
        made: The plan with its reasons.
        card: The card that it leads to.
        faults: What is wrong with the data.
    """

    learn: Sequence[Example]
    kept: Sequence[Example]
    test: Sequence[Example]
    made: Planned
    card: Card
    faults: Sequence[Fault]


def prepare(order: Order) -> Prepared:
    """Read the data, find its faults and plan.

    Raises:
        InputError: There is nothing to learn from.
        InvalidSetting: A setting is wrong, or the net cannot learn from such data.
    """
    opened = open_examples(order.data, pictures=order.pictures, labels=order.labels)
    faults = list(opened.faults)
    if not opened.examples:
        told = "; ".join(f"{fault.name}: {fault.what}" for fault in faults[:3])
        raise InputError(f"{order.data}: no picture can be learnt from. {told}", reason="empty")
    legend = _classes(opened, order.legend)
    examples = _in_range(opened.examples, legend, faults)
    seen = fingerprint(examples, len(legend))
    made = planned(seen, legend, order.net, order.settings)
    plan = made.plan
    unseen = [one for one in examples if one.name in order.unseen]
    rest = [one for one in examples if one.name not in order.unseen]
    learn, kept = parted(rest, plan.held_out, plan.fold, plan.folds)
    test = open_examples(order.test).examples if order.test else unseen or kept
    faults += faults_in(examples, legend)
    faults += leaks(learn, kept, "held out for validation") if kept[0] not in learn else []
    faults += leaks(learn, test, "of the test part") if test is not kept else []
    card = card_of(plan, order.name, order.licence, about=order.about)
    return Prepared(learn=learn, kept=kept, test=test, made=made, card=card, faults=faults)


def train(
    order: Order,
    ready: Prepared,
    say: Callable[[str], None],
    tick: Callable[[int, int], None],
) -> Finished:
    """Train, or go on; then export, prove, score, and install the card where cards are found.

    Args and errors are those of :func:`trained`.
    """
    done = trained(order, ready, say, tick)
    return replace(done, place=install_card(done.card, done.file))


def trained(
    order: Order,
    ready: Prepared,
    say: Callable[[str], None],
    tick: Callable[[int, int], None],
) -> Finished:
    """Train, or go on; then export, prove, score; the card stays in the run's folder.

    Args:
        order: What is asked for.
        ready: What :func:`prepare` made of it.
        say: Told what happens, a line each.
        tick: Told how many steps are done, and of how many.

    Raises:
        InputError: The data has faults that stop a training.
        UsageError: The folder holds a run of another plan.
        OutputError: The folder cannot be written.
    """
    stops = [fault for fault in ready.faults if fault.stops]
    if stops:
        raise InputError(
            f"{order.data} has {len(stops)} faults that stop a training, the first: "
            f"{stops[0].name}: {stops[0].what}",
            reason="faults",
        )
    folder, plan = order.output, ready.made.plan
    keep_plan(folder, ready.made)
    _record(order, ready)
    run = _run(order, ready, say, tick)
    start = time.perf_counter()
    fit(run)
    say(f"trained in {time.perf_counter() - start:.0f} s; best score {run.best:.4f}")
    sources = Sources(
        folder=folder,
        kept=ready.kept,
        test=ready.test,
        data=order.terms or str(order.data),
        judged_on=_judged_on(order, ready),
        command=order.command,
    )
    return finish(best_net(folder, plan), plan, ready.card, sources, say)


def _run(
    order: Order, ready: Prepared, say: Callable[[str], None], tick: Callable[[int, int], None]
) -> Run:
    """Return the run, which looks at the held-out pictures and shows some of them."""
    folder, plan = order.output, ready.made.plan
    metric = METRICS_OF[ready.card.task][0]

    def judge(learner: Learner) -> float:
        segment = segmenter_of(ready.card, net_session(learner.averaged, plan))
        scores = judged(segment, ready.kept, ready.card, [metric])
        rows = [
            (one.image, fitting(one, ready.card), segment(one.image))
            for one in ready.kept[:SAMPLES]
        ]
        side_by_side(folder / "samples" / f"step-{learner.step:06}.png", rows)
        value = scores[metric].value
        return float(value) if np.isfinite(value) else 0.0

    def tell(run: Run) -> None:
        write_curves(folder, run.epochs, metric)
        last = run.epochs[-1]
        say(f"step {last.step} of {plan.steps}: loss {last.loss:.4f}, {metric} {last.score:.4f}")

    return Run(plan=plan, folder=folder, learn=ready.learn, judge=judge, say=tell, tick=tick)


def best_net(folder: Path, plan: Plan) -> Any:  # noqa: ANN401 - torch
    """Return the averaged network of a folder's best checkpoint.

    Raises:
        ModelError: There is none, or it is damaged.
    """
    learner = Learner(plan)
    restore(learner, folder / "best.safetensors")
    return learner.averaged


def _judged_on(order: Order, ready: Prepared) -> str:
    count = len(ready.test)
    if order.test is not None:
        return f"{count} pictures of {order.test.parent.name}/{order.test.name}, never seen"
    if ready.test is not ready.kept:
        return f"{count} pictures of {order.data.name}, never seen"
    return f"{count} held-out pictures of {order.data.name}, by which the weights were chosen"


def _record(order: Order, ready: Prepared) -> None:
    """Write what is needed to do the run again."""
    everything = [*ready.learn, *ready.kept, *(one for one in ready.test if one not in ready.kept)]
    write_json(
        order.output / "record.json",
        {
            "command": order.command,
            "data": str(order.data),
            "data_sha256": data_hash(everything),
            "learn": [one.name for one in ready.learn],
            "held_out": [one.name for one in ready.kept],
            "test": [one.name for one in ready.test],
            "settings": settings_of(ready.made.plan),
            "versions": versions(),
        },
    )


def _classes(opened: Opened, given: Legend | None) -> Legend:
    """Return the classes with the background first, where single things are told."""
    names = [row.name for row in opened.legend]
    if _are_things(opened.examples) or names == ["object"]:
        names = ["background", *(name for name in names if name != "background")]
    elif all(name.isdigit() for name in names):
        names = names[: 1 + max(int(one.targets.max(initial=0)) for one in opened.examples)]
    if given is None:
        return Legend.of(names)
    if len(given) < len(names) and _are_things(opened.examples):
        raise InvalidSetting.of("classes", len(given), f"{len(names)} names: {', '.join(names)}")
    return given


def _in_range(examples: Sequence[Example], legend: Legend, faults: list[Fault]) -> list[Example]:
    """Return the examples with their void pixels marked; others than classes are faults."""
    found = []
    for example in examples:
        classes = np.where(np.arange(len(example.classes)) == legend.void, -1, example.classes)
        wrong = np.unique(classes[example.numbers])
        wrong = wrong[wrong >= len(legend)]
        if len(wrong):
            what = f"label values {wrong.tolist()[:5]} are no class: there are {len(legend)}"
            faults.append(Fault(example.name, what))
        else:
            found.append(example if _are_things([example]) else replace(example, classes=classes))
    return found


def _are_things(examples: Sequence[Example]) -> bool:
    return any(isinstance(example.truth, Instances | Regions) for example in examples)
