import numpy as np
import pytest
from skimage.graph import route_through_array

from pixelwise.core import Image, Prompts
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.methods.edges.live_wire import LiveWire, edge_cost, wire

ROWS, COLUMNS = np.mgrid[:100, :120]
DISC = np.hypot(ROWS - 50, COLUMNS - 60) < 30
PICTURE = Image(np.where(DISC, 190, 50).astype(np.uint8))
FOUR = [(60, 20), (90, 50), (60, 80), (30, 50)]


def iou(mask: np.ndarray, truth: np.ndarray) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


def test_wire_when_four_clicks_on_a_disc_then_its_outline_is_found():
    assert iou(LiveWire(prompts=Prompts(points=FOUR))(PICTURE).mask, DISC) > 0.95


def test_wire_when_clicks_are_a_little_off_then_they_snap():
    rough = [(x + 3, y - 3) for x, y in FOUR]
    assert iou(LiveWire(prompts=Prompts(points=rough))(PICTURE).mask, DISC) > 0.95


def test_wire_when_label_0_then_cuts_a_hole():
    pixels = PICTURE.pixels[..., 0].copy()
    hole = np.hypot(ROWS - 50, COLUMNS - 60) < 12
    pixels[hole] = 50
    inner = [(60, 38), (72, 50), (60, 62), (48, 50)]
    prompts = Prompts(points=inner + FOUR, labels=[0] * 4 + [1] * 4)
    assert iou(LiveWire(prompts=prompts)(Image(pixels)).mask, DISC & ~hole) > 0.9


def test_wire_when_two_labels_then_two_things():
    pixels = np.full((40, 80), 30, np.uint8)
    pixels[10:30, 10:30] = pixels[10:30, 50:70] = 200
    corners = [(10, 10), (29, 10), (29, 29), (10, 29)]
    both = corners + [(x + 40, y) for x, y in corners]
    prompts = Prompts(points=both, labels=[1] * 4 + [2] * 4)
    assert iou(LiveWire(prompts=prompts)(Image(pixels)).mask, pixels > 100) > 0.85


def test_wire_when_compared_then_costs_as_little_as_the_best_path():
    cost, _ = edge_cost(PICTURE.pixels[..., 0].astype(np.float32), 1.0)
    path = wire(cost, [(20, 60), (80, 60)])[:, ::-1].astype(int)
    there = path[: len(path) // 2]
    best, price = route_through_array(cost, (20, 60), (80, 60), geometric=True)
    steps = np.hypot(*np.diff(there, axis=0).T)
    values = cost[tuple(there.T)]
    paid = (steps * (values[1:] + values[:-1]) / 2).sum()
    assert len(best) > 40
    assert paid == pytest.approx(price)


@pytest.mark.parametrize("prompts", [None, Prompts(), Prompts(boxes=[(1, 1, 5, 5)])])
def test_wire_when_there_are_no_clicks_then_says_what_is_missing(prompts):
    with pytest.raises(InvalidSetting, match="points"):
        LiveWire(prompts=prompts)(PICTURE)


def test_wire_when_a_click_is_outside_then_refused():
    with pytest.raises(InputError, match="outside"):
        LiveWire(prompts=Prompts(points=[(500, 3)]))(PICTURE)


def test_wire_when_one_click_then_one_pixel():
    assert LiveWire(prompts=Prompts(points=[(60, 50)]), snap=0)(PICTURE).area == 1
