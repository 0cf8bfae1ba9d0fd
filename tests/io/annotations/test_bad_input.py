"""Annotations 101 to 105 of the bad inputs: every fault listed with its place, nothing explodes."""

import json
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pixelwise.core import Rle
from pixelwise.errors import InputError, LimitError, PixelwiseError
from pixelwise.io.annotations import ANNOTATIONS
from pixelwise.io.annotations.brush import packed, unpacked
from pixelwise.io.annotations.converting import faults_of, open_dataset
from pixelwise.io.annotations.json_rows import JsonTables
from pixelwise.io.annotations.json_text import lawful_json
from pixelwise.io.annotations.xml_text import lawful_xml

SQUARE = [1, 1, 3, 1, 3, 3, 1, 3]


def coco(annotations, images=None, categories=None):
    return {
        "images": images or [{"id": 1, "file_name": "a.jpg", "height": 5, "width": 6}],
        "annotations": annotations,
        "categories": categories or [{"id": 1, "name": "cat"}],
    }


def row(**changed):
    return {"id": 1, "image_id": 1, "category_id": 1, "segmentation": [SQUARE], **changed}


def faults(tmp_path, table):
    path = tmp_path / "a.json"
    path.write_text(table if isinstance(table, str) else json.dumps(table))
    return {fault.path: fault for fault in faults_of(path, "coco")}, path


BAD_ROWS = {
    "nan": (row(segmentation=[[1, 1, float("nan"), 1, 3, 3]]), ".segmentation[0]"),
    "two points": (row(segmentation=[[1, 1, 2, 2]]), ".segmentation[0]"),
    "odd count": (row(segmentation=[[1, 1, 3, 1, 3, 3, 1]]), ".segmentation[0]"),
    "far away": (row(segmentation=[[1, 1, 1e30, 1, 3, 3]]), ".segmentation[0]"),
    "negative box": (row(bbox=[1, 1, -2, 3]), ".bbox"),
    "missing image": (row(image_id=9), ".image_id"),
    "unknown category": (row(category_id=9), ".category_id"),
    "wrong sum": (row(segmentation={"size": [5, 6], "counts": [3, 4]}), ".segmentation.counts"),
    "negative run": (
        row(segmentation={"size": [5, 6], "counts": [40, -10]}),
        ".segmentation.counts",
    ),
    "huge run": (row(segmentation={"size": [5, 6], "counts": [2**70]}), ".segmentation.counts"),
    "huge size": (
        row(segmentation={"size": [2**31, 2**31], "counts": [2**62]}),
        ".segmentation.size",
    ),
    "bad text": (row(segmentation={"size": [5, 6], "counts": "zzzz"}), ".segmentation.counts"),
    "no shape": (row(segmentation=None), ".segmentation"),
    "text id": (row(id="x"), ".id"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_coco_when_a_row_is_bad_then_its_path_is_told_and_reading_refuses(name, tmp_path):
    bad, path = BAD_ROWS[name]
    found, file = faults(tmp_path, coco([row(id=7), bad]))
    assert f"$.annotations[1]{path}" in found
    assert not found[f"$.annotations[1]{path}"].harmless
    assert all(key.startswith("$.annotations[1]") for key in found)
    if name not in ("negative box",):  # boxes are measured on the masks  # noqa: FURB171
        with pytest.raises(PixelwiseError):
            list(open_dataset(file, "coco"))


def test_coco_when_many_rows_are_bad_then_all_are_told(tmp_path):
    table = coco([{**bad, "id": n} for n, (bad, _) in enumerate(BAD_ROWS.values(), start=1)])
    found, _ = faults(tmp_path, table)
    assert {key.split("]")[0] for key in found} == {
        f"$.annotations[{n}" for n in range(len(BAD_ROWS) - 1)
    }


def test_coco_when_ids_repeat_then_told(tmp_path):
    images = [{"id": 1, "file_name": "a.jpg", "height": 5, "width": 6}] * 2
    found, _ = faults(tmp_path, coco([row(), row()], images=images))
    assert {"$.annotations[1].id", "$.images[1].id", "$.images[1].file_name"} <= set(found)


def test_coco_when_it_crosses_itself_then_told_as_harmless_and_read(tmp_path):
    found, path = faults(tmp_path, coco([row(segmentation=[[1, 1, 4, 4, 4, 1, 1, 4]])]))
    assert [fault.harmless for fault in found.values()] == [True]
    assert len(list(open_dataset(path))) == 1


def test_coco_when_picture_is_huge_then_limit_before_memory(tmp_path):
    images = [{"id": 1, "file_name": "a.jpg", "height": 2**31, "width": 2**31}]
    found, path = faults(tmp_path, coco([row()], images=images))
    assert "$.images[0]" in found
    tracemalloc.start()
    with pytest.raises(LimitError):
        list(open_dataset(path, "coco"))
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


def test_coco_when_its_lists_are_long_then_known_by_keys_in_the_middle_as_the_official_files(
    tmp_path,
):
    images = [{"id": n, "file_name": f"{n}.jpg", "height": 5, "width": 6} for n in range(1, 3000)]
    rows = [row(id=n, image_id=n) for n in range(1, 3000)]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"images": images, **coco(rows, images)}))
    assert path.stat().st_size > 4 * 65536
    assert len(list(open_dataset(path))) == 2999


def test_coco_when_the_file_is_large_then_only_an_index_is_in_memory(tmp_path):
    ring = [float(part) for n in range(40) for part in (n % 6, n % 5)]
    path = tmp_path / "a.json"
    rows = [row(id=n, segmentation=[ring]) for n in range(1, 20_001)]
    path.write_text(json.dumps(coco(rows)))
    tracemalloc.start()
    tables = JsonTables(path)
    assert tables.row("annotations", 19_999).value == rows[-1]
    assert tracemalloc.get_traced_memory()[0] < path.stat().st_size / 3
    tracemalloc.stop()


def test_coco_when_keys_repeat_then_told(tmp_path):
    text = json.dumps(coco([row()])).replace(
        '"category_id": 1', '"category_id": 2, "category_id": 1'
    )
    found, _ = faults(tmp_path, text)
    assert "2 times" in found["$.annotations[0].category_id"].message


@pytest.mark.parametrize("text", ["[" * 100_000 + "]" * 100_000, '{"a":' * 100_000])
def test_json_when_nested_deep_then_input_error(text, tmp_path):
    with pytest.raises(InputError, match=r"deep|early"):
        lawful_json(text.encode(), "x")
    found, path = faults(tmp_path, text)
    assert list(found) == ["$"]
    with pytest.raises(InputError):
        open_dataset(path, "coco")
    for name in ("labelme", "label-studio"):
        with pytest.raises(InputError):
            list(open_dataset(path, name))


@pytest.mark.parametrize("text", ["", "x", '{"a": [', '{"images": [{"id": 1}', "[]", "{}", '"a"'])
def test_json_when_no_coco_then_input_error(text, tmp_path):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(InputError):
        list(ANNOTATIONS["coco"].read(path, _rules()))
    assert list(faults_of(path, "coco"))


def test_json_when_a_key_is_no_text_then_input_error(tmp_path):
    path = tmp_path / "a.json"
    text = json.dumps({**coco([row()]), "n?": [1]}).encode()
    path.write_bytes(text.replace(b"n?", b"n\xff"))
    assert list(faults_of(path, "coco"))
    with pytest.raises(InputError, match="no JSON"):
        list(ANNOTATIONS["coco"].read(path, _rules()))


def _rules():
    from pixelwise.io.format import Reading

    return Reading()


def test_rows_when_strings_hold_brackets_and_quotes_then_found(tmp_path):
    rows = [
        {"image_id": n, "note": 'a "quoted\\" ] } [ { \\', "deep": {"image_id": 99}} for n in (5, 3)
    ]
    path = tmp_path / "a.json"
    path.write_text(json.dumps({"info": {"image_id": 1}, "annotations": rows, "n": [1]}, indent=2))
    tables = JsonTables(path)
    assert tables.whole_numbers("annotations", "image_id").tolist() == [5, 3]
    assert tables.row("annotations", 1).value == rows[1]


ATOMS = st.none() | st.booleans() | st.integers(-5, 2**40) | st.text(max_size=6)
VALUES = st.recursive(
    ATOMS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.dictionaries(st.text(max_size=4), VALUES, max_size=3), st.integers(0, 2**50))
    ),
    st.sampled_from([None, 0, 3]),
    st.integers(20, 90),
)
def test_rows_when_any_json_then_as_json_load(tmp_path_factory, pairs, indent, part):
    rows = [{**extra, "id": number} for extra, number in pairs]
    path = tmp_path_factory.mktemp("rows") / "a.json"
    path.write_text(json.dumps({"x": {"id": 4}, "rows": rows, "other": [{"id": 1}]}, indent=indent))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pixelwise.io.annotations.json_rows.PART", part)
        tables = JsonTables(path)
    assert [found.value for found in tables.rows("rows")] == rows
    assert tables.whole_numbers("rows", "id").tolist() == [entry["id"] for entry in rows]


BOMB = b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>
<annotations><image>&b;</image></annotations>"""
OUTSIDE = (
    b"""<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>"""
)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, b"<a>" * 1000, b"<a", b""])
def test_xml_when_it_has_entities_or_is_broken_then_refused(text, tmp_path):
    with pytest.raises(InputError):
        lawful_xml(text, "x")
    path = tmp_path / "annotations.xml"
    path.write_bytes(text)
    with pytest.raises(InputError):
        list(ANNOTATIONS["cvat"].read(path, _rules()))


def test_yolo_when_lines_are_bad_then_listed_by_number(tmp_path):
    (tmp_path / "labels").mkdir()
    (tmp_path / "data.yaml").write_text("names: [cat]\n")
    (tmp_path / "pictures.csv").write_text("name,width,height\na.jpg,10,10\n")
    lines = ["0 .1 .1 .5 .1 .5 .5", "0 .1 nan .5 .1 .5 .5", "0 1e309 .1 .5 .1 .5 .5", "0 .1 .1 .5"]
    lines += ["7 .1 .1 .5 .1 .5 .5", "0 .1 .1 .5 .1 .5", "x 1", "0 inf 0 0 0 0 0"]
    (tmp_path / "labels" / "a.txt").write_text("\n".join(lines))
    found = list(faults_of(tmp_path, "yolo"))
    assert [fault.path for fault in found] == [f"line {n}" for n in range(2, 9)]
    with pytest.raises(InputError, match="line 2"):
        list(open_dataset(tmp_path, "yolo"))


def cvat_zip(path, name="annotations.xml", text=b"<annotations/>", mode=0):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("annotations.xml", b"<annotations/>")
        if name != "annotations.xml" or mode:
            row = zipfile.ZipInfo(name)
            row.external_attr = mode << 16
            archive.writestr(row, text)
    return path


@pytest.mark.parametrize(
    ("name", "mode"), [("../evil.xml", 0), ("/etc/passwd", 0), ("link", 0o120777), ("C:\\x", 0)]
)
def test_zip_when_names_leave_or_link_then_refused_before_any_file(name, mode, tmp_path):
    path = cvat_zip(tmp_path / "a.zip", name, b"/etc/passwd", mode)
    with pytest.raises(InputError):
        list(open_dataset(path, "cvat-zip"))
    assert [file.name for file in tmp_path.iterdir()] == ["a.zip"]


def test_zip_when_a_bomb_then_size_is_counted_while_inflating(tmp_path):
    path = tmp_path / "a.zip"
    with (
        zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("annotations.xml", "w") as file,
    ):
        for _ in range(100):
            file.write(b" " * (1 << 20))
    with pytest.raises(LimitError):
        list(open_dataset(path, "cvat-zip"))


@pytest.mark.parametrize(
    "name", ["../a.jpg", "/a.jpg", "", "a\0.jpg", "a/../../b.jpg", "C:\\a.jpg"]
)
def test_name_when_it_leaves_the_folder_then_refused(name, tmp_path):
    images = [{"id": 1, "file_name": name, "height": 5, "width": 6}]
    found, path = faults(tmp_path, coco([row()], images=images))
    assert "$.images[0].file_name" in found
    if name:  # without a name the picture is called by its id
        with pytest.raises(InputError):
            list(open_dataset(path, "coco"))


@settings(max_examples=150, deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.lists(st.integers(-3, 40), max_size=12))
def test_rle_when_any_counts_then_a_mask_of_the_size_or_an_error(height, width, counts):
    try:
        rle = Rle((height, width), np.array(counts, np.int64))
    except InputError:
        assert sum(counts) != height * width or min(counts, default=0) < 0
        return
    assert rle.decode().shape == (height, width)


@pytest.mark.fuzz
@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.binary(max_size=20))
def test_rle_when_any_text_then_as_pycocotools_or_an_error(height, width, text):
    from pycocotools import mask as theirs

    try:
        rle = Rle.parse((height, width), text)
    except InputError:
        return
    made = {"size": [height, width], "counts": rle.text.encode()}
    assert theirs.area(made) == rle.area
    assert theirs.toBbox(made).tolist()[2:] == [rle.box[2] - rle.box[0], rle.box[3] - rle.box[1]]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 255), max_size=60), st.integers(1, 5), st.integers(1, 5))
def test_brush_when_any_bytes_then_a_mask_of_the_size_or_an_error(data, height, width):
    try:  # noqa: SIM105
        assert unpacked(data, (height, width)).shape == (height, width)
    except InputError:
        pass
    assert not unpacked(packed(np.zeros((height, width), bool)), (height, width)).any()


@pytest.mark.parametrize("name", ANNOTATIONS)
def test_format_when_folder_is_empty_or_missing_then_no_crash(name, tmp_path):
    for place in (tmp_path, tmp_path / "missing"):
        assert ANNOTATIONS[name].sniff(place) is False
        try:  # noqa: SIM105
            assert list(ANNOTATIONS[name].read(place, _rules())) == []
        except PixelwiseError:
            pass
