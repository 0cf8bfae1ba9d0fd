"""The ANNOTATIONS table: every format of annotated pictures by its name."""

from pixelwise.io.annotations.port import Annotations
from pixelwise.registry import Registry

__all__ = ["ANNOTATIONS"]

ANNOTATIONS: Registry[Annotations] = Registry(
    "annotations",
    {
        "coco-panoptic": "pixelwise.io.annotations.coco_panoptic:COCO_PANOPTIC",
        "coco": "pixelwise.io.annotations.coco_instances:COCO",
        "voc": "pixelwise.io.annotations.voc:VOC",
        "cityscapes": "pixelwise.io.annotations.cityscapes:CITYSCAPES",
        "yolo": "pixelwise.io.annotations.yolo:YOLO",
        "labelme": "pixelwise.io.annotations.labelme:LABELME",
        "png16": "pixelwise.io.annotations.label_maps:OBJECTS",
        "masks": "pixelwise.io.annotations.label_maps:MASKS",
        "png": "pixelwise.io.annotations.label_maps:INDEXED",
    },
)
"""Name -> the format, in the order in which a file is asked whether it is one."""
