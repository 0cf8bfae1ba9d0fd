"""Zones and lines against ways written out by hand."""

import numpy as np
import pytest

from pixelwise.core import Crop, Foreground, Instances, Legend, Segments
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.tracking.zones import Line, Watch, Zone

LEGEND = Legend.of(["car"], things=["car"])
DOOR = Zone("door", ((10.0, 10.0), (30.0, 10.0), (30.0, 30.0), (10.0, 30.0)))
GATE = Line("gate", ((0.0, 20.0), (40.0, 20.0)))


def at(*feet):
    """Things whose feet are at these places, in order of their tracks 1.., None: not seen."""
    rows = [(n, foot) for n, foot in enumerate(feet, start=1) if foot is not None]
    boxes = [(x - 1, max(y - 4, 0), x + 1, y) for _, (x, y) in rows]
    table = Segments.of(
        np.zeros(len(rows)),
        box=np.reshape(boxes, (-1, 4)),
        track_id=np.array([n for n, _ in rows], np.int32),
    )
    crops = tuple(Crop((0, 0), np.ones((1, 1), bool)) for _ in rows)
    return Instances(table, crops, (60, 60), LEGEND)


def events(watch, feet):
    made = []
    for number, places in enumerate(feet):
        made += [(event.kind, event.track, event.frame) for event in watch.see(at(*places), number)]
    return made


def test_zone_when_a_thing_walks_through_then_enters_and_leaves_once():
    way = [[(x, 20)] for x in range(2, 50, 3)]
    assert events(Watch(zones=(DOOR,)), way) == [("enter", 1, 4), ("leave", 1, 11)]


def test_zone_when_a_thing_begins_inside_then_enters_at_once():
    assert events(Watch(zones=(DOOR,)), [[(20, 20)], [(20, 21)]]) == [("enter", 1, 0)]


def test_zone_when_a_thing_trembles_on_the_border_then_nothing():
    way = [[(9 + 2 * (step % 2), 20)] for step in range(20)]
    assert events(Watch(zones=(DOOR,)), way) == []


def test_line_when_crossed_both_ways_then_in_and_out_are_counted():
    down = [(20, y) for y in range(8, 40, 4)]
    watch = Watch(lines=(GATE,))
    assert events(watch, [[foot] for foot in [*down, *down[::-1]]]) == [
        ("in", 1, 5),
        ("out", 1, 13),
    ]
    assert watch.counts == {("gate", "in"): 1, ("gate", "out"): 1}


def test_line_when_passed_beside_its_end_then_not_counted():
    assert events(Watch(lines=(GATE,)), [[(50, y)] for y in range(8, 40, 4)]) == []


def test_line_when_crossed_while_out_of_sight_then_counted():
    way = [[(20, 10)], [(20, 12)], *[[None]] * 10, [(20, 30)], [(20, 31)]]
    assert events(Watch(lines=(GATE,)), way) == [("in", 1, 13)]


def test_watch_when_several_things_cross_then_each_is_counted():
    way = [[(5, y), (15, 44 - y), (25, 5)] for y in range(8, 40, 4)]
    watch = Watch(lines=(GATE,))
    events(watch, way)
    assert watch.counts == {("gate", "in"): 1, ("gate", "out"): 1}


def test_event_when_recorded_then_place_time_and_point_are_told():
    watch = Watch(zones=(DOOR,))
    (event,) = watch.see(at((20, 20)), 3, 0.25)
    assert event.record() == {
        "event": "enter",
        "place": "door",
        "track": 1,
        "class": "car",
        "frame": 3,
        "time_s": 0.25,
        "point": [20.0, 20.0],
    }


def test_places_when_unlawful_then_refused():
    with pytest.raises(InvalidSetting, match="three corners"):
        Zone("a", ((0, 0), (1, 1)))
    with pytest.raises(InvalidSetting, match="differ"):
        Line("a", ((1, 1), (1, 1)))
    with pytest.raises(InvalidSetting, match="different names"):
        Watch(zones=(DOOR,), lines=(Line("door", ((0, 0), (1, 1))),))
    with pytest.raises(InputError, match="need tracks"):
        Watch(zones=(DOOR,)).see(Foreground(np.ones((4, 4), bool)), 0)
