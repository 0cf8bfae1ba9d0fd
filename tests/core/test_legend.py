import numpy as np
import pytest

from pixelwise.core import Legend, LegendClass
from pixelwise.errors import InputError, UnknownName


@pytest.mark.parametrize(
    ("name", "count", "void", "class_id", "label"),
    [
        ("voc-21", 21, 255, 15, "person"),
        ("coco-80", 80, 255, 90, "toothbrush"),
        ("coco-panoptic-133", 133, 255, 200, "rug-merged"),
        ("cityscapes-19", 19, 255, 0, "road"),
        ("ade20k-150", 150, 255, 0, "wall"),
        ("ade20k-32", 32, 255, 1, "wall"),
        ("camvid-11", 11, 11, 0, "Sky"),
    ],
)
def test_official_when_asked_then_published_ids(name, count, void, class_id, label):
    legend = Legend.official(name)

    assert (len(legend), legend.void, legend.name(class_id)) == (count, void, label)


def test_official_when_any_then_valid_and_coloured():
    for name in Legend.official_names():
        legend = Legend.official(name)
        assert legend.palette().shape == (max(legend.void, *legend.ids.tolist()) + 1, 3)


def test_official_when_unknown_then_names_the_nearest():
    with pytest.raises(UnknownName, match="voc-21"):
        Legend.official("voc-22")


def test_legend_when_void_is_a_class_then_error():
    with pytest.raises(InputError, match="void"):
        Legend((LegendClass(0, "road", (1, 2, 3)),), void=0)


def test_legend_when_ids_repeat_then_error():
    row = LegendClass(1, "a", (0, 0, 0))
    with pytest.raises(InputError, match="unique"):
        Legend((row, row))


def test_of_when_many_classes_then_void_beyond_them():
    assert Legend.of(str(i) for i in range(300)).void == 65535


def test_palette_when_read_then_colour_by_label():
    legend = Legend.of(["background", "cat"])
    assert np.array_equal(legend.palette()[1], legend[1].colour)
