import numpy as np
import pytest

from pixelwise.ops.axes import centres
from pixelwise.ops.blocks import Coarse


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
@pytest.mark.parametrize("channels", [1, 3])
def test_coarse_when_grown_then_the_rounded_bilinear_value(factor: int, channels: int) -> None:
    blocks = np.random.default_rng(factor).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    size = (5 * factor - (factor > 1), 7 * factor - (factor > 1))
    rows, columns = centres(5, 5 * factor), centres(7, 7 * factor)
    levels = blocks.astype(np.float64)
    tall = (
        levels[rows.start]
        + (levels[rows.start + 1] - levels[rows.start]) * (rows.weight[:, np.newaxis, np.newaxis])
    )
    wide = (
        tall[:, columns.start]
        + (tall[:, columns.start + 1] - tall[:, columns.start]) * (columns.weight[:, np.newaxis])
    )
    expected = np.floor(wide + 0.5)[: size[0], : size[1]]
    coarse = Coarse(blocks, factor, size)
    assert np.array_equal(coarse.grown(), expected)
    if factor > 1:
        assert np.array_equal(coarse._grown(), expected)


def test_coarse_when_grown_then_its_blocks_stay_as_they_are() -> None:
    blocks = np.full((2, 2, 3), 9, np.uint8)
    Coarse(blocks, 1, (2, 2)).grown()[...] = 0
    assert np.all(blocks == 9)
