import numpy as np

from pixelwise.ops.graphs.alike import boundary_strength, merge_alike


def _halves():
    labels = np.arange(1, 65, dtype=np.int32).reshape(8, 8)
    values = np.zeros((8, 8, 1), np.float32)
    values[:, 4:] = 40
    return labels, values


def test_merge_alike_when_halves_differ_then_two_regions_stay():
    labels, values = _halves()
    found = merge_alike(labels, values, tolerance=10, min_size=1)
    assert found.max() == 2
    assert (found[:, :4] == found[0, 0]).all()


def test_merge_alike_when_tolerance_grows_then_regions_nest():
    labels = np.arange(1, 401, dtype=np.int32).reshape(20, 20)
    values = np.random.default_rng(0).random((20, 20, 3)).astype(np.float32) * 50
    fine, coarse = (merge_alike(labels, values, limit, 1) for limit in (5.0, 12.0))
    assert coarse.max() < fine.max()
    assert all(len(np.unique(coarse[fine == one])) == 1 for one in range(1, fine.max() + 1))


def test_merge_alike_when_min_size_is_large_then_no_region_is_smaller():
    labels = np.arange(1, 401, dtype=np.int32).reshape(20, 20)
    values = np.random.default_rng(0).random((20, 20, 3)).astype(np.float32) * 50
    assert np.bincount(merge_alike(labels, values, 1.0, 30).reshape(-1))[1:].min() >= 30


def test_boundary_strength_when_a_volume_ramps_then_it_is_the_slope():
    ramp = np.broadcast_to(np.arange(6, dtype=np.float32)[:, None, None, None] * 3, (6, 4, 4, 1))
    np.testing.assert_allclose(boundary_strength(ramp)[1:-1], 3.0, rtol=1e-6)
