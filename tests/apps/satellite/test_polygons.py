import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from pixelwise.apps.satellite.parts import numbered_parts
from pixelwise.apps.satellite.polygons import Shapes, polygons_of, regularised, simplified
from pixelwise.core import Space
from pixelwise.errors import UnknownName
from pixelwise.io.rasters.vectors import Features, write_polygons
from pixelwise.ops.components import relabel
from pixelwise.ops.windows import Window

MAPS = arrays(
    np.uint8, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.sampled_from([0, 1, 255])
)


def strips(labels, rows):
    height, width = labels.shape
    return [
        (Window(top, 0, min(rows, height - top), width), labels[top : top + rows])
        for top in range(0, height, rows)
    ]


def shapes(labels, rows):
    found = list(polygons_of(strips(labels, rows), 255))
    pairs = [(int(n), shapely.normalize(s).wkt) for one in found for n, s in zip(*one, strict=True)]
    return sorted(pairs)


@settings(max_examples=150, deadline=None)
@given(MAPS, st.integers(1, 4))
def test_polygons_when_cut_into_strips_then_the_same_polygons(labels, rows):
    whole = shapes(labels, 100)

    assert shapes(labels, rows) == whole
    area = sum(shapely.from_wkt(text).area for _, text in whole)
    assert area == (labels != 255).sum()


@settings(max_examples=100, deadline=None)
@given(MAPS, st.integers(1, 4))
def test_parts_when_cut_into_strips_then_the_numbers_of_the_whole(labels, rows):
    expected, _ = relabel(np.where(labels == 255, 0, labels.astype(np.int32) + 1), diagonal=False)

    made = np.concatenate([part for _, part in numbered_parts(lambda: strips(labels, rows), 255)])

    pairs = np.unique(np.stack([expected.ravel(), made.ravel()]), axis=1)
    assert len(np.unique(pairs[0])) == len(np.unique(pairs[1])) == pairs.shape[1]
    first = [np.flatnonzero(made.ravel() == n)[0] for n in range(1, made.max() + 1)]
    assert first == sorted(first)


def test_polygons_when_simplified_then_borders_stay_shared():
    y, x = np.mgrid[:60, :60]
    labels = (np.hypot(y - 30, x - 30) < 20).astype(np.uint8) + (x > 35)
    (found,) = polygons_of(strips(labels.astype(np.uint8), 100), 255)

    fewer = simplified(found, 3.0)

    assert isinstance(fewer, Shapes)
    assert shapely.coverage_is_valid(fewer.shape)
    assert shapely.get_num_coordinates(fewer.shape).sum() < (
        shapely.get_num_coordinates(found.shape).sum() / 2
    )
    assert shapely.area(fewer.shape).sum() == pytest.approx(3600, rel=0.02)


@settings(max_examples=60, deadline=None)
@given(
    st.tuples(st.floats(42, 64), st.floats(42, 64)),
    st.floats(0, 3.1),
    st.tuples(st.floats(50, 60), st.floats(50, 60)),
)
# a side through the middles of pixels is half a pixel off: small ones cannot reach 0.95
def test_polygons_when_regular_then_a_turned_rectangle_has_four_corners(size, angle, centre):
    along, across = (
        np.array([np.cos(angle), np.sin(angle)]),
        np.array([-np.sin(angle), np.cos(angle)]),
    )
    middles = np.stack(np.meshgrid(np.arange(110), np.arange(110)), axis=-1) + 0.5 - centre
    inside = (abs(middles @ along) < size[0] / 2) & (abs(middles @ across) < size[1] / 2)
    (found,) = polygons_of(strips(np.where(inside, 0, 255).astype(np.uint8), 200), 255)

    (shape,) = regularised(found, 1.5).shape

    truth = shapely.Polygon(
        [
            centre + x * size[0] / 2 * along + y * size[1] / 2 * across
            for x, y in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
    )
    assert len(shape.exterior.coords) == 5
    assert shape.intersection(truth).area >= 0.95 * shape.union(truth).area


@settings(max_examples=100, deadline=None)
@given(MAPS, st.floats(0, 4))
def test_polygons_when_regular_then_valid_right_angled_and_as_large(labels, tolerance):
    for found in polygons_of(strips(labels, 100), 255):
        made = regularised(found, tolerance)
        assert shapely.is_valid(made.shape).all()
        apart = shapely.area(shapely.symmetric_difference(made.shape, found.shape))
        assert (apart <= 0.1 * shapely.area(found.shape) + 1e-9).all()
        for shape in made.shape:
            for ring in shapely.get_rings(shape):
                steps = np.diff(shapely.get_coordinates(ring), axis=0)
                turns = np.einsum("ij,ij->i", steps, np.roll(steps, 1, axis=0))
                lengths = np.hypot(*steps.T)
                straight = abs(turns) > 0.5 * lengths * np.roll(lengths, 1)  # points of neighbours
                assert (straight | (abs(turns) < 1e-6 * (1 + lengths))).all()


def test_polygons_when_regular_then_a_court_keeps_its_yard_and_a_bump_goes():
    y, x = np.mgrid[:60, :60]
    court = np.where((np.abs(x - 29.5) < 20) & (np.abs(y - 29.5) < 15), 0, 255)
    court[25:35, 20:40] = 255
    court[14, 30:33] = 0  # a bump of one pixel
    (found,) = polygons_of(strips(court.astype(np.uint8), 100), 255)

    (shape,) = regularised(found, 2).shape

    assert len(shape.exterior.coords) == 5
    (hole,) = shape.interiors
    assert shapely.Polygon(hole).area == pytest.approx(200)
    assert shape.area == pytest.approx(1003, rel=0.02)


@pytest.mark.parametrize("suffix", [".gpkg", ".fgb", ".geojson"])
def test_vectors_when_written_then_read_again_where_they_lie(tmp_path, suffix):
    import pyogrio

    space = Space((10, 10), "m", ((10, 0, 500000), (0, -10, 4100000), (0, 0, 1)), "EPSG:32633")
    square = Features(
        np.array([shapely.box(0, 0, 2, 2)], object), {"class": np.array(["a"], object)}
    )
    path = tmp_path / f"out{suffix}"

    assert write_polygons(path, [square, square], space) == 2

    _, _, geometry, fields = pyogrio.raw.read(path)
    box = shapely.from_wkb(geometry)[0].bounds
    if suffix == ".geojson":
        assert box == pytest.approx((15.0, 37.046, 15.00023, 37.0464), abs=1e-3)
    else:
        assert box == (500000, 4099980, 500020, 4100000)
    assert fields[0].tolist() == ["a", "a"]
    assert list(tmp_path.iterdir()) == [path]


def test_vectors_when_the_suffix_is_unknown_then_said(tmp_path):
    with pytest.raises(UnknownName, match="gpkg"):
        write_polygons(tmp_path / "a.shp", [], Space())
