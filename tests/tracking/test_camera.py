"""The ground tells how the camera moved; things do not."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Image
from pixelwise.ops.planar import Planar, planes_of
from pixelwise.tracking.camera import Camera, Shift

SIZE = (240, 360)
NOTHING = np.zeros((0, 4))


@pytest.fixture(scope="module")
def ground():
    """Return a ground with something to see everywhere, larger than a frame."""
    random = np.random.default_rng(4)
    cells = random.integers(40, 210, (SIZE[0] // 6, SIZE[1] // 6, 3)).astype(np.uint8)
    return cv2.resize(cells, (2 * SIZE[1], 2 * SIZE[0]), interpolation=cv2.INTER_CUBIC)


def seen(ground, turn_deg=0.0, growth=1.0, step=(0.0, 0.0)):
    """Return what a camera sees after it turned, came closer and moved."""
    middle = (ground.shape[1] / 2, ground.shape[0] / 2)
    law = cv2.getRotationMatrix2D(middle, turn_deg, growth)
    law[:, 2] += np.array(step)
    wide = cv2.warpAffine(ground, law, ground.shape[1::-1], borderMode=cv2.BORDER_REFLECT)
    top, left = SIZE[0] // 2, SIZE[1] // 2
    return wide[top : top + SIZE[0], left : left + SIZE[1]]


def shift_between(first, second, boxes=NOTHING):
    camera = Camera()
    assert camera.follow(Image(first), boxes) is None
    return camera.follow(Image(second), boxes)


@pytest.mark.parametrize("step", [(7.0, 0.0), (-11.0, 5.0), (2.5, -1.5)])
def test_camera_when_it_pans_then_the_shift_is_the_ground_s(ground, step):
    shift = shift_between(seen(ground), seen(ground, step=step))
    assert shift.step == pytest.approx(step, abs=0.5)
    assert shift.turn == pytest.approx(np.eye(2), abs=0.004)


def test_camera_when_it_turns_and_comes_closer_then_a_box_follows_the_ground(ground):
    shift = shift_between(seen(ground), seen(ground, turn_deg=3, growth=1.04, step=(6, 2)))
    assert shift.growth == pytest.approx(1.04, abs=0.005)
    law = cv2.getRotationMatrix2D((SIZE[1] / 2, SIZE[0] / 2), 3, 1.04)
    middle = law @ (80, 60, 1) + (6, 2)
    box = shift.box(np.array([70.0, 50, 90, 70]))
    assert (box[:2] + box[2:]) / 2 == pytest.approx(middle, abs=0.7)
    assert box[2:] - box[:2] == pytest.approx((20.8, 20.8), abs=0.15)


def test_camera_when_frames_are_planes_then_the_same(ground):
    weights, camera = (0.2126, 0.0722), Camera()
    for pixels in (seen(ground), seen(ground, step=(9, 4))):
        planes = planes_of(np.ascontiguousarray(pixels), weights)
        shift = camera.follow(Image.of_plane(Planar(planes, weights, np.asarray)), NOTHING)
    assert shift.step == pytest.approx((9, 4), abs=0.5)


def test_camera_when_it_stands_still_then_none(ground):
    noise = np.random.default_rng(0).normal(0, 4, (2, *SIZE, 3))
    first, second = np.clip(seen(ground) + noise, 0, 255).astype(np.uint8)
    assert shift_between(first, second) is None


def test_camera_when_there_is_nothing_to_see_or_a_cut_then_none(ground):
    flat = np.full((*SIZE, 3), 90, np.uint8)
    assert shift_between(flat, flat) is None
    assert shift_between(flat, seen(ground)) is None
    assert shift_between(seen(ground), seen(ground[::-1, ::-1])) is None
    assert shift_between(seen(ground), seen(ground)[:120]) is None


def with_thing(pixels, left):
    made = pixels.copy()
    made[60:180, left : left + 90] = np.indices((120, 90)).sum(0)[..., np.newaxis] // 12 % 2 * 255
    return made


@pytest.mark.parametrize("is_known", [True, False])
def test_camera_when_only_a_thing_moves_then_none(is_known):
    """A sharp thing on a soft ground: all points that are found are its own."""
    soft = (
        np.full((*SIZE, 3), 120, np.uint8) + np.arange(SIZE[1], dtype=np.uint8)[:, np.newaxis] // 8
    )
    first, second = with_thing(soft, 100), with_thing(soft, 108)
    boxes = np.array([[100.0, 60, 198, 180]]) if is_known else NOTHING
    assert shift_between(first, second, boxes) is None


def test_camera_when_it_pans_and_a_thing_goes_with_it_then_the_ground_counts(ground):
    first, second = with_thing(seen(ground), 100), with_thing(seen(ground, step=(9, 0)), 100)
    shift = shift_between(first, second, np.array([[100.0, 60, 190, 180]]))
    assert shift.step == pytest.approx((9, 0), abs=0.5)


def test_shift_when_it_turns_a_quarter_then_a_box_keeps_its_size():
    quarter = Shift(np.array([[0.0, -1.0], [1.0, 0.0]]), np.array([100.0, 0.0]))
    assert quarter.box(np.array([10.0, 0, 30, 10])) == pytest.approx([85, 15, 105, 25])


@pytest.mark.parametrize("clip", ["libby", "scooter-black", "car-shadow"])
def test_camera_when_on_a_real_clip_then_the_ground_of_two_frames_agrees(data_dir, clip):
    folder = data_dir / "davis2016"
    camera, last, apart = Camera(), None, []
    for path in sorted((folder / "JPEGImages" / clip).glob("*.jpg"))[:10]:
        pixels = cv2.imread(str(path))
        thing = cv2.imread(str(folder / "Annotations" / clip / f"{path.stem}.png"), 0) > 127
        y, x = np.nonzero(thing)
        box = np.array([[x.min(), y.min(), x.max() + 1, y.max() + 1]], np.float64)
        shift = camera.follow(Image(np.ascontiguousarray(pixels[..., ::-1])), box)
        if last is not None:
            law = np.eye(2, 3) if shift is None else np.column_stack([shift.turn, shift.step])
            moved = cv2.warpAffine(last[0], law, pixels.shape[1::-1])
            ground = ~(thing | last[1])[60:-60, 100:-100]
            apart.append(
                [
                    np.abs(pixels.astype(int) - other)[60:-60, 100:-100][ground].mean()
                    for other in (last[0], moved)
                ]
            )
        last = (pixels, thing)
    before, after = np.mean(apart, axis=0)
    assert after < 0.6 * before
