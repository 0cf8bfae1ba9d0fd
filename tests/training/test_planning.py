import numpy as np
import pytest

from pixelwise import Image, Instances, Legend, Semantic, Space
from pixelwise.errors import InputError, InvalidSetting
from pixelwise.training.examples import Example, numbered, parted
from pixelwise.training.plan import Head
from pixelwise.training.planning import fingerprint, planned

LEGEND = Legend.of(["background", "object"])


def example(truth, pixels, name="a"):
    numbers, classes = numbered(truth)
    return Example(name, Image(pixels), numbers, classes, truth)


def things(diameter, name="a"):
    ys, xs = np.mgrid[:96, :96]
    mask = np.hypot(ys - 48, xs - 48) < diameter / 2
    truth = Instances.of(mask[np.newaxis], np.array([1], np.int32), LEGEND)
    return example(truth, np.zeros((96, 96, 3), np.uint8), name)


def plan_of(examples, net="unet", legend=LEGEND, **given):
    return planned(fingerprint(examples, len(legend)), legend, net, given)


def test_plan_when_things_are_told_apart_then_unet_learns_distances():
    made = plan_of([things(30)])
    assert made.plan.head is Head.DISTANCE
    assert made.plan.stem == 2
    assert "touch" in made.reasons["head"]
    assert plan_of([things(30)], "fcn").plan.head is Head.CLASSES
    assert plan_of([things(30)], "mask-rcnn").plan.enlarge == 2
    assert plan_of([things(80)], "mask-rcnn").plan.enlarge == 1
    assert [plan_of([things(30)], net).plan.steps for net in ("fcn", "mask-rcnn")] == [300, 1000]


def test_plan_when_things_are_tiny_then_nothing_is_shrunk_first():
    assert plan_of([things(6)]).plan.stem == 1


def test_plan_when_given_then_it_stands_and_needs_no_reason():
    made = plan_of([things(6)], stem="2", steps="7")
    assert (made.plan.stem, made.plan.steps) == (2, 7)
    assert "stem" not in made.reasons
    made = plan_of([things(6)], steps="80")
    assert (made.plan.warmup, made.plan.epoch) == (4, 10)


def test_plan_when_a_class_is_rare_then_it_weighs_more():
    labels = np.zeros((96, 96), np.int32)
    labels[:2, :2] = 1
    made = plan_of([example(Semantic(labels, LEGEND), np.zeros((96, 96, 3), np.uint8))])
    assert made.plan.class_weights[1] > made.plan.class_weights[0] == 1


def test_plan_when_classes_keep_to_a_height_then_pictures_stay_upright():
    labels = np.zeros((96, 96), np.int32)
    labels[48:] = 1
    made = plan_of([example(Semantic(labels, LEGEND), np.zeros((96, 96, 3), np.uint8))])
    assert made.plan.turn < 45
    assert made.plan.flip == (1,)


def test_plan_when_volumes_then_three_axes_and_their_orientation():
    labels = np.zeros((20, 30, 24), np.int32)
    labels[5:9, 5:9, 5:9] = 1
    space = Space((1.0, 1.0, 1.0))
    volume = Image.volume(np.zeros((20, 30, 24), np.float32), space)
    numbers, classes = numbered(Semantic(labels, LEGEND))
    made = plan_of([Example("v", volume, numbers, classes, Semantic(labels, LEGEND))])
    assert made.plan.axes == 3
    assert made.plan.patch == (24, 32, 24)
    assert made.plan.flip == ()


def test_plan_when_the_net_cannot_learn_from_classes_then_refused():
    labels = np.ones((96, 96), np.int32)
    whole = [example(Semantic(labels, LEGEND), np.zeros((96, 96, 3), np.uint8))]
    with pytest.raises(InvalidSetting, match="mask-rcnn"):
        plan_of(whole, "mask-rcnn")
    with pytest.raises(InvalidSetting, match="patch"):
        plan_of(whole, patch="50,50")
    with pytest.raises(InputError, match="no annotated"):
        fingerprint([], 2)


def test_parted_when_folds_then_every_picture_is_kept_once():
    rows = [things(30, f"p{number}") for number in range(10)]
    kept = [one.name for fold in range(5) for one in parted(rows, 0.2, fold)[1]]
    assert sorted(kept) == sorted(row.name for row in rows)
    learn, last = parted(rows, 0.2)
    assert [one.name for one in last] == ["p8", "p9"]
    assert len(learn) == 8


def test_parted_when_folds_are_uneven_then_every_picture_is_kept_once():
    rows = [things(30, f"p{number:02}") for number in range(11)]
    parts = [parted(rows, 0.2, fold, 4) for fold in range(4)]
    kept = [[one.name for one in part[1]] for part in parts]
    assert sorted(name for part in kept for name in part) == [row.name for row in rows]
    assert sorted(map(len, kept)) == [2, 3, 3, 3]
    assert kept[0][-1] == "p10"
    assert all(len(learn) + len(held) == 11 for learn, held in parts)
    with pytest.raises(InputError, match="12 folds"):
        parted(rows, 0.2, 0, 12)


@pytest.mark.parametrize(
    ("key", "given"),
    [
        ("fold", {"folds": 3, "fold": 3}),
        ("fold", {"folds": 1}),
        ("mirror", {"mirror": "0,2"}),
        ("mirror", {"head": "boxes", "mirror": "0"}),
    ],
)
def test_plan_when_settings_do_not_go_together_then_refused(key, given):
    with pytest.raises(InvalidSetting, match=key):
        plan_of([things(30)], **given)
