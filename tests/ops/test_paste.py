import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops import grow, paste
from pixelwise.ops.areas import KERNELS, areas_from
from pixelwise.ops.axes import centres
from pixelwise.ops.compiled import COMPILED
from pixelwise.ops.grow import bilinear, threshold
from pixelwise.ops.paste import covered, grow_inside, grow_sparse, mask_overlap, part, tight


@settings(max_examples=40, deadline=None)
@given(st.integers(2, 12), st.integers(1, 60), st.data())
def test_part_when_cut_then_the_same_values_as_the_whole(length, pixels, data):
    begin = data.draw(st.integers(0, pixels - 1))
    end = data.draw(st.integers(begin + 1, pixels))
    values = np.random.default_rng(0).random((length, 3)).astype(np.float32)
    axis, across = centres(length, pixels), centres(3, 5)
    cut, samples = part(axis, begin, end)

    assert np.array_equal(
        bilinear(values[samples], cut, across), bilinear(values, axis, across)[begin:end]
    )


@pytest.mark.parametrize(
    ("low", "high", "wanted"),
    [
        (0.0, 3.0, (0, 3)),
        (0.1, 2.9, (1, 3)),
        (-5.0, -1.0, (0, 0)),
        (7.0, 9.0, (5, 5)),
        (4.0, 2.0, (4, 4)),
    ],
)
def test_covered_when_edges_then_pixels_from_low_to_below_high(low, high, wanted):
    assert covered(low, high, 5) == wanted


def test_tight_when_empty_then_empty():
    assert tight(np.zeros((3, 4), bool))[1].size == 0


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6))
def test_mask_overlap_when_random_then_as_full_masks(seed):
    random = np.random.default_rng(seed)
    full = random.random((2, 9, 9)) < 0.3
    parts = [tight(mask) for mask in full]
    wanted = np.count_nonzero(full[0] & full[1]) / max(1, np.count_nonzero(full[0] | full[1]))

    assert mask_overlap(*parts) == pytest.approx(wanted)


@settings(max_examples=20, deadline=None)
@given(st.integers(2, 9), st.integers(2, 9), st.integers(1, 40), st.integers(1, 40))
def test_areas_when_any_size_then_as_the_grown_masks(height, width, tall, wide):
    scores = np.random.default_rng(height).random((height, width, 3)).astype(np.float32)
    rows, columns = centres(height, tall), centres(width, wide)
    below = float(np.nextafter(np.float32(0.5), np.float32(0)))
    wanted = [
        np.count_nonzero(threshold(scores[..., channel], below, rows, columns))
        for channel in range(3)
    ]

    assert areas_from(scores, 0.5, rows, columns).tolist() == wanted
    if COMPILED:
        KERNELS.warm()
        assert areas_from(scores, 0.5, rows, columns).tolist() == wanted


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.integers(0, 4), st.integers(0, 2**31), st.data())
def test_grow_sparse_when_few_samples_are_above_then_as_everywhere(
    height, width, above, seed, data
):
    random = np.random.default_rng(seed)
    scores = -random.random((height, width)).astype(np.float32)
    scores.reshape(-1)[random.integers(0, scores.size, above)] = random.random(above)
    end = data.draw(st.floats(0.5, height))  # below it lies padding
    axes = centres(height, data.draw(st.integers(1, 40)), 0.0, end), centres(width, 23)
    place, mask = grow_sparse(scores, 0.0, *axes)
    wanted_place, wanted = grow_inside(scores, 0.0, *axes)

    assert not mask.size or place == wanted_place
    assert np.array_equal(mask, wanted)


@pytest.mark.skipif(not COMPILED, reason="the extra fast is not installed")
@settings(max_examples=30, deadline=None)
@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 6), st.integers(0, 2**31))
def test_tight_when_compiled_then_as_the_fallback(height, width, pixels, seed):
    random = np.random.default_rng(seed)
    mask = np.zeros((height, width), bool)
    mask.reshape(-1)[random.integers(0, mask.size, pixels)] = True
    grow.KERNELS.warm()

    assert grow.KERNELS.ready().bounds(mask) == paste._bounds(mask)
