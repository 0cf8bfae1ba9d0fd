"""What goes on to GDAL of polygons that a stranger sends."""

import json

import pytest

from pixelwise.errors import InputError, LimitError
from pixelwise.service import polygons
from pixelwise.service.polygons import plain_polygons

SQUARE = {"type": "Polygon", "coordinates": [[[0, 0], [0, 9], [9, 9], [0, 0]]]}


def collection(geometry=SQUARE, properties=(("class", "water"),), **more):
    feature = {"type": "Feature", "geometry": geometry, "properties": dict(properties)}
    return json.dumps({"type": "FeatureCollection", "features": [feature], **more}).encode()


def named(name):
    return {"type": "name", "properties": {"name": name}}


def test_polygons_when_plain_then_kept_as_they_are():
    data = collection(crs=named("urn:ogc:def:crs:EPSG::32618"))
    assert json.loads(plain_polygons(data)) == json.loads(data)


def test_polygons_when_there_is_more_then_only_classes_and_coordinates_stay():
    data = collection(
        {**SQUARE, "crs": {"type": "link", "properties": {"href": "http://127.0.0.1/"}}},
        {"class": 3, "more": {"crs": 1}, "list": [1]},
        bbox=[0, 0, 1, 1],
    )
    assert json.loads(plain_polygons(data)) == json.loads(collection(properties={"class": 3}))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<OGRVRTDataSource><OGRVRTLayer name='a'/></OGRVRTDataSource>",
        b"SQLite format 3\0",
        b"[" * 100_000,
        b"{}",
        b'{"type": "Feature"}',
        collection({"type": "Point", "coordinates": [1, 2]}),
        collection({"type": "GeometryCollection", "geometries": [SQUARE]}),
        collection(crs={"type": "link", "properties": {"href": "http://127.0.0.1/"}}),
        collection(crs={"type": "url", "properties": {"url": "http://127.0.0.1/"}}),
        collection(crs=named("http://127.0.0.1/crs")),
        collection(crs=named("/etc/passwd")),
    ],
)
def test_polygons_when_something_else_or_pointing_elsewhere_then_refused(data):
    with pytest.raises(InputError, match="labelled places"):
        plain_polygons(data)


def test_polygons_when_too_many_then_refused(monkeypatch):
    monkeypatch.setattr(polygons, "MOST_BYTES", 100)
    with pytest.raises(LimitError, match="over 100"):
        plain_polygons(collection())
