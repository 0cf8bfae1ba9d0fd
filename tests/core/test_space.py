import numpy as np
import pytest

from pixelwise.core import Space, Unit
from pixelwise.errors import InputError


def test_area_of_when_spacing_is_metres_then_square_metres():
    assert Space((10.0, 20.0), Unit.METRE).area_of(3) == 600.0


def test_volume_of_when_voxels_are_millimetres_then_cubic_millimetres():
    assert Space((3.0, 0.5, 0.5), Unit.MILLIMETRE).volume_of(4) == 3.0


def test_area_of_when_unit_is_degrees_then_says_to_project():
    with pytest.raises(InputError, match="project"):
        Space((0.1, 0.1), Unit.DEGREE).area_of(1)


def test_volume_of_when_two_axes_then_error():
    with pytest.raises(InputError, match="two axes"):
        Space().volume_of(1)


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (-1.0, 1.0), (float("nan"), 1.0), (1.0,)])
def test_space_when_spacing_is_nonsense_then_error(spacing):
    with pytest.raises(InputError):
        Space(spacing)


def test_matrix_when_affine_given_then_same_numbers_and_space_is_hashable():
    space = Space((1, 1, 1), affine=np.diag([2.0, 3.0, 4.0, 1.0]))
    assert np.array_equal(space.matrix, np.diag([2.0, 3.0, 4.0, 1.0]))
    assert hash(space) == hash(Space((1, 1, 1), affine=np.diag([2.0, 3.0, 4.0, 1.0])))


def test_space_when_affine_is_not_square_then_error():
    with pytest.raises(InputError, match="affine"):
        Space(affine=((1.0, 0.0), (0.0, 1.0)))
