import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.measure import label

from pixelwise.ops.components import KERNELS, components, relabel


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("diagonal", [True, False])
@settings(max_examples=40, deadline=None)
@given(
    seed=st.integers(0, 10**6),
    size=st.tuples(st.integers(1, 20), st.integers(1, 33))
    | st.tuples(st.integers(1, 5), st.integers(1, 6), st.integers(1, 17)),
)
def test_components_when_compared_with_skimage_then_labels_are_the_same(
    compiled, diagonal, seed, size
):
    generator = np.random.default_rng(seed)
    mask = generator.random(size) < generator.random()
    if compiled:
        KERNELS.warm()
    with pytest.MonkeyPatch.context() as patch:
        if not compiled:
            patch.setattr(KERNELS, "ready", lambda: None)
        labels, count = components(mask, diagonal=diagonal)
    expected = label(mask, connectivity=len(size) if diagonal else 1)
    np.testing.assert_array_equal(labels, expected)
    assert count == expected.max()


def test_components_when_eight_pixels_fill_a_word_then_runs_do_not_break():
    mask = np.zeros((2, 32), bool)
    mask[0, 3:29] = True
    labels, count = components(mask)
    assert count == 1
    assert labels[0].sum() == 26


def test_components_when_the_mask_is_not_contiguous_then_it_is_labelled_as_seen():
    mask = np.eye(6, dtype=bool)[::2, ::2]
    np.testing.assert_array_equal(components(mask)[0], components(mask.copy())[0])


def test_components_when_a_volume_is_given_then_slices_join():
    mask = np.zeros((2, 3, 3), bool)
    mask[0, 0, 0] = mask[1, 1, 1] = True
    assert components(mask)[1] == 1
    assert components(mask, diagonal=False)[1] == 2


def test_components_when_the_mask_is_empty_then_there_are_none():
    assert components(np.zeros((0, 4), bool))[1] == 0
    assert components(np.zeros((3, 4), bool))[1] == 0


def test_relabel_when_a_label_has_two_parts_then_each_gets_a_number():
    labels, count = relabel(np.array([[1, 0, 1], [2, 2, 0]]))
    assert count == 3
    assert labels[0, 1] == 0
    assert labels[0, 0] != labels[0, 2]
