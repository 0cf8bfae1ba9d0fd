"""Validation: what is wrong with one object does not hide what is wrong with the next."""

import json
from xml.etree import ElementTree as ET

import pytest

from pixelwise.errors import InputError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.converting import faults_of, open_dataset
from pixelwise.io.annotations.dataset import Dataset
from pixelwise.io.annotations.fitting import Fit
from pixelwise.io.annotations.xml_text import lawful_xml

from .test_roundtrips import LEGEND, place_for, scene

INFO = ("annotations", 0, "segments_info")
RESULT = (0, "annotations", 0, "result")
JSON = {
    "labelme": (
        "labelme/walk/000001.json",
        {("shapes", 0, "points"): 3, ("shapes", 2, "label"): 7},
        {"$.shapes[0].points", "$.shapes[2].label"},
    ),
    "supervisely": (
        "supervisely/ds/ann/walk/000001.jpg.json",
        {("objects", 0, "classTitle"): 5, ("objects", 1, "id"): "x"},
        {"$.objects[0].classTitle", "$.objects[1].id"},
    ),
    "label-studio": (
        "label-studio/tasks.json",
        {(*RESULT, 0, "value", "brushlabels"): [], (*RESULT, 1, "value", "rle"): [1]},
        {"$[0].annotations[0].result[0].value.brushlabels", "$[0].annotations[0].result[1].value"},
    ),
    "geojson": (
        "geojson/walk/000001.geojson",
        {("features", 0, "geometry", "type"): "Point", ("features", 1, "properties", "id"): "x"},
        {"$.features[0].geometry.type", "$.features[1].properties.id"},
    ),
    "coco-video": (
        "coco-video.json",
        {("annotations", 0, "category_id"): 99, ("annotations", 1, "segmentations"): 3},
        {"$.annotations[0].category_id", "$.annotations[1].segmentations"},
    ),
    "coco-panoptic": (
        "coco-panoptic/panoptic.json",
        {(*INFO, 0, "category_id"): 99, (*INFO, 1, "id"): "x"},
        {f"$.annotations[0].segments_info[{row}" for row in ("0].category_id", "1].id")},
    ),
}
LINES = {
    "mot": ("mot/walk/gt/gt.txt", {"line 1", "line 2"}),
    "mots": ("mots/instances_txt/walk.txt", {"line 1", "line 2"}),
    "yolo": ("yolo/labels/walk/000001.txt", {"line 1", "line 2"}),
}
XML = {
    "cvat": ("cvat.xml", "mask", "rle", {"image[0].mask[0]", "image[0].mask[1]"}),
    "svg": ("svg/walk/000001.svg", "g", "data-id", {"g[0]", "g[1]"}),
}


def written(name, folder):
    """Write the scene and return where."""
    row, place = ANNOTATIONS[name], place_for(name, folder)
    fit = Fit(LEGEND, row.capacity)
    row.write(place, Dataset(legend=fit.legend, samples=[fit(sample)[0] for sample in scene()]))
    return place


def assert_told(place, name, expected):
    found = list(faults_of(place, name))
    assert expected <= {fault.path for fault in found}
    assert all(fault.message and fault.file for fault in found)
    assert len(found) == len(set(found))
    with pytest.raises(InputError):
        list(open_dataset(place, name))


@pytest.mark.parametrize("name", JSON)
def test_json_when_two_objects_are_wrong_then_both_are_told_with_their_path(name, tmp_path):
    file, changes, expected = JSON[name]
    place, path = written(name, tmp_path), tmp_path / file
    table = json.loads(path.read_text())
    for (*way, last), value in changes.items():
        row = table
        for key in way:
            row = row[key]
        row[last] = value
    path.write_text(json.dumps(table))
    assert_told(place, name, expected)


@pytest.mark.parametrize("name", LINES)
def test_lines_when_two_are_wrong_then_both_are_told_by_number(name, tmp_path):
    file, expected = LINES[name]
    place, path = written(name, tmp_path), tmp_path / file
    path.write_text("\n".join(["x", "y", *path.read_text().splitlines()[2:]]))
    assert_told(place, name, expected)


@pytest.mark.parametrize("name", XML)
def test_xml_when_two_elements_are_wrong_then_both_are_told(name, tmp_path):
    file, tag, key, expected = XML[name]
    place, path = written(name, tmp_path), tmp_path / file
    tree = lawful_xml(path.read_bytes(), "x")
    for row in list(tree.iter(tag))[:2]:
        row.set(key, "x")
    path.write_bytes(ET.tostring(tree))
    assert_told(place, name, expected)


@pytest.mark.parametrize("name", ["labelme", "supervisely", "geojson", "label-studio"])
def test_json_when_a_key_stands_twice_then_it_is_told(name, tmp_path):
    file = JSON[name][0]
    place, path = written(name, tmp_path), tmp_path / file
    text = path.read_text()
    key = text.split('"')[1]
    path.write_text(text.replace(f'"{key}"', f'"{key}": 0, "{key}"', 1))
    told = [fault for fault in faults_of(place, name) if "2 times" in fault.message]
    assert [fault.path.rpartition(".")[2] for fault in told] == [key]


def test_place_when_its_frame_is_damaged_then_that_is_the_fault(tmp_path):
    place = written("supervisely", tmp_path)
    (place / "meta.json").write_text('{"classes": 3}')
    (fault,) = faults_of(place, "supervisely")
    assert (fault.path, fault.message) == ("$.classes", "expected a list, not 3")
