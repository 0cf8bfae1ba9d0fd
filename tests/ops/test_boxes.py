import numpy as np
from hypothesis import given, settings
from scipy.ndimage import find_objects
from tests.strategies import label_maps

from pixelwise.ops.boxes import boxes_of


@settings(max_examples=60, deadline=None)
@given(label_maps())
def test_boxes_of_when_compared_with_scipy_then_the_same(labels):
    ids = np.arange(1, 7)
    assert boxes_of(labels, ids) == find_objects(labels, max_label=6)


def test_boxes_of_when_volume_and_large_ids_then_three_slices():
    labels = np.zeros((3, 4, 5), np.int32)
    labels[1, 2:4, 3] = 16_000_000
    (box,) = boxes_of(labels, np.array([16_000_000]))
    assert box == (slice(1, 2), slice(2, 4), slice(3, 4))
