"""COCO JSON of one picture: instances with run lengths, and panoptic segments beside their PNG."""

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from pixelwise.core import Instances, Legend, Panoptic, Result, Rle, Segment
from pixelwise.errors import InputError, OutputError
from pixelwise.io.annotations.coco_instances import COCO as INSTANCES
from pixelwise.io.annotations.coco_panoptic import COCO_PANOPTIC as PANOPTIC
from pixelwise.io.annotations.port import Annotations
from pixelwise.io.atomic import write_bytes
from pixelwise.io.format import Format, Reading, Thing
from pixelwise.io.sources import shown

__all__ = ["COCO", "COCO_PANOPTIC", "Coco", "CocoPanoptic"]

ID_BITS = 24
"""A panoptic PNG holds ids as R + 256 G + 65536 B."""


class Coco(Format):
    """COCO instances: one annotation a thing, its mask as compressed run lengths."""

    name = "COCO JSON"
    reads = (Instances,)
    writes = (Instances,)

    def read(self, path: Path, rules: Reading) -> Thing:
        """Return the instances of the one picture in the file."""
        return _only(INSTANCES, path, rules)

    def encode(self, thing: Thing) -> bytes:
        """Return the JSON of one picture's instances."""
        if not isinstance(thing, Instances):
            return super().encode(thing)
        return _bytes(_instances("", thing))

    def write(self, path: Path, thing: Thing) -> None:
        """Write the JSON; the picture is named after the file."""
        if not isinstance(thing, Instances):
            super().write(path, thing)
            return
        write_bytes(path, _bytes(_instances(path.name.removesuffix(".coco.json"), thing)))


class CocoPanoptic(Format):
    """COCO panoptic: segments as JSON, their ids as colours of a PNG of the same name."""

    name = "COCO panoptic JSON"
    reads = (Panoptic,)
    writes = (Panoptic,)

    def read(self, path: Path, rules: Reading) -> Thing:
        """Return the segments of the one picture in the file."""
        return _only(PANOPTIC, path, rules)

    def write(self, path: Path, thing: Thing) -> None:
        """Write ``x.panoptic.json`` and ``x.panoptic.png``.

        Raises:
            OutputError: An id does not fit into 24 bits.
        """
        if not isinstance(thing, Panoptic):
            super().write(path, thing)
            return
        if len(thing.segments) and int(thing.segments.id.max()) >= 1 << ID_BITS:
            raise OutputError(f"{path}: a panoptic PNG holds ids below {1 << ID_BITS}")
        picture = path.with_suffix(".png")
        write_bytes(picture, _id_png(thing))
        name = path.name.removesuffix(".panoptic.json")
        write_bytes(path, _bytes(_panoptic(name, picture.name, thing)))


def _only(row: Annotations, path: Path, rules: Reading) -> Thing:
    """Return what the only picture of an annotation file shows.

    Raises:
        InputError: There are several, or none.
    """
    samples = iter(row.read(path, rules))
    first, second = next(samples, None), next(samples, None)
    if first is None or second is not None:
        raise InputError(
            f"{shown(path)}: expected the annotation of one picture, there are "
            f"{'none' if first is None else 'several'}; `pixelwise convert` takes data sets"
        )
    return first.result


def _instances(name: str, result: Instances) -> dict[str, Any]:
    annotations = [
        {**_annotation(row, Rle.encode(mask)), "iscrowd": int(crowd)}
        for row, mask, crowd in zip(
            result.segments, result.masks, result.segments.crowd, strict=True
        )
    ]
    return {
        "images": [_image(name, result)],
        "annotations": annotations,
        "categories": _categories(result.legend),
    }


def _annotation(row: Segment, rle: Rle) -> dict[str, Any]:
    x0, y0, x1, y1 = rle.box
    return {
        "id": row.id,
        "image_id": 1,
        "category_id": row.class_id,
        "segmentation": {"size": list(rle.size), "counts": rle.text},
        "area": rle.area,
        "bbox": [x0, y0, x1 - x0, y1 - y0],
        "iscrowd": 0,
        "score": round(row.score, 6),
    }


def _panoptic(name: str, picture: str, result: Panoptic) -> dict[str, Any]:
    segments = [
        {
            "id": row.id,
            "category_id": row.class_id,
            "area": row.area,
            "bbox": [row.box[0], row.box[1], row.box[2] - row.box[0], row.box[3] - row.box[1]],
            "iscrowd": int(crowd),
        }
        for row, crowd in zip(result.segments, result.segments.crowd, strict=True)
    ]
    annotation = {"image_id": 1, "file_name": picture, "segments_info": segments}
    return {
        "images": [_image(name, result)],
        "annotations": [annotation],
        "categories": _categories(result.legend),
    }


def _image(name: str, result: Result) -> dict[str, Any]:
    height, width = result.size
    return {"id": 1, "file_name": name or "picture", "height": height, "width": width}


def _categories(legend: Legend) -> list[dict[str, Any]]:
    return [
        {
            "id": row.id,
            "name": row.name,
            "isthing": int(row.is_thing),
            "color": list(row.colour),
        }
        for row in legend
    ]


def _id_png(result: Panoptic) -> bytes:
    ids = result.labels.astype(np.uint32)
    blue_green_red = np.stack([ids >> 16 & 255, ids >> 8 & 255, ids & 255], axis=-1)
    done, data = cv2.imencode(".png", blue_green_red.astype(np.uint8))
    if not done:
        raise OutputError(f"a panoptic PNG of {result.size} could not be encoded")
    return data.tobytes()


def _bytes(table: dict[str, Any]) -> bytes:
    return json.dumps(table, separators=(",", ":")).encode()


COCO = Coco()
COCO_PANOPTIC = CocoPanoptic()
