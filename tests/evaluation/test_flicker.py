"""How much masks change beyond what moves."""

import numpy as np
import pytest

from pixelwise.evaluation.flicker import warped_change


@pytest.mark.parametrize("shape", [(12, 40), (24, 200), (8, 8), (200, 12), (64, 64)])
def test_change_when_nothing_moves_then_none_whatever_the_size(shape):
    grey = np.random.default_rng(0).integers(0, 255, shape).astype(np.uint8)
    mask = np.zeros(shape, bool)
    mask[2:6, 2:6] = True
    assert warped_change(grey, mask, grey, mask) == pytest.approx(0, abs=0.05)


def test_change_when_mask_jumps_on_a_still_picture_then_all():
    grey = np.random.default_rng(1).integers(0, 255, (64, 64)).astype(np.uint8)
    before, after = np.zeros((2, 64, 64), bool)
    before[10:20, 10:20] = after[40:50, 40:50] = True
    assert warped_change(grey, before, grey, after) == 1
