"""Whatever the result, the drawing has the picture's size and leaves both as they were."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Result, Semantic
from pixelwise.drawing import Colour, composite, cutout, draw, outlines
from tests.strategies import instances, label_maps, masks, panoptics, semantics

RESULTS = st.one_of(
    masks.map(Foreground), semantics(), instances(), panoptics(), label_maps(400).map(Regions)
)


def unclaimed(result: Result) -> NDArray[np.bool_]:
    match result:
        case Semantic():
            return np.isin(result.labels, [0, 255])
        case Instances():
            return ~np.asarray(result).any(axis=0)
        case Foreground():
            return ~result.mask
        case Panoptic() | Regions():
            return result.labels == 0
    raise AssertionError(result)


@settings(max_examples=150, deadline=None)
@given(RESULTS, st.integers(0, 99))
def test_outlines_when_any_result_then_what_is_unclaimed_stays(result: Result, seed: int) -> None:
    generator = np.random.default_rng(seed)
    image = Image(generator.integers(0, 256, (*result.size, 3), dtype=np.uint8))
    kept, claimed = image.pixels.copy(), np.asarray(result).copy()
    made = outlines(image, result).pixels
    free = unclaimed(result)
    assert np.array_equal(made[free], kept[free])
    assert draw(image, result).pixels.shape == kept.shape
    assert np.array_equal(image.pixels, kept)
    assert np.array_equal(np.asarray(result), claimed)


@settings(max_examples=80, deadline=None)
@given(masks, st.integers(0, 99))
def test_composite_when_mask_is_hard_then_each_pixel_is_one_or_the_other(
    mask: NDArray[np.bool_], seed: int
) -> None:
    pixels = np.random.default_rng(seed).integers(0, 256, (*mask.shape, 3), dtype=np.uint8)
    made = composite(Image(pixels), Foreground(mask), Colour((1, 2, 3))).pixels
    assert np.array_equal(made, np.where(mask[..., np.newaxis], pixels, (1, 2, 3)))
    cut = cutout(Image(pixels), Foreground(mask)).pixels
    assert np.array_equal(cut[mask, :3], pixels[mask])
    assert np.array_equal(cut[..., 3] > 0, mask)
