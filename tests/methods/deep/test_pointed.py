"""What is pointed at, picked out of what a network finds; truth painted by hand."""

import numpy as np
import pytest

from pixelwise.core import Crop, Image, Instances, Legend, Panoptic, Prompts, Segments, Semantic
from pixelwise.errors import InputError, UnknownName
from pixelwise.methods.deep.pointed import Pointed

SIZE = (20, 30)
LEGEND = Legend.of(["sky", "dog", "cat"], things=["dog", "cat"])
IMAGE = Image(np.zeros((*SIZE, 3), np.uint8))


def block(y0, y1, x0, x1):
    return Crop((y0, x0), np.ones((y1 - y0, x1 - x0), bool))


def things(_image=None):
    """A large doubtful dog, a small sure cat on it, and another cat far away."""
    crops = (block(2, 18, 2, 18), block(5, 10, 5, 10), block(1, 8, 22, 29))
    table = Segments.of(
        [1, 2, 2],
        score=[0.6, 0.9, 0.8],
        box=np.float32([crop.box for crop in crops]),
        area=[crop.area for crop in crops],
    )
    return Instances(table, crops, SIZE, LEGEND)


def classes(_image=None):
    """Sky on the left and on the right, void between them."""
    labels = np.zeros(SIZE, np.int32)
    labels[:, 19:21] = LEGEND.void
    return Semantic(labels, LEGEND)


def names(found):
    return [found.legend.name(int(kind)) for kind in found.segments.class_id]


@pytest.mark.parametrize(
    ("prompts", "expected"),
    [
        (Prompts(points=[(7, 7)]), ["cat"]),
        (Prompts(points=[(3, 3)]), ["dog"]),
        (Prompts(points=[(7, 7), (12, 12)], labels=[0, 1]), []),
        (Prompts(points=[(7, 7), (3, 3)], labels=[1, 2]), ["cat", "dog"]),
        (Prompts(boxes=[(2, 2, 18, 18)]), ["dog"]),
        (Prompts(boxes=[(21, 0, 30, 9)]), ["cat"]),
        (Prompts(boxes=[(25, 12, 30, 20)]), []),
        (Prompts(text="Cat"), ["cat", "cat"]),
        (Prompts(points=[(29, 19)]), []),
    ],
)
def test_pointed_when_things_then_what_is_meant(prompts, expected):
    found = Pointed(things=things, prompts=prompts)(IMAGE)

    assert names(found) == expected
    assert ("nothing" in found.provenance.notes[-1]) == (not expected)


def test_pointed_when_no_thing_is_there_then_the_part_of_the_class():
    found = Pointed(things=things, stuff=classes, prompts=Prompts(points=[(25, 15)]))(IMAGE)

    assert names(found) == ["sky"]
    assert found.crops[0].box == (21, 0, 30, 20)


def test_pointed_when_nothing_is_claimed_there_then_empty():
    found = Pointed(things=things, stuff=classes, prompts=Prompts(points=[(19, 19)]))(IMAGE)

    assert found.is_empty
    assert "nothing" in found.provenance.notes[-1]


def test_pointed_when_semantic_network_then_the_part_of_the_class():
    found = Pointed(things=classes, prompts=Prompts(points=[(0, 0)]))(IMAGE)
    assert found.crops[0].box == (0, 0, 19, 20)


def test_pointed_when_panoptic_then_things_before_stuff():
    labels = np.ones(SIZE, np.int32)
    labels[5:10, 5:10] = 2
    table = Segments.of([0, 1], score=[1, 0.7], area=[575, 25])
    whole = Panoptic(labels, table, LEGEND)

    def network(_image):
        return whole

    thing = Pointed(things=network, prompts=Prompts(points=[(7, 7)]))(IMAGE)
    stuff = Pointed(things=network, prompts=Prompts(points=[(20, 7)]))(IMAGE)

    assert (names(thing), names(stuff)) == (["dog"], ["sky"])
    assert stuff.segments.area[0] == 575


def test_pointed_when_text_names_no_thing_then_all_of_the_class():
    prompts = Prompts(text="Sky")
    found = Pointed(things=things, stuff=classes, prompts=prompts)(IMAGE)

    assert names(found) == ["sky"]
    assert found.segments.area[0] == np.count_nonzero(classes(IMAGE).labels == 0)
    assert names(Pointed(things=classes, prompts=prompts)(IMAGE)) == ["sky"]
    assert found.provenance.settings["prompts"]["text"] == "Sky"


def test_pointed_when_no_class_is_called_so_then_says_which_are():
    with pytest.raises(UnknownName, match=r"did you mean 'dog'.*models show"):
        Pointed(things=things, prompts=Prompts(text="dogs"))(IMAGE)


def test_pointed_when_point_lies_outside_then_error():
    with pytest.raises(InputError, match="outside"):
        Pointed(things=things, prompts=Prompts(points=[(30, 1)]))(IMAGE)


def test_pointed_when_mask_then_says_who_takes_it():
    with pytest.raises(InputError, match="grabcut"):
        Pointed(things=things, prompts=Prompts(masks=np.ones((1, *SIZE), bool)))(IMAGE)
