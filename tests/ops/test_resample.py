"""Volumes on another grid."""

import numpy as np

from pixelwise.ops.resample import resampled, shifted


def test_resampled_when_shifted_then_values_move_and_outside_is_filled():
    volume = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    step = np.eye(4)
    step[2, 3] = 1
    made = resampled(volume, step, (2, 3, 4), nearest=True, fill=-7)
    assert made.dtype == np.int16
    assert np.array_equal(made[..., :3], volume[..., 1:])
    assert (made[..., 3] == -7).all()


def test_shifted_when_whole_then_exact():
    plane = np.arange(12, dtype=np.float32).reshape(3, 4)
    assert np.array_equal(shifted(plane, (1, 0), 0)[:2], plane[1:])
