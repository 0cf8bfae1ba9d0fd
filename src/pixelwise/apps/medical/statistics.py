"""Numbers of each label of a volume, in millilitres and millimetres."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, NamedTuple

import cc3d
import numpy as np
from numpy.typing import NDArray

from pixelwise.apps.medical.masks import millimetres
from pixelwise.core import Foreground, Image, Instances, Result, Semantic, Space
from pixelwise.errors import InputError
from pixelwise.ops.surfaces import diameters, surface_area

__all__ = [
    "QUANTILES",
    "LabelStatistics",
    "as_csv",
    "as_json",
    "box_mm",
    "measure",
    "placed",
    "voxel_mm3",
]

NOTHING = ("background", "unknown", "other")
"""Names of class 0 that stand for nothing, and are not measured."""
QUANTILES = (5.0, 25.0, 50.0, 75.0, 95.0)
INTENSITIES = ("mean", "sd", "least", "p5", "p25", "median", "p75", "p95", "greatest")
SEVERAL = {
    "box_mm": ("x0_mm", "y0_mm", "z0_mm", "x1_mm", "y1_mm", "z1_mm"),
    "centroid_mm": ("centroid_x_mm", "centroid_y_mm", "centroid_z_mm"),
}
"""Fields that take several columns of a table."""
SHEARED = 1e-3
"""Share by which a leaning grid's voxels may differ from the product of their sides."""


@dataclass(frozen=True, slots=True)
class LabelStatistics:
    """What is measured of one label. Places are RAS millimetres: right, front, head positive.

    Args:
        label: Its number.
        name: Its name.
        voxels: How many.
        volume_ml: Its volume.
        touches_border: It reaches the border of the volume: the rest may lie outside, and volume,
            surface and diameters are least values.
        surface_mm2: Area of its surface (Crofton's formula; cut faces at the border count).
        mean: Of the intensities, with ``sd`` (of the population), ``least``, ``p5`` to ``p95``
            and ``greatest``; not a number where no voxel is finite.
        box_mm: Least x, y, z and greatest x, y, z of its voxels' outer faces.
        diameter_mm: Largest distance within one slice of the first axis, as RECIST measures it.
        diameter_3d_mm: Largest distance in space.
        centroid_mm: x, y, z of its centre of mass.
    """

    label: int
    name: str
    voxels: int
    volume_ml: float
    touches_border: bool
    surface_mm2: float
    mean: float
    sd: float
    least: float
    p5: float
    p25: float
    median: float
    p75: float
    p95: float
    greatest: float
    box_mm: tuple[float, ...]
    diameter_mm: float
    diameter_3d_mm: float
    centroid_mm: tuple[float, ...]


def measure(result: Result, image: Image | None = None) -> tuple[LabelStatistics, ...]:
    """Return the numbers of each label that occurs, background left out, by label.

    Args:
        result: Of a volume.
        image: Whose intensities are measured; the first channel counts. None: not a number.

    Raises:
        InputError: It is the result of a picture, has no millimetres, or differs in size.
    """
    if len(result.size) != 3:
        raise InputError("expected the result of a volume, this is one of a picture")
    millimetres(result.space)
    if image is not None and image.size != result.size:
        raise InputError(f"the image has size {image.size}, the result {result.size}")
    values = None if image is None else image.pixels[..., 0]
    return tuple(_measured(part, result, values) for part in _parts(result))


def as_csv(rows: Sequence[LabelStatistics]) -> str:
    """Return a table, one line a label; boxes and centroids in columns of their own."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    names = [column for item in fields(LabelStatistics) for column in _columns(item.name)]
    writer.writerow(names)
    writer.writerows(_flat(row).values() for row in rows)
    return table.getvalue()


def as_json(rows: Sequence[LabelStatistics]) -> str:
    """Return a JSON list of objects; what is no number is null."""
    return json.dumps([_nullable(asdict(row)) for row in rows], indent=1)


def voxel_mm3(space: Space) -> float:
    """Return the volume of one voxel: the product of its sides, or less where the grid leans."""
    product = space.volume_of(1)
    matrix = space.matrix
    if matrix is None:
        return product
    exact = abs(float(np.linalg.det(matrix[:3, :3])))
    return product if abs(exact - product) <= SHEARED * product else exact


class _Part(NamedTuple):
    number: int
    name: str
    mask: NDArray[np.bool_]
    window: tuple[slice, ...]


def _parts(result: Result) -> Iterator[_Part]:
    """Yield each label with its mask in its box."""
    if isinstance(result, Instances):
        kinds = zip(result.crops, result.segments.class_id, strict=True)
        for number, (crop, kind) in enumerate(kinds, 1):
            if crop.area:
                yield _Part(number, result.legend.name(int(kind)), crop.mask, crop.window)
        return
    numbers = np.asarray(result).astype(np.uint32)
    if isinstance(result, Semantic):
        numbers[numbers == result.legend.void] = 0
    found = cc3d.statistics(numbers)
    for number, count in enumerate(found["voxel_counts"]):
        name = _name(result, number) if count else ""
        if name:
            window = found["bounding_boxes"][number]
            yield _Part(number, name, numbers[window] == number, window)


def _name(result: Result, number: int) -> str:
    """Return the name of a label, or an empty text for background."""
    if isinstance(result, Semantic):
        name = result.legend.name(number)
        return "" if number == 0 and name.lower() in NOTHING else name
    if number == 0:
        return ""
    if isinstance(result, Foreground):
        named = [row.name for row in result.legend if row.id] if result.legend else []
        return named[0] if named else "foreground"
    return f"region {number}"


def _measured(part: _Part, result: Result, values: NDArray[np.generic] | None) -> LabelStatistics:
    space = result.space
    mask, window = part.mask, part.window
    count = int(np.count_nonzero(mask))
    inside = np.zeros(0) if values is None else values[window][mask]
    widest, longest = diameters(mask, space.spacing)
    profiles = [_profile(mask, axis) for axis in range(3)]
    centre = [cut.start + _mean_index(line) for cut, line in zip(window, profiles, strict=True)]
    border = any(
        cut.start == 0 or cut.stop == side for cut, side in zip(window, result.size, strict=True)
    )
    return LabelStatistics(
        label=part.number,
        name=part.name,
        voxels=count,
        volume_ml=count * voxel_mm3(space) / 1000,
        touches_border=border,
        surface_mm2=surface_area(mask, space.spacing),
        **_intensities(inside),
        box_mm=box_mm(window, space),
        diameter_mm=widest,
        diameter_3d_mm=longest,
        centroid_mm=tuple(float(value) for value in placed(np.array([centre]), space)[0]),
    )


def _mean_index(counts: NDArray[np.int64]) -> float:
    return float(np.average(np.arange(len(counts)), weights=counts))


def _profile(mask: NDArray[np.bool_], axis: int) -> NDArray[np.int64]:
    """Return how many voxels lie at each index of an axis."""
    others = tuple(other for other in range(3) if other != axis)
    return np.asarray(np.count_nonzero(mask, axis=others), np.int64)


def _intensities(inside: NDArray[Any]) -> dict[str, float]:
    """Return the columns from mean to greatest; not a number where no voxel is finite."""
    seen = inside[np.isfinite(inside)] if inside.dtype.kind == "f" else inside
    if not seen.size:
        return dict.fromkeys(INTENSITIES, float("nan"))
    spread = (seen.mean(dtype=np.float64), seen.std(dtype=np.float64), seen.min())
    values = (*spread, *np.percentile(seen, QUANTILES), seen.max())
    return {name: float(value) for name, value in zip(INTENSITIES, values, strict=True)}


def box_mm(window: tuple[slice, ...], space: Space) -> tuple[float, ...]:
    """Return least x, y, z and greatest x, y, z of the outer faces of a box of voxels."""
    ends = [(part.start - 0.5, part.stop - 0.5) for part in window]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    there = placed(corners, space)
    return tuple(float(value) for value in (*there.min(axis=0), *there.max(axis=0)))


def placed(places: NDArray[np.float64], space: Space) -> NDArray[np.float64]:
    """Return indices (N, 3) z y x as world coordinates (N, 3) x y z."""
    matrix = space.matrix
    if matrix is None:
        matrix = np.diag([*space.spacing[::-1], 1.0])
    return np.asarray(places[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3])


def _flat(row: LabelStatistics) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, value in asdict(row).items():
        made.update(zip(_columns(name), value if name in SEVERAL else (value,), strict=True))
    return made


def _columns(name: str) -> tuple[str, ...]:
    return SEVERAL.get(name, (name,))


def _nullable(row: dict[str, object]) -> dict[str, object]:
    return {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124
