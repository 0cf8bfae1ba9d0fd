import numpy as np
import pytest

from pixelwise.core import Prompts, Scribble
from pixelwise.errors import InputError


def test_markers_when_all_kinds_then_points_over_scribbles_over_masks():
    mask = np.zeros((3, 4), bool)
    mask[:2] = True
    prompts = Prompts(
        points=[(0, 0)],
        labels=[5],
        scribbles=(Scribble([(0, 0), (3, 0)], label=0),),
        masks=mask[np.newaxis],
    )

    assert prompts.markers((3, 4)).tolist() == [[5, 0, 0, 0], [1, 1, 1, 1], [-1, -1, -1, -1]]


def test_markers_when_scribble_is_diagonal_then_no_gap():
    marked = Prompts(scribbles=(Scribble([(0, 0), (3, 3)]),)).markers((4, 4))
    assert np.array_equal(marked == 1, np.eye(4, dtype=bool))


def test_markers_when_volume_then_points_are_x_y_z():
    marked = Prompts(points=[(1, 2, 0)]).markers((1, 3, 2))
    assert np.argwhere(marked == 1).tolist() == [[0, 2, 1]]


@pytest.mark.parametrize("point", [(-1, 0), (4, 0), (0, 3)])
def test_markers_when_point_outside_then_error(point):
    with pytest.raises(InputError, match="outside"):
        Prompts(points=[point]).markers((3, 4))


@pytest.mark.parametrize(
    "values",
    [
        {"points": [(1, 2, 3, 4)]},
        {"points": [(float("nan"), 0)]},
        {"points": [(0, 0)], "labels": [1, 2]},
        {"points": [(0, 0)], "labels": [-1]},
        {"boxes": [(5, 0, 5, 3)]},
        {"masks": np.zeros((3, 4))},
    ],
)
def test_prompts_when_values_are_nonsense_then_error(values):
    with pytest.raises(InputError):
        Prompts(**values)


def test_is_empty_when_nothing_then_true():
    assert Prompts().is_empty
    assert not Prompts(text="cat").is_empty
