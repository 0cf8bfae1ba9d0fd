"""Areas against an independent geodesic computation by pyproj."""

import numpy as np
import pyproj
import pytest
import rasterio

from pixelwise.apps.satellite.areas import Ground, class_areas
from pixelwise.core import Legend
from pixelwise.io.rasters.grids import space_of
from pixelwise.ops.windows import Window

PLACES = {
    "EPSG:32633": (30.0, 0, -30.0, 300000.0, 5400000.0),
    "EPSG:3857": (300.0, 0, -300.0, 1000000.0, 8000000.0),
    "EPSG:2056": (25.0, 0, -25.0, 2600000.0, 1250000.0),
    "EPSG:3995": (1000.0, 0, -1000.0, -120000.0, 150000.0),
    "EPSG:5070": (90.0, 0, -90.0, -1500000.0, 2500000.0),
    "EPSG:4326": (0.01, 0, -0.01, 10.0, 60.0),
}
"""Reference system -> pixel size and corner; the polar one has the pole inside."""


@pytest.mark.parametrize("crs", PLACES)
def test_area_when_measured_then_within_a_ten_thousandth_of_geodesics(crs):
    dx, skew, dy, x0, y0 = PLACES[crs]
    transform = rasterio.Affine(dx, skew, x0, 0, dy, y0)
    labels = np.random.default_rng(0).integers(0, 2, (24, 32)).repeat(10, 0).repeat(10, 1)
    space = space_of(transform, rasterio.crs.CRS.from_string(crs))
    ground = Ground(space, labels.shape)

    rows = class_areas(
        [(Window(0, 0, *labels.shape), labels)], Legend.of(["a", "b"]), ground, labels.shape
    )

    expected = geodesic(labels, transform, crs) / 1e4
    for row in rows:
        assert row.hectares == pytest.approx(expected[row.label], rel=1e-4)
        assert row.pixels == (labels == row.label).sum()


def geodesic(labels, transform, crs):
    """Add up the geodesic areas of 10 x 10 pixels, the sides of which are followed closely."""
    to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4326", always_xy=True)
    geod = pyproj.Geod(ellps="GRS80" if crs == "EPSG:5070" else "WGS84")
    if crs == "EPSG:2056":
        geod = pyproj.Geod(ellps="bessel")
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4150", always_xy=True)
    if crs == "EPSG:5070":
        to_degrees = pyproj.Transformer.from_crs(crs, "EPSG:4269", always_xy=True)
    total = np.zeros(2)
    side = np.linspace(0, 10, 21)
    zeros, tens = np.zeros(21), np.full(21, 10.0)
    u = np.concatenate([side, tens, side[::-1], zeros])
    v = np.concatenate([zeros, side, tens, side[::-1]])
    for top in range(0, labels.shape[0], 10):
        for left in range(0, labels.shape[1], 10):
            x = transform.a * (left + u) + transform.c
            y = transform.e * (top + v) + transform.f
            area, _ = geod.polygon_area_perimeter(*to_degrees.transform(x, y))
            total[labels[top, left]] += abs(area)
    return total


def test_share_when_pixels_are_not_alike_then_of_the_area():
    labels = np.zeros((180, 360), np.uint8)
    labels[:60] = 1  # of degrees: what lies north of 30
    globe = space_of(
        rasterio.Affine(1.0, 0, -180.0, 0, -1.0, 90.0), rasterio.crs.CRS.from_epsg(4326)
    )
    strips, legend = [(Window(0, 0, 180, 360), labels)], Legend.of(["south", "north"])

    told = class_areas(strips, legend, Ground(globe, labels.shape), labels.shape)
    plain = class_areas(strips, legend, None, labels.shape)

    assert told[1].share == pytest.approx(0.25, abs=2e-3)  # (1 - sin 30) / 2 on a sphere
    assert sum(row.share for row in told) == pytest.approx(1)
    assert plain[1].share == pytest.approx(1 / 3)


def test_area_when_strips_are_cut_otherwise_then_the_same():
    labels = np.random.default_rng(0).integers(0, 3, (640, 700)).astype(np.uint8)
    space = space_of(
        rasterio.Affine(30.0, 0, 300000.0, 0, -30.0, 5400000.0), rasterio.crs.CRS.from_epsg(32633)
    )
    ground, legend = Ground(space, labels.shape), Legend.of(["a", "b", "c"])
    made = [
        class_areas(
            [
                (Window(top, 0, min(rows, 640 - top), 700), labels[top : top + rows])
                for top in range(0, 640, rows)
            ],
            legend,
            ground,
            labels.shape,
        )
        for rows in (640, 10, 50)
    ]
    for row, *others in zip(*made, strict=True):
        for other in others:
            assert other.hectares == pytest.approx(row.hectares, rel=1e-12)


def test_area_when_polygons_then_they_add_up_to_the_classes():
    from pixelwise.apps.satellite.polygons import polygons_of

    labels = np.random.default_rng(0).integers(0, 3, (64, 70)).astype(np.uint8)
    space = space_of(
        rasterio.Affine(30.0, 0, 300000.0, 0, -30.0, 5400000.0), rasterio.crs.CRS.from_epsg(32633)
    )
    ground = Ground(space, labels.shape)
    strips = [(Window(0, 0, 64, 70), labels)]
    rows = class_areas(strips, Legend.of(["a", "b", "c"]), ground, labels.shape)

    total = np.zeros(3)
    for found in polygons_of(strips, 255):
        np.add.at(total, found.label, ground.polygons(found.shape))

    assert total / 1e4 == pytest.approx([row.hectares for row in rows], rel=1e-6)
