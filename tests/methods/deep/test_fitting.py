"""Pictures at the size of a network's input."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.cards import Fit, InputSpec, Layout
from pixelwise.core import Image, Tensor
from pixelwise.methods.deep.fitting import starts
from pixelwise.methods.deep.prepare import Preparer


@given(st.integers(1, 64), st.integers(1, 1000))
def test_starts_when_any_length_then_windows_cover_it_without_holes(side, more):
    length = side + more - 1
    found = starts(length, side)

    assert found[0] == 0
    assert found[-1] == length - side
    assert all(0 < after - before <= side for before, after in pairwise(found))


@pytest.mark.parametrize("layout", [Layout.NCHW, Layout.NHWC])
@pytest.mark.parametrize(("size", "wide"), [((8, 20), True), ((20, 8), False), ((8, 8), False)])
def test_laid_when_windows_then_a_batch_of_squares(layout, size, wide):
    spec = InputSpec(height=8, width=8, fit=Fit.WINDOWS, layout=layout)
    tensor = Tensor("x", (0,) * 4, np.dtype(np.float32))
    image = Image(np.random.default_rng(0).integers(0, 255, (*size, 3), dtype=np.uint8))
    preparer = Preparer.of(spec, [tensor])
    made, placed = preparer.laid(image)
    pixels = np.moveaxis(made, 1, -1) if layout is Layout.NCHW else made

    assert not preparer.takes_batches
    assert pixels.shape == (len(placed.starts), 8, 8, 3)
    for start, window in zip(placed.starts, pixels, strict=True):
        part = image.pixels[:, start : start + 8] if wide else image.pixels[start : start + 8]
        assert np.array_equal(window, part)
