"""DICOM-SEG: the same masks at the same place after every round trip."""

import numpy as np
import pytest

pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")

import io
from itertools import permutations, product

import highdicom as hd
import pydicom
from tests.io.volumes.slices import dicom_slice, write_series

from pixelwise.core import Foreground, Image, Instances, Legend, Semantic, Space
from pixelwise.errors import OutputError
from pixelwise.io.files import read, read_thing, write
from pixelwise.io.volumes import dicom_codes
from pixelwise.io.volumes.dicom_codes import TISSUE, codes_for
from pixelwise.io.volumes.dicom_reference import nameless
from pixelwise.io.volumes.dicom_seg import outlined, seg_bytes, seg_of
from pixelwise.io.volumes.dicom_series import read_series

FILES = [
    ("liver.dcm", "ct-3slice"),
    ("partial_overlaps.dcm", "ct-3slice"),
    ("sparse-labelmap-noppv.dcm", "24x38x3/image"),
    ("24x38x3/seg/label.seg", "24x38x3/image"),
    ("23x38x3/seg/label.seg", "23x38x3/image"),
]


@pytest.mark.parametrize(("name", "source"), FILES)
def test_real_file_when_rewritten_then_same_masks_and_geometry(name, source, data_dir):
    first = seg_of((data_dir / "ct_dcmqi" / name).read_bytes(), name)
    again = seg_of(seg_bytes(first), "again")
    assert np.array_equal(again.masks, first.masks)
    assert again.space == first.space
    assert again.segments == first.segments
    slices = read_series(data_dir / "ct_dcmqi" / source).slices
    placed = seg_of(seg_bytes(first, slices), "placed")
    assert np.array_equal(placed.masks, first.masks)
    assert np.allclose(placed.space.matrix, first.space.matrix, atol=1e-5)


def test_real_file_when_read_then_equals_its_nrrd(data_dir):
    folder = data_dir / "ct_dcmqi"
    seg = read_thing(folder / "liver.dcm")
    assert isinstance(seg, Semantic)
    assert np.array_equal(np.asarray(seg) == 1, read(folder / "liver_seg.nrrd").pixels[..., 0] == 1)
    assert isinstance(read_thing(folder / "partial_overlaps.dcm"), Instances)


def scene(tmp_path):
    series = read_series(write_series(tmp_path / "s", [dicom_slice(n) for n in range(5)]))
    labels = np.zeros((5, 4, 6), np.int32)
    labels[1:3, 1:3, 2:5], labels[4, 3, 0] = 1, 2
    legend = Legend.of(["background", "bone", "left lung"])
    return series, Semantic(labels, legend, space=series.image.space)


def test_semantic_when_written_then_codes_and_references(tmp_path):
    series, result = scene(tmp_path)
    data = seg_bytes(outlined(result), series.slices)
    seg = hd.seg.segread(io.BytesIO(data))
    codes = [seg.get_segment_description(n).segmented_property_type.value for n in (1, 2)]
    assert codes == ["272673000", "39607008"]
    referred = {str(uid) for _, _, uid in seg.get_source_image_uids()}
    assert referred == {str(row.SOPInstanceUID) for row in series.slices}
    again = seg_of(data, "a")
    assert np.array_equal(again.result().labels, result.labels)
    assert again.space == result.space


ORIENTATIONS = [
    (order, signs) for order in permutations(range(3)) for signs in product((1, -1), repeat=3)
]


def in_the_world(labels, space):
    """Return label and place of every labelled voxel, in an order that only places decide."""
    places = np.argwhere(labels)
    world = np.c_[places[:, ::-1], np.ones(len(places))] @ space.matrix.T
    rows = np.c_[np.round(world[:, :3], 6), labels[tuple(places.T)]]
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize(("order", "signs"), ORIENTATIONS)
def test_write_when_oriented_then_every_voxel_is_at_its_place_in_the_world(order, signs):
    affine = np.eye(4)
    affine[:3, :3] = 0
    for axis in range(3):
        affine[order[axis], axis] = signs[axis] * (0.5, 2.0, 3.25)[axis]
    affine[:3, 3] = (-10, 20.5, 7)
    space = Space((3.25, 2.0, 0.5), "mm", tuple(map(tuple, affine.tolist())))
    labels = np.zeros((4, 5, 6), np.int32)
    labels[1:3, 1:4, 2:3], labels[3, 0, 5] = 1, 2
    result = Semantic(labels, Legend.of(["background", "bone", "lung"]), space=space)
    again = seg_of(seg_bytes(outlined(result)), "a").result()
    np.testing.assert_array_equal(
        in_the_world(again.labels, again.space), in_the_world(labels, space)
    )


def test_write_when_the_source_has_many_frames_then_it_is_referred_to_or_hidden(data_dir):
    from pixelwise.apps.medical.opening import open_volume

    opened = open_volume(data_dir / "ct_dcmqi" / "24x38x3" / "multiframe" / "mf.dcm")
    source = opened.slices[0]
    voxels = opened.image.pixels[..., 0]
    result = Foreground(voxels > voxels.mean(), space=opened.image.space)
    data = seg_bytes(outlined(result), opened.slices)
    made = hd.seg.segread(io.BytesIO(data))
    assert [str(uid) for _, _, uid in made.get_source_image_uids()] == [source.SOPInstanceUID]
    again = seg_of(data, "a")
    assert np.array_equal(again.masks[0], result.mask)
    assert np.allclose(again.space.matrix, result.space.matrix, atol=1e-5)
    hidden = seg_bytes(outlined(result), nameless(opened.slices))
    for value in (source.PatientID, source.StudyDate, source.SOPInstanceUID):
        assert str(value).encode() in data
        assert str(value).encode() not in hidden


def test_codes_when_named_then_as_the_standard_has_them():
    """Every code and meaning of ours stands in the tables of DICOM PS3.16 that pydicom carries."""
    from pydicom.sr._concepts_dict import concepts

    known = {
        (value, meaning)
        for rows in concepts["SCT"].values()
        for value, (meaning, _) in rows.items()
    }
    ours = {(row.value, row.meaning) for row in [TISSUE, *dicom_codes._TYPES]}
    ours |= {row for rows in dicom_codes._TYPES.values() for row in rows.values()}
    assert ours - known == set()
    assert len(ours) > 30
    found = {
        "Cerebral-White-Matter": "Cerebral White Matter",
        "Inferior-Lateral-Ventricle": "Lateral Ventricle",
        "4th-Ventricle": "Fourth Ventricle",
        "Brain-Stem": "Brain Stem",
        "gray matter": "Gray Matter",
        "Edema": "Edema",
        "left lung": "Lung",
        "region 3": "Tissue",
    }
    assert {name: codes_for(name)[1].meaning for name in found} == found


def test_write_when_no_slices_then_still_the_same_place(tmp_path):
    _, result = scene(tmp_path)
    write(tmp_path / "a.dcm", result)
    again = read_thing(tmp_path / "a.dcm")
    assert np.array_equal(again.labels, result.labels)
    assert again.space == result.space
    assert again.legend.name(1) == "bone"


def test_nameless_when_written_then_nothing_leads_back(tmp_path):
    series, result = scene(tmp_path)
    data = seg_bytes(outlined(result), nameless(series.slices))
    dataset = pydicom.dcmread(io.BytesIO(data))
    assert str(dataset.PatientName) == dataset.PatientID == dataset.PatientBirthDate == ""
    assert dataset.StudyDate in ("", None)
    assert dataset.PatientIdentityRemoved == "YES"
    for word in (b"Secret", b"ID-4711", b"19700101", b"Doctor"):
        assert word not in data
    for uid in ("StudyInstanceUID", "FrameOfReferenceUID"):
        assert getattr(series.slices[0], uid).encode() not in data
    assert np.array_equal(seg_of(data, "a").result().labels, result.labels)


def test_write_when_empty_or_image_then_refused(tmp_path):
    with pytest.raises(OutputError, match="nothing was found"):
        write(tmp_path / "a.dcm", Foreground(np.zeros((2, 3, 4), bool)))
    with pytest.raises(OutputError):
        write(tmp_path / "a.dcm", Image.volume(np.zeros((2, 3, 4))))
    with pytest.raises(OutputError, match="volumes"):
        write(tmp_path / "a.dcm", Foreground(np.ones((3, 4), bool)))
