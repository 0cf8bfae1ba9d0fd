"""Medical volumes: exact volumes, tissues by name, and the whole road of the command line."""

import csv
import io
import json
import logging

import numpy as np
import pytest

from pixelwise.apps.medical.lesion import Lesion
from pixelwise.apps.medical.opening import open_labels, voxel_prompts
from pixelwise.apps.medical.planes import three_planes
from pixelwise.apps.medical.presets import PRESETS, preset
from pixelwise.apps.medical.statistics import as_csv, as_json, measure
from pixelwise.core import Foreground, Image, Instances, Legend, Prompts, Regions, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError, UnknownName
from pixelwise.io.files import read, read_thing, write

pytest.importorskip("nibabel", reason="nibabel comes with the extra medical")


def space(steps=(2.0, 1.0, 0.5), signs=(-1, 1, 1), origin=(10.0, 20.0, 30.0)):
    affine = np.diag([*(step * sign for step, sign in zip(steps[::-1], signs, strict=True)), 1.0])
    affine[:3, 3] = origin
    return Space(steps, Unit.MILLIMETRE, tuple(map(tuple, affine.tolist())))


def labels():
    made = np.zeros((6, 8, 10), np.int32)
    made[1:3, 2:6, 3:8], made[5, 7, 9] = 1, 2
    return made


def test_measure_when_box_then_every_number_known():
    values = np.zeros((6, 8, 10), np.float32)
    values[1:3, 2:6, 3:8] = np.arange(40, dtype=np.float32).reshape(2, 4, 5)
    box, corner = measure(Regions(labels(), space()), Image.volume(values, space()))
    assert (box.label, box.voxels, box.volume_ml) == (1, 40, 0.04)
    assert (box.mean, box.least, box.median, box.greatest) == (19.5, 0, 19.5, 39)
    assert box.sd == pytest.approx(np.arange(40).std())
    assert box.p5 == pytest.approx(np.percentile(np.arange(40), 5))
    assert box.box_mm == pytest.approx((10 - 3.75, 21.5, 31, 10 - 1.25, 25.5, 35))
    assert box.centroid_mm == pytest.approx((10 - 2.5, 23.5, 33))
    assert box.diameter_mm == pytest.approx(np.hypot(4, 2.5))
    assert box.diameter_3d_mm == pytest.approx(np.sqrt(16 + 16 + 6.25))
    assert not box.touches_border
    assert corner.touches_border


def test_measure_when_other_results_then_named_and_void_left_out():
    legend = Legend.of(["background", "fat", "bone"])
    known = labels()
    known[0, 0, 0] = legend.void
    rows = measure(Semantic(known, legend, space=space()))
    assert [row.name for row in rows] == ["fat", "bone"]
    masks = np.stack([labels() == 1, labels() >= 1])
    table = Instances.of(masks, np.array([1, 2], np.int32), legend, space=space())
    assert [row.voxels for row in measure(table)] == [40, 41]
    assert [row.voxels for row in measure(Foreground(labels() > 0, space=space()))] == [41]
    assert measure(Foreground(np.zeros((3, 3, 3), bool), space=space())) == ()


def test_measure_when_no_millimetres_then_refused():
    with pytest.raises(InputError, match="millimetres"):
        measure(Regions(labels()))


def test_tables_when_written_then_readable_and_nan_is_null():
    rows = measure(Regions(labels(), space()))
    table = list(csv.DictReader(io.StringIO(as_csv(rows))))
    assert [float(row["volume_ml"]) for row in table] == [0.04, 0.001]
    assert float(table[0]["centroid_x_mm"]) == 7.5
    assert json.loads(as_json(rows))[0]["mean"] is None
    assert len(as_csv(()).splitlines()) == 1


def test_real_labels_when_measured_then_millilitres_exact(data_dir):
    import nibabel as nib

    paths = [
        *sorted((data_dir / "hippocampus_msd" / "labels").glob("*.nii.gz"))[:8],
        *sorted((data_dir / "spinalcord_sct").rglob("*seg*.nii.gz")),
    ]
    for path in paths:
        theirs = nib.load(path)
        voxel = np.array(theirs.header.get_zooms()[:3], np.float64).prod() / 1000
        truth = np.asarray(theirs.dataobj)
        for row in measure(open_labels(path)):
            assert row.volume_ml == pytest.approx((truth == row.label).sum() * voxel, abs=1e-9)


def test_presets_when_asked_for_then_known_or_nearest_named():
    assert set(PRESETS) == {"ct-bone", "ct-lung", "ct-soft-tissue", "ct-fat", "mr-brain"}
    with pytest.raises(UnknownName, match="ct-bone"):
        preset("ct-bones")


def phantom():
    """A body of water with fat around it, two lungs, and a hollow bone."""
    z, y, x = np.meshgrid(np.arange(24), np.arange(60), np.arange(60), indexing="ij")
    voxels = np.full(z.shape, -1000, np.int16)
    inside = (x - 30) ** 2 + (y - 30) ** 2
    voxels[inside < 26**2] = -100
    voxels[inside < 23**2] = 40
    lungs = ((np.abs(x - 30) - 11) ** 2 + (y - 25) ** 2 < 36) & (z > 3) & (z < 20)
    voxels[lungs] = -800
    around = (x - 30) ** 2 + (y - 44) ** 2
    voxels[around < 25] = 600
    voxels[around < 6] = 60
    parts = {"ct-lung": lungs, "ct-fat": voxels == -100, "ct-bone": around < 25}
    parts["ct-soft-tissue"] = (voxels == 40) & (around > 30)
    return Image.volume(voxels, space((1.0, 1.0, 1.0))), parts


@pytest.mark.parametrize("name", ["ct-bone", "ct-lung", "ct-soft-tissue", "ct-fat"])
def test_preset_when_phantom_then_tissue_found(name):
    image, parts = phantom()
    found, truth = preset(name)(image).mask, parts[name]
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) > 0.93


def test_preset_when_no_hounsfield_then_refused():
    with pytest.raises(InputError, match="Hounsfield"):
        preset("ct-bone")(Image.volume(np.zeros((3, 3, 3), np.int16), space()))
    with pytest.raises(InputError, match="millimetres"):
        preset("ct-bone")(Image.volume(np.full((3, 3, 3), -1000, np.int16)))
    with pytest.raises(InputError, match="grey volumes"):
        preset("ct-bone")(Image(np.zeros((3, 3), np.int16)))


def test_bone_when_ct_series_then_spine_covered(data_dir):
    pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")
    from pixelwise.apps.medical.opening import open_volume

    folder = data_dir / "ct_dcmqi"
    spine = read(folder / "spine_seg.nrrd").pixels[..., 0] > 0
    found = preset("ct-bone")(open_volume(folder / "ct-3slice").image).mask
    assert (found & spine).sum() / spine.sum() >= 0.88


def test_lesion_when_one_seed_then_tumour_found(data_dir):
    folder = data_dir / "brats_deepmedic" / "brats_2013_pat0001_1"
    truth = read(folder / "OTMultiClass.nii.gz").pixels[..., 0] > 0.5
    image = read(folder / "Flair_subtrMeanDivStd.nii.gz")
    seed = Prompts(points=[(74, 107, 86)])
    found = Lesion(prompts=seed)(image).mask
    assert truth[86, 107, 74]
    assert 2 * (found & truth).sum() / (found.sum() + truth.sum()) >= 0.70
    with pytest.raises(InputError, match="no seed"):
        Lesion(prompts=Prompts(points=[(1, 1, 1)]))(image)


def test_prompts_when_in_the_world_then_voxels():
    image = Image.volume(labels(), space())
    moved = voxel_prompts(Prompts(points=[(8.5, 24, 32)]), image, world=True)
    assert np.asarray(moved.points).tolist() == [[3, 4, 1]]
    plain = Image.volume(labels())
    with pytest.raises(InputError, match="place in the world"):
        voxel_prompts(Prompts(points=[(1, 2, 3)]), plain, world=True)


@pytest.mark.parametrize("signs", [(1, 1, 1), (-1, 1, 1), (-1, -1, -1)])
def test_planes_when_any_orientation_then_patient_right_is_left(signs):
    grid = space((1.0, 1.0, 1.0), signs)
    world = np.zeros((20, 20, 20), np.uint8)  # z y x, each growing to head, front, right
    world[:, :, 14:] = 200
    voxels = world[tuple(slice(None, None, sign) for sign in signs[::-1])]
    axial, coronal, sagittal = three_planes(
        Image.volume(voxels, grid), Foreground(voxels < 0, space=grid), (100, 200)
    )
    for picture in (axial, coronal):
        assert picture[20, 60].max() > 150
        assert picture[20, -60].max() < 50
    assert axial.shape == sagittal.shape == (480, 480, 3)


def run(*arguments):
    from pixelwise.cli import COMMANDS
    from pixelwise.cli.root import run as start

    return start(COMMANDS, ["volume", *map(str, arguments)])


def test_command_when_folder_then_all_files_and_the_same_place(tmp_path, capsys):
    image, _ = phantom()
    write(tmp_path / "in.nii.gz", image)
    assert run(tmp_path / "in.nii.gz", "-o", tmp_path / "out", "--preset", "ct-bone", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    names = {"labels.nii.gz", "statistics.csv", "statistics.json", "report.html", "planes.png"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == names
    again = read(tmp_path / "out" / "labels.nii.gz")
    assert again.space == image.space
    assert told["labels"]["ct-bone"]["voxels"] == again.pixels.sum()
    page = (tmp_path / "out" / "report.html").read_text()
    assert "<script" not in page
    assert "http" not in page
    assert '<i style="background:rgb(255, 176, 0)"></i>ct-bone' in page


def test_command_when_labels_given_then_only_measured(tmp_path, capsys):
    write(tmp_path / "in.mha", Image.volume(labels().astype(np.float32), space()))
    write(tmp_path / "truth.nrrd", Regions(labels(), space()))
    out = tmp_path / "out"
    run(tmp_path / "in.mha", "-o", out, "--labels", tmp_path / "truth.nrrd", "--save", "statistics")
    rows = list(csv.DictReader(io.StringIO((out / "statistics.csv").read_text())))
    assert [float(row["mean"]) for row in rows] == [1, 2]
    moved = space(origin=(0, 0, 0))
    write(tmp_path / "moved.nrrd", Regions(labels(), moved))
    with pytest.raises(InputError, match="elsewhere"):
        run(tmp_path / "in.mha", "-o", out, "--labels", tmp_path / "moved.nrrd")


def test_command_when_point_in_the_world_then_region_grown(tmp_path):
    write(tmp_path / "in.nii", Image.volume((labels() * 100).astype(np.int16), space()))
    target = tmp_path / "out.nrrd"
    method = ("--method", "region-growing", "--point", "8,24,32", "--world")
    run(tmp_path / "in.nii", "-o", target, *method, "--set", "tolerance=10")
    assert np.array_equal(read(target).pixels[..., 0] > 0, labels() == 1)


def test_command_when_deidentified_then_no_patient_anywhere(tmp_path, caplog, capsys):
    pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")
    from tests.io.volumes.slices import dicom_slice, write_series

    caplog.set_level(logging.DEBUG)
    pixels = np.zeros((4, 6), np.int16)
    pixels[1:3, 1:5] = 2000
    folder = write_series(tmp_path / "s", [dicom_slice(n, pixels) for n in range(4)])
    out = tmp_path / "out"
    kinds = "labels,statistics,report,seg,mesh"
    run(folder, "-o", out, "--preset", "ct-bone", "--deidentify", "--save", kinds)
    streams = capsys.readouterr()
    everything = b"".join(path.read_bytes() for path in out.iterdir())
    everything += (streams.out + streams.err + caplog.text).encode()
    for word in (b"Secret", b"ID-4711", b"19700101", b"20200102", b"Doctor"):
        assert word not in everything


def test_command_when_one_dicom_file_then_the_segmentation_refers_to_it(tmp_path):
    highdicom = pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")
    from tests.io.volumes.slices import as_bytes, dicom_slice

    pixels = np.zeros((4, 6), np.int16)
    pixels[1:3, 1:5] = 2000
    source = dicom_slice(0, pixels)
    (tmp_path / "one.dcm").write_bytes(as_bytes(source))
    run(tmp_path / "one.dcm", "-o", tmp_path / "seg.dcm", "--preset", "ct-bone")
    made = highdicom.seg.segread(tmp_path / "seg.dcm")
    assert [str(uid) for _, _, uid in made.get_source_image_uids()] == [source.SOPInstanceUID]
    assert made.FrameOfReferenceUID == source.FrameOfReferenceUID
    assert made.PatientID == source.PatientID


def test_command_when_matrix_singular_then_labels_without_numbers(tmp_path, capsys):
    write(tmp_path / "in.nii", Image.volume((labels() * 100).astype(np.int16)))
    data = bytearray((tmp_path / "in.nii").read_bytes())
    data[280:296] = bytes(16)
    (tmp_path / "in.nii").write_bytes(data)
    run(tmp_path / "in.nii", "-o", tmp_path / "out.nii.gz", "--method", "otsu")
    assert "no millimetres" in capsys.readouterr().err
    assert read(tmp_path / "out.nii.gz").pixels.sum() == 41


def test_planes_when_all_is_claimed_then_through_the_middle_and_thin_ones_keep_their_letters():
    grid = space((1.0, 1.0, 1.0), (1, 1, 1))
    voxels = np.zeros((3, 41, 41), np.uint8)
    voxels[1, 20, 20] = 200
    everything = Regions(np.ones(voxels.shape, np.int32), grid)
    axial, coronal, sagittal = three_planes(Image.volume(voxels, grid), everything, (100, 200))
    for picture in (axial, coronal, sagittal):
        assert picture[len(picture) // 2, 235:245].max() > 150  # the one bright voxel is cut
    assert coronal.shape == sagittal.shape == (39, 480, 3)
    assert coronal[:, :20].max() == 255


def test_planes_when_the_window_is_far_wider_than_the_values_then_they_are_seen():
    grid = space((1.0, 1.0, 1.0), (1, 1, 1))
    voxels = np.tile(np.arange(20, dtype=np.int16), (20, 20, 1))
    nothing = Foreground(np.zeros(voxels.shape, bool), space=grid)
    wide, plain = (
        three_planes(Image.volume(voxels, grid), nothing, window) for window in ((600, 1600), None)
    )
    assert all(np.array_equal(one, other) for one, other in zip(wide, plain, strict=True))
    narrow = three_planes(Image.volume(voxels, grid), nothing, (10, 4))[0]
    assert not np.array_equal(narrow, plain[0])


def test_command_when_segments_overlap_then_every_file_keeps_each_whole(data_dir, tmp_path, capsys):
    highdicom = pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")

    folder, out = data_dir / "ct_dcmqi", tmp_path / "out"
    kinds = "labels,statistics,seg,mesh,report"
    labels = ("--labels", folder / "partial_overlaps.dcm")
    run(folder / "ct-3slice", "-o", out, *labels, "--save", kinds, "--json")
    told = json.loads(capsys.readouterr().out)["labels"]
    truth = read_thing(folder / "partial_overlaps.dcm")
    areas = [crop.area for crop in truth.crops]
    assert len(areas) == 5
    assert [row["voxels"] for row in told.values()] == areas
    masks = read(out / "labels.nii.gz").pixels
    assert np.array_equal(np.moveaxis(masks, -1, 0), np.asarray(truth))
    again = open_labels(out / "labels.nii.gz")
    assert [row.voxels for row in measure(again)] == areas
    assert len(highdicom.seg.segread(out / "labels.dcm").segment_numbers) == 5
    assert (out / "labels.ply").stat().st_size > 10_000
