import numpy as np
import pytest
from scipy.ndimage import distance_transform_edt

from pixelwise.ops.distance import KERNELS, distance_inside


@pytest.fixture(params=[True, False], ids=["compiled", "edt"])
def _way(request, monkeypatch):
    if request.param:
        KERNELS.warm()
    else:
        monkeypatch.setattr(KERNELS, "ready", lambda: None)


@pytest.mark.usefixtures("_way")
@pytest.mark.parametrize("share", [0.1, 0.6, 0.9, 0.995])
def test_distance_inside_when_compared_with_scipy_then_distances_are_equal(share):
    for seed, shape in enumerate([(40, 50), (1, 30), (30, 1), (7, 64)]):
        mask = np.random.default_rng(seed).random(shape) < share
        mask.reshape(-1)[0] = False
        np.testing.assert_allclose(distance_inside(mask), distance_transform_edt(mask), rtol=1e-6)


def test_distance_inside_when_the_spacing_differs_then_it_counts():
    mask = np.ones((9, 9, 9), bool)
    mask[4, 4, 4] = False
    spacing = (2.0, 1.0, 0.5)
    expected = distance_transform_edt(mask, sampling=spacing)
    np.testing.assert_allclose(distance_inside(mask, spacing), expected, rtol=1e-6)


@pytest.mark.usefixtures("_way")
def test_distance_inside_when_nothing_is_outside_then_it_is_infinite():
    assert np.isinf(distance_inside(np.ones((3, 3), bool))).all()
