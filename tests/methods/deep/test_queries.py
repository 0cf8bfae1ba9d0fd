"""Queries: to classes, things and segments, by hand and against transformers."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from pixelwise.cards import AnswerShape, DecoderSpec, load_cards
from pixelwise.core import Legend, Task, Tensor
from pixelwise.errors import ModelError
from pixelwise.methods.deep.placing import Placed
from pixelwise.methods.deep.queries import queries
from pixelwise.ops.resize import Window

SIZE = (90, 140)
SCENE = Legend.of(["sky", "car", "dog"], things=["car", "dog"], title="scene")


def card(task, legend=SCENE, **decoder):
    known = load_cards()["detr-resnet50-panoptic"]
    spec = DecoderSpec(name=AnswerShape.QUERIES, **decoder)
    return replace(known, task=task, legend=legend, decoder=spec)


def run(card, logits, masks, size=SIZE):
    tensors = [Tensor(name, part.shape, part.dtype) for name, part in (("c", logits), ("m", masks))]
    return queries(card, tensors)([logits, masks], Placed(size, size, Window()))


def halves(side=8):
    """Two queries: left and right half."""
    masks = np.full((1, 2, side, side), -5.0, np.float32)
    masks[0, 0, :, : side // 2] = 5
    masks[0, 1, :, side // 2 :] = 5
    return masks


def sure(*classes, columns=4):
    logits = np.zeros((1, len(classes), columns), np.float32)
    logits[0, np.arange(len(classes)), classes] = 9
    return logits


def blobs(count, columns, side=48, seed=0):
    random = np.random.default_rng(seed)
    logits = random.normal(size=(1, count, columns)).astype(np.float32)
    logits[0, np.arange(count), np.arange(count) % (columns - 1)] += 8
    rows = int(np.ceil(count**0.5))
    y, x = np.mgrid[:side, :side] / side * rows
    masks = np.zeros((1, count, side, side), np.float32)
    for number, mask in enumerate(masks[0]):
        row, column = np.divmod(number, rows) + random.normal(size=2) * 0.1 + 0.5
        far = ((y - row) / 0.7) ** 2 + ((x - column) / 0.7) ** 2
        mask[...] = 6 * np.clip(1 - far, -1.5, 1) + random.normal(size=far.shape) * 0.3
    return logits, masks


def test_panoptic_when_two_halves_then_two_segments():
    found = run(card(Task.PANOPTIC), sure(0, 1), halves())

    assert [found.legend.name(int(row)) for row in found.segments.class_id] == ["sky", "car"]
    assert (found.labels[:, :70] == 1).all()
    assert (found.labels[:, 70:] == 2).all()
    assert found.segments.box.tolist() == [[0, 0, 70, 90], [70, 0, 140, 90]]


def test_panoptic_when_stuff_twice_then_one_segment_but_two_things():
    stuff = run(card(Task.PANOPTIC), sure(0, 0), halves())
    things = run(card(Task.PANOPTIC), sure(1, 1), halves())

    assert len(stuff.segments) == 1
    assert (stuff.labels == 1).all()
    assert len(things.segments) == 2


def test_panoptic_when_nothing_is_sure_then_empty():
    found = run(card(Task.PANOPTIC), sure(3, 3), halves())
    assert found.is_empty


def test_instances_when_masks_overlap_then_both_are_whole():
    masks = halves()
    masks[0, 1] = 5
    found = run(card(Task.INSTANCE), sure(1, 2), masks)
    by_name = {SCENE.name(int(row.class_id)): row.area for row in found.segments}

    assert by_name == {"car": 70 * 90, "dog": 140 * 90}


def test_semantic_when_queries_agree_then_their_class():
    found = run(card(Task.SEMANTIC), sure(2, 0), halves())

    assert (found.labels[:, :70] == 2).all()
    assert (found.labels[:, 70:] == 0).all()
    assert np.asarray(found.scores).sum(axis=0) == pytest.approx(1, abs=1e-3)


def in_windows(task, wide=True):
    """Two windows of 8 that share 4 columns: the first sees a sky, the second a dog."""
    size = (8, 12) if wide else (12, 8)
    placed = Placed(size, size, Window(), starts=(0, 4))
    logits, masks = np.concatenate([sure(0), sure(2)]), np.full((2, 1, 8, 8), 5.0, np.float32)
    masks[1] = 4.0
    tensors = [Tensor(name, part.shape, part.dtype) for name, part in (("c", logits), ("m", masks))]
    return queries(card(task), tensors)([logits, masks], placed)


def test_semantic_when_windows_then_their_mean_decides_where_both_see():
    found = in_windows(Task.SEMANTIC)

    assert (found.labels[:, :8] == 0).all()
    assert (found.labels[:, 8:] == 2).all()
    assert np.array_equal(in_windows(Task.SEMANTIC, wide=False).labels, found.labels.T)


def test_queries_when_windows_but_no_classes_then_error():
    with pytest.raises(ModelError, match="classes only"):
        in_windows(Task.PANOPTIC)


def test_queries_when_classes_differ_from_card_then_error():
    with pytest.raises(ModelError, match="classes"):
        run(card(Task.PANOPTIC), sure(0, 1, columns=9), halves())


def test_queries_when_nan_then_error():
    with pytest.raises(ModelError, match="NaN"):
        run(card(Task.PANOPTIC), sure(0, 1) * np.float32(np.nan), halves())


@pytest.fixture(scope="module")
def rivals():
    reason = "the rival needs torch and transformers"
    return pytest.importorskip("torch", reason=reason), pytest.importorskip(
        "transformers", reason=reason
    )


def given(torch, classes, masks, names):
    return SimpleNamespace(
        **dict(zip(names, map(torch.from_numpy, (classes.copy(), masks.copy())), strict=True))
    )


MASK2FORMER = ("class_queries_logits", "masks_queries_logits")
DETR = ("logits", "pred_masks")


@pytest.mark.parametrize(
    ("kind", "names", "via"),
    [
        ("Mask2FormerImageProcessor", MASK2FORMER, (384, 384)),
        ("DetrImageProcessor", DETR, ()),
    ],
)
def test_panoptic_when_compared_with_transformers_then_the_same_segments(rivals, kind, names, via):
    torch, transformers = rivals
    legend = Legend.official("coco-panoptic-133")
    logits, masks = blobs(30, 134)
    stuff = {place for place, row in enumerate(legend) if not row.is_thing}
    theirs = getattr(transformers, kind)().post_process_panoptic_segmentation(
        given(torch, logits, masks, names), target_sizes=[SIZE], label_ids_to_fuse=stuff
    )[0]
    found = run(card(Task.PANOPTIC, legend, via=via), logits, masks)

    assert np.count_nonzero(theirs["segmentation"].numpy() != found.labels) <= 1
    assert len(found.segments) > 5
    classes = [int(legend.ids[row["label_id"]]) for row in theirs["segments_info"]]
    assert classes == found.segments.class_id.tolist()
    scores = [row["score"] for row in theirs["segments_info"]]
    assert found.segments.score.tolist() == pytest.approx(scores, abs=2e-6)


def test_instances_when_compared_with_mask2former_then_equal_masks(rivals):
    torch, transformers = rivals
    legend = Legend.official("coco-80")
    logits, masks = blobs(20, 81)
    theirs = transformers.Mask2FormerImageProcessor().post_process_instance_segmentation(
        given(torch, logits, masks, MASK2FORMER), target_sizes=[SIZE], return_binary_maps=True
    )[0]
    found = run(card(Task.INSTANCE, legend, via=(384, 384)), logits, masks)

    scores = np.array([row["score"] for row in theirs["segments_info"]])
    best = np.argsort(-scores, kind="stable")
    assert found.segments.score.tolist() == pytest.approx(scores[best].tolist(), abs=2e-6)
    expected = theirs["segmentation"].numpy().astype(bool)[best]
    assert np.count_nonzero(expected != np.asarray(found.masks)) <= 2


def test_semantic_when_compared_with_mask2former_then_equal(rivals):
    torch, transformers = rivals
    legend = Legend.official("coco-panoptic-133")
    logits, masks = blobs(30, 134)
    theirs = transformers.Mask2FormerImageProcessor().post_process_semantic_segmentation(
        given(torch, logits, masks, MASK2FORMER), target_sizes=[SIZE]
    )[0]
    found = run(card(Task.SEMANTIC, legend, via=(384, 384)), logits, masks)

    assert np.count_nonzero(legend.ids[theirs.numpy()] != found.labels) <= 2


def test_instances_when_compared_with_rf_detr_then_equal_masks(rivals):
    torch, transformers = rivals
    known = load_cards()["rf-detr-seg-nano"]
    logits, masks = blobs(20, len(known.decoder.class_ids))
    logits -= 5
    theirs = transformers.RfDetrImageProcessor().post_process_instance_segmentation(
        given(torch, logits, masks, DETR),
        threshold=known.decoder.threshold,
        target_sizes=[SIZE],
        return_binary_maps=True,
    )[0]
    found = run(known, logits, masks)
    kept = [
        place
        for place, row in enumerate(theirs["segments_info"])
        if known.decoder.class_ids[row["label_id"]] >= 0
    ]

    assert len(found) == len(kept) > 5
    expected = theirs["segmentation"].numpy()[kept]
    assert np.count_nonzero(expected != np.asarray(found.masks)) <= 2
