"""DICOM: series sorted by position, or refused; bad inputs 69 to 75."""

import logging

import numpy as np
import pytest

pytest.importorskip("highdicom", reason="highdicom comes with the extra medical")

from pydicom.encaps import encapsulate
from pydicom.uid import JPEG2000, JPEG2000Lossless, JPEGLSLossless
from tests.io.volumes.slices import NAME, as_bytes, dicom_slice, nested, write_series

from pixelwise.errors import InputError, LimitError, PixelwiseError
from pixelwise.io.files import decode, read
from pixelwise.io.volumes.dicom_files import hushed
from pixelwise.io.volumes.dicom_series import read_series


def test_series_when_shuffled_then_sorted_by_position_in_hounsfield(tmp_path):
    slices = [dicom_slice(number) for number in (3, 0, 4, 1, 2)]
    series = read_series(write_series(tmp_path / "s", slices))
    assert series.image.size == (5, 4, 6)
    assert series.image.pixels[:, 0, 0, 0].tolist() == [-1024, -924, -824, -724, -624]
    assert series.image.space.spacing == (2.0, 0.5, 0.25)
    expected = [[-0.25, 0, 0, -10], [0, -0.5, 0, -20], [0, 0, 2, 0], [0, 0, 0, 1]]
    assert series.image.space.matrix.tolist() == expected
    assert [row.InstanceNumber for row in series.slices] == [1, 2, 3, 4, 5]


def test_series_when_each_slice_has_its_scale_then_values_measured(tmp_path):
    slices = [dicom_slice(1, RescaleSlope=2), dicom_slice(2, RescaleSlope=0.5)]
    series = read_series(write_series(tmp_path / "s", slices))
    assert series.image.pixels[:, 0, 0, 0].tolist() == [200 - 1024, 100 - 1024]
    assert any("scaling" in note for note in series.image.notes)


@pytest.mark.parametrize(
    ("slices", "said"),
    [
        ([dicom_slice(n) for n in (0, 1, 3, 4)], "missing"),
        ([dicom_slice(0), dicom_slice(1), dicom_slice(1)], "slices lie where"),
        ([dicom_slice(0), dicom_slice(1, InstanceNumber=1)], "InstanceNumber"),
        ([dicom_slice(0), dicom_slice(1, np.zeros((4, 5), np.int16))], "Columns"),
        ([dicom_slice(0), dicom_slice(1, PixelSpacing=[1, 1])], "PixelSpacing"),
        ([dicom_slice(0), dicom_slice(1, ImageOrientationPatient=[0, 1, 0, 1, 0, 0])], "Orienta"),
        ([dicom_slice(0), dicom_slice(1, SeriesInstanceUID="1.2.3")], "one series"),
        ([dicom_slice(n, ImagePositionPatient=[0, n, 2.0 * n]) for n in range(3)], "tilted"),
        ([dicom_slice(0), dicom_slice(1, ImagePositionPatient=None)], "ImagePosition"),
    ],
)
def test_series_when_no_even_stack_then_refused(slices, said, tmp_path):
    with pytest.raises(InputError, match=said):
        read_series(write_series(tmp_path / "s", slices))


def test_series_when_slice_missing_and_regrid_then_filled_with_a_note(tmp_path):
    folder = write_series(tmp_path / "s", [dicom_slice(n) for n in (0, 1, 3, 4)])
    image = read_series(folder, regrid=True).image
    assert image.pixels[:, 2, 2, 0].tolist() == [-1024, -924, -824, -724, -624]
    assert image.space.spacing == (2.0, 0.5, 0.25)
    assert any("resampled" in note for note in image.notes)


def test_series_when_gantry_tilted_and_regrid_then_upright(tmp_path):
    rows = np.tile(np.arange(40, dtype=np.int16)[:, np.newaxis] * 10, (1, 6))
    lean = [
        dicom_slice(
            n, rows - 10 * np.int16(0) + np.int16(n * 2 * 10), ImagePositionPatient=[0, n, 2 * n]
        )
        for n in range(3)
    ]  # one slice on, the stack moves 1 mm = 2 rows; what is seen stays where it is in the world
    image = read_series(write_series(tmp_path / "s", lean), regrid=True).image
    seen = image.pixels[:, 10:30, 3, 0]
    assert np.array_equal(seen[0], seen[1])
    assert np.array_equal(seen[0], seen[2])
    matrix = image.space.matrix[:3, :3]
    assert np.allclose(matrix.T @ matrix, np.diag(np.diag(matrix.T @ matrix)))


def test_series_when_several_then_chosen_by_uid(tmp_path):
    slices = [dicom_slice(0), dicom_slice(1), dicom_slice(0, SeriesInstanceUID="1.2.34")]
    folder = write_series(tmp_path / "s", slices)
    assert read_series(folder, series="1.2.34").image.size == (1, 4, 6)


def test_file_when_no_pixels_then_transfer_syntax_named():
    bare = dicom_slice(0)
    del bare.PixelData
    with pytest.raises(InputError, match="Explicit VR Little Endian"):
        decode(as_bytes(bare), "a.dcm")


@pytest.mark.parametrize("syntax", [JPEG2000, JPEG2000Lossless])
def test_file_when_syntax_unknown_then_extra_named(syntax):
    packed = dicom_slice(0)
    packed.file_meta.TransferSyntaxUID = syntax
    packed.PixelData = encapsulate([b"\xff\x4f\xff\x51" * 4])
    packed["PixelData"].is_undefined_length = True
    with pytest.raises(InputError, match=r"JPEG 2000|cannot be decoded"):
        decode(as_bytes(packed), "a.dcm")


def test_file_when_nobody_knows_its_syntax_then_it_and_the_extra_are_named():
    """Bad input 69: a transfer syntax that is in no table."""
    strange = dicom_slice(0)
    strange.file_meta.TransferSyntaxUID = "1.2.826.0.1.3680043.9.1234.5"
    with pytest.raises(InputError, match=r"9\.1234\.5.*pixelwise\[medical\]"):
        decode(as_bytes(strange), "a.dcm")


def test_file_when_its_syntax_is_no_uid_then_nothing_of_it_is_repeated():
    odd = as_bytes(dicom_slice(0)).replace(b"1.2.840.10008.1.2.1\0", b"Secret^Patient.12.3\0")
    with pytest.raises(InputError, match="no UID") as refused:
        decode(odd, "a.dcm")
    assert "Secret" not in str(refused.value)


def test_pixels_when_too_few_then_bytes_named():
    short = dicom_slice(0)
    short.PixelData = short.PixelData[:-4]
    with pytest.raises(InputError, match="expected 48 bytes of pixel data, got 44"):
        decode(as_bytes(short), "a.dcm")


def test_fragments_when_cut_then_frame_named():
    packed = dicom_slice(0, NumberOfFrames=3)
    packed.file_meta.TransferSyntaxUID = JPEGLSLossless
    packed.PixelData = encapsulate([bytes(40), bytes(50), bytes(60)])
    packed["PixelData"].is_undefined_length = True
    data = as_bytes(packed)
    with pytest.raises(InputError, match="frame 3"):
        decode(data[:-40], "a.dcm")
    with pytest.raises(InputError, match="frame 2"):
        decode(data[:-90], "a.dcm")


def test_directory_when_it_points_outside_then_nothing_opened(tmp_path):
    (tmp_path / "secret.dcm").write_bytes(as_bytes(dicom_slice(9)))
    folder = write_series(tmp_path / "s", [dicom_slice(0), dicom_slice(1)])
    index = dicom_slice(0)
    index.SOPClassUID = "1.2.840.10008.1.3.10"
    with hushed():
        index.ReferencedFileID = ["..", "secret.dcm"]
    (folder / "DICOMDIR").write_bytes(as_bytes(index))
    assert read_series(folder).image.size == (2, 4, 6)
    with pytest.raises(InputError, match="DICOMDIR"):
        decode((folder / "DICOMDIR").read_bytes(), "DICOMDIR.dcm")


def test_folder_when_link_goes_out_then_refused(tmp_path):
    (tmp_path / "secret.dcm").write_bytes(as_bytes(dicom_slice(9)))
    folder = write_series(tmp_path / "s", [dicom_slice(0), dicom_slice(1)])
    (folder / "link.dcm").symlink_to(tmp_path / "secret.dcm")
    with pytest.raises(InputError, match="link"):
        read_series(folder)


def test_sequences_when_nested_deeply_then_limit():
    with pytest.raises(LimitError, match="nested"):
        decode(nested(10_000), "a.dcm")


def test_size_when_giant_then_limit_before_decoding():
    with pytest.raises(LimitError):
        decode(as_bytes(dicom_slice(0, Rows=65535, Columns=65535, NumberOfFrames=10_000)), "a.dcm")


def test_any_cut_when_read_then_our_error_or_whole():
    data = as_bytes(dicom_slice(2))
    for end in range(0, len(data), 37):
        with pytest.raises(PixelwiseError):
            decode(data[:end], "a.dcm")


def test_patient_when_anything_happens_then_never_in_a_log_or_message(tmp_path, caplog, capsys):
    caplog.set_level(logging.DEBUG)
    bad = dicom_slice(1)
    with hushed():
        bad.PatientBirthDate = NAME
    bad.SeriesDescription = NAME
    folder = write_series(tmp_path / "s", [dicom_slice(0), bad, dicom_slice(4)])
    with pytest.raises(InputError) as said:
        read_series(folder)
    data = as_bytes(bad)
    for end in range(200, len(data), 61):
        with pytest.raises(PixelwiseError) as cut:
            decode(data[:end], "a.dcm")
        assert "Secret" not in str(cut.value)
    image = read_series(folder, regrid=True).image
    streams = capsys.readouterr()
    for text in (str(said.value), caplog.text, streams.out, streams.err, repr(image)):
        assert "Secret" not in text
        assert "ID-4711" not in text


def test_real_series_when_read_then_in_order(data_dir):
    image = read_series(data_dir / "dicom_series" / "11_HCropVolume").image
    assert image.size == (40, 50, 34)
    frames = read(data_dir / "ct_dcmqi" / "24x38x3" / "multiframe" / "mf.dcm")
    slices = read_series(data_dir / "ct_dcmqi" / "24x38x3" / "image").image
    assert np.array_equal(frames.pixels, slices.pixels)
    assert frames.space == slices.space
