from time import perf_counter

import numpy as np
import pytest
from numpy.typing import NDArray

from pixelwise.core import (
    Foreground,
    Image,
    Instances,
    Legend,
    LegendClass,
    Panoptic,
    Regions,
    Result,
    Segments,
    Semantic,
)
from pixelwise.drawing import draw, outlines
from pixelwise.drawing.lettering import text_size
from pixelwise.drawing.palette import thing_colour
from pixelwise.errors import InputError

RED, BLUE = (255, 0, 0), (0, 0, 255)
LEGEND = Legend(
    (
        LegendClass(0, "background", (0, 0, 0)),
        LegendClass(1, "roof", RED),
        LegendClass(2, "car", BLUE, is_thing=True),
    )
)
GREY = 100


def labels_of(side: int) -> NDArray[np.int32]:
    """Return background with a roof on the upper left and a car on the lower right."""
    labels = np.zeros((side, side), np.int32)
    labels[: side // 2, : side // 2] = 1
    labels[-side // 4 :, -side // 4 :] = 2
    return labels


def grey(side: int) -> Image:
    return Image(np.full((side, side, 3), GREY, np.uint8))


def results(side: int) -> list[Result]:
    labels = labels_of(side)
    masks = np.array([labels == 2, labels == 1])
    return [
        Foreground(labels > 0),
        Semantic(labels, LEGEND),
        Instances.of(masks, np.array([2, 2]), LEGEND, score=np.float32([0.9, 0.4])),
        Panoptic(labels, Segments.of([1, 2], box=[[0, 0, 9, 9], [9, 9, 20, 20]]), LEGEND),
        Regions(labels),
    ]


def names(result: object) -> str:
    return type(result).__name__


@pytest.mark.parametrize("result", results(200), ids=names)
@pytest.mark.parametrize("work", [draw, outlines])
def test_draw_when_any_result_then_rgb_of_the_pictures_size(result: Result, work: object) -> None:
    image = grey(200)
    kept = image.pixels.copy()
    made = work(image, result)
    assert made.pixels.shape == (200, 200, 3)
    assert made.pixels.dtype == np.uint8
    assert np.array_equal(image.pixels, kept)
    assert np.array_equal(made.pixels, work(image, result).pixels)
    assert (made.pixels != kept).any()


@pytest.mark.parametrize("side", [1, 2, 7])
@pytest.mark.parametrize("row", range(5))
def test_draw_when_tiny_then_answers(side: int, row: int) -> None:
    assert draw(grey(side), results(side)[row]).size == (side, side)
    assert outlines(grey(side), results(side)[row]).size == (side, side)


@pytest.mark.parametrize(
    "result",
    [
        Foreground(np.zeros((30, 30), bool)),
        Semantic(np.full((30, 30), 255, np.int32), LEGEND),
        Semantic(np.zeros((30, 30), np.int32), LEGEND),
        Instances.of(np.zeros((0, 30, 30), bool), np.zeros(0, np.int32), LEGEND),
        Panoptic(np.zeros((30, 30), np.int32), Segments.empty(), LEGEND),
        Regions(np.zeros((30, 30), np.int32)),
    ],
    ids=names,
)
def test_draw_when_nothing_is_claimed_then_the_picture(result: Result) -> None:
    assert np.all(draw(grey(30), result).pixels == GREY)


def test_draw_when_semantic_then_tint_inside_and_full_colour_on_the_line() -> None:
    made = draw(grey(200), Semantic(labels_of(200), LEGEND)).pixels
    assert made[50, 50].tolist() == [170, 55, 55]  # 0.55 x 100 + 0.45 x 255
    assert made[50, 99].tolist() == list(RED)
    assert made[120, 20].tolist() == [GREY] * 3


def test_draw_when_instances_overlap_then_the_more_certain_lies_on_top() -> None:
    masks = np.zeros((2, 400, 400), bool)
    masks[0, 50:300, 50:300] = True
    masks[1, 150:350, 150:350] = True
    things = Instances.of(masks, np.array([2, 2]), LEGEND, score=np.float32([0.5, 0.9]))
    made = outlines(grey(400), things).pixels
    assert made[150, 200].tolist() == list(thing_colour(1))


def test_draw_when_more_than_255_regions_then_every_boundary_is_drawn() -> None:
    labels = np.arange(1, 401, dtype=np.int32).reshape(20, 20).repeat(10, 0).repeat(10, 1)
    made = outlines(grey(200), Regions(labels)).pixels
    flat = np.all(made == GREY, axis=-1)
    assert not flat[:, 9:190:10].any()
    assert flat[5, 5]


def test_draw_when_labels_differ_by_255_then_still_a_boundary() -> None:
    labels = np.ones((40, 40), np.int32)
    labels[:, 20:] = 256
    made = outlines(grey(40), Regions(labels)).pixels
    assert (made[20, 18:22] != GREY).any()


def test_draw_when_volume_then_the_fullest_slice() -> None:
    labels = np.zeros((4, 60, 60), np.int32)
    labels[2, :30] = 1
    volume = Image.volume(np.full((4, 60, 60), GREY, np.uint8))
    flat = draw(Image(np.full((60, 60), GREY, np.uint8)), Semantic(labels[2], LEGEND))
    for result in (
        Semantic(labels, LEGEND),
        Foreground(labels > 0),
        Panoptic(labels, Segments.of([1]), LEGEND),
        Regions(labels),
        Instances.of(np.array([labels == 1]), np.array([1]), LEGEND),
    ):
        made = draw(volume, result)
        assert made.size == (60, 60)
        assert (made.pixels[5, 5] != GREY).any()
    assert np.array_equal(draw(volume, Semantic(labels, LEGEND)).pixels, flat.pixels)


def test_draw_when_sizes_differ_then_says_so() -> None:
    with pytest.raises(InputError, match="draw a result on the picture it came from"):
        draw(grey(8), Regions(np.ones((4, 4), np.int32)))


@pytest.mark.parametrize(
    "pixels",
    [
        np.full((64, 64), 2000, np.uint16),
        np.full((64, 64, 1), 0.5, np.float32),
        np.full((64, 64, 4), 200, np.uint8),
        np.linspace(-1000, 3000, 64 * 64).reshape(64, 64),
        np.ones((64, 64), bool),
        np.full((64, 64, 7), 5, np.int32),
    ],
)
def test_draw_when_other_types_then_rgb(pixels: NDArray[np.generic]) -> None:
    made = draw(Image(pixels), Regions(np.ones((64, 64), np.int32)))
    assert made.pixels.shape == (64, 64, 3)


def test_draw_when_legend_is_long_then_it_leaves_most_of_the_picture_free() -> None:
    classes = Legend.of([f"class number {number}" for number in range(200)])
    labels = np.arange(300 * 300, dtype=np.int32).reshape(300, 300) % 200
    made = draw(grey(300), Semantic(labels, classes)).pixels
    plain = outlines(grey(300), Semantic(labels, classes)).pixels
    dark = (made.max(axis=-1) < 90) & (plain.max(axis=-1) >= 90)
    assert dark.any(axis=1).sum() <= 0.5 * 300


def test_draw_when_hundreds_of_things_then_no_captions_hide_them() -> None:
    masks = np.zeros((100, 200, 200), bool)
    for number in range(100):
        y, x = divmod(number, 10)
        masks[number, 20 * y + 2 : 20 * y + 12, 20 * x + 2 : 20 * x + 12] = True
    made = draw(grey(200), Instances.of(masks, np.full(100, 2), LEGEND)).pixels
    between = np.all(made == GREY, axis=-1)[:150]
    assert between.mean() > 0.6


@pytest.mark.parametrize(("size", "least", "most"), [((200, 300), 11, 14), ((2160, 3840), 60, 80)])
def test_text_size_when_small_or_huge_then_readable(
    size: tuple[int, int], least: int, most: int
) -> None:
    assert least <= text_size(size) <= most


def test_draw_when_full_hd_then_fast() -> None:
    labels = np.zeros((1080, 1920), np.int32)
    labels[200:900, 300:1500] = 1
    image, result = Image(np.zeros((1080, 1920, 3), np.uint8)), Semantic(labels, LEGEND)
    draw(image, result)
    start = perf_counter()
    draw(image, result)
    assert perf_counter() - start < 1  # about 0.02 s; only a disaster fails here
