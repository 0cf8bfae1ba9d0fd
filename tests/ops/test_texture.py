import numpy as np

from pixelwise.ops.texture import textons


def test_textons_when_two_textures_meet_then_their_names_differ():
    x = np.arange(60)
    stripes = np.tile(np.where(x % 4 < 2, 80, 20), (30, 1)).astype(np.float32)
    picture = np.vstack([stripes, np.full((30, 60), 50, np.float32)])

    names = textons(picture, 6)
    above, below = set(names[4:24].ravel().tolist()), set(names[40:56].ravel().tolist())

    assert not above & below


def test_textons_when_called_twice_then_the_same():
    picture = np.random.default_rng(0).normal(50, 9, (20, 30)).astype(np.float32)

    assert np.array_equal(textons(picture, 8), textons(picture, 8))
    assert textons(picture, 8).max() < 8
