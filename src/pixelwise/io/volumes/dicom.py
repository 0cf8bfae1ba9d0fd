"""DICOM files: one slice, or one file with many frames; series are folders (``dicom_series``)."""

import io

import highdicom as hd
import numpy as np
from pydicom.dataset import Dataset

from pixelwise.core import Foreground, Image, Instances, Panoptic, Regions, Semantic
from pixelwise.errors import InputError
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.sources import shown
from pixelwise.io.volumes.dicom_files import FAULTS, check_pixels, guarded, hushed, parse_dicom
from pixelwise.io.volumes.dicom_places import upright_stack
from pixelwise.io.volumes.dicom_seg import SEGMENTATIONS, outlined, seg_bytes, seg_of
from pixelwise.io.volumes.dicom_series import stacked
from pixelwise.io.volumes.geometry import LPS, space_of

__all__ = ["DICOM", "Dicom"]


class Dicom(Format):
    """One DICOM file. Images come back as volumes, DICOM-SEG as results.

    Results are written as DICOM-SEG. Without the slices they were made on (which
    ``dicom_seg.seg_bytes`` takes) a reference to a made-up series of the same place stands in.
    """

    name = "DICOM"
    reads = (Image, Semantic, Instances)
    writes = (Foreground, Semantic, Instances, Panoptic, Regions)

    def decode(self, data: bytes, *, name: str, rules: Reading) -> Thing:
        """Return the volume, or the segmentation.

        Raises:
            InputError: It is cut, damaged, no DICOM, or has no pixels.
            LimitError: It asks for too much.
        """
        with guarded(name):
            dataset = parse_dicom(data, name, rules.limits)
            check_pixels(dataset, name)
            if str(dataset.get("SOPClassUID", "")) in SEGMENTATIONS:
                return seg_of(data, name).result()
            if int(dataset.get("NumberOfFrames") or 1) == 1:
                return stacked([dataset], name, rules, regrid=False).image
            return _frames(data, dataset, name)

    def encode(self, thing: Thing) -> bytes:
        """Return a result as a DICOM-SEG.

        Raises:
            OutputError: It is an image, or the result of a picture.
        """
        return super().encode(thing) if isinstance(thing, Image) else seg_bytes(outlined(thing))


def _frames(data: bytes, dataset: Dataset, name: str) -> Image:
    """Return a file with many frames as one volume, in the order of their positions."""
    try:
        with hushed():
            volume = hd.imread(io.BytesIO(data)).get_volume()
    except FAULTS as error:
        frames = dataset.get("NumberOfFrames")
        said = f"{shown(name)}: its {frames} frames make no even volume ({type(error).__name__})"
        raise InputError(said, reason="uneven") from None
    voxels, affine = upright_stack(np.asarray(volume.array), np.asarray(volume.affine))
    whole = np.rint(voxels)
    if np.array_equal(whole, voxels) and abs(whole).max() < 32768:
        voxels = whole.astype(np.int16)
    space, notes = space_of(LPS @ affine)
    return Image(voxels[..., np.newaxis], space, notes)


DICOM = Dicom()
