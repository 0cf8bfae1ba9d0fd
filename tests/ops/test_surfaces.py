"""Surfaces of masks whose measures are known."""

import numpy as np
import pytest

from pixelwise.ops.surfaces import Calliper, Crossings, diameters, surface_area, triangles


def ball(radius, spacing):
    sides = [int(2 * radius / step) + 5 for step in spacing]
    grid = np.meshgrid(
        *[(np.arange(n) - n / 2 + 0.3) * s for n, s in zip(sides, spacing, strict=True)],
        indexing="ij",
    )
    return sum(axis**2 for axis in grid) <= radius**2


@pytest.mark.parametrize("spacing", [(1, 1, 1), (3, 1, 1), (2.0, 0.5, 0.5)])
@pytest.mark.parametrize("radius", [10, 16])
def test_area_when_ball_then_that_of_the_sphere(spacing, radius):
    area = surface_area(ball(radius, spacing), spacing)
    assert area == pytest.approx(4 * np.pi * radius**2, rel=0.02)


def test_diameter_when_ball_or_box_then_known():
    plane, space = diameters(ball(10, (1, 1, 1)), (1, 1, 1))
    assert plane == pytest.approx(20, abs=1.6)
    assert space == pytest.approx(20, abs=1.9)
    box = np.zeros((9, 9, 9), bool)
    box[2:6, 1:4, 3:7] = True
    assert diameters(box, (2, 1, 1)) == pytest.approx((5.0, np.sqrt(8**2 + 5**2)))
    assert diameters(np.zeros((2, 2, 2), bool), (1, 1, 1)) == (0, 0)


def test_diameter_when_many_points_then_as_all_pairs():
    scattered = np.random.default_rng(0).random((60, 50, 50)) > 0.97
    corner = scattered.copy()
    corner[0, 0, 0] = corner[-1, -1, -1] = True
    assert diameters(corner, (1, 1, 1))[1] == pytest.approx(np.sqrt(60**2 + 2 * 50**2))


def test_triangles_when_ball_then_closed_and_outwards():
    corners, faces = triangles(ball(8, (1, 1, 1)))
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
    _, counts = np.unique(edges, axis=0, return_counts=True)
    assert (counts == 2).all()
    tri = corners[faces]
    volume = np.einsum("ij,ij->i", tri[:, 0], np.cross(tri[:, 1], tri[:, 2])).sum() / 6
    assert volume == pytest.approx(4 / 3 * np.pi * 8**3, rel=0.05)
    assert len(triangles(np.zeros((3, 3, 3), bool))[1]) == 0


@pytest.mark.parametrize("depth", [1, 2, 5])
def test_measures_when_in_slabs_then_those_of_the_whole(depth):
    spacing = (3.0, 1.0, 0.5)
    mask = np.random.default_rng(1).random((9, 14, 17)) > 0.8
    mask[3] = False
    mask[0, 0, 0] = mask[-1, -1, -1] = True
    crossings, calliper = Crossings(), Calliper(spacing)
    for start in range(0, len(mask), depth):
        crossings.take(mask[start : start + depth])
        calliper.take(mask[start : start + depth])
    assert crossings.area(spacing) == pytest.approx(surface_area(mask, spacing), rel=1e-12)
    assert calliper.diameters() == diameters(mask, spacing)
