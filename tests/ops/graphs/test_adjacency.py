import numpy as np

from pixelwise.ops.graphs.adjacency import adjacency, region_table


def test_adjacency_when_regions_share_faces_then_lengths_count_them():
    labels = np.array([[1, 1, 2], [3, 3, 2], [3, 3, 2]], np.int32)
    graph = adjacency(labels)
    assert graph.pairs.tolist() == [[1, 2], [1, 3], [2, 3]]
    assert graph.lengths.tolist() == [1, 2, 2]


def test_adjacency_when_regions_touch_by_a_corner_then_there_is_no_edge():
    assert adjacency(np.array([[1, 0], [0, 2]], np.int32)).pairs.shape == (0, 2)


def test_adjacency_when_strength_is_given_then_a_face_has_the_mean_of_its_pixels():
    graph = adjacency(np.array([[1, 2], [1, 2]], np.int32), np.array([[0, 4], [1, 3]]))
    assert graph.sums.tolist() == [4.0]
    assert graph.lengths.tolist() == [2.0]


def test_adjacency_when_a_volume_is_given_then_slices_touch():
    labels = np.array([[[1, 1]], [[2, 3]]], np.int32)
    assert adjacency(labels).pairs.tolist() == [[1, 2], [1, 3], [2, 3]]


def test_adjacency_when_the_map_is_one_pixel_or_void_then_there_are_no_edges():
    assert len(adjacency(np.ones((1, 1), np.int32)).pairs) == 0
    assert len(adjacency(np.zeros((3, 3), np.int32)).pairs) == 0


def test_region_table_when_values_have_channels_then_means_are_by_label():
    labels = np.array([[1, 1, 2]], np.int32)
    values = np.array([[[1, 10], [3, 20], [5, 30]]], np.float32)
    table = region_table(labels, values)
    assert table.sizes.tolist() == [0, 2, 1]
    assert table.means.tolist() == [[0, 0], [2, 15], [5, 30]]
