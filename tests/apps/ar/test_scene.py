"""What is shown: occlusion, light, shadows, parallax."""

import numpy as np
import pytest

from pixelwise.apps.ar import Layer, Look, Scene, Screen, Sprite, parse_layer, read_sprite
from pixelwise.core import Foreground, Image, Space
from pixelwise.drawing import Blur, Colour, Picture, Transparent
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.io.files import write
from tests.films import film

SIZE = (120, 160)
RED, GREEN, GREY = (255, 0, 0), (0, 200, 0), (90, 90, 90)


def frame(time_s=0.0):
    """Return a grey frame with a green person in its middle, and the mask."""
    pixels = np.full((*SIZE, 3), GREY, np.uint8)
    mask = np.zeros(SIZE, bool)
    mask[30:, 60:100] = True
    pixels[mask] = GREEN
    return Image(pixels, Space(time_s=time_s)), Foreground(mask)


def square(alpha=255, colour=RED):
    pixels = np.full((32, 32, 4), (*colour, alpha), np.uint8)
    return Sprite.still(Image(pixels))


MIDDLE = Screen(x=0.5, y=0.5, width=0.5)  # 80 pixels wide: columns 40 to 120, rows 20 to 100


def test_scene_when_a_thing_is_behind_then_the_person_hides_it():
    made = Scene([Layer(square(), MIDDLE)])(*frame()).pixels
    assert made[60, 45].tolist() == list(RED)
    assert made[60, 80].tolist() == list(GREEN)
    assert made[60, 20].tolist() == list(GREY)


def test_scene_when_a_thing_is_before_then_it_hides_the_person():
    made = Scene([Layer(square(), MIDDLE, front=True)])(*frame()).pixels
    assert made[60, 80].tolist() == list(RED)
    assert made[110, 80].tolist() == list(GREEN)


def test_scene_when_things_overlap_then_the_later_one_is_nearer():
    near = Layer(square(colour=(0, 0, 255)), MIDDLE)
    made = Scene([Layer(square(), MIDDLE), near])(*frame()).pixels
    assert made[60, 45].tolist() == [0, 0, 255]


def test_scene_when_half_clear_then_mixed():
    made = Scene([Layer(square(alpha=128), MIDDLE)])(*frame()).pixels
    expected = np.array(RED) * 128 / 255 + np.array(GREY) * 127 / 255
    assert np.abs(made[60, 45] - expected).max() <= 1


def test_scene_when_nothing_is_in_it_then_the_frame_as_it_is():
    image, result = frame()
    assert np.array_equal(Scene([])(image, result).pixels, image.pixels)


@pytest.mark.parametrize(
    "anchor",
    [
        Screen(x=1.4, y=0.5),
        Screen(x=1.0, y=1.0, width=1.5),
        Screen(x=-0.9, y=-0.9, width=0.1),
        Screen(width=0.003),
    ],
)
def test_scene_when_a_thing_is_partly_or_wholly_outside_then_still_a_frame(anchor):
    image, result = frame()
    made = Scene([Layer(square(), anchor)])(image, result)
    assert made.size == image.size


def test_scene_when_a_large_sprite_is_shrunk_then_not_aliased():
    y, x = np.mgrid[0:512, 0:512]
    board = np.where((x + y) % 2, 255, 0).astype(np.uint8)
    pixels = np.dstack([board, board, board, np.full_like(board, 255)])
    made = Scene([Layer(Sprite.still(Image(pixels)), Screen(x=0.1, y=0.1, width=0.1))])(*frame())
    assert np.abs(made.pixels[8:15, 12:20].astype(int) - 127).max() <= 3


def test_scene_when_the_clear_part_of_a_sprite_is_black_then_no_dark_fringe():
    pixels = np.zeros((32, 32, 4), np.uint8)
    pixels[8:24, 8:24] = 255  # a white square on black that is clear
    image = Image(np.full((*SIZE, 3), 255, np.uint8))
    nobody = Foreground(np.zeros(SIZE, bool))
    made = Scene([Layer(Sprite.still(Image(pixels)), Screen(turn=20, width=0.6))])(image, nobody)
    assert made.pixels.min() >= 253


def test_scene_when_another_background_then_the_person_before_it():
    for background in (Colour((0, 0, 250)), Picture(Image(np.full((9, 9, 3), 250, np.uint8)))):
        made = Scene([Layer(square(), MIDDLE)], background)(*frame()).pixels
        assert made[60, 10, 2] == 250
        assert made[60, 80].tolist() == list(GREEN)
        assert made[60, 45].tolist() == list(RED)


def test_scene_when_blurred_then_as_the_composite_where_nothing_is():
    from pixelwise.drawing import composite

    image, result = frame()
    made = Scene([], Blur(15))(image, result).pixels.astype(int)
    plain = composite(image, result, Blur(15)).pixels
    assert np.abs(made - plain).max() <= 1


def test_scene_when_the_background_is_clear_then_refused():
    with pytest.raises(InvalidSetting, match="stand before"):
        Scene([], Transparent())


def test_scene_when_sizes_differ_then_refused():
    with pytest.raises(InputError, match="result"):
        Scene([])(frame()[0], Foreground(np.zeros((4, 4), bool)))


def test_shadow_when_asked_for_then_dark_below_right_and_not_on_the_person():
    layer = Layer(square(), Screen(x=0.2, y=0.3, width=0.2))
    plain = Scene([layer])(*frame()).pixels.astype(int)
    made = Scene([layer], look=Look(shadow=0.8))(*frame()).pixels.astype(int)
    assert made[54, 34, 0] < plain[54, 34, 0] - 20  # just under the thing
    assert np.array_equal(made[:, 130:], plain[:, 130:])
    assert np.array_equal(made[60:, 62:98], plain[60:, 62:98])


def test_shadow_when_a_thing_stands_behind_the_person_then_the_person_throws_one_on_it():
    plain = Scene([Layer(square(), MIDDLE)])(*frame()).pixels.astype(int)
    made = Scene([Layer(square(), MIDDLE)], look=Look(shadow=0.8))(*frame()).pixels.astype(int)
    assert made[70, 102, 0] < plain[70, 102, 0] - 40
    assert made[70, 45, 0] == plain[70, 45, 0]


def test_wrap_when_the_background_is_bright_then_the_edge_is_lit_and_the_middle_is_not():
    white = Colour((255, 255, 255))
    plain = Scene([], white)(*frame()).pixels.astype(int)
    made = Scene([], white, Look(wrap=1.0))(*frame()).pixels.astype(int)
    assert made[80, 61, 0] > plain[80, 61, 0] + 20
    assert abs(made[80, 80, 0] - plain[80, 80, 0]) <= 2
    dark = Scene([], Colour((0, 0, 0)), Look(wrap=1.0))(*frame()).pixels
    assert np.array_equal(dark[80, 61:99], Scene([], Colour((0, 0, 0)))(*frame()).pixels[80, 61:99])


def test_parallax_when_the_person_goes_right_then_the_background_goes_left():
    ramp = np.repeat(np.linspace(0, 250, 400)[np.newaxis, :, np.newaxis], 300, 0).repeat(3, 2)
    background = Picture(Image(ramp.astype(np.uint8)))

    def shown(x):
        pixels, mask = np.full((*SIZE, 3), 90, np.uint8), np.zeros(SIZE, bool)
        mask[40:, x : x + 20] = True
        scene = Scene([Layer(square(), Screen(x=0.5, y=0.1, width=0.05))], background, LEAN)
        return scene(Image(pixels), Foreground(mask)).pixels.astype(int)

    left, right = shown(20), shown(120)
    assert right[5, 30, 0] > left[5, 30, 0] + 5  # a brighter part has come from the right
    middle = [np.flatnonzero(made[12, :, 1] == 0).mean() for made in (left, right)]
    assert middle[1] < middle[0] - 2  # the thing gives way, too, but less


LEAN = Look(parallax=0.1)


def test_layer_when_the_user_says_front_then_front():
    assert parse_layer(square(), "screen:x=0.5,front").front is True
    assert parse_layer(square(), "person:at=head,behind").front is False
    assert parse_layer(square(), "marker").front is None


def test_read_sprite_when_picture_or_video_then_its_pictures(tmp_path):
    pixels = np.full((9, 5, 4), (1, 2, 3, 128), np.uint8)
    write(tmp_path / "a.png", Image(pixels))
    texture = read_sprite(tmp_path / "a.png").texture(0.0)
    assert (texture.height, texture.width) == (9, 5)

    def flat(number, size):
        return np.full((*size, 3), 250 if number % 2 else 5, np.uint8)

    film(tmp_path / "a.mp4", 4, make=flat)
    moving = Layer(read_sprite(tmp_path / "a.mp4"), MIDDLE)
    scene = Scene([moving])
    levels = [int(scene(*frame(number / 30)).pixels[60, 45, 0]) for number in range(9)]
    assert [level > 128 for level in levels] == [bool(number % 2) for number in range(9)]
