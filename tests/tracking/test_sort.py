"""Ids that last: through crossings, behind posts, with a poor detector."""

from dataclasses import replace

import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Panoptic, Segments, build
from pixelwise.errors import InputError, InvalidSetting, UnknownName
from pixelwise.evaluation import Evaluation
from pixelwise.tracking import TRACKERS
from tests.crossings import LEGEND, SIZE, crowd, film, passing, shaken

NAMES = sorted(TRACKERS)


def ids_of(tracker, frames):
    """Return, for each true thing, the ids that it was given, in order."""
    given: dict[int, list[int]] = {}
    for image, truth, found in frames:
        result = tracker.update(image, found)
        for number, mask in zip(truth.segments.track_id.tolist(), truth.masks, strict=True):
            for track, other in zip(result.segments.track_id.tolist(), result.masks, strict=True):
                if np.count_nonzero(mask & other) > 0.5 * np.count_nonzero(mask):
                    given.setdefault(number, []).append(track)
    return {number: list(dict.fromkeys(ids)) for number, ids in given.items()}


@pytest.mark.parametrize("name", NAMES)
def test_tracker_when_things_go_their_way_then_each_keeps_its_id(name):
    things, _ = passing(hidden=2)
    apart = [things[0], replace(things[1], places=things[1].places + np.array([0, 50]))]
    assert ids_of(TRACKERS[name](), film(apart, noise=0)) == {1: [1], 2: [2]}


@pytest.mark.parametrize("hidden", [10, 15, 25])
def test_tracker_when_two_meet_behind_a_post_then_ids_are_kept(hidden):
    things, post = passing(hidden)
    assert ids_of(TRACKERS["hybrid-sort"](), film(things, post=post, noise=0)) == {1: [1], 2: [2]}


def test_tracker_when_out_of_sight_for_longer_than_memory_then_a_new_id():
    things, post = passing(30)
    tracker = build(TRACKERS["hybrid-sort"], {"memory": "5"})
    assert ids_of(tracker, film(things, post=post, noise=0)) == {1: [1, 3], 2: [2, 4]}


def scored(name, settings=()):
    evaluation = Evaluation(["hota", "idf1"])
    for seed in (3, 4):
        tracker = build(TRACKERS[name], dict(settings))
        for number, (image, truth, found) in enumerate(film(crowd(seed), seed=seed)):
            evaluation.add(truth, tracker.update(image, found), f"{seed}/{number}")
    scores = evaluation.scores()
    return scores["hota"].value, scores["idf1"].value


def test_tracker_when_masks_and_colours_are_looked_at_then_better_than_boxes_alone():
    ours, boxes = scored("hybrid-sort"), scored("byte")
    assert ours[0] > boxes[0] + 0.03
    assert ours[1] > boxes[1] + 0.05


@pytest.mark.parametrize("hidden", [10, 15])
def test_tracker_when_the_camera_shakes_and_two_meet_behind_a_post_then_ids_are_kept(hidden):
    things, post = passing(hidden)
    camera = shaken(1, len(things[0].places))
    frames = list(film(things, post=post, noise=0, camera=camera))
    assert ids_of(TRACKERS["hybrid-sort"](), frames) == {1: [1], 2: [2]}


def test_tracker_when_the_camera_shakes_then_better_with_its_motion_taken_off():
    found = {}
    for camera in (True, False):
        evaluation = Evaluation(["hota", "idf1"])
        for seed in (3, 4):
            tracker, things = build(TRACKERS["hybrid-sort"], {"camera": camera}), crowd(seed)
            frames = film(things, seed=seed, camera=shaken(seed, len(things[0].places)))
            for number, (image, truth, seen) in enumerate(frames):
                evaluation.add(truth, tracker.update(image, seen), f"{seed}/{number}")
        scores = evaluation.scores()
        found[camera] = np.array([scores["hota"].value, scores["idf1"].value])
    assert (found[True] > found[False] + 0.05).all()


def one(x, score=0.9, class_id=0):
    mask = np.zeros((1, *SIZE), bool)
    mask[0, 40:80, x : x + 30] = True
    return Instances.of(mask, np.array([class_id]), LEGEND, score=np.float32([score]))


BLACK = Image(np.zeros((*SIZE, 3), np.uint8))


@pytest.mark.parametrize("name", NAMES)
def test_tracker_when_a_score_is_poor_then_the_track_goes_on_but_none_begins(name):
    tracker = TRACKERS[name]()
    assert tracker.update(BLACK, one(10)).segments.track_id.tolist() == [1]
    assert tracker.update(BLACK, one(14, score=0.15)).segments.track_id.tolist() == [1]
    fresh = TRACKERS[name]()
    assert len(fresh.update(BLACK, one(10, score=0.15))) == 0


@pytest.mark.parametrize("name", NAMES)
def test_tracker_when_the_class_flips_then_the_track_keeps_its_class(name):
    tracker = TRACKERS[name]()
    classes = [
        tracker.update(BLACK, one(10 + 3 * step, class_id=step == 4)).segments.class_id.tolist()
        for step in range(7)
    ]
    assert classes == [[0]] * 7


def test_tracker_when_a_thing_is_named_twice_then_one_track():
    both = np.zeros((2, *SIZE), bool)
    both[:, 40:80, 10:40] = True
    found = Instances.of(both, np.array([0, 1]), LEGEND, score=np.float32([0.5, 0.8]))
    result = TRACKERS["hybrid-sort"]().update(BLACK, found)
    assert result.segments.track_id.tolist() == [1]
    assert result.segments.class_id.tolist() == [1]


@pytest.mark.parametrize("name", NAMES)
def test_tracker_when_reset_then_ids_begin_anew(name):
    tracker = TRACKERS[name]()
    for _ in range(2):
        assert tracker.update(BLACK, one(10)).segments.track_id.tolist() == [1]
        tracker.update(BLACK, one(200))
        assert tracker.update(BLACK, one(200)).segments.track_id.tolist() == [2]
        tracker.reset()


@pytest.mark.parametrize("name", NAMES)
def test_tracker_when_nothing_is_there_then_nothing_comes(name):
    tracker = TRACKERS[name]()
    nothing = one(10)[:0]
    assert len(tracker.update(BLACK, nothing)) == 0
    tracker.update(BLACK, one(10))
    assert len(tracker.update(BLACK, nothing)) == 0


def test_tracker_when_segments_are_panoptic_then_things_have_ids_and_stuff_has_none():
    legend = type(LEGEND).of(["road", "car"], things=["car"])
    labels = np.full(SIZE, 1, np.int32)
    labels[40:80, 10:40] = 2
    result = Panoptic(labels, Segments.of([0, 1], id=[1, 2]), legend)
    tracked = TRACKERS["hybrid-sort"]().update(BLACK, result)
    assert tracked.segments.track_id.tolist() == [-1, 1]


def test_tracker_when_there_are_no_things_then_refused():
    with pytest.raises(InputError, match="one by one"):
        TRACKERS["byte"]().update(BLACK, Foreground(np.ones(SIZE, bool)))


def test_tracker_when_a_setting_is_wrong_then_refused():
    with pytest.raises(InvalidSetting, match="memory"):
        build(TRACKERS["byte"], {"memory": -1})
    with pytest.raises(UnknownName, match="tracker"):
        TRACKERS["bite"]


@pytest.mark.parametrize("name", NAMES)
def test_row_when_read_then_its_class_has_that_name_and_a_source(name):
    assert TRACKERS[name].name == name
    assert "Source:" in (TRACKERS[name].__doc__ or "")
