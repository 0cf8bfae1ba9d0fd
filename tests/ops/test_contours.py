import numpy as np
import pytest

from pixelwise.ops.contours import close_gaps, enclosed, polygon, resampled


def ring(gap: int = 0) -> np.ndarray:
    """A square outline, one pixel thin, with a hole of ``gap`` pixels in its top side."""
    edges = np.zeros((20, 20), bool)
    edges[4, 4:16] = edges[15, 4:16] = edges[4:16, 4] = edges[4:16, 15] = True
    edges[4, 8 : 8 + gap] = False
    return edges


@pytest.mark.parametrize("gap", [0, 1, 3, 5])
def test_close_when_the_gap_is_small_then_the_ring_is_whole(gap: int):
    assert np.array_equal(close_gaps(ring(gap), 6), ring())


def test_close_when_the_gap_is_wide_then_stays_open():
    assert np.array_equal(close_gaps(ring(5), 3), ring(5))


def test_close_when_an_edge_lies_straight_ahead_then_is_reached():
    edges = np.zeros((9, 12), bool)
    edges[:, 9] = True
    edges[4, 1:6] = True
    assert close_gaps(edges, 5)[4, 6:9].all()


def test_close_when_there_are_no_edges_then_none():
    assert not close_gaps(np.zeros((4, 4), bool), 5).any()


def test_enclosed_when_a_tail_hangs_on_then_is_cut_off():
    edges = ring()
    edges[10, 15:19] = True
    area = enclosed(edges)
    assert area[4:16, 4:16].all()
    assert not area[10, 17:19].any()


def test_enclosed_when_open_then_empty():
    assert not enclosed(ring(2)).any()


def test_polygon_when_outside_in_part_then_cut():
    corners = np.float32([[-5, -5], [2, -5], [2, 2], [-5, 2]])
    assert polygon(corners, (6, 6)).sum() == 9


def test_resampled_when_spread_then_steps_are_equal():
    points = resampled(np.array([[0.0, 0], [9, 0], [9, 1], [0, 1]]), 40)
    steps = np.hypot(*np.diff(points, axis=0).T)
    assert steps.max() < 0.51
    assert len(points) == 40
