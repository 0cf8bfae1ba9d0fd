"""A still camera: what moves, what is shadow, and events of a street."""

import cv2
import numpy as np
import pytest

from pixelwise.apps.surveillance import BACKGROUNDS, LEGEND, Moving
from pixelwise.core import Image
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.tracking import TRACKERS
from pixelwise.tracking.zones import Line, Watch

NAMES = sorted(BACKGROUNDS)
MOVING, SHADOW = LEGEND.id_of("moving"), LEGEND.id_of("shadow")
SIZE = (90, 160)


def street(number, *, car=True, lamp=1.0):
    """A car that drives from left to right with its shadow before it."""
    random = np.random.default_rng(number)
    pixels = cv2.resize(
        np.random.default_rng(1).integers(110, 150, (6, 10, 3)).astype(np.uint8), SIZE[::-1]
    ).astype(np.float64)
    x = 4 * number
    if car:
        pixels[60:78, x : x + 40] *= 0.7
        pixels[35:60, x : x + 30] = (200, 40, 40)
    noisy = lamp * pixels + random.normal(0, 2, pixels.shape)
    truth = np.zeros(SIZE, bool)
    truth[35:60, x : x + 30] = car
    return Image(np.clip(noisy, 0, 255).astype(np.uint8)), truth


@pytest.mark.parametrize("name", NAMES)
def test_background_when_a_car_passes_then_it_moves_and_the_street_does_not(name):
    background = BACKGROUNDS[name]()
    background.learn(street(number, car=False)[0] for number in range(60))
    for number in range(3, 30, 2):
        image, truth = street(number)
        moving = background(image).labels == MOVING
        assert np.count_nonzero(moving & truth) > 0.8 * truth.sum()
        assert np.count_nonzero(moving & ~truth) < 0.3 * truth.sum()


def test_median_when_a_shadow_falls_then_it_is_told_apart():
    background = BACKGROUNDS["median"]()
    background.learn(street(number, car=False)[0] for number in range(20))
    labels = background(street(15)[0]).labels
    assert np.mean(labels[63:75, 64:92] == SHADOW) > 0.8


def test_median_when_the_ground_was_never_empty_then_still_learnt():
    background = BACKGROUNDS["median"]()
    background.learn(street(number)[0] for number in range(32))
    assert not (background(street(0, car=False)[0]).labels == MOVING).any()


def test_median_when_the_lamp_dims_slowly_then_the_ground_follows():
    background = BACKGROUNDS["median"]()
    background.learn(street(number, car=False)[0] for number in range(64))
    for number in range(120):
        labels = background(street(number, car=False, lamp=1 - number * 0.001)[0]).labels
    assert np.mean(labels == MOVING) < 0.01


@pytest.mark.parametrize("name", NAMES)
def test_background_when_another_camera_is_shown_then_refused(name):
    background = BACKGROUNDS[name]()
    background(street(0)[0])
    with pytest.raises(InputError, match="another camera"):
        background(Image(np.zeros((20, 20, 3), np.uint8)))


def test_moving_when_tracked_over_a_line_then_one_event():
    background = BACKGROUNDS["median"]()
    background.learn(street(number, car=False)[0] for number in range(20))
    moving, tracker = Moving(background), TRACKERS["hybrid-sort"]()
    watch, events = Watch(lines=(Line("gate", ((80.0, 90.0), (80.0, 0.0))),)), []
    for number in range(2, 32):
        image, _ = street(number)
        events += watch.see(tracker.update(image, moving(image)), number)
    assert [(event.kind, event.track, event.class_name) for event in events] == [
        ("in", 1, "moving")
    ]


def test_moving_when_a_part_is_small_then_left_out():
    with pytest.raises(InvalidSetting, match="least"):
        Moving(BACKGROUNDS["median"](), least=2)
    background = BACKGROUNDS["median"]()
    background.learn(street(number, car=False)[0] for number in range(20))
    assert len(Moving(background, least=0.2)(street(15)[0])) == 0


def test_median_when_on_a_highway_then_f_measure_is_090(data_dir):
    folder = data_dir / "cdnet_highway" / "highway"
    paths = sorted((folder / "input").glob("*.jpg"))
    images = [Image(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1])) for path in paths]
    background = BACKGROUNDS["median"]()
    background.learn(images[:100])
    hits = wrong = missed = 0
    for path, image in zip(paths[100:], images[100:], strict=True):
        name = path.name.replace("in", "gt").replace(".jpg", ".png")
        truth = cv2.imread(str(folder / "groundtruth" / name), cv2.IMREAD_GRAYSCALE)
        found = background(image).labels == MOVING
        hits += np.count_nonzero(found & (truth == 255))
        wrong += np.count_nonzero(found & (truth != 255) & (truth != 170))
        missed += np.count_nonzero(~found & (truth == 255))
    assert 2 * hits / (2 * hits + wrong + missed) >= 0.90
