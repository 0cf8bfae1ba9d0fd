"""The slices that a segmentation refers to: the real ones, without a name, or stand-ins."""

from collections.abc import Sequence

from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import UID, CTImageStorage, ExplicitVRLittleEndian, generate_uid

__all__ = ["HIDDEN", "nameless", "referring", "stand_in"]

PERSONAL = (
    "PatientName",
    "PatientID",
    "PatientBirthDate",
    "PatientSex",
    "AccessionNumber",
    "StudyID",
    "StudyDate",
    "StudyTime",
    "ReferringPhysicianName",
)
"""What a segmentation takes over from its slices that tells of a person."""
LINKS = (
    "StudyInstanceUID",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "FrameOfReferenceUID",
)
"""Numbers that lead back to the hospital's archive."""


PLACE = (
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "PixelSpacing",
    "InstanceNumber",
    "SpecificCharacterSet",
    "NumberOfFrames",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
)
"""What says where a slice, or each frame of a file with many, lies."""


HIDDEN = ("PatientIdentityRemoved", "DeidentificationMethod")
"""What says that a person's name was taken out, and how."""


def stand_in(size: tuple[int, ...], like: Dataset | None = None) -> Dataset:
    """Return one data set with what a segmentation takes over, without pixels.

    Args:
        size: (D, H, W) of the volume.
        like: A segmentation or slice whose patient, study and frame of reference it shares;
            None: new ones, of nobody.
    """
    made = Dataset()
    made.file_meta = FileMetaDataset()
    made.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made.SOPClassUID = CTImageStorage
    made.Modality = "CT"
    made.Rows, made.Columns = int(size[1]), int(size[2])
    made.InstanceNumber = 1
    made.ImagePositionPatient = [0.0, 0.0, 0.0]
    made.ImageOrientationPatient = [1.0, 0.0, 0.0, 0.0, 1.0, 0.0]
    made.PixelSpacing = [1.0, 1.0]
    made.SliceThickness = 1.0
    for keyword in PERSONAL:
        setattr(made, keyword, "" if like is None else like.get(keyword, ""))
    for keyword in LINKS:
        known = None if like is None else like.get(keyword)
        setattr(made, keyword, known or generate_uid(None))
    return made


def referring(slices: Sequence[Dataset]) -> list[Dataset]:
    """Return data sets that refer to the slices, with what a segmentation takes over and no more.

    >>> one = stand_in((1, 4, 6))
    >>> referring([one])[0].SOPInstanceUID == one.SOPInstanceUID
    True
    """
    return [_referring(dataset) for dataset in slices]


def nameless(slices: Sequence[Dataset]) -> list[Dataset]:
    """Return data sets that refer to the slices without their patient, dates and numbers.

    Numbers are replaced by ones that are made from them: the same slices give the same ones, and
    nothing leads back.
    """
    return [_nameless(dataset) for dataset in slices]


def _referring(dataset: Dataset) -> Dataset:
    made = stand_in((1, dataset.Rows, dataset.Columns), dataset)
    made.SOPClassUID = dataset.get("SOPClassUID", CTImageStorage)
    made.Modality = dataset.get("Modality", "OT")
    for keyword in (*PLACE, *HIDDEN):
        if dataset.get(keyword):
            setattr(made, keyword, dataset.get(keyword))
    return made


def _nameless(dataset: Dataset) -> Dataset:
    made = _referring(dataset)
    for keyword in PERSONAL:
        setattr(made, keyword, "")
    for keyword in LINKS:
        setattr(made, keyword, _hashed(getattr(made, keyword)))
    made.PatientIdentityRemoved = "YES"
    made.DeidentificationMethod = "patient, study and dates left out, UIDs replaced"
    return made


def _hashed(uid: UID) -> UID:
    # Given sources, the number is their SHA-512: it cannot be computed backwards.
    return generate_uid(entropy_srcs=["pixelwise", str(uid)])
