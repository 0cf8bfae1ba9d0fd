import numpy as np

from pixelwise.ops.graphs.markers import minima, peaks


def test_minima_when_a_plateau_is_lowest_then_it_is_one_marker():
    relief = np.array([[1, 1, 5, 0]])
    assert minima(relief).tolist() == [[1, 1, 0, 2]]


def test_peaks_when_two_are_near_then_the_higher_stays():
    height = np.array([[0, 5, 0, 6, 0, 0, 0, 4]])
    assert peaks(height, 2).tolist() == [[0, 0, 0, 1, 0, 0, 0, 2]]


def test_peaks_when_parts_differ_then_each_has_its_own():
    height = np.array([[3, 0, 5]])
    mask = np.array([[True, False, True]])
    assert peaks(height, 10, mask).tolist() == [[2, 0, 1]]


def test_peaks_when_the_mask_is_empty_then_there_are_none():
    assert not peaks(np.ones((3, 3)), 2, np.zeros((3, 3), bool)).any()


def test_peaks_when_a_volume_is_given_then_distance_counts_along_depth():
    height = np.zeros((6, 3, 3))
    height[0, 1, 1], height[5, 1, 1] = 2, 1
    assert peaks(height, 3).max() == 2
    assert peaks(height, 5).max() == 1
