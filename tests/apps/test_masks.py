"""Masks in slabs: every operation gives what it gives on the whole mask."""

import numpy as np
import pytest
from scipy import ndimage

from pixelwise.apps.medical.masks import Masks, Voxels, millimetres
from pixelwise.core import Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError
from pixelwise.ops.components import components

SPACING = (1.5, 1.0, 0.75)
OPERATIONS = {
    "closed": lambda masks: masks.closed(2.0),
    "opened": lambda masks: masks.opened(1.0),
    "grown": lambda masks: masks.grown(1.6),
    "shrunk": lambda masks: masks.shrunk(1.0),
    "filled": Masks.filled,
    "filled slices": Masks.filled_slices,
    "dropped": lambda masks: masks.dropped(0.02),
    "largest": lambda masks: masks.largest(2),
    "largest by faces": lambda masks: masks.largest(1, diagonal=False),
    "touching": lambda masks: masks.touching(masks.opened(1.0)),
    "one after the other": lambda masks: (
        ~(masks.closed(1.0).dropped(0.01).filled() & ~masks.opened(1.0).grown(0.8))
    ),
}


def scene(seed=0):
    """Blobs of many sizes, some hollow, some at the border."""
    noise = np.random.default_rng(seed).normal(0, 1, (17, 24, 26))
    soft = ndimage.gaussian_filter(noise, (1.0, 1.6, 1.6))
    shells = soft > 0.9 * soft.std()
    shells[6:11, 8:15, 8:15] = True
    shells[8, 10:13, 10:13] = False
    return shells


def in_slabs(mask, depth):
    cuts = range(0, len(mask), depth)
    depths = tuple(len(mask[at : at + depth]) for at in cuts)
    return Masks(lambda: (mask[at : at + depth] for at in cuts), depths, SPACING)


@pytest.mark.parametrize("depth", [1, 2, 7])
@pytest.mark.parametrize("name", OPERATIONS)
def test_operation_when_in_slabs_then_as_on_the_whole(name, depth):
    mask = scene()
    whole = OPERATIONS[name](Masks.of(mask, SPACING))
    made = OPERATIONS[name](in_slabs(mask, depth))
    assert len(made.depths) == len(in_slabs(mask, depth).depths)
    assert [len(piece) for piece in made] == list(made.depths)
    np.testing.assert_array_equal(made.whole, whole.whole)
    assert 0 < whole.whole.sum() < mask.size
    assert not np.array_equal(whole.whole, mask)


def test_closed_when_compared_with_scipy_then_the_same():
    mask = scene(2)
    grid = np.meshgrid(*[np.arange(-3, 4) * step for step in SPACING], indexing="ij")
    ball = sum(axis**2 for axis in grid) <= 2.0**2
    padded = np.pad(mask, 6, mode="edge")
    expected = ndimage.binary_closing(padded, ball)[6:-6, 6:-6, 6:-6]
    np.testing.assert_array_equal(in_slabs(mask, 3).closed(2.0).whole, expected)


def test_filled_when_compared_with_scipy_then_the_same():
    mask = scene(3)
    np.testing.assert_array_equal(in_slabs(mask, 2).filled().whole, ndimage.binary_fill_holes(mask))


def test_dropped_when_compared_with_components_then_the_same():
    mask = scene(4)
    labels, _ = components(mask)
    sizes = np.bincount(labels.ravel())
    least = int(np.ceil(0.05 * 1000 / np.prod(SPACING)))
    kept = mask & (sizes[labels] >= least)
    np.testing.assert_array_equal(in_slabs(mask, 3).dropped(0.05).whole, kept)


def test_voxels_when_in_slabs_then_tested_piece_by_piece(monkeypatch):
    from pixelwise.ops.slabs import slabs

    monkeypatch.setattr(slabs, "__defaults__", (24,))
    values = np.arange(60).reshape(5, 3, 4)
    shapes = []

    def test(piece):
        shapes.append(piece.shape)
        return piece > 30

    masks = Voxels(values, SPACING, in_slabs=True).where(test)
    assert masks.depths == (2, 2, 1)
    assert shapes == []
    np.testing.assert_array_equal(masks.whole, values > 30)
    assert shapes == [(2, 3, 4), (2, 3, 4), (1, 3, 4)]


def test_millimetres_when_there_are_none_then_refused():
    assert millimetres(Space((3.0, 2.0, 1.0), Unit.MILLIMETRE)) == (3.0, 2.0, 1.0)
    with pytest.raises(InputError, match="millimetres") as refused:
        millimetres(Space((1.0, 1.0, 1.0)))
    assert refused.value.reason == "affine"
