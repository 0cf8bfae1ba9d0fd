import pickle

import numpy as np
import pytest

from pixelwise.core import (
    Crop,
    Foreground,
    Instances,
    Legend,
    Panoptic,
    Provenance,
    Regions,
    Segments,
    Semantic,
    Space,
)
from pixelwise.errors import InputError

PETS = Legend.of(["background", "cat"], things=["cat"])


def test_foreground_when_no_alpha_then_mask_as_numbers():
    result = Foreground(np.array([[True, False]]))

    assert result.alpha.tolist() == [[1.0, 0.0]]
    assert result.alpha.dtype == np.float32
    assert np.array_equal(np.asarray(result), result.mask)


def test_foreground_when_plane_given_then_made_array_only_when_asked():
    class Counting:
        shape = (1, 2)
        asked = 0

        def __array__(self, dtype=None, copy=None):
            Counting.asked += 1
            return np.array([[0.25, 0.75]], np.float32)

    result = Foreground(np.array([[False, True]]), Counting())

    assert Counting.asked == 0
    assert result.alpha.tolist() == [[0.25, 0.75]]
    assert Counting.asked == 1


def test_foreground_when_sizes_differ_then_error():
    with pytest.raises(InputError, match="differ"):
        Foreground(np.zeros((2, 2), bool), np.zeros((2, 3), np.float32))


@pytest.mark.parametrize("empty", [True, False])
def test_is_empty_when_nothing_claimed_then_true(empty):
    mask = np.full((2, 2), not empty)
    labels = mask.astype(np.int32)
    table = Segments.of([1])
    crops = () if empty else (Crop.of(mask),)

    assert Foreground(mask).is_empty is empty
    assert Regions(labels).is_empty is empty
    assert Panoptic(labels, table, PETS).is_empty is empty
    assert Semantic(np.where(mask, 1, 255), PETS).is_empty is empty
    assert Instances(table[: len(crops)], crops, (2, 2), PETS).is_empty is empty


def test_semantic_when_label_unknown_then_error():
    with pytest.raises(InputError, match=r"\[7\]"):
        Semantic(np.array([[7]]), PETS)


def test_of_ids_when_made_then_as_if_looked_up_and_wrong_ids_are_refused():
    labels, scores = np.array([[0, 1, 255]], np.int32), np.zeros((2, 1, 3), np.float32)
    plain, quick = Semantic(labels, PETS, scores), Semantic.of_ids(labels, labels[0], PETS, scores)

    assert (quick.size, quick.present, quick.space) == (plain.size, plain.present, plain.space)
    assert np.array_equal(quick.labels, labels)
    assert not quick.labels.flags.writeable
    with pytest.raises(InputError, match="not in the legend"):
        Semantic.of_ids(labels, np.array([0, 7], np.int32), PETS)
    with pytest.raises(InputError, match="scores must have shape"):
        Semantic.of_ids(labels, labels[0], PETS, scores[:1])


def test_semantic_when_present_then_void_not_counted():
    assert Semantic(np.array([[1, 255, 0]]), PETS).present == (0, 1)


def test_semantic_when_float_labels_then_error_instead_of_rounding():
    with pytest.raises(InputError, match="int32"):
        Semantic(np.array([[0.5]]), PETS)


def test_instances_when_masks_overlap_then_both_kept_whole():
    masks = np.zeros((2, 4, 4), bool)
    masks[0, :3] = True
    masks[1, 1:] = True
    masks[1, 2, 2] = False

    result = Instances.of(masks, np.array([1, 1]), PETS)

    assert np.array_equal(np.asarray(result), masks)
    assert result.segments.area.tolist() == [12, 11]
    assert result.segments.box.tolist() == [[0, 0, 4, 3], [0, 1, 4, 4]]
    assert np.array_equal(result.masks[-1], masks[1])
    assert len(result[np.array([False, True])]) == 1


def test_instances_when_mask_leaves_picture_then_error():
    crop = Crop((3, 3), np.ones((2, 2), bool))
    with pytest.raises(InputError, match="leaves"):
        Instances(Segments.of([1]), (crop,), (4, 4), PETS)


def test_panoptic_when_label_has_no_row_then_error():
    with pytest.raises(InputError, match="no row"):
        Panoptic(np.array([[2]]), Segments.of([1]), PETS)


def test_regions_when_counted_then_void_left_out():
    assert Regions(np.array([[0, 3, 3, 9]])).count == 2


def test_result_when_volume_then_space_has_three_axes():
    assert len(Regions(np.zeros((2, 2, 2), np.int32)).space.spacing) == 3
    with pytest.raises(InputError, match="axes"):
        Regions(np.zeros((2, 2, 2), np.int32), Space((2.0, 2.0)))


def test_made_by_when_called_then_a_twin_with_provenance():
    plain = Regions(np.ones((1, 1), np.int32))
    made = plain.made_by(Provenance("x"), Space((2.0, 2.0)))

    assert (made.provenance.method, made.space.spacing) == ("x", (2.0, 2.0))
    assert plain.provenance.method == ""


def test_results_when_pickled_then_the_same():
    made = Provenance("otsu", {"bins": 2}, seconds={"segment": 0.5})
    result = pickle.loads(pickle.dumps(Foreground(np.eye(2, dtype=bool), provenance=made)))

    assert np.array_equal(result.mask, np.eye(2))
    assert result.provenance == made


def test_results_when_made_then_array_is_frozen_but_the_callers_is_not():
    labels = np.zeros((2, 2), np.int32)
    result = Regions(labels)

    with pytest.raises(ValueError, match="read-only"):
        result.labels[0, 0] = 1
    labels[0, 0] = 1
