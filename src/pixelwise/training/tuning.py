"""Fits the few numbers of a decoder on held-out pictures, as nnU-Net fits its postprocessing."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from pixelwise.cards import AnswerShape, Card, DecoderSpec
from pixelwise.core import Session, Task
from pixelwise.evaluation import Evaluation
from pixelwise.methods.deep import DECODERS
from pixelwise.methods.deep.prepare import Preparer
from pixelwise.methods.deep.uncertainty import fit_temperature
from pixelwise.training.examples import Example
from pixelwise.training.judging import METRICS_OF, fitting, segmenter_of

__all__ = ["tuned"]

MOST = 48
"""Pictures that numbers are fitted on."""


def tuned(card: Card, session: Session, kept: Sequence[Example]) -> Card:
    """Return the card with the decoder's numbers that do best on held-out pictures.

    Of things: the levels from which there is one, and the least area. Of classes: the
    temperature that makes their probabilities true, which changes no label.

    Args:
        card: The card.
        session: Its network.
        kept: Pictures that were not learnt from.
    """
    if card.volume is not None:
        return card
    if card.task is not Task.INSTANCE:
        segment = segmenter_of(card, session)
        made = fit_temperature((fitting(one, card), segment(one.image)) for one in kept[:MOST])
        by = round(made.temperature, 4)
        return replace(card, decoder=replace(card.decoder, temperature=by))
    preparer = Preparer.of(card.input, session.inputs)
    rows = []
    for one in kept[:MOST]:
        feeds, placed = preparer.fill(one.image, session)
        rows.append((session.run(feeds), placed, fitting(one, card)))
    name = METRICS_OF[card.task][0]
    best, most = card, -1.0
    for spec in _candidates(card.decoder, kept):
        tried = replace(card, decoder=spec)
        decoder, evaluation = DECODERS[spec.name](tried, session.outputs), Evaluation([name])
        for number, (outputs, placed, truth) in enumerate(rows):
            evaluation.add(truth, decoder(outputs, placed), str(number))
        value = evaluation.scores()[name].value
        if value > most:
            best, most = tried, value
    return best


def _candidates(spec: DecoderSpec, kept: Sequence[Example]) -> Iterator[DecoderSpec]:
    """Yield the decoders to be tried, the plain one first."""
    if spec.name is AnswerShape.BOXES:
        for level, mask_level in product((0.5, 0.6, 0.7, 0.8, 0.4), (0.5, 0.4)):
            yield replace(spec, threshold=level, mask_threshold=mask_level)
        return
    areas = np.concatenate([np.bincount(one.numbers.reshape(-1))[1:] for one in kept])
    least = (0, *np.quantile(areas[areas > 0], (0.02, 0.05)).astype(int).tolist())
    seeds = (0.5, 0.4, 0.6) if spec.name is AnswerShape.DEPTHS else (spec.seed_depth,)
    for level, seed, area in product((0.5, 0.6, 0.7), seeds, least):
        yield replace(spec, threshold=level, seed_depth=seed, min_area=area)
