"""The end of a run: files that run without torch, a proof, a score, a card that is installed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pixelwise.cards import Card, Metric
from pixelwise.cards.installing import install_card
from pixelwise.core import Image, Session, Task
from pixelwise.errors import ModelError
from pixelwise.evaluation import Scores
from pixelwise.evaluation.report import report_html
from pixelwise.io.atomic import write_bytes
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.uncertainty import fit_temperature
from pixelwise.methods.deep.volumes import fed
from pixelwise.runtimes import RUNTIMES
from pixelwise.training.examples import Example
from pixelwise.training.exporting import halved, quantised, to_onnx
from pixelwise.training.heads import HEADS
from pixelwise.training.judging import fitting, judged, net_session, segmenter_of
from pixelwise.training.keeping import write_json
from pixelwise.training.plan import Plan
from pixelwise.training.proof import Proof, proved

__all__ = ["Finished", "Sources", "finish", "loaded", "samples_of"]

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
        place: Where the card was installed.
        file: The model file.
        scores: On pictures that were not learnt from.
        proofs: Form -> how it compares with the network in torch.
    """

    card: Card
    place: Path
    file: Path
    scores: Scores
    proofs: dict[str, Proof]


def finish(
    net: Any,  # noqa: ANN401 - torch
    plan: Plan,
    card: Card,
    sources: Sources,
    say: Callable[[str], None],
) -> Finished:
    """Export the network, prove the files equal, score them, and install the card.

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
    file, proofs = _forms(net, plan, card, folder, shown)
    for form, proof in proofs.items():
        say(f"{form} against torch: {proof.line}")
    session = loaded(file)
    card = _calibrated(card, session, sources.kept)
    scores = judged(segmenter_of(card, session), sources.test, card)
    said = ", ".join(
        f"{name} {row.value:.3f} ({row.low:.3f} to {row.high:.3f})" for name, row in scores.items()
    )
    say(f"{sources.judged_on}: {said}")
    main = next(iter(scores.values())).value
    metric = Metric(text=said, value=max(0.0, float(np.nan_to_num(main))), data=sources.judged_on)
    card = replace(card, metric=metric, notes=(f"Trained on: {sources.data}.",))
    page = report_html({card.name: scores}, title=f"{card.name} on {sources.judged_on}")
    write_bytes(folder / "report.html", page.encode())
    rows = {form: proof.to_dict() for form, proof in proofs.items()}
    told = {"data": sources.data, "judged_on": sources.judged_on, "command": sources.command}
    write_json(folder / "scores.json", {"scores": scores.to_dict(), "proofs": rows, **told})
    place = install_card(card, file)
    return Finished(card=card, place=place, file=file, scores=scores, proofs=proofs)


def loaded(file: Path) -> Session:
    """Return an ONNX file as users' machines will run it."""
    return RUNTIMES["onnx"](file, threads=None, device="cpu")


def _forms(
    net: Any,  # noqa: ANN401 - torch
    plan: Plan,
    card: Card,
    folder: Path,
    shown: Mapping[str, Image],
) -> tuple[Path, dict[str, Proof]]:
    """Write the files, 16-bit weights and 8 bits, and compare each with the network in torch."""
    teaching, raw = HEADS[plan.head], folder / "whole.onnx"
    file, small = folder / f"{card.name}.onnx", folder / f"{card.name}-int8.onnx"
    to_onnx(teaching.exported(net), (1, plan.bands, *plan.patch), teaching.answers(), raw)
    halved(raw, file)
    quantised(raw, small, samples_of(card, loaded(raw), shown))
    raw.unlink()
    torch_way = segmenter_of(card, net_session(net, plan))
    proofs = {
        form: proved(torch_way, segmenter_of(card, loaded(path)), shown)
        for form, path in (("onnx", file), ("onnx int8", small))
    }
    if not proofs["onnx"].holds:
        raise ModelError(f"the exported file does not answer as the network: {proofs['onnx'].line}")
    return file, proofs


def samples_of(
    card: Card, session: Session, shown: Mapping[str, Image]
) -> list[NDArray[np.float32]]:
    """Return pictures as a network is fed them, (1, C, ...) float32 each."""
    if card.volume is not None:
        return [fed(image, card) for image in shown.values()]
    preparer = Preparer.of(card.input, session.inputs)
    return [preparer.fill(image, session)[0]["pixels"] for image in shown.values()]


def _calibrated(card: Card, session: Session, kept: Sequence[Example]) -> Card:
    """Return the card with the temperature that makes its probabilities true."""
    if card.task is Task.INSTANCE or card.volume is not None:
        return card
    segment = segmenter_of(card, session)
    found = fit_temperature((fitting(one, card), segment(one.image)) for one in kept)
    return replace(card, decoder=replace(card.decoder, temperature=round(found, 4)))
