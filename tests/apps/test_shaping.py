"""--shape: words with numbers, and what they do to masks and labels."""

import numpy as np
import pytest

from pixelwise.apps.medical.shaping import STEPS, Step, parse_steps, reshaped
from pixelwise.core import Foreground, Instances, Legend, Regions, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, InvalidSetting, UnknownName

SPACE = Space((2.0, 1.0, 1.0), Unit.MILLIMETRE)


def mask():
    """Two boxes of 54 and 16 voxels, the larger one hollow, and a speck."""
    made = np.zeros((8, 12, 12), bool)
    made[1:4, 1:5, 1:6], made[2, 2:4, 2:5] = True, False
    made[5:7, 8:10, 6:10], made[7, 0, 11] = True, True
    return made


def test_steps_when_read_then_in_order_with_numbers():
    steps = parse_steps("close=4, fill,drop=0.5,largest=2,parts")
    assert [str(step) for step in steps] == ["close=4", "fill", "drop=0.5", "largest=2", "parts"]
    assert parse_steps("") == ()


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("clos=4", UnknownName),
        ("close", InvalidSetting),
        ("close=wide", InvalidSetting),
        ("close=-1", InvalidSetting),
        ("open=inf", InvalidSetting),
        ("drop=nan", InvalidSetting),
        ("fill=3", InvalidSetting),
        ("largest=1.5", InvalidSetting),
        ("parts,fill", InvalidSetting),
    ],
)
def test_steps_when_not_possible_then_refused(text, error):
    with pytest.raises(error):
        parse_steps(text)


@pytest.mark.parametrize(
    ("text", "voxels"),
    [
        ("fill", 60 + 16 + 1),
        ("drop=0.03", 54 + 16),
        ("drop=0.033", 54),
        ("largest=1", 54),
        ("largest=2", 54 + 16),
        ("largest=9", 54 + 16 + 1),
        ("fill-slices,largest=1", 60),
        ("fill,shrink=1", 3 * 2 * 3),
        ("largest=1,fill,grow=1", 60 + 2 * (3 * 5 + 3 * 4)),
    ],
)
def test_foreground_when_shaped_then_known_voxels(text, voxels):
    before = Foreground(mask(), space=SPACE)
    after = reshaped(before, parse_steps(text))
    assert after.area == voxels
    assert after.space == SPACE
    assert after.provenance.notes == (f"shaped: {text}",)


def test_parts_when_asked_for_then_numbered_by_size():
    result = reshaped(Foreground(mask(), space=SPACE), parse_steps("drop=0.002,parts"))
    assert isinstance(result, Regions)
    assert np.bincount(result.labels.ravel())[1:].tolist() == [54, 16, 1]


def test_labels_when_shaped_then_each_by_itself_and_none_taken_from_another():
    legend = Legend.of(["background", "a", "b"])
    labels = np.zeros((3, 6, 12), np.int32)
    labels[1, 1:5, 1:5], labels[1, 1:5, 6:11], labels[0, 0, 0] = 1, 2, legend.void
    labels[1, 2, 2] = 2
    shaped = reshaped(Semantic(labels, legend, space=SPACE), parse_steps("largest=1,close=1"))
    assert (shaped.labels == 2).sum() == 20
    assert shaped.labels[1, 2, 2] == 0
    assert shaped.labels[0, 0, 0] == legend.void
    regions = reshaped(Regions(np.where(labels == 255, 0, labels), SPACE), parse_steps("largest=1"))
    assert np.bincount(regions.labels.ravel()).tolist() == [3 * 6 * 12 - 35, 15, 20]


def test_shape_when_it_has_no_meaning_then_refused():
    steps = parse_steps("close=1")
    with pytest.raises(InputError, match="millimetres"):
        reshaped(Foreground(mask()), steps)
    legend = Legend.of(["background", "a"])
    table = Instances.of(mask()[np.newaxis], np.array([1], np.int32), legend, space=SPACE)
    with pytest.raises(InputError, match="Instances"):
        reshaped(table, steps)
    with pytest.raises(InputError, match="parts"):
        reshaped(Regions(mask().astype(np.int32), SPACE), (Step("parts"),))
    assert set(STEPS) >= {"close", "open", "grow", "shrink", "fill", "drop", "largest", "parts"}
