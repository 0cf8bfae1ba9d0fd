"""Windows laid together: the compiled kernel, its fallback, and the strongest plane."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelwise.ops import mosaic
from pixelwise.ops.compiled import COMPILED
from pixelwise.ops.mosaic import lay, strongest

VALUES = st.floats(-8, 8, width=32)


@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, st.tuples(st.integers(1, 5), st.integers(1, 40), st.integers(1, 5))),
)
def test_strongest_when_any_planes_then_as_argmax(planes):
    planes = np.nan_to_num(planes, posinf=1, neginf=-1)
    assert (strongest(planes) == planes.argmax(axis=0)).all()


def test_strongest_when_there_are_many_planes_then_the_number_fits():
    planes = np.zeros((300, 1, 1), np.float32)
    planes[299] = 1
    assert strongest(planes).tolist() == [[299]]


@pytest.mark.skipif(not COMPILED, reason="numba is not installed")
@settings(max_examples=60, deadline=None)
@given(
    arrays(np.float32, (2, 3, 4), elements=VALUES),
    st.integers(-4, 6),
    st.integers(-5, 7),
    st.booleans(),
)
def test_window_when_laid_by_the_kernel_then_as_by_the_fallback(answer, y, x, strided):
    if strided:
        answer = np.moveaxis(np.ascontiguousarray(np.moveaxis(answer, 0, -1)), -1, 0)
    weights = np.float32([0.5, 1, 0.3]), np.float32([0.1, 0.7, 1, 0.2])
    made = []
    for ready in (lambda: None, lambda: __import__(mosaic.__name__ + "_kernels", fromlist=["lay"])):
        total = np.ones((2, 5, 6), np.float32)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(mosaic.KERNELS, "ready", ready)
            lay(total, answer, weights, (y, x))
        made.append(total)
    assert (made[0] == made[1]).all()
    inside = sum(
        answer[0, row, column] * (weights[0][row] * weights[1][column])
        for row in range(3)
        for column in range(4)
        if 0 <= y + row < 5 and 0 <= x + column < 6
    )
    assert (made[0] - 1)[0].sum() == pytest.approx(inside, abs=1e-3)
