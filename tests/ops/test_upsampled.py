import cv2
import numpy as np
import pytest

from pixelwise.ops.resize import Window
from pixelwise.ops.upsampled import Upsampled, sigmoid, softmax


def values(shape):
    return np.random.default_rng(2).random(shape, np.float32)


def test_plane_when_read_then_half_pixel_bilinear():
    small = values((5, 6))
    grown = np.asarray(Upsampled(small, (20, 31)))
    assert grown.dtype == np.float32
    assert np.array_equal(grown, cv2.resize(small, (31, 20), interpolation=cv2.INTER_LINEAR))


def test_plane_when_several_channels_then_each_grown_and_one_can_be_had_alone():
    plane = Upsampled(values((3, 5, 6)), (20, 31))
    assert plane.shape == (3, 20, 31)
    assert np.array_equal(plane[1], np.asarray(plane)[1])
    assert np.array_equal(plane[:, 2:4], np.asarray(plane)[:, 2:4])


def test_plane_when_logits_then_the_softmax_is_grown():
    logits = values((3, 5, 6)) * 8
    plane = Upsampled(logits, (10, 12), activate=True)
    assert np.allclose(np.asarray(plane).sum(axis=0), 1, atol=1e-6)
    assert np.array_equal(plane.values, softmax(logits))


def test_plane_when_it_lies_in_a_window_then_the_padding_never_shows():
    small = np.zeros((8, 8), np.float32)
    small[:4] = 1
    plane = Upsampled(small, (30, 60), Window(bottom=0.5))
    assert (np.asarray(plane) == 1).all()


def test_levels_when_grown_as_bytes_then_within_two_levels_of_the_floats():
    plane = Upsampled(values((7, 9)), (50, 41))
    assert np.abs(plane.levels() - np.asarray(plane) * 255).max() <= 2


def test_plane_when_no_copy_is_allowed_then_refused():
    with pytest.raises(ValueError, match="copy"):
        np.array(Upsampled(values((2, 2)), (4, 4)), copy=False)


def test_values_when_written_then_refused():
    with pytest.raises(ValueError, match="read-only"):
        Upsampled(values((2, 2)), (4, 4)).values[0, 0] = 1


def test_sigmoid_when_huge_then_no_overflow():
    assert sigmoid(np.array([-1e9, 0, 1e9], np.float32)).tolist() == [0, 0.5, 1]
