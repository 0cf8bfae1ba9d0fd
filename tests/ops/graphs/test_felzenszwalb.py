import numpy as np
import pytest
from skimage.segmentation import felzenszwalb as rival

from pixelwise.ops.graphs import felzenszwalb as module
from pixelwise.ops.graphs.felzenszwalb import felzenszwalb


def _picture(seed):
    generator = np.random.default_rng(seed)
    blocks = np.kron(generator.random((4, 5, 3)), np.ones((8, 8, 1)))
    return (blocks + generator.normal(0, 0.05, blocks.shape)).astype(np.float32)


def _same(first, second):
    pairs = np.unique(np.stack([first.reshape(-1), second.reshape(-1)]), axis=1).shape[1]
    return pairs == len(np.unique(first)) == len(np.unique(second))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("scale", [0.2, 1.0])
def test_felzenszwalb_when_weights_differ_then_the_partition_is_that_of_skimage(seed, scale):
    picture = _picture(seed)
    expected = rival(picture.astype(np.float64), scale=255 * scale, sigma=0, min_size=5)
    assert _same(felzenszwalb(picture, scale, 5), expected)


def test_felzenszwalb_when_numba_is_absent_then_labels_are_equal(monkeypatch):
    picture = _picture(9)
    compiled = felzenszwalb(picture, 0.5, 6)
    monkeypatch.setattr(module, "COMPILED", False)
    np.testing.assert_array_equal(felzenszwalb(picture, 0.5, 6), compiled)


def test_felzenszwalb_when_labels_are_given_then_they_count_in_raster_order():
    labels = felzenszwalb(_picture(2), 0.3, 4)
    _, first = np.unique(labels, return_index=True)
    assert (np.diff(first) > 0).all()
    assert labels.min() == 1


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 6, 3), (6, 1, 1)])
def test_felzenszwalb_when_the_picture_is_constant_then_there_is_one_region(shape):
    assert (felzenszwalb(np.ones(shape, np.float32), 1.0, 1) == 1).all()
