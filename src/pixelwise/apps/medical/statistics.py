"""Numbers of each label of a volume, in millilitres and millimetres."""

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass

import cc3d
import numpy as np
from numpy.typing import NDArray

from pixelwise.core import Foreground, Image, Instances, Result, Semantic, Space
from pixelwise.core.space import Unit
from pixelwise.errors import InputError
from pixelwise.ops.surfaces import diameters, surface_area

__all__ = ["LabelStatistics", "as_csv", "as_json", "measure", "voxel_mm3"]

NOTHING = ("background", "unknown", "other")
"""Names of class 0 that stand for nothing, and are not measured."""
QUANTILES = (5.0, 25.0, 50.0, 75.0, 95.0)
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
    if result.space.unit is not Unit.MILLIMETRE:
        raise InputError(
            "this volume has no millimetres, so nothing can be measured in them: its matrix is "
            "singular or missing",
            reason="affine",
        )
    if image is not None and image.size != result.size:
        raise InputError(f"the image has size {image.size}, the result {result.size}")
    values = None if image is None else image.pixels[..., 0]
    return tuple(_rows(result, values))


def as_csv(rows: Sequence[LabelStatistics]) -> str:
    """Return a table, one line a label; boxes and centroids in columns of their own."""
    table = io.StringIO()
    writer = csv.writer(table, lineterminator="\n")
    flat = [_flat(row) for row in rows]
    writer.writerow(flat[0] if flat else _flat(_EMPTY))
    writer.writerows(row.values() for row in flat)
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


def _rows(result: Result, values: NDArray[np.generic] | None) -> Iterator[LabelStatistics]:
    if isinstance(result, Instances):
        for number, (crop, kind) in enumerate(
            zip(result.crops, result.segments.class_id, strict=True), 1
        ):
            if crop.area:
                name = result.legend.name_of(int(kind))
                yield _measured(number, name, crop.mask, crop.window, result, values)
        return
    labels = np.asarray(result).view() if not isinstance(result, Foreground) else None
    numbers = result.mask.view(np.uint8) if isinstance(result, Foreground) else labels
    if isinstance(result, Semantic) and (result.labels == result.legend.void).any():
        numbers = np.where(result.labels == result.legend.void, 0, result.labels)
    found = cc3d.statistics(np.ascontiguousarray(numbers).astype(np.uint32))
    for number, count in enumerate(found["voxel_counts"]):
        name = _name(result, number) if count else ""
        if name:
            window = found["bounding_boxes"][number]
            mask = numbers[window] == number  # type: ignore[index]
            yield _measured(number, name, mask, window, result, values)


def _name(result: Result, number: int) -> str:
    """Return the name of a label, or an empty text for background."""
    if isinstance(result, Semantic):
        name = result.legend.name_of(number)
        return "" if number == 0 and name.lower() in NOTHING else name
    if number == 0:
        return ""
    if isinstance(result, Foreground):
        named = [row.name for row in result.legend if row.id] if result.legend else []
        return named[0] if named else "foreground"
    return f"region {number}"


def _measured(
    number: int,
    name: str,
    mask: NDArray[np.bool_],
    window: tuple[slice, ...],
    result: Result,
    values: NDArray[np.generic] | None,
) -> LabelStatistics:
    space = result.space
    count = int(np.count_nonzero(mask))
    inside = None if values is None else values[window][mask]
    widest, longest = diameters(mask, space.spacing)
    starts = np.array([part.start for part in window])
    centre = np.array(
        [
            np.average(np.arange(n), weights=_profile(mask, axis))
            for axis, n in enumerate(mask.shape)
        ]
    )
    border = any(
        part.start == 0 or part.stop == side for part, side in zip(window, result.size, strict=True)
    )
    return LabelStatistics(
        number,
        name,
        count,
        count * voxel_mm3(space) / 1000,
        border,
        surface_area(mask, space.spacing),
        *_intensities(inside),
        _box(window, space),
        widest,
        longest,
        tuple(float(value) for value in _world((starts + centre)[np.newaxis], space)[0]),
    )


def _profile(mask: NDArray[np.bool_], axis: int) -> NDArray[np.int64]:
    """Return how many voxels lie at each index of an axis."""
    others = tuple(other for other in range(3) if other != axis)
    return np.asarray(np.count_nonzero(mask, axis=others), np.int64)


def _intensities(inside: NDArray[np.generic] | None) -> tuple[float, ...]:
    """Return mean, sd, least, the quantiles, and greatest."""
    seen = np.zeros(0) if inside is None else inside
    seen = seen[np.isfinite(seen)] if seen.dtype.kind == "f" else seen
    if not seen.size:
        return (float("nan"),) * 9
    quantiles = np.percentile(seen, QUANTILES)
    spread = (seen.mean(dtype=np.float64), seen.std(dtype=np.float64), seen.min())
    return tuple(float(value) for value in (*spread, *quantiles, seen.max()))


def _box(window: tuple[slice, ...], space: Space) -> tuple[float, ...]:
    ends = [(part.start - 0.5, part.stop - 0.5) for part in window]
    corners = np.array(np.meshgrid(*ends, indexing="ij")).reshape(3, -1).T
    placed = _world(corners, space)
    return tuple(float(value) for value in (*placed.min(axis=0), *placed.max(axis=0)))


def _world(places: NDArray[np.float64], space: Space) -> NDArray[np.float64]:
    """Return indices (N, 3) z y x as world coordinates (N, 3) x y z."""
    matrix = space.matrix
    if matrix is None:
        matrix = np.diag([*space.spacing[::-1], 1.0])
    return np.asarray(places[:, ::-1] @ matrix[:3, :3].T + matrix[:3, 3])


def _flat(row: LabelStatistics) -> dict[str, object]:
    made: dict[str, object] = {}
    for name, value in asdict(row).items():
        if name == "box_mm":
            ends = ("x0_mm", "y0_mm", "z0_mm", "x1_mm", "y1_mm", "z1_mm")
            made.update(zip(ends, value, strict=True))
        elif name == "centroid_mm":
            axes = ("centroid_x_mm", "centroid_y_mm", "centroid_z_mm")
            made.update(zip(axes, value, strict=True))
        else:
            made[name] = value
    return made


def _nullable(row: dict[str, object]) -> dict[str, object]:
    return {name: None if value != value else value for name, value in row.items()}  # noqa: PLR0124


_EMPTY = LabelStatistics(0, "", 0, 0, False, *[0.0] * 10, (0.0,) * 6, 0, 0, (0.0,) * 3)  # noqa: FBT003
"""Gives the names of the columns where there is no row."""
