import numpy as np
import pytest

import pixelwise as pw
from pixelwise.core import Image, Prompts
from pixelwise.errors import InvalidSetting

EDGE = Image(np.repeat(np.uint8([[10, 10, 200, 200]]), 4, axis=0))
CORNER = np.zeros((4, 4), int)
CORNER[0, 3] = 1


@pytest.mark.parametrize(
    "seeds",
    [
        "3,0",
        [(3, 0)],
        np.array([[3.0, 0.0]]),
        CORNER,
        CORNER.astype(bool),
        Prompts(points=[(3, 0)]),
    ],
    ids=["text", "list", "array", "labels", "mask", "prompts"],
)
def test_region_growing_when_seeds_in_any_form_then_the_same_region(seeds):
    result = pw.segment(EDGE, method="region-growing", seeds=seeds, tolerance=5)

    assert result.mask[:, 2:].all()
    assert not result.mask[:, :2].any()


@pytest.mark.parametrize("seeds", ["3", "a,b", np.zeros((3, 3)), [[1, 2, 3]]], ids=range(4))
def test_region_growing_when_seeds_are_nonsense_then_error(seeds):
    with pytest.raises(InvalidSetting, match="seeds"):
        pw.segment(EDGE, method="region-growing", seeds=seeds)
