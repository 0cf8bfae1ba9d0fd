import pickle

import numpy as np
import pycocotools.mask as coco
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.typing import NDArray

from pixelwise.core import Rle
from pixelwise.errors import InputError

SIDES = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=24)
MASKS = hnp.arrays(np.bool_, SIDES)
MAPS = hnp.arrays(np.int32, SIDES, elements=st.integers(0, 4))

RING = np.array([[0, 1, 1, 1], [0, 1, 0, 1], [0, 1, 1, 1]], bool)


def by_coco(mask: NDArray[np.bool_]) -> dict[str, object]:
    return coco.encode(np.asfortranarray(mask.astype(np.uint8)))


def test_encode_when_ring_then_columns_are_counted() -> None:
    assert Rle.encode(RING).counts.tolist() == [3, 4, 1, 4]


def test_encode_when_first_pixel_is_set_then_first_count_is_zero() -> None:
    assert Rle.encode(np.array([[1, 0]], bool)).counts.tolist() == [0, 1, 1]


@pytest.mark.parametrize("value", [False, True])
def test_encode_when_constant_then_text_is_cocos(value: bool) -> None:
    mask = np.full((5, 7), value)
    assert Rle.encode(mask).text.encode() == by_coco(mask)["counts"]
    assert Rle.encode(mask).area == 35 * value


def test_encode_when_not_two_axes_then_says_so() -> None:
    with pytest.raises(InputError, match=r"\(H, W\)"):
        Rle.encode(np.zeros((2, 2, 2), bool))


@settings(max_examples=150, deadline=None)
@given(MASKS)
def test_encode_when_any_mask_then_agrees_with_pycocotools(mask: NDArray[np.bool_]) -> None:
    rle, theirs = Rle.encode(mask), by_coco(mask)
    assert rle.text.encode() == theirs["counts"]
    assert rle.area == coco.area(theirs) == mask.sum()
    x, y, width, height = coco.toBbox(theirs)
    assert rle.box == ((x, y, x + width, y + height) if mask.any() else (0, 0, 0, 0))
    assert np.array_equal(rle.decode(), mask)


@settings(max_examples=150, deadline=None)
@given(MASKS)
def test_parse_when_given_cocos_text_then_gives_the_mask(mask: NDArray[np.bool_]) -> None:
    text = by_coco(mask)["counts"]
    rle = Rle.parse((mask.shape[0], mask.shape[1]), text)
    assert np.array_equal(rle.decode(), mask)
    assert rle.text.encode() == text


@pytest.mark.parametrize("side", [33, 1030, 40_000])
def test_text_when_runs_are_long_then_equals_pycocotools(side: int) -> None:
    mask = np.zeros((side, 30), bool)
    mask[3:, 4:9] = True
    mask[: side // 2, 20] = True
    assert Rle.encode(mask).text.encode() == by_coco(mask)["counts"]


@settings(max_examples=150, deadline=None)
@given(MAPS)
def test_encode_labels_when_any_map_then_each_is_its_own_mask(labels: NDArray[np.int32]) -> None:
    found = Rle.encode_labels(labels)
    assert sorted(found) == [number for number in np.unique(labels) if number]
    for number, rle in found.items():
        alone = Rle.encode(labels == number)
        assert rle.size == labels.shape
        assert rle.counts.tolist() == alone.counts.tolist()
        assert rle.text == alone.text


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int64, np.uint64])
def test_encode_labels_when_other_integers_then_the_same(dtype: type[np.generic]) -> None:
    labels = np.array([[0, 7], [3, 7]], dtype)
    counts = {name: rle.counts.tolist() for name, rle in Rle.encode_labels(labels).items()}
    assert counts == {3: [1, 1, 2], 7: [2, 2]}


def test_encode_labels_when_labels_are_large_or_negative_then_kept() -> None:
    labels = np.array([[70_000, -2]], np.int32)
    counts = {name: rle.counts.tolist() for name, rle in Rle.encode_labels(labels).items()}
    assert counts == {-2: [1, 1], 70_000: [0, 1, 1]}


@pytest.mark.parametrize("shape", [(0, 4), (4, 0), (3, 3)])
def test_encode_labels_when_nothing_is_there_then_empty(shape: tuple[int, int]) -> None:
    assert Rle.encode_labels(np.zeros(shape, np.int32)) == {}


def test_encode_labels_when_not_two_axes_then_says_so() -> None:
    with pytest.raises(InputError, match="label map"):
        Rle.encode_labels(np.zeros((2, 2, 2), np.int32))


def test_encode_labels_when_map_is_turned_round_in_memory_then_the_same() -> None:
    labels = np.arange(12, dtype=np.int32).reshape(3, 4) // 2
    turned = np.asfortranarray(labels)
    ours = {name: rle.text for name, rle in Rle.encode_labels(labels).items()}
    assert ours == {name: rle.text for name, rle in Rle.encode_labels(turned).items()}


def test_counts_when_written_to_then_refused() -> None:
    for rle in (Rle.encode(RING), Rle.encode_labels(RING.astype(np.int32))[1]):
        with pytest.raises(ValueError, match="read-only"):
            rle.counts[0] = 9


def test_pickle_when_sent_to_a_process_then_the_same() -> None:
    rle = pickle.loads(pickle.dumps(Rle.encode_labels(RING.astype(np.int32))[1]))
    assert (rle.text, rle.size) == (Rle.encode(RING).text, RING.shape)


@pytest.mark.parametrize(
    ("size", "counts"),
    [
        ((2, 2), [5, -1]),
        ((2, 2), [1, 2]),
        ((2, 2), [3, 3]),
        ((2, 2), [2**62, 2**62, 2**62, 2**62, 4]),
        ((-1, -4), [4]),
        ((2**31, 2**31), [2**62]),
        ((2, 2), []),
    ],
)
def test_make_when_counts_do_not_fit_then_refused(size: tuple[int, int], counts: list[int]) -> None:
    with pytest.raises(InputError) as caught:
        Rle(size, np.array(counts, np.int64))
    assert caught.value.reason == "rle"


@pytest.mark.parametrize("text", ["\x01", "~~", "P", "oooooooooooooooo0", "5", "é4", "3\n"])
def test_parse_when_text_is_damaged_then_refused(text: str) -> None:
    with pytest.raises(InputError) as caught:
        Rle.parse((2, 2), text)
    assert caught.value.reason == "rle"


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=40), st.integers(0, 2**33), st.integers(0, 2**33))
def test_parse_when_bytes_are_random_then_answers_or_refuses(
    text: bytes, height: int, width: int
) -> None:
    try:
        rle = Rle.parse((height, width), text)
    except InputError:
        return
    assert rle.counts.sum() == height * width
    assert rle.counts.min(initial=0) >= 0
    assert 0 <= rle.area <= height * width


@settings(max_examples=200, deadline=None)
@given(MASKS, st.integers(0, 400), st.integers(0, 255))
def test_parse_when_one_byte_is_wrong_then_never_a_mask_of_another_size(
    mask: NDArray[np.bool_], place: int, byte: int
) -> None:
    text = bytearray(Rle.encode(mask).text.encode())
    text[place % len(text)] = byte
    try:
        rle = Rle.parse((mask.shape[0], mask.shape[1]), bytes(text))
    except InputError:
        return
    assert rle.decode().shape == mask.shape
