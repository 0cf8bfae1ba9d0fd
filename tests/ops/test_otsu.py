import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.ops.otsu import otsu_level


@given(values=st.lists(st.integers(0, 30), min_size=2, max_size=40))
@settings(max_examples=60, deadline=None)
def test_level_when_tried_one_by_one_then_none_is_better(values: list[int]):
    pixels = np.array(values, np.uint8)

    def within(level: float) -> float:
        parts = (pixels[pixels <= level], pixels[pixels > level])
        return sum(part.size * part.var() for part in parts if part.size)

    assert within(otsu_level(pixels)) <= min(within(level) for level in range(31)) + 1e-6


def test_level_when_constant_then_is_the_value():
    assert otsu_level(np.full(5, 7, np.uint8)) == 7
