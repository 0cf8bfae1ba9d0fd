import numpy as np
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelwise.ops.components import relabel
from pixelwise.ops.rings import rings

MAPS = arrays(np.int32, st.tuples(st.integers(1, 8), st.integers(1, 8)), elements=st.integers(0, 3))


def polygons(labels):
    parts, count = relabel(labels, diagonal=False)
    found = rings(parts)
    if not count:
        return parts, np.zeros(0, object), found
    lines = shapely.linearrings(found.points.astype(float), indices=found.ring)
    return parts, shapely.polygons(lines, indices=found.part - 1), found


@settings(max_examples=300, deadline=None)
@given(MAPS)
def test_rings_when_any_map_then_valid_polygons_of_the_same_area_that_share_their_borders(labels):
    parts, shapes, _ = polygons(labels)

    assert shapely.is_valid(shapes).all()
    assert shapely.area(shapes).tolist() == np.bincount(parts.ravel())[1:].tolist()
    assert shapely.coverage_is_valid(shapes)


def test_rings_when_a_part_has_a_hole_then_the_outer_ring_comes_first_and_turns_the_other_way():
    labels = np.ones((3, 3), np.int32)
    labels[1, 1] = 0

    _, _, found = polygons(labels)

    outer, hole = (found.points[found.ring == n].astype(float) for n in (0, 1))
    assert (not shapely.is_ccw(shapely.linearrings(hole))) != (
        not shapely.is_ccw(shapely.linearrings(outer))
    )
    assert outer.min() == 0
    assert hole.min() == 1


def test_rings_when_a_part_touches_itself_at_a_corner_then_its_polygon_is_valid():
    labels = np.array([[1, 1, 1], [1, 0, 1], [1, 1, 0]], np.int32)
    labels[2, 2], labels[1, 1] = 2, 3

    _, shapes, _ = polygons(labels)

    assert shapely.is_valid(shapes).all()
    assert sorted(shapely.area(shapes).tolist()) == [1, 1, 7]


def test_rings_when_a_pixel_of_the_part_is_asked_for_then_it_lies_in_it():
    labels = np.random.default_rng(0).integers(0, 4, (20, 30)).astype(np.int32)

    parts, _, found = polygons(labels)

    assert (parts.reshape(-1)[found.first] == found.part).all()


def test_rings_when_nothing_is_there_then_none():
    assert not len(rings(np.zeros((3, 4), np.int32)).part)
