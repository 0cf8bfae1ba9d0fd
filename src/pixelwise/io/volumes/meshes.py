"""Surface meshes in millimetres: STL, PLY and OBJ, for printers and viewers.

Coordinates are those of the world (RAS, mm). A label map gives one file with all labels: PLY
colours them, OBJ groups them by name, STL, which knows neither, joins them.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Crop, Foreground, Instances, Panoptic, Regions, Result, Semantic
from pixelwise.core.legend import spread_colour
from pixelwise.core.space import Unit
from pixelwise.errors import OutputError
from pixelwise.io.format import Format, Thing
from pixelwise.io.volumes.geometry import affine_of
from pixelwise.ops.surfaces import triangles

__all__ = ["OBJ", "PLY", "STL", "Mesh", "Surface", "surfaces_of"]


class Surface(NamedTuple):
    """The surface of one label.

    Args:
        name: What it is.
        colour: RGB 0..255.
        corners: (N, 3) float32, x y z of the world in mm.
        faces: (M, 3) int32, indices of corners, counter-clockwise from outside.
    """

    name: str
    colour: tuple[int, int, int]
    corners: NDArray[np.float32]
    faces: NDArray[np.int32]


class Mesh(Format):
    """A mesh format.

    Args:
        name: Its name.
        encoder: What makes its bytes.
    """

    writes = (Foreground, Semantic, Instances, Panoptic, Regions)

    def __init__(self, name: str, encoder: Callable[[Sequence[Surface]], bytes]) -> None:
        self.name = name
        self._encoder = encoder

    def encode(self, thing: Thing) -> bytes:
        """Return the surfaces of a result as the bytes of a file.

        Raises:
            OutputError: It is an image, a picture's result, or has no millimetres.
        """
        if not isinstance(thing, self.writes):
            return super().encode(thing)
        return self._encoder(surfaces_of(thing))


def surfaces_of(result: Result) -> tuple[Surface, ...]:
    """Return the surface of each label, background left out, in world millimetres.

    Raises:
        OutputError: It is the result of a picture, or its place in the world is unknown.
    """
    if len(result.size) != 3:
        raise OutputError("a mesh needs a volume; this is the result of a picture")
    if result.space.unit is not Unit.MILLIMETRE:
        raise OutputError("a mesh is in millimetres, and this volume has none")
    return tuple(_surfaces(result))


def _surfaces(result: Result) -> Iterator[Surface]:
    affine = affine_of(result.space)
    outwards = np.linalg.det(affine[:3, :3]) < 0  # z, y, x turned to x, y, z mirrors once
    for name, colour, crop in _parts(result):
        corners, faces = triangles(crop.mask)
        corners += np.array(crop.origin, np.float32)
        placed = corners[:, ::-1] @ affine[:3, :3].T + affine[:3, 3]
        turned = faces if outwards else faces[:, ::-1]
        yield Surface(name, colour, placed.astype(np.float32), np.ascontiguousarray(turned))


def _parts(result: Result) -> Iterator[tuple[str, tuple[int, int, int], Crop]]:
    """Yield each label or thing: its name, its colour, its mask in its box."""
    if isinstance(result, Instances):
        for crop, kind in zip(result.crops, result.segments.class_id, strict=True):
            row = result.legend[int(kind)]
            yield row.name, row.colour, crop
        return
    labels = np.asarray(result)
    for number in (int(label) for label in np.unique(labels) if label):
        if not isinstance(result, Semantic):
            name = "foreground" if isinstance(result, Foreground) else f"region {number}"
            yield name, spread_colour(number), Crop.of(labels == number)
        elif number != result.legend.void:
            row = result.legend[number]
            yield row.name, row.colour, Crop.of(labels == number)


def _stl(surfaces: Sequence[Surface]) -> bytes:
    """Return binary STL: the normal and three corners of each triangle."""
    kind = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    records = np.zeros(sum(len(row.faces) for row in surfaces), kind)
    at = 0
    for row in surfaces:
        part = records[at : at + len(row.faces)]
        part["corners"] = row.corners[row.faces]
        part["normal"] = _normals(part["corners"])
        at += len(row.faces)
    head = b"pixelwise, RAS, mm".ljust(80) + np.uint32(len(records)).astype("<u4").tobytes()
    return head + records.tobytes()


def _normals(corners: NDArray[np.float32]) -> NDArray[np.float32]:
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    lengths = np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(normals / np.maximum(lengths, 1e-20), np.float32)


def _ply(surfaces: Sequence[Surface]) -> bytes:
    """Return binary PLY with a colour for each corner."""
    corner = np.dtype([("place", "<f4", 3), ("colour", "u1", 3)])
    face = np.dtype([("count", "u1"), ("corners", "<i4", 3)])
    corners = np.zeros(sum(len(row.corners) for row in surfaces), corner)
    faces = np.zeros(sum(len(row.faces) for row in surfaces), face)
    faces["count"] = 3
    at = first = 0
    for row in surfaces:
        corners["place"][at : at + len(row.corners)] = row.corners
        corners["colour"][at : at + len(row.corners)] = row.colour
        faces["corners"][first : first + len(row.faces)] = row.faces + at
        at, first = at + len(row.corners), first + len(row.faces)
    lines = [
        "ply",
        "format binary_little_endian 1.0",
        "comment pixelwise, RAS, mm",
        f"element vertex {len(corners)}",
        *(f"property float {axis}" for axis in "xyz"),
        *(f"property uchar {band}" for band in ("red", "green", "blue")),
        f"element face {len(faces)}",
        "property list uchar int vertex_indices",
        "end_header",
    ]
    return ("\n".join(lines) + "\n").encode() + corners.tobytes() + faces.tobytes()


def _obj(surfaces: Sequence[Surface]) -> bytes:
    """Return OBJ with one group a label."""
    lines = ["# pixelwise, RAS, mm"]
    at = 1
    for row in surfaces:
        lines.append(f"g {row.name.replace(' ', '_')}")
        lines += [f"v {x:.6g} {y:.6g} {z:.6g}" for x, y, z in row.corners.tolist()]
        lines += [f"f {a} {b} {c}" for a, b, c in (row.faces + at).tolist()]
        at += len(row.corners)
    return ("\n".join(lines) + "\n").encode()


STL = Mesh("STL", _stl)
PLY = Mesh("PLY", _ply)
OBJ = Mesh("OBJ", _obj)
