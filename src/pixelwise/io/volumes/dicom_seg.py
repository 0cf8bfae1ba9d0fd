"""DICOM-SEG: segments with standard codes, read and written through highdicom."""

import io
from collections.abc import Sequence
from dataclasses import dataclass, replace

import highdicom as hd
import numpy as np
from numpy.typing import NDArray
from pydicom.dataset import Dataset
from pydicom.uid import generate_uid

from pixelwise import __version__
from pixelwise.core import (
    Foreground,
    Instances,
    Legend,
    LegendClass,
    Panoptic,
    Result,
    Semantic,
    Space,
)
from pixelwise.core.legend import spread_colour
from pixelwise.errors import InputError, OutputError
from pixelwise.io.sources import shown
from pixelwise.io.volumes.dicom_codes import TISSUE, CodedName, code_of, codes_for
from pixelwise.io.volumes.dicom_files import FAULTS, hushed
from pixelwise.io.volumes.dicom_places import upright_stack
from pixelwise.io.volumes.dicom_reference import HIDDEN, referring, stand_in
from pixelwise.io.volumes.geometry import LPS, affine_of, space_of

__all__ = ["SEGMENTATIONS", "CodedSegment", "Outlined", "outlined", "seg_bytes", "seg_of"]

SEGMENTATIONS = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
"""Classes of Segmentation and Label Map Segmentation."""
MOST_SEGMENTS = 1024


@dataclass(frozen=True, slots=True)
class CodedSegment:
    """One segment.

    Args:
        number: Its number in the file, 1 or more.
        name: Its label.
        category: What kind of thing it is.
        type: What it is.
        colour: RGB 0..255.
    """

    number: int
    name: str
    category: CodedName = TISSUE
    type: CodedName = TISSUE
    colour: tuple[int, int, int] = (255, 255, 255)


@dataclass(frozen=True, eq=False)
class Outlined:
    """Segments with their masks, which may overlap.

    Args:
        segments: What they are.
        masks: (N, D, H, W) bool, in the order of ``segments``.
        space: Their place.
        reference: A data set whose patient, study and frame of reference they share.
    """

    segments: tuple[CodedSegment, ...]
    masks: NDArray[np.bool_]
    space: Space
    reference: Dataset | None = None

    def result(self) -> Semantic | Instances:
        """Return a label map where no segments overlap, else instances; ids are the numbers."""
        rows = [LegendClass(row.number, row.name, row.colour, True) for row in self.segments]  # noqa: FBT003
        void = 255 if all(row.id < 255 for row in rows) else 65535
        legend = Legend((LegendClass(0, "background", (0, 0, 0)), *rows), void)
        if self.masks.sum(axis=0, dtype=np.int32).max(initial=0) > 1:
            numbers = np.array([row.number for row in self.segments], np.int32)
            return Instances.of(self.masks, numbers, legend, space=self.space)
        labels = np.zeros(self.masks.shape[1:], np.int32)
        for row, mask in zip(self.segments, self.masks, strict=True):
            labels[mask] = row.number
        return Semantic(labels, legend, space=self.space)


def seg_of(data: bytes, name: str) -> Outlined:
    """Return the segments of a DICOM-SEG.

    Args:
        data: The bytes of the file, already checked.
        name: Its name, for messages.

    Raises:
        InputError: Its frames make no even volume, or it is damaged.
    """
    try:
        with hushed():
            seg = hd.seg.segread(io.BytesIO(data))
            numbers = [int(number) for number in seg.segment_numbers if number > 0]
            if len(numbers) > MOST_SEGMENTS:
                raise InputError(f"{shown(name)}: over {MOST_SEGMENTS} segments")
            volume = seg.get_volume(segment_numbers=numbers, combine_segments=False)
            rows = [_segment(seg.get_segment_description(number)) for number in numbers]
    except FAULTS as error:
        said = f"{shown(name)}: the segmentation makes no even volume ({type(error).__name__})"
        raise InputError(said, reason="damaged") from None
    voxels, affine = upright_stack(np.asarray(volume.array), np.asarray(volume.affine))
    masks = np.ascontiguousarray(np.moveaxis(voxels, -1, 0)) >= (
        0.5 if voxels.dtype.kind == "f" else 1
    )
    return Outlined(_unique(rows), masks, space_of(LPS @ affine)[0], seg)


def outlined(result: Result) -> Outlined:
    """Return a result as segments; names give the standard codes where they are known.

    Raises:
        OutputError: It is the result of a picture, or has more segments than a file takes.
    """
    if len(result.size) != 3:
        raise OutputError("DICOM-SEG holds volumes; write the result of a picture as .png")
    if isinstance(result, Instances):
        names = [result.legend[int(number)] for number in result.segments.class_id]
        rows = [_named(at, row.name, row.colour) for at, row in enumerate(names, 1)]
        return Outlined(_unique(rows), np.asarray(result.masks, bool), result.space)
    labels = np.asarray(result)
    if isinstance(result, Foreground):
        legend = result.legend
        named = [row.name for row in legend if row.id] if legend else []
        rows = [_named(1, named[0] if named else "foreground", (230, 160, 60))]
    else:
        rows = _rows(result, labels)
    if len(rows) > MOST_SEGMENTS:
        raise OutputError(f"DICOM-SEG takes {MOST_SEGMENTS} segments here, not {len(rows)}")
    masks = np.stack([labels == row.number for row in rows]) if rows else np.zeros(0, bool)
    if not masks.any():
        raise OutputError("nothing was found, and DICOM-SEG needs at least one segment")
    return Outlined(_unique(rows), masks, result.space)


def seg_bytes(
    outlines: Outlined, slices: Sequence[Dataset] = (), *, description: str = "pixelwise"
) -> bytes:
    """Return the segments as the bytes of a DICOM-SEG, every frame kept.

    Args:
        outlines: The segments.
        slices: The slices of the volume, which the file refers to; none: a stand-in.
        description: What the series is called in a viewer.

    Raises:
        OutputError: The grid is not upright, so that DICOM cannot say it.
    """
    source = referring(slices) or [stand_in(outlines.masks.shape[1:], outlines.reference)]
    affine = (LPS @ affine_of(outlines.space))[:, [2, 1, 0, 3]]
    frames = np.moveaxis(outlines.masks, 0, -1).astype(np.uint8)
    try:
        with hushed():
            volume = hd.Volume(
                frames,
                affine,
                "PATIENT",
                frame_of_reference_uid=source[0].FrameOfReferenceUID,
                channels={"SegmentNumber": [row.number for row in outlines.segments]},
            )
            seg = hd.seg.Segmentation(
                source_images=source,
                pixel_array=volume,
                segmentation_type=hd.seg.SegmentationTypeValues.BINARY,
                segment_descriptions=[_description(row) for row in outlines.segments],
                series_instance_uid=generate_uid(None),
                series_number=900,
                sop_instance_uid=generate_uid(None),
                instance_number=1,
                manufacturer="pixelwise",
                manufacturer_model_name="pixelwise",
                software_versions=__version__,
                device_serial_number="0",
                omit_empty_frames=False,
                series_description=description,
            )
            for keyword in (keyword for keyword in HIDDEN if keyword in source[0]):
                setattr(seg, keyword, source[0].get(keyword))
            stream = io.BytesIO()
            seg.save_as(stream)
    except FAULTS as error:
        said = f"the grid cannot be written as DICOM-SEG ({type(error).__name__}: {error})"
        raise OutputError(said) from error
    return stream.getvalue()


def _segment(described: hd.seg.SegmentDescription) -> CodedSegment:
    number = int(described.SegmentNumber)
    colour = spread_colour(number)
    stored = described.get("RecommendedDisplayCIELabValue")
    if stored is not None and len(stored) == 3:
        red, green, blue = hd.color.CIELabColor.from_dicom_value(tuple(stored)).to_rgb()
        colour = (int(red), int(green), int(blue))
    return CodedSegment(
        number,
        str(described.get("SegmentLabel") or f"segment {number}"),
        code_of(described.SegmentedPropertyCategoryCodeSequence[0]),
        code_of(described.SegmentedPropertyTypeCodeSequence[0]),
        colour,
    )


def _description(row: CodedSegment) -> hd.seg.SegmentDescription:
    method = hd.AlgorithmIdentificationSequence(
        name="pixelwise",
        family=hd.sr.CodedConcept("123109", "DCM", "Manual Processing"),
        version=__version__,
    )
    return hd.seg.SegmentDescription(
        segment_number=row.number,
        segment_label=row.name[:64],
        segmented_property_category=hd.sr.CodedConcept(*row.category),
        segmented_property_type=hd.sr.CodedConcept(*row.type),
        algorithm_type=hd.seg.SegmentAlgorithmTypeValues.SEMIAUTOMATIC,
        algorithm_identification=method,
        display_color=hd.color.CIELabColor.from_rgb(*row.colour),
    )


def _named(number: int, name: str, colour: tuple[int, int, int]) -> CodedSegment:
    return CodedSegment(number, name, *codes_for(name), colour)


def _rows(result: Result, labels: NDArray[np.generic]) -> list[CodedSegment]:
    """Return a row for each label that occurs; background and void are none."""
    present = [int(label) for label in np.unique(labels) if label != 0]
    if isinstance(result, Semantic):
        legend = result.legend
        known = [number for number in present if number != legend.void]
        return [_named(number, legend[number].name, legend[number].colour) for number in known]
    if isinstance(result, Panoptic):
        kinds = dict(zip(result.segments.id, result.segments.class_id, strict=True))
        classes = [(number, result.legend[int(kinds[number])]) for number in present]
        return [_named(number, row.name, row.colour) for number, row in classes]
    return [_named(number, f"region {number}", spread_colour(number)) for number in present]


def _unique(rows: Sequence[CodedSegment]) -> tuple[CodedSegment, ...]:
    """Return the rows with the number behind names that repeat."""
    names = [row.name for row in rows]
    return tuple(
        replace(row, name=f"{row.name} {row.number}") if names.count(row.name) > 1 else row
        for row in rows
    )
