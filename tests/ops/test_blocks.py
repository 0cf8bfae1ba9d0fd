import cv2
import numpy as np
import pytest

from pixelwise.ops import blocks as module
from pixelwise.ops.axes import centres
from pixelwise.ops.blocks import Coarse, shrunk_softly
from pixelwise.ops.compiled import COMPILED, Kernels


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


@pytest.mark.parametrize("compiled", [False, True] if COMPILED else [False])
@pytest.mark.parametrize("shape", [(1, 1, 3), (3, 9, 1), (40, 52, 3), (37, 21, 4), (8, 8, 2)])
@pytest.mark.parametrize(("factor", "margin"), [(4, 0), (4, 7), (8, 3)])
def test_shrunk_softly_when_compiled_or_not_then_halved_smoothed_and_halved(
    monkeypatch: pytest.MonkeyPatch,
    compiled: bool,
    shape: tuple[int, int, int],
    factor: int,
    margin: int,
) -> None:
    kernels = Kernels("pixelwise.ops.shrink_kernels")
    if compiled:
        kernels.warm()
    else:
        monkeypatch.setattr(kernels, "ready", lambda: None)
    monkeypatch.setattr(module, "SHRINKING", kernels)
    pixels = np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8)
    edge = margin * factor
    below, right = edge + -shape[0] % factor, edge + -shape[1] % factor
    framed = cv2.copyMakeBorder(pixels, edge, below, edge, right, cv2.BORDER_REFLECT_101)
    exact = framed.reshape(*framed.shape[:2], shape[2]).astype(np.float64)
    for step in range(factor.bit_length() - 1):
        if step:
            exact = smoothed(exact)
        exact = (exact[::2] + exact[1::2]) / 2
        exact = (exact[:, ::2] + exact[:, 1::2]) / 2
    made = shrunk_softly(pixels, factor, margin)
    assert made.shape == exact.shape
    if factor == 4:
        assert np.array_equal(made, np.floor(exact + 0.5))
    assert np.abs(made - exact).max() < 1.7  # beyond four, each further step rounds twice


def smoothed(values: np.ndarray) -> np.ndarray:
    for axis in (0, 1):
        wide = np.pad(values, [(int(axis == place),) * 2 for place in range(3)], "symmetric")
        length = values.shape[axis]
        parts = [np.take(wide, range(start, start + length), axis) for start in range(3)]
        values = (parts[0] + 2 * parts[1] + parts[2]) / 4
    return values
