"""What every row of METHODS holds to; a new method is tested here by itself."""

import pickle
from collections.abc import Callable, Iterator
from dataclasses import FrozenInstanceError, fields, replace
from typing import Any, get_type_hints

import numpy as np
import pytest

from pixelwise.core import Image, Prompts, Result, Space, Task, build
from pixelwise.errors import InputError, MissingExtra, UsageError
from pixelwise.methods import FAMILIES, METHODS

NAMES = sorted(METHODS)
SIZE = (24, 32)
DEEP = (6, 20, 22)


@pytest.fixture(params=NAMES)
def cls(request: pytest.FixtureRequest) -> type[Any]:
    try:
        return METHODS[request.param]
    except MissingExtra as missing:
        pytest.skip(str(missing))


def scene(size: tuple[int, ...]) -> np.ndarray:
    """A bright disc or ball on a dark, slightly uneven ground, uint8."""
    grid = np.meshgrid(*[np.linspace(-1, 1, side) for side in size], indexing="ij")
    inside = sum(axis**2 for axis in grid) < 0.3
    ground = 40 + 10 * grid[-1]
    noise = np.random.default_rng(5).normal(0, 2, size)
    return np.clip(np.where(inside, 200, ground) + noise, 0, 255).astype(np.uint8)


def colours(grey: np.ndarray, channels: int) -> np.ndarray:
    bands = [grey, grey // 2 + 30, 255 - grey, np.full_like(grey, 255)]
    return np.stack(bands[:channels], axis=-1)


PICTURES: dict[str, Callable[[], np.ndarray]] = {
    "grey uint8": lambda: scene(SIZE),
    "grey uint16": lambda: scene(SIZE).astype(np.uint16) * 257,
    "grey float32": lambda: scene(SIZE).astype(np.float32) / 255,
    "grey float64": lambda: scene(SIZE) / 255,
    "measured int16": lambda: scene(SIZE).astype(np.int16) * 10 - 1000,
    "bool": lambda: scene(SIZE) > 100,
    "RGB uint8": lambda: colours(scene(SIZE), 3),
    "RGB uint16": lambda: colours(scene(SIZE), 3).astype(np.uint16) * 257,
    "RGB float32": lambda: colours(scene(SIZE), 3).astype(np.float32) / 255,
    "RGBA uint8": lambda: colours(scene(SIZE), 4),
}

POOR: dict[str, Callable[[], np.ndarray]] = {
    "one pixel": lambda: np.full((1, 1, 3), 90, np.uint8),
    "one row": lambda: scene((1, 24)),
    "one column": lambda: scene((24, 1)),
    "three by two": lambda: scene((3, 2)),
    "constant": lambda: np.full((*SIZE, 3), 77, np.uint8),
    "constant float": lambda: np.full(SIZE, 0.3, np.float32),
    "black": lambda: np.zeros(SIZE, np.uint8),
    "white": lambda: np.full(SIZE, 255, np.uint8),
    "two levels": lambda: (scene(SIZE) > 100).astype(np.uint8) * 255,
    "noise": lambda: np.random.default_rng(0).integers(0, 256, (*SIZE, 3)).astype(np.uint8),
    "some NaN": lambda: _holed(np.nan),
    "some infinite": lambda: _holed(np.inf),
    "all NaN": lambda: np.full(SIZE, np.nan, np.float32),
}


def _holed(value: float) -> np.ndarray:
    pixels = scene(SIZE).astype(np.float32) / 255
    pixels[3:5, 4:9] = value
    return pixels


def candidates(size: tuple[int, ...]) -> Iterator[Prompts]:
    """Prompts that one or another method can work with, on a picture of ``size``."""
    height, width = size[-2:]
    y0, x0, y1, x1 = height // 4, width // 4, 3 * height // 4, 3 * width // 4
    inner = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]
    if len(size) == 3:
        inner = [(*point, size[0] // 2) for point in inner]
    outer = (0,) * len(size)
    box = (x0, y0, max(x1, x0 + 1), max(y1, y0 + 1))
    yield Prompts(points=[*inner, outer], labels=[1, 1, 1, 1, 0], boxes=[box])
    yield Prompts(points=[*inner, outer], labels=[1, 1, 1, 1, 2])
    yield Prompts(points=[*inner, outer], labels=[1, 1, 1, 1, 0])
    yield Prompts(boxes=[box])
    yield Prompts(points=[outer])


def takes_prompts(cls: type[Any]) -> bool:
    hint = get_type_hints(cls).get("prompts")
    return hint is not None and "Prompts" in str(hint)


def answer(cls: type[Any], image: Image) -> Result:
    """Run the method as it is made by default, or with the first prompts that it can work with."""
    try:
        return build(cls, {})(image)
    except UsageError:
        if not takes_prompts(cls):
            raise
    for prompts in candidates(image.size):
        try:
            return build(cls, {"prompts": prompts})(image)
        except (UsageError, InputError) as error:
            last = error
    raise last


def prompted(cls: type[Any], image: Image) -> tuple[Any, Result]:
    """Return the first prompted method that answers, and its answer."""
    for prompts in candidates(image.size):
        try:
            method = build(cls, {"prompts": prompts})
            return method, method(image)
        except (UsageError, InputError) as error:
            last = error
    raise last


def test_families_when_joined_then_are_the_table():
    rows = [name for family in FAMILIES.values() for name in family]
    assert set(rows) <= set(METHODS)
    assert len(set(rows)) == len(rows)


@pytest.mark.parametrize("name", NAMES)
def test_name_when_read_then_is_the_rows(name: str):
    cls = pytest.importorskip("pixelwise.methods").METHODS[name]
    assert cls.name == name
    assert cls.__name__.lower() == name.replace("-", "")
    assert isinstance(cls.task, Task)


def test_docstring_when_read_then_has_a_source_and_an_example(cls: type[Any]):
    text = cls.__doc__ or ""
    assert text.split("\n")[0].endswith("."), "the first line is one sentence"
    assert "Source:" in text
    assert ">>>" in text
    assert "prefer" in text.lower(), "say when to prefer another method"


def test_settings_when_read_then_each_is_explained(cls: type[Any]):
    for item in fields(cls):
        doc = item.metadata.get("doc", "")
        assert doc.endswith("."), f"{item.name} has no sentence"
        assert "low" in item.metadata, f"{item.name} is not made by setting()"


def test_settings_when_changed_then_refused(cls: type[Any]):
    method = build(cls, {})
    for item in fields(cls):
        with pytest.raises(FrozenInstanceError):
            setattr(method, item.name, None)


def test_settings_when_out_of_range_then_refused(cls: type[Any]):
    for item in fields(cls):
        low, high = item.metadata["low"], item.metadata["high"]
        for bound, beyond in ((low, -1), (high, 1)):
            if bound is not None:
                with pytest.raises(UsageError, match=item.name):
                    build(cls, {item.name: bound + beyond})


def test_answer_when_given_then_input_is_untouched(cls: type[Any]):
    pixels = colours(scene(SIZE), 3)
    before = pixels.copy()
    answer(cls, Image(pixels))
    assert np.array_equal(pixels, before)


def test_answer_when_given_then_keeps_size_and_space(cls: type[Any]):
    space = Space((0.5, 0.25), time_s=3.0)
    image = Image(colours(scene(SIZE), 3), space)
    result = answer(cls, image)
    assert result.size == image.size
    assert np.asarray(result).shape[-2:] == image.size
    assert result.space == space


def test_answer_when_asked_twice_then_is_the_same(cls: type[Any]):
    image = Image(colours(scene(SIZE), 3))
    assert np.array_equal(np.asarray(answer(cls, image)), np.asarray(answer(cls, image)))


def test_answer_when_given_then_says_where_it_comes_from(cls: type[Any]):
    made = answer(cls, replace(Image(scene(SIZE)), notes=("truncated",))).provenance
    assert made.method == cls.name
    assert set(made.settings) == {item.name for item in fields(cls)}
    assert made.seconds["segment"] >= 0
    assert made.notes[0] == "truncated"


def test_method_when_sent_to_another_process_then_is_whole(cls: type[Any]):
    method = build(cls, {})
    assert pickle.loads(pickle.dumps(method)) == method
    result = answer(cls, Image(scene(SIZE)))
    assert np.array_equal(np.asarray(pickle.loads(pickle.dumps(result))), np.asarray(result))


@pytest.mark.parametrize("kind", PICTURES)
def test_answer_when_pixels_are_of_any_type_then_is_given(cls: type[Any], kind: str):
    image = Image(PICTURES[kind]())
    result = answer(cls, image)
    assert result.size == image.size
    assert np.asarray(result).dtype.kind in "bi"


@pytest.mark.parametrize("kind", POOR)
def test_answer_when_the_picture_is_poor_then_is_still_given(cls: type[Any], kind: str):
    image = Image(POOR[kind]())
    result = answer(cls, image)
    assert result.size == image.size


def test_volume_when_given_then_is_answered_or_refused_clearly(cls: type[Any]):
    volume = Image.volume(scene(DEEP), Space((2.0, 1.0, 1.0)))
    if cls.takes_volumes:
        result = answer(cls, volume)
        assert result.size == DEEP
        assert result.space == volume.space
    else:
        with pytest.raises(InputError, match=rf"{cls.name}.*volumes"):
            answer(cls, volume)


def test_prompts_when_the_method_takes_them_then_are_used(cls: type[Any]):
    if not takes_prompts(cls):
        pytest.skip("takes no prompts")
    image = Image(colours(scene(SIZE), 3))
    method, result = prompted(cls, image)
    assert result.size == image.size
    assert np.array_equal(np.asarray(method(image)), np.asarray(result))


def test_prompts_when_outside_the_picture_then_are_refused(cls: type[Any]):
    if not takes_prompts(cls):
        pytest.skip("takes no prompts")
    far = Prompts(points=[(900, 900), (950, 900), (900, 950)])
    with pytest.raises((InputError, UsageError)):
        build(cls, {"prompts": far})(Image(scene(SIZE)))
