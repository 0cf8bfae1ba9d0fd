"""Things in overlapping windows, joined where they are one."""

from itertools import permutations

import numpy as np
import pytest

from pixelwise.core import Crop
from pixelwise.methods.deep.seams import Seams, Sighting
from pixelwise.ops.windows import Window

LEFT, RIGHT, BELOW = Window(0, 0, 40, 40), Window(0, 30, 40, 40), Window(30, 0, 40, 40)


def seen(window, top, left, bottom, right, class_id=0):
    """Return what a window sees of a box."""
    box = Window(top, left, bottom - top, right - left).shared_with(window)
    return Sighting(class_id, 0.9, Crop(box[:2], np.ones(box[2:], bool)), window)


def joined(*windows):
    """Return the things of windows with their sightings."""
    seams = Seams((40, 40))
    for window, sightings in windows:
        seams.add(window, sightings)
    return seams.things().tolist()


def test_seams_when_two_windows_see_a_thing_then_it_is_one():
    box = (10, 20, 30, 50)
    assert joined((LEFT, [seen(LEFT, *box)]), (RIGHT, [seen(RIGHT, *box)])) == [0, 0]


def test_seams_when_things_touch_across_the_border_then_they_stay_two():
    one, other = (10, 20, 20, 50), (20, 20, 30, 50)
    left = [seen(LEFT, *one), seen(LEFT, *other)]
    right = [seen(RIGHT, *other), seen(RIGHT, *one)]
    assert joined((LEFT, left), (RIGHT, right)) == [0, 1, 1, 0]


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (seen(LEFT, 5, 5, 9, 9), seen(RIGHT, 5, 60, 9, 66)),  # nothing in what both see
        (seen(LEFT, 0, 30, 10, 40), seen(RIGHT, 6, 30, 20, 40)),  # alike by less than half
        (seen(LEFT, 0, 30, 10, 40), seen(RIGHT, 0, 30, 10, 40, class_id=1)),
        (seen(LEFT, 0, 30, 10, 40), seen(LEFT, 0, 30, 10, 40)),
    ],
)
def test_seams_when_two_are_not_alike_then_they_stay_two(first, second):
    if first.window == second.window:
        assert joined((LEFT, [first, second])) == [0, 1]
    else:
        assert joined((first.window, [first]), (second.window, [second])) == [0, 1]


def test_seams_when_a_hole_is_all_that_both_see_then_they_stay_two():
    ring = np.ones((20, 30), bool)
    ring[:, 10:] = False
    first = Sighting(0, 0.9, Crop((10, 10), ring), LEFT)
    assert joined((LEFT, [first]), (RIGHT, [seen(RIGHT, 10, 32, 20, 38)])) == [0, 1]


def test_seams_when_the_windows_come_in_another_order_then_the_same_things():
    box, apart = (20, 20, 60, 50), (2, 32, 8, 60)
    windows = [
        (LEFT, [seen(LEFT, *apart), seen(LEFT, *box)]),
        (RIGHT, [seen(RIGHT, *box), seen(RIGHT, *apart)]),
        (BELOW, [seen(BELOW, *box)]),
    ]
    for order in permutations(windows):
        names = ["".join("ab"[one.crop.box[3] > 10] for one in row) for _, row in order]
        things = joined(*order)
        kinds = dict(zip(things, "".join(names), strict=True))
        assert len(kinds) == 2
        assert [kinds[thing] for thing in things] == list("".join(names))


def test_seams_when_windows_above_are_forgotten_then_those_that_reach_down_are_known():
    seams = Seams((40, 40))
    seams.add(LEFT, [seen(LEFT, 20, 5, 60, 20)])
    seams.forget(BELOW.top)
    seams.add(BELOW, [seen(BELOW, 20, 5, 60, 20)])
    assert seams.things().tolist() == [0, 0]
    seams.forget(1000)
    seams.add(BELOW, [seen(BELOW, 20, 5, 60, 20)])
    assert seams.things().tolist() == [0, 0, 2]
