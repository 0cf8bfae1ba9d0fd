import numpy as np
import pytest

from pixelwise.core import Segments
from pixelwise.errors import InputError


def test_getitem_when_boolean_then_rows_of_all_columns():
    table = Segments.of([3, 4, 5], score=[0.9, 0.1, 0.8], area=[1, 2, 3])
    kept = table[table.score > 0.5]

    assert kept.class_id.tolist() == [3, 5]
    assert kept.area.tolist() == [1, 3]
    assert kept.id.tolist() == [1, 3]


def test_getitem_when_index_then_in_its_order():
    assert Segments.of([3, 4, 5])[np.array([2, 0])].class_id.tolist() == [5, 3]


def test_empty_when_selected_from_then_empty():
    table = Segments.empty()
    assert len(table[table.score > 0.5]) == 0
    assert table.box.shape == (0, 4)


def test_iter_when_rows_then_plain_numbers():
    (row,) = Segments.of([7], box=[[1, 2, 3, 4]])
    assert row == (1, 7, 1.0, (1.0, 2.0, 3.0, 4.0), 0, -1)


@pytest.mark.parametrize(
    "columns",
    [
        {"id": [1, 1]},
        {"id": [0, 1]},
        {"score": [0.5]},
        {"score": [0.5, 1.5]},
        {"score": [0.5, float("nan")]},
        {"box": [[0, 0, 1, 1]]},
    ],
)
def test_segments_when_columns_do_not_fit_then_error(columns):
    with pytest.raises(InputError):
        Segments.of([1, 2], **columns)


def test_with_columns_when_tracks_given_then_only_they_change():
    table = Segments.of([1, 2]).with_columns(track_id=[5, 6])
    assert table.track_id.tolist() == [5, 6]
    assert table.class_id.tolist() == [1, 2]
