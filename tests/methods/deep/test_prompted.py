"""Prompts: a made-up network whose masks are known, asked as people ask."""

import pickle
from dataclasses import replace

import numpy as np
import pytest

from pixelwise.cards import Card, DecoderSpec, Fit, InputSpec, Layout, load_cards
from pixelwise.core import Image, Prompts, Scribble
from pixelwise.errors import InputError, UsageError
from pixelwise.methods.deep.prompted import Asking, Mode, Prompted
from pixelwise.methods.deep.questions import innermost
from pixelwise.runtimes.asking import Answer

SIDE = 64


class Discs:
    """Answers with discs of three sizes around the first point, or with the box or the mask."""

    takes = frozenset({"points", "boxes", "masks"})
    device = "cpu"

    def __init__(self):
        self.embedded = 0
        self.asked = []

    def embed(self, pixels):
        self.embedded += 1
        return pixels.shape

    def ask(self, embedding, question):
        assert embedding == (1, 3, SIDE, SIDE)
        self.asked.append(question)
        y, x = np.mgrid[:SIDE, :SIDE]
        if question.mask is not None:
            return Answer(question.mask[None, None], np.float32([[0.8]]))
        if question.boxes is not None:
            ((x0, y0, x1, y1),) = question.boxes
            inside = np.minimum.reduce([x + 0.5 - x0, x1 - x - 0.5, y + 0.5 - y0, y1 - y - 0.5])
            return Answer(inside[None, None].astype(np.float32), np.float32([[0.9]]))
        masks = []
        for points, labels in zip(question.points, question.labels, strict=True):
            px, py = points[labels == 1][0]
            far = np.hypot(x - px, y - py)
            masks.append([20 * (r - far) for r in (4, 8, 12)])
        scores = np.tile(np.float32([0.5, 0.95, 0.7]), (len(masks), 1))
        return Answer(np.float32(masks), scores)


class Words:
    """Finds two squares for any text, one of them doubtful."""

    takes = frozenset({"text"})
    device = "cpu"

    def embed(self, _pixels):
        return None

    def ask(self, _embedding, _question):
        masks = np.full((1, 2, 16, 16), 0.1, np.float32)
        masks[0, 0, :8, :8] = masks[0, 1, 8:, 8:] = 0.9
        return Answer(masks, np.float32([[0.9, 0.4]]), 0.5)


def card(**decoder) -> Card:
    known = load_cards()["sam-vit-b"]
    spec = InputSpec(height=SIDE, width=SIDE, layout=Layout.NCHW, fit=Fit.LETTERBOX, pad=-1)
    return replace(known, input=spec, decoder=replace(known.decoder, via=(SIDE, SIDE), **decoder))


def asked(network=None, **asking) -> Prompted:
    return Prompted(network=network or Discs(), card=card(), asking=Asking(**asking))


def picture(height=SIDE, width=SIDE):
    return Image(np.zeros((height, width, 3), np.uint8))


def test_prompted_when_point_then_the_best_candidate():
    found = asked(prompts=Prompts(points=[(20, 30)]))(picture())
    y, x = np.mgrid[:SIDE, :SIDE]

    assert np.array_equal(found.mask, np.hypot(x - 20, y - 30) < 8)
    assert found.provenance.model == "sam-vit-b"
    assert found.provenance.settings["prompts"]["points"] == [[20.0, 30.0]]


def test_prompted_when_candidates_then_all_by_score():
    prompts = Prompts(points=[(20, 30)])
    found = asked(prompts=prompts, mode=Mode.CANDIDATES)(picture())

    assert found.segments.score.tolist() == pytest.approx([0.95, 0.7, 0.5])


@pytest.mark.parametrize("size", [(64, 32), (96, 128), (33, 64), (200, 50)])
def test_prompted_when_box_then_it_comes_back_whatever_the_size(size):
    height, width = size
    box = (width // 4, height // 4, width // 2, height // 2)
    found = asked(prompts=Prompts(boxes=[box]))(picture(height, width))
    rows, columns = np.nonzero(found.mask)
    edges = (columns.min(), rows.min(), columns.max() + 1, rows.max() + 1)

    assert np.abs(np.array(edges) - box).max() <= max(1, max(size) / SIDE)


@pytest.mark.parametrize("size", [(64, 64), (64, 32), (128, 128)])
def test_prompted_when_mask_then_it_is_asked_with_its_innermost_pixel(size):
    mask = np.zeros(size, bool)
    mask[size[0] // 4 : size[0] // 2, size[1] // 4 : size[1] // 2] = True
    network = Discs()
    found = asked(network, prompts=Prompts(masks=[mask]))(picture(*size))

    assert np.count_nonzero(found.mask & mask) >= 0.9 * np.count_nonzero(found.mask | mask)
    ((x, y),) = network.asked[0].points[0]
    scale = SIDE / max(size)
    assert mask[int(y / scale), int(x / scale)]


def test_innermost_when_ring_then_a_pixel_of_it():
    ring = np.pad(np.zeros((5, 5), bool), 3, constant_values=True)
    x, y = innermost(ring)
    assert ring[int(y), int(x)]


def test_prompted_when_two_objects_then_both():
    prompts = Prompts(points=[(10, 10), (50, 50)], labels=[1, 2])
    mask = asked(prompts=prompts)(picture()).mask
    things = asked(prompts=prompts, instances=True)(picture())

    assert mask[10, 10]
    assert mask[50, 50]
    assert not mask[30, 30]
    assert len(things) == 2


def test_prompted_when_background_point_then_it_speaks_of_every_object():
    network = Discs()
    prompts = Prompts(points=[(10, 10), (50, 50), (30, 30)], labels=[1, 2, 0])
    asked(network, prompts=prompts)(picture())

    assert [question.labels[0].tolist() for question in network.asked] == [[1, 0], [1, 0]]
    assert not any(question.several for question in network.asked)


def test_prompted_when_scribble_then_its_points_are_asked():
    network = Discs()
    stroke = Scribble(np.float32([(10, 10), (20, 10)]))
    asked(network, prompts=Prompts(scribbles=(stroke,)))(picture())

    assert network.asked[0].points[0].tolist() == [[10, 10], [20, 10]]


def test_prompted_when_asked_again_then_embedded_once():
    network = Discs()
    segmenter = asked(network, prompts=Prompts(points=[(20, 30)]))
    image = picture()
    segmenter(image)
    segmenter.candidates(image)
    assert network.embedded == 1
    segmenter(Image(np.ones((SIDE, SIDE, 3), np.uint8)))
    assert network.embedded == 2


def test_prompted_when_pickled_then_it_answers_as_before():
    segmenter = asked(prompts=Prompts(points=[(20, 30)]))
    image = picture()
    again = pickle.loads(pickle.dumps(segmenter))

    assert np.array_equal(again(image).mask, segmenter(image).mask)


def test_everything_when_grid_then_one_thing_a_place():
    segmenter = asked(mode=Mode.EVERYTHING, grid=2, min_stability=0.5)
    found = segmenter(picture())

    assert len(found) == 4
    assert (found.segments.score >= 0.88).all()


def test_everything_when_masks_are_shaky_then_none():
    assert len(asked(mode=Mode.EVERYTHING, grid=2, min_stability=1.0)(picture())) == 0


def test_everything_when_in_parts_then_small_things_too_but_none_that_is_cut():
    network = Discs()
    segmenter = asked(network, mode=Mode.EVERYTHING, grid=2, min_stability=0.5)
    image = picture(256, 256)
    whole = segmenter(image)
    closer = replace(segmenter, asking=replace(segmenter.asking, parts=1))(image)
    sides = np.ptp(closer.segments.box.reshape(-1, 2, 2), axis=1)

    assert network.embedded == 1 + 1 + 4
    assert len(closer) > len(whole) == 4
    assert sides.min() < 0.8 * sides.max()


def test_prompted_when_text_then_every_thing_that_is_sure_enough():
    described = Prompted(
        network=Words(),
        card=card(threshold=0.5),
        asking=Asking(prompts=Prompts(text="red  square"), instances=True),
    )
    found = described(picture())

    assert len(found) == 1
    assert found.legend.name(int(found.segments.class_id[0])) == "red square"
    assert found.crops[0].box[:2] == (0, 0)


def test_prompted_when_nothing_is_pointed_at_then_says_how():
    with pytest.raises(InputError, match="--point"):
        asked()(picture())


@pytest.mark.parametrize(
    ("network", "prompts", "wrong"),
    [(Discs, Prompts(text="cat"), "not text"), (Words, Prompts(points=[(1, 1)]), "not points")],
)
def test_prompted_when_it_does_not_take_that_then_says_what_it_takes(network, prompts, wrong):
    with pytest.raises(UsageError, match=wrong):
        asked(network(), prompts=prompts)(picture())


def test_prompted_when_point_lies_outside_then_says_the_size():
    with pytest.raises(InputError, match="64 x 32"):
        asked(prompts=Prompts(points=[(64, 5)]))(picture(32, 64))


def test_prompted_when_mask_is_empty_then_error():
    with pytest.raises(InputError, match="empty"):
        asked(prompts=Prompts(masks=np.zeros((1, SIDE, SIDE), bool)))(picture())


def test_decoder_spec_when_card_is_prompted_then_it_says_what_it_takes():
    prompted = [one for one in load_cards().values() if one.decoder.name == "prompted"]
    known = {"points", "boxes", "masks", "text"}
    assert prompted
    assert all(one.decoder.takes and set(one.decoder.takes) <= known for one in prompted)
    assert DecoderSpec().takes == ()
