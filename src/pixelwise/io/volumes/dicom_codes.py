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
ANATOMY = CodedName("91723000", "SCT", "Anatomical Structure")
ABNORMAL = CodedName("49755003", "SCT", "Morphologically Abnormal Structure")
SUBSTANCE = CodedName("91720002", "SCT", "Body Substance")

_TYPES = {
    ANATOMY: {
        "amygdala": ("4958002", "Amygdala"),
        "accumbens": ("427667007", "Nucleus Accumbens"),
        "bone": ("272673000", "Bone"),
        "brain": ("12738006", "Brain"),
        "brain stem": ("119238007", "Brain Stem"),
        "caudate": ("11000004", "Caudate Nucleus"),
        "cerebellum": ("113305005", "Cerebellum"),
        "cerebellum cortex": ("25991003", "Cerebellar Cortex"),
        "cerebellum white matter": ("33060004", "Cerebellar White Matter"),
        "cerebral cortex": ("40146001", "Cerebral cortex"),
        "cerebral white matter": ("68523003", "Cerebral White Matter"),
        "grey matter": ("389081007", "Gray Matter"),
        "heart": ("80891009", "Heart"),
        "hippocampus": ("5366008", "Hippocampus"),
        "kidney": ("64033007", "Kidney"),
        "lateral ventricle": ("66720007", "Lateral Ventricle"),
        "liver": ("10200004", "Liver"),
        "lung": ("39607008", "Lung"),
        "muscle": ("71616004", "Muscle"),
        "pallidum": ("14738005", "Globus Pallidus"),
        "putamen": ("89278009", "Putamen"),
        "spinal cord": ("2748008", "Spinal cord"),
        "spine": ("421060004", "Spine"),
        "spleen": ("78961009", "Spleen"),
        "thalamus": ("42695009", "Thalamus"),
        "3rd ventricle": ("49841001", "Third ventricle"),
        "4th ventricle": ("35918002", "Fourth Ventricle"),
        "white matter": ("389080008", "White Matter"),
    },
    TISSUE: {"fat": ("55603005", "Fat")},
    SUBSTANCE: {"csf": ("65216001", "Cerebrospinal Fluid")},
    ABNORMAL: {
        "lesion": ("49755003", "Morphologically Abnormal Structure"),
        "necrosis": ("6574001", "Necrosis"),
        "edema": ("79654002", "Edema"),
        "oedema": ("79654002", "Edema"),
        "tumor": ("108369006", "Neoplasm"),
        "tumour": ("108369006", "Neoplasm"),
    },
}
"""Category -> word in a segment's name -> type, by SNOMED CT; as in DICOM PS3.16, CID 7150, 7151,
7153 and others. A test compares them with the tables of the package pydicom."""


def codes_for(name: str) -> tuple[CodedName, CodedName]:
    """Return category and type for a segment's name; tissue when nothing in it is known.

    >>> codes_for("ct-bone")[1].meaning, codes_for("region 4")[1].meaning
    ('Bone', 'Tissue')
    """
    plain = re.sub(r"[-_ ]+", " ", name.lower()).replace("gray", "grey")
    rows = [(word, category) for category, words in _TYPES.items() for word in words]
    found = [row for row in rows if re.search(rf"\b{row[0]}", plain)]
    if not found:
        return TISSUE, TISSUE
    word, category = max(found, key=lambda row: len(row[0]))
    value, meaning = _TYPES[category][word]
    return category, CodedName(value, "SCT", meaning)


def code_of(item: Dataset) -> CodedName:
    """Return the code that a data set of a code sequence holds."""
    value = item.get("CodeValue") or item.get("LongCodeValue") or item.get("URNCodeValue") or ""
    return CodedName(
        str(value), str(item.get("CodingSchemeDesignator", "")), str(item.get("CodeMeaning", ""))
    )
