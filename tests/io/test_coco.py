"""COCO JSON of one picture as a file format."""

import numpy as np
import pytest

from pixelwise.core import Instances, Legend, Panoptic, Segments
from pixelwise.errors import InputError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.dataset import Dataset, Sample
from pixelwise.io.files import read, read_thing, write

PETS = Legend.of(["sky", "cat", "dog"], things=["cat", "dog"])


def test_coco_when_instances_written_then_read_back(tmp_path):
    masks = np.zeros((2, 5, 6), bool)
    masks[0, 1:4, 1:4] = True
    masks[0, 2, 2] = False
    masks[1, 2:, 3:] = True
    things = Instances.of(masks, np.array([1, 2], np.int32), PETS, score=np.float32([0.5, 1]))
    crowd = things.segments.with_columns(crowd=[False, True], track_id=[-1, -1])
    things = Instances(crowd, things.crops, things.size, PETS)
    write(tmp_path / "a.coco.json", things)
    back = read_thing(tmp_path / "a.coco.json")
    assert isinstance(back, Instances)
    np.testing.assert_array_equal(np.asarray(back), masks)
    assert back.segments.score.tolist() == [0.5, 1]
    assert back.segments.crowd.tolist() == [False, True]
    assert [back.legend.name(number) for number in back.segments.class_id] == ["cat", "dog"]


def test_coco_panoptic_when_written_then_read_back(tmp_path):
    labels = np.array([[0, 70_000, 70_000], [3, 3, 0]], np.int32)
    table = Segments.of([1, 0], id=[70_000, 3], area=[2, 2])
    write(tmp_path / "a.panoptic.json", Panoptic(labels, table, PETS))
    back = read_thing(tmp_path / "a.panoptic.json")
    assert isinstance(back, Panoptic)
    assert back.labels.tolist() == labels.tolist()
    with pytest.raises(InputError, match="expected a picture"):
        read(tmp_path / "a.panoptic.json")


def test_coco_when_it_has_several_pictures_then_says_so(tmp_path):
    result = Instances(Segments.empty(), (), (5, 6), PETS)
    samples = [Sample(name=f"{name}.jpg", result=result) for name in "ab"]
    ANNOTATIONS["coco"].write(tmp_path / "a.coco.json", Dataset(legend=PETS, samples=samples))
    with pytest.raises(InputError, match="several"):
        read_thing(tmp_path / "a.coco.json")
