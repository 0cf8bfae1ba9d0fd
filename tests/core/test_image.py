import pickle
from dataclasses import replace

import numpy as np
import pytest

from pixelwise.core import Image, Space
from pixelwise.errors import InputError


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((4, 5)),
        np.zeros((4, 5, 1), np.uint16),
        np.zeros((4, 5, 2), np.uint8),
        np.zeros((4, 5, 3), bool),
        np.zeros((4, 5, 3), ">u2"),
        np.zeros((8, 10, 3), np.uint8)[::-2, ::-2],
        np.zeros((5, 4, 3), np.uint8).transpose(1, 0, 2),
        [[0] * 5] * 4,
    ],
)
def test_image_when_array_is_odd_but_numeric_then_taken(array):
    image = Image(array)

    assert image.size == (4, 5)
    assert image.pixels.dtype.isnative


@pytest.mark.parametrize(
    "array",
    [
        np.array(3),
        np.zeros(7),
        np.zeros((0, 5)),
        np.zeros((4, 5), complex),
        np.array([[object()]]),
        np.array([["a"]]),
        np.zeros((3, 64, 80)),
        np.zeros((1, 2, 3, 4, 5)),
        None,
        [[1], [2, 3]],
    ],
)
def test_image_when_array_is_no_picture_then_typed_error(array):
    with pytest.raises(InputError):
        Image(array)


def test_image_when_device_tensor_refuses_then_typed_error():
    class OnDevice:
        def __array__(self, dtype=None, copy=None):
            raise TypeError("copy it to host memory first")

    with pytest.raises(InputError, match="host memory"):
        Image(OnDevice())


def test_image_when_made_then_own_array_stays_writeable_but_not_through_it():
    array = np.zeros((2, 2, 3), np.uint8)
    image = Image(array)

    assert not image.pixels.flags.writeable
    array[0, 0] = 7
    assert array.flags.writeable


def test_volume_when_made_then_three_axes_and_space():
    image = Image.volume(np.zeros((2, 3, 4)), Space((5.0, 1.0, 1.0)))

    assert (image.is_volume, image.size, image.channels) == (True, (2, 3, 4), 1)
    assert (image.height, image.width) == (3, 4)


def test_image_when_volume_without_space_then_three_spacings():
    assert len(Image(np.zeros((2, 3, 4, 1))).space.spacing) == 3


def test_with_pixels_when_called_then_space_and_notes_stay():
    image = Image(np.zeros((2, 2)), Space((2.0, 2.0)), ("truncated",))
    other = image.with_pixels(np.ones((4, 4)))

    assert (other.space, other.notes, other.size) == (image.space, ("truncated",), (4, 4))


class Counting:
    """Becomes an array when asked, and counts how often."""

    shape = (4, 6, 3)
    asked = 0

    def __array__(self, dtype=None, copy=None):
        self.asked += 1
        return np.full(self.shape, 7, np.uint8)


def test_of_plane_when_pixels_are_not_read_then_nothing_is_made():
    plane = Counting()
    image = Image.of_plane(plane, Space(time_s=1.0), ("truncated",))
    moved = image.with_space(Space(time_s=2.0)).with_plane(plane)

    assert (moved.size, moved.height, moved.width, moved.channels) == ((4, 6), 4, 6, 3)
    assert (moved.space.time_s, moved.notes, moved.is_volume) == (2.0, ("truncated",), False)
    assert plane.asked == 0


def test_of_plane_when_pixels_are_read_then_made_once_and_frozen():
    plane = Counting()
    image = Image.of_plane(plane)

    assert image.pixels is image.pixels
    assert (int(np.asarray(image).max()), image.pixels.flags.writeable) == (7, False)
    assert plane.asked == 1
    assert image.with_pixels(np.ones((2, 2))).plane is None
    assert np.array_equal(replace(image, notes=("a",)).pixels, image.pixels)
    assert np.array_equal(pickle.loads(pickle.dumps(image)).pixels, image.pixels)


def test_image_when_a_name_is_misspelt_then_attribute_error():
    with pytest.raises(AttributeError, match="pixel"):
        _ = Image(np.zeros((2, 2))).pixel
