import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.overlap import box_overlaps, unsuppressed


def boxes(seed, count=40):
    random = np.random.default_rng(seed)
    corner = random.random((count, 2)) * 50
    return np.concatenate([corner, corner + random.random((count, 2)) * 30], 1).astype(np.float32)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.floats(0, 1))
def test_unsuppressed_when_any_then_as_the_slow_meaning(seed, level):
    random = np.random.default_rng(seed)
    rows, scores = boxes(seed), random.integers(0, 9, 40) / 10
    groups = random.integers(0, 3, 40)
    overlaps = box_overlaps(rows, rows)
    kept = []
    for row in np.argsort(-scores, kind="stable"):
        rivals = [other for other in kept if groups[other] == groups[row]]
        if all(overlaps[row, other] <= level for other in rivals):
            kept.append(int(row))

    assert unsuppressed(rows, scores, groups, level, most=99).tolist() == kept
    assert unsuppressed(rows, scores, groups, level, most=3).tolist() == kept[:3]


def test_box_overlaps_when_no_area_then_zero():
    flat = np.float32([[1, 1, 1, 5]])
    assert box_overlaps(flat, flat).tolist() == [[0]]


def test_unsuppressed_when_no_boxes_then_none():
    none = np.zeros((0, 4), np.float32)
    assert unsuppressed(none, none[:, 0], none[:, 0].astype(int), 0.5, most=9).size == 0
