import numpy as np
import pytest

from pixelwise.ops import meanshift as module
from pixelwise.ops.meanshift import mean_shift
from pixelwise.ops.strongest import strongest_near


def scene(height: int = 24, width: int = 30) -> np.ndarray:
    generator = np.random.default_rng(0)
    planes = generator.normal(50, 2, (3, height, width)).astype(np.float32)
    planes[0, :, width // 2 :] += 30
    planes[1, height // 2 :] -= 25
    return planes


def test_modes_when_found_then_each_is_the_mean_of_its_ball_by_the_book():
    planes = scene()
    modes = mean_shift(planes, 7.0, 9.0)
    y, x = np.mgrid[:24, :30]
    points = np.stack([y, x, *planes.astype(float)], axis=-1).reshape(-1, 5)
    scale = np.array([7, 7, 9, 9, 9])

    for mode, count in zip(modes.points, modes.counts, strict=True):
        near = (((points - mode) / scale) ** 2).sum(axis=1) <= 1
        assert np.abs((points[near].mean(axis=0) - mode) / scale).max() < 0.02
        assert abs(int(near.sum()) - count) <= 2


def test_modes_when_kept_then_no_two_lie_in_one_ball():
    modes = mean_shift(scene(), 7.0, 9.0)
    places = modes.points / np.array([7, 7, 9, 9, 9])

    squares = ((places[:, np.newaxis] - places) ** 2).sum(axis=2)

    assert len(places) == 4
    assert squares[~np.eye(len(places), dtype=bool)].min() > 1


def test_modes_when_four_quarters_then_pixels_climb_to_their_own():
    planes = scene()
    modes = mean_shift(planes, 14.0, 9.0)

    seen = modes.points[:, 2:].T[:, modes.labels - 1]

    assert np.abs(seen - planes).max() < 12
    assert modes.counts[0] == modes.counts.max()


def test_modes_when_not_compiled_then_the_same(monkeypatch):
    planes = scene(12, 14)
    compiled = mean_shift(planes, 5.0, 8.0)
    for name in (
        "_climb_rows",
        "_climb",
        "_shift",
        "_start_near",
        "cell_of",
        "slot_of",
        "remember",
        "empty_table",
    ):
        monkeypatch.setattr(module, name, getattr(module, name).py_func)
    monkeypatch.setattr(module, "_sum_columns", module._sum_columns_plain)
    plain = mean_shift(planes, 5.0, 8.0)

    assert np.array_equal(compiled.labels, plain.labels)
    assert np.allclose(compiled.points, plain.points, atol=1e-9)
    assert np.array_equal(compiled.counts, plain.counts)


@pytest.mark.parametrize("shape", [(1, 1), (1, 9), (9, 1), (3, 2)])
def test_modes_when_constant_then_colour_is_kept_and_every_pixel_has_one(shape):
    modes = mean_shift(np.full((3, *shape), 42, np.float32), 20.0, 5.0)

    assert np.allclose(modes.points[:, 2:], 42)
    assert modes.labels.min() >= 1
    assert modes.labels.max() == len(modes.points) == 1


def test_strongest_when_points_crowd_then_by_the_book():
    points = np.random.default_rng(0).uniform(0, 6, (200, 5))
    kept: list[int] = []
    expected = []
    for k, point in enumerate(points):
        near = [j for j in kept if ((points[j] - point) ** 2).sum() <= 1]
        expected.append(near[0] if near else k)
        kept += [] if near else [k]

    assert strongest_near(points).tolist() == expected
