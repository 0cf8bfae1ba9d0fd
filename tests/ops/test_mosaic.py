"""Windows laid together, and who wins: the compiled kernels and their fallbacks."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelwise.ops import mosaic
from pixelwise.ops.compiled import COMPILED
from pixelwise.ops.mosaic import lay, won

VALUES = st.floats(-8, 8, width=32)


ROADS = [lambda: None]
if COMPILED:
    ROADS.append(lambda: import_module("pixelwise.ops.mosaic_kernels"))


@pytest.mark.parametrize("ready", ROADS)
@settings(max_examples=40, deadline=None)
@given(
    planes=arrays(
        np.float32,
        st.tuples(st.integers(1, 5), st.integers(1, 40), st.integers(1, 5)),
        elements=st.floats(0, 2, width=16),
    ),
)
def test_won_when_any_planes_then_as_argmax_and_none_where_all_are_0(ready, planes):
    ids = np.arange(len(planes), dtype=np.uint8) * 2
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mosaic.KERNELS, "ready", ready)
        labels = won(planes, ids, 99)
    expected = np.where(planes.any(axis=0), ids[planes.argmax(axis=0)], 99)
    assert (labels == expected).all()
    assert labels.dtype == np.uint8


@pytest.mark.parametrize("ready", ROADS)
def test_won_when_ids_are_large_then_they_fit(ready):
    planes = np.zeros((300, 1, 1), np.float32)
    planes[299] = 1
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(mosaic.KERNELS, "ready", ready)
        assert won(planes, np.arange(300, dtype=np.uint16), 65535).tolist() == [[299]]


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
    for ready in ROADS:
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
