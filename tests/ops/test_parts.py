import numpy as np

from pixelwise.ops.parts import connected_parts, join_alike


def test_parts_when_small_then_they_join_the_likest_neighbour():
    labels = np.array([[1, 1, 1, 3, 2, 2, 2]] * 3, np.int32)
    colours = np.array([[0, 0, 0, 8, 10, 10, 10]] * 3, np.float32)[..., np.newaxis]

    parts = connected_parts(labels, colours, 4)

    assert parts[0].tolist() == [1, 1, 1, 2, 2, 2, 2]


def test_parts_when_only_corners_touch_then_they_are_two():
    labels = np.array([[1, 2], [2, 1]], np.int32)

    assert connected_parts(labels, labels[..., np.newaxis], 0).max() == 4


def test_join_when_within_tolerance_then_means_are_measured_anew():
    labels = np.array([[1, 2, 3]], np.int32)
    colours = np.array([[[0.0], [4.0], [7.0]]])

    assert join_alike(labels, colours, 3.5).tolist() == [[1, 2, 2]]
    assert join_alike(labels, colours, 6).tolist() == [[1, 1, 1]]
    assert join_alike(labels, colours, 0) is labels
