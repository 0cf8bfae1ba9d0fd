import numpy as np
import pytest

from pixelwise.core import Image, Prompts
from pixelwise.errors import InputError
from pixelwise.methods.edges.active_contour import ActiveContour
from pixelwise.methods.edges.geodesic_contour import GeodesicContour, Pressure
from pixelwise.methods.edges.start import start_mask

ROWS, COLUMNS = np.mgrid[:90, :110]
DISC = np.hypot(ROWS - 45, COLUMNS - 55) < 22


def picture(contrast: int = 120, noise: float = 5.0) -> Image:
    pixels = 60 + contrast * DISC + np.random.default_rng(0).normal(0, noise, DISC.shape)
    return Image(np.clip(pixels, 0, 255).astype(np.uint8))


def iou(mask: np.ndarray, truth: np.ndarray = DISC) -> float:
    return float((mask & truth).sum() / (mask | truth).sum())


BOX = Prompts(boxes=[(25, 15, 86, 77)])
INSIDE = Prompts(points=[(50, 40)])
AROUND = Prompts(points=[(30, 20), (84, 22), (80, 72), (28, 70)])


@pytest.mark.parametrize(
    "method",
    [
        GeodesicContour(),
        GeodesicContour(prompts=BOX),
        GeodesicContour(prompts=INSIDE),
        GeodesicContour(prompts=BOX, smoothness=3, sigma=2),
        ActiveContour(prompts=BOX),
        ActiveContour(prompts=AROUND),
        ActiveContour(prompts=Prompts(boxes=[(44, 34, 66, 56)])),
    ],
)
def test_contour_when_it_has_come_to_rest_then_is_on_the_disc(method):
    result = method(picture())
    assert iou(result.mask) > 0.9
    assert result.provenance.notes == ()


def test_contour_when_the_disc_is_dark_then_is_found_too():
    dark = Image(255 - picture().pixels[..., 0])
    assert iou(GeodesicContour(prompts=BOX)(dark).mask) > 0.9
    assert iou(ActiveContour(prompts=BOX)(dark).mask) > 0.9


@pytest.mark.parametrize("method", [GeodesicContour(iterations=2), ActiveContour(iterations=2)])
def test_contour_when_stopped_early_then_says_so(method):
    assert "still moved after 2 steps" in method(picture()).provenance.notes[0]


@pytest.mark.parametrize("method", [GeodesicContour(), ActiveContour()])
def test_contour_when_there_is_no_edge_then_nothing(method):
    assert method(Image(np.full((30, 40), 90, np.uint8))).is_empty


def test_geodesic_when_two_things_then_splits():
    pixels = np.full((60, 100), 30, np.uint8)
    pixels[20:40, 15:35] = pixels[20:40, 65:85] = 220
    mask = GeodesicContour(sigma=2)(Image(pixels)).mask
    assert mask[30, 25]
    assert mask[30, 75]
    assert not mask[:, 45:55].any()


def test_geodesic_when_pressure_is_none_then_a_far_contour_does_not_reach():
    far = GeodesicContour(prompts=Prompts(boxes=[(5, 5, 20, 20)]), pressure=Pressure.NONE)
    assert iou(far(picture(noise=0)).mask) < 0.1


def test_geodesic_when_volume_then_finds_the_ball():
    grid = np.indices((30, 34, 34)) - np.array([15, 17, 17]).reshape(3, 1, 1, 1)
    ball = np.sqrt((grid**2).sum(axis=0)) < 9
    pixels = np.where(ball, 200, 40).astype(np.uint8)
    mask = GeodesicContour(sigma=1.5)(Image.volume(pixels)).mask
    assert iou(mask, ball) > 0.85


def test_snake_when_two_boxes_then_two_things():
    pixels = np.full((60, 100), 30, np.uint8)
    pixels[20:40, 15:35] = pixels[20:40, 65:85] = 220
    boxes = Prompts(boxes=[(10, 15, 40, 45), (60, 15, 90, 45)])
    truth = pixels > 100
    assert iou(ActiveContour(prompts=boxes, bending=0.05)(Image(pixels)).mask, truth) > 0.8


def test_snake_when_too_few_points_then_refused():
    with pytest.raises(InputError, match="3 or more"):
        ActiveContour(prompts=Prompts(points=[(3, 3), (9, 9)]))(picture())


def test_start_when_background_is_marked_then_left_out():
    prompts = Prompts(points=[(5, 5)], labels=[0], boxes=[(2, 2, 9, 9)])
    mask = start_mask(prompts, (12, 12))
    assert mask.sum() == 48
    assert not mask[5, 5]


def test_start_when_a_mask_then_taken_as_it_is():
    wanted = np.eye(6, dtype=bool)
    assert np.array_equal(start_mask(Prompts(masks=wanted[np.newaxis]), (6, 6)), wanted)


def test_start_when_the_box_is_outside_then_refused():
    with pytest.raises(InputError, match="outside"):
        start_mask(Prompts(boxes=[(50, 50, 60, 60)]), (12, 12))
