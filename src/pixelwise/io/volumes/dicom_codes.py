"""Standard codes for what segments are, and CIELab colours."""

import re
from typing import NamedTuple

from pydicom.dataset import Dataset

__all__ = ["TISSUE", "CodedName", "code_of", "codes_for"]


class CodedName(NamedTuple):
    """A code of a published terminology.

    Args:
        value: The code.
        scheme: The terminology: ``SCT`` is SNOMED CT as used in DICOM.
        meaning: The name of what it codes.
    """

    value: str
    scheme: str
    meaning: str


TISSUE = CodedName("85756007", "SCT", "Tissue")
"""Category and type of what no row of the table names."""
ANATOMY = CodedName("123037004", "SCT", "Anatomical structure")
ABNORMAL = CodedName("49755003", "SCT", "Morphologically abnormal structure")

_TYPES = {
    "liver": (ANATOMY, CodedName("10200004", "SCT", "Liver")),
    "spine": (ANATOMY, CodedName("421060004", "SCT", "Spine")),
    "spinal cord": (ANATOMY, CodedName("2748008", "SCT", "Spinal cord")),
    "heart": (ANATOMY, CodedName("80891009", "SCT", "Heart")),
    "brain": (ANATOMY, CodedName("12738006", "SCT", "Brain")),
    "lung": (ANATOMY, CodedName("39607008", "SCT", "Lung")),
    "kidney": (ANATOMY, CodedName("64033007", "SCT", "Kidney")),
    "spleen": (ANATOMY, CodedName("78961009", "SCT", "Spleen")),
    "hippocampus": (ANATOMY, CodedName("5366008", "SCT", "Hippocampus")),
    "thalamus": (ANATOMY, CodedName("42695009", "SCT", "Thalamus")),
    "white matter": (ANATOMY, CodedName("68523003", "SCT", "Cerebral white matter")),
    "grey matter": (ANATOMY, CodedName("38958001", "SCT", "Cerebral grey matter")),
    "bone": (ANATOMY, CodedName("272673000", "SCT", "Bone")),
    "fat": (TISSUE, CodedName("55603005", "SCT", "Adipose tissue")),
    "tumour": (ABNORMAL, CodedName("108369006", "SCT", "Neoplasm")),
    "oedema": (ABNORMAL, CodedName("79654002", "SCT", "Edema")),
}
"""Word in a segment's name -> its category and type. Codes of DICOM PS3.16, CID 7151 and 4031."""


def codes_for(name: str) -> tuple[CodedName, CodedName]:
    """Return category and type for a segment's name; tissue when nothing in it is known.

    >>> codes_for("ct-bone")[1].meaning, codes_for("region 4")[1].meaning
    ('Bone', 'Tissue')
    """
    plain = re.sub(r"[-_ ]+", " ", name.lower()).replace("gray", "grey")
    found = [key for key in _TYPES if re.search(rf"\b{key}", plain)]
    return _TYPES[max(found, key=len)] if found else (TISSUE, TISSUE)


def code_of(item: Dataset) -> CodedName:
    """Return the code that a data set of a code sequence holds."""
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return CodedName(
        str(value), str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeMeaning", ""))
    )
