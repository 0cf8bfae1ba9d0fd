"""Writes small DICOM slices of nobody, to be broken by the tests."""

import io

import numpy as np
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

NAME = "Secret^Patient"
STUDY, SERIES, FRAME = (generate_uid(None) for _ in range(3))


def dicom_slice(number, pixels=None, **changes):
    """Return one CT slice, 4 x 6 pixels of 0.5 x 0.25 mm, at z = 2 * number."""
    if pixels is None:
        pixels = np.full((4, 6), 100 * number, np.int16)
    made = FileDataset(None, {}, file_meta=FileMetaDataset(), preamble=bytes(128))
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = made.SOPClassUID = CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = made.SOPInstanceUID = generate_uid(None)
    made.StudyInstanceUID, made.SeriesInstanceUID, made.FrameOfReferenceUID = STUDY, SERIES, FRAME
    made.Modality, made.InstanceNumber = "CT", number + 1
    made.PatientName, made.PatientID, made.PatientBirthDate = NAME, "ID-4711-Zq8", "19700101"
    made.StudyDate, made.StudyTime, made.StudyID, made.AccessionNumber = (
        "20200102",
        "1200",
        "7",
        "A9",
    )
    made.PatientSex, made.ReferringPhysicianName = "O", "Doctor^Who"
    made.Rows, made.Columns = pixels.shape
    made.PixelSpacing, made.SliceThickness = [0.5, 0.25], 2.0
    made.ImagePositionPatient = [10.0, 20.0, 2.0 * number]
    made.ImageOrientationPatient = [1, 0, 0, 0, 1, 0]
    made.SamplesPerPixel, made.PhotometricInterpretation = 1, "MONOCHROME2"
    made.BitsAllocated = made.BitsStored = 16
    made.HighBit, made.PixelRepresentation = 15, 1
    made.RescaleSlope, made.RescaleIntercept = 1, -1024
    made.PixelData = np.ascontiguousarray(pixels, "<i2").tobytes()
    for keyword, value in changes.items():
        setattr(made, keyword, value)
    return made


def as_bytes(dataset):
    stream = io.BytesIO()
    dataset.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def write_series(folder, slices):
    folder.mkdir(exist_ok=True)
    for place, dataset in enumerate(slices):
        (folder / f"{(place * 7) % len(slices)}-{place}.dcm").write_bytes(as_bytes(dataset))
    return folder


def nested(depth):
    """Return a slice whose sequences lie ``depth`` deep, with open lengths."""
    start = b"\x08\x00\x40\x11SQ\x00\x00\xff\xff\xff\xff" + b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
    end = b"\xfe\xff\x0d\xe0\x00\x00\x00\x00" + b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    head = as_bytes(Bare())
    return head + start * depth + end * depth


def Bare():  # noqa: N802 - reads like the class it makes
    made = FileDataset(None, Dataset(), file_meta=FileMetaDataset(), preamble=bytes(128))
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.file_meta.MediaStorageSOPClassUID = CTImageStorage
    made.file_meta.MediaStorageSOPInstanceUID = generate_uid(None)
    return made
