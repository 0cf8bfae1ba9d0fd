"""The ANNOTATIONS table: every format of annotated pictures by its name."""

from pixelwise.io.annotations.port import Annotations
from pixelwise.registry import Registry

__all__ = ["ANNOTATIONS"]

ANNOTATIONS: Registry[Annotations] = Registry(
    "annotations",
    {
        "coco-panoptic": "pixelwise.io.annotations.coco_panoptic:COCO_PANOPTIC",
        "coco-video": "pixelwise.io.annotations.coco_video:COCO_VIDEO",
        "coco": "pixelwise.io.annotations.coco_instances:COCO",
        "voc": "pixelwise.io.annotations.voc:VOC",
        "cityscapes": "pixelwise.io.annotations.cityscapes:CITYSCAPES",
        "ade20k": "pixelwise.io.annotations.ade20k:ADE20K",
        "ade20k-full": "pixelwise.io.annotations.ade20k:ADE20K_FULL",
        "mapillary": "pixelwise.io.annotations.mapillary:MAPILLARY",
        "yolo": "pixelwise.io.annotations.yolo:YOLO",
        "mots": "pixelwise.io.annotations.mots:MOTS",
        "mot": "pixelwise.io.annotations.mots:MOT",
        "davis": "pixelwise.io.annotations.davis:DAVIS",
        "cvat-zip": "pixelwise.io.annotations.cvat:CVAT_ZIP",
        "cvat": "pixelwise.io.annotations.cvat:CVAT",
        "supervisely": "pixelwise.io.annotations.supervisely:SUPERVISELY",
        "label-studio": "pixelwise.io.annotations.label_studio:LABEL_STUDIO",
        "huggingface": "pixelwise.io.annotations.hugging_face:HUGGING_FACE",
        "geojson": "pixelwise.io.annotations.geojson:GEOJSON",
        "svg": "pixelwise.io.annotations.svg:SVG",
        "npz": "pixelwise.io.annotations.arrays:NPZ",
        "nifti": "pixelwise.io.annotations.nifti:NIFTI",
        "labelme": "pixelwise.io.annotations.labelme:LABELME",
        "png16": "pixelwise.io.annotations.label_maps:OBJECTS",
        "masks": "pixelwise.io.annotations.label_maps:MASKS",
        "png": "pixelwise.io.annotations.label_maps:INDEXED",
    },
)
"""Name -> the format, in the order in which a file is asked whether it is one."""
