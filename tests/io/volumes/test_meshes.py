"""Meshes in millimetres: what is written is where the voxels are."""

import numpy as np
import pytest

from pixelwise.core import Foreground, Image, Legend, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import OutputError
from pixelwise.io.files import encode
from pixelwise.io.volumes.meshes import surfaces_of

AFFINES = [
    np.diag([0.5, 2.0, 3.0, 1.0]),
    np.diag([-0.5, 2.0, 3.0, 1.0]),
    np.array([[0, 0, -3.0, 9], [0.5, 0, 0, -4], [0, 2.0, 0, 2], [0, 0, 0, 1]]),
]


def scene(affine):
    space = Space((3.0, 2.0, 0.5), Unit.MILLIMETRE, tuple(map(tuple, affine.tolist())))
    labels = np.zeros((6, 8, 10), np.int32)
    labels[2:4, 2:6, 3:8], labels[5, 7, 9] = 1, 2
    return Semantic(labels, Legend.of(["background", "left lung", "fat"]), space=space)


def volume_of(surface):
    tri = surface.corners.astype(np.float64)[surface.faces]
    return np.einsum("ij,ij->i", tri[:, 0], np.cross(tri[:, 1], tri[:, 2])).sum() / 6


@pytest.mark.parametrize("affine", AFFINES)
def test_surfaces_when_any_grid_then_outwards_and_in_place(affine):
    lung, fat = surfaces_of(scene(affine))
    assert (lung.name, fat.name) == ("left lung", "fat")
    assert volume_of(lung) == pytest.approx(2 * 4 * 5 * 3, rel=0.15)  # corners are cut
    assert volume_of(fat) > 0
    place = affine @ [9, 7, 5, 1]
    assert np.allclose(fat.corners.mean(axis=0), place[:3], atol=1e-4)


def test_stl_when_written_then_all_triangles():
    result = scene(AFFINES[0])
    data = encode(result, ".stl")
    count = int(np.frombuffer(data, "<u4", 1, 80)[0])
    assert count == sum(len(row.faces) for row in surfaces_of(result))
    assert len(data) == 84 + 50 * count


def test_ply_when_written_then_colours_and_counts():
    result = scene(AFFINES[0])
    data = encode(result, ".ply")
    head, _, body = data.partition(b"end_header\n")
    surfaces = surfaces_of(result)
    corners = sum(len(row.corners) for row in surfaces)
    faces = sum(len(row.faces) for row in surfaces)
    assert f"element vertex {corners}\n".encode() in head
    assert len(body) == corners * 15 + faces * 13


def test_obj_when_written_then_groups_and_indices_in_range():
    lines = encode(scene(AFFINES[0]), ".obj").decode().splitlines()
    corners = sum(line.startswith("v ") for line in lines)
    used = [int(part) for line in lines if line.startswith("f ") for part in line.split()[1:]]
    assert [line for line in lines if line.startswith("g ")] == ["g left_lung", "g fat"]
    assert (min(used), max(used)) == (1, corners)


def test_mesh_when_no_volume_or_no_millimetres_then_refused():
    with pytest.raises(OutputError, match="picture"):
        encode(Foreground(np.ones((3, 3), bool)), ".stl")
    with pytest.raises(OutputError, match="millimetres"):
        encode(Foreground(np.ones((3, 3, 3), bool)), ".stl")
    with pytest.raises(OutputError):
        encode(Image.volume(np.ones((3, 3, 3))), ".obj")
