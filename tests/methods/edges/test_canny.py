import cv2
import numpy as np
import pytest
from skimage import data

from pixelwise.core import Image
from pixelwise.errors import InvalidSetting
from pixelwise.methods.edges.canny import Canny, canny_edges


def disc(size: int = 80, radius: float = 20, bright: int = 200, dark: int = 40) -> np.ndarray:
    rows, columns = np.mgrid[:size, :size] - size / 2
    return np.where(np.hypot(rows, columns) < radius, bright, dark).astype(np.uint8)


def iou(first: np.ndarray, second: np.ndarray) -> float:
    return float((first & second).sum() / max((first | second).sum(), 1))


@pytest.mark.parametrize(("bright", "dark"), [(200, 40), (40, 200), (60, 50)])
def test_canny_when_a_disc_then_finds_it_whatever_its_brightness(bright: int, dark: int):
    pixels = disc(bright=bright, dark=dark)
    assert iou(Canny()(Image(pixels)).mask, pixels == bright) > 0.9


def test_canny_when_the_outline_has_a_gap_then_closes_it():
    pixels = np.full((60, 60), 100, np.uint8)
    pixels[20:50, 15:45] = 220
    pixels[10:30, 27:33] = np.linspace(100, 220, 20)[:, np.newaxis]  # too gentle for an edge
    assert Canny(low=12, high=20, gap=12)(Image(pixels)).mask[40, 30]
    assert Canny(low=12, high=20, gap=0)(Image(pixels)).is_empty


def test_canny_when_noise_only_then_nearly_nothing_at_a_high_level():
    pixels = np.random.default_rng(0).normal(100, 8, (80, 80)).clip(0, 255).astype(np.uint8)
    assert Canny(low=10, high=20)(Image(pixels)).is_empty


def test_canny_when_coins_then_finds_each():
    result = Canny()(Image(data.coins()))
    count, *_ = cv2.connectedComponents(result.mask.astype(np.uint8))
    assert 23 <= count - 1 <= 26


def test_canny_when_only_high_is_given_then_low_follows():
    made = Canny(high=20)(Image(disc())).provenance
    assert made.notes == ("slopes 8 20",)


def test_canny_when_float_then_slopes_are_still_levels():
    eight = Canny(low=4, high=10)(Image(disc())).mask
    unit = Canny(low=4, high=10)(Image(disc().astype(np.float32) / 255)).mask
    assert np.array_equal(eight, unit)


def test_canny_when_low_is_over_high_then_refused():
    with pytest.raises(InvalidSetting, match="low"):
        Canny(low=9, high=3)


def test_edges_when_a_step_then_one_pixel_thin():
    across = np.zeros((9, 9), np.float32)
    across[:, 3:6] = [2, 9, 4]
    edges = canny_edges(np.zeros_like(across), across, 1, 5)
    assert edges[1:-1].sum(axis=1).tolist() == [1] * 7


def test_edges_when_weak_and_alone_then_dropped():
    across = np.zeros((20, 20), np.float32)
    across[:10, 5] = 9
    across[12:, 14] = 3
    edges = canny_edges(np.zeros_like(across), across, 2, 8)
    assert edges[:, 5].any()
    assert not edges[:, 14].any()


def test_canny_when_a_thing_is_cut_by_the_border_then_the_border_closes_it():
    pixels = disc(size=80, radius=24)[40:]  # half of it lies above the picture
    truth = pixels == 200
    assert iou(Canny(border=True)(Image(pixels)).mask, truth) > 0.9
    assert Canny()(Image(pixels)).is_empty


def test_canny_when_an_edge_parts_the_picture_then_neither_side_is_a_thing():
    pixels = np.full((60, 60), 50, np.uint8)
    pixels[30:] = 200
    assert Canny(border=True)(Image(pixels)).is_empty
