import cv2
import numpy as np
import pytest

from pixelwise.core import Image, Prompts, Scribble
from pixelwise.errors import InvalidSetting
from pixelwise.methods.regions.grabcut import GrabCut


def _scene(size=(120, 160)):
    generator = np.random.default_rng(0)
    y, x = np.mgrid[: size[0], : size[1]]
    thing = ((y - size[0] / 2) / (size[0] / 4)) ** 2 + ((x - size[1] / 2) / (size[1] / 5)) ** 2 <= 1
    picture = np.where(thing[..., None], (190, 70, 40), (60, 110, 70)) + generator.normal(
        0, 12, (*size, 3)
    )
    return np.clip(picture, 0, 255).astype(np.uint8), thing


def _overlap(first, second):
    return np.count_nonzero(first & second) / np.count_nonzero(first | second)


@pytest.mark.parametrize(
    "method",
    [
        GrabCut(box=(40, 20, 120, 100)),
        GrabCut(prompts=Prompts(boxes=[(40, 20, 120, 100)])),
        GrabCut(),
        GrabCut(
            prompts=Prompts(
                scribbles=(Scribble([(70, 60), (90, 60)], 1), Scribble([(5, 5), (150, 5)], 0))
            )
        ),
    ],
    ids=["box", "box prompt", "automatic", "scribbles"],
)
def test_grabcut_when_colours_differ_then_the_thing_is_found(method):
    picture, thing = _scene()
    assert _overlap(method(Image(picture)).mask, thing) > 0.97


def test_grabcut_when_a_mask_is_given_then_it_is_only_a_first_guess():
    picture, thing = _scene()
    rough = cv2.erode(thing.view(np.uint8), np.ones((9, 9))).astype(bool)
    result = GrabCut(prompts=Prompts(masks=rough[np.newaxis]))(Image(picture))
    assert _overlap(result.mask, thing) > 0.97


def test_grabcut_when_the_picture_is_large_then_it_is_cut_as_by_opencv():
    picture, _ = _scene((480, 640))
    mask = np.zeros((480, 640), np.uint8)
    models = np.zeros((1, 65)), np.zeros((1, 65))
    cv2.setRNGSeed(0)
    cv2.grabCut(picture, mask, (160, 80, 320, 320), *models, 5, cv2.GC_INIT_WITH_RECT)
    ours = GrabCut(box=(160, 80, 480, 400))(Image(picture)).mask
    assert _overlap(ours, mask % 2 == 1) > 0.98


def test_grabcut_when_ground_is_scribbled_in_the_box_then_it_stays_ground():
    picture, _ = _scene()
    stroke = Scribble([(70, 60), (90, 60)], 0)
    method = GrabCut(prompts=Prompts(boxes=[(40, 20, 120, 100)], scribbles=(stroke,)))
    assert not method(Image(picture)).mask[60, 70:91].any()


@pytest.mark.parametrize("shape", [(1, 1), (3, 3, 3), (40, 50)])
def test_grabcut_when_the_picture_is_constant_then_nothing_is_found(shape):
    assert GrabCut()(Image(np.full(shape, 50, np.uint8))).is_empty


def test_grabcut_when_the_box_misses_the_picture_then_it_says_so():
    with pytest.raises(InvalidSetting, match="box"):
        GrabCut(box=(200, 200, 300, 300))(Image(np.zeros((50, 50, 3), np.uint8)))
