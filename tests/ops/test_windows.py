import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pixelwise.ops.windows import Window, tiles

SIDE = st.integers(1, 40)


@given(st.tuples(SIDE, SIDE), st.tuples(SIDE, SIDE))
def test_tiles_when_laid_then_every_pixel_is_covered_once(size, side):
    seen = np.zeros(size, int)
    whole = Window(0, 0, *size)

    for window in tiles(size, side):
        seen[window.within(whole)] += 1

    assert (seen == 1).all()
