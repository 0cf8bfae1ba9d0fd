import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.convert import (
    Fusion,
    fuse,
    to_foreground,
    to_instances,
    to_panoptic,
    to_semantic,
)
from pixelwise.core import Foreground, Instances, Legend, Panoptic, Regions, Segments, Semantic
from pixelwise.errors import InputError, UnknownName
from tests.strategies import PETS, instances, masks, panoptics, semantics

FREE = Fusion(min_score=0.0, min_visible=0.0, min_stuff_area=1)


@settings(max_examples=60, deadline=None)
@given(semantics())
def test_to_semantic_when_back_from_panoptic_then_the_same_but_background(result):
    back = to_semantic(to_panoptic(result))
    expected = np.where(result.labels == 255, 0, result.labels)

    assert np.array_equal(np.where(back.labels == 255, 0, back.labels), expected)


@settings(max_examples=60, deadline=None)
@given(panoptics())
def test_to_semantic_when_panoptic_then_class_of_every_segment(result):
    labels = to_semantic(result).labels
    for row in result.segments:
        assert (labels[result.labels == row.id] == row.class_id).all()
    assert (labels[result.labels == 0] == 255).all()


@settings(max_examples=60, deadline=None)
@given(masks)
def test_to_foreground_when_back_from_instances_then_the_same(mask):
    assert np.array_equal(to_foreground(to_instances(Foreground(mask))).mask, mask)


@settings(max_examples=60, deadline=None)
@given(panoptics())
def test_to_instances_when_panoptic_then_only_things_with_true_areas(result):
    things = to_instances(result)
    expected = [row.id for row in result.segments if row.class_id in PETS.things]

    assert things.segments.id.tolist() == expected
    for row, mask in zip(things.segments, things.masks, strict=True):
        assert np.array_equal(mask, result.labels == row.id)
        assert row.area == mask.sum()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_fuse_when_nothing_is_dropped_then_every_claim_is_answered(data):
    semantic = data.draw(semantics())
    things = data.draw(instances(semantic.size))
    result = fuse(semantic, things, FREE)

    claimed = to_foreground(things).mask | (semantic.labels == 3)
    assert np.array_equal(result.labels > 0, claimed)
    assert result.segments.area.sum() == claimed.sum()


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_fuse_when_claims_are_dropped_then_notes_say_so(data):
    semantic = data.draw(semantics())
    things = data.draw(instances(semantic.size))
    rules = Fusion(min_score=0.5, min_visible=0.5, min_stuff_area=4)
    result = fuse(semantic, things, rules)

    lost = (to_foreground(things).mask | (semantic.labels == 3)) & (result.labels == 0)
    kept = sum(PETS[row.class_id].is_thing for row in result.segments)
    assert not lost.any() or result.provenance.notes
    assert kept == len(things) or any("dropped" in note for note in result.provenance.notes)


def test_fuse_when_things_overlap_then_higher_score_wins():
    two = np.zeros((2, 1, 4), bool)
    two[0, 0, :3] = True
    two[1, 0, 1:] = True
    things = Instances.of(two, np.array([1, 2]), PETS, score=np.array([0.6, 0.9]))
    result = fuse(Semantic(np.full((1, 4), 255), PETS), things, FREE)

    names = [PETS.name(row.class_id) for row in result.segments]
    assert names == ["dog", "cat"]
    assert result.labels.tolist() == [[2, 1, 1, 1]]


def test_fuse_when_legends_differ_then_joined_by_name():
    street = Legend.of(["background", "road", "person"])
    semantic = Semantic(np.array([[1, 1, 2, 0]]), street)
    people = Legend.of(["person"], things=["person"])
    things = Instances.of(np.array([[[0, 0, 0, 1]]], bool), np.array([0]), people)
    result = fuse(semantic, things, FREE)

    assert [result.legend.name(row.class_id) for row in result.segments] == ["person", "road"]
    assert result.labels.tolist() == [[2, 2, 0, 1]]
    assert result.legend.void == 0


@settings(max_examples=60, deadline=None)
@given(instances())
def test_roads_when_from_instances_then_they_meet(things):
    """Whichever way is taken: the union of the things, and the surest of them for each pixel."""
    claimed = np.zeros(things.size, bool)
    for mask in things.masks:
        claimed |= mask
    whole, classes = to_panoptic(things), to_semantic(things)

    assert np.array_equal(to_foreground(things).mask, claimed)
    assert np.array_equal(whole.labels > 0, claimed)
    assert np.array_equal(to_foreground(whole).mask, claimed)
    assert np.array_equal(to_semantic(whole).labels[claimed], classes.labels[claimed])
    assert (classes.labels[~claimed] == PETS.id_of("background")).all()
    for row in whole.segments:
        assert row.area == np.count_nonzero(whole.labels == row.id)
        others = [mask for mask, score in zip(things.masks, things.segments.score, strict=True)
                  if score > row.score]  # fmt: skip
        assert not any(mask[whole.labels == row.id].any() for mask in others)


@settings(max_examples=60, deadline=None)
@given(panoptics())
def test_roads_when_panoptic_is_made_of_its_own_things_then_they_are_the_same(result):
    again = to_panoptic(to_instances(result))
    things = np.isin(result.labels, to_instances(result).segments.id)

    assert np.array_equal(again.labels > 0, things)
    assert np.array_equal(to_semantic(again).labels[things], to_semantic(result).labels[things])


@settings(max_examples=30, deadline=None)
@given(masks)
def test_roads_when_foreground_goes_any_way_round_then_it_comes_back(mask):
    result = Foreground(mask)
    for road in (to_semantic, to_instances, to_panoptic):
        assert np.array_equal(to_foreground(road(result)).mask, mask)
        for other in (to_semantic, to_instances, to_panoptic):
            assert np.array_equal(to_foreground(other(road(result))).mask, mask)


def test_roads_when_there_is_a_crowd_then_it_lies_below_and_stays_one():
    two = np.array([[[1, 1, 1]], [[0, 1, 0]]], bool)
    plain = Instances.of(two, np.array([1, 2]), PETS)
    rows = plain.segments.with_columns(crowd=[True, False])
    result = Instances(rows, plain.crops, plain.size, PETS)
    whole = to_panoptic(result)

    assert to_semantic(result).labels.tolist() == [[1, 2, 1]]
    assert whole.labels.tolist() == [[1, 2, 1]]
    assert whole.segments.crowd.tolist() == [True, False]
    assert to_foreground(result).mask.all()
    assert to_instances(whole).segments.crowd.tolist() == [True, False]
    fused = fuse(Semantic(np.full((1, 3), 255), PETS), result, FREE)
    assert fused.labels.tolist() == [[2, 1, 2]]
    assert fused.segments.crowd.tolist() == [False, True]


def test_roads_when_a_volume_then_the_same_rules():
    mask = np.zeros((2, 3, 4), bool)
    mask[0, 0, 0] = mask[1, 2, 2:] = True
    result = Foreground(mask)

    assert to_instances(result).segments.area.tolist() == [1, 2]
    for road in (to_semantic, to_instances, to_panoptic):
        assert np.array_equal(to_foreground(road(result)).mask, mask)


def test_roads_when_ids_are_huge_then_no_table_of_their_size():
    top = 2**31 - 1
    labels = np.array([[0, 5, top, top - 1]], np.int32)
    rows = Segments.of([1, 3, 2, 1], id=[5, top - 1, top, 7])
    result = Panoptic(labels, rows, PETS)

    assert to_semantic(result).labels.tolist() == [[255, 1, 2, 3]]
    assert to_foreground(result).mask.tolist() == [[False, True, True, False]]
    assert to_instances(result).segments.id.tolist() == [5, top]
    assert to_foreground(Regions(labels)).mask.tolist() == [[False, True, True, True]]
    assert len(to_instances(Regions(labels))) == 3


def test_fuse_when_sizes_differ_then_error():
    with pytest.raises(InputError, match="sizes differ"):
        fuse(Semantic(np.zeros((2, 2), int), PETS), Instances(Segments.empty(), (), (2, 3), PETS))


def test_to_semantic_when_instances_overlap_then_higher_score_wins():
    two = np.array([[[1, 1, 0]], [[0, 1, 0]]], bool)
    low_first = Instances.of(two, np.array([1, 2]), PETS, score=np.array([0.2, 0.8]))

    assert to_semantic(low_first).labels.tolist() == [[1, 2, 0]]


def test_to_foreground_when_classes_named_then_only_they():
    result = Semantic(np.array([[0, 1, 2, 3, 255]]), PETS)

    assert to_foreground(result).mask.tolist() == [[False, True, True, True, False]]
    assert to_foreground(result, ["dog"]).mask.tolist() == [[False, False, True, False, False]]
    with pytest.raises(UnknownName, match="cat"):
        to_foreground(result, ["cart"])


def test_to_instances_when_semantic_then_parts_of_thing_classes():
    labels = np.array([[1, 0, 1], [3, 3, 3], [2, 2, 2]])
    things = to_instances(Semantic(labels, PETS))

    assert things.segments.class_id.tolist() == [1, 1, 2]
    assert things.segments.area.tolist() == [1, 1, 3]


def test_roads_when_regions_then_one_segment_each_but_no_classes():
    regions = Regions(np.array([[0, 4, 4, 7]]))

    assert to_instances(regions).segments.id.tolist() == [4, 7]
    assert to_panoptic(regions).segments.area.tolist() == [2, 1]
    assert to_foreground(regions).mask.tolist() == [[False, True, True, True]]
    with pytest.raises(InputError, match="no class names"):
        to_semantic(regions)


@pytest.mark.parametrize(
    "result",
    [
        Foreground(np.zeros((2, 2), bool)),
        Semantic(np.full((2, 2), 255), PETS),
        Instances(Segments.empty(), (), (2, 2), PETS),
        Panoptic(np.zeros((2, 2), int), Segments.empty(), PETS),
    ],
)
def test_roads_when_empty_then_empty(result):
    for road in (to_foreground, to_semantic, to_instances, to_panoptic):
        answer = road(result)
        assert answer.size == (2, 2)
        assert answer.is_empty or isinstance(answer, Semantic)
