"""Masks carried through films: made ones whose truth is known, and a clip of DAVIS."""

import cv2
import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Instances, Legend
from pixelwise.errors import InputError
from pixelwise.tracking.propagation import Propagation, moving_with

SIZE = (120, 200)
LEGEND = Legend.of(["ball"], things=["ball"])
PATTERN = cv2.resize(np.random.default_rng(4).normal(0, 45, (16, 16)), (64, 64))
"""Spots that move with a ball, so that its motion can be seen."""
COLOURS = ((220, 60, 50), (60, 90, 220))


def ground(seed=0):
    random = np.random.default_rng(seed)
    coarse = random.integers(40, 160, (15, 40, 3)).astype(np.uint8)
    return cv2.resize(coarse, (SIZE[1] * 2, SIZE[0]), interpolation=cv2.INTER_LINEAR)


def ball(x, y, radius=18):
    rows, columns = np.mgrid[0 : SIZE[0], 0 : SIZE[1]]
    return (rows - y) ** 2 + (columns - x) ** 2 < radius**2


def scene(balls, number, post=None):
    """Return a frame of spotted balls over a passing ground, and the masks in sight."""
    random = np.random.default_rng(number)
    pixels = ground()[:, 2 * number : 2 * number + SIZE[1]].copy()
    for mask, colour in zip(balls, COLOURS, strict=False):
        y, x = np.nonzero(mask)
        pattern = PATTERN[y - y.mean().astype(int) + 30, x - x.mean().astype(int) + 30]
        pixels[mask] = np.clip(np.array(colour) + pattern[:, np.newaxis], 0, 255)
    hidden = np.zeros(SIZE, bool)
    if post is not None:
        hidden[:, post] = True
        pixels[hidden] = (90, 90, 95)
    noisy = pixels + random.normal(0, 3, pixels.shape)
    return Image(np.clip(noisy, 0, 255).astype(np.uint8)), [mask & ~hidden for mask in balls]


def iou(one, other):
    return np.count_nonzero(one & other) / max(np.count_nonzero(one | other), 1)


def test_propagation_when_a_ball_moves_then_it_is_followed_to_its_edge():
    carry = Propagation(Foreground(ball(40, 60)))
    for number in range(16):
        image, (truth,) = scene([ball(40 + 6 * number, 60 + number)], number)
        result = carry(image)
        assert result.segments.track_id.tolist() == [1]
        assert iou(result.masks[0], truth) > 0.9


def test_propagation_when_half_is_hidden_for_a_while_then_it_comes_back():
    carry = Propagation(Foreground(ball(40, 60)))
    scores = []
    for number in range(26):
        image, (truth,) = scene([ball(40 + 5 * number, 60)], number, post=slice(92, 102))
        scores.append(iou(np.asarray(carry(image).masks).any(axis=0), truth))
    assert min(scores) > 0.4
    assert min(scores[-3:]) > 0.85


def test_propagation_when_out_of_sight_for_15_frames_then_found_again_with_its_id():
    carry = Propagation(Foreground(ball(60, 60)))
    seen = []
    for number in range(30):
        post = slice(20, 120) if 8 <= number < 23 else None
        image, (truth,) = scene([ball(60 + number, 60)], number, post)
        result = carry(image)
        seen.append(len(result))
        if not truth.any():
            assert sum(crop.area for crop in result.crops) < 60
    assert seen[20] == 0
    assert result.segments.track_id.tolist() == [1]
    assert iou(result.masks[0], truth) > 0.8


def test_propagation_when_two_things_cross_then_each_keeps_its_id_and_no_pixel_is_both():
    def pair(number):
        return [ball(30 + 6 * number, 45), ball(170 - 6 * number, 72)]

    masks = np.array(pair(0))
    table = Instances.of(masks, np.zeros(2, np.int32), LEGEND)
    first = Instances(
        table.segments.with_columns(track_id=[5, 9]), table.crops, table.size, table.legend
    )
    carry = Propagation(first)
    for number in range(22):
        balls = pair(number)
        image, _ = scene([balls[0] & ~balls[1], balls[1]], number)
        result = carry(image)
        if len(result) == 2:
            assert not (result.masks[0] & result.masks[1]).any()
    assert result.segments.track_id.tolist() == [5, 9]
    assert iou(result.masks[0], balls[0]) > 0.8
    assert iou(result.masks[1], balls[1]) > 0.8


@pytest.mark.parametrize("size", [(8, 8), (1, 40), (30, 500)])
def test_propagation_when_the_picture_is_odd_then_an_answer(size):
    mask = np.zeros(size, bool)
    mask[: max(1, size[0] // 2), : size[1] // 2] = True
    carry = Propagation(Foreground(mask))
    image = Image(np.where(mask[..., np.newaxis], 200, 30).astype(np.uint8).repeat(3, axis=2))
    for _ in range(3):
        result = carry(image)
    assert result.size == size


def test_propagation_when_nothing_is_given_or_sizes_differ_then_refused():
    with pytest.raises(InputError, match="no mask"):
        Propagation(Foreground(np.zeros(SIZE, bool)))
    with pytest.raises(InputError, match="the picture"):
        Propagation(Foreground(ball(40, 60)))(Image(np.zeros((9, 9, 3), np.uint8)))


def test_propagation_when_on_a_real_clip_then_far_above_plain_flow(data_dir):
    """Plain flow loses the dog behind the first post."""
    folder = data_dir / "davis2016"
    paths = sorted((folder / "JPEGImages" / "libby").glob("*.jpg"))[:14]
    truths = [
        cv2.imread(str(folder / "Annotations" / "libby" / f"{path.stem}.png"), 0) > 127
        for path in paths
    ]
    carry = Propagation(Foreground(truths[0]))
    scores = []
    for path, truth in zip(paths, truths, strict=True):
        image = Image(np.ascontiguousarray(cv2.imread(str(path))[..., ::-1]))
        scores.append(iou(np.asarray(carry(image).masks).any(axis=0), truth))
    assert np.mean(scores[1:]) > 0.7


def crossing(count=4):
    """Return frames before a camera that pans: a ball that moves by itself, and the masks."""
    return [scene([ball(60 + 4 * number, 60)], number) for number in range(count)]


def test_moving_with_when_a_point_is_on_the_ball_then_the_ball():
    images = [image for image, _ in crossing()]
    mask = moving_with(images, np.float32([(66, 52)]))
    assert iou(mask, ball(60, 60)) > 0.85


def test_moving_with_when_a_point_is_on_the_passing_ground_then_nothing():
    images = [image for image, _ in crossing()]
    assert moving_with(images, np.float32([(150, 30)])) is None


def test_moving_with_when_there_is_one_frame_then_nothing():
    assert moving_with([crossing(1)[0][0]], np.float32([(60, 60)])) is None


@pytest.mark.data
@pytest.mark.parametrize(("clip", "x", "y"), [("scooter-black", 624, 219), ("libby", 363, 252)])
def test_moving_with_when_a_thing_of_davis_is_pointed_at_then_most_of_it(data_dir, clip, x, y):
    folder = data_dir / "davis2016"
    paths = sorted((folder / "JPEGImages" / clip).glob("*.jpg"))[:5]
    images = [Image(cv2.imread(str(path))[..., ::-1]) for path in paths]
    truth = cv2.imread(str(min((folder / "Annotations" / clip).glob("*.png"))), 0) > 127
    mask = moving_with(images, np.float32([(x, y)]))
    assert iou(mask, truth) > 0.65
