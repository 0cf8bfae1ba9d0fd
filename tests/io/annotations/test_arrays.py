"""The arrays that supervision takes and gives; anything with its attributes will do."""

import numpy as np

from pixelwise.core import Instances, Legend
from pixelwise.io.annotations.arrays import detections_of, instances_from

LEGEND = Legend.of(["cat", "dog"], things=["cat", "dog"])


def test_detections_when_brought_back_then_the_things_are_the_same():
    masks = np.zeros((2, 20, 30), bool)
    masks[0, 2:9, 3:12] = masks[1, 5:15, 8:20] = True  # they overlap
    things = Instances.of(masks, [1, 0], LEGEND, score=[0.5, 0.9])
    arrays = detections_of(things)

    assert arrays.xyxy.tolist() == [[3, 2, 12, 9], [8, 5, 20, 15]]
    assert np.array_equal(arrays.mask, masks)
    back = instances_from(arrays, LEGEND)
    assert np.array_equal(np.stack(list(back.masks)), masks)
    assert back.segments.class_id.tolist() == [1, 0]
    assert np.allclose(back.segments.score, [0.5, 0.9])
