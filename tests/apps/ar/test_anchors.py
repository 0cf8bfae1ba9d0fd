"""Where things hang, on frames whose truth is drawn."""

import cv2
import numpy as np
import pytest

from pixelwise.apps.ar import Marker, Outline, Person, Screen, Spot, View
from pixelwise.apps.ar.anchors import parse_anchor
from pixelwise.apps.ar.markers import Family, marker_picture
from pixelwise.errors import InvalidSetting, UnknownName

SIZE = (240, 320)


def person(x=160, top=60):
    """Return the soft mask of a head 40 wide on shoulders 120 wide."""
    alpha = np.zeros(SIZE, np.uint8)
    cv2.ellipse(alpha, (x, top + 27), (20, 27), 0, 0, 360, 255, -1)
    cv2.rectangle(alpha, (x - 10, top + 40), (x + 10, top + 80), 255, -1)
    cv2.rectangle(alpha, (x - 60, top + 75), (x + 60, 239), 255, -1)
    return alpha


def seen(alpha=None, pixels=None, time_s=0.0):
    grey = np.full((*SIZE, 3), 90, np.uint8)
    empty = np.zeros(SIZE, np.uint8)
    return View(
        grey if pixels is None else pixels, empty if alpha is None else alpha, time_s=time_s
    )


def centre(place):
    return place.corners.mean(0)


def test_view_when_a_person_is_drawn_then_head_box_and_outline_are_found():
    view = seen(person())
    assert view.head.x == pytest.approx(160, abs=2)
    assert view.head.top == pytest.approx(60, abs=2)
    assert view.head.width == pytest.approx(41, abs=3)
    assert view.box == pytest.approx((100, 60, 221, 240), abs=2)
    assert view.outline[0] == pytest.approx((160, 60), abs=8)
    assert len(view.outline) > 400


def test_view_when_a_speck_is_beside_then_the_person_counts():
    alpha = person()
    alpha[2:8, 2:8] = 255
    assert seen(alpha).box == pytest.approx((100, 60, 221, 240), abs=2)


def test_view_when_nobody_is_there_then_nothing_is_found():
    view = seen()
    assert (view.head, view.box, view.outline) == (None, None, None)
    assert Person().place(view, 1.0) is None
    assert Outline().place(view, 1.0) is None


def test_screen_when_placed_then_at_its_share_of_the_frame():
    place = Screen(x=0.5, y=0.25, width=0.5).place(seen(), 0.5)
    assert place.corners.tolist() == [[80, 20], [240, 20], [240, 100], [80, 100]]
    assert not place.is_front


@pytest.mark.parametrize(
    ("spot", "x", "y", "front"),
    [
        (Spot.HEAD, 160, 42, True),
        (Spot.ABOVE, 160, 34, False),
        (Spot.LEFT, 76, 88, False),
        (Spot.RIGHT, 245, 88, False),
        (Spot.BACK, 160, 125, False),
    ],
)
def test_person_when_placed_then_at_that_part(spot, x, y, front):
    place = Person(at=spot).place(seen(person()), 1.0)
    assert centre(place) == pytest.approx((x, y), abs=6)
    assert place.is_front is front


def test_person_when_it_moves_then_the_place_follows_without_trembling():
    anchor, still, random = Person(at=Spot.ABOVE), [], np.random.default_rng(0)
    for number in range(60):
        view = seen(person(160 + int(random.integers(-2, 3))), time_s=number / 30)
        still.append(centre(anchor.place(view, 1.0))[0])
    assert np.std(still[20:]) < 0.8  # the mask trembles by 1.4
    for number in range(60, 90):
        place = anchor.place(seen(person(160 + 2 * (number - 60)), time_s=number / 30), 1.0)
    assert centre(place)[0] == pytest.approx(160 + 58, abs=12)


def test_outline_when_it_walks_then_the_foot_stays_on_the_outline():
    anchor = Outline(speed=0.2, width=0.5)
    for number in range(0, 60, 7):
        view = seen(person(), time_s=number / 30)
        corners = Outline(at=0.2 * number / 30, width=0.5).place(view, 1.0).corners
        foot = corners[2:].mean(0)
        gap = np.linalg.norm(view.outline - foot, axis=1).min()
        assert gap < 6
    assert anchor.place(view, 1.0).is_front


def with_marker(number, quad, family=Family.SMALL):
    side = 96
    pixels = np.full((*SIZE, 3), 200, np.uint8)
    marker = cv2.cvtColor(marker_picture(number, side, family), cv2.COLOR_GRAY2RGB)
    border = side // 8
    inner = np.float32(
        [[border, border], [side - border, border], [side - border] * 2, [border, side - border]]
    )
    matrix = cv2.getPerspectiveTransform(inner - 0.5, np.float32(quad) - 0.5)
    cv2.warpPerspective(marker, matrix, SIZE[::-1], dst=pixels, borderMode=cv2.BORDER_TRANSPARENT)
    return pixels


SLANTED = [[100, 80], [190, 95], [180, 170], [95, 150]]


@pytest.mark.parametrize("family", list(Family))
def test_marker_when_slanted_then_the_picture_lies_on_it(family):
    view = seen(pixels=with_marker(7, SLANTED, family))
    place = Marker(id=7, family=family).place(view, 1.0)
    assert np.abs(place.corners - SLANTED).max() < 1.5
    assert not place.is_front


def test_marker_when_held_before_the_person_then_the_thing_is_before_it():
    alpha = np.full(SIZE, 255, np.uint8)
    assert Marker().place(seen(alpha, with_marker(3, SLANTED)), 1.0).is_front


def test_marker_when_another_one_is_asked_for_then_nothing():
    assert Marker(id=8).place(seen(pixels=with_marker(7, SLANTED)), 1.0) is None


def test_marker_when_lost_for_a_moment_then_kept_and_then_gone():
    anchor = Marker()
    first = anchor.place(seen(pixels=with_marker(1, SLANTED)), 1.0)
    kept = anchor.place(seen(time_s=0.1), 1.0)
    assert np.abs(kept.corners - first.corners).max() < 1e-3
    assert anchor.place(seen(time_s=0.4), 1.0) is None


def test_marker_when_half_hidden_then_followed_by_its_flow():
    anchor = Marker(id=7)
    for number in range(12):
        quad = np.float32(SLANTED) + np.float32([3 * number, number])
        pixels = with_marker(7, quad)
        if number >= 3:  # something dark stands before its left third
            pixels[:, : int(quad[:, 0].min()) + 32] = 40
        place = anchor.place(seen(pixels=pixels, time_s=number / 30), 1.0)
        assert place is not None, number
    behind = Marker(id=7).place(seen(pixels=pixels), 1.0)
    assert behind is None  # the detector alone is lost
    assert np.abs(place.corners - quad).max() < 12  # smoothed: it lags while it moves


def test_marker_when_it_stands_then_the_foot_is_on_the_middle_and_the_head_above():
    flat = [[110, 120], [210, 120], [235, 170], [85, 170]]
    corners = Marker(stands=True).place(seen(pixels=with_marker(5, flat)), 1.5).corners
    foot, head = corners[2:].mean(0), corners[:2].mean(0)
    assert foot == pytest.approx((160, 142), abs=6)
    assert head[1] < 90
    assert head[0] == pytest.approx(160, abs=5)


def test_parse_anchor_when_text_is_wrong_then_says_what_there_is():
    with pytest.raises(UnknownName, match="screen"):
        parse_anchor("sky")
    with pytest.raises(UnknownName, match="width"):
        parse_anchor("screen:size=3")
    with pytest.raises(InvalidSetting, match=r"0\.001 to 10"):
        parse_anchor("screen:width=0")
    with pytest.raises(InvalidSetting, match="KEY=VALUE"):
        parse_anchor("screen:left")
    assert parse_anchor("person:at=left,width=2").at is Spot.LEFT
    assert parse_anchor("marker:id=3,stands=true,family=6x6-250").family is Family.LARGE
