"""Scores a network on pictures that it has not seen, on the very road that users take."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from pixelwise.cards import Card, Fit
from pixelwise.core import (
    Crop,
    Foreground,
    Image,
    Instances,
    Legend,
    Result,
    Segments,
    Semantic,
    Session,
    Task,
    Tensor,
)
from pixelwise.evaluation import Evaluation, Scores
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.tiles import Tiled
from pixelwise.methods.deep.volumes import labelled
from pixelwise.ops.boxes import boxes_of
from pixelwise.training.examples import Example
from pixelwise.training.heads import HEADS
from pixelwise.training.plan import Plan

__all__ = ["METRICS_OF", "NetSession", "fitting", "judged", "net_session", "segmenter_of"]

METRICS_OF = {
    Task.INSTANCE: ("dsb_ap", "dsb_ap50"),
    Task.FOREGROUND: ("dice", "miou"),
    Task.SEMANTIC: ("dice", "miou", "accuracy"),
}
"""Task -> the metrics of a report; the first one decides which checkpoint is the best."""


class NetSession:
    """A network in training as a session, so that decoders can read it.

    Args:
        net: Called with (1, C, ...) float32 in evaluation mode.
        shape: Of its input, 0 where it is open.
        outputs: Names of its answers.
    """

    device = "cpu"

    def __init__(self, net: nn.Module, shape: tuple[int, ...], outputs: Sequence[str]) -> None:
        self._net = net
        self.inputs = (Tensor("pixels", shape, np.dtype(np.float32)),)
        self.outputs = tuple(Tensor(name, (), np.dtype(np.float32)) for name in outputs)

    def buffer(self, name: str) -> NDArray[Any]:
        """Return memory for an input; its sides are open, so pictures come with ``run``."""
        tensor = next(tensor for tensor in self.inputs if tensor.name == name)
        return np.zeros(tuple(side or 1 for side in tensor.shape), np.float32)

    def run(self, feeds: Mapping[str, NDArray[Any]]) -> list[NDArray[Any]]:
        """Return the answers."""
        with torch.inference_mode():
            answer = self._net(torch.from_numpy(np.ascontiguousarray(feeds["pixels"])))
        parts = answer if isinstance(answer, tuple) else (answer,)
        return [
            part.float().numpy() if part.is_floating_point() else part.numpy() for part in parts
        ]


def net_session(net: nn.Module, plan: Plan) -> NetSession:
    """Return a network of a plan as a session."""
    teaching = HEADS[plan.head]
    shape = (1, plan.bands, *(0,) * plan.axes)
    return NetSession(teaching.exported(net).eval(), shape, teaching.answers())


def segmenter_of(card: Card, session: Session) -> Callable[[Image], Result]:
    """Return a segmenter for a session that is loaded already."""
    if card.volume is not None:
        legend = card.legend_object()
        return lambda image: Semantic(labelled(image, card, session)[0], legend, space=image.space)
    preparer = Preparer.of(card.input, session.inputs)
    decoder = DECODERS[card.decoder.name](card, session.outputs)

    def segment(image: Image) -> Result:
        feeds, placed = preparer.fill(image, session)
        return decoder(session.run(feeds), placed)

    if card.input.fit is Fit.TILES:
        return Tiled(segmenter=segment, height=card.input.height, width=card.input.width)
    return segment


def judged(
    segment: Callable[[Image], Result],
    examples: Iterable[Example],
    card: Card,
    metrics: Sequence[str] = (),
) -> Scores:
    """Return the scores of a segmenter.

    Args:
        segment: It.
        examples: Pictures with their truth.
        card: Says which metrics count, and the classes.
        metrics: Others than those of the task.
    """
    evaluation = Evaluation(list(metrics or METRICS_OF[card.task]))
    for example in examples:
        evaluation.add(fitting(example, card), segment(example.image), example.name)
    return evaluation.scores()


def fitting(example: Example, card: Card) -> Result:
    """Return the truth of an example in the type and the classes of the card's results."""
    legend, targets = card.legend_object(), example.targets
    if card.task is Task.FOREGROUND:
        return Foreground(targets > 0, legend=legend)
    if card.task is Task.SEMANTIC:
        ids = np.append(legend.ids, legend.void).astype(np.int32)
        return Semantic(ids[targets], legend)
    return _things(example, legend)


def _things(example: Example, legend: Legend) -> Instances:
    numbers = np.unique(example.numbers[example.targets > 0])
    crops = []
    for number, box in zip(numbers, boxes_of(example.numbers, numbers), strict=True):
        if box is not None:
            origin = (box[0].start, box[1].start)
            crops.append(Crop(origin, example.numbers[box] == number))
    table = Segments.of(
        legend.ids[example.classes[numbers]],
        box=np.array([crop.box for crop in crops], np.float32).reshape(-1, 4),
        area=[crop.area for crop in crops],
    )
    return Instances(table, tuple(crops), example.numbers.shape, legend)
